/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware update packages (DSP0267 clause 7): parser and writer. A package
 * has a header with the descriptors of the devices that it is for, and the
 * images of their components. The format revisions 1 to 4 belong to DSP0267
 * 1.0, 1.1, 1.2 and 1.3.
 *
 * The parser checks all lengths, offsets and checksums before it returns. The
 * parsed package refers to the bytes that it was read from.
 */
#ifndef TETHER_HOST_PLDM_PACKAGE_H
#define TETHER_HOST_PLDM_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pldm/fw_wire.h"

enum {
	PLDM_PACKAGE_RECORDS = 64,
	PLDM_PACKAGE_COMPONENTS = 256,
	PLDM_PACKAGE_REVISIONS = 4,
	PLDM_PACKAGE_UUID = 16,
	PLDM_PACKAGE_OPTION_FORCE = 0x0001,
	PLDM_PACKAGE_OPTION_STAMP = 0x0002, /* the comparison stamp counts */
	PLDM_PACKAGE_CONTINUE = 0x00000001, /* go on after a failed component */
	PLDM_PACKAGE_ERROR = 256,
};

/** A device that the package is for. */
struct pldm_package_record {
	uint32_t options;
	struct pldm_fw_string version; /* of the image set */
	uint8_t descriptors;
	const uint8_t *descriptor; /* encoded list */
	size_t descriptors_len;
	const uint8_t *components; /* bit map of the components */
	const uint8_t *data;	   /* package data for the device */
	uint16_t data_len;
};

struct pldm_package_component {
	uint16_t classification, identifier;
	uint32_t stamp;
	uint16_t options; /* PLDM_PACKAGE_OPTION_... */
	uint16_t methods; /* requested activation: enum pldm_fw_method */
	struct pldm_fw_string version;
	const uint8_t *image;
	uint32_t offset, size; /* of the image in the package */
};

struct pldm_package {
	uint8_t revision;
	uint16_t header_size;
	uint8_t date[PLDM_TIMESTAMP_SIZE];
	struct pldm_fw_string version;
	uint8_t records;
	uint8_t downstream; /* records of downstream devices, not used */
	uint16_t components;
	uint16_t bits; /* of a bit map of components */
	uint32_t header_crc;
	struct pldm_package_record record[PLDM_PACKAGE_RECORDS];
	struct pldm_package_component component[PLDM_PACKAGE_COMPONENTS];
};

/**
 * Parse a package. Negative: `error` (PLDM_PACKAGE_ERROR bytes) has a sentence
 * without a period. ERR_UNSUPPORTED: no package, or of another revision.
 * ERR_LENGTH: truncated. ERR_INTEGRITY: wrong checksum. ERR_FULL: more records
 * or components than this parser handles. ERR_INVALID: a field is wrong.
 */
int pldm_package_parse(struct pldm_package *p, const uint8_t *data, size_t len,
		       char *error);

/** Whether component n of the package is for the devices of the record. */
bool pldm_package_applies(const struct pldm_package *p,
			  const struct pldm_package_record *r, uint16_t n);

/** Find the record of a device: all descriptors of the record are among those
 * of the device. NULL: the package is not for this device. */
const struct pldm_package_record *
pldm_package_match(const struct pldm_package *p,
		   const struct pldm_fw_descriptor *device, uint8_t count);

/** A component to write. */
struct pldm_package_image {
	struct pldm_fw_component component; /* index is not written */
	uint32_t stamp;			    /* PLDM_FW_NO_STAMP: none */
	bool force;
	uint16_t methods;
	const char *version; /* 1 to 255 characters of ASCII */
	const uint8_t *data;
	uint32_t size; /* at least 1 */
};

/** A package to write: images for one kind of device. */
struct pldm_package_plan {
	uint8_t revision;    /* 1 to 4 */
	const char *version; /* of the package and of the image set */
	uint16_t year;	     /* release date */
	uint8_t month, day;
	const struct pldm_fw_descriptor *descriptor;
	uint8_t descriptors;
	const struct pldm_package_image *image;
	uint16_t images;
};

/** Write a package. Returns malloc()ed bytes and sets *len, or NULL if memory
 * or the 64 KiB of the header do not suffice, or if the plan is wrong. */
uint8_t *pldm_package_write(const struct pldm_package_plan *plan, size_t *len);

/** Name of a descriptor type, such as "pci_vendor"; NULL: not known. */
const char *pldm_package_descriptor_name(uint16_t type);

/** Decode the printable text of a version. UTF-16 and unprintable characters
 * become '?'. text has room for 256 bytes. */
void pldm_package_version_text(const struct pldm_fw_string *s, char text[256]);

/* --- private: parser and writer --- */

enum {
	/* revision of the format that has introduced ... */
	PLDM_PACKAGE_DOWNSTREAM_SINCE = 2, /* records of downstream devices */
	PLDM_PACKAGE_OPAQUE_SINCE = 3,	   /* opaque data of a component */
	PLDM_PACKAGE_MANIFEST_SINCE = 4,   /* manifests, and a checksum of the
					      images */
	PLDM_PACKAGE_CRC_SIZE = 4,
	PLDM_PACKAGE_FIXED = 36, /* header up to the version string */
};

/** Package header identifiers by format revision, DSP0267 table 3. */
extern const uint8_t pldm_package_identifiers[PLDM_PACKAGE_REVISIONS]
					     [PLDM_PACKAGE_UUID];

#endif
