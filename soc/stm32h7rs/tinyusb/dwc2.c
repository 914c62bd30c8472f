/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB's dwc2 driver with three work-arounds.
 *
 * Erratum 2.21.3: a zero-length IN packet, such as a status stage, may carry
 * unexpected data. In slave mode, which this driver uses, the work-around is:
 * SNAK, 20 AHB clocks, EPENA, 15 AHB clocks, CNAK. TinyUSB 0.18 and ST's driver
 * do not do this.
 *
 * TinyUSB reports the whole requested length for an OUT transfer that ends with
 * a zero-length packet. The caller would process stale bytes in the buffer.
 * This file computes the length from the controller's remaining transfer size.
 *
 * TinyUSB disables an IN endpoint without clearing its bit in DIEPEMPMSK. The
 * interrupt for an empty FIFO then writes the rest of the transfer into the
 * FIFO of a disabled endpoint. This file clears the bit first.
 *
 * This file includes the driver with renamed functions, because the driver's
 * tables are static.
 */
#define dcd_edpt_xfer dwc2_edpt_xfer
#define dcd_set_address dwc2_set_address
#define dcd_edpt_stall dwc2_edpt_stall
#define dcd_edpt_close_all dwc2_edpt_close_all
#include "tusb_option.h"
#include "device/dcd.h"

static void transfer_complete(uint8_t rhport, uint8_t ep_addr, uint32_t bytes,
			      uint8_t result, bool in_isr);

#define dcd_event_xfer_complete transfer_complete
#include "portable/synopsys/dwc2/dcd_dwc2.c"
#undef dcd_edpt_xfer
#undef dcd_set_address
#undef dcd_edpt_stall
#undef dcd_edpt_close_all
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

/* Each register read takes at least one AHB clock. */
static void wait_ahb_clocks(dwc2_dep_t *dep, int clocks)
{
	for (int i = 0; i < clocks; i++)
		(void)dep->ctl;
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
	dep->ctl |= DIEPCTL_SNAK;
	wait_ahb_clocks(dep, 20);
	dep->ctl |= DIEPCTL_EPENA;
	wait_ahb_clocks(dep, 15);
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

/* Keep the interrupt from filling the FIFOs of IN endpoints, a bit each. The
 * interrupt changes the same register. */
static void stop_filling(uint8_t rhport, uint32_t endpoints)
{
	irq_disable();
	DWC2_REG(rhport)->diepempmsk &= ~endpoints;
	irq_enable();
}

void dcd_edpt_stall(uint8_t rhport, uint8_t ep_addr)
{
	if (tu_edpt_dir(ep_addr) == TUSB_DIR_IN)
		stop_filling(rhport, 1UL << tu_edpt_number(ep_addr));
	dwc2_edpt_stall(rhport, ep_addr);
}

/* Endpoint 0 stays open. */
void dcd_edpt_close_all(uint8_t rhport)
{
	stop_filling(rhport, ~1UL);
	dwc2_edpt_close_all(rhport);
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
	if (DWC2_REG(0)->gintsts & GINTSTS_USBRST)
		DWC2_REG(0)->diepempmsk = 0;
	dcd_int_handler(0);
}
