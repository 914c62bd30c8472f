/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the emulated DWC2. The test accesses the registers as a driver, and
 * sends packets as a host. */
#include "emu_board.h"

#include <stdbool.h>
#include <string.h>

#include "emulator/peripheral/dwc2_registers.h"

/* Connect the device, reset the bus and enable the interrupts of endpoints. */
static void usb_on(void)
{
	set_high_voltage();
	wr_reg(RCC, rd(RCC) | 1 << 16);
	wait_for_bit(RCC, 1 << 17);
	wr_reg(PWR + 0xC, rd(PWR + 0xC) | 1 << 27 | 1 << 24);
	wait_for_bit(PWR + 0xC, 1 << 26);
	wr_reg(RCC + 0x138, 3 << 25);
	wr_reg(USB + GRSTCTL, 1);
	wr_reg(USB + GCCFG, 3 << 23);
	wr_reg(USB + GRXFSIZ, 0x100);
	wr_reg(USB + DIEPTXF0, 0x10 << 16 | 0x100);
	wr_reg(USB + DIEPTXF1, 0x80 << 16 | 0x110);
	wr_reg(USB + DCTL, 0);
	assert_true(dwc2_attached(b.dwc2));
	dwc2_bus_reset(b.dwc2, false);
	assert_true(rd(USB + GINTSTS) & GINTSTS_USBRST);
	advance(11 * EMU_MS);
	assert_true(rd(USB + GINTSTS) & GINTSTS_ENUMDNE);
	assert_int_equal(rd(USB + DSTS) & 6, 0);
	wr_reg(USB + DAINTMSK, 0xffffffff);
	wr_reg(USB + DOEPMSK, 0x9);
	wr_reg(USB + DIEPMSK, 1);
}

static void test_setup_sets_interrupt_when_its_status_is_popped(void **state)
{
	static const uint8_t setup[8] = { 0x80, 6, 0, 1, 0, 0, 64, 0 };

	(void)state;
	usb_on();
	assert_int_equal(dwc2_setup(b.dwc2, setup), DWC2_ACK);
	assert_int_equal(rd(USB + GRXSTSP), 6 << 17 | 8 << 4);
	assert_int_equal(rd(USB + FIFO_BASE), 0x01000680);
	assert_int_equal(rd(USB + FIFO_BASE), 0x00400000);
	assert_false(rd(USB + DOEPCTL0 + EP_INT) & EPINT_SETUP);
	assert_int_equal(rd(USB + GRXSTSP), 4 << 17);
	assert_true(rd(USB + DOEPCTL0 + EP_INT) & EPINT_SETUP);
	assert_true(rd(USB + GINTSTS) & GINTSTS_OEPINT);
	wr_reg(USB + DOEPCTL0 + EP_INT, EPINT_SETUP);
	assert_false(rd(USB + GINTSTS) & (GINTSTS_OEPINT | GINTSTS_RXFLVL));
}

static void test_out_acks_naks_and_rejects_data_behind_the_buffer(void **state)
{
	const uint32_t ctl = USB + DOEPCTL0 + 0x20;
	uint8_t data[64] = { 1, 2, 3, 4, 5 };

	(void)state;
	usb_on();
	assert_int_equal(dwc2_out(b.dwc2, 1, false, data, 5), DWC2_NOTHING);
	wr_reg(ctl, 64 | 1 << 15 | 2 << 18 | EPCTL_SD0PID);
	assert_int_equal(dwc2_out(b.dwc2, 1, false, data, 5), DWC2_NAK);
	wr_reg(ctl + EP_TSIZ, 2 << 19 | 128);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(b.dwc2, 1, false, data, 64), DWC2_ACK);
	assert_int_equal(dwc2_out(b.dwc2, 1, true, data, 5), DWC2_ACK);
	assert_int_equal(dwc2_out(b.dwc2, 1, false, data, 5), DWC2_NAK);
	assert_int_equal(rd(USB + GRXSTSP) & 0x1e7ff0, 2 << 17 | 64 << 4);
	for (int i = 0; i < 16; i++)
		(void)rd(USB + FIFO_BASE);
	assert_int_equal(rd(USB + GRXSTSP) & 0x1e7ff0, 2 << 17 | 5 << 4);
	assert_int_equal(rd(USB + FIFO_BASE), 0x04030201);
	assert_int_equal(rd(USB + FIFO_BASE), 5);
	assert_false(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_int_equal(rd(USB + GRXSTSP), 3 << 17 | 1);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_false(rd(ctl) & EPCTL_EPENA);
	assert_int_equal(rd(ctl + EP_TSIZ), 128 - 69);
	/* A packet that is longer than the transfer must not overwrite memory.
	 */
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 4);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(b.dwc2, 1, false, data, 5), DWC2_NOTHING);
	assert_true(b.machine.emu.failed);
}

static void test_in_sends_packets_from_the_fifo(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0 + 0x20;
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(ctl, 8 | 1 << 15 | 2 << 18 | 1 << 22 | EPCTL_SD0PID);
	assert_int_equal(dwc2_in(b.dwc2, 1, false, data, &len), DWC2_NAK);
	wr_reg(ctl + EP_TSIZ, 2 << 19 | 10);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(rd(ctl + EP_DTXFSTS), 0x80);
	wr_reg(USB + 0x2000, 0x04030201);
	assert_int_equal(dwc2_in(b.dwc2, 1, false, data, &len), DWC2_NAK);
	wr_reg(USB + 0x2000, 0x08070605);
	wr_reg(USB + 0x2000, 0x00000A09);
	assert_int_equal(rd(ctl + EP_DTXFSTS), 0x80 - 3);
	assert_int_equal(rd(ctl + EP_TSIZ), 2 << 19);
	assert_int_equal(dwc2_in(b.dwc2, 1, false, data, &len), DWC2_ACK);
	assert_int_equal(len, 8);
	assert_int_equal(dwc2_in(b.dwc2, 1, true, data, &len), DWC2_ACK);
	assert_int_equal(len, 2);
	assert_memory_equal(data, "\x09\x0a", 2);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	assert_true(rd(USB + GINTSTS) & GINTSTS_IEPINT);
	wr_reg(ctl, rd(ctl) | EPCTL_STALL);
	assert_int_equal(dwc2_in(b.dwc2, 1, false, data, &len), DWC2_STALL);
}

/* ES0596, 2.21.3: in slave mode 20 AHB clocks pass from SNAK to EPENA, and 15
 * from EPENA to CNAK. At 64 MHz they take 0.31 us and 0.23 us. */
static void test_zero_length_packet_in_slave_mode(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0;
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(ctl + EP_TSIZ, 1 << 19);
	wr_reg(ctl, EPCTL_SNAK);
	assert_true(rd(ctl + EP_INT) & EPINT_INEPNE);
	advance(EMU_US);
	wr_reg(ctl, EPCTL_EPENA);
	advance(EMU_US);
	wr_reg(ctl, EPCTL_CNAK);
	assert_int_equal(dwc2_in(b.dwc2, 0, false, data, &len), DWC2_ACK);
	assert_int_equal(len, 0);
}

static void test_zero_length_packet_in_slave_mode_enabled_early(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0;

	(void)state;
	usb_on();
	wr_reg(ctl + EP_TSIZ, 1 << 19);
	wr_reg(ctl, EPCTL_SNAK);
	advance(EMU_US / 5);
	wr_reg(ctl, EPCTL_EPENA);
	advance(EMU_US);
	bus_write(&b.machine.bus, ctl, 4, EPCTL_CNAK);
	expect_failure("set SNAK, wait 20 AHB clocks, set EPENA");
}

static void test_zero_length_packet_in_dma_mode(void **state)
{
	const uint32_t ctl = USB + DIEPCTL0;
	uint8_t data[DWC2_PACKET_MAX];
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(USB + GAHBCFG, GAHBCFG_DMAEN);
	wr_reg(ctl + EP_TSIZ, 1 << 19);
	wr_reg(ctl, EPCTL_EPENA | EPCTL_SNAK);
	assert_true(rd(ctl + EP_INT) & EPINT_INEPNE);
	advance(EMU_US); /* at 64 MHz 15 clocks take 0.23 us */
	wr_reg(ctl, EPCTL_CNAK);
	assert_int_equal(dwc2_in(b.dwc2, 0, false, data, &len), DWC2_ACK);
	assert_int_equal(len, 0);
}

static void test_dma_reaches_axi_sram_but_no_tcm(void **state)
{
	const uint32_t ctl = USB + DOEPCTL0 + 0x20;
	const uint32_t sram = AXISRAM_BASE + 0x20000;

	(void)state;
	usb_on();
	wr_reg(USB + GAHBCFG, GAHBCFG_DMAEN);
	wr_reg(ctl, 64 | 1 << 15 | 2 << 18 | EPCTL_SD0PID);
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 64);
	wr_reg(ctl + EP_DMA, sram);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(b.dwc2, 1, false, (const uint8_t *)"abc", 3),
			 DWC2_ACK);
	assert_memory_equal(emu_memory_at(&b.machine.memory, sram, 3), "abc",
			    3);
	assert_true(rd(ctl + EP_INT) & EPINT_XFRC);
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 64);
	wr_reg(ctl + EP_DMA, DTCM_BASE);
	wr_reg(ctl, rd(ctl) | EPCTL_EPENA | EPCTL_CNAK);
	(void)dwc2_out(b.dwc2, 1, true, (const uint8_t *)"abc", 3);
	assert_true(b.machine.emu.failed);
	assert_non_null(strstr(b.machine.emu.error, "no ITCM or DTCM"));
}

static void test_global_out_nak_takes_effect_when_popped(void **state)
{
	(void)state;
	usb_on();
	wr_reg(USB + DCTL, DCTL_SGONAK);
	assert_false(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
	assert_int_equal(rd(USB + GRXSTSP), 1 << 17);
	assert_true(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
	wr_reg(USB + DCTL, DCTL_CGONAK);
	assert_false(rd(USB + GINTSTS) & GINTSTS_BOUTNAKEFF);
}

static void test_suspend_resume_and_soft_disconnect(void **state)
{
	(void)state;
	usb_on();
	dwc2_bus_suspend(b.dwc2);
	assert_true(rd(USB + GINTSTS) & GINTSTS_USBSUSP);
	assert_true(rd(USB + DSTS) & 1);
	dwc2_bus_resume(b.dwc2);
	assert_true(rd(USB + GINTSTS) & GINTSTS_WKUINT);
	assert_false(rd(USB + DSTS) & 1);
	wr_reg(USB + DCTL, DCTL_SDIS);
	assert_false(dwc2_attached(b.dwc2));
}

/* --- misuse that ends the run --- */

static void test_rejects_status_read_before_data(void **state)
{
	static const uint8_t setup[8] = { 0x80, 6, 0, 1, 0, 0, 64, 0 };

	(void)state;
	usb_on();
	assert_int_equal(dwc2_setup(b.dwc2, setup), DWC2_ACK);
	(void)rd(USB + GRXSTSP);
	(void)rd(USB + FIFO_BASE);
	(void)rd(USB + GRXSTSP);
	expect_failure("GRXSTSP is read while 1 words of the packet before");
}

/* Each global NAK leaves a status entry until the driver pops it. */
static void test_rejects_status_entries_that_are_never_popped(void **state)
{
	(void)state;
	usb_on();
	for (unsigned int i = 0; i < DWC2_RX_ENTRIES; i++) {
		wr_reg(USB + DCTL, DCTL_SGONAK);
		wr_reg(USB + DCTL, DCTL_CGONAK);
	}
	bus_write(&b.machine.bus, USB + DCTL, 4, DCTL_SGONAK);
	expect_failure("the receive FIFO overflows its 64 status entries");
}

enum { IN1 = USB + DIEPCTL0 + 0x20, IN2 = IN1 + 0x20 };

static void set_up_in_endpoint(uint32_t ctl, unsigned int fifo)
{
	wr_reg(ctl, 64 | 1 << 15 | 2 << 18 | fifo << 22 | EPCTL_SD0PID);
	wr_reg(ctl + EP_TSIZ, 1 << 19 | 16);
}

static void test_rejects_overlapping_fifos(void **state)
{
	(void)state;
	usb_on();
	wr_reg(USB + DIEPTXF1 + 4, 0x40 << 16 | 0x18F);
	set_up_in_endpoint(IN1, 1);
	set_up_in_endpoint(IN2, 2);
	bus_write(&b.machine.bus, IN1, 4, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	expect_failure("transmit FIFOs of IN endpoints 1 and 2 overlap");
}

static void test_rejects_shared_fifo(void **state)
{
	(void)state;
	usb_on();
	set_up_in_endpoint(IN1, 1);
	set_up_in_endpoint(IN2, 1);
	bus_write(&b.machine.bus, IN2, 4, rd(IN2) | EPCTL_EPENA | EPCTL_CNAK);
	expect_failure("transmit FIFOs of IN endpoints 2 and 1 overlap");
}

static void test_rejects_enable_without_packets(void **state)
{
	(void)state;
	usb_on();
	set_up_in_endpoint(IN1, 1);
	wr_reg(IN1 + EP_TSIZ, 16);
	bus_write(&b.machine.bus, IN1, 4, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	expect_failure("IN endpoint 1 is enabled with DIEPTSIZ.PKTCNT 0");
}

static void test_rejects_size_while_enabled(void **state)
{
	(void)state;
	usb_on();
	set_up_in_endpoint(IN1, 1);
	wr_reg(IN1, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	bus_write(&b.machine.bus, IN1 + EP_TSIZ, 4, 1 << 19 | 16);
	expect_failure("DIEPTSIZ1 is written while the endpoint is enabled");
}

static void test_rejects_enable_with_old_data_in_the_fifo(void **state)
{
	(void)state;
	usb_on();
	set_up_in_endpoint(IN1, 1);
	wr_reg(IN1, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	wr_reg(USB + 0x2000, 1);
	wr_reg(USB + 0x2000, 2);
	wr_reg(IN1, rd(IN1) | EPCTL_EPDIS);
	wr_reg(IN1 + EP_TSIZ, 1 << 19 | 16);
	bus_write(&b.machine.bus, IN1, 4, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	expect_failure(
		"enabled while 2 words of an older transfer are in its FIFO");
	wr_reg(USB + GRSTCTL, GRSTCTL_TXFFLSH | 1 << 6);
	wr_reg(IN1, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
}

static void test_rejects_data_toggle_that_was_not_reset(void **state)
{
	const uint32_t out = USB + DOEPCTL0 + 0x20;
	uint8_t data[DWC2_PACKET_MAX] = { 0 };
	uint32_t len;

	(void)state;
	usb_on();
	wr_reg(out, 64 | 1 << 15 | 2 << 18 | EPCTL_SD0PID);
	wr_reg(out + EP_TSIZ, 1 << 19 | 64);
	wr_reg(out, rd(out) | EPCTL_EPENA | EPCTL_CNAK);
	assert_int_equal(dwc2_out(b.dwc2, 1, true, data, 5), DWC2_NOTHING);
	expect_failure("OUT endpoint 1 gets DATA1 and expects DATA0");
	set_up_in_endpoint(IN1, 1);
	wr_reg(IN1 + EP_TSIZ, 1 << 19 | 4);
	wr_reg(IN1, rd(IN1) | EPCTL_EPENA | EPCTL_CNAK);
	wr_reg(USB + 0x2000, 1);
	assert_int_equal(dwc2_in(b.dwc2, 1, true, data, &len), DWC2_NOTHING);
	expect_failure("IN endpoint 1 has DATA0 and the host expects DATA1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_setup_sets_interrupt_when_its_status_is_popped),
		TEST(test_out_acks_naks_and_rejects_data_behind_the_buffer),
		TEST(test_in_sends_packets_from_the_fifo),
		TEST(test_zero_length_packet_in_slave_mode),
		TEST(test_zero_length_packet_in_slave_mode_enabled_early),
		TEST(test_zero_length_packet_in_dma_mode),
		TEST(test_dma_reaches_axi_sram_but_no_tcm),
		TEST(test_global_out_nak_takes_effect_when_popped),
		TEST(test_suspend_resume_and_soft_disconnect),
		TEST(test_rejects_status_read_before_data),
		TEST(test_rejects_status_entries_that_are_never_popped),
		TEST(test_rejects_overlapping_fifos),
		TEST(test_rejects_shared_fifo),
		TEST(test_rejects_enable_without_packets),
		TEST(test_rejects_size_while_enabled),
		TEST(test_rejects_enable_with_old_data_in_the_fifo),
		TEST(test_rejects_data_toggle_that_was_not_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
