/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the parsers for data of boards and for files of the user: the key
 * exchange offer of an SSH server, an ssh configuration file with and without
 * tether's block, and USB descriptors with the rules of tether inspect. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board/sshoffer.h"
#include "cli/board/usbrules.h"
#include "cli/board/userfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* cli/main.c defines this variable. This target replaces main.c. */
extern volatile sig_atomic_t cli_interrupted;
volatile sig_atomic_t cli_interrupted;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_printable(const char *s)
{
	for (; *s; s++)
		expect(*s > ' ' && *s <= '~');
}

static void fuzz_offer(const uint8_t *data, size_t size)
{
	static struct sshoffer o;

	snprintf(o.version, sizeof(o.version), "%.*s", (int)size,
		 (const char *)data);
	(void)sshoffer_dropbear_before(&o, 2020, 79);
	if (!sshoffer_parse(&o, data, size))
		return;
	(void)sshoffer_old_keys(&o);
	check_printable(o.kex);
	check_printable(o.host_key);
	check_printable(o.cipher);
	check_printable(o.mac);
	expect(sshoffer_common(o.kex, o.kex) ||
	       o.kex[strspn(o.kex, ",")] == '\0' || strlen(o.kex) >= 127);
}

/* Insert, replace and remove the block: all other bytes must stay. */
static void fuzz_file(const uint8_t *data, size_t size)
{
	static const char block[] = "# >>> tether b >>>\nHost b\n"
				    "# <<< tether b <<<\n";
	struct text t = { 0 }, with = { 0 }, again = { 0 }, out = { 0 };
	struct userfile_block at;
	bool broken;

	text_add(&t, data, size);
	if (!userfile_find(&t, "b", &at, &broken) && !broken) {
		expect(userfile_edit(&t, "b", block, &with));
		expect(userfile_edit(&with, "b", block, &again));
		expect(with.len == again.len &&
		       !memcmp(with.at, again.at, with.len));
		expect(userfile_edit(&with, "b", NULL, &out));
		expect(out.len == t.len && !memcmp(out.at, t.at, t.len));
	} else if (!broken) {
		expect(at.start < at.end && at.end <= size);
	}
	text_free(&t);
	text_free(&with);
	text_free(&again);
	text_free(&out);
}

static void fuzz_rules(const uint8_t *data, size_t size)
{
	static struct usbdesc usb;
	struct usbrules_device d = { .usb = &usb, .configurations = 1 };
	struct usbrules_verdict v;

	if (size < 18 || usbdesc_device(&usb, data, 18) ||
	    usbdesc_configuration(&usb, data + 18, size - 18))
		return;
	for (enum usbrules_system s = 0; s < USBRULES_SYSTEMS; s++) {
		for (enum usbrules_purpose p = 0; p < USBRULES_PURPOSES; p++) {
			usbrules_judge(&d, s, p, &v);
			expect(v.findings <= USBRULES_FINDINGS);
			expect((v.answer == USBRULES_YES) == !v.findings);
			for (int i = 0; i < v.findings; i++)
				expect(v.finding[i].rule && v.finding[i].fix &&
				       v.finding[i].source);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_offer(data, size);
	fuzz_file(data, size);
	fuzz_rules(data, size);
	return 0;
}
