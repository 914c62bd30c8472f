/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls the flash algorithm as a debug probe does: the algorithm and its stack
 * are in AXI SRAM3, and interrupts are off. This program verifies the written
 * bytes. The test verifies them again in the flash image of the emulator.
 */
#include "emulator/programs/bare.h"

#define WINDOW 0x70000000UL

int Init(uint32_t address, uint32_t clock, uint32_t function);
int UnInit(uint32_t function);
int EraseSector(uint32_t address);
int ProgramPage(uint32_t address, uint32_t size, const uint8_t *data);
uint32_t Verify(uint32_t address, uint32_t size, const uint8_t *data);
int BlankCheck(uint32_t address, uint32_t size, uint8_t pattern);
int ReadFlash(uint32_t address, uint32_t size, uint8_t *data);

enum { SECTOR = 4096, AT = 16, SIZE = 700 };

/* The stack of packaging/probe-rs, and a guard area below it. */
#define STACK_TOP 0x24050000
enum { STACK = 0x400, BELOW = 0x400, PAINT = 0xa5a5a5a5 };

#define DATA ((uint8_t *)0x24060000)
#define BACK ((uint8_t *)0x24061000)

static void check(int good, const char *what)
{
	print(good ? "ok " : "FAILED ");
	print(what);
	print("\n");
	if (!good)
		finish(0);
}

static int same(const uint8_t *a, const uint8_t *b, uint32_t size)
{
	while (size && *a == *b)
		size--, a++, b++;
	return !size;
}

/* Erase a sector and program it from an unaligned address across two pages. */
static void use(uint32_t sector)
{
	uint32_t at = sector + AT;

	check(EraseSector(sector) == 0, "EraseSector");
	check(BlankCheck(sector, SECTOR, 0xff) == 0, "BlankCheck");
	check(ProgramPage(at, SIZE, DATA) == 0, "ProgramPage");
	check(Verify(at, SIZE, DATA) == at + SIZE, "Verify");
	check(ReadFlash(at, SIZE, BACK) == 0, "ReadFlash");
	check(same(DATA, BACK, SIZE), "what was read");
	check(BlankCheck(sector, SECTOR, 0xff) != 0, "BlankCheck of data");
	DATA[300]++;
	check(Verify(at, SIZE, DATA) == at + 300, "Verify of other data");
	DATA[300]--;
}

static void __attribute__((used)) run(void)
{
	for (uint32_t at = STACK + 4; at <= STACK + BELOW; at += 4)
		REG(STACK_TOP - at) = PAINT;
	for (uint32_t i = 0; i < SIZE; i++)
		DATA[i] = (uint8_t)(i * 7 + (i >> 8));
	for (uint32_t function = 1; function <= 3; function++) {
		check(Init(WINDOW, 0, function) == 0, "Init");
		use(WINDOW + function * SECTOR);
		check(UnInit(function) == 0, "UnInit");
	}
	check(Init(WINDOW, 0, 1) == 0, "Init");
	check(EraseSector(WINDOW + 2 * SECTOR) == 0, "EraseSector");
	check(Verify(WINDOW + SECTOR + AT, SIZE, DATA) ==
		      WINDOW + SECTOR + AT + SIZE,
	      "the sector before");
	use(WINDOW + 0x1fff000); /* the last sector of 32 MiB */
	check(UnInit(1) == 0, "UnInit");
	for (uint32_t at = STACK + 4; at <= STACK + BELOW; at += 4)
		check(REG(STACK_TOP - at) == PAINT, "stack");
	finish(1);
}

static void __attribute__((naked)) start(void)
{
	__asm__ volatile("cpsid i\n b run");
}

const void *const vectors[2] __attribute__((section(".vectors"), used)) = {
	(void *)STACK_TOP,
	(void *)start,
};
