/* SPDX-License-Identifier: Apache-2.0 */
/* Makes each semihosting call, and prints the result, with good and bad
 * arguments. */
#include "bare.h"

enum { NOWHERE = 0x10000000 };

extern uint32_t stack_top;
void reset(void);

static uint32_t block[4];

static int call(int number, uint32_t a, uint32_t b, uint32_t c)
{
	block[0] = a;
	block[1] = b;
	block[2] = c;
	return semihost(number, block);
}

static uint32_t at(const volatile void *p)
{
	return (uint32_t)p;
}

static void show(const char *name, int value)
{
	print_hex(name, (uint32_t)value);
}

static int open(const char *name, uint32_t mode)
{
	uint32_t len = 0;

	while (name[len])
		len++;
	return call(1, at(name), mode, len);
}

static void try_files(void)
{
	static char buffer[16];
	int features;

	show("open stdin", open(":tt", 0));
	show("open stdout", open(":tt", 4));
	show("open stderr", open(":tt", 8));
	show("open host file", open("/etc/passwd", 0));
	show("errno", semihost(0x13, 0));
	show("open mode", open(":tt", 12));
	show("open nowhere", call(1, NOWHERE, 0, 3));
	show("open long", call(1, at(buffer), 0, 0xffffffff));
	features = open(":semihosting-features", 0);
	show("features", features);
	show("length", call(0x0c, (uint32_t)features, 0, 0));
	show("read", call(6, (uint32_t)features, at(buffer), 16));
	print_hex("bytes", *(uint32_t *)(void *)buffer);
	show("flags", buffer[4]);
	show("seek", call(0x0a, (uint32_t)features, 4, 0));
	show("read flags", call(6, (uint32_t)features, at(buffer), 1));
	show("seek far", call(0x0a, (uint32_t)features, 6, 0));
	show("is a tty", call(9, 2, 0, 0));
	show("is no tty", call(9, (uint32_t)features, 0, 0));
	show("tty of nothing", call(9, 77, 0, 0));
	show("close", call(2, (uint32_t)features, 0, 0));
	show("close nothing", call(2, 0, 0, 0));
	show("is error", call(8, 0xffffffff, 0, 0));
	show("remove", call(0x0e, at("x"), 1, 0));
	show("system", call(0x12, at("x"), 1, 0));
}

static void try_console(void)
{
	static char buffer[8];

	semihost(3, "!");
	show("write", call(5, 2, at("written\n"), 8));
	show("write to stderr", call(5, 3, at("complaint\n"), 10));
	show("write to stdin", call(5, 1, at("x"), 1));
	show("write nowhere", call(5, 2, NOWHERE, 4));
	show("write too much", call(5, 2, at(buffer), 0x7fffffff));
	show("read line", call(6, 1, at(buffer), sizeof(buffer)));
	print(buffer);
	show("read byte", semihost(7, 0));
	show("read end", call(6, 1, at(buffer), sizeof(buffer)));
}

static void try_system(void)
{
	static char text[32];
	static uint32_t info[4] = { 1, 2, 3, 4 }, ticks[2];

	show("command line", call(0x15, at(text), sizeof(text), 0));
	print_hex("its length", block[1]);
	print(text);
	print("\n");
	show("small buffer", call(0x15, at(text), 5, 0));
	show("heap info", call(0x16, at(info), 0, 0));
	print_hex("heap", info[0] | info[1] | info[2] | info[3]);
	show("ticks", semihost(0x30, ticks));
	show("ticks high", (int)ticks[1]);
	show("ticks a second", semihost(0x31, 0));
	show("clock", semihost(0x10, 0));
	show("time", semihost(0x11, 0));
}

void reset(void)
{
	try_files();
	try_console();
	try_system();
	call(0x20, 0x20026, 42, 0);
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
	&stack_top,
	reset,
	reset,
	reset,
};
