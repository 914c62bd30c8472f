/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test rig: the device's file requester and the host's file server on a
 * simulated MCTP link. The test controls every packet and the time.
 */
#ifndef TETHER_TESTS_UNIT_PLDM_LINK_H
#define TETHER_TESTS_UNIT_PLDM_LINK_H

#include "cm.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "host/pldm_query.h"
#include "host/pldm_server.h"
#include "pldm/file.h"
#include "pldm/responder.h"
#include "temporary.h"

enum {
	DEVICE_EID = 9,
	HOST_EID = 8,
	LINK_MTU = 251,
	STEP_MS = 10,
	LATE_MAX = 4200,
};

struct rig_transport {
	struct transport transport;
	struct mctp mctp;
	transport_message listener;
	void *ctx;
};

static struct {
	struct mctp device;
	struct pldm pldm;
	struct pldm_file file;
	struct rig_transport host;
	struct pldm_server server;
	struct log log;
	uint32_t now_ms;
	uint64_t packets; /* count in both directions, with lost packets */
	/* Returns whether a packet is lost; NULL: no packet is lost. */
	bool (*drop)(uint64_t number, bool to_device);
	/* Changes a packet. Returns how often it arrives; NULL: once. */
	int (*damage)(uint64_t number, uint8_t *packet, size_t *len);
	/* This packet arrives after the next one of its direction. 0: none. */
	uint64_t swap;
	struct {
		struct mctp *to;
		size_t len;
		uint8_t packet[MCTP_HEADER_SIZE + LINK_MTU];
	} held;
	/* Changes a response of the host; false: do not send it. */
	bool (*tamper)(uint8_t *answer, size_t *len);
	/* Repeat each old response when a request with its tag arrives. */
	bool late;
	struct rig_answer {
		struct mctp_tx tx;
		uint8_t data[LATE_MAX];
	} given[8][2]; /* the last two responses of each tag */
	uint8_t turn[8];
	uint8_t sha256[SHA256_SIZE]; /* digest of the file */
	uint8_t operation; /* operation of the last MultipartReceive */
	int fd;
} rig;

static inline struct pldm_status *status_of_device(void)
{
	return &rig.file.status;
}

/* --- the host's transport --- */

static inline void rig_answer_late(struct rig_transport *t,
				   const struct mctp_msg *msg)
{
	struct rig_answer *a = rig.given[msg->tag] + rig.turn[msg->tag];

	if (a->tx.len && !mctp_tx_busy(&a->tx))
		assert_int_equal(mctp_send(&t->mctp, &a->tx), ERR_OK);
	rig.turn[msg->tag] ^= 1;
}

/* Store a response, so that it can be repeated. */
static inline void rig_keep(const struct transport_reply *r)
{
	struct rig_answer *a = rig.given[r->tag] + rig.turn[r->tag];

	if (mctp_tx_busy(&a->tx) || r->len > sizeof(a->data))
		return;
	memcpy(a->data, r->data, r->len);
	a->tx = (struct mctp_tx){
		.data = a->data,
		.len = r->len,
		.dest = r->dest,
		.tag = r->tag,
	};
}

static inline void rig_heard(void *ctx, const struct mctp_msg *msg)
{
	struct rig_transport *t = ctx;

	t->transport.tag = msg->tag;
	if (msg->len > 5)
		rig.operation = msg->data[5];
	if (rig.late)
		rig_answer_late(t, msg);
	t->listener(t->ctx, msg->src, msg->data, msg->len);
}

static inline int rig_listen(struct transport *t, uint8_t type,
			     transport_message fn, void *ctx)
{
	struct rig_transport *l = (struct rig_transport *)(void *)t;

	l->listener = fn;
	l->ctx = ctx;
	return mctp_register(&l->mctp, type, rig_heard, l);
}

static inline int rig_reply(struct transport *t, struct transport_reply *r)
{
	struct rig_transport *l = (struct rig_transport *)(void *)t;

	if (rig.tamper && !rig.tamper((uint8_t *)(uintptr_t)r->data, &r->len))
		return ERR_OK;
	r->mctp.data = r->data;
	r->mctp.len = r->len;
	r->mctp.dest = r->dest;
	r->mctp.tag = r->tag;
	rig_keep(r);
	return mctp_send(&l->mctp, &r->mctp);
}

static inline void rig_answered(void *ctx, int err, const struct mctp_msg *msg)
{
	struct transport_request *r = ctx;

	r->err = err == ERR_CANCELLED ? ERR_IO : err;
	r->got = 0;
	if (msg && msg->len <= r->cap) {
		memcpy(r->answer, msg->data, msg->len);
		r->got = msg->len;
	}
	r->done(r);
}

static inline int rig_request(struct transport *t, struct transport_request *r)
{
	struct rig_transport *l = (struct rig_transport *)(void *)t;

	memset(&r->mctp, 0, sizeof(r->mctp));
	r->mctp.tx.data = r->data;
	r->mctp.tx.len = r->len;
	r->mctp.tx.dest = r->dest;
	r->mctp.timeout_ms = r->timeout_ms;
	r->mctp.done = rig_answered;
	r->mctp.ctx = r;
	return mctp_request(&l->mctp, &r->mctp, rig.now_ms);
}

static inline void rig_release(struct mctp *to)
{
	struct mctp *held = rig.held.to;

	if (!held || (to && to != held))
		return;
	rig.held.to = NULL;
	mctp_rx(held, rig.held.packet, rig.held.len, rig.now_ms);
}

static inline void rig_deliver(struct mctp *to, uint8_t *packet, size_t len)
{
	int times = 1;

	if (rig.drop && rig.drop(rig.packets, to == &rig.device))
		return;
	if (rig.damage)
		times = rig.damage(rig.packets, packet, &len);
	if (rig.swap && rig.packets == rig.swap) {
		rig.held.to = to;
		rig.held.len = len;
		memcpy(rig.held.packet, packet, len);
		return;
	}
	while (times-- > 0)
		mctp_rx(to, packet, len, rig.now_ms);
	rig_release(to);
}

/* Transfer one packet. false: no packet is waiting. */
static inline bool rig_move(struct mctp *from, struct mctp *to)
{
	uint8_t packet[MCTP_HEADER_SIZE + LINK_MTU];
	struct mctp_packet p;

	if (!mctp_tx_peek(from, &p))
		return false;
	memcpy(packet, p.header, MCTP_HEADER_SIZE);
	memcpy(packet + MCTP_HEADER_SIZE, p.body, p.len);
	mctp_tx_consume(from, &p);
	rig_deliver(to, packet, MCTP_HEADER_SIZE + p.len);
	rig.packets++;
	return true;
}

/* Transfer all waiting packets, then advance the time. */
static inline void rig_turn(void)
{
	bool moved = true;

	while (moved) {
		moved = rig_move(&rig.device, &rig.host.mctp);
		moved |= rig_move(&rig.host.mctp, &rig.device);
	}
	rig_release(NULL);
	rig.now_ms += STEP_MS;
	pldm_poll(&rig.pldm, rig.now_ms);
	mctp_poll(&rig.device, rig.now_ms);
	mctp_poll(&rig.host.mctp, rig.now_ms);
}

static inline int rig_poll(struct transport *t, int timeout_ms)
{
	(void)t;
	(void)timeout_ms;
	rig_turn();
	return ERR_OK;
}

/* Return the response to a command from its completion code on, or NULL if
 * `answer` is no response to this command. */
static inline uint8_t *answer_to(uint8_t *answer, uint8_t type, uint8_t command)
{
	return answer[2] == type && answer[3] == command ? answer + 4 : NULL;
}

/* --- running a transfer --- */

static inline void rig_file(uint32_t size)
{
	uint8_t *data = malloc(size + 1);
	uint32_t seed = size + 1;
	struct sha256 h;

	assert_non_null(data);
	for (uint32_t i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		data[i] = (uint8_t)(seed >> 24);
	}
	sha256_init(&h);
	sha256_update(&h, data, size);
	sha256_final(&h, rig.sha256);
	if (rig.fd > 0)
		close(rig.fd);
	rig.fd = temporary_file();
	assert_true(rig.fd > 0);
	assert_int_equal(write(rig.fd, data, size), size);
	free(data);
}

/* Connect both ends, with a responder of the device. */
static inline void rig_connect(void)
{
	static const struct transport_ops ops = {
		.request = rig_request,
		.poll = rig_poll,
		.listen = rig_listen,
		.reply = rig_reply,
	};

	rig.packets = 0;
	rig.drop = NULL;
	rig.damage = NULL;
	rig.swap = 0;
	rig.held.to = NULL;
	rig.tamper = NULL;
	rig.late = false;
	memset(rig.given, 0, sizeof(rig.given));
	log_init(&rig.log, LOG_LEVEL_INFO);
	mctp_init(&rig.device);
	mctp_init(&rig.host.mctp);
	mctp_set_eid(&rig.device, DEVICE_EID);
	mctp_set_eid(&rig.host.mctp, HOST_EID);
	assert_int_equal(mctp_set_mtu(&rig.device, LINK_MTU), 0);
	assert_int_equal(mctp_set_mtu(&rig.host.mctp, LINK_MTU), 0);
	rig.host.transport.ops = &ops;
	assert_int_equal(pldm_init(&rig.pldm, &rig.device), 0);
}

/* Initialize both ends, with a file of this size. */
static inline void rig_start(uint32_t size, uint8_t descriptors, uint16_t part)
{
	struct pldm_server_config config = {
		.size = size,
		.name = "file.bin",
		.part = part,
		.descriptors = descriptors,
	};

	rig_file(size);
	config.fd = rig.fd;
	rig_connect();
	pldm_file_init(&rig.file, &rig.device, &rig.log);
	assert_int_equal(pldm_add(&rig.pldm, &pldm_file_table, &rig.file), 0);
	assert_int_equal(pldm_server_init(&rig.server, &config), 0);
	assert_int_equal(pldm_server_listen(&rig.server, &rig.host.transport),
			 0);
}

/* Start the transfer by Set Endpoint ID, and run until it ends or `ms` have
 * passed. */
static inline void rig_run_for(uint32_t ms)
{
	uint32_t start = rig.now_ms;

	pldm_file_start(&rig.file, HOST_EID, rig.now_ms);
	while (status_of_device()->state != PLDM_FILE_DONE &&
	       status_of_device()->state != PLDM_FILE_FAILED &&
	       rig.now_ms - start < ms)
		rig_turn();
}

static inline void rig_run(void)
{
	rig_run_for(200000);
}

static inline bool rig_fetched(uint32_t size)
{
	const struct pldm_status *s = status_of_device();

	return s->state == PLDM_FILE_DONE && s->bytes == size &&
	       !memcmp(s->sha256, rig.sha256, SHA256_SIZE) &&
	       pldm_server_is_done(&rig.server);
}

#endif
