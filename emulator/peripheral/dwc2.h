/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB_OTG_HS: a Synopsys DWC2 core 4.11a with a UTMI+ PHY in device mode, in
 * slave mode or with its internal DMA. Only the functions that device drivers
 * use are modelled.
 *
 * The functions below are the USB cable: a host controller calls them to reset
 * the bus and to exchange packets with the device. The registers are in
 * dwc2_core.c, the cable in dwc2_bus.c, endpoints in dwc2_endpoint.c, packets
 * in dwc2_packet.c and FIFOs in dwc2_fifo.c.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_DWC2_H
#define TETHER_EMULATOR_PERIPHERAL_DWC2_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/machine/machine.h"

struct pwr;
struct rcc;

enum {
	DWC2_ENDPOINTS = 9, /* each way, with endpoint 0 */
	DWC2_FIFO_WORDS = 1024,
	DWC2_RX_ENTRIES = 64,
	DWC2_PACKET_MAX = 1024,
};

/* One direction of an endpoint. */
struct dwc2_ep {
	uint32_t ctl, interrupt, tsiz, dma;
	bool toggle; /* the next packet is DATA1 */
	/* OUT: the transfer is complete, and its last status entry is still in
	 * the receive FIFO. */
	bool ended;
	/* IN in slave mode: contents of the transmit FIFO. */
	uint8_t data[4 * DWC2_FIFO_WORDS];
	uint32_t pushed, sent; /* bytes of this transfer */
	/* For erratum 2.21.3: when SNAK and EPENA were set. */
	bool nak_set; /* SNAK was set, and CNAK was not set since */
	uint64_t nak_ps, enable_ps;
};

struct dwc2_rx {
	uint32_t status; /* as in GRXSTSP */
	uint16_t words;	 /* of data that follow */
};

enum dwc2_link {
	DWC2_OFF,  /* not connected */
	DWC2_IDLE, /* connected, before the first bus reset */
	DWC2_RESET,
	DWC2_ON,
	DWC2_SUSPENDED
};

struct dwc2 {
	struct machine *machine;
	struct emu *emu;
	const struct rcc *rcc;
	const struct pwr *pwr;
	struct emu_signal changed; /* the host may have something to do */
	bool full_speed;	   /* the host's port has no high speed */
	struct emu_event enumerated, sof;

	/* A core reset clears all that follows. */
	uint32_t gotgctl, gotgint, gahbcfg, gusbcfg, gintsts, gintmsk, grxfsiz;
	uint32_t dieptxf[DWC2_ENDPOINTS], gccfg, gdfifocfg, dcfg, dctl, dsts;
	uint32_t diepmsk, doepmsk, daintmsk, diepempmsk, pcgcctl, cid, lpm;
	struct dwc2_ep in[DWC2_ENDPOINTS], out[DWC2_ENDPOINTS];
	/* The receive FIFO. */
	struct dwc2_rx entry[DWC2_RX_ENTRIES];
	unsigned int entries, first;
	uint32_t rx[DWC2_FIFO_WORDS];
	uint32_t rx_head, rx_count; /* words */
	uint32_t unread;	    /* words left of the popped packet */
	uint32_t rx_words_used;	    /* of GRXFSIZ, with status words */

	enum dwc2_link link;
	bool connected; /* DCTL.SDIS is clear and the PHY works */
	bool global_nak_out, global_nak_pending;
};

extern const struct peripheral dwc2_peripheral;

/* --- the cable, dwc2_bus.c --- */

/** Whether the pull-up is on. */
bool dwc2_attached(const struct dwc2 *d);

bool dwc2_is_high_speed(const struct dwc2 *d);

/** Address that the device answers to: DCFG.DAD. */
uint8_t dwc2_address(const struct dwc2 *d);

/** Whether the suspended device drives resume signalling. */
bool dwc2_wants_wakeup(const struct dwc2 *d);

/** Reset the bus: USBRST now, the end of enumeration after 10 ms of virtual
 * time. */
void dwc2_bus_reset(struct dwc2 *d, bool full_speed);

/** Stop or start to send packets. To the device, an unplugged cable looks like
 * a suspended bus, because the override of VBUS hides the missing supply. */
void dwc2_bus_suspend(struct dwc2 *d);
void dwc2_bus_resume(struct dwc2 *d);

/* --- packets, dwc2_packet.c --- */

/** Handshake of the device. DWC2_NOTHING: none, the host times out. */
enum dwc2_answer { DWC2_ACK, DWC2_NAK, DWC2_STALL, DWC2_NOTHING };

/** Send a SETUP packet. DWC2_NOTHING: the receive FIFO has no room. */
enum dwc2_answer dwc2_setup(struct dwc2 *d, const uint8_t setup[8]);

/** Send `len` bytes to OUT endpoint `ep`, as DATA1 if `toggle` is set. */
enum dwc2_answer dwc2_out(struct dwc2 *d, unsigned int ep, bool toggle,
			  const uint8_t *data, uint32_t len);

/** Receive a packet from IN endpoint `ep`; `data` holds DWC2_PACKET_MAX
 * bytes. */
enum dwc2_answer dwc2_in(struct dwc2 *d, unsigned int ep, bool toggle,
			 uint8_t *data, uint32_t *len);

/** wMaxPacketSize that the driver has set; 0: the endpoint is not active. */
uint32_t dwc2_packet_size(const struct dwc2 *d, unsigned int ep, bool in);

#endif
