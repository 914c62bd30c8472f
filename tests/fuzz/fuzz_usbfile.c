/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the readers of `tether inspect --file`: dumps in hex, the text of
 * lsusb, captures. What they find must fit, and every rule must cope with it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/board/usbrules.h"
#include "host/usbfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int true_always)
{
	if (!true_always)
		abort();
}

static void judge_all(const struct usbrules_device *d)
{
	struct usbrules_verdict v;

	for (enum usbrules_system s = 0; s < USBRULES_SYSTEMS; s++) {
		for (enum usbrules_purpose p = 0; p < USBRULES_PURPOSES; p++) {
			usbrules_judge(d, s, p, &v);
			expect(v.findings <= USBRULES_FINDINGS);
			expect(v.answer == USBRULES_YES || v.findings);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usbfile f;
	static struct usbdesc usb[USBFILE_CONFIGURATIONS];
	struct usbrules_device d = { .usb = usb };

	expect(usbfile_format_name(usbfile_read(&f, data, size)) != NULL);
	expect(f.configurations <= USBFILE_CONFIGURATIONS);
	for (int i = 0; i < USBFILE_STRINGS; i++)
		expect(memchr(f.string[i], '\0', USBFILE_TEXT) != NULL);
	for (int i = 0; f.has_device && i < f.configurations; i++) {
		struct usbdesc *u = &usb[d.configurations];

		expect(f.configuration[i].len <= USBFILE_LENGTH);
		if (usbdesc_device(u, f.device, USBFILE_DEVICE) ||
		    usbdesc_configuration(u, f.configuration[i].data,
					  f.configuration[i].len))
			continue;
		d.configurations++;
	}
	d.mac = f.string[1];
	if (d.configurations)
		judge_all(&d);
	return 0;
}
