/* How a verb reaches its device: --via, or the only one there is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "host/bus_owner.h"
#include "host/transport_mctp.h"
#include "host/transport_usb.h"
#include "host/usbip_client.h"

static bool copy(char *to, size_t cap, const char *from, size_t len)
{
	if (!len || len >= cap)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* HOST[:PORT][/BUSID], an IPv6 address in brackets. */
static bool split(const char *text, struct cli_via *v)
{
	size_t len = strcspn(text, "/");
	const char *slash = text + len, *host = text, *port;
	uint64_t number;

	if (*slash &&
	    !copy(v->busid, sizeof(v->busid), slash + 1, strlen(slash + 1)))
		return false;
	if (*text == '[') {
		const char *close = memchr(text, ']', len);

		if (!close || !copy(v->host, sizeof(v->host), text + 1,
				    (size_t)(close - text) - 1))
			return false;
		port = close + 1;
	} else {
		size_t host_len = strcspn(text, ":/");

		if (!copy(v->host, sizeof(v->host), host, host_len))
			return false;
		port = text + host_len;
	}
	if (port == slash)
		return true;
	return *port == ':' &&
	       copy(v->port, sizeof(v->port), port + 1,
		    (size_t)(slash - port) - 1) &&
	       cli_number(v->port, 10, 1, 65535, &number);
}

/* NET,EID */
static bool split_mctp(const char *text, struct cli_via *v)
{
	char network[16];
	size_t len = strcspn(text, ",");
	uint64_t n, eid;

	if (text[len] != ',' || !copy(network, sizeof(network), text, len) ||
	    !cli_number(network, 10, 1, UINT32_MAX, &n) ||
	    !cli_number(text + len + 1, 10, 8, 254, &eid))
		return false;
	v->mctp = true;
	v->network = (uint32_t)n;
	v->eid = (uint8_t)eid;
	return true;
}

bool cli_parse_via(struct cli *c, struct cli_via *v)
{
	const char *via = c->via ? c->via : getenv("TETHER_VIA");

	memset(v, 0, sizeof(*v));
	snprintf(v->host, sizeof(v->host), "127.0.0.1");
	snprintf(v->port, sizeof(v->port), "3240");
	if (!via || !*via)
		return true;
	if (!strncmp(via, "usbip:", 6) && split(via + 6, v))
		return true;
	if (!strncmp(via, "mctp:", 5) && split_mctp(via + 5, v))
		return true;
	(void)cli_fail(c,
		       "--via %s: expected usbip:HOST[:PORT][/BUSID] or "
		       "mctp:NET,EID, as in usbip:127.0.0.1:3240/1-1 or "
		       "mctp:1,9",
		       via);
	return false;
}

/* Without a busid: the only device of the server. */
static int choose(struct cli *c, struct cli_via *v)
{
	char error[CLI_ERROR];
	struct usbip_device *list;
	int n = usbip_client_list(v->host, v->port, &list, error,
				  sizeof(error));

	if (n < 0)
		return cli_fail(c, "looking for devices: %s", error);
	if (n == 1)
		snprintf(v->busid, sizeof(v->busid), "%s", list[0].busid);
	if (n == 0)
		(void)cli_fail(c, "%s port %s has no device", v->host, v->port);
	if (n > 1) {
		(void)cli_fail(c, "%d devices. choose one with --via:", n);
		for (int i = 0; i < n; i++)
			fprintf(stderr, "  usbip:%s:%s/%s  %04x:%04x\n",
				v->host, v->port, list[i].busid, list[i].vendor,
				list[i].product);
	}
	free(list);
	if (n > 1)
		return EXIT_USAGE;
	return n == 1 ? EXIT_OK : EXIT_FAILED;
}

int cli_open_host(struct cli *c)
{
	char error[CLI_ERROR];
	struct cli_via v;
	int status;

	if (!cli_parse_via(c, &v))
		return EXIT_USAGE;
	if (v.mctp)
		return cli_fail(c,
				"%s needs the USB device itself, not the "
				"kernel's MCTP. say where it is with "
				"--via usbip:HOST",
				c->verb);
	if (!v.busid[0]) {
		status = choose(c, &v);
		if (status)
			return status;
	}
	c->host = usbip_client_open(v.host, v.port, v.busid, error,
				    sizeof(error));
	if (!c->host)
		return cli_fail(c, "opening the device: %s", error);
	return EXIT_OK;
}

int cli_open_mctp(struct cli *c)
{
	char error[CLI_ERROR];
	struct cli_via v;
	int status;

	if (!cli_parse_via(c, &v))
		return EXIT_USAGE;
	if (v.mctp) {
		c->transport = transport_mctp_open(v.network, v.eid, error,
						   sizeof(error));
		return c->transport ? EXIT_OK
				    : cli_fail(c, "opening MCTP: %s", error);
	}
	status = cli_open_host(c);
	if (status)
		return status;
	c->transport = transport_usb_open(c->host, error, sizeof(error));
	if (!c->transport)
		return cli_fail(c, "opening MCTP: %s", error);
	return EXIT_OK;
}

int cli_open_endpoint(struct cli *c, uint8_t *eid)
{
	int status = cli_open_mctp(c);

	if (status)
		return status;
	if (bus_owner_bring_up(c->transport, eid))
		return cli_fail(c, "giving the endpoint an EID: %s",
				c->transport->error);
	return EXIT_OK;
}

void cli_close(struct cli *c)
{
	if (c->transport)
		c->transport->ops->close(c->transport);
	if (c->host)
		c->host->ops->close(c->host);
	c->transport = NULL;
	c->host = NULL;
}
