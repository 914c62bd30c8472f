/* SPDX-License-Identifier: Apache-2.0 */
/* Admin command Identify, NVMe base 5.17: data structures of controllers, and
 * the table of all structures. identify_namespace.c has the structures of
 * namespaces. */
#include <string.h>

#include "nvme_mi/identify.h"

enum {
	ADMIN_COMMANDS =
		NVME_ADMIN_COMMANDS_SECURITY | NVME_ADMIN_COMMANDS_FORMAT |
		NVME_ADMIN_COMMANDS_FIRMWARE |
		NVME_ADMIN_COMMANDS_NAMESPACE_MANAGEMENT |
		NVME_ADMIN_COMMANDS_SELF_TEST | NVME_ADMIN_COMMANDS_LOCKDOWN,
	LOG_ATTRIBUTES = NVME_LOG_ATTRIBUTE_COMMANDS_AND_EFFECTS |
			 NVME_LOG_ATTRIBUTE_EXTENDED_DATA |
			 NVME_LOG_ATTRIBUTE_TELEMETRY |
			 NVME_LOG_ATTRIBUTE_PERSISTENT_EVENTS |
			 NVME_LOG_ATTRIBUTE_SUPPORTED_PAGES,
	COMMAND_LIMIT = 3,	       /* concurrent commands, zeroes based */
	QUEUE_ENTRY_SUBMISSION = 0x66, /* 64 bytes: 2 to the power of 6 */
	QUEUE_ENTRY_COMPLETION = 0x44, /* 16 bytes */
	ASYMMETRIC_TRANSITION_S = 10,
	PERSISTENT_LOG_64_KIB = 1,
	MS_PER_MINUTE = 60000,
};

/* --- Identify Controller --- */

static uint8_t encode_multi_path(const struct drive *d)
{
	uint8_t flags = NVME_MULTI_PATH_ASYMMETRIC_ACCESS;
	int ports = 0;

	for (uint8_t i = 0; i < d->ports; i++)
		ports += d->port[i].type == DRIVE_PORT_PCIE;
	if (ports > 1)
		flags |= NVME_MULTI_PATH_PORTS;
	if (d->controllers > 1)
		flags |= NVME_MULTI_PATH_CONTROLLERS;
	return flags;
}

static uint8_t encode_vpd_write_cycles(const struct drive *d)
{
	uint16_t cycles = d->vpd.writes_left;

	if (cycles > NVME_VPD_WRITE_CYCLES_MAX)
		cycles = NVME_VPD_WRITE_CYCLES_MAX;
	return (uint8_t)(NVME_VPD_WRITE_CYCLES_VALID | cycles);
}

static void write_names(uint8_t *page, const struct drive *d)
{
	const struct drive_identity *i = &d->identity;

	admin_write(page, NVME_CONTROLLER_AT_PCI_VENDOR_ID, i->pci_vendor, 2);
	admin_write(page, NVME_CONTROLLER_AT_PCI_SUBSYSTEM_VENDOR_ID,
		    i->pci_subvendor, 2);
	admin_write_text(page + NVME_CONTROLLER_AT_SERIAL_NUMBER, i->serial,
			 NVME_SERIAL_NUMBER_SIZE);
	admin_write_text(page + NVME_CONTROLLER_AT_MODEL_NUMBER, i->model,
			 NVME_MODEL_NUMBER_SIZE);
	admin_write_text(page + NVME_CONTROLLER_AT_FIRMWARE_REVISION,
			 d->firmware.running, NVME_FIRMWARE_REVISION_SIZE);
	admin_write_oui(page + NVME_CONTROLLER_AT_IEEE_OUI, d);
	admin_write_qualified_name(page + NVME_CONTROLLER_AT_QUALIFIED_NAME, d);
}

static void write_management(uint8_t *page, const struct drive *d)
{
	bool pcie = d->port[d->endpoint_port].type == DRIVE_PORT_PCIE;

	page[NVME_CONTROLLER_AT_SUBSYSTEM_REPORT] =
		NVME_SUBSYSTEM_REPORT_STORAGE_DEVICE;
	page[NVME_CONTROLLER_AT_VPD_WRITE_CYCLES] = encode_vpd_write_cycles(d);
	page[NVME_CONTROLLER_AT_MANAGEMENT_ENDPOINTS] =
		pcie ? NVME_MANAGEMENT_ENDPOINT_PCIE
		     : NVME_MANAGEMENT_ENDPOINT_TWO_WIRE;
}

static void write_admin_support(uint8_t *page, const struct drive *d)
{
	uint32_t minutes =
		(d->self_test_ms[1] + MS_PER_MINUTE - 1) / MS_PER_MINUTE;

	admin_write(page, NVME_CONTROLLER_AT_ASYNCHRONOUS_EVENTS,
		    NVME_ASYNCHRONOUS_EVENT_NAMESPACE |
			    NVME_ASYNCHRONOUS_EVENT_FIRMWARE,
		    4);
	admin_write(page, NVME_CONTROLLER_AT_ATTRIBUTES,
		    NVME_ATTRIBUTE_HOST_IDENTIFIER_128 |
			    NVME_ATTRIBUTE_NAMESPACE_GRANULARITY,
		    4);
	admin_write(page, NVME_CONTROLLER_AT_ADMIN_COMMANDS, ADMIN_COMMANDS, 2);
	page[NVME_CONTROLLER_AT_ABORT_COMMAND_LIMIT] = COMMAND_LIMIT;
	page[NVME_CONTROLLER_AT_ASYNCHRONOUS_EVENT_LIMIT] = COMMAND_LIMIT;
	page[NVME_CONTROLLER_AT_FIRMWARE_UPDATES] =
		NVME_FIRMWARE_SLOT_1_READ_ONLY |
		NVME_FIRMWARE_ACTIVATION_WITHOUT_RESET |
		DRIVE_FIRMWARE_SLOTS << NVME_FIRMWARE_SLOTS_SHIFT;
	page[NVME_CONTROLLER_AT_LOG_PAGE_ATTRIBUTES] = LOG_ATTRIBUTES;
	page[NVME_CONTROLLER_AT_ERROR_LOG_ENTRIES] = DRIVE_ERRORS - 1;
	admin_write(page, NVME_CONTROLLER_AT_EXTENDED_SELF_TEST_TIME, minutes,
		    2);
	page[NVME_CONTROLLER_AT_FIRMWARE_UPDATE_GRANULARITY] =
		NVME_FIRMWARE_UPDATE_GRANULARITY_ANY;
	admin_write(page, NVME_CONTROLLER_AT_SANITIZE_CAPABILITIES,
		    ADMIN_SANITIZE_CAPABILITIES, 4);
	page[NVME_CONTROLLER_AT_ASYMMETRIC_TRANSITION_TIME] =
		ASYMMETRIC_TRANSITION_S;
	page[NVME_CONTROLLER_AT_ASYMMETRIC_CAPABILITIES] =
		NVME_ASYMMETRIC_OPTIMIZED;
	admin_write(page, NVME_CONTROLLER_AT_ASYMMETRIC_GROUP_MAX, 1, 4);
	admin_write(page, NVME_CONTROLLER_AT_ASYMMETRIC_GROUPS, 1, 4);
	admin_write(page, NVME_CONTROLLER_AT_PERSISTENT_EVENT_LOG_SIZE,
		    PERSISTENT_LOG_64_KIB, 4);
}

/* Only the last state is non-operational. */
static void write_power_states(uint8_t *page)
{
	static const struct {
		uint32_t entry_us, exit_us;
	} states[DRIVE_POWER_STATES] = {
		{ 0, 0 },
		{ 100, 100 },
		{ 10000, 50000 },
	};

	page[NVME_CONTROLLER_AT_POWER_STATES] = DRIVE_POWER_STATES - 1;
	for (int i = 0; i < DRIVE_POWER_STATES; i++) {
		uint8_t *state = page + NVME_CONTROLLER_AT_POWER_STATE_0 +
				 (size_t)i * NVME_POWER_STATE_SIZE;

		admin_write(state, NVME_POWER_STATE_AT_MAXIMUM_POWER,
			    drive_power_limit((uint8_t)i), 2);
		if (i == DRIVE_POWER_STATES - 1)
			state[NVME_POWER_STATE_AT_FLAGS] =
				NVME_POWER_STATE_NON_OPERATIONAL;
		admin_write(state, NVME_POWER_STATE_AT_ENTRY_LATENCY,
			    states[i].entry_us, 4);
		admin_write(state, NVME_POWER_STATE_AT_EXIT_LATENCY,
			    states[i].exit_us, 4);
	}
	page[NVME_CONTROLLER_AT_THERMAL_MANAGEMENT] = 1;
	admin_write(page, NVME_CONTROLLER_AT_THERMAL_MIN, DRIVE_THERMAL_MIN, 2);
	admin_write(page, NVME_CONTROLLER_AT_THERMAL_MAX, DRIVE_THERMAL_MAX, 2);
}

static void write_nvm_support(uint8_t *page)
{
	page[NVME_CONTROLLER_AT_SUBMISSION_QUEUE_ENTRY_SIZE] =
		QUEUE_ENTRY_SUBMISSION;
	page[NVME_CONTROLLER_AT_COMPLETION_QUEUE_ENTRY_SIZE] =
		QUEUE_ENTRY_COMPLETION;
	admin_write(page, NVME_CONTROLLER_AT_NAMESPACES, DRIVE_NAMESPACES, 4);
	admin_write(page, NVME_CONTROLLER_AT_NVM_COMMANDS,
		    NVME_NVM_COMMANDS_SAVE_AND_SELECT |
			    NVME_NVM_COMMANDS_TIMESTAMP,
		    2);
	page[NVME_CONTROLLER_AT_FORMAT_ATTRIBUTES] = ADMIN_FORMAT_ATTRIBUTES;
	page[NVME_CONTROLLER_AT_VOLATILE_WRITE_CACHE] =
		NVME_VOLATILE_WRITE_CACHE_PRESENT |
		NVME_VOLATILE_WRITE_CACHE_FLUSH_ALL;
	admin_write(page, NVME_CONTROLLER_AT_NAMESPACES_MAX, DRIVE_NAMESPACES,
		    4);
	write_power_states(page);
}

static enum nvme_status identify_controller(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	const struct drive_controller *c = admin_controller(q, a);
	uint64_t capacity = drive_capacity(d);

	write_names(page, d);
	write_management(page, d);
	write_admin_support(page, d);
	write_nvm_support(page);
	page[NVME_CONTROLLER_AT_MULTI_PATH] = encode_multi_path(d);
	admin_write(page, NVME_CONTROLLER_AT_CONTROLLER_ID, a->controller, 2);
	admin_write(page, NVME_CONTROLLER_AT_VERSION, NVME_VERSION_2_0, 4);
	page[NVME_CONTROLLER_AT_TYPE] = NVME_CONTROLLER_TYPE_IO;
	admin_write(page, NVME_CONTROLLER_AT_WARNING_TEMPERATURE,
		    c->hot_default, 2);
	admin_write(page, NVME_CONTROLLER_AT_CRITICAL_TEMPERATURE,
		    c->hot_default, 2);
	/* Write the lower 8 of 16 bytes: no capacity exceeds 64 bits. */
	admin_write(page, NVME_CONTROLLER_AT_TOTAL_CAPACITY, capacity, 8);
	admin_write(page, NVME_CONTROLLER_AT_UNALLOCATED_CAPACITY,
		    capacity - drive_capacity_allocated(d), 8);
	return NVME_STATUS_SUCCESS;
}

/* --- controllers --- */

/* Write a list of controllers, starting with the identifier in dword 10. nsid 0
 * lists all controllers, otherwise only those with the namespace attached. */
static void write_controller_list(struct nvme_mi_request *q,
				  const struct admin_command *a, uint8_t *page,
				  uint32_t nsid)
{
	const struct drive *d = q->mi->drive;
	struct wr w =
		wr_init(page + NVME_CONTROLLER_LIST_AT_ENTRIES,
			NVME_IDENTIFY_SIZE - NVME_CONTROLLER_LIST_AT_ENTRIES);

	for (uint32_t id = a->dword10 >> NVME_IDENTIFY_CONTROLLER_ID_SHIFT;
	     id < d->controllers; id++)
		if (!nsid ||
		    drive_controller_has_namespace(&d->controller[id], nsid))
			wr_le16(&w, (uint16_t)id);
	admin_write(page, NVME_CONTROLLER_LIST_AT_COUNT,
		    wr_len(&w) / NVME_CONTROLLER_LIST_ENTRY_SIZE, 2);
}

static enum nvme_status list_controllers(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 uint8_t *page)
{
	write_controller_list(q, a, page, 0);
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status list_attached_controllers(struct nvme_mi_request *q,
						  const struct admin_command *a,
						  uint8_t *page)
{
	write_controller_list(q, a, page, a->nsid);
	return NVME_STATUS_SUCCESS;
}

/* The controller with the identifier in dword 10. It has no flexible
 * resources. */
static enum nvme_status primary_capabilities(struct nvme_mi_request *q,
					     const struct admin_command *a,
					     uint8_t *page)
{
	uint32_t id = a->dword10 >> NVME_IDENTIFY_CONTROLLER_ID_SHIFT;

	if (id >= q->mi->drive->controllers)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	admin_write(page, NVME_PRIMARY_AT_CONTROLLER_ID, id, 2);
	admin_write(page, NVME_PRIMARY_AT_PORT_ID,
		    q->mi->drive->controller[id].port, 2);
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status list_command_sets(struct nvme_mi_request *q,
					  const struct admin_command *a,
					  uint8_t *page)
{
	uint32_t id = a->dword10 >> NVME_IDENTIFY_CONTROLLER_ID_SHIFT;

	if (id != NVME_IDENTIFY_ALL_CONTROLLERS &&
	    id >= q->mi->drive->controllers)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	page[0] = NVME_COMMAND_SET_VECTOR_NVM;
	return NVME_STATUS_SUCCESS;
}

/* NVM command set specific Identify Controller: no limits to report. */
static enum nvme_status command_set_controller(struct nvme_mi_request *q,
					       const struct admin_command *a,
					       uint8_t *page)
{
	(void)page;
	return identify_check_command_set(q, a);
}

/* An empty list: the drive has no secondary controllers. */
static enum nvme_status list_nothing(struct nvme_mi_request *q,
				     const struct admin_command *a,
				     uint8_t *page)
{
	(void)q;
	(void)a;
	(void)page;
	return NVME_STATUS_SUCCESS;
}

/* --- the table --- */

/* Base 5.2.13.1, figure 326, with the NSIDs that each structure accepts. The
 * structures of NVM sets, UUIDs and domains follow CTRATT, which announces
 * none. */
enum {
	NSID_LIST = ADMIN_NSID_ANY & ~(ADMIN_NSID_LAST | ADMIN_NSID_ALL),
	NSID_ZERO_FILLED = ADMIN_NSID_VALID | ADMIN_NSID_ALL,
};

static const struct {
	uint8_t cns;
	uint16_t accepted; /* enum admin_nsid */
	enum nvme_status (*build)(struct nvme_mi_request *q,
				  const struct admin_command *a, uint8_t *page);
} structures[] = {
	{ NVME_IDENTIFY_NAMESPACE, NSID_ZERO_FILLED, identify_namespace },
	{ NVME_IDENTIFY_CONTROLLER, ADMIN_NSID_ANY, identify_controller },
	{ NVME_IDENTIFY_ACTIVE_NAMESPACE_LIST, NSID_LIST,
	  identify_list_active },
	{ NVME_IDENTIFY_NAMESPACE_DESCRIPTOR_LIST, ADMIN_NSID_ACTIVE,
	  identify_list_descriptors },
	{ NVME_IDENTIFY_COMMAND_SET_NAMESPACE, NSID_ZERO_FILLED,
	  identify_command_set_namespace },
	{ NVME_IDENTIFY_COMMAND_SET_CONTROLLER, ADMIN_NSID_ANY,
	  command_set_controller },
	{ NVME_IDENTIFY_COMMAND_SET_ACTIVE_NAMESPACE_LIST, NSID_LIST,
	  identify_command_set_list_active },
	{ NVME_IDENTIFY_INDEPENDENT_NAMESPACE, NSID_ZERO_FILLED,
	  identify_independent_namespace },
	{ NVME_IDENTIFY_ALLOCATED_NAMESPACE_LIST, NSID_LIST,
	  identify_list_allocated },
	{ NVME_IDENTIFY_ALLOCATED_NAMESPACE, ADMIN_NSID_VALID,
	  identify_allocated_namespace },
	{ NVME_IDENTIFY_ATTACHED_CONTROLLER_LIST,
	  ADMIN_NSID_ALLOCATED | ADMIN_NSID_ALL_IS_FIELD,
	  list_attached_controllers },
	{ NVME_IDENTIFY_CONTROLLER_LIST, ADMIN_NSID_ANY, list_controllers },
	{ NVME_IDENTIFY_PRIMARY_CONTROLLER_CAPABILITIES, ADMIN_NSID_ANY,
	  primary_capabilities },
	{ NVME_IDENTIFY_SECONDARY_CONTROLLER_LIST, ADMIN_NSID_ANY,
	  list_nothing },
	{ NVME_IDENTIFY_NAMESPACE_GRANULARITY_LIST, ADMIN_NSID_ANY,
	  identify_list_granularities },
	{ NVME_IDENTIFY_COMMAND_SET, ADMIN_NSID_ANY, list_command_sets },
};

enum nvme_status admin_identify(struct nvme_mi_request *q,
				struct admin_command *a, uint8_t *data)
{
	uint8_t cns = a->dword10 & NVME_IDENTIFY_CNS;
	enum nvme_status status;

	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]);
	     i++) {
		if (structures[i].cns != cns)
			continue;
		status = admin_check_nsid(q, a, structures[i].accepted);
		return status ? status : structures[i].build(q, a, data);
	}
	return admin_invalid(q, NVME_SUBMISSION_AT_DWORD10);
}
