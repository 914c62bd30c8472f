/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB_OTG_HS in device mode: a DWC2 core 4.11a with a UTMI+ PHY, in slave mode
 * or with its own DMA, as far as a device driver uses it. Below is the wire:
 * what a host controller does to the device, a packet at a time.
 */
#ifndef TETHER_EMULATOR_DWC2_H
#define TETHER_EMULATOR_DWC2_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/emu.h"

struct board;

enum {
	DWC2_ENDPOINTS = 9,
	DWC2_FIFO_WORDS = 1024,
	DWC2_RX_ENTRIES = 64,
	DWC2_PACKET_MAX = 1024,
	DWC2_SIZE = 0x40000,
};

/* One direction of an endpoint. */
struct dwc2_ep {
	uint32_t ctl, interrupt, tsiz, dma;
	bool toggle; /* DATA1 is next */
	/* OUT: its transfer is through, the entry that says so is in the FIFO
	 */
	bool ended;
	/* IN, slave mode: what is in its FIFO */
	uint8_t data[4 * DWC2_FIFO_WORDS];
	uint32_t pushed, sent; /* bytes, of this transfer */
	uint64_t nak_ps;       /* when EPENA was set with SNAK; erratum */
	bool enabled_nak;
};

struct dwc2_rx {
	uint32_t status; /* as GRXSTSP gives it */
	uint16_t words;	 /* of data behind it */
};

/* PHY and bus as the host sees them. */
enum dwc2_link { DWC2_OFF, DWC2_IDLE, DWC2_RESET, DWC2_ON, DWC2_SUSPENDED };

struct dwc2 {
	uint32_t gotgctl, gotgint, gahbcfg, gusbcfg, gintsts, gintmsk, grxfsiz;
	uint32_t dieptxf[DWC2_ENDPOINTS], gccfg, gdfifocfg, dcfg, dctl, dsts;
	uint32_t diepmsk, doepmsk, daintmsk, diepempmsk, pcgcctl, cid, lpm;
	struct dwc2_ep in[DWC2_ENDPOINTS], out[DWC2_ENDPOINTS];
	/* receive FIFO */
	struct dwc2_rx entry[DWC2_RX_ENTRIES];
	unsigned int entries, first;
	uint32_t rx[DWC2_FIFO_WORDS];
	uint32_t rx_head, rx_count; /* words */
	uint32_t unread;	    /* words of the entry last popped */
	uint32_t rx_words_used;	    /* of GRXFSIZ, status words included */

	enum dwc2_link link;
	bool full_speed; /* what the host's port allows */
	bool global_nak_out, global_nak_pending;
	bool connected;	 /* SDIS is clear and the PHY works */
	uint8_t address; /* after the status stage */
	struct emu_event enumerated, sof;
	void (*changed)(struct board *b); /* something for the host; NULL */
	bool zlp_unchecked; /* do not insist on erratum 2.21.3's way */
};

uint32_t dwc2_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size);
void dwc2_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value);
void dwc2_reset(struct board *b, unsigned int unit);

/* --- the wire --- */

enum dwc2_answer { DWC2_ACK, DWC2_NAK, DWC2_STALL, DWC2_NOTHING };

/** Is a device there: pull-up on? */
bool dwc2_attached(const struct board *b);

/** Drive a reset: USBRST now, the speed after 10 ms of virtual time. */
void dwc2_bus_reset(struct board *b, bool full_speed);
/** No packets for 3 ms: what unplugging looks like too, as VBUS is always
 * valid. And packets again. */
void dwc2_bus_suspend(struct board *b);
void dwc2_bus_resume(struct board *b);

/** Packets. DATA0 or DATA1 by toggle. A SETUP is never refused but by room. */
enum dwc2_answer dwc2_setup(struct board *b, const uint8_t setup[8]);
enum dwc2_answer dwc2_out(struct board *b, unsigned int ep, bool toggle,
			  const uint8_t *data, uint32_t len);
/** data: room for DWC2_PACKET_MAX. */
enum dwc2_answer dwc2_in(struct board *b, unsigned int ep, bool toggle,
			 uint8_t *data, uint32_t *len);
/** wMaxPacketSize as the device has set it; 0: no such endpoint now. */
uint32_t dwc2_packet_size(const struct board *b, unsigned int ep, bool in);

/** A word for the trace. */
const char *dwc2_answer_name(enum dwc2_answer a);

/** Is it high speed? */
bool dwc2_is_high_speed(const struct board *b);

/** The interrupt's level anew; the registers' code calls it after changes. */
void dwc2_update(struct board *b);

/* dwc2_endpoint.c and dwc2_fifo.c */

void dwc2_ep_write(struct board *b, bool in, unsigned int ep, uint32_t offset,
		   uint32_t value);
uint32_t dwc2_ep_read(struct board *b, bool in, unsigned int ep,
		      uint32_t offset);
void dwc2_push(struct board *b, unsigned int fifo, uint32_t word);
uint32_t dwc2_pop_data(struct board *b);
uint32_t dwc2_pop_status(struct board *b, bool take);
void dwc2_flush_rx(struct board *b);
void dwc2_flush_tx(struct board *b, unsigned int fifo);
void dwc2_global_nak(struct board *b);
/** Interrupt bits of an endpoint that count, TXFE included. */
uint32_t dwc2_ep_interrupt(const struct board *b, bool in, unsigned int ep);

#endif
