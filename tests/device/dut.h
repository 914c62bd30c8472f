/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device under test: the whole usbnvme of ports/virtual in this process,
 * driven through the seam where a USB host controller would be. Time stands
 * still but for dut_wait().
 */
#ifndef TETHER_TESTS_DEVICE_DUT_H
#define TETHER_TESTS_DEVICE_DUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/device.h"
#include "usb/descriptors.h"

enum { DUT_PACKET_MAX = 255, DUT_SOURCE = 8 };

/** A v1.0 packet with both headers. */
struct dut_packet {
	size_t len;
	uint8_t data[DUT_PACKET_MAX];
};

/**
 * A fresh device with the default model and chip id 00 01 .. 0b. The USB
 * speed is that of the first call. Not attached yet.
 */
struct device *dut_start(enum mctp_usb_version version, enum usb_speed speed);

/** Whether devices started from now on fetch files by PLDM; not, to start
 * with. */
void dut_set_pldm(bool on);

/** Bus reset, SET_ADDRESS, SET_CONFIGURATION 1. false: refused. */
bool dut_attach(void);
void dut_detach(void);

/** Let the device run at a time so many ms later. */
void dut_wait(uint32_t ms);

/** A control transfer. Bytes that went over, or a negative errno. */
int dut_control(const uint8_t setup[8], uint8_t *data, uint16_t len);

/** One bulk OUT transfer to the endpoint. 0, or a negative errno; -EAGAIN:
 * the device did not take it all. */
int dut_out(uint8_t endpoint, const uint8_t *data, size_t len);

/** One bulk IN transfer. Its bytes, or a negative errno; -EAGAIN: there is
 * nothing to fetch. */
int dut_in(uint8_t endpoint, uint8_t *data, size_t cap);

/** A bulk transfer's carrier: bytes that went over, or a negative errno, as
 * dut_out() and dut_in() return them. */
typedef int (*dut_transfer)(void *ctx, uint8_t endpoint, uint8_t *data,
			    size_t len);

/** Drive another device than that of this process by what follows; NULL: the
 * one of this process again. */
void dut_use(dut_transfer fn, void *ctx);

/** Cut a message, type byte first, into packets of `unit` bytes of body.
 * Returns their number. */
size_t dut_split(struct dut_packet *p, size_t max, const uint8_t *msg,
		 size_t len, uint8_t dest, uint8_t tag, size_t unit);

/** All packets in a transfer each. 0 or a negative errno. */
int dut_send(const struct dut_packet *p, size_t count);

/**
 * The next message the device sends (v1.0), from its type byte on. Returns
 * its length, or -1: none, or what came is no proper message. header: of its
 * last packet, 4 bytes.
 */
int dut_receive(uint8_t *msg, size_t cap, uint8_t *header);

/** dut_split() by 64, dut_send(), dut_receive(); the answer's tag checked. */
int dut_exchange(const uint8_t *request, size_t len, uint8_t dest,
		 uint8_t *answer, size_t cap);

#endif
