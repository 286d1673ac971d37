"""The house rules that a compiler does not check, run as a test.

1. Includes run downwards: a room includes only itself and rooms of lower floors (docs/architecture.md).
2. The core (invariant I6) has no I/O, clock, thread, randomness, floating point or unordered container.
3. Nobody swallows an error: no empty catch block.
4. QuickFIX's headers stay behind the two fences.
5. No file has grown past MAX_LINES without a reason.
6. Each worked example of pre-trade risk has a test of its number, FIX in and decision and exposures out.

Usage: check_structure.py SOURCE_DIR          checks the tree; exit code 1 and one line a finding
       check_structure.py --self-test         shows that each rule finds what it is there to find
"""

import pathlib
import re
import sys

FLOORS = {
    "base": 0,
    "order": 1, "config": 1,
    "fix": 2, "risk": 2, "routing": 2,
    "gateway": 3,
    "session": 4, "persistence": 4, "admin": 4, "config/loader": 4,
    "app": 5, "sim": 5,
}
CORE = {"order", "fix", "risk", "routing", "gateway"}

# The one thing of another room that a room of the same floor may see: a port, with its reason here.
ALLOWED = {
    # app wires everything, the simulated counterparties of `portcullis demo` among it.
    ("app", "sim"),
}

# What the core may not include or name. <chrono> and <ctime> would be clocks, <iostream> and the like I/O,
# the unordered containers an order that differs from run to run.
CORE_INCLUDES = {
    "chrono", "ctime", "time.h", "sys/time.h", "thread", "mutex", "shared_mutex", "condition_variable", "future",
    "atomic", "semaphore", "latch", "barrier", "stop_token", "random", "iostream", "fstream", "sstream", "istream",
    "ostream", "cstdio", "stdio.h", "filesystem", "unistd.h", "fcntl.h", "sys/socket.h", "sys/mman.h", "cmath",
    "cfloat", "unordered_map", "unordered_set",
}
CORE_WORDS = re.compile(
    r"\b(float|double|unordered_(?:multi)?(?:map|set)|rand|srand|random_device|mt19937(?:_64)?|system_clock|"
    r"steady_clock|high_resolution_clock|clock_gettime|gettimeofday|this_thread|getenv|printf|fprintf|fopen|"
    r"strtod|stod|stof|from_chars_float)\b")

QUICKFIX_FENCES = ("session/quickfix/", "sim/quickfix/", "bench/textbook/", "tests/")
MAX_LINES = 450
# The longer ones, each with its own bound: lists with one short entry an event, read side by side.
LONG_FILES = {
    "gateway/decide_order.cc": 500,
    "gateway/decide_report.cc": 500,
    "persistence/blotter/projection.cc": 900,
    "persistence/event_fields.cc": 600,
    "admin/port.h": 550,
}

WORKED_EXAMPLES = 44  # spec/risk, section 2b
WORKED_EXAMPLE = re.compile(r"^TEST_F\(\w+, E(\d\d)_", re.MULTILINE)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
EMPTY_CATCH = re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")


def room_of(path):
    """The room that a path from the root belongs to, or None."""
    if path.startswith("config/loader/"):
        return "config/loader"
    room = path.split("/")[0]
    return room if room in FLOORS else None


def without_comments_and_texts(text):
    """The code alone, every line where it was."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    pattern = r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def check_includes(path, text):
    room = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, target = match.groups()
        if target.startswith("quickfix/") and not path.startswith(QUICKFIX_FENCES):
            yield number, f"includes <{target}>: QuickFIX stays behind {' and '.join(QUICKFIX_FENCES[:3])}"
        if room is None:
            continue
        if kind == "<":
            if room in CORE and target in CORE_INCLUDES:
                yield number, f"the core includes <{target}>: no I/O, clock, thread, randomness or floating point there"
            continue
        other = room_of(target)
        if other is None or other == room or (room, other) in ALLOWED:
            continue
        if room == "config/loader" and other == "config":
            continue
        if FLOORS[other] >= FLOORS[room]:
            yield number, (f"{room} (floor {FLOORS[room]}) includes {target} of {other} (floor {FLOORS[other]}): "
                           "includes run downwards only")


def check_core_words(path, text):
    if room_of(path) not in CORE:
        return
    for number, line in enumerate(without_comments_and_texts(text).splitlines(), 1):
        if INCLUDE.match(line):
            continue
        match = CORE_WORDS.search(line)
        if match:
            yield number, f"the core says '{match.group(1)}': no I/O, clock, randomness, floating point or unordered order"


def check_catches(_path, text):
    code = without_comments_and_texts(text)
    # A comment in the block is no answer to an error either; only code is.
    for match in EMPTY_CATCH.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, "an empty catch block: handle the error or let it pass"


def check_length(path, text):
    lines = text.count("\n")
    limit = LONG_FILES.get(path, MAX_LINES)
    if lines > limit and not path.startswith("tests/"):
        yield lines, f"{lines} lines: a file has at most {limit}"


RULES = (check_includes, check_core_words, check_catches, check_length)


def findings(path, text):
    for rule in RULES:
        for line, what in rule(path, text):
            yield f"{path}:{line}: {what}"


def missing_examples(texts):
    tested = {int(number) for text in texts for number in WORKED_EXAMPLE.findall(text)}
    return [f"tests/scenarios: no test of worked example {number}"
            for number in range(1, WORKED_EXAMPLES + 1) if number not in tested]


def check_tree(root):
    count = 0
    found = []
    for folder in (*sorted({room.split("/")[0] for room in FLOORS}), "bench", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cc") or "node_modules" in path.parts:
                continue
            count += 1
            found.extend(findings(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")))
    found.extend(missing_examples(path.read_text(encoding="utf-8")
                                  for path in sorted((root / "tests/scenarios").glob("risk_*_test.cc"))))
    for line in found:
        print(line)
    print(f"{count} files, {len(found)} findings")
    # An empty tree would pass every rule.
    return 0 if count > 50 and not found else 1


def self_test():
    bad = [
        ("risk/a.h", '#include "gateway/state.h"\n', "includes run downwards only"),
        ("risk/a.h", '#include "fix/scanner.h"\n', "includes run downwards only"),
        ("session/a.h", '#include "admin/server.h"\n', "includes run downwards only"),
        ("config/config.h", '#include "config/loader/loader.h"\n', "includes run downwards only"),
        ("gateway/a.cc", "#include <chrono>\n", "the core includes <chrono>"),
        ("order/a.cc", "double price = 1;\n", "the core says 'double'"),
        ("fix/a.cc", "std::unordered_map<int, int> m;\n", "the core says 'unordered_map'"),
        ("gateway/a.cc", "auto t = std::chrono::system_clock::now();\n", "the core says 'system_clock'"),
        ("admin/a.cc", "try { f(); } catch (const E&) { }\n", "an empty catch block"),
        ("admin/a.cc", "try { f(); } catch (...) {\n  // ignored\n}\n", "an empty catch block"),
        ("session/a.cc", "#include <quickfix/Session.h>\n", "QuickFIX stays behind"),
        ("app/a.cc", "\n" * (MAX_LINES + 1), "lines: a file has at most"),
    ]
    good = [
        ("risk/a.h", '#include "order/types.h"\n#include "base/decimal.h"\n#include "risk/b.h"\n#include <vector>\n'),
        ("config/loader/a.cc", '#include "config/config.h"\n#include "config/loader/b.h"\n#include <fstream>\n'),
        ("app/a.cc", '#include "sim/demo.h"\n#include <chrono>\n'),
        ("gateway/a.cc", "// no double here\nconst char* s = \"double\";\n/* float */\nint doubled = 1;\n"),
        ("session/quickfix/a.cc", "#include <quickfix/Session.h>\n"),
        ("admin/a.cc", "try { f(); } catch (const E& e) { log(e); }\n"),
    ]
    failures = 0
    for path, text, expected in bad:
        if not any(expected in finding for finding in findings(path, text)):
            failures += 1
            print(f"not found: {expected} in {path}: {text!r}")
    for path, text in good:
        for finding in findings(path, text):
            failures += 1
            print(f"found for nothing: {finding}")
    all_but_two = "".join(f"TEST_F(A, E{n:02}_B) {{\n" for n in range(1, WORKED_EXAMPLES + 1) if n not in (7, 32))
    if missing_examples([all_but_two]) != ["tests/scenarios: no test of worked example 7",
                                           "tests/scenarios: no test of worked example 32"]:
        failures += 1
        print("not found: a worked example without a test")
    print(f"{len(bad) + len(good)} cases, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(check_tree(pathlib.Path(sys.argv[1])))
