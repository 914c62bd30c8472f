/* SPDX-License-Identifier: Apache-2.0 */
/* The core and device registers of the DWC2. */
#include <assert.h>
#include <string.h>

#include "emulator/cpu/nvic.h"
#include "emulator/peripheral/dwc2_core.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc.h"

/* Bits of GINTSTS that are latched and cleared by writing ones, and those that
 * are always set in device mode. */
#define GINTSTS_LATCHED UINT32_C(0xF030FC08)
#define GINTSTS_FIXED UINT32_C(0x04000020)

/* Identification of the core, as TinyUSB's table lists it for this chip. */
enum { CID = 0x5000, GHWCFG2 = 0x228FE052, GHWCFG3 = 0x03B882E8 };
#define GSNPSID UINT32_C(0x4F54411A)
#define GHWCFG4 UINT32_C(0xE2103E30)

/* --- interrupts --- */

static uint32_t read_daint(const struct dwc2 *d)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		value |= (uint32_t)(dwc2_ep_interrupt(d, true, i) != 0) << i;
		value |= (uint32_t)(dwc2_ep_interrupt(d, false, i) != 0)
			 << (16 + i);
	}
	return value;
}

static uint32_t read_gintsts(const struct dwc2 *d)
{
	uint32_t value = d->gintsts | GINTSTS_FIXED;
	uint32_t endpoints = read_daint(d) & d->daintmsk;

	if (d->gotgint)
		value |= GINTSTS_OTGINT;
	if (d->entries)
		value |= GINTSTS_RXFLVL;
	if (d->global_nak_out)
		value |= GINTSTS_BOUTNAKEFF;
	if (d->dctl & DCTL_GINSTS)
		value |= GINTSTS_GINAKEFF;
	if (endpoints & 0xffff)
		value |= GINTSTS_IEPINT;
	if (endpoints >> 16)
		value |= GINTSTS_OEPINT;
	return value;
}

void dwc2_update_interrupt(struct dwc2 *d)
{
	nvic_set_line(d->machine->nvic, dwc2_peripheral.irq,
		      (d->gahbcfg & GAHBCFG_GINT) &&
			      (read_gintsts(d) & d->gintmsk));
}

/* --- core reset and flushes --- */

/* GRSTCTL.CSRST keeps the PHY's configuration and the speed. */
static void reset_by_software(struct dwc2 *d)
{
	uint32_t gccfg = d->gccfg, sdis = d->dctl & DCTL_SDIS;
	uint32_t dspd = d->dcfg & 3;

	if (!dwc2_check_phy(d))
		return;
	dwc2_core_reset(d);
	d->gccfg = gccfg;
	d->dctl = sdis;
	d->dcfg |= dspd;
}

static void write_grstctl(struct dwc2 *d, uint32_t value)
{
	if (value & GRSTCTL_CSRST) {
		reset_by_software(d);
		return;
	}
	if (value & (GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH) && !dwc2_check_phy(d))
		return;
	if (value & GRSTCTL_RXFFLSH)
		dwc2_rx_flush(d);
	if (value & GRSTCTL_TXFFLSH)
		dwc2_tx_flush(d, value >> 6 & 31);
}

static void write_dctl(struct dwc2 *d, uint32_t value)
{
	const uint32_t plain = DCTL_RWUSIG | DCTL_SDIS | 0x70; /* TCTL */
	uint32_t old = d->dctl;

	d->dctl = (old & ~plain) | (value & plain);
	if (value & DCTL_SGINAK)
		d->dctl |= DCTL_GINSTS;
	if (value & DCTL_CGINAK)
		d->dctl &= ~(uint32_t)DCTL_GINSTS;
	if (value & DCTL_SGONAK)
		dwc2_set_global_nak(d);
	if (value & DCTL_CGONAK) {
		d->dctl &= ~(uint32_t)DCTL_GONSTS;
		d->global_nak_out = d->global_nak_pending = false;
		emu_signal_fire(&d->changed);
	}
	if ((old & ~value) & DCTL_SDIS)
		dwc2_connect(d);
	if ((value & ~old) & DCTL_SDIS)
		dwc2_disconnect(d);
	if ((value & ~old) & DCTL_RWUSIG && d->link == DWC2_SUSPENDED)
		emu_signal_fire(&d->changed);
}

/* --- registers --- */

/* Find a register without side effects, which reads back the written value.
 * NULL: none at this offset. */
static uint32_t *find_plain_register(struct dwc2 *d, uint32_t offset)
{
	assert(d);
	if (offset >= DIEPTXF1 && offset < DIEPTXF1 + 4 * 8)
		return &d->dieptxf[1 + (offset - DIEPTXF1) / 4];
	switch (offset) {
	case GOTGCTL:
		return &d->gotgctl;
	case GAHBCFG:
		return &d->gahbcfg;
	case GUSBCFG:
		return &d->gusbcfg;
	case GINTMSK:
		return &d->gintmsk;
	case GRXFSIZ:
		return &d->grxfsiz;
	case DIEPTXF0:
		return &d->dieptxf[0];
	case GCCFG:
		return &d->gccfg;
	case GCID:
		return &d->cid;
	case GLPMCFG:
		return &d->lpm;
	case GDFIFOCFG:
		return &d->gdfifocfg;
	case DCFG:
		return &d->dcfg;
	case DIEPMSK:
		return &d->diepmsk;
	case DOEPMSK:
		return &d->doepmsk;
	case DAINTMSK:
		return &d->daintmsk;
	case DIEPEMPMSK:
		return &d->diepempmsk;
	case PCGCCTL:
		return &d->pcgcctl;
	default:
		return NULL;
	}
}

static uint32_t read_special(struct dwc2 *d, uint32_t offset)
{
	switch (offset) {
	case GOTGINT:
		return d->gotgint;
	case GRSTCTL:
		return GRSTCTL_AHBIDL;
	case GINTSTS:
		return read_gintsts(d);
	case GRXSTSR:
		return dwc2_rx_status(d, false);
	case GRXSTSP:
		return dwc2_rx_status(d, true);
	case GSNPSID_OFFSET:
		return GSNPSID;
	case GHWCFG2_OFFSET:
		return GHWCFG2;
	case GHWCFG3_OFFSET:
		return GHWCFG3;
	case GHWCFG4_OFFSET:
		return GHWCFG4;
	case DCTL:
		return d->dctl;
	case DSTS:
		return d->dsts | dwc2_frame_number(d) << 8;
	case DAINT:
		return read_daint(d);
	default:
		return 0;
	}
}

/* Find the endpoint of a register. false: the offset is not a register of an
 * endpoint. */
static bool find_endpoint(uint32_t offset, bool *in, unsigned int *ep)
{
	if (offset < DIEPCTL0 || offset >= DOEPCTL0 + 0x20 * DWC2_ENDPOINTS)
		return false;
	*in = offset < DOEPCTL0;
	*ep = (offset - (*in ? DIEPCTL0 : DOEPCTL0)) / 0x20;
	return *ep < DWC2_ENDPOINTS;
}

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct dwc2 *d = state;
	uint32_t *plain = find_plain_register(d, offset), value;
	unsigned int ep;
	bool in;

	(void)size;
	if (plain)
		return *plain;
	if (offset >= FIFO_BASE)
		value = dwc2_rx_data(d);
	else if (find_endpoint(offset, &in, &ep))
		return dwc2_ep_read(d, in, ep, offset % 0x20);
	else
		value = read_special(d, offset);
	dwc2_update_interrupt(d);
	return value;
}

static void write_special(struct dwc2 *d, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case GOTGINT:
		d->gotgint &= ~value;
		break;
	case GRSTCTL:
		write_grstctl(d, value);
		break;
	case GINTSTS:
		d->gintsts &= ~(value & GINTSTS_LATCHED);
		break;
	case DCTL:
		write_dctl(d, value);
		break;
	default:
		break; /* read-only, or of host mode */
	}
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct dwc2 *d = state;
	uint32_t *plain = find_plain_register(d, offset);
	unsigned int ep;
	bool in;

	(void)size;
	if (offset >= FIFO_BASE)
		dwc2_tx_push(d, (offset >> 12) - 1, value);
	else if (plain)
		*plain = value;
	else if (find_endpoint(offset, &in, &ep))
		dwc2_ep_write(d, in, ep, offset % 0x20, value);
	else
		write_special(d, offset, value);
	if (offset == GINTMSK)
		dwc2_schedule_sof(d);
	dwc2_update_interrupt(d);
}

/* --- reset --- */

void dwc2_core_reset(struct dwc2 *d)
{
	const size_t kept = offsetof(struct dwc2, gotgctl);

	dwc2_disconnect(d);
	memset((uint8_t *)d + kept, 0, sizeof(*d) - kept);
	d->gotgctl = 0x00010000;
	d->gusbcfg = 0x1400;
	d->grxfsiz = 0x400;
	d->dieptxf[0] = 0x02000200;
	for (uint32_t i = 1; i < DWC2_ENDPOINTS; i++)
		d->dieptxf[i] = 0x02000000 + 0x200 * (i + 1);
	d->cid = CID;
	d->dcfg = 0x02200000;
	d->dctl = DCTL_SDIS;
	d->dsts = 0x10;
	d->pcgcctl = 0x200B8000;
	d->in[0].ctl = d->out[0].ctl = EPCTL_USBAEP;
	dwc2_update_interrupt(d);
}

static void reset(void *state, unsigned int unit)
{
	(void)unit;
	dwc2_core_reset(state);
}

static void connect(void *state, struct machine *m)
{
	struct dwc2 *d = state;

	d->machine = m;
	d->emu = &m->emu;
	d->rcc = bus_state(&m->bus, &rcc_peripheral);
	d->pwr = bus_state(&m->bus, &pwr_peripheral);
	dwc2_init_bus_events(d);
}

static bool read_changes(uint32_t offset)
{
	return offset == GRXSTSP || offset >= FIFO_BASE;
}

const struct peripheral dwc2_peripheral = {
	.name = "USB_OTG_HS",
	.base = 0x40040000,
	.size = 0x40000,
	.widths = PERIPHERAL_WORD,
	.clock_register = RCC_AHB1ENR,
	.clock_bit = 25,
	.irq = 91,
	.state_size = sizeof(struct dwc2),
	.connect = connect,
	.reset = reset,
	.read = read_register,
	.write = write_register,
	.read_changes = read_changes,
};
