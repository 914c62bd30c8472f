/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and features that a host has prohibited, base 8.4. */
#include <string.h>

#include "drive/drive_internal.h"

static uint8_t *find_map(struct drive *d, enum drive_interface interface,
			 enum drive_lockdown_scope scope)
{
	return d->lockdown[interface][scope];
}

void drive_lockdown_set(struct drive *d, enum drive_interface interface,
			enum drive_lockdown_scope scope, uint8_t id,
			bool prohibit)
{
	uint8_t *map = find_map(d, interface, scope);

	map[id / 8] &= (uint8_t) ~(1U << id % 8);
	if (prohibit)
		map[id / 8] |= (uint8_t)(1U << id % 8);
}

bool drive_lockdown_has(const struct drive *d, enum drive_interface interface,
			enum drive_lockdown_scope scope, uint8_t id)
{
	return d->lockdown[interface][scope][id / 8] >> id % 8 & 1;
}

void drive_lockdown_start(struct drive *d)
{
	memset(d->lockdown, 0, sizeof(d->lockdown));
}
