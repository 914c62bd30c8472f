/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/stm32h7rs/vectors.h"

#include "soc/stm32h7rs/cortex_m7.h"
#include "soc/stm32h7rs/fault.h"
#include "soc/stm32h7rs/regs.h"

/* Set all state that the firmware depends on, because the state after the boot
 * ROM or a debugger is not documented. */
__attribute__((used)) static _Noreturn void start(void)
{
	SYST_CSR = 0;
	for (unsigned int i = 0; i < (VECTORS - 16 + 31) / 32; i++) {
		NVIC_ICER[i] = UINT32_MAX;
		NVIC_ICPR[i] = UINT32_MAX;
	}
	SCB_VTOR = (uint32_t)(uintptr_t)vectors;
	SCB_SHCSR |= SCB_SHCSR_FAULTS;
	SCB_CCR |= SCB_CCR_DIV_0_TRP;
	/* Copy .data, unless the loader has already placed it in RAM. */
	if (&data_load[0] != &data_start[0]) {
		uint32_t *to = data_start, *from = data_load;

		while (to < data_end)
			*to++ = *from++;
	}
	for (uint32_t *p = bss_start; p < bss_end; p++)
		*p = 0;
	for (uint32_t *p = buffers_start; p < buffers_end; p++)
		*p = 0;
	dsb();
	isb();
	irq_enable();
	(void)main();
	system_reset();
}

/*
 * Configure the supply first, using registers only: RAM must not be written
 * before ACTVOSRDY. After power-on both regulators are enabled (LDOEN, SDEN);
 * clear the bits of the regulators that the board has no parts for. The linker
 * script defines these bits as `unused_regulators`. The chip ignores later
 * writes.
 */
__attribute__((naked)) void reset_handler(void)
{
	__asm volatile("cpsid i\n"
		       "ldr r0, =0x58024800\n" /* PWR */
		       "ldr r1, [r0, #0x0c]\n" /* CSR2 */
		       "and r2, r1, #6\n"
		       "cmp r2, #6\n"
		       "bne 1f\n"
		       "ldr r2, =unused_regulators\n" /* bits of CSR2 */
		       "bic r1, r1, r2\n"
		       "str r1, [r0, #0x0c]\n"
		       "1: ldr r3, =1000000\n"
		       "2: subs r3, r3, #1\n"
		       "beq 3f\n"
		       "ldr r1, [r0, #0x04]\n" /* SR1 */
		       "tst r1, #2\n"
		       "beq 2b\n"
		       "3: movs r0, #0\n"
		       "msr control, r0\n"
		       "msr basepri, r0\n"
		       "isb\n"
		       "ldr r0, =stack_top\n"
		       "msr msp, r0\n"
		       "bl start\n"
		       ".pool\n");
}

__attribute__((weak)) void otg_hs_handler(void)
{
	irq_line_disable(IRQ_OTG_HS);
}

/* The vector table is aligned to the next power of two above its size. An
 * unexpected exception is a fault. */
#define F4 fault_handler, fault_handler, fault_handler, fault_handler
#define F16 F4, F4, F4, F4
__attribute__((section(".vectors"), used,
	       aligned(1024))) void (*const vectors[VECTORS])(void) = {
	(void (*)(void))(uintptr_t)stack_top,
	(void (*)(void))reset_handler,
	/* NMI, HardFault, MemManage, BusFault, UsageFault, 4 reserved, SVCall,
	 * DebugMonitor, reserved, PendSV */
	F4,
	F4,
	F4,
	fault_handler,
	systick_handler,
	/* interrupts 0 to 90 */
	F16,
	F16,
	F16,
	F16,
	F16,
	F4,
	F4,
	fault_handler,
	fault_handler,
	fault_handler,
	otg_hs_handler, /* 91 */
	/* 92 to 155 */
	F16,
	F16,
	F16,
	F16,
};
