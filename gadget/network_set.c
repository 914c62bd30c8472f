/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/network_set.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/function.h"
#include "gadget/last_network.h"
#include "gadget/message.h"
#include "gadget/sysfs.h"

static void set_network(struct config *c, enum function network)
{
	c->functions &= ~function_network_bits(FUNCTION_ALL);
	c->functions |= (unsigned int)network;
}

/* The network function of our gadget, which an earlier tetherd left bound; 0:
 * none. */
static enum function find_bound(const struct config *c)
{
	const struct gadget_function *f;
	char udc[CONFIG_NAME], mac[CONFIG_NAME];

	if (sysfs_read(udc, sizeof(udc), GADGET_FOLDER "/%s/UDC", c->gadget) <=
	    0)
		return 0;
	for (size_t i = 0; (f = function_at(i)); i++)
		if (f->is_network &&
		    sysfs_read(mac, sizeof(mac),
			       GADGET_FOLDER
			       "/%s/functions/%s." FUNCTION_INSTANCE
			       "/dev_addr",
			       c->gadget, f->kind) > 0)
			return f->bit;
	return 0;
}

/* Why the first function was chosen, with its level. */
struct reason {
	enum message_level level;
	const char *text;
};

static struct reason choose_first(struct config *c)
{
	enum function first = find_bound(c);
	struct reason reason = { MESSAGE_INFO, "which is bound already" };

	if (!first)
		switch (last_network_load(&first, LAST_NETWORK_FILE)) {
		case ERR_OK:
			reason.text = "which a host used last";
			break;
		case ERR_NOT_FOUND:
			reason.text =
				"as " LAST_NETWORK_FILE " does not exist yet";
			break;
		case ERR_INVALID:
			reason.level = MESSAGE_WARNING;
			reason.text = "as " LAST_NETWORK_FILE " is damaged";
			break;
		default:
			reason.level = MESSAGE_WARNING;
			reason.text = "as " LAST_NETWORK_FILE " cannot be read";
		}
	set_network(c, first);
	return reason;
}

void network_set_begin(struct config *c, bool log)
{
	struct reason reason;

	if (!c->auto_network)
		return;
	reason = choose_first(c);
	if (log)
		message(reason.level, "functions = auto: %s first, %s",
			function_network(c->functions)->name, reason.text);
}

int network_set_switch(struct reconcile *r, enum function network)
{
	const struct gadget_function *f = function_network(network);
	struct config next = r->config;

	if (!r->config.auto_network || !f || f->bit != network)
		return ERR_INVALID;
	set_network(&next, network);
	reconcile_set_config(r, &next);
	/* If it fails, the caller decides on the other function. */
	r->has_previous = false;
	return ERR_OK;
}

void network_set_remember(struct reconcile *r)
{
	const struct gadget_function *f = function_network(r->config.functions);
	enum function last;

	if (!r->config.auto_network || !f)
		return;
	if (!last_network_load(&last, LAST_NETWORK_FILE) && last == f->bit)
		return;
	if (!last_network_store(f->bit, LAST_NETWORK_FILE)) {
		message(MESSAGE_INFO,
			"a host uses %s: functions = auto tries it first "
			"after the next start",
			f->name);
		return;
	}
	if (!r->reported_network_unsaved)
		message(MESSAGE_WARNING,
			"cannot write " LAST_NETWORK_FILE
			": %s. functions = auto tries ecm first after the next "
			"start",
			strerror(errno));
	r->reported_network_unsaved = true;
}

/* Find the device file of our serial function. false: there is none. */
static bool find_serial_port(const struct reconcile *r, char *out, size_t cap)
{
	char number[16];

	if (!(r->plan.functions & FUNCTION_ACM) ||
	    sysfs_read(number, sizeof(number),
		       GADGET_FOLDER "/%s/functions/%s." FUNCTION_INSTANCE
				     "/port_num",
		       r->config.gadget,
		       function_by_bit(FUNCTION_ACM)->kind) <= 0)
		return false;
	snprintf(out, cap, "/dev/ttyGS%s", number);
	return true;
}

struct network_set_use network_set_check_use(struct reconcile *r, bool attached)
{
	char port[CONFIG_NAME];
	struct network_set_use use = {
		.mctp_request = functionfs_server_had_request(&r->functionfs),
	};

	if (!find_serial_port(r, port, sizeof(port)))
		return use;
	/* A sandbox hides it: do not interrupt what cannot be seen. */
	if (access(port, F_OK)) {
		use.serial_open = attached;
		return use;
	}
	serial_watch_update(&r->serial, port);
	use.serial_open = attached && serial_watch_is_open(&r->serial);
	return use;
}
