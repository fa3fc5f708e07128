#!/usr/bin/env python3
"""Makes cases for `andon eval`: puts a fault into a published crate, runs the crate's own unit tests, and
keeps what panics outside the tests.

    seed-panics.py OUT WORK SEED PER_CRATE MINUTES NAME=VERSION...

A case is OUT/NAME-N with bug.json (what andon eval reads, the crate's name and version, and the test that
panics), backtrace.txt and seed.patch (against the published sources).
"""

import contextlib
import difflib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import make_testable, sources  # noqa: E402

# Seconds that one run of a crate's tests may take; a fault may make it run for ever.
TEST_SECONDS = 40
# Faults in functions of CONTRACTS, tried before others.
MAX_CONTRACTS = 20
# Of a crate's cases, those whose fault is in the first frame's function.
MAX_INSIDE = 1
# Seconds for the first build with all that it depends on.
BUILD_SECONDS = 600

# A fault: a pattern, and what takes its place.
FAULTS = [
    ("guard", r"\bif (?!let\b)(?P<c>[^{}]+) \{$", r"if false && (\g<c>) {"),
    ("guard", r"\bif (?!let\b)(?P<c>[^{}]+) \{$", r"if true || (\g<c>) {"),
    ("bound", r" <= ", " < "),
    ("bound", r" >= ", " > "),
    ("bound", r"(?<=[\w)\]]) < (?=[\w(])", " <= "),
    ("bound", r"(?<=[\w)\]]) > (?=[\w(])", " >= "),
    ("equal", r" == ", " != "),
    ("equal", r" != ", " == "),
    ("logic", r" && ", " || "),
    ("logic", r" \|\| ", " && "),
    ("offset", r" \+ 1\b", ""),
    ("offset", r" - 1\b", ""),
    ("offset", r" \+ 1\b", " + 2"),
    ("offset", r"\.len\(\)", ".len() + 1"),
    ("offset", r"\.\.=", ".."),
    ("offset", r"\[(\w+)\.\.\]", r"[\1 + 1..]"),
    ("offset", r"\[\.\.(\w+)\]", r"[..\1 + 1]"),
    ("arithmetic", r"(?<=[\w)\]]) \+ (?=[\w(])", " - "),
    ("arithmetic", r"(?<=[\w)\]]) - (?=[\w(])", " + "),
    ("arithmetic", r"(?<=[\w)\]]) << (?=[\w(])", " >> "),
    ("arithmetic", r"\.saturating_sub\((\w+)\)", r" - (\1)"),
    ("limit", r"\.min\([^()]*\)", ""),
    ("limit", r"\.max\([^()]*\)", ""),
    ("default", r"\.unwrap_or\([^()]*\)", ".unwrap()"),
    ("default", r"\.unwrap_or_default\(\)", ".unwrap()"),
    ("constant", r"(?<![\w.\"'])0(?![\w.x])", "1"),
    ("constant", r"(?<![\w.\"'])([1-9])(?![\w.])", lambda m: str(int(m[1]) + 1)),
    ("variant", r"\bSome\((\w+)\)$", "None"),
    ("negation", r"!(?=[a-z_]+\.\w+\()", ""),
    ("update", r"^(\s*)(self\.[\w.]+) [+-]= [^;]+;$", r"\1let _ = &\2;"),
    ("update", r" \+= (?=[\w(])", " -= "),
    ("update", r" -= (?=[\w(])", " += "),
    ("update", r"(?<=[\w)\]]) \+= (?=[\w(])", " = "),
    ("operands", r"(?<![\w.)\]])([a-z_]\w*) - ([a-z_]\w*)(?![\w(.\[:])", r"\2 - \1"),
    ("operands", r"(?<![\w.)\]])([a-z_]\w*) < ([a-z_]\w*)(?![\w(.\[:])", r"\2 < \1"),
    ("order", r"\bOrdering::Less\b", "Ordering::Greater"),
    ("order", r"\bOrdering::Greater\b", "Ordering::Equal"),
    ("order", r"\.rev\(\)", ""),
    ("side", r"\.start\b(?!\()", ".end"),
    ("side", r"\.end\b(?!\()", ".start"),
    ("skip", r"\.skip\(1\)", ""),
    ("skip", r"\.iter\(\)(?=\.\w)", ".iter().skip(1)"),
]

# Functions whose results others rely on without looking: faults there are tried first.
CONTRACTS = re.compile(r"\bfn (?:size_hint|len|cmp|partial_cmp|next_back|eq|capacity|width|position|find)\b")

CLASSES = [
    ("index_oob", r"index out of bounds"),
    ("slice_order", r"slice index starts at|begin <= end|range start index .* but ends"),
    ("slice_oob", r"out of range for slice"),
    ("str_char_boundary", r"char boundary"),
    ("str_out_of_bounds", r"byte index .* out of bounds"),
    ("arith_overflow", r"attempt to .* with overflow"),
    ("div_rem", r"divide by zero|divisor of zero"),
    ("unwrap_none", r"`Option::unwrap\(\)` on a `None`"),
    ("unwrap_err", r"`Result::unwrap\(\)` on an `Err`"),
    ("unreachable", r"entered unreachable code"),
    ("assert_eq", r"assertion `left"),
    ("assert", r"assertion failed"),
    ("explicit_panic", r"explicit panic|not implemented|not yet implemented"),
]


def class_of(message):
    for name, pattern in CLASSES:
        if re.search(pattern, message):
            return name
    return "expect_or_custom"


def faults(path, rng):
    """One random fault a line, for some lines of a file: (line from 0, kind, new text)."""
    lines = path.read_text().split("\n")
    end = next((n for n, line in enumerate(lines) if "#[cfg(test)]" in line or "#[test]" in line), len(lines))
    found = []
    for number, line in enumerate(lines[:end]):
        code = line.strip()
        if not code or code.startswith(("//", "#", "use ", "pub use", "macro", "debug_assert", "assert")):
            continue
        if code.startswith(("fn ", "pub fn", "impl", "pub struct", "struct", "where", "pub enum", "const", "pub const", "static")):
            continue
        options = []
        for kind, pattern, new in FAULTS:
            for hit in re.finditer(pattern, line):
                comment = line.find("//")
                if comment != -1 and hit.start() > comment:
                    continue
                text = line[: hit.start()] + hit.expand(new) + line[hit.end():] if isinstance(new, str) else \
                    line[: hit.start()] + new(hit) + line[hit.end():]
                options.append((number, kind, text))
        if options:
            found.append(rng.choice(options))
    rng.shuffle(found)
    return found


def function_around(lines, number):
    """The line of the head of the innermost function around a line, both from 0; by indentation."""
    depth = len(lines[number]) - len(lines[number].lstrip())
    for at in range(number, -1, -1):
        indent = len(lines[at]) - len(lines[at].lstrip())
        if lines[at].strip() and (indent < depth or at == number):
            if re.search(r"\bfn \w+", lines[at]):
                return at
            depth = min(depth, indent)
    return None


def is_in_contract(path, number):
    lines = path.read_text().split("\n")
    head = function_around(lines, number)
    return head is not None and bool(CONTRACTS.search(lines[head]))


def run(command, folder, seconds, **env):
    """The exit code, None if it took too long, and what was printed."""
    with tempfile.TemporaryFile("w+", errors="replace") as printed:
        child = subprocess.Popen(
            command, cwd=folder, stdout=printed, stderr=subprocess.STDOUT, env={**os.environ, **env},
            start_new_session=True)
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        # The tests too, which cargo started.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        printed.seek(0)
        return code, printed.read()


TEST = ["cargo", "test", "--offline", "--lib", "-q", "--", "--test-threads=2"]
FRAME = re.compile(r"^ +\d+: +(.*)\n +at (\S+?):(\d+):(\d+)$", re.M)


def failing_tests(output):
    return re.findall(r"^    (\S+)$", output.split("\nfailures:\n")[-1], re.M)


def record(folder, test, test_lines):
    """The panic of one test, its backtrace, and the first frame in the crate (file, line from 0), if it came
    from the crate's own code."""
    command = ["cargo", "test", "--offline", "--lib", "-q", "--", "--exact", test, "--nocapture", "--test-threads=1"]
    code, output = run(command, folder, TEST_SECONDS, RUST_BACKTRACE="1")
    return None if code is None else recorded(output, test_lines)


def recorded(output, test_lines):
    """The same, from what was printed."""
    at = output.find("panicked at ")
    if at == -1:
        return None
    begin = output.rfind("\n", 0, at) + 1
    rest = output[begin:]
    split = rest.find("\nstack backtrace:")
    if split == -1:
        return None
    panic, trace = rest[:split].rstrip(), rest[split + 1:]
    end = trace.find("\nnote: ")
    trace = trace[: end if end != -1 else None]
    # The first frame in the crate must not be in a test.
    for function, path, line, _ in FRAME.findall(trace):
        if not path.startswith("./"):
            continue
        file = path[2:]
        if "tests::" in function or "::test" in function or int(line) >= test_lines(file):
            return None
        first = (file, int(line) - 1)
        break
    else:
        return None
    home = str(pathlib.Path.home())
    place = lambda text: text.replace(" at ./", " at /app/crate/").replace(home, "/root")
    return place(panic), place(trace), first


def seed_crate(name, version, out, work, rng, wanted, minutes):
    folder = work / f"{name}-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sources(name, version), folder)
    make_testable(folder)
    begun = time.time()
    code, output = run(["cargo", "test", "--lib", "-q"], folder, BUILD_SECONDS)
    if code != 0:
        print(f"{name} {version}: its own tests do not pass here; left out", flush=True)
        return 0
    print(f"{name} {version}: ready after {time.time() - begun:.0f} s", flush=True)

    def test_lines(file):
        lines = (folder / file).read_text().split("\n")
        return next((n + 1 for n, line in enumerate(lines) if "#[cfg(test)]" in line or "#[test]" in line),
                    len(lines) + 1)

    tries = [(path, *fault) for path in sorted(folder.glob("src/**/*.rs")) for fault in faults(path, rng)]
    rng.shuffle(tries)
    firsts = [one for one in tries if is_in_contract(one[0], one[1])][:MAX_CONTRACTS]
    tries = firsts + [one for one in tries if one not in firsts]
    until, kept, seen = time.time() + minutes * 60, 0, set()
    done, inside = 0, 0
    for path, number, kind, text in tries:
        if kept == wanted or time.time() > until:
            break
        done += 1
        before = path.read_text()
        lines = before.split("\n")
        lines[number] = text
        path.write_text("\n".join(lines))
        code, output = run(TEST, folder, TEST_SECONDS)
        if code not in (0, None) and "\nfailures:\n" in output:
            fails = sorted(set(failing_tests(output)))
            for test in failing_tests(output)[:3]:
                found = record(folder, test, test_lines)
                if not found:
                    continue
                panic, trace, (first_file, first_line) = found
                site = re.search(r"panicked at (\S+)", panic)[1]
                if site in seen:
                    continue
                file = path.relative_to(folder).as_posix()
                first_lines = (folder / first_file).read_text().split("\n")
                is_inside = first_file == file and \
                    function_around(first_lines, first_line) == function_around(lines, number)
                # At least half are to have their fault elsewhere.
                if is_inside and inside >= MAX_INSIDE:
                    continue
                inside += is_inside
                seen.add(site)
                kept += 1
                case = out / f"{name}-{version}-{kept}"
                case.mkdir(parents=True, exist_ok=True)
                message = panic.split("\n", 1)[-1]
                (case / "bug.json").write_text(json.dumps({
                    "id": case.name, "crate": name, "panic": panic, "class": class_of(message), "fault": kind,
                    "fixed_at": [{"file": f"crate/{file}", "line": number + 1}], "test": test,
                    # Of all the tests that the fault breaks, so that an edit is not blamed for them.
                    "fails": fails,
                    "registry": {"name": name, "version": version, "stands_for": "crate/"},
                }, indent=1) + "\n")
                (case / "backtrace.txt").write_text(anywhere(trace.rstrip()) + "\n")
                patch = difflib.unified_diff(
                    before.splitlines(True), path.read_text().splitlines(True), f"a/{file}", f"b/{file}")
                (case / "seed.patch").write_text("".join(patch))
                break
        path.write_text(before)
    print(f"{name} {version}: {kept} cases ({inside} inside the first frame's function) of {done} faults", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return kept


def anywhere(trace):
    """A trace without where this machine keeps the crates that others published."""
    return re.sub(r"\S*/\.cargo/registry/src/[^/\s]+/", "/app/.cargo/registry/src/index/", trace)


def main():
    out, work = map(pathlib.Path, sys.argv[1:3])
    seed, per_crate, minutes = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    work.mkdir(parents=True, exist_ok=True)
    os.environ["CARGO_TARGET_DIR"] = str(work / "target")
    for crate in sys.argv[6:]:
        name, version = crate.split("=")
        seed_crate(name, version, out, work, random.Random(f"{seed} {crate}"), per_crate, minutes)


if __name__ == "__main__":
    main()
