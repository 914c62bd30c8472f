/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identify data structures of namespaces (identify_namespace.c), for the table
 * in identify.c. Each function fills a zeroed page of NVME_IDENTIFY_SIZE bytes.
 * Private to core/nvme_mi.
 */
#ifndef TETHER_NVME_MI_IDENTIFY_H
#define TETHER_NVME_MI_IDENTIFY_H

#include "nvme_mi/admin.h"

/** Check that the command selects the NVM command set. No other set is
 * supported. */
static inline enum nvme_status
identify_check_command_set(struct nvme_mi_request *q,
			   const struct admin_command *a)
{
	return a->dword11 >> NVME_IDENTIFY_COMMAND_SET_SHIFT ==
			       NVME_COMMAND_SET_NVM
		       ? NVME_STATUS_SUCCESS
		       : admin_invalid(q, NVME_SUBMISSION_AT_DWORD11);
}

enum nvme_status identify_namespace(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    uint8_t *page);
enum nvme_status identify_allocated_namespace(struct nvme_mi_request *q,
					      const struct admin_command *a,
					      uint8_t *page);
enum nvme_status identify_independent_namespace(struct nvme_mi_request *q,
						const struct admin_command *a,
						uint8_t *page);
enum nvme_status identify_command_set_namespace(struct nvme_mi_request *q,
						const struct admin_command *a,
						uint8_t *page);
enum nvme_status identify_list_active(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      uint8_t *page);
enum nvme_status identify_list_allocated(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 uint8_t *page);
enum nvme_status identify_command_set_list_active(struct nvme_mi_request *q,
						  const struct admin_command *a,
						  uint8_t *page);
enum nvme_status identify_list_descriptors(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page);
enum nvme_status identify_list_granularities(struct nvme_mi_request *q,
					     const struct admin_command *a,
					     uint8_t *page);

#endif
