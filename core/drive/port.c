/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the drive. */
#include <string.h>

#include "drive/drive_internal.h"

enum { UNIT_MAX = 247 }; /* default of unit_max, bytes */

void drive_port_init(struct drive_port *p, enum drive_port_type type)
{
	memset(p, 0, sizeof(*p));
	p->type = type;
	p->unit = DRIVE_PORT_UNIT_DEFAULT;
	p->unit_max = UNIT_MAX;
	if (type == DRIVE_PORT_PCIE) {
		p->speeds = 0x3f; /* 2.5 to 64 GT/s */
		p->speed = 1;
		p->width_max = 2;
		p->width = 1;
	} else if (type == DRIVE_PORT_TWO_WIRE) {
		p->address = 0x1d << 1;
		p->frequency = DRIVE_FREQUENCY_100_KHZ;
		p->frequency_max = DRIVE_FREQUENCY_100_KHZ;
	}
}

const struct drive_port *drive_port_find(const struct drive *d, uint8_t id)
{
	if (id >= d->ports || d->port[id].type == DRIVE_PORT_INACTIVE)
		return NULL;
	return &d->port[id];
}

bool drive_port_link_is_up(const struct drive *d, uint8_t id)
{
	const struct drive_port *p = drive_port_find(d, id);

	return p && p->type == DRIVE_PORT_PCIE && p->speed;
}

int drive_port_set_frequency(struct drive *d, uint8_t id, uint8_t frequency)
{
	const struct drive_port *p = drive_port_find(d, id);

	if (!p || p->type != DRIVE_PORT_TWO_WIRE)
		return ERR_NOT_FOUND;
	if (frequency < DRIVE_FREQUENCY_100_KHZ || frequency > p->frequency_max)
		return ERR_INVALID;
	d->port[id].frequency = frequency;
	return ERR_OK;
}

int drive_port_set_unit(struct drive *d, uint8_t id, uint16_t unit)
{
	const struct drive_port *p = drive_port_find(d, id);

	if (!p)
		return ERR_NOT_FOUND;
	if (unit < DRIVE_PORT_UNIT_DEFAULT || unit > p->unit_max)
		return ERR_INVALID;
	d->port[id].unit = unit;
	return ERR_OK;
}

void drive_endpoint_reset(struct drive *d)
{
	d->port[d->endpoint_port].unit = DRIVE_PORT_UNIT_DEFAULT;
}
