#!/usr/bin/env python3
"""Makes cases for `andon eval exceptions`: puts a fault into a published package, runs a program that uses
the package, and keeps what ends in an exception within the package.

    seed-exceptions.py OUT WORK SEED PER_PACKAGE TRIES DRIVER...

A driver is tests/seeded-scripts/drivers/NAME.py or NAME.js; its first line names the package, its version
and what else it needs: `# pypi sqlparse 0.5.3` or `// npm ejs 3.1.10`. A case is OUT/NAME-N with bug.json,
traceback.txt (what was printed) and seed.patch (against the published files).
"""

import difflib
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import sysconfig

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from script_packages import fetch, unpack  # noqa: E402

# Seconds that a program may take; a fault may make it run for ever.
RUN_SECONDS = 10

# Lines of a traceback that are kept; a recursion prints more.
MAX_TRACE_LINES = 120

# A fault: a kind, a pattern, and what takes its place.
PYTHON = [
    ("missing return", r"^(\s+)return (?!None\b|self\b|NotImplemented\b)([^([{]+|[^([{]*[(\[{].*[)\]}])$", r"\1return None"),
    ("wrong attribute", r"^(\s+self\.\w+) = (?!None\b)([\w.]+|\[\]|\{\}|\w+\(.*\))$", r"\1 = None"),
    ("dropped check", r"^(\s+)if (?!TYPE_CHECKING|__name__)(.+):$", r"\1if False and (\2):"),
    ("wrong check", r"^(\s+)(if|elif) (?!TYPE_CHECKING|__name__|not )([\w.]+):$", r"\1\2 not \3:"),
    ("wrong check", r"\bis not None\b", "is None"),
    ("wrong check", r"\bis None\b", "is not None"),
    ("wrong check", r" == ", " != "),
    ("wrong check", r" and ", " or "),
    ("wrong check", r" or (?=\w+[ .(:])", " and "),
    ("off by one", r" <= ", " < "),
    ("off by one", r"(?<=[\w)\]]) < (?=[\w(])", " <= "),
    ("off by one", r" >= ", " > "),
    ("off by one", r" \+ 1\b", ""),
    ("off by one", r" - 1\b", ""),
    ("off by one", r"\[1:\]", "[:]"),
    ("off by one", r"\[:-1\]", "[:]"),
    ("off by one", r"\[0\]", "[1]"),
    ("off by one", r"\[-1\]", "[-2]"),
    ("off by one", r"range\((\w+)\)", r"range(\1 + 1)"),
    ("wrong key", r"\[(['\"])([a-z_]{3,})\1\]", r"[\1\2s\1]"),
    ("wrong key", r"^(\s+)(['\"])([a-z_]{3,})\2: ", r"\1\2\3s\2: "),
    ("wrong default", r"\.get\(([^(),]+), [^()]+\)", r".get(\1)"),
    ("wrong default", r"(?<=\w)=(\[\]|\(\)|''|\"\"|0|1|\{\})(?=[,)])", "=None"),
    ("wrong default", r" or (\[\]|\{\}|''|\"\"|\(\)|0)(?=$|\))", ""),
    ("wrong default", r" = (\[\]|\{\}|''|\"\"|set\(\))$", " = None"),
    ("missing conversion", r"(?<![\w.])(?:str|int|list|tuple|float)\(([\w.]+)\)", r"\1"),
    ("missing conversion", r"\.strip\(\)", ""),
    ("swapped arguments", r"(?<=\w)\((\w+), (\w+)\)", r"(\2, \1)"),
    ("missing argument", r"(?<=\w)\(([\w.]+), ([\w.]+)\)(?!:)", r"(\1)"),
]

JAVASCRIPT = [
    ("missing return", r"^(\s+)return (?!;|this\b|undefined|null)([^([{]+|[^([{]*[(\[{].*[)\]}]);$", r"\1return undefined;"),
    ("wrong attribute", r"^(\s+this\.\w+) = (?!null|undefined)([\w.]+|\[\]|\{\}|new \w+\(.*\)|\w+\(.*\));$", r"\1 = undefined;"),
    ("dropped check", r"^(\s+)if \((.+)\) (\{|return.*;|continue;|break;)$", r"\1if (false && (\2)) \3"),
    ("wrong check", r"^(\s+)((?:\} else )?if) \(([\w.]+)\)", r"\1\2 (!\3)"),
    ("wrong check", r" === ", " !== "),
    ("wrong check", r" !== ", " === "),
    ("wrong check", r" && ", " || "),
    ("wrong check", r" \|\| (?=\w+[ .(])", " && "),
    ("off by one", r"(?<=[\w)\]]) < (?=[\w(])", " <= "),
    ("off by one", r" <= ", " < "),
    ("off by one", r" >= ", " > "),
    ("off by one", r" \+ 1\b", ""),
    ("off by one", r" - 1\b", ""),
    ("off by one", r"\[0\]", "[1]"),
    ("off by one", r"\bi = 0;", "i = 1;"),
    ("wrong key", r"\[(['\"])([a-zA-Z_]{3,})\1\]", r"[\1\2s\1]"),
    ("wrong key", r"^(\s+)([a-z][a-zA-Z_]{3,}): (?=[\w.'\"]+,$)", r"\1\2s: "),
    ("wrong default", r" \|\| (\[\]|\{\}|''|\"\"|0)(?=[;,)])", ""),
    ("wrong default", r" = (\[\]|\{\}|''|\"\");$", " = undefined;"),
    ("wrong default", r"(?<=\w) = (\[\]|\{\}|''|0|1)(?=[,)])", " = null"),
    ("missing conversion", r"(?<![\w.])(?:String|Number|parseInt)\(([\w.]+)\)", r"\1"),
    ("missing conversion", r"\.(?:trim|toString)\(\)", ""),
    ("swapped arguments", r"(?<=\w)\((\w+), (\w+)\)", r"(\2, \1)"),
    ("missing argument", r"(?<=\w)\(([\w.]+), ([\w.]+)\)(?! \{)", r"(\1)"),
]

# What may stand in the place of a variable: another one of the lines before.
PYTHON_WORDS = set("and as assert break class continue def del elif else except finally for from global if import in "
                   "is lambda not or pass raise return try while with yield None True False self cls".split())
JAVASCRIPT_WORDS = set("var let const function return if else for while do switch case break continue new this null "
                       "undefined true false typeof instanceof in of delete void throw try catch finally class "
                       "extends super yield await async default import export static get set".split())


class Language:
    def __init__(self, kind):
        self.kind = kind
        self.python = kind == "pypi"
        self.faults = PYTHON if self.python else JAVASCRIPT
        self.words = PYTHON_WORDS if self.python else JAVASCRIPT_WORDS
        self.ending = ".py" if self.python else ".js"

    def is_code(self, line):
        code = line.strip()
        if not code or code.startswith(("#", '"', "'", "//", "*", "/*", "@", "import ", "from ", "raise ", "throw ", "assert ")):
            return False
        return not (self.python and code.startswith(("class ", "global ", "except", "else", "try", "finally")))


def faults(language, text, rng):
    """One random fault a line: (line from 0, kind, new text)."""
    lines = text.split("\n")
    found = []
    quoted = False
    for number, line in enumerate(lines):
        if language.python and line.count('"""') % 2:
            quoted = not quoted
            continue
        if quoted or not language.is_code(line):
            continue
        options = []
        for kind, pattern, new in language.faults:
            for hit in re.finditer(pattern, line):
                comment = line.find("#" if language.python else "//")
                if comment == -1 or hit.start() < comment:
                    options.append((number, kind, line[: hit.start()] + hit.expand(new) + line[hit.end():]))
        # One name in the place of another: of those nearby.
        names = [n for n in re.findall(r"(?<![\w.'\"])[a-z_]\w{2,}(?![\w('\"])", "\n".join(lines[max(0, number - 6): number]))
                 if n not in language.words]
        for hit in list(re.finditer(r"(?<=[(\[ ,=])(?<!def )[a-z_]\w{2,}(?=[)\],.])", line)):
            others = [n for n in names if n != hit[0]]
            if hit[0] not in language.words and others and not line.lstrip().startswith(("def ", "function ")):
                options.append((number, "wrong variable", line[: hit.start()] + rng.choice(others) + line[hit.end():]))
        if options:
            kinds = sorted({option[1] for option in options})
            kind = rng.choice(kinds)
            found.append(rng.choice([option for option in options if option[1] == kind]))
    return found


def run(language, driver, folder, deps):
    """What the driver printed if it ended in an exception; None if it ended well or took too long."""
    if language.python:
        command = [sys.executable, "-B", "-W", "ignore", "-c",
                   "import sys; sys.path[:0] = sys.argv[1:3]; sys.argv = ['driver.py']; "
                   "path = '/app/driver.py'; exec(compile(open(%r).read(), path, 'exec'), {'__name__': '__main__'})" % str(driver),
                   str(folder), str(deps)]
    else:
        command = ["node", "--stack-trace-limit=60", str(driver), str(folder)]
    try:
        done = subprocess.run(command, cwd=deps, capture_output=True, text=True, errors="replace", timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == 0:
        return None
    # Where this machine keeps its Python is nobody's business.
    library = sysconfig.get_paths()["stdlib"]
    common = "/usr/lib/python" + sysconfig.get_python_version()
    printed = done.stderr.replace(str(folder), "/app/package").replace(str(driver), "/app/driver.js")
    return printed.replace(library, common)


PYTHON_FRAME = re.compile(r'^\s*File "/app/package/([^"]+)", line (\d+)', re.M)
NODE_FRAME = re.compile(r"^\s+at .*?/app/package/([^:()]+):(\d+):\d+\)?$", re.M)


def innermost(language, printed):
    """File and line of the innermost frame within the package, and the exception's line."""
    if language.python:
        frames = PYTHON_FRAME.findall(printed)
        said = [line for line in printed.split("\n") if re.match(r"^[A-Za-z_][\w.]*(Error|Exception|Iteration|Exit|Warning|\w)(:|$)", line)]
        if not frames or not said:
            return None
        # The part after the last traceback's head is the one that was finally raised.
        return frames[-1], said[-1]
    frames = NODE_FRAME.findall(printed)
    said = [line for line in printed.split("\n") if re.match(r"^(\w*Error|\w+Exception)\b.*", line)]
    if not frames or not said or "node_modules" in frames[0][0]:
        return None
    return frames[0], said[0]


# A linter finds wrong names, and a parser finds broken text; neither is worth an analysis.
REFUSED = ("SyntaxError", "IndentationError", "TabError", "MemoryError", "KeyboardInterrupt", "SystemExit",
           "NameError", "ReferenceError", "UnboundLocalError")


def dependencies(driver, base, deps):
    """Installs what a driver's package needs besides itself."""
    kind, name, version, *needs = driver.read_text().split("\n", 1)[0].lstrip("#/ ").split()
    deps.mkdir(parents=True)
    if kind == "pypi" and needs:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", deps, *needs], check=True)
    if kind == "npm":
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", base,
                        f"{name}@{version}"], check=True)
        # `require` would take the file package.json for the folder package.
        for left in ("package.json", "package-lock.json"):
            (base / left).unlink()


def seed(driver, out, work, seed_number, wanted, tries):
    kind, name, version, *_ = driver.read_text().split("\n", 1)[0].lstrip("#/ ").split()
    language = Language(kind)
    archive, digest = fetch(kind, name, version, work / "fetched" / driver.stem)
    folder, deps = work / driver.stem / "package", work / driver.stem / "deps"
    shutil.rmtree(work / driver.stem, ignore_errors=True)
    dependencies(driver, folder.parent, deps)
    unpack(archive, folder)
    bad = run(language, driver, folder, deps)
    if bad is not None:
        print(f"{driver.stem}: the driver fails without any fault:\n{bad[-1500:]}", flush=True)
        return
    rng = random.Random(f"{seed_number} {driver.stem}")
    every = []
    for path in sorted(folder.rglob("*" + language.ending)):
        relative = path.relative_to(folder).as_posix()
        if re.search(r"(^|/)(tests?|node_modules|bin|cli|__tests__|\w+\.dist-info|dist/.*\.min|examples|vendor)(/|\.|$)", relative):
            continue
        if re.search(r"\.min\.js$", relative):
            continue
        text = path.read_text(errors="replace")
        every += [(path, relative, *fault) for fault in faults(language, text, rng)]
    rng.shuffle(every)
    kept, seen = 0, set()
    done = 0
    for path, relative, number, fault, line in every[:tries]:
        if kept == wanted:
            break
        done += 1
        before = path.read_text()
        lines = before.split("\n")
        if line == lines[number]:
            continue
        lines[number] = line
        path.write_text("\n".join(lines))
        printed = run(language, driver, folder, deps)
        found = innermost(language, printed) if printed else None
        if found and not found[1].startswith(REFUSED):
            (file, at), said = found
            if (file, at) not in seen and len(printed.split("\n")) <= MAX_TRACE_LINES:
                seen.add((file, at))
                kept += 1
                case = out / f"{driver.stem}-{kept}"
                case.mkdir(parents=True, exist_ok=True)
                (case / "bug.json").write_text(json.dumps({
                    "id": case.name, "package": name, "error": said, "class": said.split(":")[0].split(" ")[0].split(".")[-1],
                    "fault": fault, "fixed_at": [{"file": f"package/{relative}", "line": number + 1}],
                    "driver": driver.name,
                    "registry": {"kind": kind, "name": name, "version": version, "sha256": digest},
                }, indent=1) + "\n")
                (case / "traceback.txt").write_text(printed.rstrip() + "\n")
                patch = difflib.unified_diff(
                    before.splitlines(True), path.read_text().splitlines(True), f"a/{relative}", f"b/{relative}")
                (case / "seed.patch").write_text("".join(patch))
        path.write_text(before)
    print(f"{driver.stem}: {kept} cases of {done} faults", flush=True)


def main():
    out, work = (pathlib.Path(one).resolve() for one in sys.argv[1:3])
    seed_number, wanted, tries = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    for driver in sys.argv[6:]:
        seed(pathlib.Path(driver).resolve(), out, work, seed_number, wanted, tries)


if __name__ == "__main__":
    main()
