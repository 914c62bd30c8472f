/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by `tether mctp echo` and `tether mctp bench`: the check that the
 * device has the service, the prefix of vendor messages, and the clock of
 * measurements. */
#ifndef TETHER_CLI_DEVICE_MCTP_TRAFFIC_H
#define TETHER_CLI_DEVICE_MCTP_TRAFFIC_H

#include <stdint.h>
#include <time.h>

#include "base/wire.h"
#include "vendor/vendor.h"

struct cli;

/** Check that the device has a service: VENDOR_ECHO or VENDOR_BENCH. A device
 * does not answer messages to a service that it lacks. Returns EXIT_OK, or
 * EXIT_FAILED after printing the error. */
int mctp_traffic_require(struct cli *c, uint8_t eid, uint8_t service);

/** Seconds of a monotonic clock. */
static inline double mctp_traffic_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/** Write message type, PCI vendor id and service. */
static inline void mctp_traffic_write_prefix(struct wr *w, uint8_t service)
{
	wr_u8(w, MCTP_TYPE_VENDOR_PCI);
	wr_be16(w, VENDOR_PCI_ID);
	wr_u8(w, service);
}

#endif
