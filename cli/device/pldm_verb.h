/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the verbs of `tether pldm` that ask a device one request at a
 * time. */
#ifndef TETHER_CLI_DEVICE_PLDM_VERB_H
#define TETHER_CLI_DEVICE_PLDM_VERB_H

#include <json-c/json.h>

#include "cli/cli.h"
#include "host/pldm_platform.h"

enum { PLDM_VERB_SENSORS = 512 };

/** The sensors of a device, with their names. */
struct pldm_verb_sensors {
	size_t count;
	struct pldm_host_sensor sensor[PLDM_VERB_SENSORS];
};

/** Open the device of --via for PLDM requests. Returns EXIT_OK, or an exit code
 * after printing an error. */
int pldm_verb_open(struct cli *c, struct pldm_ask *a);

/** Print that `what` ("read the sensors") failed, with the transport's error.
 * Returns EXIT_FAILED. */
int pldm_verb_fail(const struct cli *c, const char *what);

/** Read the sensors from the device's PDRs. Errors as for pldm_ask(). */
int pldm_verb_read_sensors(struct pldm_ask *a, struct pldm_verb_sensors *s);

/** Format a reading with its unit, such as "31 C"; "-" without a reading. */
void pldm_verb_format(const struct pldm_host_sensor *s,
		      const struct pldm_host_reading *r, char *text,
		      size_t cap);

/** Name of a sensor's state. */
const char *pldm_verb_state(const struct pldm_host_sensor *s, uint8_t state);

/** Add a value of a numeric sensor in its unit to a JSON object. */
void pldm_verb_add_value(struct json_object *o, const char *key,
			 const struct pldm_host_sensor *s, int64_t reading);

#endif
