/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of SBS. */
#include "emulator/peripheral/sbs.h"

#include <string.h>

#include "emulator/peripheral/rcc.h"

enum {
	BOOTSR = 0x00,
	HDPLSR = 0x14,
	PMCR = 0x100,
	FPUIMR = 0x104,
	CCCSR = 0x110,
	CCVALR = 0x114,
	CCSWVALR = 0x118,
	EXTICR = 0x130,
	HDPL1 = 0x51,
	CC_CODES = 0x00888888, /* chosen: the middle of each code */
};

unsigned int sbs_exti_port(const struct sbs *s, unsigned int line)
{
	return s->exticr[line / 4] >> 4 * (line % 4) & 15;
}

/* A compensation cell is ready while it is enabled and CSI runs. Enable bits
 * are 0, 2 and 4, ready bits 8 to 10. */
static uint32_t read_cccsr(const struct sbs *s)
{
	uint32_t value = s->cccsr & ~0x700U;

	for (unsigned int cell = 0; cell < 3; cell++)
		if ((value >> 2 * cell & 1) && rcc_is_ready(s->rcc, RCC_CSI))
			value |= UINT32_C(0x100) << cell;
	return value;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	const struct sbs *s = state;

	(void)size;
	switch (offset) {
	case BOOTSR:
		return s->initvtor;
	case PMCR:
		return s->pmcr;
	case FPUIMR:
		return s->fpuimr;
	case CCCSR:
		return read_cccsr(s);
	case CCVALR:
		return CC_CODES;
	case CCSWVALR:
		return s->ccswvalr;
	case HDPLSR:
		return HDPL1;
	case EXTICR:
	case EXTICR + 4:
	case EXTICR + 8:
	case EXTICR + 12:
		return s->exticr[(offset - EXTICR) / 4];
	default:
		return 0;
	}
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct sbs *s = state;

	(void)size;
	if (offset == PMCR)
		s->pmcr = value;
	else if (offset == FPUIMR)
		s->fpuimr = value;
	else if (offset == CCCSR)
		s->cccsr = value;
	else if (offset == CCSWVALR)
		s->ccswvalr = value;
	else if (offset >= EXTICR && offset < EXTICR + 16)
		s->exticr[(offset - EXTICR) / 4] = value & 0xffff;
}

static void connect(void *state, struct machine *m)
{
	struct sbs *s = state;

	s->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static void reset(void *state, unsigned int unit)
{
	struct sbs *s = state;

	(void)unit;
	s->pmcr = s->fpuimr = s->cccsr = s->ccswvalr = 0;
	memset(s->exticr, 0, sizeof(s->exticr));
}

const struct peripheral sbs_peripheral = {
	.name = "SBS",
	.base = 0x58000400,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_APB4ENR,
	.clock_bit = 1,
	.state_size = sizeof(struct sbs),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};
