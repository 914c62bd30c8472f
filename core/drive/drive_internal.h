/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of drive_start(), drive_poll() and drive_reset() that other files of
 * this folder implement. Private to core/drive.
 */
#ifndef TETHER_DRIVE_DRIVE_INTERNAL_H
#define TETHER_DRIVE_DRIVE_INTERNAL_H

#include "drive/drive.h"

enum {
	DRIVE_MS_PER_HOUR = 3600000,
	/* memory space, bus master: a host has initialized the function */
	DRIVE_PCI_COMMAND_DEFAULT = 0x0006,
};

/** Longest duration of an operation, ms: half the range of the wrapping
 * clock. */
#define DRIVE_OPERATION_MAX_MS ((uint32_t)INT32_MAX)

/** Start an operation now. */
static inline struct drive_operation
drive_operation_start(const struct drive *d, uint32_t duration_ms)
{
	return (struct drive_operation){ true, d->clock.now_ms, duration_ms };
}

/** Whether an operation is active and its time is over. */
static inline bool drive_operation_is_due(const struct drive *d,
					  const struct drive_operation *o)
{
	return o->active && !drive_operation_remaining(d, o);
}

/** Power-on: allow every command and feature. */
void drive_lockdown_start(struct drive *d);

/** Let the running operations end `ms` later. */
void drive_operations_delay(struct drive *d, uint32_t ms);

/** Activate the image that is pending for a reset. Returns whether an image was
 * activated. */
bool drive_firmware_reset(struct drive *d);

/** Power-on: store the running revision in slot 1 if the slot is empty, then
 * activate a pending image. Returns whether an image was activated. */
bool drive_firmware_start(struct drive *d);

/** Power-on: derive missing UUIDs, and end the formats that the power loss
 * interrupted. */
void drive_namespaces_start(struct drive *d);
void drive_namespaces_poll(struct drive *d);

void drive_sanitize_poll(struct drive *d);

void drive_self_tests_poll(struct drive *d);
/** Abort short self-tests. Extended self-tests continue after a reset (base
 * 8.6). */
void drive_self_tests_reset(struct drive *d);
/** End all running self-tests, or only those that include namespace `nsid`. */
void drive_self_tests_end_all(struct drive *d,
			      enum drive_self_test_result result);
void drive_self_tests_end_namespace(struct drive *d, uint32_t nsid,
				    enum drive_self_test_result result);

/** Restore the saved features and the default thresholds. */
void drive_features_reset(struct drive *d, uint16_t id);

#endif
