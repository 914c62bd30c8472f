/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Serves the interrupt IN endpoints of a usbredir connection. Between the
 * peer's packets start_interrupt_receiving and stop_interrupt_receiving, one
 * URB per endpoint is always submitted. The module sends each URB's data to the
 * peer at once.
 */
#ifndef TETHER_USBSERVE_USBREDIR_INTERRUPT_H
#define TETHER_USBSERVE_USBREDIR_INTERRUPT_H

struct usbredirparser;

/** Set the parser's callbacks for these two packets. */
void usbredir_interrupt_set(struct usbredirparser *p);

#endif
