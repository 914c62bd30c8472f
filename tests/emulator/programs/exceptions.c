/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the state at entry and return of each kind of exception. The same
 * binary runs on QEMU's mps2-an500, and both outputs must be equal. */
#include "bare.h"

#define ICSR 0xE000ED04
#define VTOR 0xE000ED08
#define CCR 0xE000ED14
#define SHPR2 0xE000ED1C
#define SHPR3 0xE000ED20
#define SHPR1 0xE000ED18
#define SHCSR 0xE000ED24
#define CFSR 0xE000ED28
#define HFSR 0xE000ED2C
#define MMFAR 0xE000ED34
#define BFAR 0xE000ED38
#define CPACR 0xE000ED88
#define AIRCR 0xE000ED0C
#define STIR 0xE000EF00
#define ISER 0xE000E100
#define ICER 0xE000E180
#define ISPR 0xE000E200
#define ICPR 0xE000E280
#define IABR 0xE000E300
#define IPR(n) REG8(0xE000E400 + (n))
#define UNMAPPED 0xC0000000

extern uint32_t stack_top;
void reset(void);

static volatile uint32_t seen[64], count, skip;
static uint32_t psp_stack[256];

static void note(uint32_t what)
{
	if (count < 64)
		seen[count++] = what;
}

static void show(const char *name)
{
	print(name);
	print(":\n");
	for (uint32_t i = 0; i < count; i++)
		print_hex("  ", seen[i]);
	count = 0;
}

/* A handler that passes its stack frame and EXC_RETURN to a C function. */
#define ENTRY(name)                                                            \
	void name##_c(uint32_t *frame, uint32_t exc_return, uint32_t sp);      \
	void __attribute__((naked)) name(void)                                 \
	{                                                                      \
		__asm__ volatile("tst lr, #4; ite eq; mrseq r0, msp;"          \
				 "mrsne r0, psp; mov r1, lr; mov r2, sp;"      \
				 "push {r4, lr}; bl " #name                    \
				 "_c; pop {r4, lr};"                           \
				 "bx lr");                                     \
	}                                                                      \
	void name##_c(uint32_t *frame, uint32_t exc_return, uint32_t sp)

static void note_frame(uint32_t number, const uint32_t *frame,
		       uint32_t exc_return)
{
	note(number);
	note(exc_return);
	note(frame[7] & ~0x0f000000);
	note(REG(SHCSR));
	note(REG(ICSR) & 0xfff);
}

ENTRY(svc)
{
	note_frame(11, frame, exc_return);
	note(((uint16_t *)frame[6])[-1]);
	frame[0] = 0x51515151;
	(void)sp;
}

ENTRY(pendsv)
{
	note_frame(14, frame, exc_return);
	(void)sp;
}

ENTRY(nmi)
{
	note_frame(2, frame, exc_return);
	(void)sp;
}

static void fault(uint32_t number, uint32_t *frame, uint32_t exc_return)
{
	note_frame(number, frame, exc_return);
	note(REG(CFSR));
	note(REG(HFSR));
	if (REG(CFSR) & 0x8000)
		note(REG(BFAR));
	if (REG(CFSR) & 0x80)
		note(REG(MMFAR));
	REG(CFSR) = 0xffffffff;
	REG(HFSR) = 0xffffffff;
	frame[6] += skip;
	if (!skip) { /* return to LR, as if the called function returned */
		frame[6] = frame[5] & ~1;
		frame[7] |= 1 << 24;
	}
}

ENTRY(hardfault)
{
	fault(3, frame, exc_return);
	(void)sp;
}

ENTRY(memmanage)
{
	fault(4, frame, exc_return);
	(void)sp;
}

ENTRY(busfault)
{
	fault(5, frame, exc_return);
	(void)sp;
}

ENTRY(usagefault)
{
	fault(6, frame, exc_return);
	(void)sp;
}

static volatile uint32_t ticks;

void systick(void)
{
	ticks++;
}

/* Interrupt 0 pends interrupts 1 and 2, which have other priorities. */
ENTRY(irq0)
{
	note_frame(16, frame, exc_return);
	REG(ISPR) = 6;
	BARRIER();
	note(0xAAAA0000);
	note(REG(IABR));
	(void)sp;
}

ENTRY(irq1)
{
	note_frame(17, frame, exc_return);
	note(REG(IABR));
	(void)sp;
}

ENTRY(irq2)
{
	note_frame(18, frame, exc_return);
	note(REG(IABR));
	(void)sp;
}

/* Overwrites floating-point registers, which the frame must restore. */
void irq3(void)
{
	__asm__ volatile(
		"vmov s0, %0; vmov s15, %0; vmov s16, s16" ::"r"(0xdead));
	note(19);
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
	&stack_top, reset,   nmi,  hardfault, memmanage, busfault, usagefault,
	0,	    0,	     0,	   0,	      svc,	 0,	   0,
	pendsv,	    systick, irq0, irq1,      irq2,	 irq3,
};

/* --- test cases --- */

static uint32_t __attribute__((noinline)) call_svc(void)
{
	register uint32_t r0 __asm__("r0") = 1;

	__asm__ volatile("svc 42" : "+r"(r0)::"memory");
	return r0;
}

static void svc_alignment(void)
{
	note(call_svc());
	/* If SP is 4 modulo 8, exception entry aligns the stack frame, and the
	 * return restores SP. */
	__asm__ volatile("push {r0}; svc 7; pop {r0}" ::: "r0", "memory");
	show("svc");
}

static void svc_in_it_block(void)
{
	uint32_t value;

	__asm__ volatile("movs r0, #0; cmp r0, #0; itte eq; svceq 3;"
			 "moveq %0, #5; movne %0, #6"
			 : "=r"(value)::"r0", "cc", "memory");
	note(value);
	show("svc in it");
}

static void priorities(void)
{
	IPR(0) = 0x40;
	IPR(1) = 0x20; /* interrupt 1 preempts */
	IPR(2) = 0x80; /* interrupt 2 pends and is tail-chained */
	REG(ISER) = 15;
	REG(ISPR) = 1;
	BARRIER();
	show("nesting");
	IPR(1) = 0x40;
	IPR(2) = 0x40; /* equal priority: the lowest number is first */
	REG(ISPR) = 7;
	BARRIER();
	show("equal");
	REG(AIRCR) = 0x05FA0000 | 6 << 8; /* one bit of group priority */
	IPR(1) = 0x20;
	IPR(0) = 0x40;
	REG(ISPR) = 1;
	BARRIER();
	show("same group");
	REG(AIRCR) = 0x05FA0000;
}

static void masks(void)
{
	__asm__ volatile("cpsid i");
	REG(ISPR) = 2;
	BARRIER();
	note(REG(ISPR));
	__asm__ volatile("cpsie i; isb");
	show("primask");
	IPR(1) = 0x80;
	__asm__ volatile("msr basepri, %0" ::"r"(0x80));
	REG(ISPR) = 2;
	BARRIER();
	note(REG(ISPR));
	__asm__ volatile("msr basepri, %0; isb" ::"r"(0x90));
	show("basepri");
	__asm__ volatile("msr basepri, %0" ::"r"(0));
	__asm__ volatile("cpsid f");
	REG(ISPR) = 2;
	BARRIER();
	note(REG(ISPR));
	REG(ICPR) = 2;
	note(REG(ISPR));
	__asm__ volatile("cpsie f; isb");
	show("faultmask");
	REG(STIR) = 2;
	BARRIER();
	show("stir");
	REG(ICSR) = 1 << 28;
	BARRIER();
	REG(ICSR) = 1u << 31;
	BARRIER();
	show("pendsv, nmi");
}

static void __attribute__((noinline)) undefined(void)
{
	__asm__ volatile("udf 1");
}

static void __attribute__((noinline)) load(uint32_t address)
{
	__asm__ volatile("ldr.w r3, [%0]" ::"r"(address) : "r3");
}

static void __attribute__((noinline)) store(uint32_t address)
{
	__asm__ volatile("str.w r3, [%0]; dsb" ::"r"(address));
}

static void __attribute__((noinline)) jump(uint32_t address)
{
	__asm__ volatile("blx %0" ::"r"(address) : "lr", "r3", "memory");
}

static void faults(void)
{
	skip = 2;
	undefined();
	show("undefined, escalated");
	REG(SHCSR) = 7 << 16;
	undefined();
	show("undefined");
	skip = 4;
	load(UNMAPPED);
	show("load");
	store(UNMAPPED + 4);
	show("store");
	skip = 0;
	jump(((uint32_t)reset & ~3u)); /* no Thumb bit */
	show("invalid state");
	jump(0x50000001); /* never executable */
	show("execute never");
	/* SVC while PRIMASK is set escalates to HardFault. */
	skip = 0;
	__asm__ volatile("cpsid i");
	call_svc();
	__asm__ volatile("cpsie i");
	count = count < 8 ? count : 8;
	show("svc, masked");
}

/* Deny access to 32 bytes in the middle of a page. */
static void mpu(void)
{
	static uint32_t __attribute__((aligned(64))) guarded[24];

	REG(0xE000ED98) = 0;
	REG(0xE000ED9C) = (uint32_t)guarded + 32;
	REG(0xE000EDA0) = 4 << 1 | 1;
	REG(0xE000ED94) = 5;
	BARRIER();
	skip = 4;
	store((uint32_t)guarded + 28);
	note(0);
	store((uint32_t)guarded + 32);
	load((uint32_t)guarded + 60);
	store((uint32_t)guarded + 64);
	/* Addresses depend on the build: print offsets. */
	REG(0xE000ED94) = 0;
	for (uint32_t i = 0; i < count; i++)
		if (seen[i] == (uint32_t)guarded + 32 ||
		    seen[i] == (uint32_t)guarded + 60)
			seen[i] -= (uint32_t)guarded;
	show("mpu");
}

static void process_stack(void)
{
	__asm__ volatile(
		"msr psp, %0; mrs r3, control; orr r3, #2;"
		"msr control, r3; isb; svc 1; mrs r3, control;"
		"bic r3, #2; msr control, r3; isb" ::"r"(psp_stack + 256)
		: "r3", "memory");
	show("psp");
}

static void floating(void)
{
	uint32_t kept0, kept15, control;

	REG(CPACR) |= 0xf << 20;
	BARRIER();
	__asm__ volatile("vmov s0, %0; vmov s15, %0" ::"r"(0x12345678));
	__asm__ volatile("mrs %0, control" : "=r"(control));
	note(control);
	REG(ISPR) = 8;
	BARRIER();
	__asm__ volatile("vmov %0, s0; vmov %1, s15"
			 : "=r"(kept0), "=r"(kept15));
	note(kept0);
	note(kept15);
	call_svc();
	show("floating point");
	__asm__ volatile("mrs r3, control; bic r3, #4; msr control, r3; isb" ::
				 : "r3");
}

static void sleeping(void)
{
	ticks = 0;
	REG(0xE000E014) = 1000;
	REG(0xE000E018) = 0;
	REG(0xE000E010) = 7;
	while (ticks < 3)
		__asm__ volatile("wfi");
	__asm__ volatile("cpsid i");
	while (!(REG(ICSR) & 1 << 26))
		;
	__asm__ volatile("wfi"); /* a masked exception wakes the core */
	note(REG(ICSR) >> 26 & 1);
	REG(0xE000E010) = 0;
	REG(ICSR) = 1 << 25;
	__asm__ volatile("cpsie i; isb");
	note(REG(ICSR) >> 26 & 1);
	show("wfi");
}

void reset(void)
{
	count = 0;
	svc_alignment();
	svc_in_it_block();
	priorities();
	masks();
	faults();
	mpu();
	process_stack();
	floating();
	sleeping();
	print("done\n");
	finish(1);
}
