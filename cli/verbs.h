/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of all verbs, in the order of the help. VERB(x) stands for the
 * struct x_verb, which the verb's own file defines.
 */
#ifndef TETHER_CLI_VERBS_H
#define TETHER_CLI_VERBS_H

#include "cli/cli.h"

#define CLI_DEVICE_VERBS(VERB)                                                 \
	VERB(device_top)                                                       \
	VERB(device_usb)                                                       \
	VERB(device_log)                                                       \
	VERB(device_report)                                                    \
	VERB(device_mctp_setup)                                                \
	VERB(device_mctp_teardown)                                             \
	VERB(device_mctp_info)                                                 \
	VERB(device_mctp_set_eid)                                              \
	VERB(device_mctp_echo)                                                 \
	VERB(device_mctp_bench)                                                \
	VERB(device_mctp_request)                                              \
	VERB(device_mctp_decode)                                               \
	VERB(device_nvme_list)                                                 \
	VERB(device_nvme_info)                                                 \
	VERB(device_nvme_health)                                               \
	VERB(device_nvme_controllers)                                          \
	VERB(device_nvme_identify)                                             \
	VERB(device_nvme_log_page)                                             \
	VERB(device_nvme_features)                                             \
	VERB(device_nvme_config)                                               \
	VERB(device_nvme_vpd)                                                  \
	VERB(device_nvme_ns)                                                   \
	VERB(device_nvme_format)                                               \
	VERB(device_nvme_sanitize)                                             \
	VERB(device_nvme_selftest)                                             \
	VERB(device_nvme_fw)                                                   \
	VERB(device_nvme_pcie)                                                 \
	VERB(device_nvme_reset)                                                \
	VERB(device_nvme_shutdown)                                             \
	VERB(device_nvme_control)                                              \
	VERB(device_nvme_events)                                               \
	VERB(device_pldm_serve)                                                \
	VERB(device_pldm_status)                                               \
	VERB(device_pldm_sensors)                                              \
	VERB(device_pldm_pdr)                                                  \
	VERB(device_pldm_fru)                                                  \
	VERB(device_pldm_events)                                               \
	VERB(device_pldm_inventory)                                            \
	VERB(device_pldm_update)                                               \
	VERB(device_pldm_package)                                              \
	VERB(device_sim_get)                                                   \
	VERB(device_sim_set)                                                   \
	VERB(device_sim_do)

#define CLI_BOARD_VERBS(VERB)                                                  \
	VERB(board_ls)                                                         \
	VERB(board_ssh)                                                        \
	VERB(board_run)                                                        \
	VERB(board_deploy)                                                     \
	VERB(board_doctor)                                                     \
	VERB(board_image)                                                      \
	VERB(board_inspect)                                                    \
	VERB(install)                                                          \
	VERB(mcp_server)                                                       \
	VERB(board_ssh_config)                                                 \
	VERB(cli_completion)                                                   \
	VERB(cli_help)

#define CLI_DECLARE_VERB(x) extern const struct cli_verb x##_verb;
CLI_DEVICE_VERBS(CLI_DECLARE_VERB)
CLI_BOARD_VERBS(CLI_DECLARE_VERB)
#undef CLI_DECLARE_VERB

#endif
