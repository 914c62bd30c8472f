/* SPDX-License-Identifier: Apache-2.0 */
/* The DWC2 at the cable: PHY, connection, bus reset, frames and suspend. */
#include "emulator/peripheral/dwc2_core.h"
#include "emulator/peripheral/pwr.h"
#include "emulator/peripheral/rcc.h"

enum { RESET_MS = 10, MICROFRAMES = 8 };

enum { DSTS_SUSPSTS = 1, DSTS_ENUMSPD_FULL = 1 << 1 };

/* --- connection --- */

/* Code of CCIPR1.USBREFCKSEL for a frequency; 0: the PHY does not accept the
 * frequency. */
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

bool dwc2_check_phy(struct dwc2 *d)
{
	uint64_t hz = rcc_usbphy_hz(d->rcc);
	unsigned int select = rcc_usbphy_reference_code(d->rcc);
	const char *missing = pwr_usb_missing(d->pwr);

	if (!rcc_usbphy_enabled(d->rcc))
		missing = "RCC AHB1ENR.USBPHYCEN is off";
	if (missing) {
		emu_fail(d->emu, "the USB PHY does not run: %s", missing);
		return false;
	}
	if (!hz || reference_code(hz) != select) {
		emu_fail(d->emu,
			 "the USB PHY does not run: its reference (RCC "
			 "CCIPR1.USBPHYCSEL) is %u kHz and USBREFCKSEL says "
			 "0x%x; select a running clock and its code",
			 (unsigned int)(hz / 1000), select);
		return false;
	}
	return true;
}

bool dwc2_attached(const struct dwc2 *d)
{
	return d->connected;
}

void dwc2_connect(struct dwc2 *d)
{
	if (!dwc2_check_phy(d))
		return;
	if ((d->gccfg & (GCCFG_VBVALEXTOEN | GCCFG_VBVALOVAL)) !=
		    (GCCFG_VBVALEXTOEN | GCCFG_VBVALOVAL) ||
	    d->gccfg & (GCCFG_VBDEN | GCCFG_PULLDOWNEN)) {
		emu_fail(d->emu,
			 "soft connect with GCCFG 0x%08x: the core sees no "
			 "VBUS. Set VBVALEXTOEN and VBVALOVAL, clear VBDEN and "
			 "PULLDOWNEN",
			 d->gccfg);
		return;
	}
	d->connected = true;
	d->link = DWC2_IDLE;
	emu_trace(d->emu, EMU_TRACE_USB, "connect");
	emu_signal_fire(&d->changed);
}

void dwc2_disconnect(struct dwc2 *d)
{
	bool was_connected = d->connected;

	d->connected = false;
	d->link = DWC2_OFF;
	emu_cancel(d->emu, &d->enumerated);
	emu_cancel(d->emu, &d->sof);
	if (was_connected) {
		emu_trace(d->emu, EMU_TRACE_USB, "disconnect");
		emu_signal_fire(&d->changed);
	}
}

/* --- frames --- */

bool dwc2_is_high_speed(const struct dwc2 *d)
{
	return !(d->dsts >> 1 & 3);
}

uint32_t dwc2_frame_number(const struct dwc2 *d)
{
	uint64_t per = dwc2_is_high_speed(d) ? EMU_MS / MICROFRAMES : EMU_MS;

	return (uint32_t)(emu_now(d->emu) / per) & 0x3fff;
}

void dwc2_schedule_sof(struct dwc2 *d)
{
	if (d->link == DWC2_ON && (d->gintmsk & GINTSTS_SOF) && !d->sof.armed)
		emu_schedule(d->emu, &d->sof,
			     dwc2_is_high_speed(d) ? EMU_MS / MICROFRAMES
						   : EMU_MS);
}

static void on_sof(void *ctx)
{
	struct dwc2 *d = ctx;

	if (d->link == DWC2_ON)
		d->gintsts |= GINTSTS_SOF;
	dwc2_schedule_sof(d);
	dwc2_update_interrupt(d);
}

/* --- bus states --- */

static void on_enumerated(void *ctx)
{
	struct dwc2 *d = ctx;
	bool full = d->full_speed || (d->dcfg & 3);

	d->dsts = full ? DSTS_ENUMSPD_FULL : 0;
	d->gintsts |= GINTSTS_ENUMDNE;
	d->link = DWC2_ON;
	emu_trace(d->emu, EMU_TRACE_USB, "enumerated at %s speed",
		  full ? "full" : "high");
	dwc2_schedule_sof(d);
	dwc2_update_interrupt(d);
	emu_signal_fire(&d->changed);
}

void dwc2_bus_reset(struct dwc2 *d, bool full_speed)
{
	emu_trace(d->emu, EMU_TRACE_USB, "bus reset");
	d->full_speed = full_speed;
	d->link = DWC2_RESET;
	d->gintsts |= GINTSTS_USBRST;
	d->dsts &= ~(uint32_t)DSTS_SUSPSTS;
	/* The core deactivates all endpoints except endpoint 0. */
	for (unsigned int i = 1; i < DWC2_ENDPOINTS; i++) {
		d->in[i].ctl &= ~(uint32_t)EPCTL_USBAEP;
		d->out[i].ctl &= ~(uint32_t)EPCTL_USBAEP;
	}
	d->in[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->out[0].ctl &= ~(uint32_t)EPCTL_STALL;
	emu_schedule(d->emu, &d->enumerated, RESET_MS * EMU_MS);
	dwc2_update_interrupt(d);
}

void dwc2_bus_suspend(struct dwc2 *d)
{
	if (d->link != DWC2_ON && d->link != DWC2_IDLE)
		return;
	emu_trace(d->emu, EMU_TRACE_USB, "suspend");
	d->link = DWC2_SUSPENDED;
	d->dsts |= DSTS_SUSPSTS;
	d->gintsts |= GINTSTS_USBSUSP | GINTSTS_ESUSP;
	dwc2_update_interrupt(d);
}

void dwc2_bus_resume(struct dwc2 *d)
{
	if (d->link != DWC2_SUSPENDED)
		return;
	emu_trace(d->emu, EMU_TRACE_USB, "resume");
	d->link = DWC2_ON;
	d->dsts &= ~(uint32_t)DSTS_SUSPSTS;
	d->gintsts |= GINTSTS_WKUINT;
	dwc2_schedule_sof(d);
	dwc2_update_interrupt(d);
}

uint8_t dwc2_address(const struct dwc2 *d)
{
	return d->dcfg >> 4 & 0x7f;
}

bool dwc2_wants_wakeup(const struct dwc2 *d)
{
	return d->link == DWC2_SUSPENDED && (d->dctl & DCTL_RWUSIG);
}

void dwc2_init_bus_events(struct dwc2 *d)
{
	d->enumerated = (struct emu_event){ .fire = on_enumerated, .ctx = d };
	d->sof = (struct emu_event){ .fire = on_sof, .ctx = d };
}
