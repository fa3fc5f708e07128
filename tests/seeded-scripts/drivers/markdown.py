# pypi Markdown 3.7
import markdown

TEXT = """
Title
=====

A *paragraph* with **strong** text, `code`, [a link](http://x.example "t"), ![img](a.png) and <http://auto.example>.
Second line with a reference [ref][1] and a footnote[^1].  

* item one
* item two

    nested paragraph

    1. inner
    2. inner two

> quote
> more

```python
def f(): pass
```

    indented code

| a | b |
|---|:-:|
| 1 | 2 |

Term
:   Definition

*[HTML]: Hyper Text
HTML is here. {: .cls #id key=val }

## Sub { #sub .x }

- [ ] task
***
[1]: http://ref.example  "Title"
[^1]: The note.
!!! note "Title"
    text
"""
EXTENSIONS = ["extra", "toc", "admonition", "sane_lists", "smarty", "nl2br", "wikilinks", "meta", "codehilite"]
md = markdown.Markdown(extensions=EXTENSIONS, output_format="html")
html = md.convert(TEXT)
assert "<h1" in html and "<table>" in html
assert "sub" in md.toc
md.reset()
md.convert("meta: x\nother: y\n   more\n\n[[Wiki Page]] text \"quoted\" -- dash...\n")
md.Meta
for extension in EXTENSIONS:
    markdown.markdown(TEXT, extensions=[extension])
markdown.markdown("<div markdown='1'>\n*x*\n</div>\n\n&amp; &copy; <b>raw</b>\n<!-- c -->", extensions=["md_in_html"])
markdown.markdown("a\\*b\n\n1. x\n\n\n2. y\n\n   para\n", tab_length=3)
markdown.markdown("[toc]\n\n# A\n\n## B\n\n# A\n", extensions=["toc"], extension_configs={"toc": {"permalink": True, "anchorlink": False}})
