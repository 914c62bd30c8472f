/* SPDX-License-Identifier: Apache-2.0 */
/* Core and device registers of the DWC2; endpoints are in dwc2_endpoint.c. */
#include <string.h>

#include "emulator/board.h"
#include "emulator/dwc2_bits.h"

enum { IRQ_OTG_HS = 91, RESET_MS = 10, ONCE_PER_FRAME = 8 };

/* GINTSTS: what is latched and cleared by writing ones, and what always
 * stands in device mode. */
#define GINTSTS_LATCHED UINT32_C(0xF030FC08)
#define GINTSTS_FIXED UINT32_C(0x04000020)

/* Synopsys's identification, as TinyUSB's table has it for this part. */
enum { CID = 0x5000, GHWCFG2 = 0x228FE052, GHWCFG3 = 0x03B882E8 };
#define GSNPSID UINT32_C(0x4F54411A)
#define GHWCFG4 UINT32_C(0xE2103E30)

/* --- the PHY's needs --- */

/* Code of USBREFCKSEL for a reference; 0: none fits. */
static unsigned int reference_code(uint64_t hz)
{
	static const struct {
		uint32_t khz;
		uint8_t code;
	} codes[] = { { 16000, 0x3 }, { 19200, 0x8 }, { 20000, 0x9 },
		      { 24000, 0xA }, { 26000, 0xE }, { 32000, 0xB } };

	for (unsigned int i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (hz == codes[i].khz * UINT64_C(1000))
			return codes[i].code;
	return 0;
}

/* false: it cannot run, and that was said. */
static bool phy_runs(struct board *b)
{
	uint64_t hz = rcc_usbphy_hz(b);
	unsigned int select = b->rcc.reg[0x4C / 4] >> 8 & 15;
	const char *missing = pwr_usb_missing(b);

	if (!(rcc_enabled(b, RCC_AHB1ENR) >> 26 & 1))
		missing = "RCC AHB1ENR.USBPHYCEN is off";
	if (missing) {
		emu_fail(&b->emu, "the USB PHY does not run: %s", missing);
		return false;
	}
	if (!hz || reference_code(hz) != select) {
		emu_fail(&b->emu,
			 "the USB PHY does not run: its reference "
			 "(CCIPR1.USBPHYCSEL) is %u kHz and USBREFCKSEL says "
			 "0x%x",
			 (unsigned int)(hz / 1000), select);
		return false;
	}
	return true;
}

bool dwc2_attached(const struct board *b)
{
	return b->dwc2.connected;
}

static void tell(struct board *b)
{
	if (b->dwc2.changed)
		b->dwc2.changed(b);
}

static void connect(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	if (!phy_runs(b))
		return;
	if ((d->gccfg & (GCCFG_VBVALEXTOEN | GCCFG_VBVALOVAL)) !=
		    (GCCFG_VBVALEXTOEN | GCCFG_VBVALOVAL) ||
	    d->gccfg & (GCCFG_VBDEN | GCCFG_PULLDOWNEN)) {
		emu_fail(&b->emu,
			 "soft connect with GCCFG 0x%08x: the core sees no "
			 "VBUS; set VBVALEXTOEN and VBVALOVAL, clear VBDEN and "
			 "PULLDOWNEN",
			 d->gccfg);
		return;
	}
	d->connected = true;
	d->link = DWC2_IDLE;
	emu_trace(&b->emu, EMU_TRACE_USB, "connect");
	tell(b);
}

static void disconnect(struct board *b)
{
	struct dwc2 *d = &b->dwc2;
	bool was = d->connected;

	d->connected = false;
	d->link = DWC2_OFF;
	emu_cancel(&b->emu, &d->enumerated);
	emu_cancel(&b->emu, &d->sof);
	if (was) {
		emu_trace(&b->emu, EMU_TRACE_USB, "disconnect");
		tell(b);
	}
}

/* --- interrupts --- */

static uint32_t daint(const struct board *b)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		value |= (uint32_t)(dwc2_ep_interrupt(b, true, i) != 0) << i;
		value |= (uint32_t)(dwc2_ep_interrupt(b, false, i) != 0)
			 << (16 + i);
	}
	return value;
}

static uint32_t gintsts(const struct board *b)
{
	const struct dwc2 *d = &b->dwc2;
	uint32_t value = d->gintsts | GINTSTS_FIXED;
	uint32_t endpoints = daint(b) & d->daintmsk;

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

void dwc2_update(struct board *b)
{
	const struct dwc2 *d = &b->dwc2;

	nvic_set_line(b, IRQ_OTG_HS,
		      (d->gahbcfg & GAHBCFG_GINT) && (gintsts(b) & d->gintmsk));
}

/* --- frames --- */

bool dwc2_is_high_speed(const struct board *b)
{
	return !(b->dwc2.dsts >> 1 & 3);
}

static uint32_t frame_number(const struct board *b)
{
	uint64_t per = dwc2_is_high_speed(b) ? EMU_MS / ONCE_PER_FRAME : EMU_MS;

	return (uint32_t)(emu_now(&b->emu) / per) & 0x3fff;
}

static void arm_sof(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	if (d->link == DWC2_ON && (d->gintmsk & GINTSTS_SOF) && !d->sof.armed)
		emu_schedule(&b->emu, &d->sof,
			     dwc2_is_high_speed(b) ? EMU_MS / ONCE_PER_FRAME
						   : EMU_MS);
}

static void on_sof(void *ctx)
{
	struct board *b = ctx;

	if (b->dwc2.link == DWC2_ON)
		b->dwc2.gintsts |= GINTSTS_SOF;
	arm_sof(b);
	dwc2_update(b);
}

/* --- core reset and flushes --- */

static void core_reset(struct board *b)
{
	struct dwc2 *d = &b->dwc2;
	uint32_t gccfg = d->gccfg, sdis = d->dctl & DCTL_SDIS;
	uint32_t dspd = d->dcfg & 3;

	if (!phy_runs(b))
		return;
	dwc2_reset(b, 0);
	d->gccfg = gccfg;
	d->dctl = sdis;
	d->dcfg |= dspd;
}

static void write_grstctl(struct board *b, uint32_t value)
{
	if (value & GRSTCTL_CSRST) {
		core_reset(b);
		return;
	}
	if (value & (GRSTCTL_RXFFLSH | GRSTCTL_TXFFLSH) && !phy_runs(b))
		return;
	if (value & GRSTCTL_RXFFLSH)
		dwc2_flush_rx(b);
	if (value & GRSTCTL_TXFFLSH)
		dwc2_flush_tx(b, value >> 6 & 31);
}

static void write_dctl(struct board *b, uint32_t value)
{
	struct dwc2 *d = &b->dwc2;
	const uint32_t kept = DCTL_RWUSIG | DCTL_SDIS | 0x70;
	uint32_t was = d->dctl;

	d->dctl = (was & ~kept) | (value & kept);
	if (value & DCTL_SGINAK)
		d->dctl |= DCTL_GINSTS;
	if (value & DCTL_CGINAK)
		d->dctl &= ~(uint32_t)DCTL_GINSTS;
	if (value & DCTL_SGONAK)
		dwc2_global_nak(b);
	if (value & DCTL_CGONAK) {
		d->dctl &= ~(uint32_t)DCTL_GONSTS;
		d->global_nak_out = d->global_nak_pending = false;
		tell(b);
	}
	if ((was & ~value) & DCTL_SDIS)
		connect(b);
	if ((value & ~was) & DCTL_SDIS)
		disconnect(b);
	if ((value & ~was) & DCTL_RWUSIG && d->link == DWC2_SUSPENDED)
		tell(b);
}

/* --- registers --- */

static bool plain(struct dwc2 *d, uint32_t offset, uint32_t **reg)
{
	switch (offset) {
	case GOTGCTL:
		*reg = &d->gotgctl;
		return true;
	case GAHBCFG:
		*reg = &d->gahbcfg;
		return true;
	case GUSBCFG:
		*reg = &d->gusbcfg;
		return true;
	case GINTMSK:
		*reg = &d->gintmsk;
		return true;
	case GRXFSIZ:
		*reg = &d->grxfsiz;
		return true;
	case DIEPTXF0:
		*reg = &d->dieptxf[0];
		return true;
	case GCCFG:
		*reg = &d->gccfg;
		return true;
	case GCID:
		*reg = &d->cid;
		return true;
	case GLPMCFG:
		*reg = &d->lpm;
		return true;
	case GDFIFOCFG:
		*reg = &d->gdfifocfg;
		return true;
	case DCFG:
		*reg = &d->dcfg;
		return true;
	case DIEPMSK:
		*reg = &d->diepmsk;
		return true;
	case DOEPMSK:
		*reg = &d->doepmsk;
		return true;
	case DAINTMSK:
		*reg = &d->daintmsk;
		return true;
	case DIEPEMPMSK:
		*reg = &d->diepempmsk;
		return true;
	case PCGCCTL:
		*reg = &d->pcgcctl;
		return true;
	default:
		break;
	}
	if (offset >= DIEPTXF1 && offset < DIEPTXF1 + 4 * 8) {
		*reg = &d->dieptxf[1 + (offset - DIEPTXF1) / 4];
		return true;
	}
	return false;
}

static uint32_t read_special(struct board *b, uint32_t offset)
{
	const struct dwc2 *d = &b->dwc2;

	switch (offset) {
	case GOTGINT:
		return d->gotgint;
	case GRSTCTL:
		return GRSTCTL_AHBIDL;
	case GINTSTS:
		return gintsts(b);
	case GRXSTSR:
		return dwc2_pop_status(b, false);
	case GRXSTSP:
		return dwc2_pop_status(b, true);
	case GSNPSID_OFFSET:
		return GSNPSID;
	case 0x48:
		return GHWCFG2;
	case 0x4C:
		return GHWCFG3;
	case 0x50:
		return GHWCFG4;
	case DCTL:
		return d->dctl;
	case DSTS:
		return d->dsts | frame_number(b) << 8;
	case DAINT:
		return daint(b);
	default:
		return 0;
	}
}

static bool endpoint_at(uint32_t offset, bool *in, unsigned int *ep)
{
	if (offset < DIEPCTL0 || offset >= DOEPCTL0 + 0x20 * DWC2_ENDPOINTS)
		return false;
	*in = offset < DOEPCTL0;
	*ep = (offset - (*in ? DIEPCTL0 : DOEPCTL0)) / 0x20;
	return *ep < DWC2_ENDPOINTS;
}

uint32_t dwc2_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size)
{
	unsigned int ep;
	uint32_t *p, value;
	bool in;

	(void)unit;
	(void)size;
	if (plain(&b->dwc2, offset, &p))
		return *p;
	if (offset >= FIFO_BASE)
		value = dwc2_pop_data(b);
	else if (endpoint_at(offset, &in, &ep))
		return dwc2_ep_read(b, in, ep, offset % 0x20);
	else
		value = read_special(b, offset);
	dwc2_update(b);
	return value;
}

static void write_special(struct board *b, uint32_t offset, uint32_t value)
{
	struct dwc2 *d = &b->dwc2;

	switch (offset) {
	case GOTGINT:
		d->gotgint &= ~value;
		break;
	case GRSTCTL:
		write_grstctl(b, value);
		break;
	case GINTSTS:
		d->gintsts &= ~(value & GINTSTS_LATCHED);
		break;
	case DCTL:
		write_dctl(b, value);
		break;
	default:
		break; /* host mode's and read-only ones */
	}
}

void dwc2_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value)
{
	unsigned int ep;
	uint32_t *p;
	bool in;

	(void)unit;
	(void)size;
	if (offset >= FIFO_BASE)
		dwc2_push(b, (offset >> 12) - 1, value);
	else if (plain(&b->dwc2, offset, &p))
		*p = value;
	else if (endpoint_at(offset, &in, &ep))
		dwc2_ep_write(b, in, ep, offset % 0x20, value);
	else
		write_special(b, offset, value);
	if (offset == GINTMSK)
		arm_sof(b);
	dwc2_update(b);
}

/* --- the bus --- */

static void enumerated(void *ctx)
{
	struct board *b = ctx;
	struct dwc2 *d = &b->dwc2;
	bool full = d->full_speed || (d->dcfg & 3);

	d->dsts = full ? 1U << 1 : 0;
	d->gintsts |= GINTSTS_ENUMDNE;
	d->link = DWC2_ON;
	emu_trace(&b->emu, EMU_TRACE_USB, "enumerated at %s speed",
		  full ? "full" : "high");
	arm_sof(b);
	dwc2_update(b);
	tell(b);
}

void dwc2_bus_reset(struct board *b, bool full_speed)
{
	struct dwc2 *d = &b->dwc2;

	emu_trace(&b->emu, EMU_TRACE_USB, "bus reset");
	d->full_speed = full_speed;
	d->link = DWC2_RESET;
	d->address = 0;
	d->gintsts |= GINTSTS_USBRST;
	d->dsts &= ~1U;
	/* The core takes back what is no control endpoint. */
	for (unsigned int i = 1; i < DWC2_ENDPOINTS; i++) {
		d->in[i].ctl &= ~(uint32_t)EPCTL_USBAEP;
		d->out[i].ctl &= ~(uint32_t)EPCTL_USBAEP;
	}
	d->in[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->out[0].ctl &= ~(uint32_t)EPCTL_STALL;
	emu_schedule(&b->emu, &d->enumerated, RESET_MS * EMU_MS);
	dwc2_update(b);
}

void dwc2_bus_suspend(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	if (d->link != DWC2_ON && d->link != DWC2_IDLE)
		return;
	emu_trace(&b->emu, EMU_TRACE_USB, "suspend");
	d->link = DWC2_SUSPENDED;
	d->dsts |= 1;
	d->gintsts |= GINTSTS_USBSUSP | GINTSTS_ESUSP;
	dwc2_update(b);
}

void dwc2_bus_resume(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	if (d->link != DWC2_SUSPENDED)
		return;
	emu_trace(&b->emu, EMU_TRACE_USB, "resume");
	d->link = DWC2_ON;
	d->dsts &= ~1U;
	d->gintsts |= GINTSTS_WKUINT;
	arm_sof(b);
	dwc2_update(b);
}

void dwc2_reset(struct board *b, unsigned int unit)
{
	struct dwc2 *d = &b->dwc2;
	void (*changed)(struct board * b) = d->changed;
	bool unchecked = d->zlp_unchecked, full = d->full_speed;

	(void)unit;
	disconnect(b);
	memset(d, 0, sizeof(*d));
	d->changed = changed;
	d->zlp_unchecked = unchecked;
	d->full_speed = full;
	d->enumerated.fire = enumerated;
	d->enumerated.ctx = b;
	d->sof.fire = on_sof;
	d->sof.ctx = b;
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
	dwc2_update(b);
}
