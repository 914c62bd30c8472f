/* SPDX-License-Identifier: Apache-2.0 */
/* TinyUSB's DFU class with the state table of DFU 1.1, appendix A.2. */
#ifndef TETHER_LOADER_DFU_CHECKED_H
#define TETHER_LOADER_DFU_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

#include "tusb.h"

/**
 * Handle a control request like dfu_moded_control_xfer_cb(). A class request
 * that the present state does not allow leads to dfuERROR with errSTALLEDPKT;
 * an earlier error status is kept. Returns false to stall the request; the
 * caller then stops its write.
 */
bool dfu_checked_control(uint8_t rhport, uint8_t stage,
			 const tusb_control_request_t *request);

#endif
