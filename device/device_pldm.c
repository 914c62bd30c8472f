/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device_pldm.h"

#include "device/drive_fru.h"
#include "device/drive_platform.h"

#if DEVICE_PLDM

/* DSP0241 1.0, in BCD, for Get MCTP Version Support. */
static const uint32_t versions[] = { 0xf1f0f000 };

#if DEVICE_PLDM_FILE
static int add_file(struct device_pldm *p,
		    const struct device_pldm_config *config)
{
	p->has_file = config->file;
	if (!config->file)
		return ERR_OK;
	pldm_file_init(&p->file, config->mctp, config->log);
	if (config->hasher)
		pldm_file_set_hasher(&p->file, *config->hasher);
	return pldm_add(&p->responder, &pldm_file_table, &p->file);
}

static void start_file(struct device_pldm *p, uint8_t owner, uint32_t now_ms)
{
	if (p->has_file)
		pldm_file_start(&p->file, owner, now_ms);
}
#else
static int add_file(struct device_pldm *p,
		    const struct device_pldm_config *config)
{
	(void)p;
	(void)config;
	return ERR_OK;
}

static void start_file(struct device_pldm *p, uint8_t owner, uint32_t now_ms)
{
	(void)p;
	(void)owner;
	(void)now_ms;
}
#endif

#if DEVICE_PLDM_FRU
static int add_fru(struct device_pldm *p,
		   const struct device_pldm_config *config)
{
	p->fru = drive_fru_ops(config->drive);
	return pldm_add(&p->responder, &pldm_fru_commands, &p->fru);
}
#else
static int add_fru(struct device_pldm *p,
		   const struct device_pldm_config *config)
{
	(void)p;
	(void)config;
	return ERR_OK;
}
#endif

#if DEVICE_PLDM_MONITORING
static int add_platform(struct device_pldm *p,
			const struct device_pldm_config *config)
{
	struct pldm_platform_ops ops = drive_platform_ops(
		config->drive, config->uuid, DEVICE_PLDM_FRU);

	pldm_platform_init(&p->platform, config->mctp, &p->responder.base,
			   &ops);
	return pldm_add(&p->responder, &pldm_platform_table, &p->platform);
}
#else
static int add_platform(struct device_pldm *p,
			const struct device_pldm_config *config)
{
	(void)p;
	(void)config;
	return ERR_OK;
}
#endif

#if DEVICE_PLDM_FW
static int add_firmware(struct device_pldm *p,
			const struct device_pldm_config *config)
{
	device_firmware_init(&p->firmware, config->drive, config->mctp,
			     config->log, config->uuid);
	return pldm_add(&p->responder, &pldm_fw_table, &p->firmware.fw);
}
#else
static int add_firmware(struct device_pldm *p,
			const struct device_pldm_config *config)
{
	(void)p;
	(void)config;
	return ERR_OK;
}
#endif

int device_pldm_init(struct device_pldm *p,
		     const struct device_pldm_config *config)
{
	int err;

	/* A device that only fetches files has no type without the option. */
	p->on = config->file ||
		DEVICE_PLDM_FRU + DEVICE_PLDM_MONITORING + DEVICE_PLDM_FW;
	if (!p->on)
		return ERR_OK;
	err = pldm_init(&p->responder, config->mctp);
	if (!err)
		err = add_file(p, config);
	if (!err)
		err = add_platform(p, config);
	if (!err)
		err = add_fru(p, config);
	if (!err)
		err = add_firmware(p, config);
	return err ? err
		   : mctp_control_add_type(config->control, MCTP_TYPE_PLDM,
					   versions, 1);
}

void device_pldm_set_eid(struct device_pldm *p, uint8_t owner, uint32_t now_ms)
{
	if (p->on)
		start_file(p, owner, now_ms);
}

void device_pldm_poll(struct device_pldm *p, uint32_t now_ms)
{
	if (p->on)
		pldm_poll(&p->responder, now_ms);
}

void device_pldm_reset(struct device_pldm *p)
{
	if (p->on)
		pldm_reset(&p->responder);
}

#else /* no PLDM type is built in */

int device_pldm_init(struct device_pldm *p,
		     const struct device_pldm_config *config)
{
	(void)config;
	p->on = false;
	return ERR_OK;
}

void device_pldm_set_eid(struct device_pldm *p, uint8_t owner, uint32_t now_ms)
{
	(void)p;
	(void)owner;
	(void)now_ms;
}

void device_pldm_poll(struct device_pldm *p, uint32_t now_ms)
{
	(void)p;
	(void)now_ms;
}

void device_pldm_reset(struct device_pldm *p)
{
	(void)p;
}

#endif
