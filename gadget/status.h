/* SPDX-License-Identifier: Apache-2.0 */
/* What `tetherd status` and `tetherd check` print, as text and as JSON. */
#ifndef TETHER_GADGET_STATUS_H
#define TETHER_GADGET_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "gadget/service.h"

enum { STATUS_MAX = 8192 };

/** The running service. Returns the length, below cap. */
size_t status_format(const struct service *s, bool json, char *out, size_t cap);

/** The plan of service_plan, printed to stdout. Returns the exit code: 1
 * where it cannot be carried out as configured. */
int status_check(const struct config *c);

#endif
