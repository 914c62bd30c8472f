/* SPDX-License-Identifier: Apache-2.0 */
/* The FIFOs of the DWC2, which share 1024 words of RAM. */
#include "emulator/peripheral/dwc2_core.h"

#include <string.h>

/* --- receive FIFO --- */

bool dwc2_rx_has_room(const struct dwc2 *d, uint32_t words)
{
	return d->entries + 2 < DWC2_RX_ENTRIES &&
	       d->rx_words_used + words <= (d->grxfsiz & 0xffff) &&
	       d->rx_words_used + words <= DWC2_FIFO_WORDS;
}

void dwc2_rx_push(struct dwc2 *d, uint32_t status, const uint8_t *data,
		  uint32_t len)
{
	struct dwc2_rx *r =
		&d->entry[(d->first + d->entries) % DWC2_RX_ENTRIES];
	uint32_t words = (len + 3) / 4;

	if (d->entries == DWC2_RX_ENTRIES) {
		emu_fail(d->emu,
			 "the receive FIFO overflows its %u status entries; "
			 "read GRXSTSP while GINTSTS.RXFLVL is set",
			 DWC2_RX_ENTRIES);
		return;
	}
	r->status = status | len << 4;
	r->words = (uint16_t)words;
	d->entries++;
	for (uint32_t i = 0; i < words; i++) {
		uint32_t at = (d->rx_head + d->rx_count) % DWC2_FIFO_WORDS;
		uint32_t n = len - 4 * i < 4 ? len - 4 * i : 4;

		d->rx[at] = 0;
		memcpy(&d->rx[at], data + (size_t)4 * i, n);
		d->rx_count++;
	}
	d->rx_words_used += 1 + words;
}

void dwc2_rx_popped(struct dwc2 *d, uint32_t status)
{
	unsigned int ep = status & 15;
	struct dwc2_ep *e = &d->out[ep];

	switch (status >> 17 & 15) {
	case PKTSTS_GLOBAL_NAK:
		d->global_nak_out = d->global_nak_pending;
		break;
	case PKTSTS_SETUP_DONE:
		e->interrupt |= EPINT_SETUP;
		break;
	case PKTSTS_OUT_DONE:
		e->ended = false;
		e->ctl = (e->ctl & ~EPCTL_EPENA) | EPCTL_NAKSTS;
		e->interrupt |= EPINT_XFRC;
		break;
	default:
		break;
	}
}

uint32_t dwc2_rx_status(struct dwc2 *d, bool pop)
{
	struct dwc2_rx *r = &d->entry[d->first];

	if (!d->entries) {
		if (pop)
			emu_fail(d->emu,
				 "GRXSTSP is read while the receive FIFO is "
				 "empty; test GINTSTS.RXFLVL first");
		return 0;
	}
	if (!pop)
		return r->status;
	if (d->unread) {
		emu_fail(d->emu,
			 "GRXSTSP is read while %u words of the packet before "
			 "are in the receive FIFO; read them first",
			 d->unread);
		return 0;
	}
	d->first = (d->first + 1) % DWC2_RX_ENTRIES;
	d->entries--;
	d->unread = r->words;
	d->rx_words_used--;
	dwc2_rx_popped(d, r->status);
	emu_signal_fire(&d->changed);
	return r->status;
}

uint32_t dwc2_rx_data(struct dwc2 *d)
{
	uint32_t word;

	if (!d->unread) {
		emu_fail(d->emu, "receive FIFO underflow: it is read, but no "
				 "word of a popped packet is left");
		return 0;
	}
	word = d->rx[d->rx_head];
	d->rx_head = (d->rx_head + 1) % DWC2_FIFO_WORDS;
	d->rx_count--;
	d->rx_words_used--;
	if (!--d->unread)
		emu_signal_fire(&d->changed);
	return word;
}

void dwc2_rx_flush(struct dwc2 *d)
{
	d->entries = d->rx_count = d->rx_words_used = d->unread = 0;
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++)
		d->out[i].ended = false;
}

void dwc2_set_global_nak(struct dwc2 *d)
{
	d->dctl |= DCTL_GONSTS;
	if (d->global_nak_pending)
		return;
	d->global_nak_pending = true;
	if (dwc2_uses_dma(d))
		d->global_nak_out = true;
	else
		dwc2_rx_push(d, PKTSTS_GLOBAL_NAK << 17, NULL, 0);
}

/* --- transmit FIFOs --- */

uint32_t dwc2_tx_depth(const struct dwc2 *d, const struct dwc2_ep *e)
{
	return d->dieptxf[dwc2_tx_fifo(e) % DWC2_ENDPOINTS] >> 16;
}

uint32_t dwc2_tx_used(const struct dwc2_ep *e)
{
	return (e->pushed - e->sent + 3) / 4;
}

static void check_overlap(struct dwc2 *d, unsigned int ep, unsigned int other)
{
	const struct dwc2_ep *e = &d->in[ep], *o = &d->in[other];
	uint32_t a = d->dieptxf[dwc2_tx_fifo(e) % DWC2_ENDPOINTS];
	uint32_t b = d->dieptxf[dwc2_tx_fifo(o) % DWC2_ENDPOINTS];
	uint32_t a_start = a & 0xffff, a_end = a_start + (a >> 16);
	uint32_t b_start = b & 0xffff, b_end = b_start + (b >> 16);

	if (other == ep || !(o->ctl & EPCTL_USBAEP))
		return;
	if (dwc2_tx_fifo(o) == dwc2_tx_fifo(e) ||
	    (b_start < a_end && a_start < b_end))
		emu_fail(d->emu,
			 "transmit FIFOs of IN endpoints %u and %u overlap; "
			 "check DIEPTXF and DIEPCTL.TXFNUM",
			 ep, other);
}

void dwc2_tx_check(struct dwc2 *d, unsigned int ep)
{
	const struct dwc2_ep *e = &d->in[ep];
	uint32_t start = d->dieptxf[dwc2_tx_fifo(e) % DWC2_ENDPOINTS] & 0xffff;
	uint32_t end = start + dwc2_tx_depth(d, e);

	if (start < (d->grxfsiz & 0xffff) || end > DWC2_FIFO_WORDS) {
		emu_fail(d->emu,
			 "transmit FIFO %u (DIEPTXF) is words %u to %u: it "
			 "overlaps the receive FIFO's %u (GRXFSIZ) or exceeds "
			 "the RAM of %u words",
			 dwc2_tx_fifo(e), start, end, d->grxfsiz & 0xffff,
			 DWC2_FIFO_WORDS);
		return;
	}
	if (4 * (end - start) < dwc2_mps(e, ep))
		emu_fail(d->emu,
			 "transmit FIFO %u of %u words holds no packet of %u "
			 "bytes; enlarge it in DIEPTXF",
			 dwc2_tx_fifo(e), end - start, dwc2_mps(e, ep));
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++)
		check_overlap(d, ep, i);
}

/* The active IN endpoint that uses a FIFO, or NULL. */
static struct dwc2_ep *find_owner(struct dwc2 *d, unsigned int fifo)
{
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		struct dwc2_ep *e = &d->in[i];

		if ((e->ctl & EPCTL_USBAEP) && dwc2_tx_fifo(e) == fifo)
			return e;
	}
	return NULL;
}

void dwc2_tx_push(struct dwc2 *d, unsigned int fifo, uint32_t word)
{
	struct dwc2_ep *e = find_owner(d, fifo);
	uint32_t n;

	if (!e || !(e->ctl & EPCTL_EPENA)) {
		emu_fail(d->emu,
			 "transmit FIFO %u is written, but no enabled endpoint "
			 "uses it; set DIEPCTL.EPENA first",
			 fifo);
		return;
	}
	if (!dwc2_bytes_left(e)) {
		emu_fail(d->emu,
			 "transmit FIFO %u is written past DIEPTSIZ.XFRSIZ; "
			 "write no more than the transfer has",
			 fifo);
		return;
	}
	if (dwc2_tx_used(e) >= dwc2_tx_depth(d, e)) {
		emu_fail(d->emu,
			 "transmit FIFO %u overflows its %u words; "
			 "test DTXFSTS first",
			 fifo, dwc2_tx_depth(d, e));
		return;
	}
	n = dwc2_bytes_left(e) < 4 ? dwc2_bytes_left(e) : 4;
	/* Each packet starts at a word boundary: all packets except the last
	 * have wMaxPacketSize bytes, a multiple of 4. */
	for (uint32_t i = 0; i < n; i++)
		e->data[(e->pushed + i) % sizeof(e->data)] =
			(uint8_t)(word >> 8 * i);
	e->pushed += n;
	dwc2_subtract(e, n, 0);
	emu_signal_fire(&d->changed);
}

void dwc2_tx_flush(struct dwc2 *d, unsigned int fifo)
{
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		struct dwc2_ep *e = &d->in[i];

		if (fifo == 0x10 || dwc2_tx_fifo(e) == fifo)
			e->sent = e->pushed;
	}
}
