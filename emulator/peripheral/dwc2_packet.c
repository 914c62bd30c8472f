/* SPDX-License-Identifier: Apache-2.0 */
/* Packets between the host and the DWC2's endpoints. */
#include <string.h>

#include "emulator/peripheral/dwc2_core.h"

enum { SETUP_SIZE = 8 };

uint32_t dwc2_packet_size(const struct dwc2 *d, unsigned int ep, bool in)
{
	const struct dwc2_ep *e = in ? &d->in[ep] : &d->out[ep];

	return e->ctl & EPCTL_USBAEP ? dwc2_mps(e, ep) : 0;
}

/* Host address of a DMA buffer of len > 0 bytes, or NULL after emu_fail(). */
static uint8_t *dma_memory(struct dwc2 *d, uint32_t address, uint32_t len)
{
	uint8_t *p = NULL;

	if (address >= AXISRAM_BASE)
		p = emu_memory_at(&d->machine->memory, address, len);
	if (!p)
		emu_fail(
			d->emu,
			"USB DMA of %u bytes at 0x%08x: it reaches AXI and AHB "
			"SRAM only, no ITCM or DTCM; move the buffer",
			len, address);
	return p;
}

static void write_setup_by_dma(struct dwc2 *d, const uint8_t *setup)
{
	struct dwc2_ep *e = &d->out[0];
	uint8_t *p = dma_memory(d, e->dma, SETUP_SIZE);

	if (p)
		memcpy(p, setup, SETUP_SIZE);
	e->dma += SETUP_SIZE;
	e->ctl &= ~EPCTL_EPENA;
	e->interrupt |= EPINT_SETUP;
}

enum dwc2_answer dwc2_setup(struct dwc2 *d, const uint8_t setup[8])
{
	if (d->link != DWC2_ON)
		return DWC2_NOTHING;
	if (!dwc2_uses_dma(d) && !dwc2_rx_has_room(d, 4))
		return DWC2_NOTHING; /* no handshake: the host sends it again */
	emu_trace(d->emu, EMU_TRACE_USB,
		  "SETUP %02x %02x %02x%02x %02x%02x %02x%02x", setup[0],
		  setup[1], setup[3], setup[2], setup[5], setup[4], setup[7],
		  setup[6]);
	d->in[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->out[0].ctl &= ~(uint32_t)EPCTL_STALL;
	d->in[0].ctl |= EPCTL_NAKSTS;
	d->out[0].ctl |= EPCTL_NAKSTS;
	/* Drop an answer that an abandoned control transfer has left. The
	 * silicon's behaviour in this case is not known. */
	d->in[0].ctl &= ~EPCTL_EPENA;
	d->in[0].sent = d->in[0].pushed;
	d->in[0].toggle = d->out[0].toggle = true;
	if (dwc2_uses_dma(d)) {
		write_setup_by_dma(d, setup);
	} else {
		dwc2_rx_push(d, PKTSTS_SETUP << 17, setup, SETUP_SIZE);
		dwc2_rx_push(d, PKTSTS_SETUP_DONE << 17, NULL, 0);
	}
	dwc2_update_interrupt(d);
	return DWC2_ACK;
}

static void accept_out(struct dwc2 *d, unsigned int ep, const uint8_t *data,
		       uint32_t len)
{
	struct dwc2_ep *e = &d->out[ep];
	bool last = dwc2_packets_left(e) == 1 || len < dwc2_mps(e, ep);
	uint8_t *p;

	e->toggle = !e->toggle;
	dwc2_subtract(e, len, 1);
	if (dwc2_uses_dma(d)) {
		p = len ? dma_memory(d, e->dma, len) : NULL;
		if (p)
			memcpy(p, data, len);
		e->dma += len;
		if (last)
			dwc2_rx_popped(d, PKTSTS_OUT_DONE << 17 | ep);
		return;
	}
	dwc2_rx_push(d, PKTSTS_OUT << 17 | ep | (e->toggle ? 0U : 2U << 15),
		     data, len);
	if (last) {
		e->ended = true;
		dwc2_rx_push(d, PKTSTS_OUT_DONE << 17 | ep, NULL, 0);
	}
}

enum dwc2_answer dwc2_out(struct dwc2 *d, unsigned int ep, bool toggle,
			  const uint8_t *data, uint32_t len)
{
	struct dwc2_ep *e = &d->out[ep];

	if (d->link != DWC2_ON || !(e->ctl & EPCTL_USBAEP))
		return DWC2_NOTHING;
	if (e->ctl & EPCTL_STALL)
		return DWC2_STALL;
	if (!(e->ctl & EPCTL_EPENA) || (e->ctl & EPCTL_NAKSTS) || e->ended ||
	    d->global_nak_pending || !dwc2_packets_left(e) ||
	    (!dwc2_uses_dma(d) && !dwc2_rx_has_room(d, 2 + (len + 3) / 4)))
		return DWC2_NAK;
	if (toggle != e->toggle) {
		emu_fail(d->emu,
			 "OUT endpoint %u gets DATA%u and expects DATA%u: its "
			 "data toggle was not reset; set DOEPCTL.SD0PID on "
			 "SET_CONFIGURATION and CLEAR_FEATURE(HALT)",
			 ep, toggle, e->toggle);
		return DWC2_NOTHING;
	}
	if (len > dwc2_bytes_left(e)) {
		emu_fail(d->emu,
			 "OUT endpoint %u gets %u bytes, but DOEPTSIZ.XFRSIZ "
			 "has room for %u: they would be written behind the "
			 "buffer. Set XFRSIZ to whole packets",
			 ep, len, dwc2_bytes_left(e));
		return DWC2_NOTHING;
	}
	emu_trace(d->emu, EMU_TRACE_USB, "OUT%u DATA%u %u bytes", ep, toggle,
		  len);
	accept_out(d, ep, data, len);
	dwc2_update_interrupt(d);
	return DWC2_ACK;
}

/* Get the next packet of a transfer. false: its bytes are not in the FIFO. */
static bool get_packet(struct dwc2 *d, struct dwc2_ep *e, unsigned int ep,
		       uint8_t *data, uint32_t *len)
{
	uint32_t size = dwc2_mps(e, ep), left = dwc2_bytes_left(e);
	const uint8_t *p;

	if (dwc2_uses_dma(d)) {
		*len = left < size ? left : size;
		/* A zero-length packet needs no buffer. */
		p = *len ? dma_memory(d, e->dma, *len) : NULL;
		if (*len && !p)
			return false;
		if (p)
			memcpy(data, p, *len);
		e->dma += *len;
		dwc2_subtract(e, *len, 1);
		return true;
	}
	left += e->pushed - e->sent;
	*len = left < size ? left : size;
	if (e->pushed - e->sent < *len)
		return false;
	for (uint32_t i = 0; i < *len; i++)
		data[i] = e->data[(e->sent + i) % sizeof(e->data)];
	e->sent += *len;
	dwc2_subtract(e, 0, 1);
	return true;
}

enum dwc2_answer dwc2_in(struct dwc2 *d, unsigned int ep, bool toggle,
			 uint8_t *data, uint32_t *len)
{
	struct dwc2_ep *e = &d->in[ep];

	if (d->link != DWC2_ON || !(e->ctl & EPCTL_USBAEP))
		return DWC2_NOTHING;
	if (e->ctl & EPCTL_STALL)
		return DWC2_STALL;
	if (!(e->ctl & EPCTL_EPENA) || (e->ctl & EPCTL_NAKSTS) ||
	    (d->dctl & DCTL_GINSTS) || !dwc2_packets_left(e))
		return DWC2_NAK;
	if (toggle != e->toggle) {
		emu_fail(d->emu,
			 "IN endpoint %u has DATA%u and the host expects "
			 "DATA%u: its data toggle was not reset; set "
			 "DIEPCTL.SD0PID on SET_CONFIGURATION and "
			 "CLEAR_FEATURE(HALT)",
			 ep, e->toggle, toggle);
		return DWC2_NOTHING;
	}
	if (!get_packet(d, e, ep, data, len))
		return DWC2_NAK;
	emu_trace(d->emu, EMU_TRACE_USB, "IN%u DATA%u %u bytes", ep, toggle,
		  *len);
	e->toggle = !e->toggle;
	if (!dwc2_packets_left(e)) {
		e->ctl &= ~EPCTL_EPENA;
		e->interrupt |= EPINT_XFRC;
	}
	dwc2_update_interrupt(d);
	return DWC2_ACK;
}
