/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces of the model: made, attached, formatted, deleted. */
#include <string.h>

#include "base/uuid.h"
#include "drive/drive.h"

static struct nvm_namespace *find(struct subsystem *s, uint32_t nsid)
{
	return namespace_exists(s, nsid) ? &s->namespace[nsid - 1] : NULL;
}

bool namespace_exists(const struct subsystem *s, uint32_t nsid)
{
	return nsid && nsid <= SUBSYSTEM_NAMESPACES &&
	       s->namespace[nsid - 1].blocks;
}

uint32_t namespace_block_size(const struct nvm_namespace *n)
{
	return n->format ? 4096 : BLOCK_SIZE;
}

uint64_t subsystem_allocated(const struct subsystem *s)
{
	uint64_t blocks = 0;

	for (int i = 0; i < SUBSYSTEM_NAMESPACES; i++)
		blocks += s->namespace[i].blocks;
	return blocks * BLOCK_SIZE;
}

uint64_t subsystem_capacity(const struct subsystem *s)
{
	uint64_t allocated = subsystem_allocated(s);

	return s->capacity > allocated ? s->capacity : allocated;
}

/* Of the instance and the NSID, and of what tells this one from one that had
 * the NSID before. */
static void set_uuid(struct subsystem *s, uint32_t nsid)
{
	struct nvm_namespace *n = &s->namespace[nsid - 1];
	uint8_t data[8];
	size_t len = s->created ? 8 : 4;

	for (unsigned int i = 0; i < 4; i++) {
		data[i] = (uint8_t)(nsid >> (24 - 8 * i));
		data[4 + i] = (uint8_t)(s->created >> (24 - 8 * i));
	}
	uuid_derive(s->instance, sizeof(s->instance), data, len, n->uuid);
}

void namespaces_start(struct subsystem *s)
{
	static const uint8_t none[UUID_SIZE];

	s->capacity = subsystem_capacity(s);
	s->formats = 0;
	for (uint32_t nsid = 1; nsid <= SUBSYSTEM_NAMESPACES; nsid++) {
		struct nvm_namespace *n = find(s, nsid);

		if (n && !memcmp(n->uuid, none, sizeof(none)))
			set_uuid(s, nsid);
		s->namespace[nsid - 1].formatting.active = false;
	}
}

static void note_namespace(struct subsystem *s, uint16_t controller,
			   uint32_t nsid)
{
	struct controller *c = &s->controller[controller];

	c->namespaces_changed[(nsid - 1) / 8] |=
		(uint8_t)(1U << (nsid - 1) % 8);
	subsystem_changed(s, controller, CHANGE_NAMESPACE);
	s->version++;
}

static uint32_t free_nsid(const struct subsystem *s)
{
	uint32_t nsid = 1;

	while (nsid <= SUBSYSTEM_NAMESPACES && s->namespace[nsid - 1].blocks)
		nsid++;
	return nsid;
}

int64_t namespace_create(struct subsystem *s, uint64_t blocks, uint8_t format,
			 bool shared)
{
	const struct nvm_namespace as = { .format = format };
	uint32_t factor = namespace_block_size(&as) / BLOCK_SIZE;
	uint64_t room = (s->capacity - subsystem_allocated(s)) / BLOCK_SIZE;
	uint32_t nsid = free_nsid(s);
	struct nvm_namespace *n;

	if (format >= LBA_FORMATS || !blocks)
		return ERR_INVALID;
	if (nsid > SUBSYSTEM_NAMESPACES)
		return ERR_FULL;
	if (s->capacity < subsystem_allocated(s) || blocks > room / factor)
		return ERR_LENGTH;
	n = &s->namespace[nsid - 1];
	memset(n, 0, sizeof(*n));
	n->blocks = blocks * factor;
	n->format = format;
	n->shared = shared;
	s->created++;
	set_uuid(s, nsid);
	subsystem_log_event(
		s, &(struct event){
			   .type = EVENT_NAMESPACE,
			   .nsid = nsid,
			   .value = blocks,
			   .status = (uint16_t)(format |
						(shared ? 0x100U : 0U)) });
	return nsid;
}

bool controller_is_attached(const struct controller *c, uint32_t nsid)
{
	nsid--;
	return nsid < SUBSYSTEM_NAMESPACES &&
	       c->attached[nsid / 8] & 1U << nsid % 8;
}

bool namespace_is_attached(const struct subsystem *s, uint32_t nsid)
{
	for (uint8_t i = 0; i < s->controllers; i++)
		if (controller_is_attached(&s->controller[i], nsid))
			return true;
	return false;
}

int subsystem_attach(struct subsystem *s, uint16_t controller, uint32_t nsid)
{
	struct controller *c;

	if (controller >= s->controllers || !namespace_exists(s, nsid))
		return ERR_NOT_FOUND;
	c = &s->controller[controller];
	if (controller_is_attached(c, nsid))
		return ERR_BUSY;
	if (!s->namespace[nsid - 1].shared && namespace_is_attached(s, nsid))
		return ERR_UNSUPPORTED;
	c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
	note_namespace(s, controller, nsid);
	return ERR_OK;
}

int subsystem_detach(struct subsystem *s, uint16_t controller, uint32_t nsid)
{
	struct controller *c;

	if (controller >= s->controllers || !namespace_exists(s, nsid))
		return ERR_NOT_FOUND;
	c = &s->controller[controller];
	if (!controller_is_attached(c, nsid))
		return ERR_NOT_FOUND;
	c->attached[(nsid - 1) / 8] &= (uint8_t) ~(1U << (nsid - 1) % 8);
	note_namespace(s, controller, nsid);
	return ERR_OK;
}

static void end_tests_of(struct subsystem *s, uint32_t nsid,
			 enum self_test_result result)
{
	for (uint16_t i = 0; i < s->controllers; i++) {
		uint32_t of = s->controller[i].self_test_nsid;

		if (of == nsid || of == SUBSYSTEM_BROADCAST)
			controller_end_self_test(s, i, result);
	}
}

static void delete_one(struct subsystem *s, uint32_t nsid)
{
	for (uint16_t i = 0; i < s->controllers; i++)
		(void)subsystem_detach(s, i, nsid);
	end_tests_of(s, nsid, SELF_TEST_ABORTED_BY_NAMESPACE);
	memset(&s->namespace[nsid - 1], 0, sizeof(s->namespace[0]));
	subsystem_log_event(s, &(struct event){ .type = EVENT_NAMESPACE,
						.nsid = nsid,
						.detail = 1 });
}

int namespace_delete(struct subsystem *s, uint32_t nsid)
{
	uint32_t first = nsid, last = nsid;

	if (nsid == SUBSYSTEM_BROADCAST) {
		first = 1;
		last = SUBSYSTEM_NAMESPACES;
	} else if (!namespace_exists(s, nsid)) {
		return ERR_NOT_FOUND;
	}
	for (uint32_t i = first; i <= last; i++)
		if (s->namespace[i - 1].formatting.active)
			return ERR_BUSY;
	for (uint32_t i = first; i <= last; i++)
		if (namespace_exists(s, i))
			delete_one(s, i);
	return ERR_OK;
}

/* What a format command is for. */
static bool concerns(const struct subsystem *s, uint16_t controller,
		     uint32_t nsid, uint32_t i)
{
	if (nsid == SUBSYSTEM_BROADCAST)
		return controller_is_attached(&s->controller[controller], i);
	return i == nsid && namespace_exists(s, i);
}

static uint32_t time_of(const struct subsystem *s,
			const struct nvm_namespace *n)
{
	uint64_t ms = n->blocks * BLOCK_SIZE /
		      (s->media_bytes_per_ms ? s->media_bytes_per_ms : 1);

	return ms > INT32_MAX ? INT32_MAX : (uint32_t)ms;
}

static void end_format(struct subsystem *s, uint32_t nsid)
{
	struct operation *o = &s->namespace[nsid - 1].formatting;

	if (o->active)
		s->formats--;
	o->active = false;
	subsystem_log_event(
		s, &(struct event){ .type = EVENT_FORMAT_END, .nsid = nsid });
}

static uint32_t format_one(struct subsystem *s, uint32_t nsid, uint8_t format)
{
	struct nvm_namespace *n = &s->namespace[nsid - 1];
	uint32_t ms = time_of(s, n);

	end_tests_of(s, nsid, SELF_TEST_ABORTED_BY_FORMAT);
	subsystem_log_event(s, &(struct event){ .type = EVENT_FORMAT_BEGIN,
						.nsid = nsid,
						.detail = format });
	n->format = format;
	n->formatting = (struct operation){ true, s->now_ms, ms };
	s->formats++;
	for (uint16_t i = 0; i < s->controllers; i++)
		if (controller_is_attached(&s->controller[i], nsid))
			note_namespace(s, i, nsid);
	if (!ms)
		end_format(s, nsid);
	return ms;
}

int namespace_format(struct subsystem *s, uint16_t controller, uint32_t nsid,
		     uint8_t format, uint32_t *wait_ms)
{
	bool any = false;

	*wait_ms = 0;
	if (format >= LBA_FORMATS)
		return ERR_INVALID;
	for (uint32_t i = 1; i <= SUBSYSTEM_NAMESPACES; i++) {
		if (!concerns(s, controller, nsid, i))
			continue;
		any = true;
		if (s->namespace[i - 1].formatting.active)
			return ERR_BUSY;
		/* Whole blocks of the new size must make it up. */
		if (format && s->namespace[i - 1].blocks % 8)
			return ERR_INVALID;
	}
	if (!any && nsid != SUBSYSTEM_BROADCAST)
		return ERR_NOT_FOUND;
	for (uint32_t i = 1; i <= SUBSYSTEM_NAMESPACES; i++) {
		uint32_t ms;

		if (!concerns(s, controller, nsid, i))
			continue;
		ms = format_one(s, i, format);
		if (ms > *wait_ms)
			*wait_ms = ms;
	}
	return ERR_OK;
}

void namespaces_poll(struct subsystem *s)
{
	for (uint32_t i = 1; i <= SUBSYSTEM_NAMESPACES && s->formats; i++) {
		const struct operation *o = &s->namespace[i - 1].formatting;

		if (o->active && !operation_left(s, o))
			end_format(s, i);
	}
}
