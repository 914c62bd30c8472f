/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the verbs for boards: help, completions and manual pages say
 * what stands here. */
#include <stddef.h>

#include "cli/cli.h"
#include "cli/verbs.h"

const struct cli_choice no_choices[] = { { 0 } };

const struct cli_verb board_verbs[] = {
	{ .name = "ls",
	  .arguments = "[--all]",
	  .run = ls_run,
	  .choices = ls_choices,
	  .help = "boards and MCTP devices of this host",
	  .text = "Each with its functions, the driver that is bound to them, "
		  "the network interface\nwith its address, whether SSH "
		  "answers, and MCTP's network and EIDs." },
	{ .name = "ssh",
	  .arguments = "[HOST]",
	  .most = 1,
	  .run = ssh_run,
	  .choices = ssh_choices,
	  .help = "a shell on the board" },
	{ .name = "run",
	  .arguments = "[OPTION]... [--] COMMAND [ARGUMENT]...",
	  .least = 1,
	  .most = CLI_ARGUMENTS,
	  .run = run_run,
	  .choices = run_choices,
	  .order = CLI_BEFORE,
	  .help = "a command on the board, with its exit code",
	  .text = "One argument is a line for the board's shell; several are a "
		  "command and\nits arguments, each of which arrives as it "
		  "is. 255 is ssh's own failure." },
	{ .name = "deploy",
	  .arguments = "FILE... [OPTION]... [-- ARGUMENT...]",
	  .most = CLI_ARGUMENTS,
	  .run = deploy_run,
	  .choices = deploy_choices,
	  .order = CLI_TWO_LISTS,
	  .help = "files onto the board, whole or not at all",
	  .text = "Each file goes into a new one beside its place, is compared "
		  "there by its\nchecksum and renamed; the mode is kept, and "
		  "what the board has already is not\nsent. A link on the "
		  "board "
		  "is replaced, not followed." },
	{ .name = "doctor",
	  .arguments = "[HOST]",
	  .most = 1,
	  .run = doctor_run,
	  .choices = doctor_choices,
	  .help = "what is wrong between this host and the board",
	  .text = "From the cable to the shell, step by step. The exit code "
		  "names the first step\nthat failed: 11 device, 12 driver, 13 "
		  "interface, 14 address, 15 ping, 16 port,\n17 host key, 18 "
		  "login, 19 copying, 20 clock, 21 disk." },
	{ .name = "image",
	  .arguments = "build | shell | collect | status | flash FILE DEVICE",
	  .least = 1,
	  .most = 3,
	  .run = image_run,
	  .choices = image_choices,
	  .order = CLI_TWO_LISTS,
	  .help = "a board's image by Buildroot, and onto a card",
	  .text = "build configures for the board the first time, then makes; "
		  "a command behind --\nis run instead, where it builds. flash "
		  "refuses disks that are in use, and reads\nback what it "
		  "wrote." },
	{ .name = "inspect",
	  .arguments = "[DEVICE | --file FILE | --via VIA]",
	  .most = 1,
	  .run = inspect_run,
	  .choices = inspect_choices,
	  .help = "which systems bring a USB device up by themselves",
	  .text = "For macOS, iPadOS, Windows 10 and 11 and Linux: the driver "
		  "that binds, or the\nrule that is not kept and what to "
		  "change on the board. DEVICE is as Linux names\nit: 1-2." },
	{ .name = "install",
	  .arguments =
		  "--serial TTY | --rootfs DIR | --ssh HOST | --image FILE",
	  .run = install_run,
	  .choices = install_choices,
	  .help = "tetherd onto a board, also without a network",
	  .text = "Shows what it will do, and does it. Over SSH the switch "
		  "happens after the\nconnection; the board goes back by "
		  "itself when it is not reached again." },
	{ .name = "mcp",
	  .arguments = "[--root DIR]... [--board HOST]",
	  .run = mcp_run,
	  .choices = mcp_choices,
	  .help = "a Model Context Protocol server, linux-build",
	  .text = "On stdin and stdout, for a program that starts it. Tools "
		  "build in containers,\ndeploy to the board and run commands "
		  "there; paths and boards other than those\nallowed are "
		  "refused." },
	{ .name = "ssh-config",
	  .arguments = "[HOST] [--install | --remove | --forget]",
	  .most = 1,
	  .run = ssh_config_run,
	  .choices = ssh_config_choices,
	  .help = "an entry for the board in ~/.ssh/config",
	  .text = "Asks the server what it offers, and allows an old algorithm "
		  "for this board\nalone and only where nothing else is left. "
		  "Without --install it is shown." },
	{ .name = "completion",
	  .arguments = "bash | zsh | fish",
	  .least = 1,
	  .most = 1,
	  .run = completion_run,
	  .choices = no_choices,
	  .help = "what a shell needs to complete tether's words",
	  .text = "In ~/.bashrc: eval \"$(tether completion bash)\"" },
	{ .name = "help",
	  .arguments = "VERB [WORD]",
	  .least = 1,
	  .most = 2,
	  .run = help_run,
	  .choices = no_choices,
	  .help = "a verb with its options" },
	{ 0 },
};
