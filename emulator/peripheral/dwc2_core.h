/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the files of the DWC2 share, and fields of an endpoint's
 * registers. */
#ifndef TETHER_EMULATOR_PERIPHERAL_DWC2_CORE_H
#define TETHER_EMULATOR_PERIPHERAL_DWC2_CORE_H

#include "emulator/peripheral/dwc2.h"
#include "emulator/peripheral/dwc2_registers.h"

enum { XFRSIZ_MASK = 0x7ffff, PKTCNT_SHIFT = 19, PKTCNT_MASK = 0x3ff };

static inline bool dwc2_uses_dma(const struct dwc2 *d)
{
	return d->gahbcfg & GAHBCFG_DMAEN;
}

/** Bytes and packets that are left of the transfer in DIEPTSIZ or DOEPTSIZ. */
static inline uint32_t dwc2_bytes_left(const struct dwc2_ep *e)
{
	return e->tsiz & XFRSIZ_MASK;
}

static inline uint32_t dwc2_packets_left(const struct dwc2_ep *e)
{
	return e->tsiz >> PKTCNT_SHIFT & PKTCNT_MASK;
}

static inline void dwc2_subtract(struct dwc2_ep *e, uint32_t bytes,
				 uint32_t packets)
{
	e->tsiz -= bytes + (packets << PKTCNT_SHIFT);
}

/** MPSIZ; endpoint 0 has a code instead of a size. */
static inline uint32_t dwc2_mps(const struct dwc2_ep *e, unsigned int ep)
{
	return ep ? e->ctl & 0x7ff : 64U >> (e->ctl & 3);
}

static inline unsigned int dwc2_tx_fifo(const struct dwc2_ep *e)
{
	return e->ctl >> 22 & 15;
}

/* --- dwc2_core.c --- */

/** Reset the core's registers and drop the connection. */
void dwc2_core_reset(struct dwc2 *d);

/** Recompute the level of the interrupt. Call it after every change. */
void dwc2_update_interrupt(struct dwc2 *d);

/* --- dwc2_bus.c --- */

/** Check the PHY. false: it lacks a supply or a clock, and emu_fail() was
 * called. */
bool dwc2_check_phy(struct dwc2 *d);

/** Turn the pull-up on or off, as DCTL.SDIS says. */
void dwc2_connect(struct dwc2 *d);
void dwc2_disconnect(struct dwc2 *d);

/** Frame, or at high speed microframe, number in DSTS.FNSOF. */
uint32_t dwc2_frame_number(const struct dwc2 *d);

/** Schedule start-of-frame interrupts if they are enabled. */
void dwc2_schedule_sof(struct dwc2 *d);

void dwc2_init_bus_events(struct dwc2 *d);

/* --- dwc2_endpoint.c --- */

/** Access a register of an endpoint; `offset` from DIEPCTLn or DOEPCTLn. */
void dwc2_ep_write(struct dwc2 *d, bool in, unsigned int ep, uint32_t offset,
		   uint32_t value);
uint32_t dwc2_ep_read(const struct dwc2 *d, bool in, unsigned int ep,
		      uint32_t offset);

/** Interrupt bits of an endpoint that are enabled, TXFE included. */
uint32_t dwc2_ep_interrupt(const struct dwc2 *d, bool in, unsigned int ep);

/* --- dwc2_fifo.c --- */

/** Whether the receive FIFO has room for `words` words. */
bool dwc2_rx_has_room(const struct dwc2 *d, uint32_t words);

/** Append a status entry with `len` bytes of data. The caller has checked the
 * room. */
void dwc2_rx_push(struct dwc2 *d, uint32_t status, const uint8_t *data,
		  uint32_t len);

/** Apply the effects of a status entry that the driver has popped. */
void dwc2_rx_popped(struct dwc2 *d, uint32_t status);

/** Read GRXSTSR, or with `pop` GRXSTSP. */
uint32_t dwc2_rx_status(struct dwc2 *d, bool pop);

/** Read a word of the popped packet's data. */
uint32_t dwc2_rx_data(struct dwc2 *d);

void dwc2_rx_flush(struct dwc2 *d);

/** Set the global OUT NAK. In slave mode it takes effect when the driver pops
 * its status entry. */
void dwc2_set_global_nak(struct dwc2 *d);

/** Words of an IN endpoint's FIFO: those in use, and its size. */
uint32_t dwc2_tx_used(const struct dwc2_ep *e);
uint32_t dwc2_tx_depth(const struct dwc2 *d, const struct dwc2_ep *e);

/** Fail the run if the FIFO of IN endpoint `ep` overlaps another FIFO, is
 * outside the RAM or holds no packet. */
void dwc2_tx_check(struct dwc2 *d, unsigned int ep);

/** Write a word into transmit FIFO `fifo`. */
void dwc2_tx_push(struct dwc2 *d, unsigned int fifo, uint32_t word);

/** Empty a transmit FIFO; 0x10: all of them. */
void dwc2_tx_flush(struct dwc2 *d, unsigned int fifo);

#endif
