/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device under test: usbnvme of ports/virtual in this process. The test
 * acts as the USB host controller. Time advances only in dut_wait().
 */
#ifndef TETHER_TESTS_DEVICE_DUT_H
#define TETHER_TESTS_DEVICE_DUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/device.h"
#include "usb/descriptors.h"

enum { DUT_PACKET_MAX = 255, DUT_SOURCE = 8 };

/** A v1.0 packet with USB and MCTP header. */
struct dut_packet {
	size_t len;
	uint8_t data[DUT_PACKET_MAX];
};

/**
 * Start a new device with the default model and chip ID 00 01 .. 0b. The device
 * is not attached yet. Only the first call determines the USB speed.
 */
struct device *dut_start(enum mctp_usb_version version, enum usb_speed speed);

/** Enable the PLDM file requester in devices that start later (default: off).
 */
void dut_set_pldm(bool on);

/** Reset the bus, then send SET_ADDRESS and SET_CONFIGURATION 1. false: the
 * device stalled a request. */
bool dut_attach(void);
void dut_detach(void);

/** Advance the time by ms, and run the device. */
void dut_wait(uint32_t ms);

/** Execute a control transfer. Returns the bytes transferred, or a negative
 * errno. */
int dut_control(const uint8_t setup[8], uint8_t *data, uint16_t len);

/** Execute a bulk OUT transfer. Returns 0 or a negative errno; -EAGAIN: the
 * device did not accept all bytes. */
int dut_out(uint8_t endpoint, const uint8_t *data, size_t len);

/** Execute a bulk IN transfer. Returns its length or a negative errno; -EAGAIN:
 * the device has no data. */
int dut_in(uint8_t endpoint, uint8_t *data, size_t cap);

/** A function that executes a bulk transfer. Returns the bytes transferred or a
 * negative errno, as dut_out() and dut_in(). */
typedef int (*dut_transfer)(void *ctx, uint8_t endpoint, uint8_t *data,
			    size_t len);

/** Send the following bulk transfers to another device by fn(ctx). NULL: use
 * the device in this process. */
void dut_use(dut_transfer fn, void *ctx);

/** Split a message, type byte first, into packets with `unit` bytes of body.
 * Returns the number of packets. */
size_t dut_split(struct dut_packet *p, size_t max, const uint8_t *msg,
		 size_t len, uint8_t dest, uint8_t tag, size_t unit);

/** Send each packet in a separate transfer. Returns 0 or a negative errno. */
int dut_send(const struct dut_packet *p, size_t count);

/**
 * Receive the next message of the device (DSP0283 v1.0) from its type byte on.
 * Returns its length; -1: no message, or a malformed message. header: receives
 * the MCTP header of the last packet, 4 bytes.
 */
int dut_receive(uint8_t *msg, size_t cap, uint8_t *header);

/** Send a request in packets with 64 bytes of body, receive the response, and
 * check its tag. */
int dut_exchange(const uint8_t *request, size_t len, uint8_t dest,
		 uint8_t *answer, size_t cap);

#endif
