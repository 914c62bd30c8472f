/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/usb_hs.h"

#include "base/err.h"
#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/regs.h"
#include "soc/stm32h7rs/vectors.h"

enum { USB_PRIORITY = 4 };

/* The order is that of ST's examples for the Nucleo-H7S3L8. The driver resets
 * the controller (GRSTCTL.CSRST). */
int usb_hs_start(enum usb_hs_reference reference)
{
	PWR->CSR2 |= PWR_CSR2_USB33DEN;
	if (!reg_wait(&PWR->CSR2, PWR_CSR2_USB33RDY, PWR_CSR2_USB33RDY))
		return ERR_TIMEOUT;
	PWR->CSR2 |= PWR_CSR2_USBHSREGEN;
	/* Select the crystal as the PHY clock, and set its frequency. */
	RCC->CCIPR1 = (RCC->CCIPR1 & ~(uint32_t)(RCC_CCIPR1_USBPHYCSEL |
						 RCC_CCIPR1_USBREFCKSEL)) |
		      FIELD(reference, RCC_CCIPR1_USBREFCKSEL_AT);
	clock_enable(&RCC->AHB1ENR, RCC_AHB1_OTGHS | RCC_AHB1_USBPHYC);
	irq_priority(IRQ_OTG_HS, USB_PRIORITY);
	return ERR_OK;
}

/* GCCFG keeps its value when the driver resets the core. */
void usb_hs_assume_vbus(void)
{
	OTG_HS_GCCFG = (OTG_HS_GCCFG &
			~(uint32_t)(OTG_GCCFG_PULLDOWNEN | OTG_GCCFG_VBDEN)) |
		       OTG_GCCFG_VBVALEXTOEN | OTG_GCCFG_VBVALOVAL;
}
