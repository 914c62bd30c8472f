# SPDX-License-Identifier: Apache-2.0
"""Compares the responder with the oracle: every command, structure, log page
and feature with every class of NSID, controller, offset, length and reserved
bit, in each state of the drive."""
import collections
import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
import cases  # noqa: E402
import harness  # noqa: E402
import message  # noqa: E402
import oracle  # noqa: E402
import scenarios  # noqa: E402
from message import ALL  # noqa: E402

RESPONDER = os.environ.get("TETHER_TEST_RESPONDER") or str(
    harness.BUILD / "tests/oracle/responder")
CASES_MIN = 20_000
SHOWN = 40  # disagreements that a failure prints


def ask(lines):
    """Run lines of the responder's protocol. Returns the answers."""
    done = subprocess.run([RESPONDER], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=True,
                          timeout=harness.PATIENCE)
    return [message.decode(line) for line in done.stdout.splitlines()]


def is_request(line):
    return line.split()[0] not in ("fresh", "save", "load", "wait", "fail")


BASE = ["fresh ocp",
        message.admin(0x0d, dlen=384, data=scenarios.create_data(
            nmic=1)).hex(),
        message.admin(0x0d, dlen=384, data=scenarios.create_data()).hex(),
        message.admin(0x15, nsid=3, dlen=4,
                      data=scenarios.controller_list(1)).hex()]
SLOT_1 = message.header(message.ADMIN, slot=1)
PIECE = message.admin(0x11, dlen=32, dwords=(7, 8), data=bytes(32)).hex()
FIRST = message.admin(0x11, dlen=32, dwords=(7, 0), data=bytes(32)).hex()
# Each state: how to reach it, and its cases.
STATES = {
    "idle": [],
    "self-test": [message.admin(0x14, dwords=(1,)).hex()],
    "formatting": [message.admin(0x80, nsid=1).hex()],
    "sanitizing": [message.admin(0x84, dwords=(2,)).hex()],
    "restricted failure": ["fail", message.admin(0x84, dwords=(2,)).hex(),
                           "wait 60000"],
    "unrestricted failure": ["fail", message.admin(0x84, dwords=(10,)).hex(),
                             "wait 60000"],
    "piece": [PIECE],
    "whole image": [PIECE, FIRST],
    "firmware pending": [FIRST, message.admin(0x10, dwords=(0x0a,)).hex()],
    "event context": [message.admin(0x02, nsid=ALL, dlen=512, dwords=(
        0x10d | 127 << 16,)).hex()],
}


def test_everything_announced_has_rules():
    """Log pages 00h, 12h and 05h announce only what the oracle's tables
    have."""
    read = [message.admin(0x02, nsid=ALL, dlen=1024,
                          dwords=(lid | 255 << 16,)).hex()
            for lid in (0x00, 0x12, 0x05)]
    pages, features, commands = [
        {i for i in range(256) if a.data[4 * i] & 1}
        for a in ask(BASE[:1] + read)]
    assert pages == set(oracle.LOG_SIZE) | set(oracle.LOG_BLOCKS)
    assert features == set(oracle.FEATURES)
    assert commands == set(oracle.SUPPORTED)


def idle_cases():
    yield from scenarios.crossed(cases.with_nsid(cases.identify_commands))
    yield from (cases.make(c) for c in cases.identify_selectors())
    yield from scenarios.crossed(cases.with_nsid(cases.log_commands))
    yield from (cases.make(c) for c in cases.log_selectors())
    yield from cases.admin_opcodes()
    yield from scenarios.crossed(cases.with_nsid(cases.feature_commands))
    yield from (cases.make(c) for c in cases.feature_selectors())
    yield from cases.mi_opcodes()
    yield from cases.mi_commands()
    yield from cases.pcie_commands()
    yield from scenarios.crossed(cases.lockdown_commands())
    for commands in (scenarios.create_commands, scenarios.delete_commands,
                     scenarios.select_commands, scenarios.attach_commands,
                     scenarios.format_commands, scenarios.self_test_commands,
                     scenarios.security_commands):
        yield from scenarios.crossed(commands())
    yield from scenarios.crossed(scenarios.sanitize_commands("idle"))
    yield from scenarios.crossed(scenarios.commit_commands("none"))


def state_cases():
    """Yield (state, case)."""
    for case in idle_cases():
        yield "idle", case
    for c in scenarios.crossed(scenarios.self_test_commands(running=True)):
        yield "self-test", c
    for c in scenarios.format_restrictions():
        yield "formatting", c
    for state in ("sanitizing", "restricted failure", "unrestricted failure"):
        for c in scenarios.crossed(scenarios.sanitize_commands(state)):
            yield state, c
        for c in scenarios.crossed(scenarios.sanitize_restrictions(state)):
            yield state, c
        for c in cases.admin_opcodes(state):
            yield state, c
    for c in scenarios.crossed(scenarios.firmware_commands()):
        yield "piece", c
    for c in scenarios.crossed(scenarios.commit_commands("gap")):
        yield "piece", c
    for c in scenarios.crossed(scenarios.commit_commands("whole")):
        yield "whole image", c
    for c in scenarios.crossed(scenarios.sanitize_commands(
            "firmware pending")):
        yield "firmware pending", c
    for c in scenarios.crossed(cases.event_context_commands()):
        yield "event context", c


def run(pairs):
    """Run (state, case) pairs. Returns their answers."""
    lines, skipped = list(BASE), 0
    lines.append("save 0")
    for number, steps in enumerate(STATES.values(), 1):
        lines += ["load 0"] + steps + [f"save {number}"]
    skipped = sum(map(is_request, lines))
    places = {state: f"load {i}" for i, state in enumerate(STATES, 1)}
    for state, case in pairs:
        lines += [places[state], case.request.hex()]
    answers = ask(lines)
    assert len(answers) == skipped + len(pairs)
    for a in answers[:skipped]:
        assert a is not None and a.status in (0, 1) and not a.code, str(a)
    return answers[skipped:]


@pytest.fixture(scope="module")
def results():
    pairs = list(state_cases())
    return list(zip(pairs, run(pairs)))


def describe(state, case, answer):
    wanted = " or ".join(map(str, case.allowed))
    classes = ", ".join(f"{k} {v}" for k, v in case.classes)
    return (f"{case.name} [{state}; {classes}]: {answer}, expected {wanted}"
            f"\n    {case.request[:68].hex()}")


def test_responder_agrees_with_oracle(results):
    wrong = collections.Counter()
    shown = []
    for (state, case), answer in results:
        if any(o.matches(answer, case.length) for o in case.allowed):
            continue
        key = (case.name, str(answer), str(case.allowed[0]))
        if not wrong[key]:
            shown.append(describe(state, case, answer))
        wrong[key] += 1
    assert not shown, (
        f"{sum(wrong.values())} of {len(results)} answers are wrong, of "
        f"{len(wrong)} kinds:\n" + "\n".join(shown[:SHOWN]))


def test_cases_are_many(results):
    assert len(results) >= CASES_MIN
    print(f"{len(results)} cases")


def axes_of(results):
    """Return {group: {axis: Counter of classes}}."""
    out = collections.defaultdict(
        lambda: collections.defaultdict(collections.Counter))
    for (_, case), _ in results:
        for axis, kind in case.classes:
            out[case.group][axis][kind] += 1
    return out


# Commands that do not have a field, for the matrix.
REASONS = {
    "NSID": "the command has no NSID field",
    "controller": "the command has no controller field",
    "data": "the command is refused before its data counts",
    "header": "the header is checked before the opcode: see the other rows",
}


def test_matrix_has_no_empty_cell_without_reason(results):
    axes = axes_of(results)
    for group in sorted(axes):
        print(group)
        for axis in ("controller", "NSID", "data", "header", "size"):
            counts = axes[group].get(axis)
            if counts:
                print(f"    {axis}: " + ", ".join(
                    f"{k} {n}" for k, n in sorted(counts.items())))
            else:
                print(f"    {axis}: none, " + REASONS.get(
                    axis, "every request of the command is short"))
        for axis in sorted(set(axes[group]) - {"controller", "NSID", "data",
                                               "header", "size"}):
            print(f"    {axis}: {sum(axes[group][axis].values())}")
    for group in ("Identify", "Get Log Page", "Get Features", "Set Features",
                  "Namespace Management", "Namespace Attachment",
                  "Format NVM", "Device Self-test", "Sanitize",
                  "Firmware Image Download", "Firmware Commit",
                  "Security Receive", "Lockdown"):
        kinds = axes[group]["NSID"]
        missing = [k for k in oracle.NSID_CLASSES if not kinds[k]]
        assert not missing, f"{group} lacks NSID classes {missing}"
        assert axes[group]["controller"]["none"], group
        assert len(axes[group]["header"]) > 8, group
        assert axes[group]["size"]["truncated"], group
        assert axes[group]["data"], group


def test_statuses_of_each_command(results):
    pairs = collections.defaultdict(collections.Counter)
    for (_, case), a in results:
        if a is not None:
            pairs[case.group][f"MI {a.status:02X}h" if a.status
                              else f"{a.code:03X}h"] += 1
    total = 0
    for group in sorted(pairs):
        print(f"{group}: " + ", ".join(
            f"{s} {n}" for s, n in sorted(pairs[group].items())))
        total += len(pairs[group])
    print(f"{total} distinct pairs of command and status")
    assert total >= 60


def test_every_rule_has_a_case(results):
    used = {o.rule for (_, case), _ in results for o in case.allowed}
    from rules import RULES
    unseen = set(RULES) - used - SHOWN_BY_VECTORS
    assert not unseen, sorted(unseen)


# Rules that a single request cannot show, or that permit instead of refusing.
SHOWN_BY_VECTORS = {
    "admin-flags", "status-more", "status-dnr", "nsid-unused",
    "nsid-zero-filled", "nsid-common", "nsid-delete", "nsid-self-test",
    "nsid-get-features", "log-uuid", "nsid-attachment",
}
