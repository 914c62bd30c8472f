/* SPDX-License-Identifier: Apache-2.0 */
/* Names of PLDM's numbers for output. */
#ifndef TETHER_HOST_PLDM_NAMES_H
#define TETHER_HOST_PLDM_NAMES_H

#include <stdint.h>

/* Each returns "?" for an unknown value. */
const char *pldm_names_pdr_type(uint8_t type);
const char *pldm_names_unit(uint8_t unit);
const char *pldm_names_operational(uint8_t operational);
const char *pldm_names_present(uint8_t present);
const char *pldm_names_state(uint16_t set, uint8_t state);
const char *pldm_names_fru_field(uint8_t type);
const char *pldm_names_event_class(uint8_t event_class);

#endif
