# pypi Jinja2 3.1.5 MarkupSafe
from jinja2 import ChoiceLoader, DictLoader, Environment, StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.ext import Extension
from jinja2.sandbox import SandboxedEnvironment

TEMPLATES = {
    "base": "<title>{% block title %}base{% endblock %}</title>{% block body scoped %}{% endblock %}{% macro m(a, b=2) %}[{{ a }}|{{ b }}|{{ varargs|join(',') }}]{% endmacro %}",
    "child": "{% extends 'base' %}{% from 'macros' import field, other as o, wrap as lib with context %}{% block title %}{{ super() }} child{% endblock %}"
             "{% block body %}{% for u in users if u.age > 1 recursive %}{{ loop.index }}/{{ loop.length }} {{ u.name|upper|default('x') }}{% if not loop.last %}, {% endif %}{{ loop.cycle('a','b') }}"
             "{% if u.kids %}({{ loop(u.kids) }}){% endif %}{% else %}none{% endfor %}{{ field('n', value=3) }}{{ o(1) }}{% call(x) lib(2) %}inner {{ x }}{% endcall %}{% endblock %}",
    "macros": "{% macro field(name, value='') %}<i name={{ name }} value={{ value }}></i>{% endmacro %}{% macro wrap(n) %}{{ caller(n) }}{% endmacro %}{% macro other(x) %}{{ x + 1 }}{% endmacro %}",
    "inc": "{% include ['missing', 'part'] ignore missing %}{% include 'part' without context %}{% import 'macros' as lib %}{{ lib.field('z') }}",
    "part": "part {{ users is defined }}",
    "misc": "{% set x = [1, 2, 3] %}{% set ns = namespace(t=0) %}{% for i in x %}{% set ns.t = ns.t + i %}{% endfor %}{{ ns.t }}{{ x|map('string')|join('-') }}{{ x|sum }}{{ x|batch(2)|list }}"
            "{{ users|groupby('age')|list|length }}{{ users|sort(attribute='name')|map(attribute='name')|first }}{{ 'a b c'|title|replace('A', 'z')|wordcount }}{{ {'k': 1}|dictsort }}{{ 3.14159|round(2) }}"
            "{{ '<b>'|e }}{{ 'long text here and there'|truncate(10) }}{{ x[1:] }}{{ x[-1] if x else 0 }}{{ 1 < 2 < 3 }}{{ 'x' ~ 1 }}{{ not false and true or false }}{{ 7 // 2 ** 2 % 3 }}{{ 2 in x }}"
            "{% filter upper %}text{% endfilter %}{% raw %}{{ raw }}{% endraw %}{% with a=1, b=2 %}{{ a + b }}{% endwith %}{# comment #}{{ users|selectattr('age', 'gt', 1)|list|length }}{{ x is iterable and 3 is odd }}"
            "{{ '%s-%s'|format(1, 2) }}{{ 'a\nb'|indent(2) }}{{ x|slice(2)|list }}{{ users|map(attribute='kids', default=[])|list|length }}{{ 12345|filesizeformat }}{{ {'a': [1]}|tojson }}{{ 'http://x.example y'|urlize }}{{ x|random in x }}"
            "{% autoescape true %}{{ '<' }}{% endautoescape %}{{ {'a': 1, 'b': none}|xmlattr }}{{ x|min }}{{ x|unique|list }}{{ x|reject('odd')|list }}{{ cycler('a', 'b').next() }}{{ joiner(', ')() }}{{ lipsum(n=1)|length > 3 }}",
}


class Kid:
    def __init__(self, name, age, kids=()):
        self.name, self.age, self.kids = name, age, kids


class Shout(Extension):
    tags = {"shout"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endshout"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_shout", []), [], [], body).set_lineno(line)

    def _shout(self, caller):
        return caller().upper()


users = [Kid("ann", 5, [Kid("bo", 2)]), Kid("cy", 1), Kid("di", 3)]
for options in ({}, {"trim_blocks": True, "lstrip_blocks": True, "autoescape": True}, {"undefined": StrictUndefined, "optimized": False}, {"line_statement_prefix": "%%", "line_comment_prefix": "##", "extensions": [Shout, "jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"]}):
    env = Environment(loader=ChoiceLoader([DictLoader({}), DictLoader(TEMPLATES)]), **options)
    for name in TEMPLATES:
        env.get_template(name).render(users=users)
    list(env.get_template("child").generate(users=users))
    meta.find_undeclared_variables(env.parse(TEMPLATES["child"])), list(meta.find_referenced_templates(env.parse(TEMPLATES["inc"])))
    env.get_template("base").module.m(1, 2, 3)
    list(env.lex(TEMPLATES["misc"]))
env.from_string("{% shout %}x{% endshout %}{% do users.append(1) %}{% for i in [1,2,3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}\n%% for x in [1]\n{{ x }} ## c\n%% endfor").render(users=[])
env.install_gettext_translations(__import__("gettext").NullTranslations(), newstyle=True)
env.from_string("{% trans n=3 %}one {{ n }}{% pluralize %}many {{ n }}{% endtrans %}{{ _('x') }}").render()
SandboxedEnvironment().from_string("{{ x.y }}{{ '%d'|format(1) }}{{ 'a{0}'.format(1) }}").render(x={"y": 1})
env.compile_expression("a + b * 2")(a=1, b=2)
for bad in ("{% if %}", "{{ a b }}", "{% for x %}", "{% endif %}", "{{ 'x }}", "{% unknown %}", "{% block a %}{% endblock %}{% block a %}{% endblock %}"):
    try:
        env.from_string(bad)
    except TemplateSyntaxError as error:
        str(error), error.lineno
try:
    Environment(undefined=StrictUndefined).from_string("{{ a.b }}").render()
except UndefinedError as error:
    str(error)
