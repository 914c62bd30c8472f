#include "nvme_mi/subsystem.h"

#include <string.h>

enum { BLOCK = 512, KELVIN = 273, UNIT_MAX = 247 };

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
	s->namespace[0].blocks = UINT64_C(10000000000000) / BLOCK;
	(void)subsystem_attach(s, 0, 1);
	s->changed = s->controller[0].changed = 0;
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

bool namespace_exists(const struct subsystem *s, uint32_t nsid)
{
	return nsid && nsid <= SUBSYSTEM_NAMESPACES &&
	       s->namespace[nsid - 1].blocks;
}

bool controller_is_attached(const struct controller *c, uint32_t nsid)
{
	nsid--;
	return nsid < SUBSYSTEM_NAMESPACES &&
	       c->attached[nsid / 8] & 1U << nsid % 8;
}

int subsystem_attach(struct subsystem *s, uint16_t controller, uint32_t nsid)
{
	struct controller *c;

	if (controller >= s->controllers || !namespace_exists(s, nsid))
		return ERR_NOT_FOUND;
	c = &s->controller[controller];
	if (controller_is_attached(c, nsid))
		return ERR_BUSY;
	c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
	subsystem_changed(s, controller, CHANGE_NAMESPACE);
	return ERR_OK;
}

uint8_t controller_warnings(const struct controller *c)
{
	uint8_t w = 0;

	if (c->spare < c->spare_threshold)
		w |= WARNING_SPARE;
	if (c->temperature >= c->too_hot || c->temperature <= c->too_cold)
		w |= WARNING_TEMPERATURE;
	return w;
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
	s->changed |= changes;
}

uint64_t subsystem_capacity(const struct subsystem *s)
{
	uint64_t blocks = 0;

	for (int i = 0; i < SUBSYSTEM_NAMESPACES; i++)
		blocks += s->namespace[i].blocks;
	return blocks * BLOCK;
}
