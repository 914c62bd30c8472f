# SPDX-License-Identifier: Apache-2.0
"""docs/nvme-mi.md has a row for each rule of the oracle, with an existing vector
file or unit test."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from rules import RULES  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")


def rows():
    """Return {rule: (clause, version, text, shown by)} of the document."""
    with open(os.path.join(ROOT, "docs/nvme-mi.md")) as f:
        cells = [[c.strip() for c in line.strip("|\n").split("|")]
                 for line in f if line.startswith("| ")]
    return {c[0]: tuple(c[1:]) for c in cells
            if len(c) == 5 and c[0] in RULES}


def test_every_rule_has_a_row():
    found = rows()
    for name, rule in RULES.items():
        assert found.get(name, ())[:3] == rule, name


def test_rows_name_existing_tests():
    for name, cells in rows().items():
        unit = re.match(r"unit: (\w+)$", cells[3])
        path = f"tests/unit/test_{unit[1]}.c" if unit else \
            "tests/oracle/scenarios.py" if cells[3] == "oracle" else \
            f"tests/vectors/{cells[3]}.txt"
        assert os.path.exists(os.path.join(ROOT, path)), (name, path)
