/* SPDX-License-Identifier: Apache-2.0 */
#include "host/nvme_flags.h"

#include "nvme_mi/nvme_wire.h"

const struct nvme_flag nvme_flags_cmic[] = {
	{ 0, 1, "multi-port" },
	{ 1, 1, "multi-controller" },
	{ 2, 1, "sr-iov" },
	{ 3, 1, "ana" },
	{ 0 },
};

const struct nvme_flag nvme_flags_oaes[] = {
	{ 8, 1, "namespace-attribute" }, { 9, 1, "firmware-activation" },
	{ 11, 1, "ana-change" },	 { 12, 1, "predictable-latency" },
	{ 13, 1, "lba-status" },	 { 14, 1, "endurance-group" },
	{ 15, 1, "normal-shutdown" },	 { 27, 1, "zone-descriptor" },
	{ 31, 1, "discovery-log" },	 { 0 },
};

const struct nvme_flag nvme_flags_ctratt[] = {
	{ 0, 1, "host-id-128" },
	{ 1, 1, "non-operational-power" },
	{ 2, 1, "nvm-sets" },
	{ 3, 1, "read-recovery" },
	{ 4, 1, "endurance-groups" },
	{ 5, 1, "predictable-latency" },
	{ 6, 1, "traffic-keep-alive" },
	{ 7, 1, "namespace-granularity" },
	{ 8, 1, "queue-associations" },
	{ 9, 1, "uuid-list" },
	{ 10, 1, "multi-domain" },
	{ 11, 1, "fixed-capacity" },
	{ 12, 1, "variable-capacity" },
	{ 13, 1, "delete-endurance-group" },
	{ 14, 1, "delete-nvm-set" },
	{ 15, 1, "extended-lba-formats" },
	{ 19, 1, "fdp" },
	{ 0 },
};

const struct nvme_flag nvme_flags_nvmsr[] = {
	{ 0, 1, "storage-device" },
	{ 1, 1, "enclosure" },
	{ 0 },
};

const struct nvme_flag nvme_flags_mec[] = {
	{ 0, 1, "two-wire" },
	{ 1, 1, "pcie" },
	{ 0 },
};

const struct nvme_flag nvme_flags_oacs[] = {
	{ 0, 1, "security" },
	{ 1, 1, "format" },
	{ 2, 1, "firmware" },
	{ 3, 1, "namespace-management" },
	{ 4, 1, "self-test" },
	{ 5, 1, "directives" },
	{ 6, 1, "mi-send-receive" },
	{ 7, 1, "virtualization" },
	{ 8, 1, "doorbell-buffer" },
	{ 9, 1, "lba-status" },
	{ 10, 1, "lockdown" },
	{ 11, 1, "live-migration" },
	{ 0 },
};

const struct nvme_flag nvme_flags_frmw[] = {
	{ 0, 1, "slot-1-read-only" },
	{ 1, 3, "slots" },
	{ 4, 1, "activation-without-reset" },
	{ 5, 1, "update-detection" },
	{ 0 },
};

const struct nvme_flag nvme_flags_lpa[] = {
	{ 0, 1, "smart-per-namespace" }, { 1, 1, "command-effects" },
	{ 2, 1, "extended-data" },	 { 3, 1, "telemetry" },
	{ 4, 1, "persistent-events" },	 { 5, 1, "supported-pages" },
	{ 6, 1, "telemetry-area-4" },	 { 0 },
};

const struct nvme_flag nvme_flags_sanicap[] = {
	{ 0, 1, "crypto" },
	{ 1, 1, "block" },
	{ 2, 1, "overwrite" },
	{ 3, 1, "verification" },
	{ 29, 1, "no-deallocate-inhibited" },
	{ 30, 2, "media-modification" },
	{ 0 },
};

const struct nvme_flag nvme_flags_anacap[] = {
	{ 0, 1, "optimized" },	   { 1, 1, "non-optimized" },
	{ 2, 1, "inaccessible" },  { 3, 1, "persistent-loss" },
	{ 4, 1, "change" },	   { 6, 1, "fixed-group" },
	{ 7, 1, "nonzero-group" }, { 0 },
};

const struct nvme_flag nvme_flags_queue_entry[] = {
	{ 0, 4, "required" },
	{ 4, 4, "maximum" },
	{ 0 },
};

const struct nvme_flag nvme_flags_oncs[] = {
	{ 0, 1, "compare" },
	{ 1, 1, "write-uncorrectable" },
	{ 2, 1, "dataset-management" },
	{ 3, 1, "write-zeroes" },
	{ 4, 1, "save-and-select" },
	{ 5, 1, "reservations" },
	{ 6, 1, "timestamp" },
	{ 7, 1, "verify" },
	{ 8, 1, "copy" },
	{ 0 },
};

const struct nvme_flag nvme_flags_fna[] = {
	{ 0, 1, "format-all" },
	{ 1, 1, "erase-all" },
	{ 2, 1, "crypto-erase" },
	{ 3, 1, "broadcast-unsupported" },
	{ 0 },
};

const struct nvme_flag nvme_flags_vwc[] = {
	{ 0, 1, "present" },
	{ 1, 2, "flush" },
	{ 0 },
};

const struct nvme_flag nvme_flags_nsfeat[] = {
	{ 0, 1, "thin-provisioning" }, { 1, 1, "atomics" },
	{ 2, 1, "deallocated-error" }, { 3, 1, "no-identifier-reuse" },
	{ 4, 1, "optimal-io" },	       { 0 },
};

const struct nvme_flag nvme_flags_flbas[] = {
	{ 0, 4, "format" },
	{ 4, 1, "extended-metadata" },
	{ 5, 2, "format-high" },
	{ 0 },
};

const struct nvme_flag nvme_flags_mc[] = {
	{ 0, 1, "extended" },
	{ 1, 1, "separate" },
	{ 0 },
};

const struct nvme_flag nvme_flags_dpc[] = {
	{ 0, 1, "type-1" },	 { 1, 1, "type-2" },	 { 2, 1, "type-3" },
	{ 3, 1, "first-bytes" }, { 4, 1, "last-bytes" }, { 0 },
};

const struct nvme_flag nvme_flags_dps[] = {
	{ 0, 3, "type" },
	{ 3, 1, "first-bytes" },
	{ 0 },
};

const struct nvme_flag nvme_flags_nmic[] = {
	{ 0, 1, "shared" },
	{ 1, 1, "dispersed" },
	{ 0 },
};

const struct nvme_flag nvme_flags_rescap[] = {
	{ 0, 1, "persist" },
	{ 1, 1, "write-exclusive" },
	{ 2, 1, "exclusive-access" },
	{ 3, 1, "write-exclusive-registrants" },
	{ 4, 1, "exclusive-access-registrants" },
	{ 5, 1, "write-exclusive-all" },
	{ 6, 1, "exclusive-access-all" },
	{ 7, 1, "ignore-existing-key" },
	{ 0 },
};

const struct nvme_flag nvme_flags_fpi[] = {
	{ 0, 7, "remaining" },
	{ 7, 1, "supported" },
	{ 0 },
};

const struct nvme_flag nvme_flags_dlfeat[] = {
	{ 0, 3, "reads" },
	{ 3, 1, "write-zeroes" },
	{ 4, 1, "guard-crc" },
	{ 0 },
};

const struct nvme_flag nvme_flags_warning[] = {
	{ 0, 1, "spare" },
	{ 1, 1, "temperature" },
	{ 2, 1, "reliability" },
	{ 3, 1, "read-only" },
	{ 4, 1, "backup" },
	{ 5, 1, "pmr-read-only" },
	{ 0 },
};

const struct nvme_flag nvme_flags_effects[] = {
	{ 0, 1, "supported" },
	{ 1, 1, "data-change" },
	{ 2, 1, "namespace-capability" },
	{ 3, 1, "namespace-inventory" },
	{ 4, 1, "controller-capability" },
	{ 16, 3, "exclusion" },
	{ 19, 1, "uuid" },
	{ 20, 12, "scope" },
	{ 0 },
};

/* --- names of values --- */

const struct parse_name nvme_flags_controller_type[] = {
	{ "io", 1 },
	{ "discovery", 2 },
	{ "administrative", 3 },
	{ 0 },
};

const struct parse_name nvme_flags_descriptor_type[] = {
	{ "eui64", 1 }, { "nguid", 2 }, { "uuid", 3 }, { "csi", 4 }, { 0 },
};

const struct parse_name nvme_flags_sanitize_status[] = {
	{ "never", 0 },
	{ "completed", 1 },
	{ "in-progress", 2 },
	{ "failed", 3 },
	{ "completed-without-deallocate", 4 },
	{ 0 },
};

const struct parse_name nvme_flags_self_test[] = {
	{ "short", 1 },	  { "extended", 2 },
	{ "refresh", 3 }, { "vendor-specific", 14 },
	{ "abort", 15 },  { 0 },
};

const struct parse_name nvme_flags_self_test_result[] = {
	{ "passed", 0 },
	{ "aborted-by-command", 1 },
	{ "aborted-by-reset", 2 },
	{ "aborted-by-namespace-removal", 3 },
	{ "aborted-by-format", 4 },
	{ "fatal-error", 5 },
	{ "failed-unknown-segment", 6 },
	{ "failed", 7 },
	{ "aborted-unknown-reason", 8 },
	{ "aborted-by-sanitize", 9 },
	{ 0 },
};

const struct parse_name nvme_flags_ana_state[] = {
	{ "optimized", 1 },	  { "non-optimized", 2 }, { "inaccessible", 3 },
	{ "persistent-loss", 4 }, { "change", 15 },	  { 0 },
};

const struct parse_name nvme_flags_reservation[] = {
	{ "empty", 0 },
	{ "registration-preempted", 1 },
	{ "released", 2 },
	{ "reservation-preempted", 3 },
	{ 0 },
};

const struct parse_name nvme_flags_event_type[] = {
	{ "smart-snapshot", 1 },
	{ "firmware-commit", 2 },
	{ "timestamp-change", 3 },
	{ "power-on-or-reset", 4 },
	{ "hardware-error", 5 },
	{ "namespace-change", 6 },
	{ "format-start", 7 },
	{ "format-completion", 8 },
	{ "sanitize-start", 9 },
	{ "sanitize-completion", 10 },
	{ "set-feature", 11 },
	{ "telemetry-created", 12 },
	{ "thermal-excursion", 13 },
	{ "media-verification", 14 },
	{ "vendor-specific", 222 },
	{ "tcg-defined", 223 },
	{ 0 },
};

const struct parse_name nvme_flags_commit_action[] = {
	{ "store", 0 },
	{ "store-and-activate-at-reset", 1 },
	{ "activate-at-reset", 2 },
	{ "activate-now", 3 },
	{ 0 },
};

const struct parse_name nvme_flags_namespace_management[] = {
	{ "create", 0 },
	{ "delete", 1 },
	{ 0 },
};

const struct parse_name nvme_flags_thermal[] = {
	{ "over-threshold", NVME_THERMAL_OVER_THRESHOLD },
	{ "back-to-normal", NVME_THERMAL_BACK_TO_NORMAL },
	{ "under-threshold", NVME_THERMAL_UNDER_THRESHOLD },
	{ 0 },
};
