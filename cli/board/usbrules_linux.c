/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/usbrules_linux.h"

#include <string.h>

/* Linux, drivers/usb/core/generic.c: the first configuration whose first
 * interface is not vendor specific. RNDIS and ActiveSync as the first of
 * several configurations yield to such a one. */
static bool is_microsofts(const struct usbdesc_interface *i)
{
	return (i->class == 2 && i->subclass == 2 && i->protocol == 0xff) ||
	       (i->class == 0xef && i->subclass == 1 && i->protocol == 1);
}

int usbrules_linux_configuration(const struct usbrules_device *d)
{
	for (int n = 0; n < d->configurations; n++) {
		const struct usbdesc *c = &d->usb[n];
		const struct usbdesc_interface *i = &c->interface[0];

		if (!c->interfaces || c->class == 0xff || i->class == 0xff ||
		    (!n && d->configurations > 1 && is_microsofts(i)))
			continue;
		return n;
	}
	return 0;
}

/* Vendors in the id tables of Linux 7.x, drivers/net/usb and
 * drivers/usb/serial. Most tables name single products. */
static const struct {
	uint16_t vendor;
	enum usbrules_purpose purpose;
	const char *drivers;
} vendors[] = {
	{ 0x0b95, USBRULES_NETWORK, "asix, ax88179_178a" },
	{ 0x2001, USBRULES_NETWORK, "asix, ax88179_178a, pegasus, qmi_wwan" },
	{ 0x0bda, USBRULES_NETWORK, "r8152, rtl8150" },
	{ 0x17ef, USBRULES_NETWORK, "r8152, ax88179_178a" },
	{ 0x0424, USBRULES_NETWORK, "smsc75xx, smsc95xx, lan78xx" },
	{ 0x1d6a, USBRULES_NETWORK, "aqc111" },
	{ 0x2eca, USBRULES_NETWORK, "aqc111" },
	{ 0x05ac, USBRULES_NETWORK, "ipheth" },
	{ 0x0a46, USBRULES_NETWORK, "dm9601" },
	{ 0x0fe6, USBRULES_NETWORK, "dm9601, sr9700" },
	{ 0x9710, USBRULES_NETWORK, "mcs7830" },
	{ 0x1a86, USBRULES_NETWORK, "ch9200" },
	{ 0x07a6, USBRULES_NETWORK, "pegasus" },
	{ 0x066b, USBRULES_NETWORK, "pegasus" },
	{ 0x0423, USBRULES_NETWORK, "catc" },
	{ 0x0846, USBRULES_NETWORK, "kaweth, asix, pegasus" },
	{ 0x0525, USBRULES_NETWORK, "net1080, cdc_subset, zaurus" },
	{ 0x067b, USBRULES_NETWORK, "plusb" },
	{ 0x05e3, USBRULES_NETWORK, "gl620a" },
	{ 0x04dd, USBRULES_NETWORK, "zaurus" },
	{ 0x09e1, USBRULES_NETWORK, "int51x1" },
	{ 0x0572, USBRULES_NETWORK, "cx82310_eth" },
	{ 0x1004, USBRULES_NETWORK, "lg-vl600" },
	{ 0x0af0, USBRULES_NETWORK, "hso" },
	{ 0x12d1, USBRULES_NETWORK, "huawei_cdc_ncm, qmi_wwan" },
	{ 0x1199, USBRULES_NETWORK, "qmi_wwan, sierra_net" },
	{ 0x05c6, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x2c7c, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x1e0e, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x1bc7, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x19d2, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x413c, USBRULES_NETWORK, "qmi_wwan" },
	{ 0x0403, USBRULES_SERIAL, "ftdi_sio" },
	{ 0x10c4, USBRULES_SERIAL, "cp210x" },
	{ 0x1a86, USBRULES_SERIAL, "ch341" },
	{ 0x4348, USBRULES_SERIAL, "ch341" },
	{ 0x067b, USBRULES_SERIAL, "pl2303" },
	{ 0x9710, USBRULES_SERIAL, "mos7720, mos7840" },
	{ 0x04e2, USBRULES_SERIAL, "xr_serial" },
	{ 0x110a, USBRULES_SERIAL, "mxuport" },
	{ 0x0451, USBRULES_SERIAL, "ti_usb_3410_5052" },
	{ 0x06cd, USBRULES_SERIAL, "keyspan" },
	{ 0x050d, USBRULES_SERIAL, "mct_u232, belkin_sa" },
	{ 0x04b4, USBRULES_SERIAL, "cypress_m8" },
	{ 0x1199, USBRULES_SERIAL, "qcserial, sierra" },
	{ 0x05c6, USBRULES_SERIAL, "qcserial, option" },
	{ 0x12d1, USBRULES_SERIAL, "option" },
	{ 0x2c7c, USBRULES_SERIAL, "option" },
	{ 0x1e0e, USBRULES_SERIAL, "option" },
	{ 0x1bc7, USBRULES_SERIAL, "option" },
	{ 0x19d2, USBRULES_SERIAL, "option" },
};

static bool has_vendor_interface(const struct usbdesc *d)
{
	for (uint8_t i = 0; i < d->interfaces; i++)
		if (d->interface[i].class == 0xff)
			return true;
	return d->class == 0xff;
}

bool usbrules_vendor(const struct usbrules_device *d,
		     enum usbrules_purpose purpose, struct usbrules_verdict *v)
{
	const struct usbdesc *usb = &d->usb[usbrules_linux_configuration(d)];

	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		if (vendors[i].vendor != usb->vendor ||
		    vendors[i].purpose != purpose || !has_vendor_interface(usb))
			continue;
		*v = (struct usbrules_verdict){
			.answer = USBRULES_UNKNOWN,
			.driver = vendors[i].drivers,
			.function = "vendor specific",
			.findings = 1,
			.finding = { {
				USBRULES_UNKNOWN,
				"the driver binds to some products of this "
				"vendor",
				"on the host, run lsusb -t, which names the "
				"driver",
				"Linux 7.x, id tables of drivers/net/usb and "
				"drivers/usb/serial",
				NULL,
			} },
		};
		return true;
	}
	return false;
}
