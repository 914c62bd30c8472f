/* SPDX-License-Identifier: Apache-2.0 */
/* Loss and return of the drive's power, and its power states. */
#include <string.h>

#include "drive/drive_internal.h"

uint16_t drive_power_limit(uint8_t state)
{
	static const uint16_t centiwatts[DRIVE_POWER_STATES] = { 2500, 1500,
								 500 };

	return centiwatts[state < DRIVE_POWER_STATES ? state
						     : DRIVE_POWER_STATES - 1];
}

void drive_operations_delay(struct drive *d, uint32_t ms)
{
	d->sanitize.operation.start_ms += ms;
	for (uint8_t i = 0; i < d->controllers; i++)
		d->controller[i].self_test.operation.start_ms += ms;
}

void drive_power_off(struct drive *d)
{
	if (d->off)
		return;
	d->off = true;
	/* Base 5.16.1.3: a loss of power without a shutdown before. */
	for (uint8_t i = 0; i < d->controllers; i++)
		if (!d->controller[i].shut_down)
			d->controller[i].counters.unsafe_shutdowns++;
	d->state_version++;
}

/* Restore the values that a controller has at power-on. The host that
 * initializes it is not simulated, so the controller is enabled at once. */
static void restart_controller(struct drive *d, uint16_t id)
{
	struct drive_controller *c = &d->controller[id];

	c->enabled = true;
	c->shut_down = c->fatal = false;
	c->timestamp = (struct drive_timestamp){ 0 };
	c->pci = (struct drive_pci_registers){
		.command = DRIVE_PCI_COMMAND_DEFAULT,
	};
	drive_features_reset(d, id);
	c->changes = c->unreported_changes = 0;
	memset(c->changed_namespaces, 0, sizeof(c->changed_namespaces));
}

void drive_power_on(struct drive *d)
{
	if (!d->off)
		return;
	d->off = false;
	for (uint8_t i = 0; i < d->controllers; i++)
		restart_controller(d, i);
	d->changes = 0;
	d->firmware.download.ranges = 0;
	d->event_context.active = false;
	drive_endpoint_reset(d);
	drive_start(d);
}
