/* SPDX-License-Identifier: Apache-2.0 */
/* The FIFOs of the DWC2, in its 1024 words of RAM. */
#include "emulator/dwc2_fifo.h"

#include <string.h>

/* --- receive FIFO --- */

bool dwc2_rx_room(const struct board *b, uint32_t words)
{
	const struct dwc2 *d = &b->dwc2;

	return d->entries + 2 < DWC2_RX_ENTRIES &&
	       d->rx_words_used + words <= (d->grxfsiz & 0xffff) &&
	       d->rx_words_used + words <= DWC2_FIFO_WORDS;
}

void dwc2_rx_push(struct board *b, uint32_t status, const uint8_t *data,
		  uint32_t len)
{
	struct dwc2 *d = &b->dwc2;
	struct dwc2_rx *r =
		&d->entry[(d->first + d->entries) % DWC2_RX_ENTRIES];
	uint32_t words = (len + 3) / 4;

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

void dwc2_rx_popped(struct board *b, uint32_t status)
{
	struct dwc2 *d = &b->dwc2;
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

uint32_t dwc2_pop_status(struct board *b, bool take)
{
	struct dwc2 *d = &b->dwc2;
	struct dwc2_rx *r = &d->entry[d->first];

	if (!d->entries) {
		if (take)
			emu_fail(&b->emu, "GRXSTSP is read while the receive "
					  "FIFO is empty");
		return 0;
	}
	if (!take)
		return r->status;
	if (d->unread) {
		emu_fail(&b->emu,
			 "GRXSTSP is read while %u words of the packet before "
			 "are in the receive FIFO",
			 d->unread);
		return 0;
	}
	d->first = (d->first + 1) % DWC2_RX_ENTRIES;
	d->entries--;
	d->unread = r->words;
	d->rx_words_used--;
	dwc2_rx_popped(b, r->status);
	dwc2_tell(b);
	return r->status;
}

uint32_t dwc2_pop_data(struct board *b)
{
	struct dwc2 *d = &b->dwc2;
	uint32_t word;

	if (!d->unread) {
		emu_fail(&b->emu, "the receive FIFO is read with no word of a "
				  "popped packet left: underflow");
		return 0;
	}
	word = d->rx[d->rx_head];
	d->rx_head = (d->rx_head + 1) % DWC2_FIFO_WORDS;
	d->rx_count--;
	d->rx_words_used--;
	if (!--d->unread)
		dwc2_tell(b);
	return word;
}

void dwc2_flush_rx(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	d->entries = d->rx_count = d->rx_words_used = d->unread = 0;
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++)
		d->out[i].ended = false;
}

void dwc2_global_nak(struct board *b)
{
	struct dwc2 *d = &b->dwc2;

	d->dctl |= DCTL_GONSTS;
	if (d->global_nak_pending)
		return;
	d->global_nak_pending = true;
	if (dwc2_uses_dma(b))
		d->global_nak_out = true;
	else
		dwc2_rx_push(b, PKTSTS_GLOBAL_NAK << 17, NULL, 0);
}

/* --- transmit FIFOs --- */

uint32_t dwc2_tx_depth(const struct board *b, const struct dwc2_ep *e)
{
	return b->dwc2.dieptxf[dwc2_tx_fifo(e) % DWC2_ENDPOINTS] >> 16;
}

uint32_t dwc2_tx_used(const struct dwc2_ep *e)
{
	return (e->pushed - e->sent + 3) / 4;
}

void dwc2_tx_check(struct board *b, unsigned int ep)
{
	const struct dwc2 *d = &b->dwc2;
	const struct dwc2_ep *e = &d->in[ep];
	uint32_t start = d->dieptxf[dwc2_tx_fifo(e) % DWC2_ENDPOINTS] & 0xffff;
	uint32_t end = start + dwc2_tx_depth(b, e);

	if (start < (d->grxfsiz & 0xffff) || end > DWC2_FIFO_WORDS) {
		emu_fail(&b->emu,
			 "transmit FIFO %u is words %u to %u: over the receive "
			 "FIFO's %u or the end of %u",
			 dwc2_tx_fifo(e), start, end, d->grxfsiz & 0xffff,
			 DWC2_FIFO_WORDS);
		return;
	}
	if (4 * (end - start) < dwc2_mps(e, ep))
		emu_fail(&b->emu,
			 "transmit FIFO %u of %u words holds no packet of %u "
			 "bytes",
			 dwc2_tx_fifo(e), end - start, dwc2_mps(e, ep));
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		const struct dwc2_ep *o = &d->in[i];
		uint32_t other = d->dieptxf[dwc2_tx_fifo(o) % DWC2_ENDPOINTS];
		uint32_t from = other & 0xffff, to = from + (other >> 16);

		if (i == ep || !(o->ctl & EPCTL_USBAEP))
			continue;
		if (dwc2_tx_fifo(o) == dwc2_tx_fifo(e) ||
		    (from < end && start < to))
			emu_fail(&b->emu,
				 "transmit FIFOs of IN endpoints %u and %u "
				 "overlap",
				 ep, i);
	}
}

static struct dwc2_ep *owner(struct board *b, unsigned int fifo)
{
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		struct dwc2_ep *e = &b->dwc2.in[i];

		if ((e->ctl & EPCTL_USBAEP) && dwc2_tx_fifo(e) == fifo)
			return e;
	}
	return NULL;
}

void dwc2_push(struct board *b, unsigned int fifo, uint32_t word)
{
	struct dwc2_ep *e = owner(b, fifo);
	uint32_t n;

	if (!e || !(e->ctl & EPCTL_EPENA)) {
		emu_fail(&b->emu,
			 "transmit FIFO %u is written while no enabled "
			 "endpoint has it",
			 fifo);
		return;
	}
	if (!dwc2_left(e)) {
		emu_fail(&b->emu,
			 "transmit FIFO %u is written past DIEPTSIZ.XFRSIZ",
			 fifo);
		return;
	}
	if (dwc2_tx_used(e) >= dwc2_tx_depth(b, e)) {
		emu_fail(&b->emu, "transmit FIFO %u overflows its %u words",
			 fifo, dwc2_tx_depth(b, e));
		return;
	}
	n = dwc2_left(e) < 4 ? dwc2_left(e) : 4;
	/* A packet starts at a word of its own; sizes are multiples of 4. */
	for (uint32_t i = 0; i < n; i++)
		e->data[(e->pushed + i) % sizeof(e->data)] =
			(uint8_t)(word >> 8 * i);
	e->pushed += n;
	dwc2_use(e, n, 0);
	dwc2_tell(b);
}

void dwc2_flush_tx(struct board *b, unsigned int fifo)
{
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		struct dwc2_ep *e = &b->dwc2.in[i];

		if (fifo == 0x10 || dwc2_tx_fifo(e) == fifo)
			e->sent = e->pushed;
	}
}
