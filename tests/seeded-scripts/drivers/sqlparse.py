# pypi sqlparse 0.5.3
import sqlparse
from sqlparse import sql, tokens

QUERY = """
select a.id, count(*) as n, case when b.x > 1 then 'y' else 'z' end as kind -- a comment
from orders a left join items b on a.id = b.order_id and b.kind in ('x', 'y')
where a.made between '2020-01-01' and '2021-01-01' and not a.gone /* block */
group by a.id having count(*) > 3 order by n desc limit 10;
insert into t (a, b) values (1, 'two'), (3, 'four');
create table if not exists foo (id integer primary key, name varchar(20) not null);
with x as (select 1) select * from x union all select 2;
update t set a = a + 1, b = coalesce(b, 'x') where id = 7;
"""

for statement in sqlparse.parse(QUERY):
    kind = statement.get_type()
    for token in statement.flatten():
        assert token.value is not None
    for token in statement.tokens:
        if isinstance(token, sql.IdentifierList):
            for one in token.get_identifiers():
                one.get_name() if hasattr(one, "get_name") else None
        elif isinstance(token, sql.Identifier):
            token.get_real_name(), token.get_alias(), token.get_parent_name()
        elif isinstance(token, sql.Where):
            token.token_next_by(t=tokens.Keyword)
for options in (
    {"reindent": True, "keyword_case": "upper", "identifier_case": "lower"},
    {"reindent_aligned": True, "strip_comments": True},
    {"strip_whitespace": True, "use_space_around_operators": True, "comma_first": True, "reindent": True},
    {"output_format": "python", "wrap_after": 30, "reindent": True},
    {"output_format": "php", "truncate_strings": 3, "truncate_char": "…"},
    {"right_margin": 40, "reindent": True, "indent_columns": True},
):
    text = sqlparse.format(QUERY, **{k: v for k, v in options.items() if k != "right_margin"})
    assert len(sqlparse.split(text)) >= 1
function = sqlparse.parse("select foo(a, b, 3) over (partition by c) from t")[0]
for token in function.get_sublists():
    for inner in token.get_sublists():
        if isinstance(inner, sql.Function):
            list(inner.get_parameters()), inner.get_window()
case = sqlparse.parse("case when a then b else c end")[0].tokens[0]
case.get_cases(skip_ws=True)
