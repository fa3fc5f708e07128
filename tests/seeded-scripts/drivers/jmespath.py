# pypi jmespath 1.0.1
import jmespath
from jmespath import functions

DATA = {
    "people": [{"name": "a", "age": 3, "tags": ["x", "y"]}, {"name": "b", "age": 1, "tags": []}, {"name": "c"}],
    "map": {"k1": {"v": 1}, "k2": {"v": 2}}, "text": "hello", "n": [[1, 2], [3, [4]]], "nothing": None,
}
CASES = {
    "people[0].name": "a", "people[-1].name": "c", "people[*].name": ["a", "b", "c"], "people[?age > `1`].name": ["a"],
    "people[?name == 'b'] | [0].age": 1, "map.*.v": [1, 2], "n[]": [1, 2, 3, [4]], "people[::2].name": ["a", "c"],
    "{x: text, y: people[0].tags[1]}": {"x": "hello", "y": "y"}, "[text, people[1].name]": ["hello", "b"],
    "length(people)": 3, "sort_by(people[?age], &age)[0].name": "b", "max_by(people[?age], &age).name": "a",
    "join(', ', people[*].name)": "a, b, c", "keys(map) | sort(@)": ["k1", "k2"], "contains(text, 'ell')": True,
    "not_null(nothing, text)": "hello", "to_number('12')": 12, "reverse(people[*].name)": ["c", "b", "a"],
    "merge(map, `{\"z\": 1}`).z": 1, "type(people)": "array", "people[?age && tags].name": ["a"],
    "map(&name, people)": ["a", "b", "c"], "avg([`1`, `3`])": 2, "sum(people[*].age)": 4, "text || nothing": "hello",
    "people[?!age].name": ["c"], "abs(`-3`)": 3, "ceil(`1.2`)": 2, "starts_with(text, 'he')": True,
    "to_array(text)": ["hello"], "values(map)[0].v": 1, "min(people[*].age)": 1, "\"text\"": "hello", "@.text": "hello",
    "people[1:].name": ["b", "c"], "to_string(n[0])": "[1,2]", "floor(`1.7`)": 1, "(text)": "hello",
}
for expression, expected in CASES.items():
    found = jmespath.search(expression, DATA)
    assert found == expected, (expression, found)
    parsed = jmespath.compile(expression)
    parsed.search(DATA)


class Own(functions.Functions):
    @functions.signature({"types": ["string"]}, {"types": ["number", "null"]})
    def _func_repeat(self, text, count):
        return text * count


assert jmespath.search("repeat(text, `2`)", DATA, jmespath.Options(custom_functions=Own(), dict_cls=dict)) == "hellohello"
for bad in ("people[", "a.b.", "length(a, b)", "foo(1)", "abs('x')", "people[?", "`{`", "'unclosed", "a = b"):
    try:
        jmespath.search(bad, DATA)
    except jmespath.exceptions.JMESPathError as error:
        str(error)
