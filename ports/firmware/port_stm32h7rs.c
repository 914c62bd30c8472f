/* SPDX-License-Identifier: Apache-2.0 */
/* Implementation of port.h for all boards with an STM32H7R/S. */
#include "ports/firmware/port.h"

#include "base/err.h"
#include "base/log.h"
#include "boards/board.h"
#include "soc/rtt.h"
#include "soc/stm32h7rs/backup.h"
#include "soc/stm32h7rs/clock_tree.h"
#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/fault.h"
#include "soc/stm32h7rs/mpu.h"
#include "soc/stm32h7rs/tick.h"
#include "soc/stm32h7rs/uid.h"
#include "soc/stm32h7rs/watchdog.h"

enum { KIB = 1024 };

/* Where regions overlap, the last region applies. The inaccessible areas at
 * address 0 and below the stack catch null pointers and stack overflows. */
static const struct mpu_region regions[] = {
	{ ITCM_BASE, 64 * KIB, MPU_CODE },
	{ ITCM_BASE, 1 * KIB, MPU_NONE },
	{ READ_ONLY_BASE, 4 * KIB, MPU_CONSTANT },
	{ DTCM_BASE, 64 * KIB, MPU_DATA },
	{ DTCM_BASE, 256, MPU_NONE },
	{ SRAM1_BASE, 128 * KIB, MPU_CODE },
	{ SRAM3_BASE, 128 * KIB, MPU_DATA },
	{ BKPSRAM_BASE, 4 * KIB, MPU_UNCACHED },
	{ PERIPHERAL_BASE, 512 * KIB *KIB, MPU_DEVICE },
};

static struct log *device_log;

/* Read the reset flags. If the loader has cleared them, use the flags that it
 * stored in the boot record. */
static uint32_t read_reset_flags(void)
{
	const struct boot_record *boot = &backup_open()->boot;
	uint32_t flags = RCC->RSR;

	RCC->RSR |= RCC_RSR_RMVF;
	flags &= ~(uint32_t)RCC_RSR_RMVF;
	if (!flags && boot_record_valid(boot))
		flags = boot->reset_flags;
	return flags;
}

/* Find the reason of the reset. The first match applies, because each kind of
 * reset also sets PINRSTF. */
static const char *reset_reason(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} reasons[] = {
		{ RCC_RSR_PORRSTF, "power-on" },
		{ RCC_RSR_BORRSTF, "brown-out" },
		{ RCC_RSR_IWDGRSTF, "watchdog" },
		{ RCC_RSR_WWDGRSTF, "window watchdog" },
		{ RCC_RSR_LPWRRSTF, "low power" },
		{ RCC_RSR_SFTRSTF, "software" },
		{ RCC_RSR_OBLRSTF, "option bytes" },
		{ RCC_RSR_PINRSTF, "reset pin" },
	};

	for (unsigned int i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (flags & reasons[i].flag)
			return reasons[i].name;
	}
	return "unknown";
}

static void log_last_fault(struct log *log)
{
	struct crash_record crash;
	char text[FAULT_TEXT], *part = text;

	if (!fault_take(&crash))
		return;
	fault_format(&crash, text, sizeof(text));
	board_set_led(BOARD_LED_FAULT, true);
	/* Split the text at spaces, because it exceeds a line of the log. */
	for (size_t n = 0; *part; part += n) {
		for (n = 0; part[n] && n < 100; n++)
			;
		while (part[n] && n && part[n - 1] != ' ')
			n--;
		log_write(log, LOG_LEVEL_ERROR, "last fault: %.*s", (int)n,
			  part);
	}
}

int port_start(struct log *log)
{
	uint32_t flags;
	int err;

	device_log = log;
	mpu_init(regions, sizeof(regions) / sizeof(*regions));
	cache_enable_code();
	cache_enable_data();
	watchdog_start();
	board_init();
	err = board_start_clocks();
	tick_init(err ? CLOCK_RESET_HZ : CLOCK_FULL_HZ);
	rtt_start(log);
	flags = read_reset_flags();
	log_write(log, LOG_LEVEL_INFO,
		  "start after %s reset (%08lx), core at %u MHz",
		  reset_reason(flags), (unsigned long)flags,
		  (err ? CLOCK_RESET_HZ : CLOCK_FULL_HZ) / 1000000U);
	log_last_fault(log);
	if (err)
		log_write(
			log, LOG_LEVEL_ERROR,
			"clock: voltage, crystal or PLL1 is not ready, so USB "
			"stays off. See docs/hardware.md");
	return err;
}

uint32_t port_now_ms(void)
{
	return tick_ms();
}

/* A pending interrupt ends WFI even while masked. An interrupt after busy() is
 * therefore not lost. */
void port_sleep(bool (*busy)(void))
{
	irq_disable();
	if (!busy())
		wait_for_interrupt();
	irq_enable();
}

void port_device_id(uint8_t id[DEVICE_ID_SIZE])
{
	_Static_assert((int)UID_SIZE == (int)DEVICE_ID_SIZE, "96 bits");
	uid_read(id);
}

int port_usb_start(void)
{
	int err = board_start_usb();

	if (err)
		log_write(device_log, LOG_LEVEL_ERROR,
			  "USB: the supply of the PHY is not ready");
	return err;
}

void port_poll(void)
{
	watchdog_feed();
	rtt_poll();
}

void port_healthy(void)
{
	struct boot_record *boot = &backup_open()->boot;

	if (!boot_record_valid(boot))
		return;
	boot->failures = 0;
	boot_record_seal(boot);
}

void fault_show(const char *text)
{
	board_set_led(BOARD_LED_FAULT, true);
	rtt_poll();
	rtt_write("fault: ");
	rtt_write(text);
	rtt_write("\n");
}

/* assert() calls this function. The trap causes a UsageFault. */
_Noreturn void __assert_func(const char *file, int line, const char *function,
			     const char *text);

_Noreturn void __assert_func(const char *file, int line, const char *function,
			     const char *text)
{
	log_write(device_log, LOG_LEVEL_ERROR,
		  "%s:%d: %s: assertion failed: %s", file, line, function,
		  text);
	__builtin_trap();
}
