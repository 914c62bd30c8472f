/* SPDX-License-Identifier: Apache-2.0 */
#include "drive/drive.h"

#include <stdlib.h>
#include <string.h>

enum {
	KELVIN = 273,
	UNIT_MAX = 247,
	PCI_COMMAND = 0x0006,		 /* memory space, bus master */
	MEDIA_BYTES_PER_MS = 1000000000, /* 1 TB/s: erasing is not writing */
	SELF_TEST_SHORT_MS = 20000,
	SELF_TEST_EXTENDED_MS = 60000,
	VPD_WRITES = 1000,
};

void subsystem_init_empty(struct subsystem *s)
{
	memset(s, 0, sizeof(*s));
	s->mi_major = 1;
	s->mi_minor = 2;
	memcpy(s->model, "MIDEV", sizeof("MIDEV"));
	memcpy(s->serial, "1000", sizeof("1000"));
	memcpy(s->firmware, "00.00.01", sizeof("00.00.01"));
	memcpy(s->oui, (const uint8_t[]){ 0xac, 0xde, 0x48 }, 3);
	s->pci_vendor = s->pci_subvendor = 0xffff;
	s->pci_device = s->pci_subdevice = 0xffff;
	memcpy(s->vpd_manufacturer, "Code Construct", sizeof("Code Construct"));
	s->media_bytes_per_ms = MEDIA_BYTES_PER_MS;
	s->self_test_ms[0] = SELF_TEST_SHORT_MS;
	s->self_test_ms[1] = SELF_TEST_EXTENDED_MS;
	s->vpd_writes = VPD_WRITES;
}

void port_init(struct port *p, enum port_type type)
{
	memset(p, 0, sizeof(*p));
	p->type = type;
	p->unit = PORT_UNIT;
	p->unit_max = UNIT_MAX;
	if (type == PORT_PCIE) {
		p->speeds = 0x3f; /* 2.5 to 64 GT/s */
		p->speed = 1;
		p->width_max = 2;
		p->width = 1;
	} else if (type == PORT_TWOWIRE) {
		p->address = 0x1d << 1;
		p->frequency = PORT_100K;
		p->frequency_max = PORT_100K;
	}
}

void controller_init(struct controller *c, uint8_t port)
{
	memset(c, 0, sizeof(*c));
	c->port = port;
	c->enabled = true;
	c->temperature = KELVIN + 20;
	c->too_cold = 213;
	c->too_hot = 400;
	c->spare = 100;
	c->spare_threshold = 5;
	c->pci_command = PCI_COMMAND;
}

void subsystem_init_default(struct subsystem *s)
{
	subsystem_init_empty(s);
	s->ports = 2;
	port_init(&s->port[0], PORT_PCIE);
	port_init(&s->port[1], PORT_TWOWIRE);
	s->endpoint = 1;
	s->controllers = 2;
	controller_init(&s->controller[0], 0);
	controller_init(&s->controller[1], 0);
	s->namespace[0].blocks = UINT64_C(10000000000000) / BLOCK_SIZE;
	s->namespace[0].shared = true;
	s->capacity = UINT64_C(16000000000000);
	(void)subsystem_attach(s, 0, 1);
	s->changed = 0;
	for (uint8_t i = 0; i < s->controllers; i++) {
		struct controller *c = &s->controller[i];

		c->changed = c->events = 0;
		memset(c->namespaces_changed, 0, sizeof(c->namespaces_changed));
	}
}

/* Controllers have power together. */
static void log_reset(struct subsystem *s, bool activated)
{
	struct event e = { .type = EVENT_RESET,
			   .detail = (uint32_t)s->controller[0].power_cycles,
			   .value = s->uptime_ms,
			   .status = activated };

	memcpy(e.text, s->firmware, sizeof(e.text));
	subsystem_log_event(s, &e);
}

void subsystem_start(struct subsystem *s)
{
	bool activated = firmware_start(s);

	namespaces_start(s);
	s->boot_ms = s->uptime_ms;
	for (uint8_t i = 0; i < s->controllers; i++) {
		struct controller *c = &s->controller[i];

		c->power_cycles++;
		c->cold_limit = c->too_cold;
		c->hot_limit = c->too_hot;
		/* What was saved is current after power-on, base 5.15. */
		memcpy(c->feature, c->feature_saved, sizeof(c->feature));
	}
	background_reset(s); /* what went on when power went */
	log_reset(s, activated);
	s->version++;
}

void subsystem_poll(struct subsystem *s, uint32_t now_ms)
{
	if (s->timed)
		s->uptime_ms += now_ms - s->now_ms;
	s->timed = true;
	s->now_ms = now_ms;
	namespaces_poll(s);
	background_poll(s);
}

uint32_t operation_left(const struct subsystem *s, const struct operation *o)
{
	uint32_t gone = s->now_ms - o->start_ms;

	if (!o->active || gone >= o->duration_ms)
		return 0;
	return o->duration_ms - gone;
}

uint8_t operation_percent(const struct subsystem *s, const struct operation *o)
{
	uint32_t left = operation_left(s, o);

	if (!left)
		return 100;
	return (uint8_t)(100 - (uint64_t)left * 100 / o->duration_ms);
}

void subsystem_health(const struct subsystem *s, struct subsystem_health *h)
{
	memset(h, 0, sizeof(*h));
	h->functional = true;
	for (uint8_t i = 0; i < s->controllers; i++) {
		const struct controller *c = &s->controller[i];

		h->warnings |= controller_warnings(c);
		if (c->temperature > h->temperature)
			h->temperature = c->temperature;
		if (c->life_used > h->life_used)
			h->life_used = c->life_used;
		if (c->fatal)
			h->functional = false;
	}
}

uint8_t controller_warnings(const struct controller *c)
{
	uint8_t w = c->fault;

	if (c->spare < c->spare_threshold)
		w |= WARNING_SPARE;
	if (c->temperature >= c->too_hot || c->temperature <= c->too_cold)
		w |= WARNING_TEMPERATURE;
	return w;
}

/* Notes what changed, and the warnings if they are others than before. */
static void note(struct subsystem *s, uint16_t id, uint16_t changes,
		 uint8_t warnings)
{
	if (controller_warnings(&s->controller[id]) != warnings)
		changes |= CHANGE_WARNING;
	if (changes)
		subsystem_changed(s, id, changes);
}

static enum thermal_change heat_of(const struct controller *c)
{
	if (c->temperature >= c->too_hot)
		return THERMAL_HOT;
	return c->temperature <= c->too_cold ? THERMAL_COLD : THERMAL_NORMAL;
}

/* With the distance from the threshold that was crossed. */
static void note_heat(struct subsystem *s, uint16_t id,
		      enum thermal_change before)
{
	const struct controller *c = &s->controller[id];
	enum thermal_change now = heat_of(c);
	bool hot = (now == THERMAL_NORMAL ? before : now) == THERMAL_HOT;
	uint16_t threshold = hot ? c->too_hot : c->too_cold;

	if (now != before)
		subsystem_log_event(s, &(struct event){ .type = EVENT_THERMAL,
							.controller = id,
							.detail = now,
							.value = (uint64_t)abs(
								c->temperature -
								threshold) });
}

void controller_set_temperature(struct subsystem *s, uint16_t id,
				uint16_t kelvin)
{
	struct controller *c = &s->controller[id];
	uint8_t before = controller_warnings(c);
	enum thermal_change heat = heat_of(c);
	uint16_t change = c->temperature != kelvin ? CHANGE_TEMPERATURE : 0;

	c->temperature = kelvin;
	note(s, id, change, before);
	note_heat(s, id, heat);
}

void controller_set_thresholds(struct subsystem *s, uint16_t id, uint16_t cold,
			       uint16_t hot)
{
	struct controller *c = &s->controller[id];
	uint8_t before = controller_warnings(c);
	enum thermal_change heat = heat_of(c);

	c->too_cold = cold;
	c->too_hot = hot;
	note(s, id, 0, before);
	note_heat(s, id, heat);
}

void controller_set_spare(struct subsystem *s, uint16_t id, uint8_t percent)
{
	struct controller *c = &s->controller[id];
	uint8_t before = controller_warnings(c);
	uint16_t change = c->spare != percent ? CHANGE_SPARE : 0;

	c->spare = percent;
	note(s, id, change, before);
}

void controller_set_life_used(struct subsystem *s, uint16_t id, uint8_t percent)
{
	struct controller *c = &s->controller[id];

	if (c->life_used != percent)
		subsystem_changed(s, id, CHANGE_LIFE_USED);
	c->life_used = percent;
}

void controller_set_fault(struct subsystem *s, uint16_t id, uint8_t warnings)
{
	struct controller *c = &s->controller[id];
	uint8_t before = controller_warnings(c);

	c->fault = warnings;
	note(s, id, 0, before);
}

void controller_set_enabled(struct subsystem *s, uint16_t id, bool enabled)
{
	struct controller *c = &s->controller[id];

	if (c->enabled == enabled)
		return;
	c->enabled = enabled;
	if (enabled)
		c->shut_down = false;
	subsystem_changed(s, id, CHANGE_READY | CHANGE_ENABLE);
}

void controller_set_fatal(struct subsystem *s, uint16_t id, bool fatal)
{
	if (s->controller[id].fatal != fatal)
		subsystem_changed(s, id, CHANGE_FATAL);
	s->controller[id].fatal = fatal;
}

void controller_log_error(struct subsystem *s, uint16_t id,
			  const struct error_entry *e)
{
	struct controller *c = &s->controller[id];
	struct error_entry *to = &c->error[c->errors % SUBSYSTEM_ERRORS];

	*to = *e;
	to->number = ++c->errors;
	s->version++;
}

void subsystem_log_event(struct subsystem *s, const struct event *e)
{
	struct event *to = &s->event[s->events++ % SUBSYSTEM_EVENTS];
	const struct controller *c = &s->controller[e->controller];

	*to = *e;
	to->since_reset_ms = s->uptime_ms - s->boot_ms;
	to->timestamp = controller_timestamp(s, c);
	to->timestamp_set = c->timestamp_set;
	s->version++;
}

uint64_t controller_timestamp(const struct subsystem *s,
			      const struct controller *c)
{
	if (!c->timestamp_set)
		return s->uptime_ms - s->boot_ms;
	return c->timestamp + s->uptime_ms - c->timestamp_ms;
}

const struct port *subsystem_port(const struct subsystem *s, uint8_t id)
{
	if (id >= s->ports || s->port[id].type == PORT_INACTIVE)
		return NULL;
	return &s->port[id];
}

bool subsystem_link_active(const struct subsystem *s, uint8_t id)
{
	const struct port *port = subsystem_port(s, id);

	return port && port->type == PORT_PCIE && port->speed;
}

int subsystem_set_frequency(struct subsystem *s, uint8_t port,
			    uint8_t frequency)
{
	const struct port *p = subsystem_port(s, port);

	if (!p || p->type != PORT_TWOWIRE)
		return ERR_NOT_FOUND;
	if (frequency < PORT_100K || frequency > p->frequency_max)
		return ERR_INVALID;
	s->port[port].frequency = frequency;
	return ERR_OK;
}

int subsystem_set_unit(struct subsystem *s, uint8_t port, uint16_t unit)
{
	const struct port *p = subsystem_port(s, port);

	if (!p)
		return ERR_NOT_FOUND;
	if (unit < PORT_UNIT || unit > p->unit_max)
		return ERR_INVALID;
	s->port[port].unit = unit;
	return ERR_OK;
}

void subsystem_reset_endpoint(struct subsystem *s)
{
	s->port[s->endpoint].unit = PORT_UNIT;
}

void subsystem_changed(struct subsystem *s, uint16_t controller,
		       uint16_t changes)
{
	if (changes & CHANGE_ANY_STATUS)
		changes |= CHANGE_STATUS;
	s->controller[controller].changed |= changes;
	s->controller[controller].events |= changes;
	s->changed |= changes;
}

/* What was not saved is as it was at first. */
static void reset_features(struct subsystem *s, uint16_t id)
{
	struct controller *c = &s->controller[id];

	memcpy(c->feature, c->feature_saved, sizeof(c->feature));
	memset(c->host_id, 0, sizeof(c->host_id));
	memset(c->host_behavior, 0, sizeof(c->host_behavior));
	c->not_coalesced = 0;
	controller_set_thresholds(s, id, c->cold_limit, c->hot_limit);
}

void subsystem_reset(struct subsystem *s)
{
	bool activated = firmware_reset(s);

	background_reset(s);
	s->boot_ms = s->uptime_ms;
	for (uint8_t i = 0; i < s->controllers; i++) {
		struct controller *c = &s->controller[i];
		uint16_t changes = CHANGE_RESET;

		if (!c->enabled || c->shut_down)
			changes |= CHANGE_READY | CHANGE_ENABLE;
		if (c->shut_down)
			changes |= CHANGE_SHUTDOWN;
		if (c->fatal)
			changes |= CHANGE_FATAL;
		c->enabled = true;
		c->shut_down = c->fatal = c->timestamp_set = false;
		c->pci_command = c->pci_msix = 0;
		reset_features(s, i);
		subsystem_changed(s, i, changes);
	}
	log_reset(s, activated);
	s->resets++;
}

void subsystem_shutdown(struct subsystem *s, bool abrupt)
{
	for (uint8_t i = 0; i < s->controllers; i++) {
		struct controller *c = &s->controller[i];

		if (c->shut_down)
			continue;
		c->shut_down = true;
		if (abrupt)
			c->unsafe_shutdowns++;
		subsystem_changed(s, i, CHANGE_SHUTDOWN);
	}
	s->version++;
}
