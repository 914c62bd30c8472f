/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated NVM subsystem: ports, controllers, namespaces, firmware slots,
 * features, logs and background operations, with the behaviour that NVMe base
 * 2.0 and NVMe-MI 1.2 specify. The drive knows no wire format: core/nvme_mi
 * decodes requests, calls the functions below and encodes their results.
 *
 * The caller owns struct drive. The functions allocate no memory. All calls
 * come from one thread. A caller may read members directly. A caller changes
 * members only through the functions, except while it sets up a drive before
 * drive_start().
 *
 * Ports and controllers are numbered from 0, namespaces (NSID) and firmware
 * slots from 1. drive_poll() sets the time in milliseconds from any origin. The
 * time may wrap.
 */
#ifndef TETHER_DRIVE_DRIVE_H
#define TETHER_DRIVE_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "drive/drive_types.h"

/* --- set-up and life (lifecycle.c) --- */

/** Set up the default drive: a PCIe port with two controllers, a namespace of
 * 10 TB attached to controller 0, and the management endpoint on a two-wire
 * port. */
void drive_init_default(struct drive *d);

/** Set the names and identifiers of the default drive, without a port,
 * controller or namespace. */
void drive_init_empty(struct drive *d);

/** Set a port or controller to default values. */
void drive_port_init(struct drive_port *p, enum drive_port_type type);
void drive_controller_init(struct drive_controller *c, uint8_t port);

/** Power on the drive. Call it after the set-up and after loading a saved
 * state. The function derives values that the set-up did not set, such as
 * namespace UUIDs. */
void drive_start(struct drive *d);

/** Advance the clock to now_ms, and end the operations whose time is over. */
void drive_poll(struct drive *d, uint32_t now_ms);

/** NVM Subsystem Reset: controllers restart, pending firmware is activated. */
void drive_reset(struct drive *d);

/** NVM Subsystem Shutdown. A controller stays shut down until a reset, or until
 * it is disabled and enabled. */
void drive_shutdown(struct drive *d, bool abrupt);

/** Lose power. Without a shutdown before, each controller counts an unsafe
 * shutdown. Operations stand still until drive_power_on(). Does nothing if the
 * drive has no power. */
void drive_power_off(struct drive *d);

/** Power on again after drive_power_off(): non-volatile state remains, other
 * state has its values of drive_start(). Does nothing if the drive has
 * power. */
void drive_power_on(struct drive *d);

/** Maximum power in a power state (NVMe base 5.15.2.4), in units of 10 mW. A
 * higher state than the last has the power of the last. */
uint16_t drive_power_limit(uint8_t state);

/** Progress of an operation in percent. 100: the operation is not active. */
uint8_t drive_operation_percent(const struct drive *d,
				const struct drive_operation *o);

/** Milliseconds until an operation ends. 0: the operation is not active. */
uint32_t drive_operation_remaining(const struct drive *d,
				   const struct drive_operation *o);

/* --- health, controllers (controller.c) --- */

/** Summarize the health of all controllers in *h. */
void drive_health_read(const struct drive *d, struct drive_health *h);

/** Critical warnings of a controller, enum drive_warning. */
uint8_t drive_controller_warnings(const struct drive_controller *c);

/* Change a value of controller `id`. Each function also sets the change flags
 * and warnings, and adds the events, that follow from the new value. */
void drive_controller_set_temperature(struct drive *d, uint16_t id,
				      uint16_t kelvin);
void drive_controller_set_thresholds(struct drive *d, uint16_t id,
				     uint16_t cold, uint16_t hot);
void drive_controller_set_spare(struct drive *d, uint16_t id, uint8_t percent);
void drive_controller_set_life_used(struct drive *d, uint16_t id,
				    uint8_t percent);
void drive_controller_set_warnings(struct drive *d, uint16_t id,
				   uint8_t warnings);
void drive_controller_set_enabled(struct drive *d, uint16_t id, bool enabled);
void drive_controller_set_fatal(struct drive *d, uint16_t id, bool fatal);

/** Set change flags (enum drive_change) of controller `id` and of the drive. A
 * flag in DRIVE_CHANGE_ANY_STATUS also sets DRIVE_CHANGE_STATUS. */
void drive_changes_set(struct drive *d, uint16_t id, uint16_t changes);

/** Get the change flags that were set since the last call. Asynchronous events
 * report them. */
uint16_t drive_changes_fetch(struct drive_controller *c);

/* --- ports (port.c) --- */

/** Port `id`. NULL: the port does not exist or is inactive. */
const struct drive_port *drive_port_find(const struct drive *d, uint8_t id);

/** Whether the link of a PCIe port is up; false for any other port. */
bool drive_port_link_is_up(const struct drive *d, uint8_t id);

/** Set the frequency (enum drive_frequency) of a two-wire port. ERR_NOT_FOUND:
 * no such two-wire port. ERR_INVALID: the port does not support the
 * frequency. */
int drive_port_set_frequency(struct drive *d, uint8_t id, uint8_t frequency);

/** Set the MCTP transmission unit, bytes. ERR_NOT_FOUND: no such port.
 * ERR_INVALID: below DRIVE_PORT_UNIT_DEFAULT or above the port's maximum. */
int drive_port_set_unit(struct drive *d, uint8_t id, uint16_t unit);

/** Management Endpoint Reset: set the transmission unit of the endpoint's port
 * to DRIVE_PORT_UNIT_DEFAULT. */
void drive_endpoint_reset(struct drive *d);

/* --- logs (log.c) --- */

/** Add a failed Admin command to controller `id`'s error log. The function sets
 * the number of the entry. */
void drive_error_log_add(struct drive *d, uint16_t id,
			 const struct drive_error_entry *e);

/** Add an event to the event log. The function sets the times of the entry. */
void drive_event_log_add(struct drive *d, const struct drive_event *e);

/** Copy the event log to its reporting context. id: the controller whose
 * timestamp the context has. */
void drive_event_context_establish(struct drive *d, uint16_t id);

/* --- lockdown (lockdown.c) --- */

/** Prohibit or allow a command or feature on an interface, until power-on. The
 * codec enforces it. */
void drive_lockdown_set(struct drive *d, enum drive_interface interface,
			enum drive_lockdown_scope scope, uint8_t id,
			bool prohibit);

/** Whether a command or feature is prohibited on an interface. */
bool drive_lockdown_has(const struct drive *d, enum drive_interface interface,
			enum drive_lockdown_scope scope, uint8_t id);

/* --- telemetry (telemetry.c) --- */

/** Capture the drive's internal state. A capture replaces the one before. */
void drive_telemetry_capture(struct drive *d, enum drive_telemetry_log log,
			     enum drive_telemetry_reason reason);

/** A host has read the controller-initiated capture, which stays readable. */
void drive_telemetry_acknowledge(struct drive *d);

/* --- features (feature.c) --- */

/** Properties of a feature, equal for all controllers. */
const struct drive_feature_info *drive_feature_info(enum drive_feature f);

/** Get a value of a feature. Without a saved value, DRIVE_FEATURE_SAVED gets
 * the default. */
uint32_t drive_feature_get(const struct drive_controller *c,
			   enum drive_feature f,
			   enum drive_feature_select select);

/** Set the current value of a feature of controller `id`; `save` also sets the
 * saved value. The caller checks the value against drive_feature_info()
 * first. */
void drive_feature_set(struct drive *d, uint16_t id, enum drive_feature f,
		       uint32_t value, bool save);

/** Set the default value of a feature for this drive. Call it before
 * drive_start(). */
void drive_feature_set_default(struct drive_controller *c, enum drive_feature f,
			       uint32_t value);

/** Timestamp of a controller, ms. If a host set the timestamp: that value plus
 * the time since then. Otherwise: the time since the last reset. */
uint64_t drive_timestamp_get(const struct drive *d,
			     const struct drive_controller *c);
void drive_timestamp_set(struct drive *d, uint16_t id, uint64_t ms);

/** Disable or enable interrupt coalescing for one vector. ERR_INVALID: no such
 * vector. */
int drive_interrupt_set_coalescing(struct drive_controller *c, uint32_t vector,
				   bool disable);

/* --- namespaces (namespace.c) --- */

/** Whether a namespace exists; false for an invalid NSID. */
bool drive_namespace_exists(const struct drive *d, uint32_t nsid);

/** Bytes of a block in the namespace's LBA format: 512 or 4096. */
uint32_t drive_namespace_block_size(const struct drive_namespace *n);

/** Total capacity for namespaces, and the capacity that existing namespaces
 * occupy, in bytes. */
uint64_t drive_capacity(const struct drive *d);
uint64_t drive_capacity_allocated(const struct drive *d);

/**
 * Create a namespace of `blocks` blocks of the format's size. Returns the NSID.
 * ERR_INVALID: no such format, or no blocks. ERR_FULL: no NSID is free.
 * ERR_LENGTH: not enough capacity.
 */
int64_t drive_namespace_create(struct drive *d, uint64_t blocks, uint8_t format,
			       bool shared);

/** Delete a namespace, and detach it from all controllers first. DRIVE_NSID_ALL
 * deletes all namespaces. ERR_NOT_FOUND: no such namespace. ERR_BUSY: a
 * namespace is being formatted. */
int drive_namespace_delete(struct drive *d, uint32_t nsid);

/** Attach a namespace to a controller. ERR_NOT_FOUND: no such controller or
 * namespace. ERR_BUSY: already attached. ERR_UNSUPPORTED: the namespace is
 * private and attached to another controller. */
int drive_namespace_attach(struct drive *d, uint16_t controller, uint32_t nsid);

/** Detach a namespace from a controller. ERR_NOT_FOUND: no such controller or
 * namespace, or the namespace is not attached to the controller. */
int drive_namespace_detach(struct drive *d, uint16_t controller, uint32_t nsid);

/** Whether a namespace is attached to the controller; false for an invalid
 * NSID. */
bool drive_controller_has_namespace(const struct drive_controller *c,
				    uint32_t nsid);

/** Whether a namespace is attached to any controller. */
bool drive_namespace_is_attached(const struct drive *d, uint32_t nsid);

/**
 * Format a namespace. DRIVE_NSID_ALL formats all namespaces that are attached
 * to the controller. *wait_ms: duration of the longest format, ms.
 * ERR_NOT_FOUND: no such namespace. ERR_INVALID: no such format, or the size is
 * not a multiple of its block size. ERR_BUSY: already being formatted.
 */
int drive_namespace_format(struct drive *d, uint16_t controller, uint32_t nsid,
			   uint8_t format, uint32_t *wait_ms);

/** Whether a namespace of those that `nsid` selects for a controller is being
 * formatted: one namespace, or with DRIVE_NSID_ALL those that are attached. */
bool drive_namespaces_formatting(const struct drive *d, uint16_t controller,
				 uint32_t nsid);

/* --- background operations (sanitize.c, self_test.c) --- */

/**
 * Start a sanitize operation, or leave failure mode (EXIT_FAILURE).
 * ERR_INVALID: no such action. ERR_BUSY: an operation is running, or firmware
 * waits for a reset. ERR_UNSUPPORTED: a restricted operation failed, and only
 * another restricted operation may follow.
 */
int drive_sanitize_start(struct drive *d, const struct drive_sanitize *s);

/** Overwrite passes of the last sanitize operation. 0: the operation was not an
 * overwrite. */
uint8_t drive_sanitize_passes(const struct drive *d);

/** Start a self-test (enum drive_self_test) of controller `id`. ERR_INVALID: no
 * such test. ERR_BUSY: a test is running. ERR_NOT_FOUND: the namespace is not
 * attached. */
int drive_self_test_start(struct drive *d, uint16_t id, uint8_t test,
			  uint32_t nsid);

/** End the running self-test of controller `id` with a result. Does nothing if
 * no self-test is running. */
void drive_self_test_end(struct drive *d, uint16_t id,
			 enum drive_self_test_result result);

/* --- firmware (firmware.c) --- */

/**
 * Receive a piece of an image. Pieces may arrive in any order. The first piece
 * after a commit, and the first piece of the image for the second time, start a
 * new image. ERR_INVALID: the piece overlaps an earlier piece. ERR_FULL: the
 * pieces are too scattered to be tracked.
 */
int drive_firmware_download(struct drive *d, uint64_t offset, const void *data,
			    uint32_t len);

/**
 * Store the downloaded image, or activate a slot. slot 0: the drive chooses.
 * ERR_INVALID: no such action. ERR_NOT_FOUND: the slot does not exist.
 * ERR_LENGTH: no image was downloaded, its image has a gap, or the slot is
 * empty. ERR_UNSUPPORTED: slot 1 is read only.
 */
int drive_firmware_commit(struct drive *d, enum drive_firmware_action action,
			  uint8_t slot);

/** Bytes of the download if it is complete so far: it starts at offset 0 and
 * has no gap. Otherwise 0. */
uint64_t drive_firmware_downloaded(const struct drive *d);

/** Discard the download. The next piece starts a new image. */
void drive_firmware_discard(struct drive *d);

/** The slot that drive_firmware_commit() chooses for a download; 0: no slot is
 * writable. */
uint8_t drive_firmware_target(const struct drive *d);

/** Add an activation by a host to the activation log. The function sets number,
 * time and power cycles of the entry. Activations at a reset are added
 * already. */
void drive_firmware_log_activation(struct drive *d,
				   const struct drive_activation *a);

/** The image in a slot. NULL: the slot does not exist or is empty. */
const struct drive_firmware_image *drive_firmware_slot(const struct drive *d,
						       uint8_t slot);

#endif
