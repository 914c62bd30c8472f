/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RCC, reset and clock control: oscillators, PLLs, prescalers, clock enables
 * and resets of peripherals. It sets the speed of virtual time and fails the
 * run when clocks exceed the limits of the silicon.
 *
 * Offsets and bits are those of ST's CMSIS device header.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_RCC_H
#define TETHER_EMULATOR_PERIPHERAL_RCC_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

struct emu_flash;
struct pwr;

/* Offsets of the clock-enable registers, for struct peripheral. */
enum {
	RCC_AHB5ENR = 0x134,
	RCC_AHB1ENR = 0x138,
	RCC_AHB2ENR = 0x13C,
	RCC_AHB4ENR = 0x140,
	RCC_APB1ENR1 = 0x148,
	RCC_APB1ENR2 = 0x14C,
	RCC_APB2ENR = 0x150,
	RCC_APB4ENR = 0x154,
	RCC_AHB3ENR = 0x158,
	RCC_SIZE = 0x400,
};

enum rcc_oscillator {
	RCC_HSI,
	RCC_CSI,
	RCC_HSI48,
	RCC_HSE,
	RCC_PLL1,
	RCC_PLL2,
	RCC_PLL3,
	RCC_LSI,
	RCC_LSE,
	RCC_OSCILLATORS
};

/* The Nucleo's crystal, and the internal oscillators. */
enum {
	RCC_HSE_HZ = 24000000,
	RCC_HSI_HZ = 64000000,
	RCC_CSI_HZ = 4000000,
	RCC_LSI_HZ = 32000,
	RCC_LSE_HZ = 32768
};

/* Clock multiplexers of peripherals. */
enum rcc_kernel {
	RCC_KERNEL_UART234578,
	RCC_KERNEL_USART1,
	RCC_KERNEL_LPUART1,
	RCC_KERNEL_I2C1,
	RCC_KERNEL_I2C23,
	RCC_KERNEL_LPTIM1,
	RCC_KERNEL_LPTIM23,
	RCC_KERNEL_LPTIM45,
};

struct rcc {
	struct machine *machine;
	struct emu *emu;
	const struct pwr *pwr;
	const struct emu_flash *flash;
	uint32_t reg[RCC_SIZE / 4];
	uint64_t ready_at[RCC_OSCILLATORS]; /* ps; valid while it is on */
	uint64_t core_hz, ahb_hz;
};

extern const struct peripheral rcc_peripheral;

/** Set the bits of RSR for the cause of a reset. */
void rcc_set_reset_cause(struct rcc *r, uint32_t rsr_bits);

/** Whether the clock of the USB PHY is enabled (AHB1ENR.USBPHYCEN). */
bool rcc_usbphy_enabled(const struct rcc *r);

/** The code of the PHY's reference frequency in CCIPR1.USBREFCKSEL. */
unsigned int rcc_usbphy_reference_code(const struct rcc *r);

/* --- rcc_clocks.c --- */

/** Whether an oscillator or PLL is on and its start-up time has passed. */
bool rcc_is_ready(const struct rcc *r, enum rcc_oscillator o);

/** Frequencies in Hz; 0: the clock does not run. */
uint64_t rcc_system_hz(const struct rcc *r);
uint64_t rcc_usbphy_hz(const struct rcc *r);
uint64_t rcc_xspi2_hz(const struct rcc *r);

/** Frequency after the input divider of PLL n (0 to 2), and of its VCO. */
uint64_t rcc_pll_input_hz(const struct rcc *r, unsigned int n);
uint64_t rcc_pll_vco_hz(const struct rcc *r, unsigned int n);

/** Frequency of an oscillator, or of output 'P' to 'T' of PLL n (0 to 2). */
uint64_t rcc_oscillator_hz(const struct rcc *r, enum rcc_oscillator o);
uint64_t rcc_pll_hz(const struct rcc *r, unsigned int n, char output);

/* --- rcc_kernel.c --- */

/** Clock of APB 1, 2, 4 or 5, and of the timers on it. */
uint64_t rcc_apb_hz(const struct rcc *r, unsigned int apb);
uint64_t rcc_timer_hz(const struct rcc *r, unsigned int apb);

/** Frequencies in Hz that the multiplexers select; 0: the selected clock does
 * not run. */
uint64_t rcc_kernel_hz(const struct rcc *r, enum rcc_kernel k);
uint64_t rcc_adc_hz(const struct rcc *r);
uint64_t rcc_rtc_hz(const struct rcc *r);

/* --- rcc_limits.c --- */

/** Fail the run if clocks are too fast for the voltage scale, or the flash has
 * too few wait states. */
void rcc_check_limits(struct rcc *r);

/** Fail the run if PLL n (0 to 2) is set up outside its limits. */
void rcc_check_pll(struct rcc *r, unsigned int n);

#endif
