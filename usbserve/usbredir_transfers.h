/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translates the request packets of a usbredir peer into URBs for the device,
 * and each completion into the packet that answers the request.
 *
 * The peer may have USBREDIR_URBS_MAX requests in flight; further requests are
 * answered with an I/O error. Isochronous requests and requests for streams are
 * answered as invalid, as the device supports neither.
 */
#ifndef TETHER_USBSERVE_USBREDIR_TRANSFERS_H
#define TETHER_USBSERVE_USBREDIR_TRANSFERS_H

#include "usbserve/usbredir_urb.h"

/** Set the parser's callbacks for all requests. */
void usbredir_transfers_set(struct usbredir_transfers *c);

#endif
