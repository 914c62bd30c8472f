/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs for boards. */
#include <stddef.h>

#include "cli/boards.h"
#include "cli/verbs.h"

const struct cli_verb board_ls_verb = {
	.name = "ls",
	.synopsis = "[--all]",
	.run = ls_run,
	.options = ls_choices,
	.help = "List boards and MCTP devices of this host",
	.text = "Each with its functions, the driver that is bound to them, "
		"the network interface\nwith its address, whether SSH "
		"answers, and MCTP's network and EIDs.",
	.examples = "tether ls --json\n",
};

const struct cli_verb board_ssh_verb = {
	.name = "ssh",
	.synopsis = "[HOST]",
	.max_arguments = 1,
	.run = ssh_run,
	.options = ssh_choices,
	.help = "Open a shell on the board",
	.examples = "tether ssh\n",
};

const struct cli_verb board_run_verb = {
	.name = "run",
	.synopsis = "[OPTION]... [--] COMMAND [ARGUMENT]...",
	.min_arguments = 1,
	.max_arguments = CLI_ARGUMENTS,
	.run = run_run,
	.options = run_choices,
	.order = CLI_BEFORE,
	.help = "Run a command on the board",
	.text = "One argument is a line for the board's shell; several are a "
		"command and\nits arguments, each of which arrives as it "
		"is. 255 is ssh's own failure.",
	.examples = "tether run uname -a\n"
		    "tether run 'dmesg | tail'\n",
};

const struct cli_verb board_deploy_verb = {
	.name = "deploy",
	.synopsis = "FILE... [OPTION]... [-- ARGUMENT...]",
	.max_arguments = CLI_ARGUMENTS,
	.run = deploy_run,
	.options = deploy_choices,
	.order = CLI_TWO_LISTS,
	.help = "Copy files to the board atomically",
	.text = "Each file goes into a new one beside its place, is compared "
		"there by its\nchecksum and renamed; the mode is kept, and "
		"what the board has already is not\nsent. A link on the "
		"board "
		"is replaced, not followed.",
	.examples = "tether deploy --to /opt/app build/app app.conf\n"
		    "tether deploy build/app --watch --run -- --verbose\n",
};

const struct cli_verb board_doctor_verb = {
	.name = "doctor",
	.synopsis = "[HOST]",
	.max_arguments = 1,
	.run = doctor_run,
	.options = doctor_choices,
	.help = "Diagnose the connection to the board step by step",
	.text = "From the cable to the shell, step by step. The exit code "
		"names the first step\nthat failed: 11 device, 12 driver, 13 "
		"interface, 14 address, 15 ping, 16 port,\n17 host key, 18 "
		"login, 19 copying, 20 clock, 21 disk.",
	.examples = "tether doctor\n",
};

const struct cli_verb board_image_verb = {
	.name = "image",
	.synopsis = "build | shell | collect | status | flash FILE DEVICE",
	.min_arguments = 1,
	.max_arguments = 3,
	.run = image_run,
	.options = image_choices,
	.order = CLI_TWO_LISTS,
	.help = "Build a board image with Buildroot, or write it to a card",
	.text = "build configures for the board the first time, then makes; "
		"a command behind --\nis run instead, where it builds. flash "
		"refuses disks that are in use, and reads\nback what it "
		"wrote.",
	.examples = "tether image build --engine docker\n"
		    "tether image flash images/sdcard.img /dev/sdX\n",
};

const struct cli_verb board_inspect_verb = {
	.name = "inspect",
	.synopsis = "[DEVICE | --file FILE | --via VIA]",
	.max_arguments = 1,
	.run = inspect_run,
	.options = inspect_choices,
	.help = "Tell which systems have a driver for a USB device",
	.text = "For macOS, iPadOS, Windows 10 and 11 and Linux: the driver "
		"that binds, or the\nrule that is not kept and what to "
		"change on the board. DEVICE is as Linux names\nit: 1-2.",
	.examples = "tether inspect 1-2\n",
};

const struct cli_verb install_verb = {
	.name = "install",
	.synopsis = "--serial TTY | --rootfs DIR | --ssh HOST | --image FILE",
	.run = install_run,
	.options = install_choices,
	.help = "Install tetherd on a board, also without a network",
	.text = "Shows what it will do, and does it. Over SSH the switch "
		"happens after the\nconnection; the board goes back by "
		"itself when it is not reached again.",
	.examples = "tether install --serial /dev/ttyACM0 --dry-run\n"
		    "tether install --ssh 192.168.7.2\n",
};

const struct cli_verb mcp_verb = {
	.name = "mcp",
	.synopsis = "[--root DIR]... [--board HOST]",
	.run = mcp_run,
	.options = mcp_choices,
	.help = "Serve the Model Context Protocol (server linux-build)",
	.text = "On stdin and stdout, for a program that starts it. Tools "
		"build in containers,\ndeploy to the board and run commands "
		"there; paths and boards other than those\nallowed are "
		"refused.",
	.examples = "tether mcp --root ~/src/linux\n",
};

const struct cli_verb board_ssh_config_verb = {
	.name = "ssh-config",
	.synopsis = "[HOST] [--install | --remove | --forget]",
	.max_arguments = 1,
	.run = ssh_config_run,
	.options = ssh_config_choices,
	.help = "Write an entry for the board into ~/.ssh/config",
	.text = "Asks the server what it offers, and allows an old algorithm "
		"for this board\nalone and only where nothing else is left. "
		"Without --install it is shown.",
	.examples = "tether ssh-config --install\n",
};
