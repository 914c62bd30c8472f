/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests usbnvme with another requester, libnvme-mi, through the kernel's MCTP.
 * The program calls every libnvme-mi function whose command the device
 * supports, and compares the results with tests/vm/model.ini.
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

/* Check that a call succeeded. */
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
	/* Do not request a list that starts at another controller: libnvme puts
	 * the controller number into the field of the port number. */
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

/* --- commands that nvme-cli 2.3 does not send over MI, and some others --- */

static void features(nvme_mi_ctrl_t ctrl)
{
	struct nvme_set_features_args set = {
		.args_size = sizeof(set),
		.fid = NVME_FEAT_FID_TEMP_THRESH,
		.nsid = NVME_NSID_NONE,
		.cdw11 = 333,
	};
	__u8 stamp[8] = { 0x10, 0x32, 0x54, 0x76, 0x98, 0 };
	__u32 value = 0;

	fine("Set Features", nvme_mi_admin_set_features(ctrl, &set));
	fine("Get Features",
	     nvme_mi_admin_get_features_simple(ctrl, NVME_FEAT_FID_TEMP_THRESH,
					       NVME_NSID_NONE, &value));
	check("threshold", value, 333);
	set.fid = NVME_FEAT_FID_NUM_QUEUES;
	check("a fixed feature", nvme_mi_admin_set_features(ctrl, &set) > 0, 1);
	set = (struct nvme_set_features_args){
		.args_size = sizeof(set),
		.fid = NVME_FEAT_FID_TIMESTAMP,
		.data = stamp,
		.data_len = sizeof(stamp),
	};
	fine("Set Features, with data", nvme_mi_admin_set_features(ctrl, &set));
	memset(stamp, 0, sizeof(stamp));
	fine("Get Features, with data",
	     nvme_mi_admin_get_features_data(ctrl, NVME_FEAT_FID_TIMESTAMP,
					     NVME_NSID_NONE, sizeof(stamp),
					     stamp, &value));
	check("timestamp's end", stamp[4] << 8 | stamp[3], 0x9876);
	check("timestamp was set", stamp[6], 2);
}

static void log_pages(nvme_mi_ctrl_t ctrl)
{
	static __u8 whole[512], part[16];
	struct nvme_get_log_args get = {
		.args_size = sizeof(get),
		.lid = NVME_LOG_LID_SMART,
		.nsid = NVME_NSID_ALL,
		.log = whole,
		.len = sizeof(whole),
	};

	fine("Get Log Page", nvme_mi_admin_get_log(ctrl, &get));
	check("temperature", whole[1] | whole[2] << 8, 295);
	get.log = part;
	get.len = sizeof(part);
	get.lpo = 112;
	fine("Get Log Page from 112", nvme_mi_admin_get_log(ctrl, &get));
	check("is that part", memcmp(part, whole + 112, sizeof(part)), 0);
	get.lid = 0x70;
	check("a page it has not", nvme_mi_admin_get_log(ctrl, &get) > 0, 1);
}

static __u32 create(nvme_mi_ctrl_t ctrl)
{
	static struct nvme_id_ns ns;
	__u32 nsid = 0, none = 0;
	struct nvme_ns_mgmt_args args = {
		.args_size = sizeof(args),
		.result = &nsid,
		.ns = &ns,
		.sel = NVME_NS_MGMT_SEL_CREATE,
	};

	ns.nsze = ns.ncap = htole64(4096);
	ns.nmic = 1;
	fine("Namespace Management, create",
	     nvme_mi_admin_ns_mgmt(ctrl, &args));
	check("its NSID", nsid, 2);
	args.result = &none;
	ns.nsze = ns.ncap = htole64(1ULL << 50);
	check("one that is too large", nvme_mi_admin_ns_mgmt(ctrl, &args) > 0,
	      1);
	return nsid;
}

static int attach(nvme_mi_ctrl_t ctrl, __u32 nsid, enum nvme_ns_attach_sel sel)
{
	static struct nvme_ctrl_list list = { .num = 2,
					      .identifier = { 0, 1 } };
	struct nvme_ns_attach_args args = {
		.args_size = sizeof(args),
		.ctrlist = &list,
		.nsid = nsid,
		.sel = sel,
	};

	list.num = htole16(2);
	list.identifier[1] = htole16(1);
	return nvme_mi_admin_ns_attach(ctrl, &args);
}

static int format(nvme_mi_ctrl_t ctrl, __u32 nsid, __u8 lbaf)
{
	struct nvme_format_nvm_args args = {
		.args_size = sizeof(args),
		.nsid = nsid,
		.lbaf = lbaf,
	};

	return nvme_mi_admin_format_nvm(ctrl, &args);
}

static void namespaces(nvme_mi_ctrl_t ctrl)
{
	static struct nvme_id_ns ns;
	static struct nvme_ns_list list;
	__u32 nsid = create(ctrl);
	struct nvme_ns_mgmt_args args = {
		.args_size = sizeof(args),
		.nsid = nsid,
		.sel = NVME_NS_MGMT_SEL_DELETE,
	};

	fine("attach", attach(ctrl, nsid, NVME_NS_ATTACH_SEL_CTRL_ATTACH));
	check("attach again",
	      attach(ctrl, nsid, NVME_NS_ATTACH_SEL_CTRL_ATTACH) > 0, 1);
	fine("Format NVM", format(ctrl, nsid, 1));
	check("a format it has not", format(ctrl, nsid, 9) > 0, 1);
	fine("Identify Namespace", nvme_mi_admin_identify_ns(ctrl, nsid, &ns));
	check("blocks of 4096 bytes", (long long)le64toh(ns.nsze), 512);
	check("its format", ns.flbas & 0xf, 1);
	fine("active namespaces",
	     nvme_mi_admin_identify_active_ns_list(ctrl, 0, &list));
	check("the second", le32toh(list.ns[1]), nsid);
	fine("detach", attach(ctrl, nsid, NVME_NS_ATTACH_SEL_CTRL_DEATTACH));
	check("detach again",
	      attach(ctrl, nsid, NVME_NS_ATTACH_SEL_CTRL_DEATTACH) > 0, 1);
	fine("Namespace Management, delete",
	     nvme_mi_admin_ns_mgmt(ctrl, &args));
	check("delete again", nvme_mi_admin_ns_mgmt(ctrl, &args) > 0, 1);
}

static void firmware(nvme_mi_ctrl_t ctrl)
{
	static char image[8192] = "9.8.7   ";
	static struct nvme_firmware_slot log;
	struct nvme_fw_download_args download = {
		.args_size = sizeof(download),
		.data = image,
		.data_len = 4096,
	};
	struct nvme_fw_commit_args commit = {
		.args_size = sizeof(commit),
		.action = NVME_FW_COMMIT_CA_REPLACE_AND_ACTIVATE_IMMEDIATE,
		.slot = 2,
	};

	check("commit without an image",
	      nvme_mi_admin_fw_commit(ctrl, &commit) > 0, 1);
	fine("Firmware Image Download",
	     nvme_mi_admin_fw_download(ctrl, &download));
	download.data = image + 4096;
	download.offset = 4096;
	fine("its second half", nvme_mi_admin_fw_download(ctrl, &download));
	fine("Firmware Commit", nvme_mi_admin_fw_commit(ctrl, &commit));
	fine("firmware log", nvme_mi_admin_get_log_fw_slot(ctrl, false, &log));
	check("active slot", log.afi & 7, 2);
	text("slot 2", (char *)log.frs[1], "9.8.7", 8);
}

static void security(nvme_mi_ctrl_t ctrl)
{
	__u8 data[16] = { 0 };
	struct nvme_security_receive_args receive = {
		.args_size = sizeof(receive),
		.data = data,
		.data_len = sizeof(data),
		.al = sizeof(data),
	};

	fine("Security Receive", nvme_mi_admin_security_recv(ctrl, &receive));
	check("protocols", data[7], 1);
	receive.secp = 0xea;
	check("a protocol it has not",
	      nvme_mi_admin_security_recv(ctrl, &receive) > 0, 1);
}

static int self_test(nvme_mi_ctrl_t ctrl, __u32 what)
{
	struct nvme_mi_admin_req_hdr request = {
		.opcode = nvme_admin_dev_self_test,
		.cdw1 = htole32(NVME_NSID_ALL),
		.cdw10 = htole32(what),
	};
	struct nvme_mi_admin_resp_hdr response;
	size_t len = 0;

	if (nvme_mi_admin_xfer(ctrl, &request, 0, &response, 0, &len))
		return -1;
	return response.status ? response.status
			       : (int)(le32toh(response.cdw3) >> 17);
}

static void background(nvme_mi_ctrl_t ctrl)
{
	static struct nvme_self_test_log log;
	static struct nvme_sanitize_log_page sanitized;
	int status;
	struct nvme_sanitize_nvm_args sanitize = {
		.args_size = sizeof(sanitize),
		.sanact = NVME_SANITIZE_SANACT_START_CRYPTO_ERASE,
	};

	fine("Device Self-test", self_test(ctrl, 1));
	/* 1Dh, command specific, More: the Error Information log has an
	 * entry. */
	check("while one is under way", self_test(ctrl, 1), 0x211d);
	fine("abort it", self_test(ctrl, 15));
	fine("self-test log",
	     nvme_mi_admin_get_log_device_self_test(ctrl, &log));
	check("it was aborted", log.result[0].dsts & 0xf, 1);
	fine("Sanitize", nvme_mi_admin_sanitize_nvm(ctrl, &sanitize));
	fine("sanitize log",
	     nvme_mi_admin_get_log_sanitize(ctrl, false, &sanitized));
	check("what was asked for", le32toh(sanitized.scdw10) & 7, 4);
	status = le16toh(sanitized.sstat) & NVME_SANITIZE_SSTAT_STATUS_MASK;
	check("its status: done, or under way", status == 1 || status == 2, 1);
}

static void admin(nvme_mi_ep_t ep)
{
	nvme_mi_ctrl_t ctrl = nvme_mi_init_ctrl(ep, 0);

	features(ctrl);
	log_pages(ctrl);
	namespaces(ctrl);
	firmware(ctrl);
	security(ctrl);
	background(ctrl);
	nvme_mi_close_ctrl(ctrl);
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
	admin(ep);
	/* Let libnvme-mi find all controllers, as nvme-cli does. */
	fine("scanning", nvme_mi_scan_ep(ep, true));
	check("it finds some", !!nvme_mi_first_ctrl(ep), 1);
	nvme_mi_close(ep);
	nvme_mi_free_root(root);
	printf("libnvme-mi: %u checks, %u failed\n", checks, failures);
	return failures ? 1 : 0;
}
