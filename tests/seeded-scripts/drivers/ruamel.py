# pypi ruamel.yaml 0.18.6
import io

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

TEXT = """\
# top
name: shop  # a name
list:
  - one
  - two: 2
    three: [a, b, {c: d}]
  # inside
  - |
    block
    text
  - >-
    folded
    text
anchor: &a {x: 1, y: 2.5}
alias: *a
merged:
  <<: *a
  z: 0x1f
date: 2020-01-02
stamp: 2001-12-14t21:59:43.10-05:00
? complex
: "quoted \\n text"
empty:
bool: yes
null_: ~
set: !!set {a, b}
tagged: !custom {a: 1}
"""
yaml = YAML(typ="rt", pure=True)
data = yaml.load(TEXT)
data["list"].append("new")
data["list"].insert(1, "mid")
data.insert(1, "inserted", 5, comment="said")
data["merged"]["z"] = 3
data["anchor"].yaml_set_comment_before_after_key("x", before="before x")
del data["empty"]
data.yaml_add_eol_comment("eol", "bool")
out = io.StringIO()
yaml.dump(data, out)
assert "inserted" in out.getvalue()
yaml.load(out.getvalue())
for typ in ("safe", "base", "rt"):
    one = YAML(typ=typ, pure=True)
    one.indent(mapping=4, sequence=6, offset=3) if typ == "rt" else None
    loaded = one.load("a: 1\nb: [x, 'y', 2.5, true]\nc:\n- d: e\n- !!str 5\n")
    out = io.StringIO()
    one.dump(loaded, out)
    one.load_all("--- 1\n--- [2]\n...\n")
    list(one.load_all("--- 1\n--- [2]\n...\n"))
m = CommentedMap([("b", 1), ("a", CommentedSeq([1, 2]))])
m.fa.set_flow_style()
m.yaml_set_start_comment("start")
m["a"].yaml_set_anchor("anc", always_dump=True)
out = io.StringIO()
YAML(pure=True).dump(m, out)
for bad in ("a: [1", "a: b: c", "\tx: 1", "{a", "&a *b", "a: 'x"):
    try:
        YAML(typ="safe", pure=True).load(bad)
    except Exception as error:
        assert hasattr(error, "problem") or hasattr(error, "problem_mark"), repr(error)
        str(error)
