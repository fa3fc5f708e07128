# pypi docutils 0.21.2
from docutils.core import publish_doctree, publish_from_doctree, publish_parts, publish_string

TEXT = """
=====
Title
=====
:Author: Ann
:Date: 2020-01-02

.. contents:: Table
   :depth: 2

Section
-------
A *para* with **strong**, ``lit``, `ref`_, `a <http://x.example>`_, |sub|, [1]_, [CIT]_, :math:`x^2`, foo_.

* one
* two

  1. a
  #. b

:field: value
term
  definition

.. note:: A note.

.. image:: a.png
   :width: 50%
   :alt: text

.. figure:: b.png

   Caption

.. table:: T

   === ===
   a   b
   === ===
   1   2
   === ===

+---+---+
| x | y |
+===+===+
| 1 | 2 |
+---+---+

.. code:: python

   def f(): return 1

::

   literal

| line
| block

>>> doctest
1

.. |sub| replace:: text
.. [1] Footnote.
.. [CIT] Citation.
.. _ref: http://ref.example
.. _foo: `Section`_
.. list-table::
   :header-rows: 1

   * - a
     - b
   * - c
     - d
.. csv-table:: C
   :header: "x", "y"

   1, "two"

-a option
--long=ARG  other

Sub
~~~
.. admonition:: Own

   text
.. math:: x = 1
.. role:: own(strong)

:own:`text` `text`:emphasis: -- end
"""
OPTIONS = {"report_level": 5, "halt_level": 5, "syntax_highlight": "none", "math_output": "MathML", "file_insertion_enabled": False}
tree = publish_doctree(TEXT, settings_overrides=OPTIONS)
tree.pformat(), tree.deepcopy(), tree.asdom().toxml()
for writer in ("html5", "latex", "manpage", "xml", "pseudoxml", "html4"):
    publish_string(TEXT, writer_name=writer, settings_overrides=OPTIONS)
parts = publish_parts(TEXT, writer_name="html5", settings_overrides=OPTIONS)
assert "Title" in parts["title"]
publish_from_doctree(tree, writer_name="latex", settings_overrides=OPTIONS)
for broken in ("Title\n==\n\n*x", ".. unknown:: x", "`a`_ |b| [2]_", "+--\n|x", "  * a\n* b\n c", ".. image::", "=== ===\na\n===", ":role:`x`", "A\n-\nB\n=\nC\n-\nD\n~", ".. include:: /x"):
    publish_string(broken, writer_name="html5", settings_overrides={**OPTIONS, "warning_stream": False})
