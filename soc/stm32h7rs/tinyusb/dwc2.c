/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB's dwc2 driver with two work-arounds.
 *
 * Erratum 2.21.3: a zero-length IN packet, such as a status stage, may carry
 * unexpected data. The endpoint must be enabled while it still responds NAK,
 * and NAK must not be cleared before 15 AHB clocks have passed. TinyUSB 0.18
 * and ST's driver do not do this.
 *
 * TinyUSB reports the whole requested length for an OUT transfer that ends with
 * a zero-length packet. The caller would process stale bytes in the buffer.
 * This file computes the length from the controller's remaining transfer size.
 *
 * This file includes the driver with renamed functions, because the driver's
 * tables are static.
 */
#define dcd_edpt_xfer dwc2_edpt_xfer
#define dcd_set_address dwc2_set_address
#include "tusb_option.h"
#include "device/dcd.h"

static void transfer_complete(uint8_t rhport, uint8_t ep_addr, uint32_t bytes,
			      uint8_t result, bool in_isr);

#define dcd_event_xfer_complete transfer_complete
#include "portable/synopsys/dwc2/dcd_dwc2.c"
#undef dcd_edpt_xfer
#undef dcd_set_address
#undef dcd_event_xfer_complete

uint32_t SystemCoreClock = 600000000;

/* Requested length of each endpoint's OUT transfer, bytes. */
static uint16_t armed[DWC2_EP_MAX];

static void transfer_complete(uint8_t rhport, uint8_t ep_addr, uint32_t bytes,
			      uint8_t result, bool in_isr)
{
	uint8_t epnum = tu_edpt_number(ep_addr);

	if (epnum && tu_edpt_dir(ep_addr) == TUSB_DIR_OUT)
		bytes = armed[epnum] -
			DWC2_REG(rhport)->ep[1][epnum].tsiz_bm.xfer_size;
	dcd_event_xfer_complete(rhport, ep_addr, bytes, result, in_isr);
}

static void send_zero_length(uint8_t rhport, uint8_t epnum)
{
	dwc2_regs_t *dwc2 = DWC2_REG(rhport);
	dwc2_dep_t *dep = &dwc2->ep[0][epnum];
	xfer_ctl_t *xfer = XFER_CTL_BASE(epnum, TUSB_DIR_IN);

	xfer->buffer = NULL;
	xfer->ff = NULL;
	xfer->total_len = 0;
	if (epnum == 0)
		_dcd_data.ep0_pending[TUSB_DIR_IN] = 0;
	dep->tsiz = 1UL << DIEPTSIZ_PKTCNT_Pos;
	dep->ctl |= DIEPCTL_EPENA | DIEPCTL_SNAK;
	/* Each register read takes at least one AHB clock. */
	for (int i = 0; i < 16; i++)
		(void)dep->ctl;
	dep->ctl |= DIEPCTL_CNAK;
}

bool dcd_edpt_xfer(uint8_t rhport, uint8_t ep_addr, uint8_t *buffer,
		   uint16_t total_bytes)
{
	if (tu_edpt_dir(ep_addr) == TUSB_DIR_IN && !total_bytes) {
		send_zero_length(rhport, tu_edpt_number(ep_addr));
		return true;
	}
	if (tu_edpt_dir(ep_addr) == TUSB_DIR_OUT)
		armed[tu_edpt_number(ep_addr)] = total_bytes;
	return dwc2_edpt_xfer(rhport, ep_addr, buffer, total_bytes);
}

void dcd_set_address(uint8_t rhport, uint8_t dev_addr)
{
	dwc2_regs_t *dwc2 = DWC2_REG(rhport);

	dwc2->dcfg = (dwc2->dcfg & ~DCFG_DAD_Msk) |
		     ((uint32_t)dev_addr << DCFG_DAD_Pos);
	dcd_edpt_xfer(rhport, tu_edpt_addr(0, TUSB_DIR_IN), NULL, 0);
}

void otg_hs_handler(void)
{
	dcd_int_handler(0);
}
