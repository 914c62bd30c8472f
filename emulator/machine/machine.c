/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up time, memory and the bus, and connects the peripherals. */
#include "emulator/machine/machine.h"

#include <string.h>

#include "base/err.h"

int machine_open(struct machine *m, uint8_t *xspi2,
		 const struct peripheral *const *list, unsigned int count)
{
	int err;

	memset(m, 0, sizeof(*m));
	emu_init(&m->emu);
	m->defects.flash_read = UINT64_MAX;
	bus_init(&m->bus, &m->emu);
	err = emu_memory_open(&m->memory, &m->emu, xspi2);
	for (unsigned int i = 0; i < count && !err; i++)
		err = bus_add(&m->bus, list[i]);
	return err;
}

void machine_close(struct machine *m)
{
	bus_close(&m->bus);
	emu_memory_close(&m->memory);
}

void machine_connect(struct machine *m)
{
	for (unsigned int i = 0; i < m->bus.devices; i++) {
		const struct bus_device *d = &m->bus.device[i];

		if (d->peripheral->connect)
			d->peripheral->connect(d->state, m);
	}
}
