/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include <stdio.h>
#include <string.h>

#include "mctp_serial/mctp_serial.h"

/* Versions for Get MCTP Version Support, in BCD. */
static const uint32_t nvme_mi_versions[] = { 0xf1f0ff00 }; /* DSP0235 */
static const uint32_t vendor_versions[] = { 0xf1f0ff00 };

static void eid_set(void *ctx, uint8_t eid, uint8_t owner)
{
	struct device *d = ctx;

	if (eid != d->eid)
		log_write(&d->log, LOG_LEVEL_INFO,
			  "EID %u set by EID %u, was %u", eid, owner, d->eid);
	d->eid = eid;
	device_pldm_set_eid(&d->pldm, owner, d->now_ms);
}

/* The largest packet of the binding. */
static uint16_t largest_packet(const struct device_config *config)
{
	if (config->serial)
		return MCTP_SERIAL_MTU;
	return config->dsp0283 == MCTP_USB_1_1 ? MCTP_USB_MTU_1_1
					       : MCTP_USB_MTU_1_0;
}

/* Allow transmission units up to the packet size of the binding. */
static void set_transmission_units(struct drive *s, uint16_t mtu)
{
	for (uint8_t i = 0; i < s->ports; i++)
		s->port[i].unit_max = (uint16_t)(mtu - MCTP_HEADER_SIZE);
}

static int add_nvme_mi(struct device *d, const struct device_config *config)
{
	int err;

	if (config->model)
		d->drive = *config->model;
	else
		drive_init_default(&d->drive);
	set_transmission_units(&d->drive, largest_packet(config));
	drive_start(&d->drive);
	err = nvme_mi_init(&d->nvme_mi, &d->mctp, &d->drive);
	return err ? err
		   : mctp_control_add_type(&d->control, MCTP_TYPE_NVME_MI,
					   nvme_mi_versions, 1);
}

static int add_pldm(struct device *d, const struct device_config *config)
{
	const struct device_pldm_config pldm = {
		.mctp = &d->mctp,
		.control = &d->control,
		.log = &d->log,
		.drive = &d->drive,
		.uuid = d->uuid,
		.file = config->pldm_file,
		.hasher = config->hasher,
	};

	return device_pldm_init(&d->pldm, &pldm);
}

static int add_services(struct device *d, const struct device_config *config)
{
	int err = mctp_control_init(&d->control, &d->mctp, d->uuid);

	if (err)
		return err;
	d->control.eid_set = eid_set;
	d->control.ctx = d;
	if (DEVICE_NVME_MI)
		err = add_nvme_mi(d, config);
	if (!err)
		err = add_pldm(d, config);
	if (!err)
		err = vendor_init(&d->vendor, &d->mctp, config->echo,
				  config->bench);
	if (err || (!config->echo && !config->bench))
		return err;
	err = mctp_control_add_type(&d->control, MCTP_TYPE_VENDOR_PCI,
				    vendor_versions, 1);
	if (!err)
		err = mctp_control_add_vendor(&d->control, VENDOR_PCI_ID, 0);
	return err;
}

int device_init(struct device *d, const struct device_config *config)
{
	char text[UUID_TEXT];
	int err;

	d->now_ms = 0;
	d->eid = MCTP_EID_NULL;
	d->was_attached = false;
	log_init(&d->log, config->log_level);
	uuid_from_device_id(config->device_id, d->uuid);
	for (int i = 0; i < DEVICE_SERIAL / 2; i++)
		snprintf(d->serial + (ptrdiff_t)2 * i, 3, "%02x", d->uuid[i]);
	uuid_format(d->uuid, text);
	log_write(&d->log, LOG_LEVEL_INFO, "usbnvme %s %s, device %s",
		  config->version, config->git, text);
	mctp_init(&d->mctp);
	mctp_usb_init(&d->usb, &d->mctp, config->dsp0283);
	mctp_usb_set_packing(&d->usb, config->packing);
	err = add_services(d, config);
	d->save = config->save;
	d->save_ctx = config->save_ctx;
	d->saved = d->drive.state_version;
	if (!err && !config->serial)
		log_write(&d->log, LOG_LEVEL_INFO, "USB waiting for a host");
	return err;
}

void device_set_time(struct device *d, uint32_t now_ms)
{
	d->now_ms = now_ms;
	log_set_time(&d->log, now_ms);
}

void device_rx(struct device *d, const uint8_t *data, size_t len, bool end)
{
	mctp_usb_rx(&d->usb, data, len, end, d->now_ms);
}

void device_prepare_tx(struct device *d)
{
	vendor_poll(&d->vendor);
	if (d->save && d->drive.state_version != d->saved) {
		d->saved = d->drive.state_version;
		d->save(d->save_ctx);
	}
}

size_t device_tx(struct device *d, uint8_t *transfer, size_t cap)
{
	device_prepare_tx(d);
	return mctp_usb_poll(&d->usb, transfer, cap);
}

void device_poll(struct device *d)
{
	device_pldm_poll(&d->pldm, d->now_ms);
	mctp_poll(&d->mctp, d->now_ms);
	if (DEVICE_NVME_MI)
		nvme_mi_poll(&d->nvme_mi, d->now_ms);
}

void device_attached(struct device *d, const char *speed)
{
	/* Each host program that claims the device attaches it again, so at
	 * level info only the first time is news. */
	log_write(&d->log, d->was_attached ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		  "USB attached, %s", speed);
	d->was_attached = true;
	(void)mctp_control_attached(&d->control, d->now_ms);
}

void device_detached(struct device *d)
{
	log_write(&d->log, LOG_LEVEL_DEBUG, "USB detached");
}

void device_reset(struct device *d)
{
	mctp_usb_reset(&d->usb);
	vendor_reset(&d->vendor);
	mctp_control_reset(&d->control);
	device_pldm_reset(&d->pldm);
	mctp_reset(&d->mctp);
	if (DEVICE_NVME_MI)
		nvme_mi_reset(&d->nvme_mi);
}
