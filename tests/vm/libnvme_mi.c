/*
 * Another implementation's requester, libnvme-mi, through the kernel's MCTP:
 * every call that it has for what the device knows, against the model of
 * tests/vm/model.ini.
 *
 * usage: libnvme_mi NETWORK EID
 */
#include <endian.h>
#include <errno.h>
#include <libnvme-mi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int checks, failures;

static void check(const char *what, long long got, long long want)
{
	checks++;
	if (got == want)
		return;
	failures++;
	fprintf(stderr, "libnvme_mi: %s: %lld, expected %lld\n", what, got,
		want);
}

/* A call that must go well. */
static void fine(const char *what, int status)
{
	checks++;
	if (!status)
		return;
	failures++;
	fprintf(stderr, "libnvme_mi: %s: %d (%s)\n", what, status,
		status < 0 ? strerror(errno) : "status of the device");
}

static void text(const char *what, const char *got, const char *want,
		 size_t len)
{
	size_t n = strlen(want);

	checks++;
	if (!memcmp(got, want, n)) {
		for (; n < len && got[n] == ' '; n++)
			;
		if (n == len)
			return;
	}
	failures++;
	fprintf(stderr, "libnvme_mi: %s: %.*s, expected %s\n", what, (int)len,
		got, want);
}

static void data_structures(nvme_mi_ep_t ep)
{
	struct nvme_mi_read_nvm_ss_info s;
	struct nvme_mi_read_port_info p;
	struct nvme_mi_read_ctrl_info c;
	struct nvme_ctrl_list list;

	fine("NVM Subsystem Information",
	     nvme_mi_mi_read_mi_data_subsys(ep, &s));
	check("ports, from 0", s.nump, 1);
	check("major version", s.mjr, 1);
	check("minor version", s.mnr, 2);
	fine("Port Information", nvme_mi_mi_read_mi_data_port(ep, 0, &p));
	check("port 0 type", p.portt, 1);
	fine("Port Information", nvme_mi_mi_read_mi_data_port(ep, 1, &p));
	check("port 1 type", p.portt, 2);
	check("port 1 largest unit", le16toh(p.mmctptus) >= 64, 1);
	check("port 1 frequency", p.smb.mme_freq & 3, 2);
	check("port 2", nvme_mi_mi_read_mi_data_port(ep, 2, &p) > 0, 1);
	fine("Controller List",
	     nvme_mi_mi_read_mi_data_ctrl_list(ep, 0, &list));
	check("controllers", le16toh(list.num), 2);
	check("first", le16toh(list.identifier[0]), 0);
	check("second", le16toh(list.identifier[1]), 1);
	/* A list from another controller on is not asked for: libnvme puts
	 * that number where the port's belongs. */
	fine("Controller Information", nvme_mi_mi_read_mi_data_ctrl(ep, 1, &c));
	check("its port", c.portid, 0);
	check("PCI vendor", le16toh(c.vid), 0x1234);
	check("PCI device", le16toh(c.did), 0x5678);
	check("PCI subsystem vendor", le16toh(c.ssvid), 0x9abc);
	check("PCI subsystem", le16toh(c.ssid), 0xdef0);
	check("controller 9", nvme_mi_mi_read_mi_data_ctrl(ep, 9, &c) > 0, 1);
}

static void health(nvme_mi_ep_t ep)
{
	struct nvme_mi_nvm_ss_health_status h;

	fine("Subsystem Health Status Poll",
	     nvme_mi_mi_subsystem_health_status_poll(ep, false, &h));
	check("temperature, C", h.ctemp, 300 - 273);
	check("life used", h.pdlu, 0);
	check("drive is functional", !!(h.nss & 0x20), 1);
	fine("the same, and clear",
	     nvme_mi_mi_subsystem_health_status_poll(ep, true, &h));
	fine("and again",
	     nvme_mi_mi_subsystem_health_status_poll(ep, false, &h));
	check("changed", le16toh(h.ccs) & 0x1ffd, 0);
}

static void configuration(nvme_mi_ep_t ep)
{
	enum nvme_mi_config_smbus_freq f = 0;
	__u16 unit = 0;

	fine("get frequency", nvme_mi_mi_config_get_smbus_freq(ep, 1, &f));
	check("frequency", f, NVME_MI_CONFIG_SMBUS_FREQ_400kHz);
	fine("set frequency", nvme_mi_mi_config_set_smbus_freq(
				      ep, 1, NVME_MI_CONFIG_SMBUS_FREQ_100kHz));
	fine("get frequency", nvme_mi_mi_config_get_smbus_freq(ep, 1, &f));
	check("frequency", f, NVME_MI_CONFIG_SMBUS_FREQ_100kHz);
	check("a frequency it has not",
	      nvme_mi_mi_config_set_smbus_freq(
		      ep, 1, NVME_MI_CONFIG_SMBUS_FREQ_1MHz) > 0,
	      1);
	check("frequency of a PCIe port",
	      nvme_mi_mi_config_get_smbus_freq(ep, 0, &f) > 0, 1);
	fine("get unit", nvme_mi_mi_config_get_mctp_mtu(ep, 1, &unit));
	check("unit", unit, 64);
	fine("set unit", nvme_mi_mi_config_set_mctp_mtu(ep, 1, 128));
	fine("get unit", nvme_mi_mi_config_get_mctp_mtu(ep, 1, &unit));
	check("unit", unit, 128);
	check("a unit too small", nvme_mi_mi_config_set_mctp_mtu(ep, 1, 32) > 0,
	      1);
	fine("set unit back", nvme_mi_mi_config_set_mctp_mtu(ep, 1, 64));
	fine("clear status",
	     nvme_mi_mi_config_set_health_status_change(ep, 0xffff));
}

static void identify(nvme_mi_ep_t ep)
{
	for (__u16 number = 0; number < 2; number++) {
		nvme_mi_ctrl_t ctrl = nvme_mi_init_ctrl(ep, number);
		struct nvme_id_ctrl id;

		memset(&id, 0xaa, sizeof(id));
		fine("Identify Controller",
		     nvme_mi_admin_identify_ctrl(ctrl, &id));
		check("controller id", le16toh(id.cntlid), number);
		check("vendor", le16toh(id.vid), 0x1234);
		text("model", id.mn, "Test drive", sizeof(id.mn));
		text("serial", id.sn, "S 0001", sizeof(id.sn));
		text("firmware", id.fr, "7.3", sizeof(id.fr));
		nvme_mi_close_ctrl(ctrl);
	}
}

int main(int argc, char **argv)
{
	nvme_root_t root = nvme_mi_create_root(stderr, LOG_WARNING);
	nvme_mi_ep_t ep;

	if (argc != 3 || !root) {
		fputs("usage: libnvme_mi NETWORK EID\n", stderr);
		return 2;
	}
	ep = nvme_mi_open_mctp(root, (unsigned int)atoi(argv[1]),
			       (uint8_t)atoi(argv[2]));
	if (!ep) {
		perror("libnvme_mi: opening the endpoint");
		return 1;
	}
	data_structures(ep);
	health(ep);
	configuration(ep);
	identify(ep);
	/* All controllers by itself, as nvme-cli would. */
	fine("scanning", nvme_mi_scan_ep(ep, true));
	check("it finds some", !!nvme_mi_first_ctrl(ep), 1);
	nvme_mi_close(ep);
	nvme_mi_free_root(root);
	printf("libnvme-mi: %u checks, %u failed\n", checks, failures);
	return failures ? 1 : 0;
}
