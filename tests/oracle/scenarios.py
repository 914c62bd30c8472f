# SPDX-License-Identifier: Apache-2.0
"""Cases of commands that change the drive, and cases that depend on the state
of the drive. Each case runs on a copy of its state, so cases do not affect each
other."""
import itertools

import message
import oracle
from cases import (Case, Command, controller_list, create_data, expand,
                   get_feature, log_command, make, set_feature)
from message import ALL
from oracle import NSID, NSIDS, allowed, failure, nsid_class

BLOCKS = 16_000_000_000_000 // 512  # of the whole drive


def admin_case(name, group, classes, errors, opcode, **fields):
    return Case(name, group, classes, message.admin(opcode, **fields),
                tuple(allowed(list(errors))), 0)


# --- namespaces ---

def create(classes=(), outcomes=(), csi=0, nsid=0, **fields):
    return Command("Namespace Management, create", "Namespace Management",
                   0x0d, "write", None, nsid=nsid, dwords=(0, csi << 24),
                   data=create_data(**fields), classes=classes,
                   outcomes=outcomes)


def create_commands():
    for nsid in NSIDS:
        yield create((("NSID", nsid_class(0, nsid)),), nsid=nsid)
    for csi in (1, 2, 3, 0x30, 0xff):
        yield create((("CSI", "unsupported"),), (failure(
            "create-csi", oracle.COMMAND_SET_NOT_SUPPORTED),), csi=csi)
    wrong = oracle.INVALID_FIELD
    for size, capacity, code in (
            (0, 0, wrong), (0, 8, wrong), (8, 9, wrong),
            (8000, 4000, oracle.THIN_PROVISIONING)):
        yield create((("size", "invalid"),), (failure("create-size", code),),
                     size=size, capacity=capacity)
    for size, flbas in ((BLOCKS, 0), (BLOCKS // 8, 1), (1 << 63, 0),
                        ((1 << 64) - 1, 1)):
        yield create((("size", "above the capacity"),), (failure(
            "create-capacity", oracle.INSUFFICIENT_CAPACITY),), size=size,
            flbas=flbas)
    for flbas in range(128):
        out = () if flbas & 15 < 2 else (failure(
            "create-format", oracle.INVALID_FORMAT),)
        yield create((("FLBAS", "supported" if not out else "unsupported"),),
                     out, flbas=flbas)
    for dps in range(1, 256):
        yield create((("DPS", "not 0"),), (failure(
            "create-format", oracle.INVALID_FORMAT),), dps=dps)
    for nmic in range(256):
        out = () if nmic < 2 else (failure("create-nmic", wrong),)
        yield create((("NMIC", "reserved" if out else "supported"),), out,
                     nmic=nmic)
    for group in (1, 2, 0xffff, ALL):
        yield create((("ANAGRPID", "not 0"),), (failure(
            "create-anagrpid", oracle.INVALID_ANA_GROUP),), anagrpid=group)
    for sets, groups in ((1, 0), (0, 1), (1, 1), (0xffff, 0), (0, 0xffff)):
        yield create((("NVM set, group", "not 0"),), (failure(
            "create-sets", wrong),), nvmsetid=sets, endgid=groups)


def delete_commands():
    for controller, nsid in itertools.product((0, 1), NSIDS):
        kind = nsid_class(controller, nsid)
        yield Command("Namespace Management, delete", "Namespace Management",
                      0x0d, "none", nsid=nsid, controller=controller,
                      dwords=(1,), classes=(("NSID", kind),),
                      outcomes=(NSID["namespace-delete"][kind],))


def select_commands():
    for opcode, name in ((0x0d, "Namespace Management"),
                         (0x15, "Namespace Attachment")):
        for select in range(2, 16):
            yield Command(name, name, opcode, "write", None, nsid=1,
                          dwords=(select,), data=controller_list(0),
                          classes=(("select", "reserved"),), outcomes=(failure(
                              "select-reserved", oracle.INVALID_FIELD),))


def attach(select, nsid, data, classes=(), outcomes=(), controller=0):
    return Command("Namespace Attachment, " + ("detach" if select else
                                               "attach"),
                   "Namespace Attachment", 0x15, "write", None, nsid=nsid,
                   controller=controller, dwords=(select,), data=data,
                   classes=classes, outcomes=outcomes)


def attach_commands():
    for controller, nsid in itertools.product((0, 1), NSIDS):
        kind = nsid_class(controller, nsid)
        # the list names the controller that makes the command succeed
        for select in (0, 1):
            attached = oracle.ATTACHED.get(nsid, set())
            if kind in ("active", "inactive") and (
                    (not attached) if select else nsid == 3):
                continue
            target = min(attached) if select and attached else \
                1 if nsid == 1 else 0
            yield attach(select, nsid, controller_list(target),
                         (("NSID", kind),),
                         (NSID["namespace-attachment"][kind],), controller)
    invalid = (failure("attach-list", oracle.LIST_INVALID),)
    for data in (controller_list(), controller_list(2), controller_list(0, 2),
                 controller_list(1, 0), controller_list(0, 0),
                 controller_list(0xffff), controller_list(0, count=5)[:8],
                 controller_list(0, 1, count=2048),
                 controller_list(0, 1, count=0xffff)):
        for select in (0, 1):
            yield attach(select, 2, data, (("list", "invalid"),), invalid)
    for nsid, select, ids, code in (
            (1, 0, (0,), oracle.ALREADY_ATTACHED),
            (1, 0, (0, 1), oracle.ALREADY_ATTACHED),
            (3, 0, (1,), oracle.ALREADY_ATTACHED),
            (3, 0, (0,), oracle.IS_PRIVATE),
            (2, 1, (0,), oracle.NOT_ATTACHED),
            (1, 1, (0, 1), oracle.NOT_ATTACHED),
            (3, 1, (0,), oracle.NOT_ATTACHED)):
        yield attach(select, nsid, controller_list(*ids),
                     (("state", "conflict"),), (failure("attach-state",
                                                        code),))


def format_commands():
    for controller, nsid in itertools.product((0, 1), NSIDS):
        kind = nsid_class(controller, nsid)
        yield format_command(nsid, 0, (("NSID", kind),),
                             (NSID["format-nvm"][kind],), controller)
    for value in range(1 << 14):
        index, ses = value & 15, value >> 9 & 7
        out = []
        if ses > 2:
            out.append(failure("format-fields", oracle.INVALID_FIELD))
        if index > 1 or value >> 4 & 0x1f:
            out.append(failure("format-fields", oracle.INVALID_FORMAT))
        # one field at a time, or the upper format bits with any format
        if value & value - 1 == 0 or value >> 12 or value < 16 or \
                value & 0x1ff == 0:
            if value & 0x1f0 and value >> 12 not in (0, 3):
                continue
            yield admin_case(
                "Format NVM", "Format NVM", (
                    ("LBAF", "supported" if index < 2 else "unsupported"),
                    ("LBAFU", "0" if value < 1 << 12 else "ignored"),
                    ("SES", "supported" if ses < 3 else "reserved")), out,
                0x80, nsid=2, dwords=(value,))


def format_command(nsid, dword10, classes=(), outcomes=(), controller=0):
    return Command("Format NVM", "Format NVM", 0x80, "none", nsid=nsid,
                   controller=controller, dwords=(dword10,), classes=classes,
                   outcomes=outcomes)


# --- background operations ---

def self_test(controller, nsid, code, outcomes=(), classes=()):
    return Command("Device Self-test", "Device Self-test", 0x14, "none",
                   nsid=nsid, controller=controller, dwords=(code,),
                   classes=(("code", str(code)),) + classes,
                   outcomes=outcomes)


def self_test_commands(running=False):
    for controller, nsid, code in itertools.product((0, 1), NSIDS, range(16)):
        kind = nsid_class(controller, nsid)
        out = []
        if code not in (1, 2, 15):
            out.append(failure("self-test-code", oracle.INVALID_FIELD))
        if code != 15:
            out.append(NSID["device-self-test"][kind])
            if running and not controller:
                out.append(failure("self-test-running",
                                   oracle.SELF_TEST_IN_PROGRESS))
        yield self_test(controller, nsid, code, tuple(out),
                        (("NSID", kind),))


def sanitize_dwords():
    """Yield (dword 10, action, AUSE, EMVS) for all fields of Sanitize."""
    for dword10 in range(1 << 11):
        if dword10 >> 4 & 15 in (0, 1, 15):
            yield dword10, dword10 & 7, dword10 >> 3 & 1, dword10 >> 10 & 1


def sanitize_commands(state):
    for dword10, action, ause, emvs in sanitize_dwords():
        out = []
        if action not in (1, 2, 3, 4):
            out.append(failure("sanitize-action", oracle.INVALID_FIELD))
        if emvs and action in (2, 3, 4):
            out.append(failure("sanitize-verification", oracle.INVALID_FIELD))
        if state == "sanitizing":
            out.append(failure("sanitize-running",
                               oracle.SANITIZE_IN_PROGRESS))
        if state == "restricted failure" and (
                action == 1 or (ause and action in (2, 3, 4))):
            out.append(failure("sanitize-recovery", oracle.SANITIZE_FAILED))
        if state == "firmware pending":
            out.append(failure("sanitize-firmware", oracle.NEEDS_RESET))
        yield admin_case(f"Sanitize, {state}", "Sanitize", (
            ("action", str(action)), ("AUSE", str(ause)),
            ("EMVS", str(emvs))), out, 0x84, dwords=(dword10,))
    for nsid in NSIDS:
        yield Command(
            "Sanitize", "Sanitize", 0x84, "none", nsid=nsid, dwords=(1,),
            classes=(("NSID", nsid_class(0, nsid)),),
            outcomes=tuple(allowed(sanitize_exit(state))))


def sanitize_exit(state):
    if state == "sanitizing":
        return [failure("sanitize-running", oracle.SANITIZE_IN_PROGRESS)]
    if state == "restricted failure":
        return [failure("sanitize-recovery", oracle.SANITIZE_FAILED)]
    if state == "firmware pending":
        return [failure("sanitize-firmware", oracle.NEEDS_RESET), oracle.OK]
    return []


def sanitize_restrictions(state):
    """Every command and log page while sanitize restricts them."""
    refused = tuple(oracle.sanitize_refusal(state))
    for lid, nsid in itertools.product(sorted(oracle.LOG_SIZE), (0, ALL)):
        yield log_command(0, nsid, lid, state=state, classes=(
            ("state", state),))
    for fid in oracle.FEATURES:
        yield get_feature(0, 0, fid)
        yield set_feature(0, 0, fid)
    for c in (create(), create(csi=1), attach(0, 2, controller_list(0)),
              self_test(0, 0, 1), self_test(0, ALL, 15), firmware_piece(0, 32),
              commit(0, 2), commit(2, 1), security(), security_send(),
              format_command(2, 0)):
        c.outcomes += refused
        c.classes += (("state", state),)
        yield c


def format_restrictions():
    """Commands for namespace 1 while it is formatted, on command slot 1."""
    running = (failure("format-running", oracle.FORMAT_IN_PROGRESS),)
    for c in (format_command(1, 0, outcomes=running),
              format_command(ALL, 0, outcomes=running),
              format_command(2, 0),
              self_test(0, 1, 1, outcomes=running),
              self_test(0, ALL, 2, outcomes=running), self_test(0, 0, 1),
              self_test(1, 3, 1), self_test(0, 0, 15),
              attach(0, 1, controller_list(1), outcomes=running),
              attach(1, 1, controller_list(0), outcomes=running),
              attach(0, 2, controller_list(0)),
              Command("Namespace Management, delete", "Namespace Management",
                      0x0d, "none", nsid=1, dwords=(1,), outcomes=running),
              Command("Namespace Management, delete", "Namespace Management",
                      0x0d, "none", nsid=ALL, dwords=(1,), outcomes=running),
              Command("Namespace Management, delete", "Namespace Management",
                      0x0d, "none", nsid=2, dwords=(1,)), create()):
        c.classes += (("state", "formatting"),)
        yield Case(c.name, c.group, c.classes, message.admin(
            c.opcode, nsid=c.nsid, controller=c.controller, dwords=c.dwords,
            dlen=len(c.data), data=c.data,
            head=message.header(message.ADMIN, slot=1)),
            tuple(allowed(list(c.outcomes))), 0)
    for lid in sorted(oracle.LOG_SIZE):
        c = log_command(0, ALL, lid)
        yield Case(c.name, c.group, (("state", "formatting"),), message.admin(
            0x02, nsid=ALL, dwords=c.dwords, dlen=8,
            head=message.header(message.ADMIN, slot=1)), (oracle.OK,), 8)


# --- firmware and security ---

def firmware_piece(offset, length, outcomes=(), number=None):
    return Command("Firmware Image Download", "Firmware Image Download", 0x11,
                   "write", None, dwords=(
                       (length // 4 - 1 if number is None else number) & ALL,
                       offset // 4), data=bytes(range(length)),
                   outcomes=outcomes, buffer=True)


def firmware_commands():
    """Pieces while bytes 32 to 63 of an image have arrived."""
    for offset, length in itertools.product(range(0, 128, 4), (4, 8, 32, 64)):
        overlaps = offset < 64 and offset + length > 32
        yield admin_case(
            "Firmware Image Download", "Firmware Image Download",
            (("range", "overlaps" if overlaps else "new"),),
            [failure("firmware-piece", oracle.OVERLAPPING)] if overlaps else
            [], 0x11, dlen=length, dwords=(length // 4 - 1, offset // 4),
            data=bytes(length))
    for number in (0, 6, 8, 0x3ff, ALL):
        yield firmware_piece(128, 32, (failure(
            "firmware-length", oracle.INVALID_FIELD),), number)
    for nsid in NSIDS:
        c = firmware_piece(0, 32)
        c.nsid, c.classes = nsid, (("NSID", nsid_class(0, nsid)),)
        yield c


def commit(action, slot, outcomes=(), classes=()):
    return Command("Firmware Commit", "Firmware Commit", 0x10, "none",
                   dwords=(action << 3 | slot,),
                   classes=(("action", str(action)), ("slot", str(slot))
                            ) + classes, outcomes=outcomes)


def commit_commands(image):
    """image: "none", "gap" or "whole". Only slot 1 has an image."""
    for action, slot in itertools.product(range(8), range(8)):
        out = []
        if action in (4, 5, 6, 7):
            out.append(failure("firmware-action", oracle.INVALID_FIELD))
        stores = action < 2 or (action == 3 and image != "none")
        if slot > 3 or (slot == 1 and stores):
            out.append(failure("firmware-slot", oracle.INVALID_SLOT))
        if (stores and image != "whole") or (
                not stores and slot in (2, 3)):
            out.append(failure("firmware-image", oracle.INVALID_IMAGE))
        if action > 5 and not out:
            out.append(failure("firmware-action", oracle.INVALID_FIELD))
        yield commit(action, slot, tuple(out), (("image", image),))
    for nsid in NSIDS:
        c = commit(2, 1)
        c.nsid, c.classes = nsid, c.classes + (
            ("NSID", nsid_class(0, nsid)),)
        yield c


def security(protocol=0, specific=0, length=8, outcomes=(), classes=()):
    return Command("Security Receive", "Security Receive", 0x82, "read",
                   length, dwords=(protocol << 24 | specific << 8, length),
                   classes=classes, outcomes=outcomes)


def security_send(protocol=0):
    return Command("Security Send", "Security Send", 0x81, "write", None,
                   dwords=(protocol << 24, 8), data=bytes(8),
                   outcomes=(failure("security-protocol",
                                     oracle.INVALID_FIELD),))


def security_commands():
    for protocol in range(256):
        out = () if not protocol else (failure("security-protocol",
                                               oracle.INVALID_FIELD),)
        yield security(protocol, outcomes=out, classes=(
            ("protocol", "00h" if not protocol else "unsupported"),))
    for specific in (1, 2, 3, 0x100, 0xffff):
        yield security(0, specific, outcomes=() if specific == 1 else (
            failure("security-protocol", oracle.INVALID_FIELD),), classes=(
            ("specific", "supported" if specific == 1 else "unsupported"),))
    for protocol in (0, 1, 0xea, 0xef):
        yield security_send(protocol)
    for nsid in NSIDS:
        c = security()
        c.nsid, c.classes = nsid, (("NSID", nsid_class(0, nsid)),)
        yield c


def crossed(commands):
    """Cross commands with the fields around them. Of many commands with the
    same classes, only the first is crossed; the others are one case each."""
    seen = set()
    for c in commands:
        if isinstance(c, Command) and (c.name, c.classes) in seen:
            yield make(c)
        elif isinstance(c, Command):
            seen.add((c.name, c.classes))
            yield from expand(c)
        else:
            yield c
