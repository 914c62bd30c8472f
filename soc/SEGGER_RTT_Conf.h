/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of SEGGER RTT: one up channel (device to probe) for the log. */
#ifndef TETHER_SOC_SEGGER_RTT_CONF_H
#define TETHER_SOC_SEGGER_RTT_CONF_H

#define SEGGER_RTT_MAX_NUM_UP_BUFFERS 1
#define SEGGER_RTT_MAX_NUM_DOWN_BUFFERS 1
#ifndef BUFFER_SIZE_UP
#define BUFFER_SIZE_UP 2048
#endif
#define BUFFER_SIZE_DOWN 16
#define SEGGER_RTT_MODE_DEFAULT SEGGER_RTT_MODE_NO_BLOCK_SKIP
#define SEGGER_RTT_MEMCPY_USE_BYTELOOP 0
#define SEGGER_RTT_MAX_INTERRUPT_PRIORITY 0x10
#define SEGGER_RTT_ASM 0

#define SEGGER_RTT_LOCK()                                                      \
	{                                                                      \
		unsigned int rtt_primask;                                      \
		__asm volatile("mrs %0, primask\n cpsid i"                     \
			       : "=r"(rtt_primask)::"memory");

#define SEGGER_RTT_UNLOCK()                                                    \
	__asm volatile("msr primask, %0" ::"r"(rtt_primask) : "memory");       \
	}

#endif
