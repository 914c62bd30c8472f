/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints, and the packets between them and the host. */
#include <string.h>

#include "emulator/dwc2_fifo.h"

enum {
	ZLP_AHB_CLOCKS = 15, /* erratum 2.21.3 */
	SETUP_SIZE = 8,
};

uint32_t dwc2_packet_size(const struct board *b, unsigned int ep, bool in)
{
	const struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	return e->ctl & EPCTL_USBAEP ? dwc2_mps(e, ep) : 0;
}

/* --- endpoint registers --- */

static bool fifo_low(const struct board *b, const struct dwc2_ep *e)
{
	if (b->dwc2.gahbcfg & GAHBCFG_TXFELVL)
		return !dwc2_tx_used(e);
	return dwc2_tx_used(e) <= dwc2_tx_depth(b, e) / 2;
}

static uint32_t flags(const struct board *b, bool in, unsigned int ep)
{
	const struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	if (in && fifo_low(b, e))
		return e->interrupt | EPINT_TXFE;
	return e->interrupt;
}

uint32_t dwc2_ep_interrupt(const struct board *b, bool in, unsigned int ep)
{
	const struct dwc2 *d = &b->dwc2;
	uint32_t mask = in ? d->diepmsk & ~(uint32_t)EPINT_TXFE : d->doepmsk;

	if (in && (d->diepempmsk >> ep & 1))
		mask |= EPINT_TXFE;
	return flags(b, in, ep) & mask;
}

uint32_t dwc2_ep_read(struct board *b, bool in, unsigned int ep,
		      uint32_t offset)
{
	const struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	switch (offset) {
	case EP_CTL:
		return e->ctl | (uint32_t)(ep && e->toggle) << 16;
	case EP_INT:
		return flags(b, in, ep);
	case EP_TSIZ:
		return e->tsiz;
	case EP_DMA:
		return e->dma;
	case EP_DTXFSTS:
		return in ? dwc2_tx_depth(b, e) - dwc2_tx_used(e) : 0;
	default:
		return 0;
	}
}

static void enable_in(struct board *b, unsigned int ep)
{
	struct dwc2_ep *e = &b->dwc2.in[ep];

	if (e->ctl & EPCTL_EPENA)
		return;
	if (!dwc2_packets(e)) {
		emu_fail(&b->emu,
			 "IN endpoint %u is enabled with DIEPTSIZ.PKTCNT 0",
			 ep);
		return;
	}
	if (dwc2_tx_used(e)) {
		emu_fail(&b->emu,
			 "IN endpoint %u is enabled while %u words of an older "
			 "transfer are in its FIFO",
			 ep, dwc2_tx_used(e));
		return;
	}
	dwc2_tx_check(b, ep);
	e->ctl |= EPCTL_EPENA;
	e->pushed = e->sent = 0;
	e->enabled_nak = false;
}

/* Erratum 2.21.3: a zero-length packet is enabled with NAK set, and NAK is
 * cleared 15 AHB clocks later. */
static void check_zlp(struct board *b, unsigned int ep)
{
	const struct dwc2_ep *e = &b->dwc2.in[ep];
	uint64_t wait = ZLP_AHB_CLOCKS * (EMU_S / b->rcc.ahb_hz);

	if (b->dwc2.zlp_unchecked || dwc2_left(e) || e->pushed ||
	    dwc2_packets(e) != 1 || !(e->ctl & EPCTL_EPENA))
		return;
	if (!e->enabled_nak || emu_now(&b->emu) - e->nak_ps < wait)
		emu_fail(&b->emu,
			 "erratum 2.21.3: the zero-length packet of IN "
			 "endpoint %u may carry data; set EPENA and SNAK, wait "
			 "15 AHB clocks, then CNAK",
			 ep);
}

static void nak(struct board *b, bool in, unsigned int ep, uint32_t value)
{
	struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	if (value & EPCTL_SNAK) {
		e->ctl |= EPCTL_NAKSTS;
		if (in)
			e->interrupt |= EPINT_INEPNE;
		if (value & EPCTL_EPENA) {
			e->enabled_nak = true;
			e->nak_ps = emu_now(&b->emu);
		}
	} else if (value & EPCTL_CNAK) {
		if (in)
			check_zlp(b, ep);
		e->ctl &= ~(uint32_t)EPCTL_NAKSTS;
		e->interrupt &= in ? ~(uint32_t)EPINT_INEPNE : UINT32_MAX;
	}
}

static void write_ctl(struct board *b, bool in, unsigned int ep, uint32_t value)
{
	struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];
	const uint32_t kept =
		ep ? 0x7ffU | EPCTL_USBAEP | 3U << 18 | EPCTL_STALL | 15U << 22
		   : 3U | 15U << 22;

	e->ctl = (e->ctl & ~kept) | (value & kept);
	if (!ep) /* only the core takes EP0's STALL back */
		e->ctl |= value & EPCTL_STALL;
	if (value & EPCTL_SD0PID)
		e->toggle = false;
	if (value & EPCTL_SD1PID)
		e->toggle = true;
	if (value & EPCTL_EPENA) {
		if (in)
			enable_in(b, ep);
		else
			e->ctl |= EPCTL_EPENA;
	}
	nak(b, in, ep, value);
	if ((value & EPCTL_EPDIS) && (e->ctl & EPCTL_EPENA)) {
		e->ctl &= ~EPCTL_EPENA;
		e->interrupt |= EPINT_EPDISD;
		e->ended = false;
	}
	dwc2_tell(b);
}

void dwc2_ep_write(struct board *b, bool in, unsigned int ep, uint32_t offset,
		   uint32_t value)
{
	struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	switch (offset) {
	case EP_CTL:
		write_ctl(b, in, ep, value);
		break;
	case EP_INT:
		e->interrupt &= ~value;
		break;
	case EP_TSIZ:
		if (in && (e->ctl & EPCTL_EPENA))
			emu_fail(&b->emu,
				 "DIEPTSIZ%u is written while the endpoint is "
				 "enabled",
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

/* --- the wire --- */

const char *dwc2_answer_name(enum dwc2_answer a)
{
	static const char *const names[] = { "ACK", "NAK", "STALL", "nothing" };

	return names[a];
}

/* Memory that the core's DMA reaches, or NULL after emu_fail(). */
static uint8_t *dma_memory(struct board *b, uint32_t address, uint32_t len)
{
	uint8_t *p = NULL;

	if (address >= AXISRAM_BASE)
		p = bus_memory(b, address, len ? len : 1);
	if (!p)
		emu_fail(
			&b->emu,
			"USB DMA of %u bytes at 0x%08x: it reaches AXI and AHB "
			"SRAM only, no ITCM or DTCM",
			len, address);
	return p;
}

static void setup_by_dma(struct board *b, const uint8_t *setup)
{
	struct dwc2_ep *e = &b->dwc2.out[0];
	uint8_t *p = dma_memory(b, e->dma, SETUP_SIZE);

	if (p)
		memcpy(p, setup, SETUP_SIZE);
	e->dma += SETUP_SIZE;
	e->ctl &= ~EPCTL_EPENA;
	e->interrupt |= EPINT_SETUP;
}

enum dwc2_answer dwc2_setup(struct board *b, const uint8_t setup[8])
{
	struct dwc2 *d = &b->dwc2;

	if (d->link != DWC2_ON)
		return DWC2_NOTHING;
	if (!dwc2_uses_dma(b) && !dwc2_rx_room(b, 4))
		return DWC2_NOTHING; /* no handshake: the host tries again */
	emu_trace(&b->emu, EMU_TRACE_USB,
		  "SETUP %02x %02x %02x%02x %02x%02x %02x%02x", setup[0],
		  setup[1], setup[3], setup[2], setup[5], setup[4], setup[7],
		  setup[6]);
	d->in[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->out[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->in[0].ctl |= EPCTL_NAKSTS;
	d->out[0].ctl |= EPCTL_NAKSTS;
	/* What an answer left over of a transfer that was given up does in
	 * silicon is not known; here it is gone. */
	d->in[0].ctl &= ~EPCTL_EPENA;
	d->in[0].sent = d->in[0].pushed;
	d->in[0].toggle = d->out[0].toggle = true;
	if (dwc2_uses_dma(b)) {
		setup_by_dma(b, setup);
	} else {
		dwc2_rx_push(b, PKTSTS_SETUP << 17, setup, SETUP_SIZE);
		dwc2_rx_push(b, PKTSTS_SETUP_DONE << 17, NULL, 0);
	}
	dwc2_update(b);
	return DWC2_ACK;
}

static void accept_out(struct board *b, unsigned int ep, const uint8_t *data,
		       uint32_t len)
{
	struct dwc2_ep *e = &b->dwc2.out[ep];
	bool last = dwc2_packets(e) == 1 || len < dwc2_mps(e, ep);
	uint8_t *p;

	e->toggle = !e->toggle;
	dwc2_use(e, len, 1);
	if (dwc2_uses_dma(b)) {
		p = dma_memory(b, e->dma, len);
		if (p && len)
			memcpy(p, data, len);
		e->dma += len;
		if (last)
			dwc2_rx_popped(b, PKTSTS_OUT_DONE << 17 | ep);
		return;
	}
	dwc2_rx_push(b, PKTSTS_OUT << 17 | ep | (e->toggle ? 0U : 2U << 15),
		     data, len);
	if (last) {
		e->ended = true;
		dwc2_rx_push(b, PKTSTS_OUT_DONE << 17 | ep, NULL, 0);
	}
}

enum dwc2_answer dwc2_out(struct board *b, unsigned int ep, bool toggle,
			  const uint8_t *data, uint32_t len)
{
	struct dwc2 *d = &b->dwc2;
	struct dwc2_ep *e = &d->out[ep];

	if (d->link != DWC2_ON || !(e->ctl & EPCTL_USBAEP))
		return DWC2_NOTHING;
	if (e->ctl & EPCTL_STALL)
		return DWC2_STALL;
	if (!(e->ctl & EPCTL_EPENA) || (e->ctl & EPCTL_NAKSTS) || e->ended ||
	    d->global_nak_pending || !dwc2_packets(e) ||
	    (!dwc2_uses_dma(b) && !dwc2_rx_room(b, 2 + (len + 3) / 4)))
		return DWC2_NAK;
	if (toggle != e->toggle) {
		emu_fail(&b->emu,
			 "OUT endpoint %u gets DATA%u and expects DATA%u: its "
			 "data toggle was not reset",
			 ep, toggle, e->toggle);
		return DWC2_NOTHING;
	}
	if (len > dwc2_left(e)) {
		emu_fail(&b->emu,
			 "OUT endpoint %u gets %u bytes where DOEPTSIZ.XFRSIZ "
			 "has room for %u: they would go past the buffer",
			 ep, len, dwc2_left(e));
		return DWC2_NOTHING;
	}
	emu_trace(&b->emu, EMU_TRACE_USB, "OUT%u DATA%u %u bytes", ep, toggle,
		  len);
	accept_out(b, ep, data, len);
	dwc2_update(b);
	return DWC2_ACK;
}

/* The next packet's bytes, if the device has them. */
static bool take_in(struct board *b, struct dwc2_ep *e, unsigned int ep,
		    uint8_t *data, uint32_t *len)
{
	uint32_t size = dwc2_mps(e, ep), whole = dwc2_left(e);
	const uint8_t *p;

	if (dwc2_uses_dma(b)) {
		*len = whole < size ? whole : size;
		p = dma_memory(b, e->dma, *len);
		if (!p)
			return false;
		memcpy(data, p, *len);
		e->dma += *len;
		dwc2_use(e, *len, 1);
		return true;
	}
	whole += e->pushed - e->sent;
	*len = whole < size ? whole : size;
	if (e->pushed - e->sent < *len)
		return false;
	for (uint32_t i = 0; i < *len; i++)
		data[i] = e->data[(e->sent + i) % sizeof(e->data)];
	e->sent += *len;
	dwc2_use(e, 0, 1);
	return true;
}

enum dwc2_answer dwc2_in(struct board *b, unsigned int ep, bool toggle,
			 uint8_t *data, uint32_t *len)
{
	struct dwc2 *d = &b->dwc2;
	struct dwc2_ep *e = &d->in[ep];

	if (d->link != DWC2_ON || !(e->ctl & EPCTL_USBAEP))
		return DWC2_NOTHING;
	if (e->ctl & EPCTL_STALL)
		return DWC2_STALL;
	if (!(e->ctl & EPCTL_EPENA) || (e->ctl & EPCTL_NAKSTS) ||
	    (d->dctl & DCTL_GINSTS) || !dwc2_packets(e))
		return DWC2_NAK;
	if (toggle != e->toggle) {
		emu_fail(&b->emu,
			 "IN endpoint %u has DATA%u and the host expects "
			 "DATA%u: its data toggle was not reset",
			 ep, e->toggle, toggle);
		return DWC2_NOTHING;
	}
	if (!take_in(b, e, ep, data, len))
		return DWC2_NAK;
	emu_trace(&b->emu, EMU_TRACE_USB, "IN%u DATA%u %u bytes", ep, toggle,
		  *len);
	e->toggle = !e->toggle;
	if (!dwc2_packets(e)) {
		e->ctl &= ~EPCTL_EPENA;
		e->interrupt |= EPINT_XFRC;
	}
	dwc2_update(b);
	return DWC2_ACK;
}
