/*
 * The NVM subsystem that the device is: ports, controllers and namespaces, as
 * NVMe and NVMe-MI know them, but no wire format. Owned by the device, read
 * and changed by the commands; nothing here allocates.
 *
 * Ports and controllers number from 0, namespaces from 1 (their NSID).
 */
#ifndef TETHER_NVME_MI_SUBSYSTEM_H
#define TETHER_NVME_MI_SUBSYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/err.h"

enum port_type { PORT_INACTIVE = 0, PORT_PCIE = 1, PORT_TWOWIRE = 2 };

/* NVMe-MI figure "SMBus/I2C frequency"; also the values on the wire. */
enum port_frequency {
	PORT_100K = 1,
	PORT_400K = 2,
	PORT_1M = 3,
};

enum { PORT_UNIT = 64 }; /* MCTP transmission unit until it is configured */

/* What changed since it was last cleared: the bits of NVMe-MI's composite
 * controller status. */
enum controller_change {
	CHANGE_READY = 0x0001,
	CHANGE_FATAL = 0x0002,
	CHANGE_SHUTDOWN = 0x0004,
	CHANGE_RESET = 0x0010,
	CHANGE_ENABLE = 0x0020,
	CHANGE_NAMESPACE = 0x0040,
	CHANGE_FIRMWARE = 0x0080,
	CHANGE_ANY_STATUS = 0x00ff,
	CHANGE_STATUS = 0x0100,
	CHANGE_TEMPERATURE = 0x0200,
	CHANGE_LIFE_USED = 0x0400,
	CHANGE_SPARE = 0x0800,
	CHANGE_WARNING = 0x1000,
};

/* NVMe's Critical Warning, log page 02h. */
enum controller_warning {
	WARNING_SPARE = 0x01,
	WARNING_TEMPERATURE = 0x02,
	WARNING_RELIABILITY = 0x04,
	WARNING_READ_ONLY = 0x08,
	WARNING_BACKUP = 0x10,
};

struct port {
	enum port_type type;
	uint16_t unit;	   /* MCTP transmission unit configured, bytes */
	uint16_t unit_max; /* largest it can be configured to */
	/* PCIe: as in the Port Information structure */
	uint8_t mps, speeds, speed, width_max, width,
		number; /* speed 0: down */
	/* two-wire */
	uint8_t address; /* of the management endpoint */
	enum port_frequency frequency, frequency_max;
};

struct controller {
	uint8_t port;
	bool enabled;				   /* CC.EN, and so CSTS.RDY */
	bool fatal;				   /* CSTS.CFS */
	uint16_t temperature;			   /* K */
	uint16_t too_cold, too_hot;		   /* thresholds, K */
	uint8_t spare, spare_threshold, life_used; /* percent */
	uint16_t changed;			   /* enum controller_change */
	/* NSIDs attached: bit n-1 for namespace n. */
	uint8_t attached[(SUBSYSTEM_NAMESPACES + 7) / 8];
};

struct nvm_namespace {
	uint64_t blocks; /* of 512 bytes; 0: there is none */
};

struct subsystem {
	uint8_t mi_major, mi_minor; /* version of NVMe-MI */
	char model[41], serial[21], firmware[9];
	uint8_t oui[3]; /* as written: AC DE 48 */
	uint16_t pci_vendor, pci_device, pci_subvendor, pci_subdevice;
	uint8_t instance[16];
	uint8_t ports, controllers;
	uint8_t endpoint; /* port of the management endpoint */
	uint16_t changed; /* of all controllers, for the composite status */
	struct port port[SUBSYSTEM_PORTS];
	struct controller controller[SUBSYSTEM_CONTROLLERS];
	struct nvm_namespace namespace[SUBSYSTEM_NAMESPACES];
};

/** Two controllers on a PCIe port, one namespace of 10 TB on controller 0,
 * the endpoint on a two-wire port. */
void subsystem_init_default(struct subsystem *s);

/** Names and ids of the default one, no port, controller or namespace. */
void subsystem_init_empty(struct subsystem *s);

/** Set a port, controller or namespace to what a new one is like. */
void port_init(struct port *p, enum port_type type);
void controller_init(struct controller *c, uint8_t port);

/** What all controllers together are like. */
struct subsystem_health {
	bool functional;      /* no controller has failed */
	uint8_t warnings;     /* enum controller_warning */
	uint8_t life_used;    /* percent, of the one most used */
	uint16_t temperature; /* K, of the hottest; 0 without controllers */
};

void subsystem_health(const struct subsystem *s, struct subsystem_health *h);

bool namespace_exists(const struct subsystem *s, uint32_t nsid);

/** ERR_NOT_FOUND: no such controller or namespace. ERR_BUSY: is attached. */
int subsystem_attach(struct subsystem *s, uint16_t controller, uint32_t nsid);

/** false as well for what is no NSID. */
bool controller_is_attached(const struct controller *c, uint32_t nsid);

/** Critical warnings, enum controller_warning. */
uint8_t controller_warnings(const struct controller *c);

/** A port that is in use, or NULL. */
const struct port *subsystem_port(const struct subsystem *s, uint8_t id);

/** Whether the link of a PCIe port is up; false for any other port. */
bool subsystem_link_active(const struct subsystem *s, uint8_t id);

/** ERR_NOT_FOUND: no such two-wire port. ERR_INVALID: it cannot do that. */
int subsystem_set_frequency(struct subsystem *s, uint8_t port,
			    uint8_t frequency);

/** ERR_NOT_FOUND: no such port. ERR_INVALID: under PORT_UNIT or too large. */
int subsystem_set_unit(struct subsystem *s, uint8_t port, uint16_t unit);

/** The management endpoint was reset: its port has the default unit again. */
void subsystem_reset_endpoint(struct subsystem *s);

/**
 * Note changes (enum controller_change) at a controller that there is, and
 * the whole. Those of its status, the low byte, make CHANGE_STATUS too.
 */
void subsystem_changed(struct subsystem *s, uint16_t controller,
		       uint16_t changes);

/** Bytes of all namespaces. */
uint64_t subsystem_capacity(const struct subsystem *s);

#endif
