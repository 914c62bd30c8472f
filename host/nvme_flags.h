/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meaning of bits and values in NVMe data structures: NVMe base 2.3, 5.1.13
 * (Identify) and 5.1.12 (log pages). The names are short forms of those of the
 * specification.
 */
#ifndef TETHER_HOST_NVME_FLAGS_H
#define TETHER_HOST_NVME_FLAGS_H

#include "host/nvme_decode.h"

/* Identify Controller */
extern const struct nvme_flag nvme_flags_cmic[], nvme_flags_oaes[],
	nvme_flags_ctratt[], nvme_flags_nvmsr[], nvme_flags_mec[],
	nvme_flags_oacs[], nvme_flags_frmw[], nvme_flags_lpa[],
	nvme_flags_sanicap[], nvme_flags_anacap[], nvme_flags_queue_entry[],
	nvme_flags_oncs[], nvme_flags_fna[], nvme_flags_vwc[];

/* Identify Namespace */
extern const struct nvme_flag nvme_flags_nsfeat[], nvme_flags_flbas[],
	nvme_flags_mc[], nvme_flags_dpc[], nvme_flags_dps[], nvme_flags_nmic[],
	nvme_flags_rescap[], nvme_flags_fpi[], nvme_flags_dlfeat[];

/* log pages */
extern const struct nvme_flag nvme_flags_warning[], nvme_flags_effects[];

/* names of values */
extern const struct parse_name nvme_flags_controller_type[],
	nvme_flags_descriptor_type[], nvme_flags_sanitize_status[],
	nvme_flags_self_test[], nvme_flags_self_test_result[],
	nvme_flags_ana_state[], nvme_flags_reservation[],
	nvme_flags_event_type[], nvme_flags_commit_action[],
	nvme_flags_namespace_management[], nvme_flags_thermal[];

#endif
