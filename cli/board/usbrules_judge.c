/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/usbrules.h"
#include "cli/board/usbrules_linux.h"
#include "cli/board/usbrules_table.h"

#include <string.h>

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
	{ LINUX, USBRULES_NETWORK, EEM, "cdc_eem" },
	{ APPLE | WINDOWS, USBRULES_NETWORK, EEM, NULL },
	{ LINUX, USBRULES_NETWORK, MBIM, "cdc_mbim" },
	{ WINDOWS, USBRULES_NETWORK, MBIM, "cxwmbclass.sys" },
	{ APPLE, USBRULES_NETWORK, MBIM, NULL },
	{ LINUX, USBRULES_NETWORK, PHONET, "cdc-phonet" },
	{ APPLE | WINDOWS, USBRULES_NETWORK, PHONET, NULL },
	{ APPLE, USBRULES_SERIAL, ACM, "AppleUSBCDCACM" },
	{ WINDOWS, USBRULES_SERIAL, ACM, "usbser.sys" },
	{ LINUX, USBRULES_SERIAL, ACM, "cdc_acm" },
	{ LINUX, USBRULES_MCTP, MCTP, "mctp-usb (since 6.15)" },
	{ ALL & ~LINUX, USBRULES_MCTP, MCTP, NULL },
};

static const struct usbrules_finding absent[USBRULES_PURPOSES] = {
	{ USBRULES_NO, "the device has no network function",
	  "add ncm.* or ecm.* to the gadget, as tetherd does",
	  "the descriptors", NULL },
	{ USBRULES_NO, "the device has no serial function (CDC-ACM)",
	  "add acm.* to the gadget, if the controller has free endpoints",
	  "the descriptors", NULL },
	{ USBRULES_NO, "the device has no MCTP interface (14/00/01)",
	  "run usbnvme on the board", "the descriptors", NULL },
};

static const char *function_name(int function)
{
	return function == NCM	    ? "CDC-NCM"
	       : function == ECM    ? "CDC-ECM"
	       : function == RNDIS  ? "RNDIS"
	       : function == ACM    ? "CDC-ACM"
	       : function == EEM    ? "CDC-EEM"
	       : function == MBIM   ? "CDC-MBIM"
	       : function == PHONET ? "Phonet"
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
		return usbrules_is_rndis(i);
	case ACM:
		return i->class == 2 && i->subclass == 2 && i->protocol <= 6;
	case EEM:
		return i->class == 2 && i->subclass == 0x0c && i->protocol == 7;
	case MBIM:
		return i->class == 2 && i->subclass == 0x0e && !i->protocol;
	case PHONET:
		return i->class == 2 && i->subclass == 0xfe && !i->protocol;
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

static bool find_function(const struct usbrules_device *d, int configuration,
			  int function, struct usbrules_subject *s)
{
	const struct usbdesc *usb = &d->usb[configuration];

	*s = (struct usbrules_subject){ .device = d, .usb = usb };
	for (uint8_t i = 0; i < usb->interfaces && !s->control; i++)
		if (!usb->interface[i].alternate &&
		    is_function(&usb->interface[i], function))
			s->control = &usb->interface[i];
	if (!s->control)
		return false;
	s->data = usbdesc_cdc_data(usb, s->control);
	if (s->data)
		s->idle = setting_0(usb, s->data->number);
	return true;
}

static void apply(const struct driver *driver, int system,
		  const struct usbrules_subject *s, struct usbrules_verdict *v)
{
	*v = (struct usbrules_verdict){ .answer = USBRULES_YES,
					.driver = driver->name };
	v->function = function_name(driver->function);
	for (size_t i = 0; i < usbrules_rule_count; i++) {
		const struct usbrules_rule *r = &usbrules_rules[i];
		enum usbrules_answer answer;

		if (!(r->systems & system) ||
		    !(r->functions & driver->function))
			continue;
		answer = r->check(s);
		if (answer == USBRULES_YES || v->findings == USBRULES_FINDINGS)
			continue;
		v->finding[v->findings++] =
			(struct usbrules_finding){ answer, r->rule, r->fix,
						   r->source, r->symptom };
		if (answer > v->answer)
			v->answer = answer;
	}
}

/* The best driver for the functions of one configuration. Returns false if it
 * has no function for the purpose. */
static bool judge_configuration(const struct usbrules_device *d,
				int configuration, int system,
				enum usbrules_purpose purpose,
				struct usbrules_verdict *best)
{
	bool any = false;

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		struct usbrules_verdict v;
		struct usbrules_subject s;

		if (!(drivers[i].systems & system) ||
		    drivers[i].purpose != purpose ||
		    !find_function(d, configuration, drivers[i].function, &s))
			continue;
		apply(&drivers[i], system, &s, &v);
		if (!any || v.answer < best->answer)
			*best = v;
		any = true;
	}
	return any;
}

/* The configuration that a system selects, as an index. */
static int choose_configuration(const struct usbrules_device *d, int system)
{
	return system & LINUX ? usbrules_linux_configuration(d) : 0;
}

/* The function is in a configuration that the system does not select. */
static void add_elsewhere(int system, struct usbrules_verdict *v)
{
	static const struct usbrules_finding
		apple = { USBRULES_DOUBT,
			  "the function is not in the first configuration; "
			  "macOS and "
			  "iPadOS select another one for some devices only",
			  "put the function into the first configuration",
			  "reported by users; examples of TinyUSB rely on it",
			  "the device is listed, but no network interface "
			  "appears" },
		windows = { USBRULES_NO,
			    "the function is not in the first configuration, "
			    "and Windows "
			    "uses no other",
			    "put the function into the first configuration",
			    "Microsoft, USB driver stack",
			    "Device Manager shows an unknown device" },
		linux_first = {
			USBRULES_NO,
			"Linux selects another configuration of the device by "
			"itself",
			"on the host, write the number of the configuration to "
			"bConfigurationValue of the device in sysfs",
			"Linux, usb_choose_configuration()",
			"lsusb -v lists the function, but no interface appears"
		};
	const struct usbrules_finding *f = system & APPLE     ? &apple
					   : system & WINDOWS ? &windows
							      : &linux_first;
	int n = v->findings < USBRULES_FINDINGS ? v->findings
						: USBRULES_FINDINGS - 1;

	memmove(v->finding + 1, v->finding, (size_t)n * sizeof(*f));
	v->finding[0] = *f;
	v->findings = n + 1;
	if (f->answer > v->answer)
		v->answer = f->answer;
}

void usbrules_judge(const struct usbrules_device *d,
		    enum usbrules_system system, enum usbrules_purpose purpose,
		    struct usbrules_verdict *best)
{
	int bit = 1 << system, first = choose_configuration(d, bit);
	bool any = judge_configuration(d, first, bit, purpose, best);

	for (int i = 0; i < d->configurations; i++) {
		struct usbrules_verdict v;

		if (i == first || !judge_configuration(d, i, bit, purpose, &v))
			continue;
		add_elsewhere(bit, &v);
		if (!any || v.answer < best->answer)
			*best = v;
		any = true;
	}
	if (any || (bit & LINUX && usbrules_vendor(d, purpose, best)))
		return;
	*best = (struct usbrules_verdict){ .answer = USBRULES_NO,
					   .findings = 1,
					   .finding = { absent[purpose] } };
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
