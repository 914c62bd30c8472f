/* SPDX-License-Identifier: Apache-2.0 */
#include "device/firmware.h"

#include <string.h>

#include "base/err.h"

/* --- description --- */

static struct pldm_fw_string make_string(const char *text, size_t len)
{
	while (len && text[len - 1] == ' ')
		len--;
	return (struct pldm_fw_string){
		.type = len ? PLDM_FW_STRING_ASCII : PLDM_FW_STRING_UNKNOWN,
		.len = (uint8_t)len,
		.text = (const uint8_t *)text,
	};
}

static void describe_slot(const struct drive *d, uint8_t slot,
			  struct pldm_fw_version *v)
{
	const struct drive_firmware_image *i = drive_firmware_slot(d, slot);

	if (!i)
		return;
	v->stamp = i->stamp;
	v->text = i->label[0] ? make_string(i->label, strlen(i->label))
			      : make_string(i->revision, strlen(i->revision));
}

static uint8_t count(void *ctx)
{
	(void)ctx;
	return 1;
}

static void describe(void *ctx, uint8_t n, struct pldm_fw_parameters *p)
{
	const struct device_firmware *f = ctx;
	const struct drive_firmware *w = &f->drive->firmware;
	uint8_t pending = w->next;

	(void)n;
	p->component.classification = PLDM_FW_CLASS_FIRMWARE;
	p->component.identifier = DEVICE_FIRMWARE_COMPONENT;
	p->methods =
		PLDM_FW_METHOD_SELF_CONTAINED | PLDM_FW_METHOD_MEDIUM_RESET |
		PLDM_FW_METHOD_DC_POWER_CYCLE | PLDM_FW_METHOD_AC_POWER_CYCLE;
	/* Firmware Commit may have replaced the image in the active slot. */
	if (w->replaced)
		p->active.text = make_string(w->running, strlen(w->running));
	else
		describe_slot(f->drive, w->active, &p->active);
	if (!pending && w->replaced)
		pending = w->active;
	if (!pending)
		pending = f->slot;
	if (pending)
		describe_slot(f->drive, pending, &p->pending);
}

/* --- receiving an image --- */

/* Keep the version of the offer if it is text that fits. */
static void keep_label(struct device_firmware *f,
		       const struct pldm_fw_string *version)
{
	memset(f->label, 0, sizeof(f->label));
	if ((version->type != PLDM_FW_STRING_ASCII &&
	     version->type != PLDM_FW_STRING_UTF8) ||
	    version->len >= sizeof(f->label))
		return;
	for (uint8_t i = 0; i < version->len; i++)
		if (version->text[i] < ' ' || version->text[i] > '~')
			return;
	memcpy(f->label, version->text, version->len);
}

static uint8_t offer(void *ctx, uint8_t n, const struct pldm_fw_offer *o,
		     bool start)
{
	struct device_firmware *f = ctx;

	(void)n;
	if (!drive_firmware_target(f->drive))
		return PLDM_FW_PREREQUISITES_NOT_MET;
	if (o->size > DEVICE_FIRMWARE_MAX)
		return PLDM_FW_TOO_LARGE;
	if (!start)
		return PLDM_FW_CAN_UPDATE;
	f->size = o->size;
	f->stamp = o->stamp == PLDM_FW_NO_STAMP ? 0 : o->stamp;
	keep_label(f, &o->version);
	drive_firmware_discard(f->drive);
	return PLDM_FW_CAN_UPDATE;
}

static uint8_t write(void *ctx, uint32_t offset, const uint8_t *data,
		     uint32_t len)
{
	struct device_firmware *f = ctx;

	return drive_firmware_download(f->drive, offset, data, len)
		       ? PLDM_FW_TRANSFER_STORAGE_ERROR
		       : PLDM_FW_RESULT_SUCCESS;
}

/* A host may have used Firmware Image Download meanwhile. */
static int verify(void *ctx, uint8_t *percent)
{
	const struct device_firmware *f = ctx;

	(void)percent;
	return drive_firmware_downloaded(f->drive) == f->size
		       ? PLDM_FW_RESULT_SUCCESS
		       : PLDM_FW_VERIFY_INCOMPLETE;
}

/* --- storing and activation --- */

static void add_event(struct drive *d, enum drive_firmware_action action,
		      uint8_t slot, const char *before, const char *revision)
{
	struct drive_event e = { .type = DRIVE_EVENT_FIRMWARE_COMMIT };

	e.firmware_commit.action = (uint8_t)action;
	e.firmware_commit.slot = slot;
	memcpy(e.firmware_commit.before, before, DRIVE_REVISION_SIZE);
	if (revision)
		memcpy(e.firmware_commit.revision, revision,
		       DRIVE_REVISION_SIZE);
	drive_event_log_add(d, &e);
}

static int apply(void *ctx, uint8_t *percent, uint16_t *methods)
{
	struct device_firmware *f = ctx;
	struct drive *d = f->drive;
	uint8_t slot = drive_firmware_target(d);
	struct drive_firmware_image *image;

	(void)percent;
	(void)methods;
	if (drive_firmware_commit(d, DRIVE_FIRMWARE_STORE, slot))
		return PLDM_FW_APPLY_MEMORY_ERROR;
	image = &d->firmware.slot[slot - 1];
	memcpy(image->label, f->label, sizeof(image->label));
	image->stamp = f->stamp;
	add_event(d, DRIVE_FIRMWARE_STORE, slot, d->firmware.running, NULL);
	f->slot = slot;
	return PLDM_FW_RESULT_SUCCESS;
}

static uint8_t activate(void *ctx, bool self_contained, uint16_t *seconds)
{
	struct device_firmware *f = ctx;
	struct drive *d = f->drive;
	enum drive_firmware_action action =
		self_contained ? DRIVE_FIRMWARE_ACTIVATE_NOW
			       : DRIVE_FIRMWARE_ACTIVATE_AT_RESET;
	struct drive_activation a = { .slot = f->slot,
				      .action = (uint8_t)action };

	*seconds = 0;
	if (!drive_firmware_slot(d, f->slot))
		return PLDM_FW_INCOMPLETE_UPDATE;
	memcpy(a.before, d->firmware.running, sizeof(a.before));
	memcpy(a.after, d->firmware.slot[f->slot - 1].revision,
	       sizeof(a.after));
	/* A partial download of a host would be committed instead. */
	drive_firmware_discard(d);
	if (drive_firmware_commit(d, action, f->slot))
		return PLDM_ERROR;
	add_event(d, action, f->slot, a.before, a.after);
	if (self_contained)
		drive_firmware_log_activation(d, &a);
	f->slot = 0;
	return PLDM_SUCCESS;
}

static void cancel(void *ctx)
{
	const struct device_firmware *f = ctx;

	drive_firmware_discard(f->drive);
}

static const struct pldm_fw_ops ops = {
	.count = count,
	.describe = describe,
	.offer = offer,
	.write = write,
	.verify = verify,
	.apply = apply,
	.activate = activate,
	.cancel = cancel,
};

/* --- set-up --- */

static void add_descriptor(struct device_firmware *f, uint8_t n, uint16_t type,
			   const uint8_t *data, size_t len)
{
	f->descriptor[n] =
		(struct pldm_fw_descriptor){ type, (uint16_t)len, data };
}

/* DSP0267 table 7: the first descriptor is of an initial type. */
static void describe_device(struct device_firmware *f, const uint8_t *uuid)
{
	static const uint16_t types[] = { PLDM_FW_PCI_VENDOR,
					  PLDM_FW_PCI_DEVICE,
					  PLDM_FW_PCI_SUBSYSTEM_VENDOR,
					  PLDM_FW_PCI_SUBSYSTEM };
	const struct drive_identity *i = &f->drive->identity;
	const uint16_t ids[] = { i->pci_vendor, i->pci_device, i->pci_subvendor,
				 i->pci_subdevice };
	struct wr w = wr_init(f->iana, sizeof(f->iana));

	for (uint8_t n = 0; n < 4; n++) {
		struct wr id = wr_init(f->ids[n], sizeof(f->ids[n]));

		wr_le16(&id, ids[n]);
		add_descriptor(f, n, types[n], f->ids[n], sizeof(f->ids[n]));
	}
	wr_le32(&w, DEVICE_FIRMWARE_IANA);
	add_descriptor(f, 4, PLDM_FW_IANA_ENTERPRISE, f->iana, sizeof(f->iana));
	memcpy(f->uuid, uuid, sizeof(f->uuid));
	add_descriptor(f, 5, PLDM_FW_UUID, f->uuid, sizeof(f->uuid));
}

void device_firmware_init(struct device_firmware *f, struct drive *d,
			  struct mctp *m, struct log *log, const uint8_t *uuid)
{
	struct pldm_fw_config config = {
		.ops = &ops,
		.ctx = f,
		.descriptor = f->descriptor,
		.descriptors = DEVICE_FIRMWARE_DESCRIPTORS,
	};

	f->drive = d;
	f->slot = 0;
	describe_device(f, uuid);
	pldm_fw_init(&f->fw, m, log, &config);
}
