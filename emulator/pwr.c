/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "emulator/board.h"

enum {
	CR1 = 0x00,
	SR1 = 0x04,
	CSR1 = 0x08,
	CSR2 = 0x0C,
	CSR3 = 0x10,
	CSR4 = 0x14,
	UCPDR = 0x2C,
	CR1_DBP = 1 << 8,
	CSR2_SUPPLY = 0x1F,
	CSR2_SUPPLY_RESET = 0x06,
	CSR2_SUPPLY_LDO = 0x02, /* how the Nucleo is wired */
	CSR2_EN_XSPIM2 = 1 << 15,
	CSR2_USB33DEN = 1 << 24,
	CSR2_USBREGEN = 1 << 25,
	CSR2_USB33RDY = 1 << 26,
	CSR2_USBHSREGEN = 1 << 27,
	CSR4_VOS = 1,
	CSR4_VOSRDY = 2,
};

bool pwr_backup_writable(const struct board *b)
{
	return b->pwr.cr1 & CR1_DBP;
}

bool pwr_vos_high(const struct board *b)
{
	return (b->pwr.csr4 & CSR4_VOS) && emu_now(&b->emu) >= b->pwr.vos_at;
}

bool pwr_usb_pads(const struct board *b)
{
	return b->pwr.csr2 & CSR2_USB33DEN;
}

bool pwr_xspi2_pads(const struct board *b)
{
	return b->pwr.csr2 & CSR2_EN_XSPIM2;
}

const char *pwr_usb_missing(const struct board *b)
{
	uint32_t csr2 = b->pwr.csr2;

	if (!(csr2 & CSR2_USBHSREGEN))
		return "PWR CSR2.USBHSREGEN is not set: the PHY has no supply";
	if (!(csr2 & CSR2_USB33DEN))
		return "PWR CSR2.USB33DEN is not set";
	if (!b->pwr.usb33_seen)
		return "PWR CSR2.USB33RDY was not waited for";
	return NULL;
}

static bool act_vos_ready(const struct board *b)
{
	return b->pwr.supply_written && emu_now(&b->emu) >= b->pwr.actvos_at;
}

static uint32_t read_csr2(struct board *b)
{
	uint32_t value = b->pwr.csr2 & ~(uint32_t)CSR2_USB33RDY;

	if ((value & CSR2_USB33DEN) && !b->defects.usb33 &&
	    emu_now(&b->emu) >= b->pwr.usb33_at) {
		b->pwr.usb33_seen = true;
		value |= CSR2_USB33RDY;
	}
	return value;
}

uint32_t pwr_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size)
{
	(void)unit;
	(void)size;
	switch (offset) {
	case CR1:
		return b->pwr.cr1;
	case SR1:
		return (b->pwr.csr4 & CSR4_VOS) | (act_vos_ready(b) ? 2U : 0);
	case CSR1:
		return b->pwr.csr1;
	case CSR2:
		return read_csr2(b);
	case CSR3:
		return b->pwr.csr3;
	case CSR4:
		return (b->pwr.csr4 & CSR4_VOS) |
		       (emu_now(&b->emu) >= b->pwr.vos_at ? CSR4_VOSRDY : 0U);
	case UCPDR:
		return b->pwr.ucpdr;
	default:
		return 0;
	}
}

/* The low bits count once; later writes must leave them as they are. */
static void write_csr2(struct board *b, uint32_t value)
{
	struct pwr *p = &b->pwr;
	uint32_t supply = value & CSR2_SUPPLY;

	if (p->supply_written && supply != (p->csr2 & CSR2_SUPPLY)) {
		emu_fail(&b->emu,
			 "PWR CSR2: supply bits 0x%02x after they were written "
			 "as 0x%02x; they can be written once",
			 supply, p->csr2 & CSR2_SUPPLY);
		return;
	}
	if (supply != CSR2_SUPPLY_LDO && supply != CSR2_SUPPLY_RESET) {
		emu_fail(&b->emu,
			 "PWR CSR2: supply bits 0x%02x; the Nucleo has the LDO "
			 "(0x02)",
			 supply);
		return;
	}
	if (!p->supply_written && supply == CSR2_SUPPLY_LDO) {
		p->supply_written = true;
		p->actvos_at = emu_now(&b->emu) + 20 * EMU_US;
	}
	if (value & ~p->csr2 & CSR2_USB33DEN)
		p->usb33_at = emu_now(&b->emu) + 50 * EMU_US;
	if (!(value & CSR2_USB33DEN))
		p->usb33_seen = false;
	p->csr2 = value;
}

static void write_csr4(struct board *b, uint32_t value)
{
	if (!act_vos_ready(b)) {
		emu_fail(&b->emu, "PWR CSR4: voltage scale changed before "
				  "SR1.ACTVOSRDY");
		return;
	}
	if ((value ^ b->pwr.csr4) & CSR4_VOS)
		b->pwr.vos_at = emu_now(&b->emu) + 20 * EMU_US;
	b->pwr.csr4 = value & CSR4_VOS;
	rcc_check(b);
}

void pwr_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value)
{
	(void)unit;
	(void)size;
	switch (offset) {
	case CR1:
		b->pwr.cr1 = value;
		bus_update(b);
		break;
	case CSR1:
		b->pwr.csr1 = value;
		break;
	case CSR2:
		write_csr2(b, value);
		break;
	case CSR3:
		b->pwr.csr3 = value;
		break;
	case CSR4:
		write_csr4(b, value);
		break;
	case UCPDR:
		b->pwr.ucpdr = value;
		break;
	default:
		break;
	}
}

void pwr_power_on(struct board *b)
{
	memset(&b->pwr, 0, sizeof(b->pwr));
	b->pwr.csr2 = CSR2_SUPPLY_RESET;
}

/* The supply bits stay until power-off. */
void pwr_reset(struct board *b, unsigned int unit)
{
	uint32_t supply = b->pwr.csr2 & CSR2_SUPPLY;
	bool written = b->pwr.supply_written;

	(void)unit;
	pwr_power_on(b);
	b->pwr.csr2 = supply;
	b->pwr.supply_written = written;
}
