# pypi marshmallow 3.23.2 packaging
import datetime as dt

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, post_dump, post_load, pre_load, validate, validates, validates_schema


class Address(Schema):
    street = fields.Str(required=True, data_key="streetName")
    zip = fields.Str(load_default="0", validate=validate.Length(min=1, max=5))


class User(Schema):
    id = fields.Int(dump_only=True)
    name = fields.Str(required=True, validate=[validate.Length(min=2), validate.Regexp("^[a-z]+$")])
    email = fields.Email()
    site = fields.Url(allow_none=True)
    age = fields.Integer(validate=validate.Range(min=0, max=120), strict=True)
    made = fields.DateTime(format="iso")
    day = fields.Date()
    time = fields.Time()
    delta = fields.TimeDelta(precision="minutes")
    price = fields.Decimal(places=2, as_string=True)
    ok = fields.Bool()
    kind = fields.Str(validate=validate.OneOf(["x", "y"], labels=["X", "Y"]))
    address = fields.Nested(Address)
    others = fields.List(fields.Nested(Address, only=("street",)))
    friends = fields.List(fields.Nested(lambda: User(only=("name", "id"))))
    words = fields.Dict(keys=fields.Str(), values=fields.Int())
    pair = fields.Tuple((fields.Int(), fields.Str()))
    upper = fields.Method("get_upper", deserialize="load_upper")
    double = fields.Function(lambda user: user["age"] * 2 if "age" in user else None)
    const = fields.Constant("c")
    uuid = fields.UUID()
    street = fields.Pluck(Address, "street")
    ip = fields.IP()
    address_street = fields.Str(attribute="address.street")

    class Meta:
        unknown = EXCLUDE
        ordered = True

    def get_upper(self, user):
        return user.get("name", "").upper()

    def load_upper(self, value):
        return value.lower()

    @validates("name")
    def check_name(self, value):
        if value == "bad":
            raise ValidationError("bad name")

    @validates_schema
    def check_all(self, data, **kwargs):
        if data.get("kind") == "y" and data.get("ok") is False:
            raise ValidationError({"kind": ["not so"]})

    @pre_load
    def strip(self, data, **kwargs):
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if key != "junk"}

    @post_load
    def made_by(self, data, **kwargs):
        data["loaded"] = True
        return data

    @post_dump(pass_many=True)
    def wrap(self, data, many, **kwargs):
        return {"users": data} if many else data


RAW = {"name": "ann", "email": "a@x.example", "site": "http://x.example/a", "age": 5, "made": "2020-01-02T03:04:05+00:00", "day": "2020-01-02", "time": "03:04:05",
       "delta": 5, "price": "1.255", "ok": "true", "kind": "x", "address": {"streetName": "s"}, "others": [{"streetName": "t"}], "friends": [{"name": "bo"}],
       "words": {"a": 1}, "pair": [1, "x"], "upper": "UP", "uuid": "12345678-1234-5678-1234-567812345678", "street": "plucked", "ip": "127.0.0.1", "junk": 1, "more": 2}
user = User().load(RAW)
assert user["loaded"] and user["made"].year == 2020
user["id"] = 3
dumped = User().dump(user)
User().dumps(user), User(many=True).dump([user, user]), User(exclude=("email", "address.zip")).dump(user), User(partial=("name",)).load({})
User(unknown=INCLUDE).load(RAW), User().validate(RAW)
for bad in ({}, {**RAW, "name": "A", "age": "x", "email": "no", "site": "no", "kind": "z", "address": {"zip": "123456"}, "others": [{}, 1], "friends": [{}], "words": {1: "x"}, "pair": [1]},
            {**RAW, "kind": "y", "ok": False}, {**RAW, "name": "bad", "made": "x", "day": 3, "price": "z", "uuid": "q", "ip": "w", "delta": "x"}):
    try:
        User().load(bad)
        raise SystemExit("no error")
    except ValidationError as error:
        error.messages, error.valid_data, error.normalized_messages()
Schema.from_dict({"a": fields.Int(), "b": fields.AwareDateTime(default_timezone=dt.timezone.utc)}, name="Made")().load({"a": 1, "b": "2020-01-01T00:00:00"})
validate.And(validate.Length(equal=2), validate.NoneOf(["zz"]))("ab"), validate.ContainsOnly("abc")(["a"]), validate.Equal(1)(1), validate.Predicate("isalpha")("x")
User().fields["kind"].validate.options() and list(User().fields["kind"].validate.options())
