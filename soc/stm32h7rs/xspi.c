/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/xspi.h"

#include <string.h>

#include "base/err.h"
#include "soc/stm32h7rs/gpio_pin.h"

enum {
	THRESHOLD_WORD = 3, /* FTF is set from 4 bytes in the FIFO on */
	AF_XSPIM = 9,
	SPEED_VERY_HIGH = 3,
};

/* Port 2: DQS PN0, NCS PN1, IO0 to IO3 PN2 to PN5, CLK PN6, IO4 to IO7 PN8 to
 * PN11. */
static const uint8_t pads[] = { 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11 };

static void init_pads(void)
{
	struct gpio_regs volatile *n = GPIO('N');

	PWR->CSR2 |= PWR_CSR2_EN_XSPIM2;
	gpio_enable_port('N');
	for (unsigned int i = 0; i < sizeof(pads); i++) {
		const struct gpio_pin pin = { 'N', pads[i] };
		unsigned int at = 4 * (pin.number % 8U);
		uint32_t volatile *afr = &n->AFR[pin.number / 8];

		*afr = (*afr & ~FIELD(0xf, at)) | FIELD(AF_XSPIM, at);
		n->OSPEEDR |= FIELD(SPEED_VERY_HIGH, 2 * pin.number);
		gpio_set_mode(pin, GPIO_ALTERNATE);
	}
}

static bool wait_idle(void)
{
	return reg_wait(&XSPI2->SR, XSPI_SR_BUSY, 0);
}

int xspi_start(const struct xspi_memory *memory, uint32_t prescaler)
{
	uint32_t both = RCC_AHB5_XSPI2 | RCC_AHB5_XSPIM;

	init_pads();
	RCC->CCIPR1 &= ~(uint32_t)RCC_CCIPR1_XSPI2SEL;
	clock_enable(&RCC->AHB5ENR, both);
	RCC->AHB5RSTR |= both;
	(void)RCC->AHB5RSTR;
	RCC->AHB5RSTR &= ~both;
	(void)RCC->AHB5RSTR;
	XSPIM_CR = XSPIM_CR_CSSEL_OVR_EN; /* NCS1 of port 2 */
	XSPI2->DCR1 =
		FIELD(memory->type, XSPI_DCR1_MTYP_AT) |
		FIELD(__builtin_ctz(memory->size) - 1, XSPI_DCR1_DEVSIZE_AT) |
		FIELD(memory->deselect_cycles - 1, XSPI_DCR1_CSHT_AT);
	XSPI2->DCR3 = 0;
	XSPI2->DCR4 = 0;
	XSPI2->CR = FIELD(THRESHOLD_WORD, XSPI_CR_FTHRES_AT);
	if (!wait_idle())
		return ERR_TIMEOUT;
	XSPI2->DCR2 = prescaler; /* starts a calibration */
	if (!wait_idle())
		return ERR_TIMEOUT;
	XSPI2->TCR = 0;
	XSPI2->CR |= XSPI_CR_EN;
	return ERR_OK;
}

/* Abort only a running command: aborting while idle may leave BUSY set. */
static int abort_command(int err)
{
	if (XSPI2->SR & XSPI_SR_BUSY) {
		XSPI2->CR |= XSPI_CR_ABORT;
		(void)reg_wait(&XSPI2->SR, XSPI_SR_TCF, XSPI_SR_TCF);
		XSPI2->FCR = XSPI_FCR_CLEAR;
		(void)wait_idle();
	}
	XSPI2->FCR = XSPI_FCR_CLEAR;
	XSPI2->CR &= ~(uint32_t)XSPI_CR_FMODE;
	return err;
}

static int finish_command(void)
{
	if (!reg_wait(&XSPI2->SR, XSPI_SR_TCF, XSPI_SR_TCF))
		return abort_command(ERR_TIMEOUT);
	if (XSPI2->SR & XSPI_SR_TEF)
		return abort_command(ERR_IO);
	XSPI2->FCR = XSPI_FCR_CTCF;
	return wait_idle() ? ERR_OK : abort_command(ERR_TIMEOUT);
}

/* Set up a command. A command without data starts with the write to the last
 * register. */
static int set_up_command(const struct xspi_command *c, size_t len)
{
	uint32_t ccr = XSPI_CCR_IMODE_1;

	if (c->has_address)
		ccr |= XSPI_CCR_ADMODE_1 | XSPI_CCR_ADSIZE_32;
	if (len)
		ccr |= XSPI_CCR_DMODE_1;
	if (!wait_idle())
		return abort_command(ERR_TIMEOUT);
	XSPI2->FCR = XSPI_FCR_CLEAR;
	XSPI2->CR &= ~(uint32_t)XSPI_CR_FMODE;
	XSPI2->CCR = ccr;
	XSPI2->TCR = c->dummy;
	if (len)
		XSPI2->DLR = (uint32_t)len - 1;
	XSPI2->IR = c->op;
	if (c->has_address)
		XSPI2->AR = c->address;
	return ERR_OK;
}

/* Wait until the FIFO is ready or the transfer is complete. */
static int wait_fifo(void)
{
	for (uint32_t i = 0; i < 1000000; i++) {
		uint32_t sr = XSPI2->SR;

		if (sr & XSPI_SR_TEF)
			return ERR_IO;
		if (sr & (XSPI_SR_FTF | XSPI_SR_TCF))
			return ERR_OK;
	}
	return ERR_TIMEOUT;
}

int xspi_instruct(enum xspi_lines lines, uint16_t op)
{
	uint32_t ccr = XSPI_CCR_IMODE_1;

	if (lines != XSPI_1_LINE)
		ccr = XSPI_CCR_IMODE_8 | XSPI_CCR_ISIZE_16;
	if (lines == XSPI_8_LINES_DTR)
		ccr |= XSPI_CCR_IDTR;
	if (!wait_idle())
		return abort_command(ERR_TIMEOUT);
	XSPI2->FCR = XSPI_FCR_CLEAR;
	XSPI2->CR &= ~(uint32_t)XSPI_CR_FMODE;
	XSPI2->CCR = ccr;
	XSPI2->TCR = 0;
	XSPI2->IR = op;
	return finish_command();
}

/* Read one byte: the access width of DR determines how many bytes leave the
 * FIFO. */
static uint8_t read_fifo_byte(void)
{
	return *(uint8_t volatile *)&XSPI2->DR;
}

int xspi_read(const struct xspi_command *c, void *buf, size_t len)
{
	uint8_t *p = buf;
	uint32_t word;
	int err = set_up_command(c, len);

	if (err || !len)
		return err ? err : finish_command();
	XSPI2->CR |= XSPI_CR_FMODE_READ;
	if (c->has_address)
		XSPI2->AR = c->address;
	else
		XSPI2->IR = c->op;
	while (len) {
		err = wait_fifo();
		if (err)
			return abort_command(err);
		if (len >= sizeof(word)) {
			word = XSPI2->DR;
			memcpy(p, &word, sizeof(word));
			p += sizeof(word);
			len -= sizeof(word);
		} else {
			*p++ = read_fifo_byte();
			len--;
		}
	}
	return finish_command();
}

int xspi_write(const struct xspi_command *c, const void *data, size_t len)
{
	const uint8_t *p = data;
	int err = set_up_command(c, len);

	if (err || !len)
		return err ? err : finish_command();
	while (len--) {
		err = wait_fifo();
		if (err)
			return abort_command(err);
		*(uint8_t volatile *)&XSPI2->DR = *p++;
	}
	return finish_command();
}

void xspi_off(void)
{
	uint32_t both = RCC_AHB5_XSPI2 | RCC_AHB5_XSPIM;

	(void)wait_idle();
	XSPI2->CR = 0;
	RCC->AHB5RSTR |= both;
	(void)RCC->AHB5RSTR;
	RCC->AHB5RSTR &= ~both;
	(void)RCC->AHB5RSTR;
	RCC->AHB5ENR &= ~both;
	(void)RCC->AHB5ENR;
}
