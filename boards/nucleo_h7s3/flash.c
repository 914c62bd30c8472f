/* SPDX-License-Identifier: Apache-2.0 */
/* The external flash of the Nucleo-H7S3L8: Macronix MX25UW25645G, 32 MiB. */
#include "soc/stm32h7rs/nor.h"

const struct nor_part nor_part = {
	.id = { 0xc2, 0x81, 0x39 },
	.max_hz = 66000000,
	.memory = {
		.size = 32 << 20,
		.deselect_cycles = 8,
		.type = XSPI_MACRONIX,
	},
};
