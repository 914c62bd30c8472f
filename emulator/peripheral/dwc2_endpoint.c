/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the DWC2's endpoints. */
#include "emulator/peripheral/dwc2_core.h"
#include "emulator/peripheral/rcc.h"

/* Erratum 2.21.3: clocks of the AHB from SNAK to EPENA in slave mode, and from
 * EPENA to CNAK in both modes. */
enum { NAK_AHB_CLOCKS = 20, ENABLE_AHB_CLOCKS = 15 };

/* Whether TXFE is set: the FIFO is empty or half empty, as TXFELVL selects. */
static bool is_fifo_low(const struct dwc2 *d, const struct dwc2_ep *e)
{
	if (d->gahbcfg & GAHBCFG_TXFELVL)
		return !dwc2_tx_used(e);
	return dwc2_tx_used(e) <= dwc2_tx_depth(d, e) / 2;
}

static uint32_t read_interrupts(const struct dwc2 *d, bool in, unsigned int ep)
{
	const struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];

	if (in && is_fifo_low(d, e))
		return e->interrupt | EPINT_TXFE;
	return e->interrupt;
}

uint32_t dwc2_ep_interrupt(const struct dwc2 *d, bool in, unsigned int ep)
{
	uint32_t mask = in ? d->diepmsk & ~(uint32_t)EPINT_TXFE : d->doepmsk;

	if (in && (d->diepempmsk >> ep & 1))
		mask |= EPINT_TXFE;
	return read_interrupts(d, in, ep) & mask;
}

uint32_t dwc2_ep_read(const struct dwc2 *d, bool in, unsigned int ep,
		      uint32_t offset)
{
	const struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];

	switch (offset) {
	case EP_CTL:
		return e->ctl | (uint32_t)(ep && e->toggle) << 16;
	case EP_INT:
		return read_interrupts(d, in, ep);
	case EP_TSIZ:
		return e->tsiz;
	case EP_DMA:
		return e->dma;
	case EP_DTXFSTS:
		return in ? dwc2_tx_depth(d, e) - dwc2_tx_used(e) : 0;
	default:
		return 0;
	}
}

static void enable_in(struct dwc2 *d, unsigned int ep)
{
	struct dwc2_ep *e = &d->in[ep];

	if (e->ctl & EPCTL_EPENA)
		return;
	if (!dwc2_packets_left(e)) {
		emu_fail(d->emu,
			 "IN endpoint %u is enabled with DIEPTSIZ.PKTCNT 0; a "
			 "transfer has at least one packet",
			 ep);
		return;
	}
	if (dwc2_tx_used(e)) {
		emu_fail(d->emu,
			 "IN endpoint %u is enabled while %u words of an older "
			 "transfer are in its FIFO; flush it with GRSTCTL "
			 "first",
			 ep, dwc2_tx_used(e));
		return;
	}
	dwc2_tx_check(d, ep);
	e->ctl |= EPCTL_EPENA;
	e->pushed = e->sent = 0;
	e->enable_ps = emu_now(d->emu);
}

/* Whether SNAK, EPENA and CNAK (now) follow each other as erratum 2.21.3 asks.
 * In DMA mode, SNAK and EPENA may be set at the same time. */
static bool is_zlp_sequence(const struct dwc2 *d, const struct dwc2_ep *e)
{
	uint64_t clock = EMU_S / d->rcc->ahb_hz;
	uint64_t before = dwc2_uses_dma(d) ? 0 : NAK_AHB_CLOCKS * clock;

	return e->nak_set && e->enable_ps >= e->nak_ps + before &&
	       emu_now(d->emu) >= e->enable_ps + ENABLE_AHB_CLOCKS * clock;
}

static void check_zlp(struct dwc2 *d, unsigned int ep)
{
	const struct dwc2_ep *e = &d->in[ep];

	if (dwc2_bytes_left(e) || e->pushed || dwc2_packets_left(e) != 1 ||
	    !(e->ctl & EPCTL_EPENA) || is_zlp_sequence(d, e))
		return;
	emu_violation(
		d->emu,
		"ES0596 erratum 2.21.3: the zero-length packet of IN endpoint "
		"%u may carry data; %s, wait 15 AHB clocks, then set CNAK",
		ep,
		dwc2_uses_dma(d) ? "set EPENA and SNAK"
				 : "set SNAK, wait 20 AHB clocks, set EPENA");
}

static void write_nak_bits(struct dwc2 *d, bool in, unsigned int ep,
			   uint32_t value)
{
	struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];

	if (value & EPCTL_SNAK) {
		e->ctl |= EPCTL_NAKSTS;
		if (in)
			e->interrupt |= EPINT_INEPNE;
		if (!e->nak_set)
			e->nak_ps = emu_now(d->emu);
		e->nak_set = true;
	} else if (value & EPCTL_CNAK) {
		if (in)
			check_zlp(d, ep);
		e->nak_set = false;
		e->ctl &= ~(uint32_t)EPCTL_NAKSTS;
		e->interrupt &= in ? ~(uint32_t)EPINT_INEPNE : UINT32_MAX;
	}
}

static void write_ctl(struct dwc2 *d, bool in, unsigned int ep, uint32_t value)
{
	struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];
	const uint32_t kept =
		ep ? 0x7ffU | EPCTL_USBAEP | 3U << 18 | EPCTL_STALL | 15U << 22
		   : 3U | 15U << 22;

	e->ctl = (e->ctl & ~kept) | (value & kept);
	if (!ep) /* the core clears the STALL of endpoint 0 */
		e->ctl |= value & EPCTL_STALL;
	if (value & EPCTL_SD0PID)
		e->toggle = false;
	if (value & EPCTL_SD1PID)
		e->toggle = true;
	if (value & EPCTL_EPENA) {
		if (in)
			enable_in(d, ep);
		else
			e->ctl |= EPCTL_EPENA;
	}
	write_nak_bits(d, in, ep, value);
	if ((value & EPCTL_EPDIS) && (e->ctl & EPCTL_EPENA)) {
		e->ctl &= ~EPCTL_EPENA;
		e->interrupt |= EPINT_EPDISD;
		e->ended = false;
	}
	emu_signal_fire(&d->changed);
}

void dwc2_ep_write(struct dwc2 *d, bool in, unsigned int ep, uint32_t offset,
		   uint32_t value)
{
	struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];

	switch (offset) {
	case EP_CTL:
		write_ctl(d, in, ep, value);
		break;
	case EP_INT:
		e->interrupt &= ~value;
		break;
	case EP_TSIZ:
		if (in && (e->ctl & EPCTL_EPENA))
			emu_fail(d->emu,
				 "DIEPTSIZ%u is written while the endpoint is "
				 "enabled; wait for XFRC, or disable it first",
				 ep);
		e->tsiz = value;
		break;
	case EP_DMA:
		e->dma = value;
		break;
	default:
		break;
	}
}
