/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash algorithm for debug probes: the CMSIS entry points for the external
 * flash, built on the loader's driver. A probe loads this code into AXI SRAM3,
 * sets registers and stack, and runs one function at a time with interrupts
 * off. A function returns 0 on success.
 *
 * The code has no static variables, because no start-up code would initialize
 * them. The probe resets the chip first, so the core runs from its reset clock.
 */
#include <string.h>

#include "base/err.h"
#include "soc/stm32h7rs/clock_tree.h"
#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/nor.h"
#include "soc/stm32h7rs/regs.h"

#define WINDOW 0x70000000UL

enum { VERIFY_CHUNK = 256 };

int Init(uint32_t address, uint32_t clock, uint32_t function);
int UnInit(uint32_t function);
int EraseSector(uint32_t address);
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data);
uint32_t Verify(uint32_t address, uint32_t size, const uint8_t *data);
int BlankCheck(uint32_t address, uint32_t size, uint8_t pattern);
int ReadFlash(uint32_t address, uint32_t size, uint8_t *data);

static bool on_reset_clock(void)
{
	return !(RCC->CFGR & RCC_CFGR_SWS);
}

static void delay(uint32_t ms)
{
	uint32_t hz = on_reset_clock() ? CLOCK_RESET_HZ : CLOCK_FULL_HZ;

	SYST_CSR = 0;
	SYST_RVR = hz / 1000 - 1;
	SYST_CVR = 0;
	SYST_CSR = SYST_CSR_CLKSOURCE | SYST_CSR_ENABLE;
	while (ms) {
		if (SYST_CSR & SYST_CSR_COUNTFLAG)
			ms--;
	}
	SYST_CSR = 0;
}

int Init(uint32_t address, uint32_t clock, uint32_t function)
{
	uint8_t id[3];

	(void)address;
	(void)clock;
	(void)function;
	return nor_open(on_reset_clock() ? CLOCK_RESET_HZ : CLOCK_BUS_HZ, delay,
			id);
}

int UnInit(uint32_t function)
{
	(void)function;
	nor_close();
	return ERR_OK;
}

int EraseSector(uint32_t address)
{
	int err = nor_start_erase(address - WINDOW, NOR_SECTOR);

	return err ? err : nor_wait();
}

int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data)
{
	uint32_t at = address - WINDOW;
	int err = ERR_OK;

	while (size && !err) {
		uint32_t n = NOR_PAGE - at % NOR_PAGE;

		if (n > size)
			n = size;
		err = nor_start_program(at, data, n);
		if (!err)
			err = nor_wait();
		at += n;
		data += n;
		size -= n;
	}
	return err;
}

/* Returns the address of the first difference, or address + size. */
uint32_t Verify(uint32_t address, uint32_t size, const uint8_t *data)
{
	uint8_t chunk[VERIFY_CHUNK];

	for (uint32_t n; size; size -= n, address += n, data += n) {
		n = size < VERIFY_CHUNK ? size : VERIFY_CHUNK;
		if (nor_read(address - WINDOW, chunk, n))
			return address;
		for (uint32_t i = 0; i < n; i++) {
			if (chunk[i] != data[i])
				return address + i;
		}
	}
	return address;
}

int BlankCheck(uint32_t address, uint32_t size, uint8_t pattern)
{
	uint8_t chunk[VERIFY_CHUNK];

	for (uint32_t n; size; size -= n, address += n) {
		n = size < VERIFY_CHUNK ? size : VERIFY_CHUNK;
		if (nor_read(address - WINDOW, chunk, n))
			return ERR_IO;
		for (uint32_t i = 0; i < n; i++) {
			if (chunk[i] != pattern)
				return ERR_INTEGRITY;
		}
	}
	return ERR_OK;
}

int ReadFlash(uint32_t address, uint32_t size, uint8_t *data)
{
	return nor_read(address - WINDOW, data, size);
}
