/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/usbrules_table.h"
#include "posix/parse.h"

#include <string.h>

static enum usbrules_answer pass_if(bool kept)
{
	return kept ? USBRULES_YES : USBRULES_NO;
}

static enum usbrules_answer doubt_unless(bool kept)
{
	return kept ? USBRULES_YES : USBRULES_DOUBT;
}

/* --- the rules --- */

static enum usbrules_answer has_data(const struct usbrules_subject *s)
{
	return pass_if(s->data != NULL);
}

static enum usbrules_answer data_00(const struct usbrules_subject *s)
{
	return pass_if(!s->data || (!s->data->subclass && !s->data->protocol));
}

static enum usbrules_answer data_01(const struct usbrules_subject *s)
{
	return pass_if(!s->data ||
		       (!s->data->subclass && s->data->protocol == 1));
}

static enum usbrules_answer two_bulk(const struct usbrules_subject *s)
{
	return pass_if(!s->data || (s->data->endpoints == 2 &&
				    usbdesc_endpoint(s->data, 0x80, BULK) &&
				    usbdesc_endpoint(s->data, 0x00, BULK)));
}

static enum usbrules_answer two_alternates(const struct usbrules_subject *s)
{
	return pass_if(s->idle && s->data && !s->idle->endpoints &&
		       s->idle->alternate == 0 && s->data->alternate == 1);
}

static enum usbrules_answer notifies(const struct usbrules_subject *s)
{
	return pass_if(usbdesc_endpoint(s->control, 0x80, INTERRUPT) != NULL);
}

static enum usbrules_answer one_interrupt(const struct usbrules_subject *s)
{
	return pass_if(s->control->endpoints == 1 &&
		       notifies(s) == USBRULES_YES);
}

static enum usbrules_answer ethernet_there(const struct usbrules_subject *s)
{
	return pass_if(s->control->ethernet_length >= 13);
}

static enum usbrules_answer ethernet_exact(const struct usbrules_subject *s)
{
	return pass_if(s->control->ethernet_length == 13);
}

static enum usbrules_answer mac_named(const struct usbrules_subject *s)
{
	const char *mac = s->device->mac;

	if (!s->control->mac_string)
		return USBRULES_NO;
	for (int i = 0; mac && i < 12; i++)
		if (parse_digit(mac[i]) < 0)
			return USBRULES_NO;
	return pass_if(!mac || strlen(mac) == 12);
}

static enum usbrules_answer ncm_functional(const struct usbrules_subject *s)
{
	return pass_if(s->control->ncm_length == 6);
}

static enum usbrules_answer ncm_filters(const struct usbrules_subject *s)
{
	return doubt_unless(s->control->ncm_capabilities & 1);
}

static enum usbrules_answer header_union(const struct usbrules_subject *s)
{
	return pass_if(s->control->header_length && s->control->has_union);
}

static enum usbrules_answer class_apple(const struct usbrules_subject *s)
{
	const struct usbdesc *d = s->usb;

	return pass_if(
		d->class == 2 ||
		(d->class == 0xef && d->subclass == 2 && d->protocol == 1) ||
		(!d->class && !d->subclass && !d->protocol));
}

static enum usbrules_answer class_windows(const struct usbrules_subject *s)
{
	const struct usbdesc *d = s->usb;
	bool composite =
		d->class == 0xef && d->subclass == 2 && d->protocol == 1;

	return pass_if(composite || !d->associations);
}

bool usbrules_is_rndis(const struct usbdesc_interface *i)
{
	return (i->class == 0xe0 && i->subclass == 1 && i->protocol == 3) ||
	       (i->class == 2 && i->subclass == 2 && i->protocol == 0xff) ||
	       (i->class == 0xef && i->subclass == 4 && i->protocol == 1);
}

static enum usbrules_answer no_rndis(const struct usbrules_subject *s)
{
	for (uint8_t i = 0; i < s->usb->interfaces; i++)
		if (usbrules_is_rndis(&s->usb->interface[i]))
			return USBRULES_DOUBT;
	return USBRULES_YES;
}

/* The class that Windows sees: of the association, where the interface is in
 * one. */
static struct usbdesc_association
function_class(const struct usbrules_subject *s)
{
	const struct usbdesc_interface *i = s->control;

	for (uint8_t n = 0; n < s->usb->associations; n++) {
		const struct usbdesc_association *a = &s->usb->association[n];

		if (i->number >= a->first && i->number - a->first < a->count)
			return *a;
	}
	return (struct usbdesc_association){ .class = i->class,
					     .subclass = i->subclass,
					     .protocol = i->protocol };
}

static enum usbrules_answer one_configuration(const struct usbrules_subject *s)
{
	return doubt_unless(s->usb->configurations <= 1);
}

static bool is_only_function(const struct usbrules_subject *s)
{
	for (uint8_t i = 0; i < s->usb->interfaces; i++) {
		uint8_t n = s->usb->interface[i].number;

		if (n != s->control->number &&
		    (!s->data || n != s->data->number))
			return false;
	}
	return true;
}

static enum usbrules_answer ecm_alone(const struct usbrules_subject *s)
{
	return doubt_unless(is_only_function(s));
}

static enum usbrules_answer has_id(const struct usbrules_subject *s,
				   const char *id)
{
	if (s->device->id_known == USBRULES_ID_UNKNOWN)
		return USBRULES_UNKNOWN;
	return pass_if(s->device->id_known == USBRULES_ID &&
		       !strcmp(s->device->compatible_id, id));
}

static enum usbrules_answer winncm(const struct usbrules_subject *s)
{
	return has_id(s, "WINNCM");
}

static enum usbrules_answer rndis_id(const struct usbrules_subject *s)
{
	struct usbdesc_association f = function_class(s);

	if ((f.class == 0xe0 && f.subclass == 1 && f.protocol == 3) ||
	    (f.class == 0xef && f.subclass == 4 && f.protocol == 1))
		return USBRULES_YES;
	return has_id(s, "RNDIS");
}

static enum usbrules_answer ntb_there(const struct usbrules_subject *s)
{
	return pass_if(s->device->ntb_known != USBRULES_NTB_NONE);
}

static enum usbrules_answer ntb_divisor(const struct usbrules_subject *s)
{
	return pass_if(s->device->ntb_known != USBRULES_NTB ||
		       s->device->ndp_out_divisor >= 4);
}

/* Bit 0 of the first byte marks a group address. */
static enum usbrules_answer mac_of_one(const struct usbrules_subject *s)
{
	const char *mac = s->device->mac;

	if (!mac || strlen(mac) != 12)
		return USBRULES_YES;
	return doubt_unless(strcmp(mac, "000000000000") != 0 &&
			    !(parse_digit(mac[1]) & 1));
}

static enum usbrules_answer split_by_windows(const struct usbrules_subject *s)
{
	return pass_if(s->usb->configurations <= 1 || is_only_function(s));
}

static enum usbrules_answer usual_modem(const struct usbrules_subject *s)
{
	return doubt_unless(s->control->protocol <= 1);
}

static enum usbrules_answer span(const struct usbrules_subject *s)
{
	return pass_if(s->control->subclass == 0);
}

static enum usbrules_answer never(const struct usbrules_subject *s)
{
	(void)s;
	return USBRULES_NO;
}

static enum usbrules_answer doubt(const struct usbrules_subject *s)
{
	(void)s;
	return USBRULES_DOUBT;
}

static enum usbrules_answer mctp_endpoints(const struct usbrules_subject *s)
{
	return pass_if(usbdesc_endpoint(s->control, 0x80, BULK) &&
		       usbdesc_endpoint(s->control, 0x00, BULK));
}

const struct usbrules_rule usbrules_rules[] = {
	{ ALL, NCM | ECM | ACM, has_data,
	  "the control interface names no data interface with endpoints",
	  "add a CDC union descriptor, and bulk endpoints on the data "
	  "interface of class 0a; the kernel's gadget functions have both",
	  "CDC 1.2, union descriptor", NULL },
	{ APPLE, NCM | ECM, no_rndis,
	  "the configuration also has an RNDIS function; users report that "
	  "then no network interface comes up, and one that it does (macOS "
	  "10.15.4)",
	  "remove rndis.* from the configuration", "reported by users of macOS",
	  NULL },
	{ APPLE, NCM | ECM, one_configuration,
	  "the device has several configurations, and the first is selected",
	  "put all functions into one configuration", "Apple's USB stack",
	  NULL },
	{ APPLE, NCM | ECM, class_apple,
	  "the device class is not that of a composite or CDC device",
	  "set bDeviceClass ef, subclass 02, protocol 01",
	  "Apple's driver matching", NULL },
	{ APPLE, ECM, data_00, "the data interface is not 0a/00/00",
	  "use the kernel's ecm.* function unchanged", "AppleUSBECM's matching",
	  NULL },
	{ APPLE, NCM, data_01, "the data interface is not 0a/00/01",
	  "use the kernel's ncm.* function unchanged", "NCM 1.0", NULL },
	{ APPLE | WINDOWS, NCM | ECM, two_bulk,
	  "the data interface does not have exactly one bulk IN and one bulk "
	  "OUT endpoint",
	  "put two bulk endpoints and nothing else into alternate 1",
	  "CDC ECM 1.2; NCM 1.0", NULL },
	{ APPLE | LINUX, NCM | ECM, notifies,
	  "the control interface has no interrupt IN endpoint, so the link "
	  "never comes up",
	  "add an interrupt IN endpoint on the control interface",
	  "CDC ECM 1.2", NULL },
	{ APPLE, NCM | ECM, ethernet_there,
	  "the Ethernet functional descriptor is missing or shorter than 13 "
	  "bytes",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "CDC ECM 1.2", NULL },
	{ ALL, NCM | ECM, mac_named,
	  "the MAC address is not a string of 12 hex digits",
	  "set host_addr of the function; iMACAddress is its string",
	  "CDC ECM 1.2", NULL },
	{ APPLE, NCM, ncm_filters,
	  "bmNetworkCapabilities lacks bit 0 (packet filter): macOS 26 fails "
	  "about one attach in three",
	  "use a kernel whose ncm function sets the bit, or ECM for macOS",
	  "reported by users", NULL },
	{ APPLE, ECM, ecm_alone,
	  "ECM together with other functions fails since macOS 10.15",
	  "use NCM, or ECM as the only function", "reported by users", NULL },
	{ WINDOWS, NCM, winncm,
	  "the compatible id is not WINNCM (OS descriptors)",
	  "set os_desc/use 1, os_desc/interface.ncm/compatible_id WINNCM, and "
	  "a new bcdDevice, because Windows caches the answer",
	  "Microsoft, UsbNcm",
	  "Device Manager shows the function under \"Other devices\", without "
	  "a driver" },
	{ WINDOWS, NCM, one_interrupt,
	  "the control interface does not have exactly one endpoint, interrupt "
	  "IN",
	  "put one interrupt IN endpoint on the control interface",
	  "Microsoft, UsbNcm", NULL },
	{ WINDOWS, NCM, two_alternates,
	  "the data interface does not have alternate 0 without endpoints and "
	  "alternate 1 with endpoints",
	  "add both alternates", "NCM 1.0", NULL },
	{ WINDOWS, NCM, data_01, "the data interface is not 0a/00/01",
	  "use the kernel's ncm.* function unchanged", "NCM 1.0", NULL },
	{ WINDOWS | LINUX, NCM, ncm_functional,
	  "the NCM functional descriptor is missing or not 6 bytes long",
	  "add an NCM functional descriptor of 6 bytes", "NCM 1.0", NULL },
	{ WINDOWS | LINUX, NCM, ethernet_exact,
	  "the Ethernet functional descriptor is not 13 bytes long",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "CDC ECM 1.2", NULL },
	{ WINDOWS, NCM | ACM, class_windows,
	  "functions with several interfaces need the class of a composite "
	  "device; otherwise Windows reports Code 10",
	  "set bDeviceClass ef, subclass 02, protocol 01",
	  "USB IAD ECN; Microsoft, usbccgp",
	  "\"This device cannot start. (Code 10)\"" },
	{ WINDOWS, NCM | ACM | RNDIS | MBIM, split_by_windows,
	  "the device has several configurations; Windows splits a device into "
	  "functions only if it has one",
	  "put all functions into one configuration",
	  "Microsoft, USB composite devices",
	  "Device Manager shows one unknown device" },
	{ ALL, NCM, ntb_there,
	  "the answer to GET_NTB_PARAMETERS is shorter than 28 bytes",
	  "answer the request with the 28 bytes of NCM 1.0, table 6-3",
	  "NCM 1.0, 6.2.1", "the network interface does not appear" },
	{ WINDOWS, NCM, ntb_divisor,
	  "wNdpOutDivisor is less than 4; UsbNcm.sys rejects that since an "
	  "update of Windows",
	  "answer GET_NTB_PARAMETERS with a wNdpOutDivisor of 4",
	  "reported by makers of devices",
	  "Code 10 since an update of Windows" },
	{ ALL, NCM | ECM, mac_of_one,
	  "the MAC address is a group address, or zero",
	  "set host_addr to an address whose second digit is even",
	  "IEEE 802, individual addresses", NULL },
	{ 1 << USBRULES_WINDOWS_10, NCM, doubt,
	  "Microsoft supports UsbNcm.sys since Windows 11; only late versions "
	  "of Windows 10 contain it",
	  "nothing to change on the board", "Microsoft, UsbNcm", NULL },
	{ WINDOWS, ECM, never, "Windows has no driver for ECM",
	  "use NCM with the compatible id WINNCM", "Microsoft, UsbNcm",
	  "Device Manager shows \"CDC ECM\" under \"Other devices\"" },
	{ WINDOWS, EEM | PHONET, never,
	  "Windows has no driver for this function",
	  "use NCM with the compatible id WINNCM", "Microsoft, UsbNcm",
	  "Device Manager shows it under \"Other devices\"" },
	{ APPLE, EEM | MBIM | PHONET, never,
	  "Apple has no driver for this function", "use NCM or ECM",
	  "Apple's driver matching", NULL },
	{ LINUX, EEM | PHONET, mctp_endpoints,
	  "the interface lacks a bulk IN or a bulk OUT endpoint",
	  "add both endpoints", "CDC EEM 1.0; Linux, cdc_eem", NULL },
	{ APPLE, ACM, usual_modem,
	  "the protocol of the ACM interface is that of a special modem",
	  "set bInterfaceProtocol 00 or 01", "Apple's driver matching", NULL },
	{ LINUX, MCTP, span,
	  "Linux' driver binds to subclass 00 (DSP0283 1.0) only",
	  "run usbnvme with --dsp0283 1.0", "Linux 6.15, mctp-usb", NULL },
	{ WINDOWS, RNDIS, rndis_id,
	  "the compatible id is not RNDIS, 5162001 (OS descriptors)",
	  "use NCM with WINNCM, which macOS supports, too; or set the OS "
	  "descriptor RNDIS/5162001",
	  "Microsoft, rndiscmp.inf and usbser.inf",
	  "Windows shows it as a COM port (\"USB Serial Device\")" },
	{ APPLE, RNDIS, never, "Apple has no driver for RNDIS",
	  "use NCM or ECM instead of rndis.*, as tetherd does",
	  "Apple's driver matching", NULL },
	{ LINUX, ECM, header_union,
	  "the CDC header or union descriptor is missing",
	  "add both to the control interface", "Linux, cdc_ether", NULL },
	{ LINUX, ECM, ethernet_exact,
	  "the Ethernet functional descriptor is not 13 bytes long",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "Linux, cdc_ether", NULL },
	{ 1 << USBRULES_IPADOS, ACM, never,
	  "iPadOS gives programs no access to USB serial ports",
	  "use the network", "Apple", NULL },
	{ ALL & ~LINUX, MCTP, never,
	  "only Linux has a driver for MCTP over "
	  "USB",
	  "nothing to change on the board; `tether --via` reaches the device",
	  "Linux 6.15, mctp-usb", NULL },
	{ LINUX, MCTP, mctp_endpoints,
	  "the MCTP interface lacks a bulk IN or a bulk OUT endpoint",
	  "add both endpoints", "DSP0283 1.0", NULL },
};

const size_t usbrules_rule_count =
	sizeof(usbrules_rules) / sizeof(usbrules_rules[0]);
