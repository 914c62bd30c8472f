/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm package: makes and checks firmware update packages (DSP0267). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/sha256.h"
#include "cli/cli.h"
#include "cli/device/image.h"
#include "cli/device/pldm_report.h"
#include "cli/verbs.h"
#include "host/pldm_package.h"
#include "posix/atomic_file.h"
#include "posix/checksum_cpu.h"

enum {
	PACKAGE_MIB = 1024,
	IMAGE_MAX_MIB = 256,
	VERSION_TEXT = 256,
	IMAGES = 32,
	DESCRIPTORS = 6,
	VALUE = 16,
	MODE = 0644,
};

/* --- check --- */

static void hash_image(const struct pldm_package_component *k,
		       char text[PLDM_REPORT_HASH])
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 h;

	sha256_init(&h);
	sha256_update(&h, k->image, k->size);
	sha256_final(&h, digest);
	pldm_report_format_hash(digest, text);
}

static void format_bytes(const struct pldm_fw_descriptor *d,
			 char text[2 * 64 + 1])
{
	text[0] = '\0';
	for (size_t i = 0; i < d->len && i < 64; i++)
		snprintf(text + 2 * i, 3, "%02x", d->data[i]);
}

static struct json_object *record_json(const struct pldm_package *p,
				       const struct pldm_package_record *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *ids = json_object_new_array();
	struct json_object *list = json_object_new_array();
	struct rd in = rd_init(r->descriptor, r->descriptors_len);
	struct pldm_fw_descriptor d;
	char text[VERSION_TEXT];

	pldm_package_version_text(&r->version, text);
	cli_add_text(o, "version", text);
	for (uint8_t i = 0; i < r->descriptors; i++) {
		struct json_object *id = json_object_new_object();
		const char *name;
		char bytes[2 * 64 + 1];

		if (pldm_fw_read_descriptor(&in, &d))
			break;
		name = pldm_package_descriptor_name(d.type);
		format_bytes(&d, bytes);
		cli_add_hex(id, "type", d.type, 4);
		cli_add_text(id, "name", name ? name : "unknown");
		cli_add_text(id, "bytes", bytes);
		json_object_array_add(ids, id);
	}
	json_object_object_add(o, "descriptors", ids);
	for (uint16_t n = 0; n < p->components; n++)
		if (pldm_package_applies(p, r, n))
			json_object_array_add(list, json_object_new_int(n));
	json_object_object_add(o, "components", list);
	return o;
}

static struct json_object *
component_json(const struct pldm_package_component *k)
{
	struct json_object *o = json_object_new_object();
	char text[VERSION_TEXT], hash[PLDM_REPORT_HASH];

	cli_add_hex(o, "classification", k->classification, 4);
	cli_add_hex(o, "identifier", k->identifier, 4);
	pldm_package_version_text(&k->version, text);
	cli_add_text(o, "version", text);
	if (k->options & PLDM_PACKAGE_OPTION_STAMP)
		cli_add_hex(o, "stamp", k->stamp, 8);
	cli_add_bool(o, "force", k->options & PLDM_PACKAGE_OPTION_FORCE);
	cli_add_number(o, "offset", k->offset);
	cli_add_number(o, "size", k->size);
	hash_image(k, hash);
	cli_add_text(o, "sha256", hash);
	return o;
}

static void print_json(const struct pldm_package *p)
{
	struct json_object *o = json_object_new_object();
	struct json_object *records = json_object_new_array();
	struct json_object *components = json_object_new_array();
	char text[VERSION_TEXT];

	cli_add_number(o, "revision", p->revision);
	pldm_package_version_text(&p->version, text);
	cli_add_text(o, "version", text);
	cli_add_number(o, "header_size", p->header_size);
	cli_add_hex(o, "header_crc32", p->header_crc, 8);
	for (uint8_t i = 0; i < p->records; i++)
		json_object_array_add(records, record_json(p, &p->record[i]));
	json_object_object_add(o, "devices", records);
	cli_add_number(o, "downstream_devices", p->downstream);
	for (uint16_t i = 0; i < p->components; i++)
		json_object_array_add(components,
				      component_json(&p->component[i]));
	json_object_object_add(o, "components", components);
	cli_print_json(o);
}

static void print_record(const struct pldm_package_record *r)
{
	struct rd in = rd_init(r->descriptor, r->descriptors_len);
	struct pldm_fw_descriptor d;

	puts("for a device with");
	for (uint8_t i = 0; i < r->descriptors; i++) {
		const char *name;
		char bytes[2 * 64 + 1];

		if (pldm_fw_read_descriptor(&in, &d))
			break;
		name = pldm_package_descriptor_name(d.type);
		format_bytes(&d, bytes);
		printf("  %04x %-20s %s\n", d.type, name ? name : "", bytes);
	}
}

static void print_text(const struct pldm_package *p)
{
	char text[VERSION_TEXT], hash[PLDM_REPORT_HASH];

	pldm_package_version_text(&p->version, text);
	printf("package %s, format revision %u, CRC-32 %08" PRIx32 "\n", text,
	       p->revision, p->header_crc);
	for (uint8_t i = 0; i < p->records; i++)
		print_record(&p->record[i]);
	for (uint16_t i = 0; i < p->components; i++) {
		const struct pldm_package_component *k = &p->component[i];

		pldm_package_version_text(&k->version, text);
		hash_image(k, hash);
		printf("component %u: %04x/%04x, version %s, %" PRIu32
		       " bytes\n  SHA-256 %s\n",
		       i, k->classification, k->identifier, text, k->size,
		       hash);
	}
}

static int run_check(struct cli *c)
{
	static struct pldm_package package;
	char error[PLDM_PACKAGE_ERROR];
	uint8_t *data;
	size_t len = 0;
	int status = image_read(c, c->argument[0], PACKAGE_MIB, &data, &len);

	if (status)
		return status;
	checksum_cpu_enable();
	if (pldm_package_parse(&package, data, len, error))
		status = cli_fail(c, "%s is not a valid package: %s",
				  c->argument[0], error);
	else if (c->json)
		print_json(&package);
	else
		print_text(&package);
	free(data);
	return status;
}

/* --- make --- */

struct work {
	struct cli *cli;
	struct pldm_package_plan plan;
	struct pldm_fw_descriptor descriptor[DESCRIPTORS];
	uint8_t value[DESCRIPTORS][VALUE];
	struct pldm_package_image image[IMAGES];
	uint8_t *data[IMAGES];
};

/* Add the descriptor of an option, if it is given. Numbers are little endian.
 * len 0: the option is a list of bytes. */
static void add_descriptor(struct work *w, const char *option, uint16_t type,
			   uint8_t len)
{
	uint8_t n = w->plan.descriptors;
	struct wr out = wr_init(w->value[n], VALUE);

	if (!cli_option_given(w->cli, option))
		return;
	if (len)
		wr_le(&out, cli_option_number(w->cli, option), len);
	else
		len = (uint8_t)cli_option_bytes(w->cli, option, w->value[n]);
	w->descriptor[n] =
		(struct pldm_fw_descriptor){ type, len, w->value[n] };
	w->plan.descriptors++;
}

static int describe_device(struct work *w)
{
	add_descriptor(w, "pci-vendor", PLDM_FW_PCI_VENDOR, 2);
	add_descriptor(w, "iana", PLDM_FW_IANA_ENTERPRISE, 4);
	add_descriptor(w, "uuid", PLDM_FW_UUID, 0);
	add_descriptor(w, "pci-device", PLDM_FW_PCI_DEVICE, 2);
	add_descriptor(w, "pci-subvendor", PLDM_FW_PCI_SUBSYSTEM_VENDOR, 2);
	add_descriptor(w, "pci-subdevice", PLDM_FW_PCI_SUBSYSTEM, 2);
	w->plan.descriptor = w->descriptor;
	if (w->plan.descriptors && w->descriptor[0].type <= PLDM_FW_UUID)
		return EXIT_OK;
	return cli_fail_usage(w->cli,
			      "give --pci-vendor, --iana or --uuid, so that "
			      "the package names its devices");
}

/* The release date: today, or SOURCE_DATE_EPOCH for reproducible builds. */
static void set_date(struct work *w)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	struct tm t;

	if (!gmtime_r(&now, &t))
		return;
	w->plan.year = (uint16_t)(t.tm_year + 1900);
	w->plan.month = (uint8_t)(t.tm_mon + 1);
	w->plan.day = (uint8_t)t.tm_mday;
}

static int read_images(struct work *w)
{
	struct cli *c = w->cli;
	uint64_t first = cli_option_number(c, "identifier");
	uint16_t count = (uint16_t)(c->arguments - 1);

	for (uint16_t i = 0; i < count; i++) {
		size_t len = 0;
		int status = image_read(c, c->argument[1 + i], IMAGE_MAX_MIB,
					&w->data[i], &len);

		if (status)
			return status;
		w->image[i] = (struct pldm_package_image){
			.component = { (uint16_t)cli_option_number(
					       c, "classification"),
				       (uint16_t)(first + i), 0 },
			.stamp = cli_option_given(c, "stamp")
					 ? (uint32_t)cli_option_number(c,
								       "stamp")
					 : PLDM_FW_NO_STAMP,
			.force = cli_option_given(c, "force"),
			.version = cli_option_text(c, "fw-version"),
			.data = w->data[i],
			.size = (uint32_t)len,
		};
	}
	w->plan.image = w->image;
	w->plan.images = count;
	return EXIT_OK;
}

static int write_package(struct work *w)
{
	struct cli *c = w->cli;
	const char *path = c->argument[0];
	size_t len = 0;
	uint8_t *data = pldm_package_write(&w->plan, &len);
	int err;

	if (!data)
		return cli_fail(c, "cannot make a package: the version must "
				   "have 1 to 255 printable ASCII characters, "
				   "and the images less than 4 GiB");
	err = atomic_file_write(path, MODE, data, len);
	free(data);
	if (err)
		return cli_fail(c, "cannot write %s: %s", path,
				strerror(errno));
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_text(o, "package", path);
		cli_add_number(o, "size", len);
		cli_add_number(o, "components", w->plan.images);
		cli_print_json(o);
	} else {
		printf("%s: %zu bytes, %u components\n", path, len,
		       w->plan.images);
	}
	return EXIT_OK;
}

static int run_make(struct cli *c)
{
	struct work *w = calloc(1, sizeof(*w));
	int status;

	if (!w)
		return cli_fail(c, "out of memory");
	checksum_cpu_enable();
	w->cli = c;
	w->plan.revision = (uint8_t)cli_option_number(c, "revision");
	w->plan.version = cli_option_text(c, "fw-version");
	set_date(w);
	if (!w->plan.version)
		status = cli_fail_usage(c,
					"give the --fw-version of the images");
	else
		status = describe_device(w);
	if (!status)
		status = read_images(w);
	if (!status)
		status = write_package(w);
	for (int i = 0; i < IMAGES; i++)
		free(w->data[i]);
	free(w);
	return status;
}

static const struct cli_option options[] = {
	{ "fw-version", 0, "TEXT",
	  "make: Version of the package and its images", CLI_TEXT },
	{ "pci-vendor", 0, "HEX", "make: PCI vendor id of the device", CLI_HEX,
	  .max = UINT16_MAX },
	{ "pci-device", 0, "HEX", "make: PCI device id", CLI_HEX,
	  .max = UINT16_MAX },
	{ "pci-subvendor", 0, "HEX", "make: PCI subsystem vendor id", CLI_HEX,
	  .max = UINT16_MAX },
	{ "pci-subdevice", 0, "HEX", "make: PCI subsystem id", CLI_HEX,
	  .max = UINT16_MAX },
	{ "iana", 0, "N", "make: IANA enterprise number", CLI_NUMBER,
	  .max = UINT32_MAX },
	{ "uuid", 0, "HEX", "make: UUID of the device", CLI_BYTES, .min = VALUE,
	  .max = VALUE },
	{ "identifier", 0, "N", "make: Identifier of the first component",
	  CLI_NUMBER, .max = UINT16_MAX - IMAGES, .default_value = "1" },
	{ "classification", 0, "N", "make: Classification of the components",
	  CLI_NUMBER, .max = UINT16_MAX, .default_value = "10" },
	{ "stamp", 0, "N", "make: Comparison stamp of the components",
	  CLI_NUMBER, .max = UINT32_MAX - 1 },
	{ "force", 0, NULL, "make: Replace also the same or a newer version" },
	{ "revision", 0, "N", "make: Format: 1 for DSP0267 1.0, 4 for 1.3",
	  CLI_NUMBER, .min = 1, .max = PLDM_PACKAGE_REVISIONS,
	  .default_value = "1" },
	{ 0 },
};

static const struct cli_option make_arguments[] = {
	{ "PACKAGE", .help = "Package to write", .type = CLI_FILE },
	{ "IMAGE", .help = "Image of a component", .type = CLI_FILE },
	{ 0 },
};

static const struct cli_option check_arguments[] = {
	{ "PACKAGE", .help = "Firmware update package", .type = CLI_FILE },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "make", make_arguments, 2, 1 + IMAGES, run_make,
	  "Write a package of images for a device" },
	{ "check", check_arguments, 1, 1, run_check,
	  "Check a package, and show its content" },
	{ 0 },
};

const struct cli_verb device_pldm_package_verb = {
	.group = "pldm",
	.name = "package",
	.synopsis = "make PACKAGE IMAGE... | check PACKAGE",
	.help = "Make and check firmware update packages",
	.text = "make needs --fw-version and an id of the device, such as "
		"--pci-vendor.\nA package is for devices that have all ids "
		"given. `tether pldm inventory`\nshows the ids of a device.",
	.examples = "tether pldm package make fw.pldm drive.bin --fw-version 2 "
		    "--iana 9\n"
		    "tether pldm package check fw.pldm\n",
	.options = options,
	.words = words,
	.min_arguments = 2,
};
