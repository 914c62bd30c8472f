/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of TinyUSB for all ports. The build may define the chip as
 * CFG_TUSB_MCU. */
#ifndef TETHER_USB_TUSB_CONFIG_H
#define TETHER_USB_TUSB_CONFIG_H

#ifndef CFG_TUSB_MCU
#define CFG_TUSB_MCU OPT_MCU_NONE
#define TUP_DCD_ENDPOINT_MAX 16 /* ports/virtual has all endpoints */
#endif
#define CFG_TUSB_OS OPT_OS_NONE
#ifndef CFG_TUSB_DEBUG
#define CFG_TUSB_DEBUG 0
#endif

#define CFG_TUD_ENABLED 1
#define CFG_TUD_MAX_SPEED OPT_MODE_HIGH_SPEED
#define CFG_TUD_ENDPOINT0_SIZE 64
#define CFG_TUD_TASK_QUEUE_SZ 32

/* The log's serial port. Built in only with the log feature. */
#define CFG_TUD_CDC TETHER_FEATURE_LOG
#define CFG_TUD_CDC_RX_BUFSIZE 512
#define CFG_TUD_CDC_TX_BUFSIZE 1024
#define CFG_TUD_CDC_EP_BUFSIZE 512

#endif
