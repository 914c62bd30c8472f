/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up, clock, reset and shutdown of the drive. */
#include "drive/drive_internal.h"

#include <string.h>

enum {
	ZERO_CELSIUS = 273, /* K */
	/* Rate of format and sanitize: 1 TB/s, as an erase is faster than a
	 * write. */
	MEDIA_BYTES_PER_MS = 1000000000,
	SELF_TEST_SHORT_MS = 20000,
	SELF_TEST_EXTENDED_MS = 60000,
	VPD_WRITES = 1000,
};

void drive_init_empty(struct drive *d)
{
	struct drive_identity *i = &d->identity;

	memset(d, 0, sizeof(*d));
	i->mi_major = 1;
	i->mi_minor = 2;
	memcpy(i->model, "MIDEV", sizeof("MIDEV"));
	memcpy(i->serial, "1000", sizeof("1000"));
	memcpy(d->firmware.running, "00.00.01", sizeof("00.00.01"));
	memcpy(i->oui, (const uint8_t[]){ 0xac, 0xde, 0x48 }, 3);
	i->pci_vendor = i->pci_subvendor = 0xffff;
	i->pci_device = i->pci_subdevice = 0xffff;
	memcpy(i->vpd_manufacturer, "Code Construct", sizeof("Code Construct"));
	d->media_bytes_per_ms = MEDIA_BYTES_PER_MS;
	d->self_test_ms[0] = SELF_TEST_SHORT_MS;
	d->self_test_ms[1] = SELF_TEST_EXTENDED_MS;
	d->vpd.writes_left = VPD_WRITES;
}

void drive_controller_init(struct drive_controller *c, uint8_t port)
{
	memset(c, 0, sizeof(*c));
	c->port = port;
	c->enabled = true;
	c->temperature = ZERO_CELSIUS + 20;
	c->cold_threshold = 213;
	c->hot_threshold = 400;
	c->spare = 100;
	c->spare_threshold = 5;
	c->pci.command = DRIVE_PCI_COMMAND_DEFAULT;
}

/* Clear the change flags that attaching a namespace during the set-up has
 * set. */
static void clear_changes(struct drive *d)
{
	d->changes = 0;
	for (uint8_t i = 0; i < d->controllers; i++) {
		struct drive_controller *c = &d->controller[i];

		c->changes = c->unreported_changes = 0;
		memset(c->changed_namespaces, 0, sizeof(c->changed_namespaces));
	}
}

void drive_init_default(struct drive *d)
{
	drive_init_empty(d);
	d->ports = 2;
	drive_port_init(&d->port[0], DRIVE_PORT_PCIE);
	drive_port_init(&d->port[1], DRIVE_PORT_TWO_WIRE);
	d->endpoint_port = 1;
	d->controllers = 2;
	drive_controller_init(&d->controller[0], 0);
	drive_controller_init(&d->controller[1], 0);
	d->namespace[0].blocks = UINT64_C(10000000000000) / DRIVE_BLOCK_SIZE;
	d->namespace[0].shared = true;
	d->capacity = UINT64_C(16000000000000);
	(void)drive_namespace_attach(d, 0, 1);
	clear_changes(d);
}

/* Add one event for all controllers, because they power up and reset
 * together. */
static void add_reset_event(struct drive *d, bool firmware_activated)
{
	struct drive_event e = { .type = DRIVE_EVENT_RESET };

	memcpy(e.reset.revision, d->firmware.running, sizeof(e.reset.revision));
	e.reset.firmware_activated = firmware_activated;
	e.reset.power_cycles = (uint32_t)d->controller[0].counters.power_cycles;
	e.reset.uptime_ms = d->clock.uptime_ms;
	drive_event_log_add(d, &e);
}

void drive_start(struct drive *d)
{
	bool firmware_activated = drive_firmware_start(d);

	drive_namespaces_start(d);
	drive_lockdown_start(d);
	d->clock.reset_uptime_ms = d->clock.uptime_ms;
	for (uint8_t i = 0; i < d->controllers; i++) {
		struct drive_controller *c = &d->controller[i];

		c->counters.power_cycles++;
		c->cold_default = c->cold_threshold;
		c->hot_default = c->hot_threshold;
		/* Base 5.15: the saved value is current after power-on. */
		memcpy(c->features.current, c->features.saved,
		       sizeof(c->features.current));
	}
	/* A power loss aborts short self-tests as a reset does. */
	drive_self_tests_reset(d);
	add_reset_event(d, firmware_activated);
	d->state_version++;
}

void drive_poll(struct drive *d, uint32_t now_ms)
{
	uint32_t elapsed = d->clock.running ? now_ms - d->clock.now_ms : 0;

	d->clock.running = true;
	d->clock.now_ms = now_ms;
	if (d->off) {
		drive_operations_delay(d, elapsed);
		return;
	}
	d->clock.uptime_ms += elapsed;
	drive_namespaces_poll(d);
	drive_sanitize_poll(d);
	drive_self_tests_poll(d);
}

uint32_t drive_operation_remaining(const struct drive *d,
				   const struct drive_operation *o)
{
	uint32_t elapsed = d->clock.now_ms - o->start_ms;

	if (!o->active || elapsed >= o->duration_ms)
		return 0;
	return o->duration_ms - elapsed;
}

uint8_t drive_operation_percent(const struct drive *d,
				const struct drive_operation *o)
{
	uint32_t remaining = drive_operation_remaining(d, o);

	if (!remaining)
		return 100;
	return (uint8_t)(100 - (uint64_t)remaining * 100 / o->duration_ms);
}

static void reset_controller(struct drive *d, uint16_t id)
{
	struct drive_controller *c = &d->controller[id];
	uint16_t changes = DRIVE_CHANGE_RESET;

	if (!c->enabled || c->shut_down)
		changes |= DRIVE_CHANGE_READY | DRIVE_CHANGE_ENABLE;
	if (c->shut_down)
		changes |= DRIVE_CHANGE_SHUTDOWN;
	if (c->fatal)
		changes |= DRIVE_CHANGE_FATAL;
	c->enabled = true;
	c->shut_down = c->fatal = c->timestamp.set = false;
	c->pci.command = c->pci.msix_control = 0;
	drive_features_reset(d, id);
	drive_changes_set(d, id, changes);
}

void drive_reset(struct drive *d)
{
	bool firmware_activated = drive_firmware_reset(d);

	drive_self_tests_reset(d);
	d->event_context.active = false;
	d->clock.reset_uptime_ms = d->clock.uptime_ms;
	for (uint8_t i = 0; i < d->controllers; i++)
		reset_controller(d, i);
	add_reset_event(d, firmware_activated);
	d->resets++;
}

void drive_shutdown(struct drive *d, bool abrupt)
{
	for (uint8_t i = 0; i < d->controllers; i++) {
		struct drive_controller *c = &d->controller[i];

		if (c->shut_down)
			continue;
		c->shut_down = true;
		if (abrupt)
			c->counters.unsafe_shutdowns++;
		drive_changes_set(d, i, DRIVE_CHANGE_SHUTDOWN);
	}
	d->state_version++;
}
