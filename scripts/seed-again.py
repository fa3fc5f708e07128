#!/usr/bin/env python3
"""Records how else the faults of seeded cases show: `andon eval patterns` asks whether an error is recognised
that reaches the same fault by another way.

    seed-again.py CASES WORK [CASE...]

For each case of CASES (tests/seeded or tests/seeded-scripts) the fault is put in again. Of a crate, the other
tests that it breaks are run; of a package, its program without the call that failed, as often as it takes.
What panics or raises by another way is kept as again-1.txt and again-2.txt beside bug.json: another place first,
else other functions on the way; of several, by a hash of their names.
"""

import hashlib
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import make_testable, sources  # noqa: E402
from script_packages import laid_out  # noqa: E402

panics = importlib.import_module("seed-panics")
exceptions = importlib.import_module("seed-exceptions")

# What is kept of a case, at most.
MAX_KEPT = 2
# Tests of a crate, or shortened programs of a package, that are tried.
MAX_TRIED = 12


def build(folder):
    """The crate's unit tests as a program."""
    command = [*os.environ.get("CARGO", "cargo").split(), "test", "--lib", "--no-run", "--message-format=json", "-q"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        said = json.loads(line) if line.startswith("{") else {}
        if said.get("executable") and said.get("profile", {}).get("test"):
            return said["executable"]
    return None


def way_of_panic(panic, trace):
    """Where it panicked, and the functions of the crate on the way, without the test."""
    site = re.search(r"panicked at (\S+)", panic)[1].replace("/app/crate/", "")
    # Monomorphs and closures of a function are the same function.
    names = [re.sub(r"<.*|::\{\{.*|::h[0-9a-f]{16}$", "", name) for name, path, _, _ in panics.FRAME.findall(trace)
             if path.startswith("/app/crate/") and "test" not in name]
    return site, tuple(names)


def crate_ways(case, bug, work):
    folder = work / "crate"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sources(bug["registry"]["name"], bug["registry"]["version"]), folder)
    put_in(case, folder)
    make_testable(folder)
    program = build(folder)
    if not program:
        print(f"{case.name}: does not build", flush=True)
        return

    def test_lines(file):
        lines = (folder / file).read_text().split("\n")
        return next((n + 1 for n, line in enumerate(lines) if "#[cfg(test)]" in line or "#[test]" in line),
                    len(lines) + 1)

    _, output = panics.run([program, "-q", "--test-threads=2"], folder, panics.TEST_SECONDS)
    tests = set(panics.failing_tests(output)) | set(bug.get("fails") or [])
    for test in by_hash(tests - {bug["test"]})[:MAX_TRIED]:
        command = [program, "-q", "--exact", test, "--nocapture", "--test-threads=1"]
        code, output = panics.run(command, folder, panics.TEST_SECONDS, RUST_BACKTRACE="1")
        found = None if code is None else panics.recorded(output, test_lines)
        if found:
            panic, trace, _ = found
            trace = panics.anywhere(trace)
            yield panic + "\n" + trace, way_of_panic(panic, trace)


def way_of_exception(language, printed):
    place, said = exceptions.innermost(language, printed)
    frames = exceptions.PYTHON_FRAME if language.python else exceptions.NODE_FRAME
    return (*place, said.split(":")[0]), tuple(frames.findall(printed))


def package_ways(case, bug, work):
    kind = bug["registry"]["kind"]
    language = exceptions.Language(kind)
    driver = case.parent / "drivers" / bug["driver"]
    base = work / driver.stem
    folder, sound, deps = base / "package", base / "sound", base / "deps"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(sound, ignore_errors=True)
    if not deps.exists():
        exceptions.dependencies(driver, base, deps)
    laid_out(bug["registry"], work / "fetched", folder)
    laid_out(bug["registry"], work / "fetched", sound)
    put_in(case, folder)
    shorter = base / driver.name
    lines = driver.read_text().split("\n")
    for _ in range(MAX_TRIED):
        shorter.write_text("\n".join(lines))
        printed = exceptions.run(language, shorter, folder, deps)
        if not printed or not exceptions.innermost(language, printed):
            return
        # What fails without the fault as well is not its work.
        if exceptions.run(language, shorter, sound, deps) is not None:
            return
        if len(printed.split("\n")) <= exceptions.MAX_TRACE_LINES:
            yield printed, way_of_exception(language, printed)
        called = re.findall(r"/app/driver\.(?:py\", line |js:)(\d+)", printed)
        if not called:
            return
        # The statement of the program itself: printed first by Python, last by Node.
        at = int(called[0] if language.python else called[-1]) - 1
        leave_out(lines, at)


def leave_out(lines, at):
    """Takes the statement around a line out, keeping the numbers of the others."""
    first = at
    while first > 0 and (lines[first][:1] in " \t)]}" or not lines[first].strip()):
        first -= 1
    last = first
    while last + 1 < len(lines) and lines[last + 1][:1] in tuple(" \t)]}"):
        last += 1
    for number in range(first, max(last, at) + 1):
        lines[number] = ""


def put_in(case, folder):
    subprocess.run(["git", "apply", "--whitespace=nowarn", (case / "seed.patch").resolve()], cwd=folder, check=True,
                   env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent.resolve())})


def by_hash(names):
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())


def main():
    cases, work = (pathlib.Path(one).resolve() for one in sys.argv[1:3])
    work.mkdir(parents=True, exist_ok=True)
    os.environ["CARGO_TARGET_DIR"] = str(work / "target")
    for path in sorted(cases.glob("*/bug.json")):
        case, bug = path.parent, json.loads(path.read_text())
        if sys.argv[3:] and case.name not in sys.argv[3:]:
            continue
        if (case / "backtrace.txt").exists():
            first = way_of_panic(bug["panic"], (case / "backtrace.txt").read_text())
            ways = crate_ways(case, bug, work)
        else:
            first = way_of_exception(exceptions.Language(bug["registry"]["kind"]), (case / "traceback.txt").read_text())
            ways = package_ways(case, bug, work)
        others = []
        for text, way in ways:
            if way[1] != first[1] and way not in [known for _, known in others]:
                others.append((text, way))
        others.sort(key=lambda one: one[1][0] == first[0])
        for number, (text, _) in enumerate(others[:MAX_KEPT], 1):
            (case / f"again-{number}.txt").write_text(text.rstrip() + "\n")
        elsewhere = sum(way[0] != first[0] for _, way in others)
        print(f"{case.name}: {len(others)} other ways, {elsewhere} to another place", flush=True)


if __name__ == "__main__":
    main()
