/* SPDX-License-Identifier: Apache-2.0 */
/* Prepare the USB OTG HS controller and its PHY for TinyUSB's dwc2 driver. */
#ifndef TETHER_SOC_STM32H7RS_USB_HS_H
#define TETHER_SOC_STM32H7RS_USB_HS_H

/** Frequency of the crystal, the reference clock of the PHY (USBREFCKSEL). */
enum usb_hs_reference {
	USB_HS_REFERENCE_16_MHZ = 0x3,
	USB_HS_REFERENCE_20_MHZ = 0x9,
	USB_HS_REFERENCE_24_MHZ = 0xa,
	USB_HS_REFERENCE_32_MHZ = 0xb,
};

/**
 * Enable power, reference clock and register clocks, and set the interrupt
 * priority. The crystal must run.
 * ERR_TIMEOUT: the supply of the USB pads is not ready.
 */
int usb_hs_start(enum usb_hs_reference reference);

/**
 * Report VBUS as present, for a board that does not connect VBUS to the
 * controller. The controller then reports an unplugged cable as a suspend.
 */
void usb_hs_assume_vbus(void);

#endif
