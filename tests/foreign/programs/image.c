/* SPDX-License-Identifier: Apache-2.0 */
/* Small images for the test of the checker: one good, and one for each fault
 * that the checker must find. IMAGE selects one. */
#include "../../emulator/programs/nucleo.h"

enum { GOOD, DARK, SILENT, STOPS, UNMODELLED };

static void send(const char *text)
{
	RCC(0x148) |= 1 << 18; /* USART3 */
	REG(0x4000480C) = 64000000 / 115200;
	REG(0x40004800) = 9; /* UE, TE */
	for (; *text; text++) {
		while (!(REG(0x4000481C) & 0x80))
			;
		REG(0x40004828) = (unsigned char)*text;
	}
}

extern char stack_top;

void reset(void);

void reset(void)
{
	RCC(0x140) |= 1 << PORT_D;
	GPIO(PORT_D, 0) = 0xFFDFFFFF; /* PD10, LD1, is an output */
	if (IMAGE != SILENT)
		send("hello\n");
	if (IMAGE == STOPS)
		REG(0x58022000) = 0; /* between GPIOH and GPIOM */
	if (IMAGE == UNMODELLED)
		REG(0x40003800) = 0; /* SPI2 */
	for (;;) {
		if (IMAGE != DARK)
			GPIO(PORT_D, 0x14) ^= 1 << 10;
		for (volatile int i = 0; i < 100000; i++)
			;
	}
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
	&stack_top,
	reset,
};
