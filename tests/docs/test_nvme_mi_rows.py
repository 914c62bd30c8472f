# SPDX-License-Identifier: Apache-2.0
"""Check that each row of docs/nvme-mi.md has tests.

The vectors that a row names must contain a successful and a refused request
with the opcode and the selector of the row. A selector is a log page, CNS,
feature, data structure type or configuration. A row without vectors names a
function of a unit test, and the reason why no vector can cover the row.
"""
import os
import re
import subprocess

import harness

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PRINT_MESSAGES = os.path.join(harness.BUILD, "tests/fuzz/print_messages")
PRIMITIVE, COMMAND, ADMIN, PCIE = 0, 1, 2, 4
KINDS = {"Control primitives": PRIMITIVE, "MI commands": COMMAND,
         "Admin commands": ADMIN, "PCIe commands": PCIE}
# Offset of the selector in a request without its message type byte: the most or
# the least significant byte of NVMe Management Dword 0, or the least
# significant byte of command dword 10.
SELECTORS = {(COMMAND, 0x00): 10, (COMMAND, 0x03): 7, (COMMAND, 0x04): 7,
             (ADMIN, 0x02): 43, (ADMIN, 0x06): 43, (ADMIN, 0x09): 43,
             (ADMIN, 0x0a): 43}
# Cell of a row whose requests are always answered with an error.
REFUSED = re.compile(r"Invalid (Command Opcode|Parameter|Field|Log Page)"
                     r"|Feature Identifier Not Changeable")
UNANSWERED = re.compile("no response, because")
UNIT = re.compile(r"unit: (\w+)(?:: (\w+))?(?: \((.+)\))?$")
OTHERS = "others"
# tests/oracle/test_docs.py checks the tables of this section.
CONFORMANCE = "Conformance"
problems = []


def strip(message):
    """Decode a message from hex, and remove the message type byte and the
    message integrity check. "-" (no message) gives None."""
    return None if message == "-" else bytes.fromhex(message)[1:-4]


def vectors(name):
    """Return (request, expected response) of each vector of a file, or None if
    the file does not exist."""
    path = os.path.join(ROOT, "tests/vectors", name + ".txt")
    if not os.path.exists(path):
        return None
    done = subprocess.run([PRINT_MESSAGES, path], check=True,
                          capture_output=True, text=True, timeout=60)
    lines = [line.split() for line in done.stdout.splitlines()[1:]]
    return [(strip(request), strip(answer)) for _, request, answer in lines]


def outcome(kind, answer):
    """Return the outcome of a request: "silent", "refused" or "well". For an
    Admin command, "well" also requires a completion without an error status."""
    if answer is None:
        return "silent"
    if len(answer) < 4 or answer[3] or (kind == ADMIN and any(answer[17:19])):
        return "refused"
    return "well"


def check_unit(name, row, alone):
    """Check the unit test that a row names as "unit: FILE". If the row has no
    vectors, the form must be "unit: FILE: FUNCTION (WHY)"."""
    match = UNIT.match(name)
    file, function, why = match.groups() if match else (name, None, None)
    path = os.path.join(ROOT, "tests/unit", f"test_{file}.c")
    if not os.path.exists(path):
        problems.append(f"no unit test {file}: {row}")
        return
    with open(path) as f:
        text = f.read()
    # The name must occur twice: in its definition and in the list of tests.
    if function and len(re.findall(rf"\b{function}\b", text)) < 2:
        problems.append(f"test_{file}.c has no {function}: {row}")
    if alone and not (function and why):
        problems.append(f"no vector, no function or no reason: {row}")
    if alone and function and why:
        print(f"without vector: {function} of test_{file}.c, {why}")


def tests_of(cell, row):
    """Return the vectors that a row names. Add missing tests to problems."""
    found, names = [], re.split(r", (?![^(]*\))", cell)
    units = [name for name in names if name.startswith("unit: ")]
    for name in names:
        of_file = vectors(name)
        if name not in units and not of_file:
            problems.append(f"no vectors {name}: {row}")
        found += of_file or []
    for name in units:
        check_unit(name, row, not found)
    if not found and not units:
        problems.append(f"no vectors at all: {row}")
    return found


def codes_of(cell):
    """Convert codes such as "00h, 18h to 1Ah" to a list of numbers."""
    codes = []
    for first, last in re.findall(r"\b([0-9A-F]{2})h(?: to ([0-9A-F]{2})h)?",
                                  cell):
        codes += range(int(first, 16), int(last or first, 16) + 1)
    return codes


def selected_by(cell, hexadecimal):
    """Return the selectors in the second cell of a row: numbers, or OTHERS."""
    if cell.startswith(OTHERS):
        return [OTHERS]
    if hexadecimal:
        return codes_of(cell)
    return [int(n) for n in re.findall(r"(?:^|: )(\d+)\b", cell)]


class Row:
    """A row of a table, and the vectors of the files that the row names."""

    def __init__(self, kind, codes, cells, text):
        self.kind, self.text = kind, text
        self.answer, self.found = cells[-2], tests_of(cells[-1], text)
        # Pairs (opcode, selector). The selector is None for an opcode without
        # a selector.
        self.keys = []
        for code in codes:
            if (kind, code) not in SELECTORS:
                self.keys.append((code, None))
                continue
            selected = selected_by(cells[1], kind == ADMIN)
            if not selected:
                problems.append(f"what does it select: {text}")
            self.keys += [(code, s) for s in selected]

    def asked(self, key, listed):
        """Return the outcome of each vector whose request has this key."""
        ways = []
        for request, answer in self.found:
            if len(request) < 4 or request[0] >> 3 & 15 != self.kind:
                continue
            code, select = request[3], None
            at = SELECTORS.get((self.kind, code))
            if at is not None:
                select = request[at] if len(request) > at else None
            if key[0] == OTHERS:
                hit = not any(code == known for known, _ in listed)
            elif key[1] == OTHERS:
                hit = code == key[0] and select is not None and \
                    (code, select) not in listed
            else:
                hit = (code, select) == key
            if hit:
                ways.append(outcome(self.kind, answer))
        return ways

    def check(self, key, listed):
        """Add each missing outcome of a key to problems."""
        ways = self.asked(key, listed)
        name = " ".join(k if k == OTHERS else f"{k:02x}h" for k in key
                        if k is not None)
        wanted = ["well", "refused"]
        if REFUSED.match(self.answer):
            wanted = ["refused"]
            if "well" in ways:
                problems.append(f"{name} is not refused: {self.text}")
        elif UNANSWERED.search(self.answer):
            wanted = ["silent", "refused"]
        for way in wanted:
            if way not in ways:
                problems.append(f"{name}: no vector that goes {way}: "
                                f"{self.text}")


def read(path):
    """Return the rows of the tables in the document."""
    rows, kind, codes, section = [], None, [], None
    with open(path) as f:
        lines = f.read().splitlines()
    for line in lines:
        if line.startswith("## "):
            section = line[3:]
            kind, codes = KINDS.get(section), []
        if "?" in line:
            problems.append(f"an open question: {line}")
        cells = [c.strip() for c in line.strip("|").split("|")]
        if not line.startswith("|") or cells[-1] in ("vectors", "---"):
            continue
        if section == CONFORMANCE:
            continue
        if cells[0]:
            codes = codes_of(cells[0])
        row = Row(kind, codes if kind is not None else [], cells, line)
        if cells[0] == OTHERS:
            row.keys = [(OTHERS, None)]
        rows.append(row)
    return rows


def test_each_row_has_good_and_bad_requests():
    rows = read(os.path.join(ROOT, "docs/nvme-mi.md"))
    assert len(rows) > 60, f"only {len(rows)} rows found"
    for kind in KINDS.values():
        of_kind = [row for row in rows if row.kind == kind]
        listed = {key for row in of_kind for key in row.keys}
        for row in of_kind:
            for key in row.keys if row.found else []:
                row.check(key, listed)
    assert not problems, "\n".join(problems)
