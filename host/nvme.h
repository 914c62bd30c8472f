/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe-MI 1.2, the requester's side: builds commands, checks and decodes
 * responses. Each waits for its answer.
 *
 * All return ERR_OK or what transport_ask() returns; ERR_INTEGRITY: the
 * answer's check is wrong; ERR_INVALID: its answer is not in order;
 * ERR_UNSUPPORTED: the endpoint answered with a status. t->error has a
 * sentence.
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
	uint16_t unit_max;    /* bytes */
	uint32_t buffer_size; /* management endpoint buffer */
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
	uint8_t status, warnings; /* warnings as they are: 1 is bad */
	int celsius;
	bool celsius_valid;
	uint8_t life_used;
	uint16_t changed;
};

struct nvme_controller_health {
	uint16_t id, status, kelvin;
	uint8_t life_used, spare, warnings;
};

/**
 * One MI command without data. *response: its data, in a buffer that the next
 * call overwrites; nmresp: the 24 bits of NVMe Management Response.
 */
int nvme_command(struct transport *t, uint8_t dest, uint8_t opcode,
		 const uint32_t nmd[2], const uint8_t **response, size_t *len,
		 uint32_t *nmresp);

int nvme_get_subsystem(struct transport *t, uint8_t dest,
		       struct nvme_subsystem_information *s);
int nvme_get_port(struct transport *t, uint8_t dest, uint8_t port,
		  struct nvme_port_information *p);

/** Controller ids; list has room for NVME_MI_CONTROLLER_LIST_MAX. */
int nvme_get_controllers(struct transport *t, uint8_t dest, uint16_t *list,
			 uint16_t *count);
int nvme_get_controller(struct transport *t, uint8_t dest, uint16_t id,
			struct nvme_controller_information *c);
int nvme_get_health(struct transport *t, uint8_t dest,
		    struct nvme_subsystem_health *h);

/** Health of controllers from `first` on; list has room for 256. */
int nvme_get_controller_health(struct transport *t, uint8_t dest,
			       uint16_t first,
			       struct nvme_controller_health *list,
			       uint16_t *count);

/** Configuration Get; the value in *value. */
int nvme_get_configuration(struct transport *t, uint8_t dest, uint8_t port,
			   enum nvme_mi_configuration id, uint32_t *value);

#endif
