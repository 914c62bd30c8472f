/* SPDX-License-Identifier: Apache-2.0 */
/* The USB OTG HS controller and its PHY, up to where TinyUSB takes over. */
#ifndef TETHER_SOC_STM32H7RS_USB_HS_H
#define TETHER_SOC_STM32H7RS_USB_HS_H

/**
 * Power, reference clock, VBUS taken for granted, interrupt priority. The
 * crystal must run. ERR_TIMEOUT: the supply of the pads does not come up.
 */
int usb_hs_init(void);

#endif
