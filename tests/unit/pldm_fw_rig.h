/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test rig of the firmware device: a storage in memory that checks the calls
 * of the device. The tests decide the results.
 */
#ifndef TETHER_TESTS_UNIT_PLDM_FW_RIG_H
#define TETHER_TESTS_UNIT_PLDM_FW_RIG_H

#include "cm.h"

#include <string.h>

#include "pldm/fw_device.h"

enum { STORE_IMAGE = 1 << 20, STORE_COMPONENTS = 2 };

/** The storage. Component n has the identifier 0x0101 + n. */
static struct store {
	char active[STORE_COMPONENTS][8], pending[STORE_COMPONENTS][8];
	uint32_t stamp;
	uint8_t offered; /* response to offers */
	uint8_t write_result;
	int verify_result, apply_result;
	int pending_calls; /* PLDM_FW_PENDING before each result */
	uint16_t methods;
	uint8_t activate_code;
	int activation_result;
	/* what the device did */
	bool receiving;
	uint8_t number;
	uint32_t size, received;
	int verified, applied, activated, cancelled, calls;
	bool self_contained;
	char version[8];
	uint8_t image[STORE_IMAGE];
} store;

static inline uint8_t store_count(void *ctx)
{
	assert_ptr_equal(ctx, &store);
	return STORE_COMPONENTS;
}

static inline struct pldm_fw_string store_text(const char *text)
{
	return (struct pldm_fw_string){
		.type = *text ? PLDM_FW_STRING_ASCII : PLDM_FW_STRING_UNKNOWN,
		.len = (uint8_t)strlen(text),
		.text = (const uint8_t *)text,
	};
}

static inline void store_describe(void *ctx, uint8_t n,
				  struct pldm_fw_parameters *p)
{
	(void)ctx;
	assert_in_range(n, 0, STORE_COMPONENTS - 1);
	p->component.classification = PLDM_FW_CLASS_FIRMWARE;
	p->component.identifier = (uint16_t)(0x0101 + n);
	p->active.stamp = store.stamp;
	p->active.text = store_text(store.active[n]);
	p->pending.text = store_text(store.pending[n]);
	p->methods =
		PLDM_FW_METHOD_SELF_CONTAINED | PLDM_FW_METHOD_MEDIUM_RESET;
}

static inline uint8_t store_offer(void *ctx, uint8_t n,
				  const struct pldm_fw_offer *o, bool start)
{
	(void)ctx;
	assert_false(store.receiving);
	if (store.offered || !start)
		return store.offered;
	store.receiving = true;
	store.number = n;
	store.size = o->size;
	store.received = 0;
	assert_in_range(o->version.len, 1, sizeof(store.version) - 1);
	memset(store.version, 0, sizeof(store.version));
	memcpy(store.version, o->version.text, o->version.len);
	store.calls = store.pending_calls;
	return PLDM_FW_CAN_UPDATE;
}

static inline uint8_t store_write(void *ctx, uint32_t offset,
				  const uint8_t *data, uint32_t len)
{
	(void)ctx;
	assert_true(store.receiving && offset == store.received);
	assert_true(len && len <= store.size - offset);
	memcpy(store.image + offset, data, len);
	store.received += len;
	return store.write_result;
}

static inline int store_step(uint8_t *percent, int result)
{
	assert_true(store.receiving && store.received == store.size);
	if (store.calls-- > 0) {
		*percent = 50;
		return PLDM_FW_PENDING;
	}
	store.calls = store.pending_calls;
	return result;
}

static inline int store_verify(void *ctx, uint8_t *percent)
{
	int result = store_step(percent, store.verify_result);

	(void)ctx;
	store.verified += result == 0;
	return result;
}

static inline int store_apply(void *ctx, uint8_t *percent, uint16_t *methods)
{
	int result = store_step(percent, store.apply_result);

	(void)ctx;
	*methods = store.methods;
	if (result && result != PLDM_FW_APPLY_OTHER_METHODS)
		return result;
	store.applied++;
	store.receiving = false;
	memcpy(store.pending[store.number], store.version,
	       sizeof(store.version));
	return result;
}

static inline uint8_t store_activate(void *ctx, bool self_contained,
				     uint16_t *seconds)
{
	(void)ctx;
	assert_false(store.receiving);
	store.self_contained = self_contained;
	*seconds = 3;
	store.calls = store.pending_calls;
	return store.activate_code;
}

static inline int store_activation(void *ctx, uint8_t *percent)
{
	(void)ctx;
	if (store.calls-- > 0) {
		*percent = 10;
		return PLDM_FW_PENDING;
	}
	store.activated++;
	for (int n = 0; !store.activation_result && n < STORE_COMPONENTS; n++)
		if (store.pending[n][0]) {
			memcpy(store.active[n], store.pending[n],
			       sizeof(store.active[n]));
			store.pending[n][0] = '\0';
		}
	return store.activation_result;
}

static inline void store_cancel(void *ctx)
{
	(void)ctx;
	assert_true(store.receiving);
	store.receiving = false;
	store.cancelled++;
}

static inline void store_reset(void)
{
	memset(&store, 0, offsetof(struct store, image));
	memcpy(store.active[0], "1.0", 4);
	memcpy(store.active[1], "2.0", 4);
	store.stamp = 5;
}

static const struct pldm_fw_ops store_ops = {
	.count = store_count,
	.describe = store_describe,
	.offer = store_offer,
	.write = store_write,
	.verify = store_verify,
	.apply = store_apply,
	.activate = store_activate,
	.activation = store_activation,
	.cancel = store_cancel,
};

static const struct pldm_fw_descriptor store_descriptor[] = {
	{ PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\xde\xcc" },
	{ PLDM_FW_PCI_DEVICE, 2, (const uint8_t *)"\x34\x12" },
};

static const struct pldm_fw_config store_config = {
	.ops = &store_ops,
	.ctx = &store,
	.descriptor = store_descriptor,
	.descriptors = 2,
};

#endif
