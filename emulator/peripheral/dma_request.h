/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request lines from peripherals to the DMA controllers. A peripheral sets
 * the level of its line; a channel that selects the line transfers while the
 * level is high.
 */
#ifndef TETHER_EMULATOR_PERIPHERAL_DMA_REQUEST_H
#define TETHER_EMULATOR_PERIPHERAL_DMA_REQUEST_H

#include <stdbool.h>

#include "emulator/machine/machine.h"

enum { DMA_REQUEST_GPDMA, DMA_REQUEST_HPDMA };

/** Set the level of a request line. Lines have the numbers of CTR2.REQSEL. */
static inline void dma_request_set(struct machine *m, unsigned int controller,
				   unsigned int line, bool level)
{
	if (m->dma_request[controller][line] == level)
		return;
	m->dma_request[controller][line] = level;
	if (level)
		emu_signal_fire(&m->dma_requested[controller]);
}

#endif
