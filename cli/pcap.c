/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pcap.h"

#include "base/err.h"
#include "capture/capture.h"
#include "cli/cli.h"
#include "host/transport.h"
#include "version.h"

static struct capture capture;
static struct transport_observer observer;

/* A failure is reported at the end, by pcap_close(). */
static void flush(void *ctx)
{
	(void)capture_flush(ctx);
}

int pcap_open(struct cli *c)
{
	char error[CLI_ERROR];

	if (!c->pcap)
		return EXIT_OK;
	if (capture_open(&capture, c->pcap, "tether " TETHER_VERSION, error,
			 sizeof(error)))
		return cli_fail(c, "%s", error);
	capture_interface(&capture, "tether");
	flush(&capture);
	observer = (struct transport_observer){
		.tap = capture.tap,
		.turn = flush,
		.ctx = &capture,
	};
	c->observer = &observer;
	return EXIT_OK;
}

int pcap_close(struct cli *c)
{
	if (!c->observer)
		return EXIT_OK;
	c->observer = NULL;
	if (!capture_close(&capture))
		return EXIT_OK;
	return cli_fail(c, "--pcap %s: the capture is incomplete: %s", c->pcap,
			capture_error(&capture));
}
