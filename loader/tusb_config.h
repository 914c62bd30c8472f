/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of TinyUSB for the loader: only the DFU class. */
#ifndef TETHER_LOADER_TUSB_CONFIG_H
#define TETHER_LOADER_TUSB_CONFIG_H

#define CFG_TUSB_OS OPT_OS_NONE
#define CFG_TUSB_DEBUG 0
#define CFG_TUD_ENABLED 1
#define CFG_TUD_MAX_SPEED OPT_MODE_HIGH_SPEED
#define CFG_TUD_ENDPOINT0_SIZE 64
#define CFG_TUD_TASK_QUEUE_SZ 16
#define CFG_TUD_DFU 1
#define CFG_TUD_DFU_XFER_BUFSIZE 4096

#endif
