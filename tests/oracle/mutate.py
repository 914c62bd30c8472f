#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Drop one check of the responder at a time, and count the mutants whose
answers differ from the oracle.

usage: mutate.py [NUMBER]...     all mutations by default

Each mutation replaces a text that occurs exactly once in a file of core/. A
mutation whose text is gone is an error: adapt it to the new code.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_oracle  # noqa: E402
import harness  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAUGHT_MIN = 40
ADMIN, LOG, IDENTIFY = ("nvme_mi/admin.c", "nvme_mi/log_page.c",
                        "nvme_mi/identify.c")
NAMESPACE, FEATURE = "nvme_mi/namespace_admin.c", "nvme_mi/feature.c"
LOCKDOWN, TELEMETRY = "nvme_mi/lockdown_admin.c", "nvme_mi/log_telemetry.c"
# (file, text, replacement): what the mutant no longer checks.
MUTATIONS = [
    ("nvme_mi/dispatch.c", "		NVME_MI_HEADER_1_RESERVED,", "		0,"),
    ("nvme_mi/dispatch.c",
     "NVME_MI_HEADER_2_RESERVED | NVME_MI_AUTO_PAUSE",
     "NVME_MI_HEADER_2_RESERVED"),
    ("nvme_mi/dispatch.c", "		NVME_MI_HEADER_3_RESERVED,", "		0,"),
    ("nvme_mi/mi_command.c", "	if (reserved)", "	if (0)"),
    ("nvme_mi/pcie.c", "	if (a->reserved_0)", "	if (0)"),
    ("nvme_mi/pcie.c", "	if (reserved_1)", "	if (0)"),
    ("nvme_mi/pcie.c",
     "a->offset + a->length > NVME_MI_PCIE_CONFIGURATION_SIZE",
     "a->offset > NVME_MI_PCIE_CONFIGURATION_SIZE"),
    ("nvme_mi/buffer.c", "	if (r->len > size - r->offset)", "	if (0)"),
    (ADMIN, "	if (!command && !is_listed(a.opcode))", "	if (!command)"),
    (ADMIN, "	if (is_prohibited(a.opcode))", "	if (0)"),
    (ADMIN, "		field |= NVME_COMPLETION_MORE;", "		field |= 0;"),
    (ADMIN, "	    status != NVME_STATUS_FORMAT_IN_PROGRESS &&\n", ""),
    (ADMIN, "	    (size != ADMIN_ANY_SIZE && a->length != size))", "	    0)"),
    (ADMIN, "(size ? a->offset >= size : a->offset > 0)", "0"),
    (ADMIN, "if (a->nsid > DRIVE_NAMESPACES)", "if (0)"),
    (ADMIN, " class & ADMIN_NSID_VALID ||", ""),
    (ADMIN, "	if (d->sanitize.operation.active)",
     "	if (0)"),
    (LOG, "	if (a->dword14 & NVME_LOG_OFFSET_TYPE)", "	if (0)"),
    (LOG, "	if (a->page_offset % 4 || a->page_offset > p->size)",
     "	if (a->page_offset % 4)"),
    (LOG, "	if (p->attributes & ADMIN_LOG_COMMAND_SET &&", "	if (0 &&"),
    (LOG, "return !p || p->attributes & ADMIN_LOG_WHILE_SANITIZING;", "return true;"),
    (IDENTIFY, "		return status ? status : structures[i].build",
     "		return structures[i].build"),
    (IDENTIFY, "	  ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL_IS_FIELD,\n",
     "	  ADMIN_NSID_VALID | ADMIN_NSID_ALL_IS_FIELD,\n"),
    (NAMESPACE, "	if (n->asymmetric_group)", "	if (0)"),
    (NAMESPACE, "	    n->endurance_group || !n->size)", "	    !n->size)"),
    (NAMESPACE, "q, a, ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL | "
     "ADMIN_NSID_FIELD)", "q, a, ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL)"),
    (NAMESPACE, "	if (drive_namespaces_formatting(", "	if (0 && "
     "drive_namespaces_formatting("),
    (FEATURE, "	if (a->nsid && a->nsid != NVME_NSID_ALL)", "	if (0)"),
    (FEATURE, "	if (a->dword11 & ~bits ||", "	if ("),
    (FEATURE, "select_of(a) > NVME_FEATURE_SUPPORTED_CAPABILITIES",
     "0"),
    (FEATURE, "	if ((light &&", "	if ((0 &&"),
    (FEATURE, "	return !light || !heavy || light < heavy;",
     "	return true;"),
    (TELEMETRY, "	if (a->page_offset % NVME_TELEMETRY_BLOCK_SIZE ||",
     "	if ("),
    (TELEMETRY, "	    admin_log_page_size(a) % NVME_TELEMETRY_BLOCK_SIZE)",
     "	    0)"),
    (LOCKDOWN, "	    contents > NVME_LOCKDOWN_LOG_ENDPOINT)", "	    0)"),
    (LOCKDOWN, "	    (scope == DRIVE_LOCKDOWN_PCIE &&\n", "	    (0 &&\n"),
    (LOCKDOWN, "	if (!is_prohibitable(scope, id) ||", "	if ("),
    ("nvme_mi/feature_metadata.c",
     "	if (c.action > NVME_METADATA_ADD_MULTIPLE ||", "	if ("),
    ("nvme_mi/feature_metadata.c",
     "	    c.action == (c.enhanced ?", "	    0 == (c.enhanced ?"),
    ("nvme_mi/persistent_event.c", "		if (d->event_context.active)",
     "		if (0)"),
    ("drive/firmware.c", "n < to->ranges && to->range[n].start < offset + len",
     "0"),
    ("drive/firmware.c", "	return f->ranges == 1 && !f->range[0].start &&",
     "	return f->ranges == 1 &&"),
    ("drive/sanitize.c", "d->firmware.next ||", "0 ||"),
    ("drive/sanitize.c", "	if (!may_follow_failure(d, s))", "	if (0)"),
]


class Build:
    """Objects of the core and the responder, compiled once."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.objects = {}
        sources = [p for d in ("base", "drive", "mctp", "nvme_mi")
                   for p in sorted((ROOT / "core" / d).glob("*.c"))]
        for source in sources + [ROOT / "tests/oracle/responder.c"]:
            self.objects[source] = self.compile(source, source)

    def compile(self, source, original):
        out = self.folder / (str(len(list(self.folder.iterdir()))) + ".o")
        subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-w",
                        "-I", ROOT, "-I", ROOT / "core", "-I",
                        harness.BUILD / "core", "-c", source,
                        "-iquote", original.parent, "-o", out], check=True)
        return out

    def mutant(self, source, text):
        """Link the responder with another text of one source."""
        changed = self.folder / "mutant.c"
        changed.write_text(text)
        objects = dict(self.objects)
        objects[source] = self.compile(changed, source)
        program = self.folder / "responder"
        subprocess.run(["cc", *objects.values(), "-o", program], check=True)
        return str(program)


def differs(program, pairs):
    """Return the first case that the program answers wrongly, or None."""
    test_oracle.RESPONDER = program
    try:
        answers = test_oracle.run(pairs)
    except (AssertionError, subprocess.CalledProcessError):
        return "a state cannot be reached"
    for (state, case), answer in zip(pairs, answers):
        if not any(o.matches(answer, case.length) for o in case.allowed):
            return f"{case.name} [{state}]: {answer}"
    return None


def main(numbers):
    pairs = list(test_oracle.state_cases())
    caught, tried = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        build = Build(folder)
        for number, (name, old, new) in enumerate(MUTATIONS, 1):
            if numbers and number not in numbers:
                continue
            source = ROOT / "core" / name
            text = source.read_text()
            assert text.count(old) == 1, \
                f"{name} has {text.count(old)} times: {old.strip()}"
            found = differs(build.mutant(source, text.replace(old, new)),
                            pairs)
            tried += 1
            caught += bool(found)
            print(f"{number}: {'caught' if found else 'SURVIVED'}: {name}: "
                  f"{' '.join(old.split())}"
                  + (f"\n    {found}" if found else ""), flush=True)
    print(f"{caught} of {tried} mutants are caught")
    return 0 if numbers or caught >= CAUGHT_MIN else 1


if __name__ == "__main__":
    sys.exit(main([int(n) for n in sys.argv[1:]]))
