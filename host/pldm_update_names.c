/* SPDX-License-Identifier: Apache-2.0 */
/* Names of phases, responses and commands of a firmware update. */
#include "host/pldm_update.h"

const char *pldm_update_phase_name(uint8_t phase)
{
	static const char *const names[PLDM_UPDATE_PHASES] = {
		"waiting", "offered", "download", "verify",
		"apply",   "applied", "refused",  "failed",
	};

	return phase < PLDM_UPDATE_PHASES ? names[phase] : "unknown";
}

const char *pldm_update_response_name(uint8_t response)
{
	static const char *const names[] = {
		"can_update",
		"stamp_identical",
		"stamp_lower",
		"invalid_stamp",
		"conflict",
		"prerequisites_not_met",
		"not_supported",
		"security_restriction",
		"incomplete_image_set",
		"information_mismatch",
		"version_identical",
		"version_lower",
	};

	if (response == PLDM_FW_TOO_LARGE)
		return "too_large";
	return response < sizeof(names) / sizeof(names[0]) ? names[response]
							   : "unknown";
}

const char *pldm_update_command_name(uint8_t command)
{
	switch (command) {
	case PLDM_FW_REQUEST_UPDATE:
		return "RequestUpdate";
	case PLDM_FW_PASS_COMPONENT_TABLE:
		return "PassComponentTable";
	case PLDM_FW_UPDATE_COMPONENT:
		return "UpdateComponent";
	case PLDM_FW_ACTIVATE_FIRMWARE:
		return "ActivateFirmware";
	case PLDM_FW_GET_STATUS:
		return "GetStatus";
	case PLDM_FW_CANCEL_UPDATE:
		return "CancelUpdate";
	case PLDM_FW_TRANSFER_COMPLETE:
		return "transfer";
	case PLDM_FW_VERIFY_COMPLETE:
		return "verification";
	default:
		return "storing";
	}
}
