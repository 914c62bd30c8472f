# SPDX-License-Identifier: Apache-2.0
"""The rules of the oracle: identifier, clause, version and text of each.

docs/nvme-mi.md has a row for each rule, with the vector that shows the rule.
"MI" is NVMe-MI; its clauses and rules are known by quotation. "base" is the
NVMe base specification; the clause is that of 2.3, and the version is the first
one, from 2.0 on, whose text has the rule.
"""

RULES = {}


def rule(name, clause, version, text):
    assert name not in RULES, name
    RULES[name] = (clause, version, text)


# --- the message ---
rule("header-reserved", "MI 3.1, 4.1.2", "1.2",
     "a reserved bit of the message header is set: Invalid Parameter, PEL at "
     "that bit")
rule("header-ciap", "MI 3.1, 5.7.2", "1.2",
     "CIAP is set, but Port Information clears CIAPS: Invalid Parameter, PEL "
     "at CIAP")
rule("header-meb", "MI 4.1.1, 5.7.6", "1.2",
     "MEB is set for a command that the buffer list omits: Invalid Parameter, "
     "PEL at MEB")
rule("size", "MI 4.1.2", "1.2",
     "the request is shorter than the command: Invalid Command Size")
rule("input-data", "MI 6.2, 4.1.2", "1.2",
     "the request data has another length than the command announces: Invalid "
     "Command Input Data Size")
rule("mi-opcode", "MI 4.1.2", "1.2",
     "an opcode of an MI or PCIe command that is reserved or not implemented: "
     "Invalid Command Opcode")
rule("mi-reserved", "MI 4.1.2", "1.2",
     "a reserved or unimplemented value in a defined field: Invalid Parameter, "
     "PEL at the field")

# --- Admin commands in a message ---
rule("admin-prohibited", "MI 6.2, figure 114", "1.2",
     "a prohibited Admin opcode: Invalid Parameter, PEL at the opcode")
rule("admin-unlisted", "MI 6.2, figure 114", "1.2",
     "an Admin opcode that the figure does not list: message status Invalid "
     "Command Opcode")
rule("admin-unsupported", "MI 6.2; base 4.2.3.1", "1.2; 2.0",
     "a listed Admin opcode that is not supported: message status Success, "
     "completion Invalid Command Opcode")
rule("admin-controller", "MI 6.2", "1.2",
     "a controller that does not exist: Invalid Parameter, PEL at CTLID")
rule("admin-dofst", "MI 6, figure 116", "1.2",
     "DOFST is no multiple of 4, is not below the size of the data, or is not "
     "0 for a command that returns no data: Invalid Parameter, PEL at DOFST")
rule("admin-dlen", "MI 6, figure 116", "1.2",
     "DLEN is no multiple of 4, is above 4096, reaches beyond the data, or "
     "differs from the data of the command: Invalid Parameter, PEL at DLEN")
rule("admin-flags", "MI 6, figure 116", "1.2",
     "command flags: DLENV and DOFSTV are ignored")
rule("status-more", "base 4.2.3, 5.2.12.1.2", "2.0",
     "a completion with an error sets M: log page 01h has its entry")
rule("status-dnr", "base 4.2.3", "2.0",
     "a completion sets DNR, unless the passage of time can make the command "
     "succeed: Sanitize, Format and Device Self-test In Progress")

# --- NSID ---
rule("nsid-invalid", "base 3.2.1.2, 3.2.1.5", "2.0",
     "NSID 0 or above NN in a command that uses it: Invalid Namespace or "
     "Format")
rule("nsid-inactive", "base 3.2.1.4, 3.2.1.5", "2.0",
     "an inactive NSID in a command that uses it: Invalid Field")
rule("nsid-unused", "base 5, figure 142", "2.0",
     "a command that does not use the NSID ignores it")
rule("nsid-list", "base 5.2.13.2.2, .7, .9", "2.0",
     "Identify 02h, 07h, 10h: NSIDs above the given one; FFFFFFFEh and "
     "FFFFFFFFh: Invalid Namespace or Format")
rule("nsid-zero-filled", "base 5.2.13.2.5, .8, .10", "2.0",
     "Identify 00h, 05h, 08h with an inactive NSID and 11h with an unallocated "
     "one: zeros")
rule("nsid-common", "base 5.2.13.2.5, .8", "2.0",
     "Identify 00h, 05h, 08h with FFFFFFFFh: the capabilities that all "
     "namespaces share")
rule("nsid-identifier-list", "base 5.2.13.2.3", "2.0",
     "Identify 03h with FFFFFFFEh or FFFFFFFFh: Invalid Namespace or Format")
rule("nsid-allocated-only", "base 5.2.13.2.10", "2.0",
     "Identify 11h with FFFFFFFFh: Invalid Namespace or Format")
rule("nsid-attached-list", "base 5.2.13.2.11", "2.0",
     "Identify 12h with FFFFFFFFh: Invalid Field")
rule("nsid-attachment", "base 5.2.20, figure 142", "2.0",
     "Namespace Attachment takes an allocated NSID; FFFFFFFFh: Invalid Field")
rule("nsid-delete", "base 5.2.21", "2.0",
     "Namespace Management, delete: FFFFFFFFh deletes all namespaces")
rule("nsid-format", "base 5.2.10, figure 192", "2.0",
     "Format NVM takes an allocated NSID or FFFFFFFFh; any other: Invalid "
     "Field")
rule("nsid-self-test", "base 5.2.5, figure 174", "2.0",
     "Device Self-test: 0 is the controller alone, FFFFFFFFh all attached "
     "namespaces")
rule("nsid-log-page", "base 5.2.12.1", "2.0",
     "a log page of controller or subsystem scope with an NSID other than 0 "
     "and FFFFFFFFh: Invalid Field")
rule("nsid-get-features", "base 4.4", "2.0",
     "Get Features of controller scope returns the value for any valid NSID")
rule("nsid-set-features", "base 4.4", "2.0",
     "Set Features of controller scope with a valid NSID: Feature Not "
     "Namespace Specific")

# --- Identify ---
rule("identify-cns", "base 5.2.13.1", "2.0",
     "a CNS that is not supported: Invalid Field; 04h, 17h and 18h follow "
     "CTRATT")
rule("identify-csi", "base 5.2.13.2.5 to .7", "2.0",
     "Identify 05h, 06h, 07h with a command set that is not supported: Invalid "
     "Field")
rule("identify-granularity-csi", "base 5.2.13.2.13", "2.0",
     "Identify 16h with another command set: Invalid I/O Command Set")
rule("identify-cntid", "base 5.2.13.2.19, 5.2.13.3.1", "2.0",
     "Identify 14h and 1Ch of a controller that does not exist: Invalid Field")

# --- Get Log Page ---
rule("log-lid", "base 5.2.12", "2.0",
     "a log page that is not supported: Invalid Log Page")
rule("log-offset", "base 5.2.12, figure 203", "2.0",
     "an offset above the size of the page, or one that is no multiple of 4: "
     "Invalid Field; an offset equal to the size is none")
rule("log-offset-type", "base 5.2.12", "2.0",
     "OT is set, but log page 00h clears IOS of the page: Invalid Field")
rule("log-csi", "base 5.2.12, figure 206", "2.0",
     "log pages 00h, 05h, 12h with a command set that is not supported: Invalid "
     "Field; other pages ignore CSI")
rule("log-uuid", "base 5.2.12, 8.1.30", "2.0",
     "without a UUID list, dword 14 has no UUID index: the bits are ignored")
rule("log-persistent", "base 5.2.12.1.14", "2.0",
     "log page 0Dh: read without a context and establish with one: Command "
     "Sequence Error; release never fails")

# --- features ---
rule("log-telemetry", "base 5.2.12.1.8, .9", "2.0",
     "log pages 07h, 08h: offset or length is no multiple of 512 bytes: "
     "Invalid Field")
rule("lockdown-log", "base 5.2.12.1.20, figure 270", "2.0",
     "log page 14h with a reserved Scope or Contents: Invalid Field")
rule("lockdown-fields", "base 5.2.15, figure 353", "2.0",
     "Lockdown with a reserved Scope or Interface: Invalid Field")
rule("lockdown-pcie", "base 5.2.15", "2.3",
     "Lockdown of a PCIe command on the Admin Submission Queue: Invalid Field")
rule("lockdown-unsupported", "base 5.2.15", "2.0",
     "Lockdown of what log page 14h does not list, or what one of the "
     "interfaces does not have: Prohibition of Command Execution Not Supported")
rule("metadata-action", "base 5.2.26.1.30, figure 460", "2.0",
     "host metadata with a reserved Element Action, or one that the feature "
     "does not have: Invalid Field")
rule("feature-id", "base 4.4", "2.0",
     "a feature that is not supported: Invalid Field")
rule("feature-prohibited", "MI 6.5, figure 125", "1.2",
     "a feature that the figure prohibits to a Management Endpoint counts as "
     "not supported")
rule("feature-select", "base 5.2.11", "2.0",
     "a reserved Select: Invalid Field; saved means default where a feature "
     "cannot be saved")
rule("feature-save", "base 5.2.26", "2.0",
     "Save for a feature that cannot be saved: Feature Identifier Not Saveable")
rule("feature-value", "base 5.2.26.1", "2.0",
     "a value that the feature does not support: Invalid Field")

# --- namespaces ---
rule("select-reserved", "base 5.2.20, 5.2.21", "2.0",
     "a reserved Select of Namespace Management or Attachment: Invalid Field")
rule("create-csi", "base 5.2.21.1", "2.0",
     "create with another command set: I/O Command Set Not Supported")
rule("create-size", "NVM 4.1.6; base 4.2.3.1", "1.0; 2.0",
     "create with NSZE 0, or NCAP above NSZE: Invalid Field; NCAP below NSZE: "
     "Thin Provisioning Not Supported")
rule("create-capacity", "base 5.2.21.1", "2.0",
     "create above the unallocated capacity: Namespace Insufficient Capacity")
rule("create-format", "base 5.2.21.1", "2.0",
     "create with an unsupported format or protection: Invalid Format; the "
     "upper format bits count only with LBAFEE")
rule("create-anagrpid", "base 5.2.21.1", "2.0",
     "create with an ANAGRPID, which ANACAP does not allow: ANA Group "
     "Identifier Invalid")
rule("create-sets", "base 8.1.16", "2.0",
     "create with an NVM set or endurance group, of which there are none: "
     "Invalid Field")
rule("create-nmic", "base 4.2.3.1", "2.0",
     "create with a reserved bit of NMIC: Invalid Field")
rule("attach-list", "base 4.6.1, 5.2.20.1", "2.0",
     "a controller list that is empty, not ascending, or has a controller that "
     "does not exist: Controller List Invalid")
rule("attach-state", "base 5.2.20.1", "2.0",
     "attach again: Namespace Already Attached; a private namespace to a "
     "second controller: Namespace Is Private; detach what is not attached: "
     "Namespace Not Attached")
rule("format-fields", "base 5.2.10", "2.0",
     "Format NVM with a reserved SES: Invalid Field; an unsupported format: "
     "Invalid Format; LBAFU is ignored without LBAFEE")

# --- background operations ---
rule("self-test-code", "base 5.2.5", "2.0",
     "a reserved or unsupported Self-test Code: Invalid Field")
rule("self-test-running", "base 5.2.5, figure 177", "2.0",
     "a second self-test: Device Self-test In Progress; abort always succeeds")
rule("sanitize-action", "base 8.1.26.1", "2.0",
     "a reserved or unsupported SANACT: Invalid Field")
rule("sanitize-verification", "base 5.2.22", "2.1",
     "EMVS, if SANICAP clears VERS: Invalid Field; ignored for an action that "
     "starts nothing")
rule("sanitize-running", "base 5.1.1, 8.1.26.5", "2.0",
     "during sanitize: commands and log pages that figure 143 does not list: "
     "Sanitize In Progress")
rule("sanitize-failed", "base 4.2.3.1, 8.1.26.5", "2.0",
     "after a failure: commands and log pages that figure 143 does not list: "
     "Sanitize Failed (2.3 prints Sanitize In Progress)")
rule("sanitize-recovery", "base 8.1.26.4.3, .5", "2.0",
     "after a restricted failure, only a restricted sanitize: others are "
     "Sanitize Failed; after an unrestricted one any sanitize or Exit Failure "
     "Mode")
rule("sanitize-firmware", "base 8.1.26.1, 3.11", "2.0",
     "a firmware activation is pending: Firmware Activation Requires Controller "
     "Level Reset")
rule("format-running", "base 5.1.1", "2.0",
     "while a namespace is formatted: self-test, attachment, format and "
     "deletion of it: Format In Progress")

# --- firmware and security ---
rule("firmware-piece", "base 5.2.9", "2.0",
     "pieces in any order; a range that overlaps an earlier one: Overlapping "
     "Range; the first piece again starts a new image")
rule("firmware-length", "base 5.2.9", "2.0",
     "NUMD differs from the data: Invalid Field")
rule("firmware-image", "base 3.11, 5.2.8.1", "2.0",
     "an image with a gap, no image, or an empty slot: Invalid Firmware Image")
rule("firmware-slot", "base 5.2.8.1", "2.0",
     "a slot that does not exist or is read only: Invalid Firmware Slot")
rule("firmware-action", "base 5.2.8", "2.0",
     "a reserved or unsupported Commit Action: Invalid Field")
rule("security-protocol", "base 5.2.24, 5.2.25; SPC-5 7.7", "2.0",
     "a security protocol that is not supported: Invalid Field")

# --- MI and PCIe commands ---
rule("structure-type", "MI 5.7", "1.2",
     "a reserved data structure type, a port or controller that does not "
     "exist: Invalid Parameter, PEL at the field")
rule("configuration-id", "MI 5.1, 5.2", "1.2",
     "a reserved configuration identifier: Invalid Parameter, PEL at byte 8")
rule("health-entries", "MI 5.3", "1.2",
     "Controller Health Status Poll for 256 entries: Invalid Parameter, PEL at "
     "MAXRENT")
rule("memory-range", "MI 5.4, 5.5, 5.12, 5.13", "1.2",
     "VPD and buffer: an offset at or behind the end: PEL at DOFST; a length "
     "behind the end: PEL at DLEN")
rule("pcie-controller", "MI 7", "1.2",
     "PCIe: a controller that does not exist: Invalid Parameter, PEL at CTLID")
rule("pcie-range", "MI 7.1, 7.2", "1.2",
     "PCIe: OFFSET + LENGTH behind the configuration space: Invalid Parameter, "
     "PEL at OFFSET")
rule("pcie-reserved", "MI 7, figures 127 to 132", "1.2",
     "PCIe: a reserved bit is set: Invalid Parameter, PEL at that bit")
