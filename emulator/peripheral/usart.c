/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and characters of the USARTs. Offsets and bits as in ST's CMSIS
 * device header. */
#include "emulator/peripheral/usart.h"

#include <string.h>

#include "emulator/cpu/nvic.h"

enum {
	CR1 = 0x00,
	CR2 = 0x04,
	CR3 = 0x08,
	BRR = 0x0C,
	RQR = 0x18,
	ISR = 0x1C,
	ICR = 0x20,
	RDR = 0x24,
	TDR = 0x28,
	PRESC = 0x2C,
	CR1_UE = 1,
	CR1_RE = 1 << 2,
	CR1_TE = 1 << 3,
	CR1_PCE = 1 << 10,
	CR1_M0 = 1 << 12,
	CR1_OVER8 = 1 << 15,
	CR1_M1 = 1 << 28,
	CR1_FIFOEN = 1 << 29,
	ISR_ORE = 1 << 3,
	ISR_IDLE = 1 << 4,
	ISR_RXNE = 1 << 5,
	ISR_TC = 1 << 6,
	ISR_TXE = 1 << 7,
	ISR_RTOF = 1 << 11,
	ISR_BUSY = 1 << 16,
	ISR_CMF = 1 << 17,
	ISR_TEACK = 1 << 21,
	ISR_REACK = 1 << 22,
	ISR_TXFE = 1 << 23,
	ISR_RXFF = 1 << 24,
	ISR_RXFT = 1 << 26,
	ISR_TXFT = 1 << 27,
	RQR_RXFRQ = 1 << 3,
	RQR_TXFRQ = 1 << 4,
	VCP_UNIT = 1, /* USART3 in its block */
	LPUART_FACTOR = 256,
};

struct usart_config {
	const struct peripheral *peripheral;
	enum rcc_kernel kernel;
	uint8_t irq[USART_UNITS];
	bool low_power, has_vcp;
};

static uint32_t reg(const struct usart *u, uint32_t offset)
{
	return u->reg[offset / 4];
}

static unsigned int unit_of(const struct usart *u)
{
	return (unsigned int)(u - u->block->unit);
}

static unsigned int fifo_depth(const struct usart *u)
{
	return reg(u, CR1) & CR1_FIFOEN ? USART_FIFO : 1;
}

static struct emu *emu_of(const struct usart *u)
{
	return &u->block->machine->emu;
}

/* Time of one bit in ps; 0: no clock or no divider. */
static uint64_t bit_ps(const struct usart *u)
{
	static const uint16_t prescalers[16] = { 1,  2,	 4,  6,	 8,   10,
						 12, 16, 32, 64, 128, 256 };
	const struct usart_config *c = u->block->config;
	uint64_t hz = rcc_kernel_hz(u->block->rcc, c->kernel);
	uint32_t brr = reg(u, BRR), presc = prescalers[reg(u, PRESC) & 15];
	uint64_t cycles = brr;

	if (!hz || !brr || !presc)
		return 0;
	if (reg(u, CR1) & CR1_OVER8 && !c->low_power)
		cycles = (brr & ~15U) / 2 + (brr & 7);
	cycles *= presc;
	if (c->low_power)
		return cycles * (EMU_S / LPUART_FACTOR) / hz;
	return cycles * EMU_S / hz;
}

/* Start bit, data and parity, one stop bit. */
static unsigned int character_bits(const struct usart *u)
{
	if (reg(u, CR1) & CR1_M1)
		return 9;
	return reg(u, CR1) & CR1_M0 ? 11 : 10;
}

static uint64_t character_ps(const struct usart *u)
{
	return bit_ps(u) * character_bits(u);
}

static unsigned int threshold(uint32_t code)
{
	static const uint8_t of[8] = { 2, 4, 8, 12, 14, 16, 16, 16 };

	return of[code & 7];
}

static uint32_t read_isr(const struct usart *u)
{
	uint32_t cr1 = reg(u, CR1), cr3 = reg(u, CR3), value = u->flags;
	unsigned int depth = fifo_depth(u);

	if (u->rx_count)
		value |= ISR_RXNE;
	if (u->tx_count < depth)
		value |= ISR_TXE;
	if (u->shifting)
		value |= ISR_BUSY;
	if ((cr1 & CR1_UE) && (cr1 & CR1_TE))
		value |= ISR_TEACK;
	if ((cr1 & CR1_UE) && (cr1 & CR1_RE))
		value |= ISR_REACK;
	if (!(cr1 & CR1_FIFOEN))
		return value;
	if (!u->tx_count)
		value |= ISR_TXFE;
	if (u->rx_count == depth)
		value |= ISR_RXFF;
	if (u->rx_count >= threshold(cr3 >> 25))
		value |= ISR_RXFT;
	if (depth - u->tx_count >= threshold(cr3 >> 29))
		value |= ISR_TXFT;
	return value;
}

/* Bits of ISR that raise the interrupt. */
static uint32_t enabled_flags(const struct usart *u)
{
	static const struct {
		uint8_t offset, bit;
		uint32_t flags;
	} enables[] = {
		{ CR1, 4, ISR_IDLE },  { CR1, 5, ISR_RXNE | ISR_ORE },
		{ CR1, 6, ISR_TC },    { CR1, 7, ISR_TXE },
		{ CR1, 14, ISR_CMF },  { CR1, 26, ISR_RTOF },
		{ CR1, 30, ISR_TXFE }, { CR1, 31, ISR_RXFF },
		{ CR3, 0, ISR_ORE },   { CR3, 23, ISR_TXFT },
		{ CR3, 28, ISR_RXFT },
	};
	uint32_t mask = 0;

	for (unsigned int i = 0; i < sizeof(enables) / sizeof(*enables); i++)
		if (reg(u, enables[i].offset) >> enables[i].bit & 1)
			mask |= enables[i].flags;
	return mask;
}

static void update(struct usart *u)
{
	const struct usart_config *c = u->block->config;

	nvic_set_line(u->block->machine->nvic, c->irq[unit_of(u)],
		      read_isr(u) & enabled_flags(u));
}

/* --- transmitter --- */

static void start_character(struct usart *u)
{
	uint64_t time = character_ps(u);
	uint32_t cr1 = reg(u, CR1);

	if (u->shifting || !u->tx_count || !(cr1 & CR1_UE) || !(cr1 & CR1_TE))
		return;
	if (!time) {
		emu_fail(emu_of(u),
			 "%s%s sends without a baud rate: BRR is 0, or the "
			 "clock that RCC selects does not run",
			 u->block->config->peripheral->name,
			 u->block->config->peripheral->unit_names
				 ? u->block->config->peripheral
					   ->unit_names[unit_of(u)]
				 : "");
		return;
	}
	u->shift = u->tx[0];
	u->tx_count--;
	memmove(u->tx, u->tx + 1, u->tx_count * sizeof(u->tx[0]));
	u->shifting = true;
	emu_schedule(emu_of(u), &u->sent, time);
}

static uint16_t data_mask(const struct usart *u)
{
	uint32_t cr1 = reg(u, CR1);
	unsigned int bits = cr1 & CR1_M1 ? 7 : cr1 & CR1_M0 ? 9 : 8;

	if (cr1 & CR1_PCE)
		bits--;
	return (uint16_t)((1U << bits) - 1);
}

static void on_sent(void *ctx)
{
	struct usart *u = ctx;
	struct usart_block *b = u->block;

	u->shifting = false;
	if (b->config->has_vcp && unit_of(u) == VCP_UNIT && b->on_sent)
		b->on_sent(b->ctx, (uint8_t)(u->shift & data_mask(u)));
	start_character(u);
	if (!u->shifting)
		u->flags |= ISR_TC;
	update(u);
}

static void write_tdr(struct usart *u, uint32_t value)
{
	u->flags &= ~(uint32_t)ISR_TC;
	if (u->tx_count == fifo_depth(u))
		u->tx_count--; /* the silicon overwrites the character */
	u->tx[u->tx_count++] = (uint16_t)(value & 0x1ff);
	start_character(u);
}

/* --- receiver --- */

static void schedule_receive(struct usart *u)
{
	uint32_t cr1 = reg(u, CR1);

	if (u->block->line_count && !u->received.armed && (cr1 & CR1_UE) &&
	    (cr1 & CR1_RE) && character_ps(u))
		emu_schedule(emu_of(u), &u->received, character_ps(u));
}

static void on_received(void *ctx)
{
	struct usart *u = ctx;
	struct usart_block *b = u->block;
	uint8_t byte = b->line[b->line_first];

	if (!b->line_count) { /* a character time without a start bit */
		u->flags |= ISR_IDLE | ISR_RTOF;
		update(u);
		return;
	}
	if (!(reg(u, CR1) & CR1_UE) || !(reg(u, CR1) & CR1_RE))
		return;
	b->line_first = (b->line_first + 1) % USART_LINE;
	b->line_count--;
	if (u->rx_count < fifo_depth(u))
		u->rx[u->rx_count++] = byte & data_mask(u);
	else
		u->flags |= ISR_ORE;
	if (byte == reg(u, CR2) >> 24)
		u->flags |= ISR_CMF;
	emu_schedule(emu_of(u), &u->received, character_ps(u));
	update(u);
}

void usart_listen(struct usart_block *block,
		  void (*sent)(void *ctx, uint8_t byte), void *ctx)
{
	block->on_sent = sent;
	block->ctx = ctx;
}

unsigned int usart_send(struct usart_block *block, const uint8_t *data,
			unsigned int len)
{
	unsigned int n = 0;

	for (; n < len && block->line_count < USART_LINE; n++)
		block->line[(block->line_first + block->line_count++) %
			    USART_LINE] = data[n];
	schedule_receive(&block->unit[VCP_UNIT]);
	return n;
}

static uint32_t read_rdr(struct usart *u)
{
	uint32_t value = u->rx[0];

	if (!u->rx_count)
		return value;
	u->rx_count--;
	memmove(u->rx, u->rx + 1, u->rx_count * sizeof(u->rx[0]));
	return value;
}

/* --- registers --- */

static uint32_t read_register(void *state, uint32_t offset, unsigned int size)
{
	struct usart_block *b = state;
	struct usart *u = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE, value;

	if (at == ISR)
		return read_isr(u);
	if (at == RDR) {
		value = read_rdr(u);
		update(u);
		return value;
	}
	value = at <= PRESC ? reg(u, at & ~3U) >> 8 * (at & 3) : 0;
	return size == 4 ? value : value & ((1U << 8 * size) - 1);
}

static void write_rqr(struct usart *u, uint32_t value)
{
	if (value & RQR_RXFRQ)
		u->rx_count = 0;
	if (value & RQR_TXFRQ)
		u->tx_count = 0;
}

static void write_register(void *state, uint32_t offset, unsigned int size,
			   uint32_t value)
{
	struct usart_block *b = state;
	struct usart *u = &b->unit[offset / PERIPHERAL_UNIT_SIZE];
	uint32_t at = offset % PERIPHERAL_UNIT_SIZE;

	(void)size;
	switch (at) {
	case RQR:
		write_rqr(u, value);
		break;
	case ICR:
		u->flags &= ~value;
		break;
	case TDR:
		write_tdr(u, value);
		break;
	case ISR:
	case RDR:
		break;
	default:
		if (at <= PRESC)
			u->reg[at / 4] = value;
	}
	start_character(u);
	if (b->config->has_vcp && u == &b->unit[VCP_UNIT])
		schedule_receive(u);
	update(u);
}

static void reset(void *state, unsigned int unit)
{
	struct usart_block *b = state;
	struct usart *u = &b->unit[unit];

	if (u->block) {
		emu_cancel(emu_of(u), &u->sent);
		emu_cancel(emu_of(u), &u->received);
	}
	*u = (struct usart){
		.block = b,
		.flags = ISR_TC,
		.sent = { .fire = on_sent, .ctx = u },
		.received = { .fire = on_received, .ctx = u },
	};
	update(u);
}

static void connect(struct usart_block *b, struct machine *m,
		    const struct usart_config *c)
{
	b->machine = m;
	b->config = c;
	b->rcc = bus_state(&m->bus, &rcc_peripheral);
}

static bool read_changes(uint32_t offset)
{
	return (offset % PERIPHERAL_UNIT_SIZE & ~3U) == RDR;
}

#define USART_PERIPHERAL(NAME, BASE, UNITS, NAMES, ENR, BIT)                   \
	.name = (NAME), .base = (BASE), .size = (UNITS)*PERIPHERAL_UNIT_SIZE,  \
	.widths = PERIPHERAL_ANY_WIDTH, .clock_register = (ENR),               \
	.clock_bit = (BIT), .units = (1 << (UNITS)) - 1,                       \
	.unit_names = (NAMES), .state_size = sizeof(struct usart_block),       \
	.reset = reset, .read = read_register, .write = write_register,        \
	.read_changes = read_changes

static const struct usart_config usart1_config = {
	.peripheral = &usart_1_peripheral,
	.kernel = RCC_KERNEL_USART1,
	.irq = { 82 },
};

static void connect_usart1(void *state, struct machine *m)
{
	connect(state, m, &usart1_config);
}

static const char *const names1[] = { "1" };
static const char *const names2[] = { "2", "3", "4", "5" };
static const char *const names7[] = { "7", "8" };

const struct peripheral usart_1_peripheral = {
	USART_PERIPHERAL("USART", 0x42001000, 1, names1, RCC_APB2ENR, 4),
	.connect = connect_usart1,
};

static const struct usart_config usart2_config = {
	.peripheral = &usart_2_peripheral,
	.kernel = RCC_KERNEL_UART234578,
	.irq = { 83, 84, 85, 86 },
	.has_vcp = true,
};

static void connect_usart2(void *state, struct machine *m)
{
	connect(state, m, &usart2_config);
}

const struct peripheral usart_2_peripheral = {
	USART_PERIPHERAL("UART", 0x40004400, 4, names2, RCC_APB1ENR1, 17),
	.connect = connect_usart2,
};

static const struct usart_config uart7_config = {
	.peripheral = &usart_7_peripheral,
	.kernel = RCC_KERNEL_UART234578,
	.irq = { 87, 88 },
};

static void connect_uart7(void *state, struct machine *m)
{
	connect(state, m, &uart7_config);
}

const struct peripheral usart_7_peripheral = {
	USART_PERIPHERAL("UART", 0x40007800, 2, names7, RCC_APB1ENR1, 30),
	.connect = connect_uart7,
};

static const struct usart_config lpuart1_config = {
	.peripheral = &usart_lp1_peripheral,
	.kernel = RCC_KERNEL_LPUART1,
	.irq = { 131 },
	.low_power = true,
};

static void connect_lpuart1(void *state, struct machine *m)
{
	connect(state, m, &lpuart1_config);
}

const struct peripheral usart_lp1_peripheral = {
	USART_PERIPHERAL("LPUART", 0x58000C00, 1, names1, RCC_APB4ENR, 3),
	.connect = connect_lpuart1,
};
