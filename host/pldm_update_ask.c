/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of the update agent, over a connection that may be lost and opened
 * again. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "host/pldm_update.h"

int pldm_update_fail(struct pldm_update *u, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(u->error, sizeof(u->error), format, args);
	va_end(args);
	return err;
}

int pldm_update_listen(struct pldm_update *u)
{
	struct transport *t = u->peer.transport;

	memset(u->reply, 0, sizeof(u->reply));
	if (t->ops->listen(t, MCTP_TYPE_PLDM, pldm_update_serve, u))
		return pldm_update_fail(u, ERR_IO,
					"cannot receive PLDM requests: %s",
					t->error);
	return ERR_OK;
}

/* The connection is lost. The device waits for its agent for a while. */
static int reconnect(struct pldm_update *u)
{
	struct transport *t = NULL;

	pldm_update_fail(u, ERR_IO, "the connection is lost: %s",
			 u->peer.transport->error);
	if (u->config.reconnect)
		t = u->config.reconnect(u->config.ctx);
	if (!t)
		return ERR_IO;
	u->peer.transport = t;
	u->reconnects++;
	u->phase_ms = u->peer.now_ms();
	return pldm_update_listen(u);
}

int pldm_update_poll(struct pldm_update *u)
{
	struct transport *t = u->peer.transport;
	int err = t->ops->poll(t, PLDM_UPDATE_POLL_MS);

	if (err == ERR_IO)
		err = reconnect(u);
	if (!err && u->config.tick && u->config.tick(u, u->config.ctx))
		return pldm_update_fail(u, ERR_CANCELLED, "interrupted");
	return err;
}

int pldm_update_wait(struct pldm_update *u, uint32_t ms)
{
	uint32_t start = u->peer.now_ms();
	int err = ERR_OK;

	while (!err && u->peer.now_ms() - start < ms)
		err = pldm_update_poll(u);
	return err;
}

/* Send a request, again over a new connection if the old one is lost. */
static int ask_once(struct pldm_update *u, const struct wr *w, uint8_t *code,
		    struct rd *r)
{
	uint8_t command = u->peer.request[PLDM_HEADER_SIZE - 1];
	int err = pldm_peer_ask(&u->peer, w, code, r);

	while (err == ERR_IO) {
		err = reconnect(u);
		if (err)
			return err;
		err = pldm_peer_ask(&u->peer, w, code, r);
	}
	if (err)
		return pldm_update_fail(u, err, "%s: %s",
					pldm_update_command_name(command),
					u->peer.transport->error);
	return ERR_OK;
}

/* Send a request, again if the link has shortened the request or its response:
 * the device recognizes the retransmission. */
int pldm_update_ask(struct pldm_update *u, const struct wr *w,
		    struct pldm_update_response *a)
{
	uint8_t command = u->peer.request[PLDM_HEADER_SIZE - 1];
	struct rd r;

	for (int i = 0; i < PLDM_PEER_ATTEMPTS; i++) {
		int err = ask_once(u, w, &a->code, &r);

		if (err)
			return err;
		if (a->code == PLDM_ERROR_INVALID_LENGTH)
			continue;
		if (a->code || !a->decode || !a->decode(&r, a->to))
			return ERR_OK;
	}
	if (a->code)
		return ERR_OK;
	return pldm_update_fail(u, ERR_INVALID,
				"the response to %s is malformed",
				pldm_update_command_name(command));
}

struct wr pldm_update_begin(struct pldm_update *u, uint8_t command)
{
	return pldm_peer_begin(&u->peer, PLDM_TYPE_FIRMWARE, command);
}

int pldm_update_read_inventory(struct pldm_update *u)
{
	int err = pldm_inventory_read(&u->inventory, &u->peer);

	while (err == ERR_IO) {
		err = reconnect(u);
		if (err)
			return err;
		err = pldm_inventory_read(&u->inventory, &u->peer);
	}
	if (err)
		return pldm_update_fail(
			u, err, "cannot read the inventory of the device: %s",
			u->peer.transport->error);
	return ERR_OK;
}
