/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/usbrules.h"
#include "posix/parse.h"

#include <string.h>

enum {
	APPLE = 1 << USBRULES_MACOS | 1 << USBRULES_IPADOS,
	WINDOWS = 1 << USBRULES_WINDOWS_10 | 1 << USBRULES_WINDOWS_11,
	LINUX = 1 << USBRULES_LINUX,
	ALL = APPLE | WINDOWS | LINUX,
	NCM = 1 << 0,
	ECM = 1 << 1,
	RNDIS = 1 << 2,
	ACM = 1 << 3,
	MCTP = 1 << 4,
	INTERRUPT = 3,
	BULK = 2,
};

/* The function of the device that a rule checks. */
struct subject {
	const struct usbrules_device *device;
	const struct usbdesc *usb;
	const struct usbdesc_interface *control;
	const struct usbdesc_interface *idle; /* data interface, alternate 0 */
	const struct usbdesc_interface
		*data; /* data interface, the alternate with endpoints */
};

typedef enum usbrules_answer check(const struct subject *s);

static enum usbrules_answer pass_if(bool kept)
{
	return kept ? USBRULES_YES : USBRULES_NO;
}

static enum usbrules_answer doubt_unless(bool kept)
{
	return kept ? USBRULES_YES : USBRULES_DOUBT;
}

/* --- the rules --- */

static enum usbrules_answer has_data(const struct subject *s)
{
	return pass_if(s->data != NULL);
}

static enum usbrules_answer data_00(const struct subject *s)
{
	return pass_if(!s->data || (!s->data->subclass && !s->data->protocol));
}

static enum usbrules_answer data_01(const struct subject *s)
{
	return pass_if(!s->data ||
		       (!s->data->subclass && s->data->protocol == 1));
}

static enum usbrules_answer two_bulk(const struct subject *s)
{
	return pass_if(!s->data || (s->data->endpoints == 2 &&
				    usbdesc_endpoint(s->data, 0x80, BULK) &&
				    usbdesc_endpoint(s->data, 0x00, BULK)));
}

static enum usbrules_answer two_alternates(const struct subject *s)
{
	return pass_if(s->idle && s->data && !s->idle->endpoints &&
		       s->idle->alternate == 0 && s->data->alternate == 1);
}

static enum usbrules_answer notifies(const struct subject *s)
{
	return pass_if(usbdesc_endpoint(s->control, 0x80, INTERRUPT) != NULL);
}

static enum usbrules_answer one_interrupt(const struct subject *s)
{
	return pass_if(s->control->endpoints == 1 &&
		       notifies(s) == USBRULES_YES);
}

static enum usbrules_answer ethernet_there(const struct subject *s)
{
	return pass_if(s->control->ethernet_length >= 13);
}

static enum usbrules_answer ethernet_exact(const struct subject *s)
{
	return pass_if(s->control->ethernet_length == 13);
}

static enum usbrules_answer mac_named(const struct subject *s)
{
	const char *mac = s->device->mac;

	if (!s->control->mac_string)
		return USBRULES_NO;
	for (int i = 0; mac && i < 12; i++)
		if (parse_digit(mac[i]) < 0)
			return USBRULES_NO;
	return pass_if(!mac || strlen(mac) == 12);
}

static enum usbrules_answer ncm_functional(const struct subject *s)
{
	return pass_if(s->control->ncm_length == 6);
}

static enum usbrules_answer ncm_filters(const struct subject *s)
{
	return doubt_unless(s->control->ncm_capabilities & 1);
}

static enum usbrules_answer header_union(const struct subject *s)
{
	return pass_if(s->control->header_length && s->control->has_union);
}

static enum usbrules_answer class_apple(const struct subject *s)
{
	const struct usbdesc *d = s->usb;

	return pass_if(
		d->class == 2 ||
		(d->class == 0xef && d->subclass == 2 && d->protocol == 1) ||
		(!d->class && !d->subclass && !d->protocol));
}

static enum usbrules_answer class_windows(const struct subject *s)
{
	const struct usbdesc *d = s->usb;
	bool composite =
		d->class == 0xef && d->subclass == 2 && d->protocol == 1;

	return pass_if(composite || !d->associations);
}

static bool is_rndis(const struct usbdesc_interface *i)
{
	return (i->class == 0xe0 && i->subclass == 1 && i->protocol == 3) ||
	       (i->class == 2 && i->subclass == 2 && i->protocol == 0xff) ||
	       (i->class == 0xef && i->subclass == 4 && i->protocol == 1);
}

static enum usbrules_answer no_rndis(const struct subject *s)
{
	for (uint8_t i = 0; i < s->usb->interfaces; i++)
		if (is_rndis(&s->usb->interface[i]))
			return USBRULES_NO;
	return USBRULES_YES;
}

static enum usbrules_answer one_configuration(const struct subject *s)
{
	return doubt_unless(s->usb->configurations <= 1);
}

static bool is_only_function(const struct subject *s)
{
	for (uint8_t i = 0; i < s->usb->interfaces; i++) {
		uint8_t n = s->usb->interface[i].number;

		if (n != s->control->number &&
		    (!s->data || n != s->data->number))
			return false;
	}
	return true;
}

static enum usbrules_answer ecm_alone(const struct subject *s)
{
	return doubt_unless(is_only_function(s));
}

static enum usbrules_answer has_id(const struct subject *s, const char *id)
{
	if (s->device->id_known == USBRULES_ID_UNKNOWN)
		return USBRULES_UNKNOWN;
	return pass_if(s->device->id_known == USBRULES_ID &&
		       !strcmp(s->device->compatible_id, id));
}

static enum usbrules_answer winncm(const struct subject *s)
{
	return has_id(s, "WINNCM");
}

static enum usbrules_answer rndis_id(const struct subject *s)
{
	if (s->control->class == 0xef)
		return USBRULES_YES;
	return has_id(s, "RNDIS");
}

static enum usbrules_answer never(const struct subject *s)
{
	(void)s;
	return USBRULES_NO;
}

static enum usbrules_answer doubt(const struct subject *s)
{
	(void)s;
	return USBRULES_DOUBT;
}

static enum usbrules_answer mctp_endpoints(const struct subject *s)
{
	return pass_if(usbdesc_endpoint(s->control, 0x80, BULK) &&
		       usbdesc_endpoint(s->control, 0x00, BULK));
}

static const struct rule {
	int systems, functions;
	check *check;
	const char *rule, *fix, *source;
} rules[] = {
	{ ALL, NCM | ECM | ACM, has_data,
	  "the control interface names no data interface with endpoints",
	  "add a CDC union descriptor, and bulk endpoints on the data "
	  "interface of class 0a; the kernel's gadget functions have both",
	  "CDC 1.2, union descriptor" },
	{ APPLE, NCM | ECM, no_rndis,
	  "the configuration also has an RNDIS function; then no network "
	  "interface comes up",
	  "remove rndis.* from the configuration",
	  "reported by users of macOS" },
	{ APPLE, NCM | ECM, one_configuration,
	  "the device has several configurations, and the first is selected",
	  "put all functions into one configuration", "Apple's USB stack" },
	{ APPLE, NCM | ECM, class_apple,
	  "the device class is not that of a composite or CDC device",
	  "set bDeviceClass ef, subclass 02, protocol 01",
	  "Apple's driver matching" },
	{ APPLE, ECM, data_00, "the data interface is not 0a/00/00",
	  "use the kernel's ecm.* function unchanged",
	  "AppleUSBECM's matching" },
	{ APPLE, NCM, data_01, "the data interface is not 0a/00/01",
	  "use the kernel's ncm.* function unchanged", "NCM 1.0" },
	{ APPLE | WINDOWS, NCM | ECM, two_bulk,
	  "the data interface does not have exactly one bulk IN and one bulk "
	  "OUT endpoint",
	  "put two bulk endpoints and nothing else into alternate 1",
	  "CDC ECM 1.2; NCM 1.0" },
	{ APPLE | LINUX, NCM | ECM, notifies,
	  "the control interface has no interrupt IN endpoint, so the link "
	  "never comes up",
	  "add an interrupt IN endpoint on the control interface",
	  "CDC ECM 1.2" },
	{ APPLE, NCM | ECM, ethernet_there,
	  "the Ethernet functional descriptor is missing or shorter than 13 "
	  "bytes",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "CDC ECM 1.2" },
	{ ALL, NCM | ECM, mac_named,
	  "the MAC address is not a string of 12 hex digits",
	  "set host_addr of the function; iMACAddress is its string",
	  "CDC ECM 1.2" },
	{ APPLE, NCM, ncm_filters,
	  "bmNetworkCapabilities lacks bit 0 (packet filter): macOS 26 fails "
	  "about one attach in three",
	  "use a kernel whose ncm function sets the bit, or ECM for macOS",
	  "reported by users" },
	{ APPLE, ECM, ecm_alone,
	  "ECM together with other functions fails since macOS 10.15",
	  "use NCM, or ECM as the only function", "reported by users" },
	{ WINDOWS, NCM, winncm,
	  "the compatible id is not WINNCM (OS descriptors)",
	  "set os_desc/use 1, os_desc/interface.ncm/compatible_id WINNCM, and "
	  "a new bcdDevice, because Windows caches the answer",
	  "Microsoft, UsbNcm" },
	{ WINDOWS, NCM, one_interrupt,
	  "the control interface does not have exactly one endpoint, interrupt "
	  "IN",
	  "put one interrupt IN endpoint on the control interface",
	  "Microsoft, UsbNcm" },
	{ WINDOWS, NCM, two_alternates,
	  "the data interface does not have alternate 0 without endpoints and "
	  "alternate 1 with endpoints",
	  "add both alternates", "NCM 1.0" },
	{ WINDOWS, NCM, data_01, "the data interface is not 0a/00/01",
	  "use the kernel's ncm.* function unchanged", "NCM 1.0" },
	{ WINDOWS | LINUX, NCM, ncm_functional,
	  "the NCM functional descriptor is missing or not 6 bytes long",
	  "add an NCM functional descriptor of 6 bytes", "NCM 1.0" },
	{ WINDOWS | LINUX, NCM, ethernet_exact,
	  "the Ethernet functional descriptor is not 13 bytes long",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "CDC ECM 1.2" },
	{ WINDOWS, NCM | ACM, class_windows,
	  "functions with several interfaces need the class of a composite "
	  "device; otherwise Windows reports Code 10",
	  "set bDeviceClass ef, subclass 02, protocol 01",
	  "USB IAD ECN; Microsoft, usbccgp" },
	{ 1 << USBRULES_WINDOWS_10, NCM, doubt,
	  "Microsoft supports UsbNcm.sys since Windows 11; only late versions "
	  "of Windows 10 contain it",
	  "nothing to change on the board", "Microsoft, UsbNcm" },
	{ WINDOWS, ECM, never, "Windows has no driver for ECM",
	  "use NCM with the compatible id WINNCM", "Microsoft, UsbNcm" },
	{ WINDOWS, RNDIS, rndis_id,
	  "the compatible id is not RNDIS, 5162001 (OS descriptors)",
	  "use NCM with WINNCM, which macOS supports, too; or set the OS "
	  "descriptor RNDIS/5162001",
	  "Microsoft, RNDIS" },
	{ APPLE, RNDIS, never, "Apple has no driver for RNDIS",
	  "use NCM or ECM instead of rndis.*, as tetherd does",
	  "Apple's driver matching" },
	{ LINUX, ECM, header_union,
	  "the CDC header or union descriptor is missing",
	  "add both to the control interface", "Linux, cdc_ether" },
	{ LINUX, ECM, ethernet_exact,
	  "the Ethernet functional descriptor is not 13 bytes long",
	  "make the Ethernet functional descriptor 13 bytes long",
	  "Linux, cdc_ether" },
	{ 1 << USBRULES_IPADOS, ACM, never,
	  "iPadOS gives programs no access to USB serial ports",
	  "use the network", "Apple" },
	{ ALL & ~LINUX, MCTP, never,
	  "only Linux has a driver for MCTP over "
	  "USB",
	  "nothing to change on the board; `tether --via` reaches the device",
	  "Linux 6.15, mctp-usb" },
	{ LINUX, MCTP, mctp_endpoints,
	  "the MCTP interface lacks a bulk IN or a bulk OUT endpoint",
	  "add both endpoints", "DSP0283 1.0" },
};

/* --- the drivers --- */

/* In order of preference: with equal answers the first driver wins. */
static const struct driver {
	int systems;
	enum usbrules_purpose purpose;
	int function;
	const char *name;
} drivers[] = {
	{ APPLE, USBRULES_NETWORK, NCM, "AppleUSBNCM" },
	{ APPLE, USBRULES_NETWORK, ECM, "AppleUSBECM" },
	{ APPLE, USBRULES_NETWORK, RNDIS, NULL },
	{ WINDOWS, USBRULES_NETWORK, NCM, "UsbNcm.sys" },
	{ WINDOWS, USBRULES_NETWORK, RNDIS, "rndismp6.sys" },
	{ WINDOWS, USBRULES_NETWORK, ECM, NULL },
	{ LINUX, USBRULES_NETWORK, NCM, "cdc_ncm" },
	{ LINUX, USBRULES_NETWORK, ECM, "cdc_ether" },
	{ LINUX, USBRULES_NETWORK, RNDIS, "rndis_host" },
	{ APPLE, USBRULES_SERIAL, ACM, "AppleUSBCDCACM" },
	{ WINDOWS, USBRULES_SERIAL, ACM, "usbser.sys" },
	{ LINUX, USBRULES_SERIAL, ACM, "cdc_acm" },
	{ LINUX, USBRULES_MCTP, MCTP, "mctp-usb (since 6.15)" },
	{ ALL & ~LINUX, USBRULES_MCTP, MCTP, NULL },
};

static const struct usbrules_finding absent[USBRULES_PURPOSES] = {
	{ USBRULES_NO, "the device has no network function",
	  "add ncm.* or ecm.* to the gadget, as tetherd does",
	  "the descriptors" },
	{ USBRULES_NO, "the device has no serial function (CDC-ACM)",
	  "add acm.* to the gadget, if the controller has free endpoints",
	  "the descriptors" },
	{ USBRULES_NO, "the device has no MCTP interface (14/00/01)",
	  "run usbnvme on the board", "the descriptors" },
};

static const char *function_name(int function)
{
	return function == NCM	   ? "CDC-NCM"
	       : function == ECM   ? "CDC-ECM"
	       : function == RNDIS ? "RNDIS"
	       : function == ACM   ? "CDC-ACM"
				   : "MCTP over USB";
}

static bool is_function(const struct usbdesc_interface *i, int function)
{
	switch (function) {
	case NCM:
		return i->class == 2 && i->subclass == 0x0d;
	case ECM:
		return i->class == 2 && i->subclass == 6;
	case RNDIS:
		return is_rndis(i);
	case ACM:
		return i->class == 2 && i->subclass == 2 && i->protocol <= 1;
	default:
		return i->class == 0x14 && i->protocol == 1;
	}
}

static const struct usbdesc_interface *setting_0(const struct usbdesc *d,
						 uint8_t number)
{
	for (uint8_t i = 0; i < d->interfaces; i++)
		if (d->interface[i].number == number &&
		    !d->interface[i].alternate)
			return &d->interface[i];
	return NULL;
}

static bool find_function(const struct usbrules_device *d, int function,
			  struct subject *s)
{
	*s = (struct subject){ .device = d, .usb = d->usb };
	for (uint8_t i = 0; i < d->usb->interfaces && !s->control; i++)
		if (!d->usb->interface[i].alternate &&
		    is_function(&d->usb->interface[i], function))
			s->control = &d->usb->interface[i];
	if (!s->control)
		return false;
	s->data = usbdesc_cdc_data(d->usb, s->control);
	if (s->data)
		s->idle = setting_0(d->usb, s->data->number);
	return true;
}

static void apply(const struct driver *driver, int system,
		  const struct subject *s, struct usbrules_verdict *v)
{
	*v = (struct usbrules_verdict){ .answer = USBRULES_YES,
					.driver = driver->name };
	v->function = function_name(driver->function);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		enum usbrules_answer answer;

		if (!(r->systems & system) ||
		    !(r->functions & driver->function))
			continue;
		answer = r->check(s);
		if (answer == USBRULES_YES || v->findings == USBRULES_FINDINGS)
			continue;
		v->finding[v->findings++] =
			(struct usbrules_finding){ answer, r->rule, r->fix,
						   r->source };
		if (answer > v->answer)
			v->answer = answer;
	}
}

void usbrules_judge(const struct usbrules_device *d,
		    enum usbrules_system system, enum usbrules_purpose purpose,
		    struct usbrules_verdict *best)
{
	bool any = false;

	*best = (struct usbrules_verdict){ .answer = USBRULES_NO,
					   .findings = 1,
					   .finding = { absent[purpose] } };
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		struct usbrules_verdict v;
		struct subject s;

		if (!(drivers[i].systems & 1 << system) ||
		    drivers[i].purpose != purpose ||
		    !find_function(d, drivers[i].function, &s))
			continue;
		apply(&drivers[i], 1 << system, &s, &v);
		if (!any || v.answer < best->answer)
			*best = v;
		any = true;
	}
}

const char *usbrules_system_name(enum usbrules_system s)
{
	static const char *const names[] = { "macOS", "iPadOS", "Windows 10",
					     "Windows 11", "Linux" };

	return names[s];
}

const char *usbrules_purpose_name(enum usbrules_purpose p)
{
	static const char *const names[] = { "network", "serial", "mctp" };

	return names[p];
}

const char *usbrules_answer_name(enum usbrules_answer a)
{
	static const char *const names[] = { "yes", "doubtful", "unknown",
					     "no" };

	return names[a];
}
