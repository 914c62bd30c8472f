/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated NVM subsystem: ports, controllers, namespaces, firmware slots,
 * features, logs and background operations, with the behaviour that NVMe base
 * 2.0 and NVMe-MI 1.2 specify. It knows no wire format: core/nvme_mi decodes
 * requests into the calls below and encodes their results.
 *
 * The caller owns struct drive; nothing here allocates memory. All calls come
 * from one thread. Members may be read directly. A program changes them through
 * the functions, except while it builds a drive before drive_start().
 *
 * Ports and controllers are numbered from 0, namespaces (NSID) and firmware
 * slots from 1. Time enters through drive_poll(), in milliseconds from any
 * origin, and may wrap.
 */
#ifndef TETHER_DRIVE_DRIVE_H
#define TETHER_DRIVE_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "drive/drive_types.h"

/* --- set-up and life (lifecycle.c) --- */

/** The default drive: a PCIe port with two controllers, one namespace of 10 TB
 * attached to controller 0, the management endpoint on a two-wire port. */
void drive_init_default(struct drive *d);

/** The default drive's names and identifiers; no port, controller or
 * namespace. */
void drive_init_empty(struct drive *d);

/** Set a port or controller to the values of a new one. */
void drive_port_init(struct drive_port *p, enum drive_port_type type);
void drive_controller_init(struct drive_controller *c, uint8_t port);

/** Power on. Fills in what the set-up left open, such as namespace UUIDs.
 * Comes after the set-up and after loading a saved state. */
void drive_start(struct drive *d);

/** Advance the clock: operations that are due end. */
void drive_poll(struct drive *d, uint32_t now_ms);

/** NVM Subsystem Reset: controllers restart, pending firmware is activated. */
void drive_reset(struct drive *d);

/** NVM Subsystem Shutdown. It lasts until a reset. */
void drive_shutdown(struct drive *d, bool abrupt);

/** Percent of an operation that is complete; 100 when it is not active. */
uint8_t drive_operation_percent(const struct drive *d,
				const struct drive_operation *o);

/** Milliseconds until an operation ends; 0 when it is not active. */
uint32_t drive_operation_remaining(const struct drive *d,
				   const struct drive_operation *o);

/* --- health, controllers (controller.c) --- */

void drive_health_read(const struct drive *d, struct drive_health *h);

/** Critical warnings of a controller, enum drive_warning. */
uint8_t drive_controller_warnings(const struct drive_controller *c);

/* Change a value of controller `id`. Each sets the changes, warnings and events
 * that follow from the new value. */
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

/** Set changes (enum drive_change) at a controller and the drive. A change of
 * the status sets DRIVE_CHANGE_STATUS too. */
void drive_changes_set(struct drive *d, uint16_t id, uint16_t changes);

/** Changes of a controller since the last call, for asynchronous events. */
uint16_t drive_changes_fetch(struct drive_controller *c);

/* --- ports (port.c) --- */

/** Port `id`. NULL: there is no such port, or it is inactive. */
const struct drive_port *drive_port_find(const struct drive *d, uint8_t id);

/** Whether the link of a PCIe port is up; false for any other port. */
bool drive_port_link_is_up(const struct drive *d, uint8_t id);

/** ERR_NOT_FOUND: no such two-wire port. ERR_INVALID: the port does not support
 * that frequency (enum drive_frequency). */
int drive_port_set_frequency(struct drive *d, uint8_t id, uint8_t frequency);

/** Set the MCTP transmission unit, bytes. ERR_NOT_FOUND: no such port.
 * ERR_INVALID: below DRIVE_PORT_UNIT_DEFAULT or above the port's maximum. */
int drive_port_set_unit(struct drive *d, uint8_t id, uint16_t unit);

/** Management Endpoint Reset: its port has the default unit again. */
void drive_endpoint_reset(struct drive *d);

/* --- logs (log.c) --- */

/** Add a failed Admin command to controller `id`'s error log. The number is set
 * here. */
void drive_error_log_add(struct drive *d, uint16_t id,
			 const struct drive_error_entry *e);

/** Add an event to the event log. Its times are set here. */
void drive_event_log_add(struct drive *d, const struct drive_event *e);

/* --- features (feature.c) --- */

const struct drive_feature_info *drive_feature_info(enum drive_feature f);

uint32_t drive_feature_get(const struct drive_controller *c,
			   enum drive_feature f,
			   enum drive_feature_select select);

/** Set the current value of a feature of controller `id`, and the saved one if
 * `save`. The caller has checked drive_feature_info(). */
void drive_feature_set(struct drive *d, uint16_t id, enum drive_feature f,
		       uint32_t value, bool save);

/** Before drive_start(): set the default value that this drive has. */
void drive_feature_set_default(struct drive_controller *c, enum drive_feature f,
			       uint32_t value);

/** Timestamp of a controller, ms: what a host set and the time since then, or
 * the time since the last reset. */
uint64_t drive_timestamp_get(const struct drive *d,
			     const struct drive_controller *c);
void drive_timestamp_set(struct drive *d, uint16_t id, uint64_t ms);

/** Interrupt coalescing of one vector. ERR_INVALID: no such vector. */
int drive_interrupt_set_coalescing(struct drive_controller *c, uint32_t vector,
				   bool disable);

/* --- namespaces (namespace.c) --- */

bool drive_namespace_exists(const struct drive *d, uint32_t nsid);

/** Bytes of a block in the namespace's LBA format: 512 or 4096. */
uint32_t drive_namespace_block_size(const struct drive_namespace *n);

/** Bytes for namespaces in all, and bytes that namespaces have. */
uint64_t drive_capacity(const struct drive *d);
uint64_t drive_capacity_allocated(const struct drive *d);

/**
 * Create a namespace of `blocks` blocks of the format's size. Returns its NSID.
 * ERR_INVALID: no such format, or no blocks. ERR_FULL: no NSID is free.
 * ERR_LENGTH: not enough capacity.
 */
int64_t drive_namespace_create(struct drive *d, uint64_t blocks, uint8_t format,
			       bool shared);

/** Delete a namespace, or all with DRIVE_NSID_ALL; detaches it everywhere.
 * ERR_NOT_FOUND. ERR_BUSY: it is being formatted. */
int drive_namespace_delete(struct drive *d, uint32_t nsid);

/** ERR_NOT_FOUND: no such controller or namespace. ERR_BUSY: already attached.
 * ERR_UNSUPPORTED: private, and attached to another controller. */
int drive_namespace_attach(struct drive *d, uint16_t controller, uint32_t nsid);

/** ERR_NOT_FOUND: no such controller or namespace, or not attached to it. */
int drive_namespace_detach(struct drive *d, uint16_t controller, uint32_t nsid);

/** Whether a namespace is attached to the controller; false for an invalid
 * NSID. */
bool drive_controller_has_namespace(const struct drive_controller *c,
				    uint32_t nsid);

/** Whether a namespace is attached to any controller. */
bool drive_namespace_is_attached(const struct drive *d, uint32_t nsid);

/**
 * Format a namespace, or with DRIVE_NSID_ALL all that are attached to the
 * controller. *wait_ms: how long the longest takes. ERR_NOT_FOUND: no such
 * namespace. ERR_INVALID: no such format, or the size is not a multiple of its
 * block size. ERR_BUSY: already being formatted.
 */
int drive_namespace_format(struct drive *d, uint16_t controller, uint32_t nsid,
			   uint8_t format, uint32_t *wait_ms);

/* --- background operations (sanitize.c, self_test.c) --- */

/**
 * Start a sanitize operation, or leave failure mode. ERR_INVALID: no such
 * action. ERR_BUSY: an operation is running, or firmware waits for a reset.
 * ERR_UNSUPPORTED: the failure was restricted, and only a restricted sanitize
 * operation ends it.
 */
int drive_sanitize_start(struct drive *d, const struct drive_sanitize *s);

/** Passes of the last operation: of an overwrite, else 0. */
uint8_t drive_sanitize_passes(const struct drive *d);

/** ERR_INVALID: no such test (enum drive_self_test). ERR_BUSY: a test is
 * running. ERR_NOT_FOUND: the namespace is not attached. */
int drive_self_test_start(struct drive *d, uint16_t id, uint8_t test,
			  uint32_t nsid);

/** End the running self-test of a controller with a result, if one runs. */
void drive_self_test_end(struct drive *d, uint16_t id,
			 enum drive_self_test_result result);

/* --- firmware (firmware.c) --- */

/** Receive a part of an image. Offset 0 starts an image; parts come in order,
 * else ERR_INVALID. ERR_FULL: above 4 GiB. */
int drive_firmware_download(struct drive *d, uint32_t offset, const void *data,
			    uint32_t len);

/**
 * Store the downloaded image, or activate a slot. slot 0: the drive chooses.
 * ERR_INVALID: no such action. ERR_NOT_FOUND: no such slot, or it is empty.
 * ERR_LENGTH: nothing was downloaded. ERR_UNSUPPORTED: slot 1 is read only.
 */
int drive_firmware_commit(struct drive *d, enum drive_firmware_action action,
			  uint8_t slot);

/** The image in a slot. NULL: no such slot, or it is empty. */
const struct drive_firmware_image *drive_firmware_slot(const struct drive *d,
						       uint8_t slot);

#endif
