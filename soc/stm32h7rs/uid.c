/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/uid.h"

#include "base/wire.h"
#include "soc/stm32h7rs/regs.h"

/* Read words: a byte access to this memory is a bus fault. */
void uid_read(uint8_t uid[UID_SIZE])
{
	const uint32_t volatile *words =
		(const uint32_t volatile *)(uintptr_t)UID_BASE;
	struct wr w = wr_init(uid, UID_SIZE);

	for (int i = 0; i < UID_SIZE / 4; i++)
		wr_le32(&w, words[i]);
}
