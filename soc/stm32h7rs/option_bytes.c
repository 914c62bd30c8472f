/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/option_bytes.h"

#include "base/err.h"
#include "soc/stm32h7rs/regs.h"

/* The values 0 and 3 both mean 64 KiB. */
static uint8_t share(uint32_t field)
{
	return field == 1 || field == 2 ? (uint8_t)field : 0;
}

struct tcm_split option_bytes_tcm_split(void)
{
	uint32_t now = FLASH->OBW2SR;

	return (struct tcm_split){
		.itcm = share(now & FLASH_OBW2_ITCM_SHARE),
		.dtcm = share((now & FLASH_OBW2_DTCM_SHARE) >>
			      FLASH_OBW2_DTCM_SHARE_AT),
	};
}

static bool flash_idle(void)
{
	return reg_wait(&FLASH->SR, FLASH_SR_QW, 0);
}

/* Program an option word: unlock, write, wait, lock. */
static int program(uint32_t volatile *word, uint32_t value)
{
	bool done;
	int err = ERR_OK;

	if (!flash_idle())
		return ERR_TIMEOUT;
	/* Writing the keys while unlocked is a bus error. */
	if (FLASH->OPTCR & FLASH_OPTCR_OPTLOCK) {
		FLASH->OPTKEYR = FLASH_OPT_KEY1;
		FLASH->OPTKEYR = FLASH_OPT_KEY2;
	}
	FLASH->OPTCR |= FLASH_OPTCR_PG_OPT;
	*word = value;
	done = flash_idle();
	if (FLASH->OPTISR & FLASH_OPTISR_OPTERRF) {
		FLASH->OPTICR = FLASH_OPTISR_OPTERRF;
		err = ERR_IO;
	}
	FLASH->OPTCR &= ~(uint32_t)FLASH_OPTCR_PG_OPT;
	FLASH->OPTCR |= FLASH_OPTCR_OPTLOCK;
	return done ? err : ERR_TIMEOUT;
}

int option_bytes_set_tcm_split(struct tcm_split split)
{
	uint32_t next = FLASH->OBW2SR & ~(uint32_t)(FLASH_OBW2_ITCM_SHARE |
						    FLASH_OBW2_DTCM_SHARE);

	return program(&FLASH->OBW2SRP,
		       next | FIELD(split.itcm, 0) |
			       FIELD(split.dtcm, FLASH_OBW2_DTCM_SHARE_AT));
}

static unsigned int count_bits(uint32_t word)
{
	unsigned int count = 0;

	for (; word; word >>= 1)
		count += word & 1;
	return count;
}

unsigned int option_bytes_otp_locks(void)
{
	return count_bits(FLASH->OTPLSR & FLASH_OTPLSR_OTPL);
}

int option_bytes_lock_otp(unsigned int count)
{
	uint32_t locks = FLASH->OTPLSR & FLASH_OTPLSR_OTPL;

	if (count > OPTION_BYTES_OTP_LOCKS)
		return ERR_INVALID;
	/* Start with the last block: users of the OTP area take the first. */
	for (unsigned int i = OPTION_BYTES_OTP_LOCKS;
	     count_bits(locks) < count;)
		locks |= BIT(--i);
	if (locks == (FLASH->OTPLSR & FLASH_OTPLSR_OTPL))
		return ERR_OK;
	return program(&FLASH->OTPLSRP, locks);
}
