/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the USB descriptor decoder with arbitrary device and configuration
 * descriptors. The target calls every query function on the result. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "host/usbdesc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_interface(const struct usbdesc *d,
			    const struct usbdesc_interface *i)
{
	const struct usbdesc_interface *found =
		usbdesc_find(d, i->class, i->subclass, i->protocol);
	const struct usbdesc_interface *cdc = usbdesc_cdc_data(d, i);

	expect(i->endpoints <= USBDESC_ENDPOINTS);
	expect(i->alternate || found);
	expect(!found || (found->class == i->class && !found->alternate));
	expect(!cdc || (i->has_union && cdc->endpoints &&
			cdc->number == i->union_data));
	expect(usbdesc_class_name(i->class, i->subclass, i->protocol));
	for (uint8_t type = 0; type < 4; type++) {
		const struct usbdesc_endpoint *e =
			usbdesc_endpoint(i, 0x80, type);

		expect(!e ||
		       (e->address & 0x80 && e->packet && e->packet <= 0x7ff));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usbdesc d;

	if (!usbdesc_device(&d, data, size)) {
		expect(size >= 18);
		data += 18;
		size -= 18;
	}
	if (usbdesc_configuration(&d, data, size) == ERR_OK)
		expect(size >= 9);
	expect(d.interfaces <= USBDESC_INTERFACES);
	expect(d.associations <= USBDESC_ASSOCIATIONS);
	for (uint8_t n = 0; n < d.interfaces; n++)
		check_interface(&d, &d.interface[n]);
	return 0;
}
