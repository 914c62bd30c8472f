/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of what bus_peripherals[] lists; see small.c. */
#ifndef TETHER_EMULATOR_SMALL_H
#define TETHER_EMULATOR_SMALL_H

#include <stdint.h>

struct board;

uint32_t kept_read(struct board *b, unsigned int unit, uint32_t offset,
		   unsigned int size);
void kept_write(struct board *b, unsigned int unit, uint32_t offset,
		unsigned int size, uint32_t value);
void kept_reset(struct board *b, unsigned int unit);
uint32_t scs_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void scs_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);
uint32_t dwt_page_read(struct board *b, unsigned int unit, uint32_t offset,
		       unsigned int size);
void dwt_page_write(struct board *b, unsigned int unit, uint32_t offset,
		    unsigned int size, uint32_t value);
uint32_t itm_read(struct board *b, unsigned int unit, uint32_t offset,
		  unsigned int size);
void itm_write(struct board *b, unsigned int unit, uint32_t offset,
	       unsigned int size, uint32_t value);

#endif
