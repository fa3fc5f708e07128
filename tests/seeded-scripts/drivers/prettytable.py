# pypi prettytable 3.12.0 wcwidth
from prettytable import ALL, FRAME, HRuleStyle, PrettyTable, TableStyle, from_csv, from_html_one, from_json, from_db_cursor
import io
import sqlite3

t = PrettyTable(["City", "Area", "Population", "Rain"])
t.add_rows([["Adelaide", 1295, 1158259, 600.5], ["Brisbane", 5905, 1857594, 1146.4], ["Darwin", 112, 120900, 1714.7]])
t.add_row(["日本", 1, None, 2.0], divider=True)
t.add_column("More", [1, 2, 3, 4], align="r", valign="m")
for style in (TableStyle.DEFAULT, TableStyle.MARKDOWN, TableStyle.ORGMODE, TableStyle.PLAIN_COLUMNS, TableStyle.MSWORD_FRIENDLY, TableStyle.DOUBLE_BORDER, TableStyle.SINGLE_BORDER):
    t.set_style(style)
    str(t)
t.set_style(TableStyle.DEFAULT)
t.align["City"] = "l"
t.align = "c"
t.float_format = "4.2"
t.int_format["Area"] = "06"
t.custom_format["More"] = lambda field, value: f"<{value}>"
t.max_width = 10
t.min_width["City"] = 12
t.max_table_width = 60
t.padding_width = 2
t.hrules = HRuleStyle.ALL
t.title = "A title of a table"
t.sortby = "Rain"
t.reversesort = True
assert "Darwin" in t.get_string()
t.get_string(fields=["City", "Rain"], start=1, end=3, sort_key=lambda row: row[0], border=False, header=False)
t.get_html_string(attributes={"class": "x"}, format=True, escape_data=False), t.get_csv_string(), t.get_json_string(), t.get_latex_string(), t.get_formatted_string("html"), t.get_latex_string(format=True, border=True)
from_html_one(t.get_html_string()), from_csv(io.StringIO("a,b\n1,2\n3,4\n")), from_json('[["a", "b"], {"a": 1, "b": 2}]')
t.del_row(0), t.del_column("More"), t.copy(), t[0], t[0:2], list(t), t.rowcount, t.colcount
t.add_autoindex("N")
t.header_style = "upper"
t.vrules = FRAME
t.border = True
t.left_padding_width = 3
t.junction_char = "*"
t.preserve_internal_border = True
str(t), t.paginate(page_length=2), t._repr_html_()
t.use_header_width = False
t.none_format = "-"
str(t)
t.clear_rows(), str(t), t.clear()
w = PrettyTable()
w.field_names = ["long field name", "b"]
w.add_row(["text\nwith lines and many words that are wrapped somewhere", 1])
w.max_width["long field name"] = 12
w.valign["b"] = "b"
w.break_on_hyphens = False
str(w)
db = sqlite3.connect(":memory:")
cursor = db.cursor()
cursor.execute("select 1 as a, 'x' as b")
str(from_db_cursor(cursor))
for bad in (lambda: t.add_row([1, 2, 3, 4, 5]), lambda: setattr(w, "align", "q"), lambda: setattr(w, "field_names", ["a", "a"]), lambda: w.get_string(sortby="zz"), lambda: w.add_column("c", [1, 2, 3])):
    try:
        bad()
    except (ValueError, Exception) as error:
        assert isinstance(error, ValueError), repr(error)
