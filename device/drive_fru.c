/* SPDX-License-Identifier: Apache-2.0 */
#include "device/drive_fru.h"

#include "nvme_mi/vpd.h"

static void list_fru_records(void *ctx, struct pldm_fru_table *table)
{
	static const enum pldm_fru_field names[VPD_FIELDS] = {
		[VPD_MANUFACTURER] = PLDM_FRU_MANUFACTURER,
		[VPD_PRODUCT] = PLDM_FRU_NAME,
		[VPD_PART_NUMBER] = PLDM_FRU_PART_NUMBER,
		[VPD_VERSION] = PLDM_FRU_FIELD_VERSION,
		[VPD_SERIAL] = PLDM_FRU_SERIAL_NUMBER,
		[VPD_ASSET_TAG] = PLDM_FRU_ASSET_TAG,
	};
	const struct drive *d = ctx;
	uint8_t image[DRIVE_VPD_SIZE];
	struct vpd_text fields[VPD_FIELDS];

	vpd_read(d, image);
	if (vpd_read_product(image, fields)) {
		vpd_build(d, image);
		(void)vpd_read_product(image, fields);
	}
	pldm_fru_begin(table, DRIVE_FRU_SET);
	/* The area's part number is the model number (NVMe-MI 8.2.2). */
	pldm_fru_add(table, PLDM_FRU_MODEL, fields[VPD_PART_NUMBER].text,
		     fields[VPD_PART_NUMBER].len);
	for (int i = 0; i < VPD_FIELDS; i++)
		pldm_fru_add(table, names[i], fields[i].text, fields[i].len);
}

struct pldm_fru_ops drive_fru_ops(struct drive *d)
{
	return (struct pldm_fru_ops){ .list = list_fru_records, .ctx = d };
}
