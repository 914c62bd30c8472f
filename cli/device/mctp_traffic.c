/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/device/mctp_traffic.h"

#include "base/err.h"
#include "cli/cli.h"
#include "host/bus_owner.h"

enum {
	PROBES = 3,
	PROBE_MS = 250, /* at least; a slow link gets more */
	PROBE_FACTOR = 8,
	PROBE_SIZE = 26, /* of a bench command; an echo needs the prefix only */
	ANSWER_SIZE = 32,
	NO_COMMAND = 0x7f, /* bench answers it with an error status */
};

static int require_vendor_type(struct cli *c, uint8_t eid, const char *service)
{
	uint8_t types[BUS_OWNER_LIST], count = 0;
	int err = bus_owner_get_types(c->transport, eid, types, &count);

	if (err == ERR_UNSUPPORTED)
		return EXIT_OK; /* the probe decides */
	if (err)
		return cli_fail(c, "cannot read the message types: %s",
				c->transport->error);
	for (uint8_t i = 0; i < count; i++)
		if (types[i] == MCTP_TYPE_VENDOR_PCI)
			return EXIT_OK;
	return cli_fail(c,
			"the device has no %s service: it does not support "
			"vendor messages (type 7e). `tether mctp info` lists "
			"its types",
			service);
}

static size_t write_probe(uint8_t message[PROBE_SIZE], uint8_t service)
{
	struct wr w = wr_init(message, PROBE_SIZE);

	mctp_traffic_write_prefix(&w, service);
	if (service == VENDOR_BENCH) {
		wr_le16(&w, BENCH_MAGIC_COMMAND);
		wr_u8(&w, BENCH_VERSION);
		wr_u8(&w, NO_COMMAND);
		wr_le32(&w, 0);
	}
	return wr_len(&w);
}

int mctp_traffic_require(struct cli *c, uint8_t eid, uint8_t service)
{
	const char *name = service == VENDOR_BENCH ? "bench" : "echo";
	uint8_t message[PROBE_SIZE], answer[ANSWER_SIZE];
	struct transport_request q = {
		.dest = eid,
		.data = message,
		.len = write_probe(message, service),
		.answer = answer,
		.cap = sizeof(answer),
	};
	double begin = mctp_traffic_now();
	int status = require_vendor_type(c, eid, name);
	uint32_t trip_ms = (uint32_t)((mctp_traffic_now() - begin) * 1e3);
	int err = ERR_TIMEOUT;

	if (status)
		return status;
	for (int i = 0; err == ERR_TIMEOUT && i < PROBES; i++) {
		q.timeout_ms = PROBE_MS + PROBE_FACTOR * trip_ms;
		err = transport_ask(c->transport, &q);
	}
	if (err == ERR_TIMEOUT)
		return cli_fail(c,
				"the device has no %s service: it supports "
				"vendor messages, but does not answer this "
				"one. Build it with -D%s=true",
				name, name);
	return err ? cli_fail(c, "cannot reach the %s service: %s", name,
			      c->transport->error)
		   : EXIT_OK;
}
