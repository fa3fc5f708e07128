# pypi parso 0.8.4
import parso

CODE = '''
import os, sys as s
from . import x
from a.b import (c, d as e)
@decorator(1)
class A(B, metaclass=M):
    """doc"""
    x: int = 3
    async def f(self, a, /, b=2, *args, c: int = 4, **kw) -> str:
        global g
        with open(a) as h, i: pass
        for j in range(3):
            yield j
        else:
            return (yield)
        try:
            raise X from y
        except (E, F) as err:
            del a[0]
        finally:
            assert 1, "m"
        return [k for k in l if k] or {**m, 'n': o} if p else lambda q: q
    def g(self): return f"{self.x!r:>{10}} {{}} {a + b}"
if (n := 10) > 5: print(n, sep='')
elif not x: pass
while True:
    break
def broken(:
    x = = 3
a[1:2, ::3] += b ** -c @ d
'''
for version in ("3.6", "3.9", "3.12"):
    grammar = parso.load_grammar(version=version)
    tree = grammar.parse(CODE)
    assert tree.get_code() == CODE
    for error in grammar.iter_errors(tree):
        error.message, error.code, error.start_pos
    tree.dump(), tree.get_used_names().items()
    leaf = tree.get_first_leaf()
    while leaf is not None:
        leaf.get_start_pos_of_prefix(), leaf.get_previous_leaf(), leaf.prefix, leaf.parent, list(leaf._split_prefix())
        leaf = leaf.get_next_leaf()
    for klass in tree.iter_classdefs():
        klass.name.value, klass.get_super_arglist(), klass.get_doc_node(), klass.get_suite()
        for function in klass.iter_funcdefs():
            function.get_params(), function.annotation, list(function.iter_yield_exprs()), list(function.iter_return_stmts()), list(function.iter_raise_stmts()), function.is_generator()
            for p in function.get_params():
                p.name.value, p.default, p.annotation, p.star_count, p.position_index, p.get_parent_function(), p.get_code(include_comma=False)
    for imp in tree.iter_imports():
        imp.get_paths(), imp.get_defined_names(), imp.level, imp.is_star_import()
    tree.get_leaf_for_position((5, 3)), tree.get_name_of_position((2, 8)) if hasattr(tree, "get_name_of_position") else None, tree.end_pos
    grammar.refactor(tree, {})
    for code in ("def f(x, x): pass", "return 3", "x = 3 = y\n f()", "f(a=1, 2)", "nonlocal z", "'a' b'b'", "[*a, *b] = c", "a, *b, *c = d", "async def f(): yield from x", "continue", "class A: return", "f'{a b}'", "x: int: str", "def f():\n\tx\n        y", "del f()", "from __future__ import foo", "\\x", "print 3"):
        module = grammar.parse(code)
        [issue.message for issue in grammar.iter_errors(module)]
grammar.parse("x = 1\ny = 2\n", cache=True, path="/tmp/none.py", diff_cache=True)
grammar.parse("x = 1\nz = 2\ndef f():\n    pass\n", cache=True, path="/tmp/none.py", diff_cache=True)
grammar.parse("x = 1\nz = 2\ndef f():\n    return\n\nclass C:\n    def g(self): pass\n", cache=True, path="/tmp/none.py", diff_cache=True)
