# pypi tomlkit 0.13.2
import datetime

import tomlkit

TEXT = '''
title = "shop" # a name
[owner]
name = 'Ann'
born = 1979-05-27T07:32:00-08:00
tags = ["a", "b", [1, 2]]
[database]
ports = [ 8000, 8001,
  8002 ]
limits = { low = 1.5, high = 9e3, off = false }
"quoted key" = """many
lines"""
[[fruit]]
name = "apple"
[fruit.physical]
color = "red"
[[fruit]]
name = "pear"
[a.b.c]
d = 0xff
e = 1_000
t = 07:32:00
day = 1979-05-27
'''
document = tomlkit.parse(TEXT)
assert document["owner"]["name"] == "Ann"
document["owner"]["name"] = "Bo"
document["database"]["ports"].append(8003)
document["database"]["limits"]["low"] = 2
document["fruit"].append({"name": "fig"})
document["fruit"][0]["physical"]["color"] = "green"
table = tomlkit.table()
table.add("x", 1)
table.add(tomlkit.comment("said"))
table.add(tomlkit.nl())
table["y"] = datetime.date(2020, 1, 2)
document.add("new", table)
document["owner"].remove("born")
del document["a"]["b"]["c"]["e"]
array = tomlkit.array()
array.extend([1, 2, 3])
array.multiline(True)
array.insert(1, "x")
document["new"]["list"] = array
array.pop(0)
text = tomlkit.dumps(document)
again = tomlkit.loads(text)
assert again.unwrap()["owner"]["name"] == "Bo", text
for key, value in again.items():
    str(value), repr(value)
tomlkit.dumps({"a": {"b": [{"c": 1}, {"d": None or 2}]}, "e": [1.5, True, "x"]}, sort_keys=True)
inline = tomlkit.inline_table()
inline.update({"k": "v", "z": [1]})
tomlkit.dumps({"i": inline})
out = tomlkit.aot()
out.append(tomlkit.item({"q": 1}))
document["aot"] = out
document.as_string()
