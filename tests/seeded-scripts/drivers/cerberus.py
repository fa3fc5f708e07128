# pypi Cerberus 1.3.5
from cerberus import Validator, rules_set_registry, schema_registry, TypeDefinition

SCHEMA = {
    "name": {"type": "string", "required": True, "minlength": 2, "maxlength": 10, "regex": "^[a-z]+$"},
    "age": {"type": "integer", "min": 0, "max": 150, "coerce": int, "nullable": True},
    "email": {"type": "string", "dependencies": ["name"], "excludes": "phone"},
    "phone": {"type": ["string", "integer"]},
    "tags": {"type": "list", "schema": {"type": "string", "allowed": ["a", "b"]}, "contains": ["a"]},
    "pair": {"type": "list", "items": [{"type": "integer"}, {"type": "string"}]},
    "address": {"type": "dict", "schema": {"street": {"type": "string", "default": "none"}, "zip": {"type": "string", "rename": "code"}}, "allow_unknown": True},
    "props": {"type": "dict", "keysrules": {"type": "string", "regex": "[a-z]+"}, "valuesrules": {"type": "integer"}},
    "either": {"anyof": [{"type": "integer", "min": 5}, {"type": "string"}]},
    "both": {"allof": [{"min": 1}, {"max": 9}]}, "one": {"oneof_type": ["integer", "string"]}, "none": {"noneof": [{"type": "list"}]},
    "kind": {"allowed": ["x", "y"], "forbidden": ["z"], "default": "x"},
    "made": {"default_setter": lambda doc: doc.get("name", "")}, "old": {"rename": "new"}, "new": {"type": "string"},
    "check": {"check_with": lambda field, value, error: error(field, "odd") if value % 2 else None},
    "dep": {"dependencies": {"kind": ["x", "y"]}}, "gone": {"readonly": True},
}
GOOD = {"name": "ann", "age": "12", "email": "a@x", "tags": ["a", "b"], "pair": [1, "x"], "address": {"zip": "1", "more": 2}, "props": {"k": 1},
        "either": 7, "both": 4, "one": "x", "none": 3, "old": "o", "check": 4, "dep": 1}
v = Validator(SCHEMA)
assert v.validate(dict(GOOD)), v.errors
assert v.document["address"]["code"] == "1" and v.document["kind"] == "x" and v.document["made"] == "ann"
BAD = {"age": 200, "email": "a", "phone": 1.5, "tags": ["c", 1], "pair": ["x"], "address": {"street": 1}, "props": {"K": "x"}, "either": 1, "both": 20,
       "one": 2.5, "none": [1], "kind": "z", "check": 3, "dep": 1, "what": 1, "gone": 1}
assert not v.validate(BAD)
str(v.errors)
for error in v._errors:
    (error.is_group_error, error.is_logic_error, error.field, error.rule, error.child_errors, str(error), error.constraint)
v.document_error_tree["tags"], v.schema_error_tree["tags"], v.document_error_tree["tags"][0], hash(v._errors[0])
assert v.validated(GOOD) is not None and v.normalized(GOOD)["new"] == "o"
Validator(SCHEMA, allow_unknown=True, purge_unknown=True, require_all=False).validate(BAD, update=True)
rules_set_registry.add("short", {"type": "string", "maxlength": 3})
schema_registry.add("inner", {"x": "short"})
w = Validator({"a": "short", "b": {"type": "dict", "schema": "inner"}, "c": {"type": "list", "schema": "short"}})
assert w.validate({"a": "abc", "b": {"x": "y"}, "c": ["z"]}) and not w({"a": "abcd", "b": {"x": 1}, "c": ["long text"]})
str(w.errors)


class Own(Validator):
    types_mapping = Validator.types_mapping.copy()
    types_mapping["even"] = TypeDefinition("even", (int,), (bool,))

    def _validate_is_odd(self, constraint, field, value):
        """{'type': 'boolean'}"""
        if constraint and not value & 1:
            self._error(field, "must be odd")

    def _normalize_coerce_twice(self, value):
        return value * 2


o = Own({"n": {"is_odd": True, "type": "even", "coerce": "twice"}}, ignore_none_values=True)
assert not o({"n": 3})
o.errors
for bad in ({"a": {"type": "what"}}, {"a": {"nope": 1}}, {"a": []}, {"a": {"min": {}, "allowed": 3}}):
    try:
        Validator(bad)
    except Exception as error:
        str(error)
