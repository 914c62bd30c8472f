# SPDX-License-Identifier: Apache-2.0
"""The oracle: what NVMe and NVMe-MI require as the answer to a request.

The tables are written from the specifications, not from the responder. Each
function returns the outcomes that the specifications allow; each outcome names
its rule of rules.py. Where several errors apply, a specification leaves the
choice to the responder (base 4.2.3, MI 4.1.2), but an error of the message
precedes any error of its command, because the command is not well formed.
"""
import dataclasses

from message import ALL
from rules import RULES

SUCCESS = 0
INVALID_OPCODE, INVALID_FIELD, INVALID_NAMESPACE = 0x01, 0x02, 0x0b
SEQUENCE_ERROR, SANITIZE_FAILED, SANITIZE_IN_PROGRESS = 0x0c, 0x1c, 0x1d
FORMAT_IN_PROGRESS = 0x84
INVALID_SLOT, INVALID_IMAGE, INVALID_LOG_PAGE = 0x106, 0x107, 0x109
INVALID_FORMAT, NOT_SAVEABLE, NOT_CHANGEABLE = 0x10a, 0x10d, 0x10e
NOT_NAMESPACE_SPECIFIC, NEEDS_RESET, OVERLAPPING = 0x10f, 0x111, 0x114
INSUFFICIENT_CAPACITY, ALREADY_ATTACHED = 0x115, 0x118
IS_PRIVATE, NOT_ATTACHED, THIN_PROVISIONING = 0x119, 0x11a, 0x11b
LIST_INVALID, SELF_TEST_IN_PROGRESS = 0x11c, 0x11d
INVALID_ANA_GROUP, COMMAND_SET_NOT_SUPPORTED = 0x124, 0x129
PROHIBITION_NOT_SUPPORTED = 0x128
INVALID_COMMAND_SET = 0x12c

# Base 4.2.3: only time can make these commands succeed later.
RETRY = {SANITIZE_IN_PROGRESS, FORMAT_IN_PROGRESS, SELF_TEST_IN_PROGRESS}


@dataclasses.dataclass(frozen=True)
class Outcome:
    rule: str
    status: int = 0          # of the message
    byte: int = 0            # of status 4
    bit: int = 0
    code: int = SUCCESS      # of the completion
    # of a success: "zeros" or "content" for known data; "slow" for a command
    # that may announce More Processing Required
    data: str = "any"

    def __post_init__(self):
        assert self.rule == "" or self.rule in RULES, self.rule

    def matches(self, a, length):
        if a is not None and a.status == 1 and self.data == "slow":
            return True
        if a is None or a.status != self.status:
            return False
        if self.status == 4:
            return (a.byte, a.bit) == (self.byte, self.bit)
        if self.status:
            return True
        if self.code:
            return (a.code == self.code and a.more and not a.data
                    and a.dnr == (self.code not in RETRY))
        return (not a.code and not a.more and not a.dnr
                and (length is None or len(a.data) == length)
                and self.has_data(a.data))

    def has_data(self, data):
        return self.data in ("any", "slow") or (
            self.data == "zeros") != any(data)

    def __str__(self):
        if self.status == 4:
            return f"MI 04h at {self.byte}.{self.bit} ({self.rule})"
        if self.status:
            return f"MI {self.status:02X}h ({self.rule})"
        return (f"{self.code:03X}h ({self.rule})" if self.code
                else f"success, {self.data}")


def location(rule, byte, bit=0):
    return Outcome(rule, status=4, byte=byte, bit=bit)


def refusal(rule, status):
    return Outcome(rule, status=status)


def failure(rule, code):
    return Outcome(rule, code=code)


def success(data="any"):
    return Outcome("", data=data)


# --- NSID: base 3.2.1 ---

# The drive of the test. NSIDs up to NN are valid.
NN = 256
CONTROLLERS = (0, 1)
ATTACHED = {1: {0}, 2: set(), 3: {1}}
NSIDS = (0, 1, 2, 3, 9, NN, NN + 1, 0x7fffffff, ALL - 2, ALL - 1, ALL)
NSID_CLASSES = ("zero", "active", "inactive", "unallocated", "above NN",
                "FFFFFFFEh", "broadcast")


def nsid_class(controller, nsid):
    if nsid == 0:
        return "zero"
    if nsid == ALL:
        return "broadcast"
    if nsid == ALL - 1:
        return "FFFFFFFEh"
    if nsid > NN:
        return "above NN"
    if nsid not in ATTACHED:
        return "unallocated"
    return "active" if controller in ATTACHED[nsid] else "inactive"


INVALID = failure("nsid-invalid", INVALID_NAMESPACE)
INACTIVE = failure("nsid-inactive", INVALID_FIELD)
OK = success()
ZEROS, CONTENT, SLOW = success("zeros"), success("content"), success("slow")


def table(zero, active, inactive, unallocated, above, broadcast, last=None):
    """Outcomes by class of NSID, in the order of NSID_CLASSES. last: of
    FFFFFFFEh, by default that of an NSID above NN."""
    return dict(zip(NSID_CLASSES, (zero, active, inactive, unallocated, above,
                                   last or above, broadcast)))


UNUSED = table(OK, OK, OK, OK, OK, OK)
NSID_LIST = table(OK, OK, OK, OK, OK,
                  failure("nsid-list", INVALID_NAMESPACE),
                  failure("nsid-list", INVALID_NAMESPACE))
ZERO_FILLED = table(INVALID, CONTENT, ZEROS, ZEROS, INVALID, CONTENT)
LOG_SCOPE = failure("nsid-log-page", INVALID_FIELD)
LOG_NSID = table(OK, LOG_SCOPE, LOG_SCOPE, LOG_SCOPE, LOG_SCOPE, OK)
FORMAT_OTHER = failure("nsid-format", INVALID_FIELD)
SPECIFIC = failure("nsid-set-features", NOT_NAMESPACE_SPECIFIC)

NSID = {
    "namespace-delete": table(INVALID, OK, OK, INACTIVE, INVALID, OK),
    "namespace-create": UNUSED,
    "namespace-attachment": table(
        INVALID, OK, OK, INACTIVE, INVALID,
        failure("nsid-attachment", INVALID_FIELD)),
    "format-nvm": table(FORMAT_OTHER, SLOW, SLOW, FORMAT_OTHER, FORMAT_OTHER,
                        SLOW),
    "device-self-test": table(OK, OK, INACTIVE, INACTIVE, INVALID, OK),
    "get-features": table(OK, OK, OK, OK, INVALID, OK),
    "set-features": table(OK, SPECIFIC, SPECIFIC, SPECIFIC, INVALID, OK),
}

# --- Identify: base 5.2.13.1, figure 326 ---

IDENTIFY = {
    0x00: ZERO_FILLED,
    0x01: UNUSED,
    0x02: NSID_LIST,
    0x03: table(INVALID, CONTENT, INACTIVE, INACTIVE, INVALID,
                failure("nsid-identifier-list", INVALID_NAMESPACE)),
    # NVM command set: no protection information, so the page is zeros
    0x05: table(INVALID, OK, ZEROS, ZEROS, INVALID, OK),
    0x06: UNUSED,
    0x07: NSID_LIST,
    0x08: ZERO_FILLED,
    0x10: NSID_LIST,
    0x11: table(INVALID, CONTENT, CONTENT, ZEROS, INVALID,
                failure("nsid-allocated-only", INVALID_NAMESPACE)),
    0x12: table(INVALID, OK, OK, INACTIVE, INVALID,
                failure("nsid-attached-list", INVALID_FIELD)),
    0x13: UNUSED, 0x14: UNUSED, 0x15: UNUSED, 0x16: UNUSED, 0x1c: UNUSED,
}
IDENTIFY_CSI = {0x05, 0x06, 0x07}
IDENTIFY_CNTID = {0x14, 0x1c}


def identify(controller, nsid, cns, cntid=0, csi=0):
    """Errors of Identify, or its success."""
    if cns not in IDENTIFY:
        return [failure("identify-cns", INVALID_FIELD)]
    outcomes = [IDENTIFY[cns][nsid_class(controller, nsid)]]
    if csi and cns in IDENTIFY_CSI:
        outcomes.append(failure("identify-csi", INVALID_FIELD))
    if csi and cns == 0x16:
        outcomes.append(failure("identify-granularity-csi",
                                INVALID_COMMAND_SET))
    if cns in IDENTIFY_CNTID and cntid not in CONTROLLERS and not (
            cns == 0x1c and cntid == 0xffff):
        outcomes.append(failure("identify-cntid", INVALID_FIELD))
    return outcomes


# --- Get Log Page: base 5.2.12, figure 206 ---

# Size of each supported page, bytes.
OCP_SIZE = {0xc0: 512, 0xc2: 4096, 0xc3: 512, 0xc5: 4096}  # OCP 2.0, 4.8
LOG_SIZE = {0x00: 1024, 0x01: 16 * 64, 0x02: 512, 0x03: 512, 0x04: 4096,
            0x05: 4096, 0x06: 564, 0x0c: 16 + 32 + 4 * NN, 0x0d: 4096,
            0x12: 1024, 0x13: 4096, 0x14: 512, 0x80: 64, 0x81: 512} | OCP_SIZE
# Pages of blocks, without an end: the data behind the last block is undefined.
LOG_BLOCKS = {0x07: 512, 0x08: 512}
LOG_CSI = {0x00, 0x05, 0x12}
# Base 5.1.1, figure 143.
LOG_WHILE_SANITIZING = {0x01, 0x02, 0x04, 0x0c, 0x80, 0x81, 0x15, 0x25}


def log_offset_errors(lid, offset, size, lsp):
    if lid == 0x0d and lsp & 3 > 1:
        return []  # the action ignores offset and length
    if lid in LOG_BLOCKS:
        block = LOG_BLOCKS[lid]
        if offset % block or size % block:
            return [failure("log-telemetry", INVALID_FIELD)]
        if offset > block << 16:  # a block number has 16 bits
            return [failure("log-offset", INVALID_FIELD)]
    elif offset % 4 or offset > LOG_SIZE.get(lid, offset):
        return [failure("log-offset", INVALID_FIELD)]
    return []


def log_specific_errors(lid, lsp, state):
    """Errors of the Log Specific Parameter, dword 10 bits 14:8."""
    action, context = lsp & 3, state == "event context"
    if lid == 0x0d and action in (0, 1) and context == (action == 1):
        return [failure("log-persistent", SEQUENCE_ERROR)]
    if lid == 0x14 and (lsp & 15 not in LOCKDOWN_SCOPES or lsp >> 4 & 3 == 3):
        return [failure("lockdown-log", INVALID_FIELD)]
    return []


def get_log_page(controller, nsid, lid, offset=0, index=False, csi=0,
                 state="idle", size=64, lsp=0):
    outcomes = []
    if lid not in LOG_SIZE and lid not in LOG_BLOCKS:
        outcomes.append(failure("log-lid", INVALID_LOG_PAGE))
    scope = LOG_NSID[nsid_class(controller, nsid)]
    outcomes.append(scope)
    if index:
        outcomes.append(failure("log-offset-type", INVALID_FIELD))
    else:
        outcomes += log_offset_errors(lid, offset, size, lsp)
    outcomes += log_specific_errors(lid, lsp, state)
    if csi and lid in LOG_CSI:
        outcomes.append(failure("log-csi", INVALID_FIELD))
    if lid not in LOG_WHILE_SANITIZING:
        outcomes += sanitize_refusal(state)
    return outcomes


# --- Admin opcodes: MI figure 114 ---

PROHIBITED = {0x00, 0x01, 0x04, 0x05, 0x08, 0x0c, 0x18, 0x19, 0x1a, 0x1d, 0x1e,
              0x7c, 0x7f}
SUPPORTED = {0x02: "get-log-page", 0x06: "identify", 0x09: "set-features",
             0x0a: "get-features", 0x0d: "namespace-management",
             0x10: "firmware-commit", 0x11: "firmware-download",
             0x14: "device-self-test", 0x15: "namespace-attachment",
             0x24: "lockdown", 0x80: "format-nvm", 0x81: "security-send",
             0x82: "security-receive", 0x84: "sanitize"}
LISTED = {0x1c, 0x20, 0x86} | set(range(0xc0, 0x100))
# Base 5.1.1, figure 143. The figure also lists vendor specific commands that
# do not affect user data; the drive has none.
WHILE_SANITIZING = {0x02, 0x06, 0x09, 0x0a, 0x84}


def admin_opcode(opcode):
    """The error that the opcode alone causes. None: the command is
    supported."""
    if opcode in PROHIBITED:
        return location("admin-prohibited", 4)
    if opcode in SUPPORTED:
        return None
    if opcode in LISTED:
        return failure("admin-unsupported", INVALID_OPCODE)
    return refusal("admin-unlisted", 3)


def sanitize_refusal(state):
    if state == "sanitizing":
        return [failure("sanitize-running", SANITIZE_IN_PROGRESS)]
    if state in ("restricted failure", "unrestricted failure"):
        return [failure("sanitize-failed", SANITIZE_FAILED)]
    return []


def controller_errors(controller):
    if controller in CONTROLLERS:
        return []
    return [location("admin-controller", 6)]


def data_errors(kind, size, dofst, dlen, given):
    """Errors of DOFST, DLEN and request data. size: bytes that a command of
    kind "read" returns or of kind "write" takes; None: any number."""
    out = []
    if dofst % 4 or (kind != "read" and dofst) or (
            kind == "read" and dofst and dofst >= size):
        out.append(location("admin-dofst", 28))
    if dlen % 4 or dlen > 4096 or (kind == "none" and dlen) or (
            kind == "read" and dofst + dlen > size) or (
            kind == "write" and size is not None and dlen != size):
        out.append(location("admin-dlen", 32))
    if given != (dlen if kind == "write" else 0):
        out.append(refusal("input-data", 6))
    return out


# --- features: base 5.2.26, MI figure 125 ---

# Identifier: bytes of data, saveable, changeable, bits of dword 11 that a host
# may set.
FEATURES = {
    0x02: (0, False, True, 0xff),
    0x04: (0, False, True, 0x3fffff),
    0x0e: (8, False, True, 0),
    0x10: (0, True, True, ALL),
    0x11: (0, True, True, 1),
    0x7d: (4096, False, True, 3 << 13),
    0x7e: (4096, False, True, 3 << 13),
    0x80: (0, True, True, 0xff),
    0x81: (8, False, True, 1),
}
NPSS = 2  # the highest power state
FEATURES_PROHIBITED = {0x01, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
                       0x0d, 0x0f, 0x12, 0x13, 0x14, 0x15, 0x16, 0x18}


def unsupported_feature(fid):
    return [failure("feature-prohibited" if fid in FEATURES_PROHIBITED
                    else "feature-id", INVALID_FIELD)]


def feature_size(fid, dword11):
    if fid == 0x81:
        return 16 if dword11 & 1 else 8
    return FEATURES.get(fid, (0,))[0]


def get_features(controller, nsid, fid, select=0):
    if fid not in FEATURES:
        return unsupported_feature(fid)
    out = [NSID["get-features"][nsid_class(controller, nsid)]]
    if select > 3:
        out.append(failure("feature-select", INVALID_FIELD))
    return out


def set_features(controller, nsid, fid, save=False, dword11=0):
    if fid not in FEATURES:
        return unsupported_feature(fid)
    _, saveable, changeable, bits = FEATURES[fid]
    out = [NSID["set-features"][nsid_class(controller, nsid)]]
    if save and not saveable:
        out.append(failure("feature-save", NOT_SAVEABLE))
    if not changeable:
        out.append(failure("feature-value", NOT_CHANGEABLE))
    if dword11 & ~bits or (fid == 0x04 and not is_threshold(dword11)) or \
            (fid == 0x02 and dword11 & 0x1f > NPSS) or \
            (fid == 0x10 and not is_thermal(dword11)):
        out.append(failure("feature-value", INVALID_FIELD))
    if fid in METADATA_ACTIONS and \
            dword11 >> 13 & 3 not in METADATA_ACTIONS[fid]:
        out.append(failure("metadata-action", INVALID_FIELD))
    return out


# Base 5.2.26.1.30, figure 460: Element Action. Only the enhanced feature may
# have several elements of a type.
METADATA_ACTIONS = {0x7d: (1, 2), 0x7e: (0, 1)}
THERMAL = range(273, 374)  # MNTMT to MXTMT, kelvin


def is_thermal(dword11):
    """Whether TMT1 and TMT2 are 0 or in range, and TMT1 is below TMT2."""
    light, heavy = dword11 >> 16, dword11 & 0xffff
    return (all(t in THERMAL for t in (light, heavy) if t) and
            (not light or not heavy or light < heavy))


# --- Lockdown: base 5.2.15, 8.1.5 ---

# Scopes, and what the drive lets a host prohibit.
LOCKDOWN_SCOPES = {
    0: set(SUPPORTED) - {0x02, 0x06, 0x24},
    2: set(FEATURES),
    3: set(range(0x01, 0x08)) | {0x0a, 0x0b, 0x0c},
    4: {0x00, 0x01},
}


def lockdown(scope, interface, identifier):
    """Errors of Lockdown. interface: 0 Admin queue, 1 both, 2 endpoint."""
    out = []
    if scope not in LOCKDOWN_SCOPES or interface == 3:
        return [failure("lockdown-fields", INVALID_FIELD)]
    if scope == 4 and interface < 2:
        out.append(failure("lockdown-pcie", INVALID_FIELD))
    elif scope == 3 and interface < 2:
        out += [failure("lockdown-unsupported", PROHIBITION_NOT_SUPPORTED),
                failure("lockdown-unsupported", INVALID_FIELD)]
    if identifier not in LOCKDOWN_SCOPES[scope] and not (
            scope == 4 and interface < 2):
        out.append(failure("lockdown-unsupported", PROHIBITION_NOT_SUPPORTED))
    return out


def is_threshold(dword11):
    """Whether a threshold of feature 04h exists: the drive has the composite
    temperature only."""
    return dword11 >> 16 & 15 in (0, 15) and dword11 >> 20 & 3 < 2


def allowed(errors):
    """Reduce outcomes to the allowed ones: any error of the message, else any
    error of the command, else the success that says most."""
    message = [o for o in errors if o.status]
    if message:
        return message
    command = [o for o in errors if o.code]
    if command:
        return command
    return [o for o in errors if o.data != "any"][:1] or [OK]
