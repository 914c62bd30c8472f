/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the vectors in three ways: by the MCTP endpoint of a device without USB,
 * by a complete USB device in this process, and by a usbnvme process over
 * USB/IP. In this process the device must not use the heap. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/allocations.h"
#include "device/dut.h"
#include "device/process.h"
#include "device/vectors.h"
#include "patience.h"
#include "base/err.h"
#include "host/transport_mctp.h"
#include "host/usbip_client.h"
#include "linux_sys/netlink.h"

enum { UNIT = 64, SILENCE_MS = 300, ANSWER_MS = 60000 };
enum { TURNS = 1000, TURN_MS = 50 };

static enum mctp_usb_version version = MCTP_USB_1_0;

/* Pass the request to the MCTP endpoint of device ctx, without USB and its
 * framing. */
static int ask_handler(void *ctx, const struct vector_request *q,
		       uint8_t *answer, size_t cap)
{
	static uint8_t tag;
	struct device *d = ctx;
	struct mctp_packet p = { 0 };
	size_t got = 0, n = 0;
	bool any = false;

	for (size_t at = 0; at < q->len; at += UNIT, n++) {
		size_t body = q->len - at < UNIT ? q->len - at : UNIT;
		uint8_t packet[4 + UNIT] = { 1, q->dest, DUT_SOURCE };

		packet[3] = (uint8_t)(0x08 | (tag & 7) | (n & 3) << 4 |
				      (at ? 0 : 0x80) |
				      (at + body == q->len ? 0x40 : 0));
		memcpy(packet + 4, q->data + at, body);
		mctp_rx(&d->mctp, packet, body + 4, 0);
	}
	tag++;
	device_poll(d);
	while (mctp_tx_peek(&d->mctp, &p)) {
		any = true;
		if (p.len > cap - got)
			return -1;
		memcpy(answer + got, p.body, p.len);
		got += p.len;
		mctp_tx_consume(&d->mctp, &p);
	}
	return any ? (int)got : -1;
}

static int ask_device(void *ctx, const struct vector_request *q,
		      uint8_t *answer, size_t cap)
{
	(void)ctx;
	return dut_exchange(q->data, q->len, q->dest, answer, cap);
}

/* Count heap calls during a request to device ctx by ask_handler(). ctx NULL:
 * send the request over USB by ask_device(). */
static int ask_watched(void *ctx, const struct vector_request *q,
		       uint8_t *answer, size_t cap)
{
	int n;

	allocations_watch(true);
	n = (ctx ? ask_handler : ask_device)(ctx, q, answer, cap);
	allocations_watch(false);
	return n;
}

/* Count heap calls while time passes for background operations, and while the
 * host resets the bus and detaches. */
static bool finish_watched(void)
{
	bool attached;

	allocations_watch(true);
	for (int i = 0; i < TURNS; i++)
		dut_wait(TURN_MS);
	dut_detach();
	attached = dut_attach();
	dut_detach();
	allocations_watch(false);
	return attached;
}

static void set_done(struct usbhost_transfer *t)
{
	*(bool *)t->ctx = true;
}

/* Execute a bulk transfer over USB/IP. A control request follows the transfer:
 * when the device has answered it, the result of the bulk transfer is
 * available, so no time-out is necessary. */
static int carry(void *ctx, uint8_t endpoint, uint8_t *data, size_t len)
{
	struct usbhost *h = ctx;
	bool done = false;
	struct usbhost_transfer t = {
		.endpoint = endpoint,
		.data = data,
		.length = (uint32_t)len,
		.done = set_done,
		.ctx = &done,
	};
	uint8_t ignored[18];

	if (h->ops->submit(h, &t) ||
	    usbhost_get_descriptor(h, 1, 0, ignored, sizeof(ignored)) < 0)
		return -ENODEV;
	if (!done) {
		h->ops->cancel(h, &t);
		return -EAGAIN;
	}
	return t.status == USBHOST_SUCCESS ? (int)t.actual : -EIO;
}

/* Only the PLDM vectors enable PLDM: with PLDM, each Set Endpoint ID makes the
 * device send requests of its own. */
static bool needs_pldm(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strncmp(slash ? slash + 1 : path, "pldm", 4);
}

/* Run a file against the device that a USB/IP server offers at a local port.
 * The device must be fresh. */
static int ask_port(const char *port, const char *path,
		    struct vector_result *result)
{
	char error[USBHOST_ERROR];
	struct usbhost *h = usbip_client_open("127.0.0.1", port, "1-1", error,
					      sizeof(error));
	int err;

	if (!h || usbhost_claim(h, 1, 0)) {
		fprintf(stderr, "USB/IP: %s\n", h ? h->error : error);
		return 1;
	}
	dut_use(carry, h);
	err = vectors_run(path, ask_device, NULL, result);
	dut_use(NULL, NULL);
	h->ops->close(h);
	return err != 0;
}

static int run_usbip(const char *program, const char *model, const char *path,
		     struct vector_result *result)
{
	const char *argv[] = { program,
			       "--usbip",
			       "127.0.0.1:0",
			       "--model",
			       model,
			       "--uid",
			       "000102030405060708090a0b",
			       "--dsp0283",
			       version == MCTP_USB_1_1 ? "1.1" : "1.0",
			       needs_pldm(path) ? "--pldm-file" : NULL,
			       NULL };
	struct process p;
	int err;

	if (process_start(&p, argv)) {
		fprintf(stderr, "%s does not start\n", program);
		return 1;
	}
	err = ask_port(p.port, path, result);
	process_stop(&p);
	return err;
}

static int run_port(const char *port, const char *path)
{
	struct vector_result result = { 0 };
	int err = ask_port(port, path, &result);

	printf("%s: at port %s %u of %u\n", path, port,
	       result.run - result.failed, result.run);
	return err || result.failed || !result.run;
}

/* Send a request over a transport. Only a time-out shows that no answer comes:
 * short for a silent vector, long for an expected answer on a busy machine. */
static int ask_transport(void *ctx, const struct vector_request *q,
			 uint8_t *answer, size_t cap)
{
	struct transport *t = ctx;
	struct transport_request r = {
		.dest = q->dest,
		.data = q->data,
		.len = q->len,
		.timeout_ms = q->silent ? SILENCE_MS : patience_ms(ANSWER_MS),
		.answer = answer,
		.cap = cap,
	};
	int err = transport_ask(t, &r);

	if (err && err != ERR_TIMEOUT)
		fprintf(stderr, "%s\n", t->error);
	return err ? -1 : (int)r.got;
}

/* Assign the interface EID 8, the source of the vectors' requests. */
static int add_address(unsigned int interface)
{
	const struct ifaddrmsg m = { .ifa_family = AF_MCTP,
				     .ifa_index = interface };
	const uint8_t eid = DUT_SOURCE;
	struct netlink n;
	int err;

	if (netlink_open(&n))
		return 1;
	netlink_begin(&n, RTM_NEWADDR, NLM_F_CREATE, &m, sizeof(m));
	netlink_add(&n, IFA_LOCAL, &eid, sizeof(eid));
	err = netlink_send(&n);
	netlink_close(&n);
	return err;
}

/* Run a file through a kernel interface. The interface must be up, and its
 * device must be fresh. */
static int run_kernel(const char *interface, const char *path)
{
	struct vector_result result = { 0 };
	char error[TRANSPORT_ERROR] = "no address";
	struct transport *t = transport_mctp_open_interface(
		(int)if_nametoindex(interface), error, sizeof(error));
	int err;

	if (!t || add_address(if_nametoindex(interface))) {
		fprintf(stderr, "%s: %s\n", interface, error);
		return 1;
	}
	err = vectors_run(path, ask_transport, t, &result);
	t->ops->close(t);
	printf("%s: through %s %u of %u\n", path, interface,
	       result.run - result.failed, result.run);
	return err || result.failed || !result.run;
}

/* usage: test_vectors USBNVME MODEL 1.0|1.1 FILE...
 *        test_vectors --kernel INTERFACE FILE
 *        test_vectors --usbip PORT FILE */
int main(int argc, char **argv)
{
	struct vector_result all = { 0 };
	int bad = 0;

	if (argc == 4 && !strcmp(argv[1], "--kernel"))
		return run_kernel(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "--usbip"))
		return run_port(argv[2], argv[3]);
	if (argc > 3 && !strcmp(argv[3], "1.1"))
		version = MCTP_USB_1_1;
	for (int i = 4; i < argc; i++) {
		struct vector_result handler = { 0 }, usb = { 0 }, ip = { 0 };
		struct device *d;

		dut_set_pldm(needs_pldm(argv[i]));
		d = dut_start(version, USB_SPEED_HIGH);

		if (!d || vectors_run(argv[i], ask_watched, d, &handler))
			bad = 1;
		if (!dut_start(version, USB_SPEED_HIGH) || !dut_attach() ||
		    vectors_run(argv[i], ask_watched, NULL, &usb) ||
		    !finish_watched())
			bad = 1;
		bad |= run_usbip(argv[1], argv[2], argv[i], &ip);
		printf("%s: handler %u of %u, USB %u of %u, USB/IP %u of %u\n",
		       argv[i], handler.run - handler.failed, handler.run,
		       usb.run - usb.failed, usb.run, ip.run - ip.failed,
		       ip.run);
		all.run += handler.run + usb.run + ip.run;
		all.failed += handler.failed + usb.failed + ip.failed;
	}
	printf("%u vectors, %u failed, %u calls of the heap\n", all.run,
	       all.failed, allocations_seen());
	if (!allocations_work()) {
		fputs("calls of the heap are not seen\n", stderr);
		bad = 1;
	}
	return bad || all.failed || !all.run || allocations_seen();
}
