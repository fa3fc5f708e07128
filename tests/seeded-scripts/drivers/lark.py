# pypi lark 1.2.2
from lark import Lark, Transformer, Visitor, v_args, Tree

GRAMMAR = r"""
    start: statement+
    statement: NAME "=" expr ";"   -> assign
             | "print" expr ("," expr)* ";"  -> show
             | "if" expr "{" statement* "}" ["else" "{" statement* "}"] -> branch
    ?expr: term (("+" | "-") term)*
    ?term: factor (("*" | "/") factor)*
    ?factor: NUMBER -> number
           | NAME -> var
           | "(" expr ")"
           | NAME "(" [expr ("," expr)*] ")" -> call
           | "[" _separated{expr, ","} "]" -> list
    _separated{x, sep}: x (sep x)*
    COMMENT: /#[^\n]*/
    %import common.CNAME -> NAME
    %import common.NUMBER
    %import common.WS
    %ignore WS
    %ignore COMMENT
"""
TEXT = "a = 1 + 2 * (3 - b); # c\nprint a, f(a, 2), g(), [1, 2]; if a { b = 2; } else { print b; }"


@v_args(inline=True)
class Calc(Transformer):
    def number(self, n):
        return float(n)

    def var(self, name):
        return str(name)


class Count(Visitor):
    def __init__(self):
        self.seen = []

    def call(self, tree):
        self.seen.append(tree.children[0])


for options in ({"parser": "lalr"}, {"parser": "earley"}, {"parser": "lalr", "propagate_positions": True, "maybe_placeholders": True},
                {"parser": "earley", "ambiguity": "explicit"}, {"parser": "lalr", "lexer": "basic"}):
    parser = Lark(GRAMMAR, **options)
    tree = parser.parse(TEXT)
    count = Count()
    count.visit(tree)
    tree.pretty()
    Calc().transform(tree)
    list(tree.find_data("call")), list(tree.iter_subtrees()), list(tree.iter_subtrees_topdown())
    list(tree.scan_values(lambda v: True))
    if options["parser"] == "lalr":
        interactive = parser.parse_interactive("a = 1")
        list(interactive.iter_parse())
        interactive.accepts()
        try:
            parser.parse("a = ;")
        except Exception as error:
            error.get_context("a = ;"), str(error)
lark = Lark('start: (A | B)+\nA.2: "a" "b"?\nB: /[b-z]+/i\n%ignore " "', parser="earley", lexer="dynamic_complete")
lark.parse("ab xy a")
Lark('start: "x"~2..4 y?\ny: "y" | "z"', start=["start", "y"]).parse("xxy", start="start")
Tree("a", [Tree("b", ["c"])]).pretty()
