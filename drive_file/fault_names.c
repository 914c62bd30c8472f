/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/fault_names.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "nvme_mi/nvme_wire.h"
#include "posix/parse.h"

const struct fault_name fault_names_types[] = {
	{ "control", NVME_MI_CONTROL_PRIMITIVE },
	{ "mi", NVME_MI_COMMAND },
	{ "admin", NVME_MI_ADMIN_COMMAND },
	{ "pcie", NVME_MI_PCIE_COMMAND },
	{ NULL, 0 },
};

static const struct fault_name primitives[] = {
	{ "pause", NVME_MI_PAUSE },   { "resume", NVME_MI_RESUME },
	{ "abort", NVME_MI_ABORT },   { "get-state", NVME_MI_GET_STATE },
	{ "replay", NVME_MI_REPLAY }, { NULL, 0 },
};

static const struct fault_name mi_commands[] = {
	{ "read-data-structure", NVME_MI_READ_DATA_STRUCTURE },
	{ "subsystem-health", NVME_MI_SUBSYSTEM_HEALTH_STATUS_POLL },
	{ "controller-health", NVME_MI_CONTROLLER_HEALTH_STATUS_POLL },
	{ "configuration-set", NVME_MI_CONFIGURATION_SET },
	{ "configuration-get", NVME_MI_CONFIGURATION_GET },
	{ "vpd-read", NVME_MI_VPD_READ },
	{ "vpd-write", NVME_MI_VPD_WRITE },
	{ "reset", NVME_MI_RESET },
	{ "buffer-read", NVME_MI_BUFFER_READ },
	{ "buffer-write", NVME_MI_BUFFER_WRITE },
	{ "shutdown", NVME_MI_SHUTDOWN },
	{ NULL, 0 },
};

static const struct fault_name admin_commands[] = {
	{ "get-log-page", NVME_ADMIN_GET_LOG_PAGE },
	{ "identify", NVME_ADMIN_IDENTIFY },
	{ "set-features", NVME_ADMIN_SET_FEATURES },
	{ "get-features", NVME_ADMIN_GET_FEATURES },
	{ "namespace-management", NVME_ADMIN_NAMESPACE_MANAGEMENT },
	{ "namespace-attachment", NVME_ADMIN_NAMESPACE_ATTACHMENT },
	{ "firmware-commit", NVME_ADMIN_FIRMWARE_COMMIT },
	{ "firmware-download", NVME_ADMIN_FIRMWARE_IMAGE_DOWNLOAD },
	{ "self-test", NVME_ADMIN_DEVICE_SELF_TEST },
	{ "format", NVME_ADMIN_FORMAT_NVM },
	{ "security-send", NVME_ADMIN_SECURITY_SEND },
	{ "security-receive", NVME_ADMIN_SECURITY_RECEIVE },
	{ "sanitize", NVME_ADMIN_SANITIZE },
	{ NULL, 0 },
};

static const struct fault_name pcie_commands[] = {
	{ "configuration-read", NVME_MI_PCIE_CONFIGURATION_READ },
	{ "configuration-write", NVME_MI_PCIE_CONFIGURATION_WRITE },
	{ "memory-read", NVME_MI_PCIE_MEMORY_READ },
	{ "memory-write", NVME_MI_PCIE_MEMORY_WRITE },
	{ "io-read", NVME_MI_PCIE_IO_READ },
	{ "io-write", NVME_MI_PCIE_IO_WRITE },
	{ NULL, 0 },
};

const struct fault_name fault_names_completions[] = {
	{ "invalid-opcode", NVME_STATUS_INVALID_COMMAND_OPCODE },
	{ "invalid-field", NVME_STATUS_INVALID_FIELD_IN_COMMAND },
	{ "data-transfer-error", NVME_STATUS_DATA_TRANSFER_ERROR },
	{ "internal-error", NVME_STATUS_INTERNAL_ERROR },
	{ "abort-requested", NVME_STATUS_COMMAND_ABORT_REQUESTED },
	{ "invalid-namespace", NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT },
	{ "sequence-error", NVME_STATUS_COMMAND_SEQUENCE_ERROR },
	{ "operation-denied", NVME_STATUS_OPERATION_DENIED },
	{ "sanitize-failed", NVME_STATUS_SANITIZE_FAILED },
	{ "sanitize-in-progress", NVME_STATUS_SANITIZE_IN_PROGRESS },
	{ "write-protected", NVME_STATUS_NAMESPACE_WRITE_PROTECTED },
	{ "interrupted", NVME_STATUS_COMMAND_INTERRUPTED },
	{ "not-ready", NVME_STATUS_NAMESPACE_NOT_READY },
	{ "format-in-progress", NVME_STATUS_FORMAT_IN_PROGRESS },
	{ "invalid-log-page", NVME_STATUS_INVALID_LOG_PAGE },
	{ "invalid-firmware-image", NVME_STATUS_INVALID_FIRMWARE_IMAGE },
	{ "self-test-in-progress", NVME_STATUS_DEVICE_SELF_TEST_IN_PROGRESS },
	{ NULL, 0 },
};

const struct fault_name fault_names_messages[] = {
	{ "internal-error", NVME_MI_INTERNAL_ERROR },
	{ "invalid-opcode", NVME_MI_INVALID_COMMAND_OPCODE },
	{ "invalid-parameter", NVME_MI_INVALID_PARAMETER },
	{ "invalid-size", NVME_MI_INVALID_COMMAND_SIZE },
	{ "invalid-data-size", NVME_MI_INVALID_COMMAND_INPUT_DATA_SIZE },
	{ "access-denied", NVME_MI_ACCESS_DENIED },
	{ "vpd-updates-exceeded", NVME_MI_VPD_UPDATES_EXCEEDED },
	{ "pcie-inaccessible", NVME_MI_PCIE_INACCESSIBLE },
	{ "buffer-cleared", NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE },
	{ "sanitize-in-progress", NVME_MI_SANITIZE_IN_PROGRESS },
	{ NULL, 0 },
};

const struct fault_name *fault_names_opcodes(uint8_t type)
{
	switch (type) {
	case NVME_MI_CONTROL_PRIMITIVE:
		return primitives;
	case NVME_MI_COMMAND:
		return mi_commands;
	case NVME_MI_ADMIN_COMMAND:
		return admin_commands;
	case NVME_MI_PCIE_COMMAND:
		return pcie_commands;
	default:
		return NULL;
	}
}

int fault_names_parse(const struct fault_name *names, const char *text,
		      uint16_t max, uint16_t *value)
{
	uint64_t number;

	for (; names->name; names++) {
		if (strcmp(names->name, text) != 0)
			continue;
		*value = names->value;
		return ERR_OK;
	}
	if (parse_number(text, 0, 0, max, &number))
		return ERR_INVALID;
	*value = (uint16_t)number;
	return ERR_OK;
}

const char *fault_names_list(const struct fault_name *names, char *out,
			     size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (; names->name && len < cap; names++)
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
					len ? ", " : "", names->name);
	return out;
}
