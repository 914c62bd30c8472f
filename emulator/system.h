/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small peripherals of the STM32H7S3 around clocks, power and boot. Offsets
 * and bits are those of ST's CMSIS device header; docs/emulator.md names the
 * source of each number.
 */
#ifndef TETHER_EMULATOR_SYSTEM_H
#define TETHER_EMULATOR_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/emu.h"

struct board;

/* Clock-enable registers of RCC, by their offset. */
enum {
	RCC_AHB5ENR = 0x134,
	RCC_AHB1ENR = 0x138,
	RCC_AHB2ENR = 0x13C,
	RCC_AHB4ENR = 0x140,
	RCC_APB1ENR1 = 0x148,
	RCC_APB1ENR2 = 0x14C,
	RCC_APB4ENR = 0x154,
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
	RCC_OSCILLATORS
};

enum { RCC_HSE_HZ = 24000000 };

struct rcc {
	uint32_t reg[RCC_SIZE / 4];
	uint64_t ready_at[RCC_OSCILLATORS]; /* while on */
	uint64_t core_hz, ahb_hz;
};

uint32_t rcc_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void rcc_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);
void rcc_reset(struct board *b, unsigned int unit);

/** A clock-enable register as it stands. */
uint32_t rcc_enabled(const struct board *b, uint32_t offset);

/** Is an oscillator or PLL on and past its start-up time? */
bool rcc_ready(const struct board *b, enum rcc_oscillator o);

/** Frequencies in Hz, 0 while there is none. */
uint64_t rcc_usbphy_hz(const struct board *b);
uint64_t rcc_xspi2_hz(const struct board *b);

/** Are voltage and flash latency enough for the clocks there are? Fails. */
void rcc_check(struct board *b);

/** Why the part was reset, added to RSR. */
void rcc_set_cause(struct board *b, uint32_t rsr_bit);

struct pwr {
	uint32_t cr1, csr1, csr2, csr3, csr4, ucpdr;
	bool supply_written; /* CSR2's low bits: once until power-off */
	uint64_t usb33_at, vos_at, actvos_at;
	bool usb33_seen; /* the program has waited for USB33RDY */
};

uint32_t pwr_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void pwr_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);
void pwr_reset(struct board *b, unsigned int unit);
void pwr_power_on(struct board *b);
bool pwr_backup_writable(const struct board *b);
bool pwr_vos_high(const struct board *b);
bool pwr_usb_pads(const struct board *b);   /* USB33DEN */
bool pwr_xspi2_pads(const struct board *b); /* EN_XSPIM2 */
/** NULL, or what the USB PHY's supply lacks. */
const char *pwr_usb_missing(const struct board *b);

/* When a changed TCM split is in effect; not known of the part. */
enum flash_change { FLASH_AT_ONCE, FLASH_AT_RESET, FLASH_AT_POWER_ON };

struct flash {
	uint32_t acr, optcr, optisr, obw1sr, obw2sr, obw2srp, obw1srp;
	uint32_t effective;	  /* obw2sr as the memories follow it */
	unsigned int key, optkey; /* keys seen of the sequence */
	bool locked_out;	  /* a wrong key came */
	bool changed;		  /* obw2srp is to be programmed */
	uint64_t busy_until;
	struct emu_event done;
	enum flash_change change;
	unsigned int programmed; /* option byte programmings */
};

uint32_t flash_read(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size);
void flash_write(struct board *b, unsigned int unit, uint32_t offset,
		 unsigned int size, uint32_t value);
void flash_reset(struct board *b, unsigned int unit);
void flash_power_on(struct board *b);
unsigned int flash_latency(const struct board *b);
unsigned int flash_wrhighfreq(const struct board *b);
/** 64 KiB blocks beyond the least. */
uint32_t flash_itcm_share(const struct board *b);
uint32_t flash_dtcm_share(const struct board *b);

struct sbs {
	uint32_t initvtor;
	uint32_t pmcr, fpuimr, cccsr;
};

uint32_t sbs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void sbs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);
void sbs_reset(struct board *b, unsigned int unit);

enum { GPIO_PORTS = 16 }; /* A to P */

struct gpio_port {
	uint32_t moder, otyper, ospeedr, pupdr, odr, lckr, afr[2];
};

struct gpio {
	struct gpio_port port[GPIO_PORTS];
	bool button; /* B1 is held */
	bool led[3]; /* LD1 to LD3 as they shine */
	bool show;   /* print changes */
};

uint32_t gpio_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size);
void gpio_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value);
void gpio_reset(struct board *b, unsigned int unit);
/** Is the pin's alternate function this one? */
bool gpio_function(const struct board *b, unsigned int port, unsigned int pin,
		   unsigned int function);

struct iwdg {
	uint32_t pr, rlr, winr, ewcr;
	bool unlocked, running;
	uint64_t busy_until;
	struct emu_event expiry;
};

uint32_t iwdg_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size);
void iwdg_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value);
void iwdg_reset(struct board *b, unsigned int unit);

struct crs {
	uint32_t cr, cfgr;
};

uint32_t crs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void crs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);
void crs_reset(struct board *b, unsigned int unit);

enum { UID_SIZE = 12 };

uint32_t uid_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void uid_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);

#endif
