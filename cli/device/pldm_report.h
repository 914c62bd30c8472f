/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by `tether pldm serve` and `tether pldm status`: the report of a
 * transfer. */
#ifndef TETHER_CLI_DEVICE_PLDM_REPORT_H
#define TETHER_CLI_DEVICE_PLDM_REPORT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"
#include "host/pldm_query.h"
#include "host/pldm_server.h"

struct cli;

enum { PLDM_REPORT_HASH = 2 * SHA256_SIZE + 1 }; /* bytes of a hash as text */

/** Format a hash as hex digits. */
void pldm_report_format_hash(const uint8_t *hash, char text[PLDM_REPORT_HASH]);

/** Transfer rate in bytes per millisecond, which is kB/s. */
uint32_t pldm_report_rate(const struct pldm_status *s);

/** Return the report as a JSON object, or print it as text. */
struct json_object *pldm_report_json(const struct pldm_status *s);
void pldm_report_print(const struct pldm_status *s);

/** Returns false if the endpoint has no PLDM, or does not report file
 * transfers. Returns true if the endpoint does not answer the queries. */
bool pldm_report_is_supported(const struct cli *c, uint8_t eid);

/** Print that the endpoint has no file requester. Returns EXIT_FAILED. */
int pldm_report_fail_unsupported(const struct cli *c);

#endif
