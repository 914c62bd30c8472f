/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of PWR. Supplies become ready after chosen delays. */
#include "emulator/peripheral/pwr.h"

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
	CSR2_SUPPLY_LDO = 0x02, /* the supply of the Nucleo */
	CSR2_EN_XSPIM2 = 1 << 15,
	CSR2_USB33DEN = 1 << 24,
	CSR2_USBREGEN = 1 << 25,
	CSR2_USB33RDY = 1 << 26,
	CSR2_USBHSREGEN = 1 << 27,
	CSR4_VOS = 1,
	CSR4_VOSRDY = 2,
};

bool pwr_vos_high(const struct pwr *p)
{
	return (p->csr4 & CSR4_VOS) && emu_now(p->emu) >= p->vos_at;
}

bool pwr_backup_writable(const struct pwr *p)
{
	return p->cr1 & CR1_DBP;
}

bool pwr_xspi2_pads(const struct pwr *p)
{
	return p->csr2 & CSR2_EN_XSPIM2;
}

const char *pwr_usb_missing(const struct pwr *p)
{
	uint32_t csr2 = p->csr2;

	if (!(csr2 & CSR2_USBHSREGEN))
		return "PWR CSR2.USBHSREGEN is not set: the PHY has no supply";
	if (!(csr2 & CSR2_USB33DEN))
		return "PWR CSR2.USB33DEN is not set";
	if (!p->usb33_seen)
		return "PWR CSR2.USB33RDY was not waited for: the supply may "
		       "be "
		       "too low";
	return NULL;
}

static bool is_act_vos_ready(const struct pwr *p)
{
	return p->supply_written && emu_now(p->emu) >= p->actvos_at;
}

static uint32_t read_csr2(struct pwr *p)
{
	uint32_t value = p->csr2 & ~(uint32_t)CSR2_USB33RDY;

	if ((value & CSR2_USB33DEN) && !p->machine->defects.usb33 &&
	    emu_now(p->emu) >= p->usb33_at) {
		p->usb33_seen = true;
		value |= CSR2_USB33RDY;
	}
	return value;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct pwr *p = state;

	(void)size;
	switch (offset) {
	case CR1:
		return p->cr1;
	case SR1:
		return (p->csr4 & CSR4_VOS) | (is_act_vos_ready(p) ? 2U : 0);
	case CSR1:
		return p->csr1;
	case CSR2:
		return read_csr2(p);
	case CSR3:
		return p->csr3;
	case CSR4:
		return (p->csr4 & CSR4_VOS) |
		       (emu_now(p->emu) >= p->vos_at ? CSR4_VOSRDY : 0U);
	case UCPDR:
		return p->ucpdr;
	default:
		return 0;
	}
}

/* The silicon latches the first write of the supply bits until power-off, and
 * ignores them in later writes. */
static uint32_t keep_supply(struct pwr *p, uint32_t value)
{
	uint32_t supply = p->csr2 & CSR2_SUPPLY;

	if (!p->supply_written || (value & CSR2_SUPPLY) == supply)
		return value;
	emu_violation(p->emu,
		      "PWR CSR2: supply bits 0x%02x after they were written as "
		      "0x%02x; they can be written once until power-off. Write "
		      "the same value again",
		      value & CSR2_SUPPLY, supply);
	return (value & ~(uint32_t)CSR2_SUPPLY) | supply;
}

static bool check_supply(struct pwr *p, uint32_t supply)
{
	if (supply != CSR2_SUPPLY_LDO && supply != CSR2_SUPPLY_RESET) {
		emu_fail(p->emu,
			 "PWR CSR2: supply bits 0x%02x; the Nucleo has the LDO "
			 "(0x02)",
			 supply);
		return false;
	}
	return true;
}

static void write_csr2(struct pwr *p, uint32_t value)
{
	uint32_t supply;

	value = keep_supply(p, value);
	supply = value & CSR2_SUPPLY;
	if (!check_supply(p, supply))
		return;
	if (!p->supply_written && supply == CSR2_SUPPLY_LDO) {
		p->supply_written = true;
		p->actvos_at = emu_now(p->emu) + 20 * EMU_US;
	}
	if (value & ~p->csr2 & CSR2_USB33DEN)
		p->usb33_at = emu_now(p->emu) + 50 * EMU_US;
	if (!(value & CSR2_USB33DEN))
		p->usb33_seen = false;
	p->csr2 = value;
}

static void write_csr4(struct pwr *p, uint32_t value)
{
	if (!is_act_vos_ready(p)) {
		emu_fail(p->emu, "PWR CSR4: the voltage scale changes before "
				 "SR1.ACTVOSRDY is set; wait for it");
		return;
	}
	if ((value ^ p->csr4) & CSR4_VOS)
		p->vos_at = emu_now(p->emu) + 20 * EMU_US;
	p->csr4 = value & CSR4_VOS;
	emu_signal_fire(&p->machine->clocks_changed);
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct pwr *p = state;

	(void)size;
	switch (offset) {
	case CR1:
		p->cr1 = value;
		emu_memory_set_backup_writable(&p->machine->memory,
					       value & CR1_DBP);
		break;
	case CSR1:
		p->csr1 = value;
		break;
	case CSR2:
		write_csr2(p, value);
		break;
	case CSR3:
		p->csr3 = value;
		break;
	case CSR4:
		write_csr4(p, value);
		break;
	case UCPDR:
		p->ucpdr = value;
		break;
	default:
		break;
	}
}

static void connect(void *state, struct machine *m)
{
	struct pwr *p = state;

	p->machine = m;
	p->emu = &m->emu;
}

static void power_on(void *state)
{
	struct pwr *p = state;

	*p = (struct pwr){ .machine = p->machine,
			   .emu = p->emu,
			   .csr2 = CSR2_SUPPLY_RESET };
}

/* The supply bits keep their value until power-off. */
static void reset(void *state, unsigned int unit)
{
	struct pwr *p = state;
	uint32_t supply = p->csr2 & CSR2_SUPPLY;
	bool written = p->supply_written;

	(void)unit;
	power_on(p);
	p->csr2 = supply;
	p->supply_written = written;
	emu_memory_set_backup_writable(&p->machine->memory, false);
}

const struct peripheral pwr_peripheral = {
	.name = "PWR",
	.base = 0x58024800,
	.size = 0x400,
	.widths = PERIPHERAL_WORD,
	.state_size = sizeof(struct pwr),
	.connect = connect,
	.power_on = power_on,
	.reset = reset,
	.read = read_register,
	.write = write_register,
};
