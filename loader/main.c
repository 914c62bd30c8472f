/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xspiloader: loads an ELF program from the external flash into RAM and starts
 * it. The loader runs from internal flash and AXI SRAM2, on the reset clock.
 * Before it starts a program, it restores the reset state. Only DFU mode uses
 * the full clock; DFU mode ends with a reset.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "boards/board.h"
#include "loader/boot.h"
#include "loader/dfu.h"
#include "loader/elf.h"
#include "loader/memory.h"
#include "loader/trust.h"
#include "soc/rtt.h"
#include "soc/stm32h7rs/backup.h"
#include "soc/stm32h7rs/clock_tree.h"
#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/fault.h"
#include "soc/stm32h7rs/mpu.h"
#include "soc/stm32h7rs/nor.h"
#include "soc/stm32h7rs/option_bytes.h"
#include "soc/stm32h7rs/tick.h"
#include "soc/stm32h7rs/watchdog.h"
#include "version.h"

#if TETHER_SIGNING
#include "signing_key.h"
#else
static const uint8_t *const signing_key;
#endif

enum {
	KIB = 1024,
	TEXT = 128,
	BLINK_MS = 128,	   /* half period of the LEDs */
	BUTTON_MS = 10000, /* a longer press means a stuck button */
	READ_MS = 20,	   /* time for a probe to read the log */
};

/* Memory map with the largest ITCM and DTCM. Accesses beyond the actual size of
 * a TCM fault. */
static const struct mpu_region regions[] = {
	{ FLASH_BASE, 64 * KIB, MPU_CODE },
	{ READ_ONLY_BASE, 4 * KIB, MPU_CONSTANT },
	{ ITCM_BASE, 256 * KIB, MPU_UNCACHED },
	{ DTCM_BASE, 256 * KIB, MPU_UNCACHED },
	{ SRAM1_BASE, 512 * KIB, MPU_UNCACHED },
	{ SRAM2_BASE, 256, MPU_NONE }, /* below the stack */
	{ BKPSRAM_BASE, 4 * KIB, MPU_UNCACHED },
	{ PERIPHERAL_BASE, 512 * KIB *KIB, MPU_DEVICE },
};

static struct elf_image image;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char text[TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rtt_write(text);
}

void fault_show(const char *text)
{
	board_set_led(BOARD_LED_FAULT, true);
	rtt_write("loader: ");
	rtt_write(text);
	rtt_write("\n");
}

/* Reads the counter anew for each check. */
static enum trust check_trust(void)
{
	static const char board[ELF_BOARD_SIZE] = TETHER_BOARD;
	const struct trust_policy policy = {
		.key = signing_key,
		.board = board,
		.counter = option_bytes_otp_locks(),
	};

	return trust_check(&image, &policy);
}

static int read_slot(void *ctx, uint32_t offset, void *buf, size_t len)
{
	const unsigned int *slot = ctx;

	return nor_read(*slot * BOOT_SLOT_SIZE + offset, buf, len);
}

static void *same_address(void *ctx, uint32_t address)
{
	(void)ctx;
	return (void *)(uintptr_t)address;
}

/* Set the program's stack pointer and jump to its entry. Uses only registers,
 * because the loader's stack is no longer valid. */
__attribute__((naked)) static _Noreturn void jump(uint32_t stack,
						  uint32_t entry)
{
	(void)stack;
	(void)entry;
	__asm volatile("msr msp, r0\n"
		       "isb\n"
		       "cpsie i\n"
		       "bx r1\n");
}

/* The image cannot be the reason of this reset: the flash or the loader was
 * disturbed. */
static _Noreturn void refuse(void)
{
	say("the second check of the signature failed\n");
	system_reset();
}

/*
 * Start the loaded image. Its digest is that of the loaded memory, so this
 * second check covers what will run.
 */
static _Noreturn void start_image(void)
{
#if TETHER_SECOND_CHECK
	if (check_trust() != TRUST_GOOD)
		refuse();
#else
	(void)refuse;
#endif
	say("start at %08lx\n", (unsigned long)image.entry);
	nor_close();
	if (image.watchdog)
		watchdog_start();
	for (unsigned int i = 0; i < BOARD_LEDS; i++)
		board_set_led((enum board_led)i, false);
	rtt_forget();
	irq_disable();
	tick_stop();
	SCB_ICSR = SCB_ICSR_PENDSTCLR;
	SCB_SHCSR &= ~(uint32_t)SCB_SHCSR_FAULTS;
	cache_off();
	mpu_off();
	SCB_VTOR = image.vectors;
	dsb();
	isb();
	jump(image.stack, image.entry);
}

/* Whether the split is in effect: write and read the last word of each TCM. */
static bool is_split_effective(struct tcm_split split)
{
	const uint32_t itcm = ITCM_BASE + 64U * KIB * (split.itcm + 1U);
	const uint32_t dtcm = DTCM_BASE + 64U * KIB * (split.dtcm + 1U);
	uint32_t volatile *const last[] = {
		(uint32_t volatile *)(uintptr_t)(itcm - 4),
		(uint32_t volatile *)(uintptr_t)(dtcm - 4),
	};

	for (unsigned int i = 0; i < 2; i++) {
		uint32_t pattern = 0x5aa51234U + i;

		*last[i] = pattern;
		dsb();
		if (*last[i] != pattern)
			return false;
	}
	return true;
}

/* Program another split and reset. Returns only after a failure. */
static void change_split(struct boot_record *boot, struct tcm_split split)
{
	int err;

	if (boot_split_needed(boot) == BOOT_SPLIT_FAILED) {
		say("the new option bytes have no effect yet: power-cycle "
		    "the board\n");
		return;
	}
	say("option bytes: ITCM %u KiB, DTCM %u KiB; reset\n",
	    64U * (split.itcm + 1U), 64U * (split.dtcm + 1U));
	err = option_bytes_set_tcm_split(split);
	if (!err)
		system_reset();
	say("cannot program the option bytes (%d)\n", err);
}

static bool open_image(unsigned int which, struct tcm_split *split)
{
	const struct elf_source source = { read_slot, &which, BOOT_SLOT_SIZE };
	enum trust trust;

	if (elf_open(&image, &source))
		return false;
	trust = check_trust();
	if (trust != TRUST_GOOD) {
		image.why = trust_text(trust);
		return false;
	}
	if (memory_plan(&image, option_bytes_tcm_split(), split))
		return true;
	image.why = "a segment or the stack is outside the memory for programs";
	return false;
}

static const char *check_image(unsigned int which)
{
	struct tcm_split split;

	return open_image(which, &split) ? NULL : image.why;
}

/*
 * Raise the security counter to the version of an image that is about to start.
 * From now on, older images cannot start.
 */
static void raise_counter(void)
{
	uint32_t version = TETHER_SIGNING ? trust_version(&image) : 0;
	int err;

	if (version <= option_bytes_otp_locks())
		return;
	err = option_bytes_lock_otp(version);
	if (err)
		say("cannot raise the security counter to %lu (%d)\n",
		    (unsigned long)version, err);
}

/* Start an image. Returns only if the image cannot start. */
static void try_image(struct boot_record *boot, unsigned int which)
{
	const struct elf_source source = { read_slot, &which, BOOT_SLOT_SIZE };
	struct tcm_split now = option_bytes_tcm_split(), split;

	if (!open_image(which, &split)) {
		say("image %c: %s\n", 'A' + which, image.why);
		return;
	}
	if (split.itcm != now.itcm || split.dtcm != now.dtcm) {
		change_split(boot, split);
		return;
	}
	if ((now.itcm || now.dtcm) &&
	    (!boot_split_try(boot) || !is_split_effective(now))) {
		say("image %c: the TCMs are smaller than the option bytes "
		    "state: power-cycle the board\n",
		    'A' + which);
		return;
	}
	boot_split_fits(boot);
	if (elf_load(&image, &source, same_address, NULL)) {
		say("image %c: %s\n", 'A' + which, image.why);
		return;
	}
	raise_counter();
	boot_set_image(boot, which);
	say("image %c%s: ", 'A' + which, image.has_note ? "" : " (no digest)");
	start_image();
}

static void try_images(struct boot_record *boot)
{
	unsigned int first = boot_first_image(boot);

	if (boot->failures)
		say("%lu starts in a row failed\n",
		    (unsigned long)boot->failures);
	try_image(boot, first);
	try_image(boot, first ^ 1);
}

/* Without an image, all LEDs blink. If the button requested DFU, one LED
 * blinks. */
static void show_waiting(uint32_t now, bool empty, bool attached)
{
	bool on = now & BLINK_MS;

	board_set_led(BOARD_LED_RUNNING, on);
	board_set_led(BOARD_LED_FAULT, empty && on);
	board_set_led(BOARD_LED_USB, attached || (empty && on));
}

#if TETHER_DFU
/*
 * DFU mode: serve a host until a reset. empty: no image can be started.
 *
 * If the button is still pressed after BUTTON_MS without a download, the loader
 * considers the button stuck, for example by a short circuit. The loader then
 * resets and starts an image. The loader also resets if USB does not start.
 */
static void serve_dfu(struct boot_record *boot, bool empty)
{
	int err = dfu_start(check_image);
	bool held = !empty;

	if (err)
		say("DFU: USB does not start (%d)\n", err);
	if (err && !empty) {
		/* Reset to restore the clock that images expect. Before the
		 * reset, give a probe time to read the log. */
		tick_delay(READ_MS);
		boot_skip_button(boot);
		system_reset();
	}
	if (!err)
		say("DFU: waiting for a host\n");
	for (;;) {
		uint32_t now = tick_ms();

		if (!err && dfu_poll())
			system_reset();
		held = held && board_button_pressed();
		if (held && now > BUTTON_MS && !dfu_begun()) {
			boot_skip_button(boot);
			system_reset();
		}
		show_waiting(now, empty, !err && dfu_attached());
		watchdog_feed();
		irq_disable();
		if (err || !dfu_busy())
			wait_for_interrupt();
		irq_enable();
	}
}
#else
static void serve_dfu(struct boot_record *boot, bool empty)
{
	(void)boot;
	while (empty) {
		show_waiting(tick_ms(), empty, false);
		watchdog_feed();
		wait_for_interrupt();
	}
	(void)check_image;
}
#endif

static void report_fault(void)
{
	const struct crash_record *crash = &backup_open()->crash;
	char text[FAULT_TEXT];

	if (!crash_record_valid(crash))
		return;
	fault_format(crash, text, sizeof(text));
	rtt_write("last fault: ");
	rtt_write(text);
	rtt_write("\n");
}

int main(void)
{
	struct boot_record *boot = &backup_open()->boot;
	uint32_t flags = RCC->RSR & ~(uint32_t)RCC_RSR_RMVF;
	uint8_t id[3];
	int err;

	/* 1. Enable memory protection, then the cache that depends on it. */
	mpu_init(regions, sizeof(regions) / sizeof(*regions));
	cache_enable_code();
	board_init();
	tick_init(CLOCK_RESET_HZ);
	rtt_start(NULL);
	/* 2. Read the reason of the reset, and update the boot record. */
	RCC->RSR |= RCC_RSR_RMVF;
	boot_begin(boot, flags, crash_record_count(&backup_open()->crash));
	say("xspiloader %s %s, reset flags %08lx\n", TETHER_VERSION, TETHER_GIT,
	    (unsigned long)flags);
	if (TETHER_SIGNING)
		say("security counter %u\n", option_bytes_otp_locks());
	else
		say("UNSIGNED DEVELOPMENT BUILD: starts images of anybody\n");
	report_fault();
	/* 3. Open the external flash. */
	err = nor_open(CLOCK_RESET_HZ, tick_delay, id);
	if (err)
		say("external flash: %s (%d), id %02x %02x %02x\n",
		    err == ERR_NOT_FOUND ? "unknown part" : "no access", err,
		    id[0], id[1], id[2]);
	/* 4. Enter DFU mode if the button requests it, otherwise start an
	 * image. */
	if (!err && !boot_is_button_skipped(boot) && board_button_pressed())
		serve_dfu(boot, false);
	if (!err)
		try_images(boot);
	/* 5. Without an image, wait for a host or a probe. */
	say("no image to start\n");
	serve_dfu(boot, true);
	return 0;
}
