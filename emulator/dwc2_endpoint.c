/* Endpoints, FIFOs and the packets between them and the host. */
#include <string.h>

#include "emulator/board.h"
#include "emulator/dwc2_bits.h"

enum {
	XFRSIZ_MASK = 0x7ffff,
	PKTCNT_SHIFT = 19,
	PKTCNT_MASK = 0x3ff,
	ZLP_AHB_CLOCKS = 15, /* erratum 2.21.3 */
	SETUP_SIZE = 8,
};

static bool dma(const struct board *b)
{
	return b->dwc2.gahbcfg & GAHBCFG_DMAEN;
}

static void tell(struct board *b)
{
	if (b->dwc2.changed)
		b->dwc2.changed(b);
}

static uint32_t left(const struct dwc2_ep *e)
{
	return e->tsiz & XFRSIZ_MASK;
}

static uint32_t packets(const struct dwc2_ep *e)
{
	return e->tsiz >> PKTCNT_SHIFT & PKTCNT_MASK;
}

static void use(struct dwc2_ep *e, uint32_t bytes, uint32_t count)
{
	e->tsiz -= bytes + (count << PKTCNT_SHIFT);
}

static uint32_t packet_size(const struct dwc2_ep *e, unsigned int ep)
{
	return ep ? e->ctl & 0x7ff : 64U >> (e->ctl & 3);
}

uint32_t dwc2_packet_size(const struct board *b, unsigned int ep, bool in)
{
	const struct dwc2_ep *e = in ? &b->dwc2.in[ep] : &b->dwc2.out[ep];

	return e->ctl & EPCTL_USBAEP ? packet_size(e, ep) : 0;
}

/* --- receive FIFO --- */

static bool room(const struct board *b, uint32_t words)
{
	const struct dwc2 *d = &b->dwc2;

	return d->entries + 2 < DWC2_RX_ENTRIES &&
	       d->rx_words_used + words <= (d->grxfsiz & 0xffff) &&
	       d->rx_words_used + words <= DWC2_FIFO_WORDS;
}

static void receive(struct board *b, uint32_t status, const uint8_t *data,
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

/* What reading an entry off the FIFO lets happen. */
static void popped(struct board *b, uint32_t status)
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
	popped(b, r->status);
	tell(b);
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
		tell(b);
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
	if (dma(b))
		d->global_nak_out = true;
	else
		receive(b, PKTSTS_GLOBAL_NAK << 17, NULL, 0);
}

/* --- transmit FIFOs --- */

static unsigned int fifo_of(const struct dwc2_ep *e)
{
	return e->ctl >> 22 & 15;
}

static uint32_t depth(const struct board *b, const struct dwc2_ep *e)
{
	return b->dwc2.dieptxf[fifo_of(e) % DWC2_ENDPOINTS] >> 16;
}

static uint32_t used_words(const struct dwc2_ep *e)
{
	return (e->pushed - e->sent + 3) / 4;
}

/* Do FIFOs in use lie beside each other in the RAM? */
static void check_layout(struct board *b, unsigned int ep)
{
	const struct dwc2 *d = &b->dwc2;
	const struct dwc2_ep *e = &d->in[ep];
	uint32_t start = d->dieptxf[fifo_of(e) % DWC2_ENDPOINTS] & 0xffff;
	uint32_t end = start + depth(b, e);

	if (start < (d->grxfsiz & 0xffff) || end > DWC2_FIFO_WORDS) {
		emu_fail(&b->emu,
			 "transmit FIFO %u is words %u to %u: over the receive "
			 "FIFO's %u or the end of %u",
			 fifo_of(e), start, end, d->grxfsiz & 0xffff,
			 DWC2_FIFO_WORDS);
		return;
	}
	if (4 * (end - start) < packet_size(e, ep))
		emu_fail(&b->emu,
			 "transmit FIFO %u of %u words holds no packet of %u "
			 "bytes",
			 fifo_of(e), end - start, packet_size(e, ep));
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		const struct dwc2_ep *o = &d->in[i];
		uint32_t other = d->dieptxf[fifo_of(o) % DWC2_ENDPOINTS];
		uint32_t from = other & 0xffff, to = from + (other >> 16);

		if (i == ep || !(o->ctl & EPCTL_USBAEP))
			continue;
		if (fifo_of(o) == fifo_of(e) || (from < end && start < to))
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

		if ((e->ctl & EPCTL_USBAEP) && fifo_of(e) == fifo)
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
	if (!left(e)) {
		emu_fail(&b->emu,
			 "transmit FIFO %u is written past DIEPTSIZ.XFRSIZ",
			 fifo);
		return;
	}
	if (used_words(e) >= depth(b, e)) {
		emu_fail(&b->emu, "transmit FIFO %u overflows its %u words",
			 fifo, depth(b, e));
		return;
	}
	n = left(e) < 4 ? left(e) : 4;
	/* A packet starts at a word of its own; sizes are multiples of 4. */
	for (uint32_t i = 0; i < n; i++)
		e->data[(e->pushed + i) % sizeof(e->data)] =
			(uint8_t)(word >> 8 * i);
	e->pushed += n;
	use(e, n, 0);
	tell(b);
}

void dwc2_flush_tx(struct board *b, unsigned int fifo)
{
	for (unsigned int i = 0; i < DWC2_ENDPOINTS; i++) {
		struct dwc2_ep *e = &b->dwc2.in[i];

		if (fifo == 0x10 || fifo_of(e) == fifo)
			e->sent = e->pushed;
	}
}

/* --- endpoint registers --- */

static bool fifo_low(const struct board *b, const struct dwc2_ep *e)
{
	if (b->dwc2.gahbcfg & GAHBCFG_TXFELVL)
		return !used_words(e);
	return used_words(e) <= depth(b, e) / 2;
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
		return in ? depth(b, e) - used_words(e) : 0;
	default:
		return 0;
	}
}

static void enable_in(struct board *b, unsigned int ep)
{
	struct dwc2_ep *e = &b->dwc2.in[ep];

	if (e->ctl & EPCTL_EPENA)
		return;
	if (!packets(e)) {
		emu_fail(&b->emu,
			 "IN endpoint %u is enabled with DIEPTSIZ.PKTCNT 0",
			 ep);
		return;
	}
	if (used_words(e)) {
		emu_fail(&b->emu,
			 "IN endpoint %u is enabled while %u words of an older "
			 "transfer are in its FIFO",
			 ep, used_words(e));
		return;
	}
	check_layout(b, ep);
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

	if (b->dwc2.zlp_unchecked || left(e) || e->pushed || packets(e) != 1 ||
	    !(e->ctl & EPCTL_EPENA))
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
	tell(b);
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
	if (!dma(b) && !room(b, 4))
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
	if (dma(b)) {
		setup_by_dma(b, setup);
	} else {
		receive(b, PKTSTS_SETUP << 17, setup, SETUP_SIZE);
		receive(b, PKTSTS_SETUP_DONE << 17, NULL, 0);
	}
	dwc2_update(b);
	return DWC2_ACK;
}

static void accept_out(struct board *b, unsigned int ep, const uint8_t *data,
		       uint32_t len)
{
	struct dwc2_ep *e = &b->dwc2.out[ep];
	bool last = packets(e) == 1 || len < packet_size(e, ep);
	uint8_t *p;

	e->toggle = !e->toggle;
	use(e, len, 1);
	if (dma(b)) {
		p = dma_memory(b, e->dma, len);
		if (p && len)
			memcpy(p, data, len);
		e->dma += len;
		if (last)
			popped(b, PKTSTS_OUT_DONE << 17 | ep);
		return;
	}
	receive(b, PKTSTS_OUT << 17 | ep | (e->toggle ? 0U : 2U << 15), data,
		len);
	if (last) {
		e->ended = true;
		receive(b, PKTSTS_OUT_DONE << 17 | ep, NULL, 0);
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
	    d->global_nak_pending || !packets(e) ||
	    (!dma(b) && !room(b, 2 + (len + 3) / 4)))
		return DWC2_NAK;
	if (toggle != e->toggle) {
		emu_fail(&b->emu,
			 "OUT endpoint %u gets DATA%u and expects DATA%u: its "
			 "data toggle was not reset",
			 ep, toggle, e->toggle);
		return DWC2_NOTHING;
	}
	if (len > left(e)) {
		emu_fail(&b->emu,
			 "OUT endpoint %u gets %u bytes where DOEPTSIZ.XFRSIZ "
			 "has room for %u: they would go past the buffer",
			 ep, len, left(e));
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
	uint32_t size = packet_size(e, ep), whole = left(e);
	const uint8_t *p;

	if (dma(b)) {
		*len = whole < size ? whole : size;
		p = dma_memory(b, e->dma, *len);
		if (!p)
			return false;
		memcpy(data, p, *len);
		e->dma += *len;
		use(e, *len, 1);
		return true;
	}
	whole += e->pushed - e->sent;
	*len = whole < size ? whole : size;
	if (e->pushed - e->sent < *len)
		return false;
	for (uint32_t i = 0; i < *len; i++)
		data[i] = e->data[(e->sent + i) % sizeof(e->data)];
	e->sent += *len;
	use(e, 0, 1);
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
	    (d->dctl & DCTL_GINSTS) || !packets(e))
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
	if (!packets(e)) {
		e->ctl &= ~EPCTL_EPENA;
		e->interrupt |= EPINT_XFRC;
	}
	dwc2_update(b);
	return DWC2_ACK;
}
