/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule that makes the simulated drive answer some requests wrongly, and its
 * text form: words of the form NAME=VALUE. docs/scenario.md is the manual.
 *
 *     command=NAME          which command: admin.get-log-page, mi.vpd-read,
 *                           admin.0xc0, admin.any, any
 *     id=N                  log page, feature, CNS, data structure,
 *                           configuration
 *     controller=N, nsid=N
 *     status=NAME           status of the completion (Admin commands)
 *     message-status=NAME   status of the NVMe-MI response
 *     lose=request|response
 *     bad-mic               send a wrong message integrity check
 *     delay=MIN[..MAX]      wait, with More Processing Required
 *     silent                wait without it
 *     skip=N, count=N       leave out N requests; end after N faults
 *     chance=N              percent of the requests
 *     for=DURATION          end after this time
 */
#ifndef TETHER_DRIVE_FILE_FAULT_RULE_H
#define TETHER_DRIVE_FILE_FAULT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drive_file/sim_protocol.h"
#include "nvme_mi/fault_source.h"

struct fault_rule {
	/* Requests that the rule selects. */
	bool any_type, any_opcode, any_id, any_controller, any_nsid;
	struct nvme_mi_fault_request request;
	/* The fault. fault.delay_ms is the shortest delay. */
	struct nvme_mi_fault fault;
	uint32_t delay_max_ms;
	uint32_t skip;	      /* requests to leave out first */
	uint32_t count;	      /* faults until the rule ends; 0: no limit */
	uint8_t chance;	      /* percent of requests */
	uint32_t duration_ms; /* until the rule ends; 0: no limit */
	char text[SIM_SETTING_MAX]; /* the rule as it was written */
};

/** Parse the words of a rule; the list ends with NULL. ERR_INVALID: `error` has
 * a sentence. */
int fault_rule_parse(char *const words[], struct fault_rule *r, char *error,
		     size_t cap);

#endif
