# SPDX-License-Identifier: Apache-2.0
"""Each row of the table of defences in docs/security.md names a test that
exists."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def read_rows():
    text = (ROOT / "docs/security.md").read_text()
    section = text.split("## What the programs do about it")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines()
            if line.startswith("|")][2:]
    assert len(rows) >= 20 and all(len(row) == 4 for row in rows), rows
    return [(row[1].strip(), row[3].strip()) for row in rows]


def names_of_meson_tests():
    names = "make check make soak fault "
    for path in TESTS.rglob("meson.build"):
        names += path.read_text()
    return names


def find_missing(test, meson):
    """Return the named tests that do not exist, and how many are named."""
    missing, named = [], 0
    group = file = None
    for part in re.findall(r"(unit|fuzz):|(\w+/test_\w+\.py)|`([^`]+)`", test):
        if part[0]:
            group = part[0]
            continue
        named += 1
        if part[1]:
            file, group = TESTS / part[1], None
            if not file.exists():
                missing.append(part[1])
            continue
        name = part[2]
        if group and " " not in name:
            path = TESTS / group / (f"fuzz_{name}.c" if group == "fuzz"
                                    else f"test_{name}.c")
            found = path.exists()
        elif name.startswith("test_"):
            found = file and re.search(
                rf"^def {re.escape(name.rstrip('.'))}", file.read_text(), re.M)
        else:
            found = name.split(", ")[0] in meson and \
                name.split(", ")[-1] in meson
        if not found:
            missing.append(name)
        if group is None and not name.startswith("test_"):
            file = None
    return missing, named


def test_each_row_names_a_test_that_exists():
    meson = names_of_meson_tests()
    for threat, test in read_rows():
        missing, named = find_missing(test, meson)
        assert named and not missing, (threat, test, missing)


def test_finds_a_test_that_does_not_exist():
    meson = names_of_meson_tests()
    for test in ("unit: `nothing`", "fuzz: `nothing`", "boards/test_no.py",
                 "boards/test_mcp.py: `test_no_such_thing`", "`no such test`"):
        assert find_missing(test, meson)[0], test
