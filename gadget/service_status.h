/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats the output of `tetherd status` as text or as JSON (see report.h).
 */
#ifndef TETHER_GADGET_SERVICE_STATUS_H
#define TETHER_GADGET_SERVICE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/service.h"

enum { SERVICE_STATUS_MAX = 8192 };

/** Format the status of the running service. Returns the length, below cap. */
size_t service_status_format(const struct service *s, bool json, char *out,
			     size_t cap);

/** Format the status in JSON for the case that no tetherd is running. */
size_t service_status_format_stopped(char *out, size_t cap);

#endif
