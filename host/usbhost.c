/* SPDX-License-Identifier: Apache-2.0 */
#include "host/usbhost.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/printable.h"
#include "posix/clock.h"

enum { STRING = 3, GET_DESCRIPTOR = 6, SET_CONFIGURATION = 9 };

const char *usbhost_status_text(enum usbhost_status status)
{
	static const char *const texts[] = {
		[USBHOST_SUCCESS] = "it succeeded",
		[USBHOST_STALL] = "the device stalled it",
		[USBHOST_CANCELLED] = "it was cancelled",
		[USBHOST_GONE] = "the device is gone. Plug it in again",
		[USBHOST_OVERFLOW] = "the device sent more than requested",
		[USBHOST_NO_ANSWER] = "the device did not answer in time",
		[USBHOST_FAILED] = "an error on the bus",
	};

	return texts[status <= USBHOST_FAILED ? status : USBHOST_FAILED];
}

static void mark_done(struct usbhost_transfer *t)
{
	*(bool *)t->ctx = true;
}

static int check_result(struct usbhost *h, const struct usbhost_transfer *t)
{
	if (t->status == USBHOST_SUCCESS)
		return (int)t->actual;
	snprintf(h->error, sizeof(h->error), "control request %02x %02x: %s",
		 t->setup[0], t->setup[1], usbhost_status_text(t->status));
	return ERR_IO;
}

int usbhost_control(struct usbhost *h, const uint8_t setup[8], uint8_t *data,
		    uint16_t length)
{
	bool finished = false;
	struct usbhost_transfer t = {
		.endpoint = setup[0] & 0x80,
		.data = data,
		.length = length,
		.done = mark_done,
		.ctx = &finished,
	};
	uint32_t start = clock_now_ms();
	int err;

	memcpy(t.setup, setup, sizeof(t.setup));
	err = h->ops->submit(h, &t);
	while (!err && !finished) {
		uint32_t spent = clock_now_ms() - start;

		if (spent >= USBHOST_CONTROL_MS) {
			h->ops->cancel(h, &t);
			snprintf(h->error, sizeof(h->error),
				 "control request %02x %02x: no response in %d "
				 "s",
				 setup[0], setup[1], USBHOST_CONTROL_MS / 1000);
			return ERR_TIMEOUT;
		}
		err = h->ops->poll(h, (int)(USBHOST_CONTROL_MS - spent));
	}
	return err ? err : check_result(h, &t);
}

int usbhost_get_descriptor(struct usbhost *h, uint8_t type, uint8_t index,
			   uint8_t *data, uint16_t length)
{
	/* String descriptors are requested in US English, 0x0409. */
	const uint8_t setup[8] = { 0x80,
				   GET_DESCRIPTOR,
				   index,
				   type,
				   type == STRING && index ? 0x09 : 0,
				   type == STRING && index ? 0x04 : 0,
				   (uint8_t)length,
				   (uint8_t)(length >> 8) };

	return usbhost_control(h, setup, data, length);
}

void usbhost_get_string(struct usbhost *h, uint8_t index, char *text,
			size_t cap)
{
	uint8_t d[255];
	size_t len = 0;
	int n;

	text[0] = '\0';
	if (!index)
		return;
	n = usbhost_get_descriptor(h, STRING, index, d, sizeof(d));
	for (int i = 2; i + 1 < n && i + 1 < d[0] && len + 1 < cap; i += 2) {
		char c = (char)d[i];

		if (d[i + 1]) /* not ASCII */
			c = '?';
		text[len++] = printable_char(c);
	}
	text[len] = '\0';
}

int usbhost_claim(struct usbhost *h, uint8_t configuration, uint8_t interface)
{
	const uint8_t setup[8] = { 0x00, SET_CONFIGURATION, configuration };
	int n;

	if (h->ops->claim)
		return h->ops->claim(h, configuration, interface);
	if (h->configuration == configuration)
		return ERR_OK;
	n = usbhost_control(h, setup, NULL, 0);
	if (n < 0)
		return n;
	h->configuration = configuration;
	return ERR_OK;
}
