/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt IN endpoints of a usbredir connection: between the peer's packets
 * start_interrupt_receiving and stop_interrupt_receiving, one URB per endpoint
 * is always submitted, and its data is sent as it arrives.
 */
#ifndef TETHER_USBSERVE_USBREDIR_INTERRUPT_H
#define TETHER_USBSERVE_USBREDIR_INTERRUPT_H

struct usbredirparser;

/** Set the parser's callbacks for these two packets. */
void usbredir_interrupt_set(struct usbredirparser *p);

#endif
