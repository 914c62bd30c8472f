/* SPDX-License-Identifier: Apache-2.0 */
/* The read-only words of the unique device ID. */
#include "emulator/peripheral/emu_uid.h"

#include <string.h>

#include "emulator/machine/machine.h"

enum { UID_BASE = 0x08FFF800 };

struct emu_uid {
	struct machine *machine;
};

static void connect(void *state, struct machine *m)
{
	struct emu_uid *u = state;

	u->machine = m;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct emu_uid *u = state;
	uint32_t value = 0;

	if (offset + size <= MACHINE_UID_SIZE)
		memcpy(&value, u->machine->uid + offset, size);
	return value;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct emu_uid *u = state;

	(void)size;
	(void)value;
	emu_fail(&u->machine->emu,
		 "write of the read-only area at 0x%08x, which holds the "
		 "unique device ID",
		 UID_BASE + offset);
}

const struct peripheral emu_uid_peripheral = {
	.name = "UID",
	.base = UID_BASE,
	.size = 0x10,
	.widths = PERIPHERAL_HALF_OR_WORD,
	.state_size = sizeof(struct emu_uid),
	.connect = connect,
	.read = read_register,
	.write = write_register,
};
