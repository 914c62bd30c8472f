/* SPDX-License-Identifier: Apache-2.0 */
/* PWR: the supply, the voltage scale, and the supplies of the USB and XSPI2
 * pads. */
#ifndef TETHER_EMULATOR_PERIPHERAL_PWR_H
#define TETHER_EMULATOR_PERIPHERAL_PWR_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

struct pwr {
	struct machine *machine;
	struct emu *emu;
	uint32_t cr1, csr1, csr2, csr3, csr4, ucpdr;
	bool supply_written; /* CSR2's supply bits are writable once */
	uint64_t usb33_at, vos_at, actvos_at; /* ps; when they become ready */
	bool usb33_seen; /* the program has read USB33RDY as 1 */
};

extern const struct peripheral pwr_peripheral;

/** Whether the high voltage scale is set and ready. */
bool pwr_vos_high(const struct pwr *p);

/** Whether the backup domain accepts writes (CR1.DBP). */
bool pwr_backup_writable(const struct pwr *p);

/** Whether the pads of XSPI2 have their supply (CSR2.EN_XSPIM2). */
bool pwr_xspi2_pads(const struct pwr *p);

/** The missing part of the USB PHY's supply, as text for an error message;
 * NULL: nothing is missing. */
const char *pwr_usb_missing(const struct pwr *p);

#endif
