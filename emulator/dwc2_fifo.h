/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the DWC2's endpoints and FIFOs share. */
#ifndef TETHER_EMULATOR_DWC2_FIFO_H
#define TETHER_EMULATOR_DWC2_FIFO_H

#include "emulator/board.h"
#include "emulator/dwc2_bits.h"

enum { XFRSIZ_MASK = 0x7ffff, PKTCNT_SHIFT = 19, PKTCNT_MASK = 0x3ff };

static inline bool dwc2_uses_dma(const struct board *b)
{
	return b->dwc2.gahbcfg & GAHBCFG_DMAEN;
}

static inline void dwc2_tell(struct board *b)
{
	if (b->dwc2.changed)
		b->dwc2.changed(b);
}

static inline uint32_t dwc2_left(const struct dwc2_ep *e)
{
	return e->tsiz & XFRSIZ_MASK;
}

static inline uint32_t dwc2_packets(const struct dwc2_ep *e)
{
	return e->tsiz >> PKTCNT_SHIFT & PKTCNT_MASK;
}

static inline void dwc2_use(struct dwc2_ep *e, uint32_t bytes, uint32_t count)
{
	e->tsiz -= bytes + (count << PKTCNT_SHIFT);
}

static inline uint32_t dwc2_mps(const struct dwc2_ep *e, unsigned int ep)
{
	return ep ? e->ctl & 0x7ff : 64U >> (e->ctl & 3);
}

static inline unsigned int dwc2_tx_fifo(const struct dwc2_ep *e)
{
	return e->ctl >> 22 & 15;
}

/** Is there room for so many words? */
bool dwc2_rx_room(const struct board *b, uint32_t words);

/** An entry with its data; there must be room. */
void dwc2_rx_push(struct board *b, uint32_t status, const uint8_t *data,
		  uint32_t len);

/** What reading an entry off the FIFO lets happen. */
void dwc2_rx_popped(struct board *b, uint32_t status);

/** Words of an IN endpoint's FIFO: in use, and in all. */
uint32_t dwc2_tx_used(const struct dwc2_ep *e);
uint32_t dwc2_tx_depth(const struct board *b, const struct dwc2_ep *e);

/** Do FIFOs in use lie beside each other in the RAM? Fails if not. */
void dwc2_tx_check(struct board *b, unsigned int ep);

#endif
