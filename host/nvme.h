/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MI commands of NVMe-MI 1.2 that read structures, the requester's side:
 * subsystem, ports, controllers, health, configuration. Each call sends one
 * request and decodes its response.
 *
 * All functions return as nvme_message_ask(). ERR_INVALID also means that the
 * response is shorter than its structure. t->error has a sentence.
 */
#ifndef TETHER_HOST_NVME_H
#define TETHER_HOST_NVME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/nvme_message.h"
#include "host/transport.h"
#include "nvme_mi/nvme_wire.h"

struct nvme_subsystem_information {
	uint8_t ports, major, minor;
};

struct nvme_port_information {
	enum nvme_mi_port_type type;
	uint16_t unit_max;    /* MCTP transmission unit, bytes */
	uint32_t buffer_size; /* Management Endpoint Buffer, bytes */
	uint8_t speeds, speed, width_max, width; /* PCIe */
	uint8_t address, frequency_max;		 /* two-wire */
};

struct nvme_controller_information {
	uint8_t port;
	uint16_t routing_id;
	bool routing_id_valid;
	uint16_t pci_vendor, pci_device, pci_subvendor, pci_subdevice;
};

struct nvme_subsystem_health {
	uint8_t status;	  /* NVME_MI_STATUS_* */
	uint8_t warnings; /* NVME_CRITICAL_WARNING_*: a set bit is a warning */
	int celsius;
	bool celsius_valid;
	/* The field ends at -60 and 127 C: the temperature is at the limit or
	 * beyond it. */
	bool celsius_clamped;
	uint8_t life_used; /* percent */
	uint16_t changed;  /* NVME_MI_CHANGE_* */
};

struct nvme_controller_health {
	uint16_t id;
	uint16_t status; /* NVME_MI_CONTROLLER_* */
	uint16_t kelvin;
	uint8_t life_used, spare; /* percent */
	uint8_t warnings;	  /* NVME_CRITICAL_WARNING_* */
};

/**
 * Send an MI command without data. *response: its response data, in a buffer
 * that the next call overwrites. *nmresp: NVMe Management Response, 24 bits.
 */
int nvme_command(struct transport *t, uint8_t dest, uint8_t opcode,
		 const uint32_t nmd[2], const uint8_t **response, size_t *len,
		 uint32_t *nmresp);

int nvme_get_subsystem(struct transport *t, uint8_t dest,
		       struct nvme_subsystem_information *s);
int nvme_get_port(struct transport *t, uint8_t dest, uint8_t port,
		  struct nvme_port_information *p);

/** Controller identifiers. `list` has room for NVME_MI_CONTROLLER_LIST_MAX. */
int nvme_get_controllers(struct transport *t, uint8_t dest, uint16_t *list,
			 uint16_t *count);
int nvme_get_controller(struct transport *t, uint8_t dest, uint16_t id,
			struct nvme_controller_information *c);
int nvme_get_health(struct transport *t, uint8_t dest,
		    struct nvme_subsystem_health *h);

/** Health of controllers from `first` on. `list` has room for
 * NVME_MI_HEALTH_ENTRIES_MAX. */
int nvme_get_controller_health(struct transport *t, uint8_t dest,
			       uint16_t first,
			       struct nvme_controller_health *list,
			       uint16_t *count);

/** Configuration Get. *value: the response's 24 bits. */
int nvme_get_configuration(struct transport *t, uint8_t dest, uint8_t port,
			   enum nvme_mi_configuration id, uint32_t *value);

#endif
