/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault rules that are in force, as a source of faults for the responder
 * (nvme_mi/fault_source.h). The random choices follow from the seed: the same
 * rules and requests give the same faults.
 */
#ifndef TETHER_DRIVE_FILE_FAULT_SET_H
#define TETHER_DRIVE_FILE_FAULT_SET_H

#include "drive_file/fault_rule.h"

enum { FAULT_SET_RULES = 32 };

struct fault_set {
	unsigned int rules;
	struct {
		struct fault_rule rule;
		uint32_t since_ms; /* when the rule was added */
		uint32_t faults;   /* that the rule has caused */
	} entry[FAULT_SET_RULES];
	uint64_t random;
	/* Report a fault. May be NULL. */
	void (*log)(void *ctx, const char *text);
	void *log_ctx;
};

/** Start without rules. */
void fault_set_init(struct fault_set *s, uint64_t seed);

/** Add a rule. ERR_FULL: there are FAULT_SET_RULES. */
int fault_set_add(struct fault_set *s, const struct fault_rule *r,
		  uint32_t now_ms);

/** Remove all rules. */
void fault_set_clear(struct fault_set *s);

/** Remove the rules whose time is over. */
void fault_set_poll(struct fault_set *s, uint32_t now_ms);

/** The fault of the first rule that selects the request
 * (nvme_mi_fault_source.find). set: a struct fault_set. */
void fault_set_find(void *set, const struct nvme_mi_fault_request *r,
		    struct nvme_mi_fault *f);

#endif
