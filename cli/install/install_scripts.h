/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell programs of `tether install`. tools/embed makes these constants
 * from the files in scripts/, whose headers describe inputs, output and exit
 * codes. cli/board/board_script.h passes the inputs.
 */
#ifndef TETHER_CLI_INSTALL_INSTALL_SCRIPTS_H
#define TETHER_CLI_INSTALL_INSTALL_SCRIPTS_H

/* For all ways that run scripts, in the order of an installation. */
extern const char install_script_state[], install_script_apply[],
	install_script_start[], install_script_restore[],
	install_script_clean[];

/* Shell functions, sent in front of other scripts. */
extern const char install_script_service[], install_script_pause[],
	install_script_wait[], install_script_rollback[];

/* The switch to tetherd over SSH. */
extern const char install_script_receive[], install_script_arm[],
	install_script_launch[], install_script_switch[],
	install_script_uninstall[], install_script_confirm[],
	install_script_take_back[];

/* Boot hooks of the switch: a unit and an init script. */
extern const char install_script_tether_switch_back_service[],
	install_script_s29tether_switch[];

/* The loop that the login shell of a serial console runs. It is one line and
 * contains no single quote. */
extern const char install_script_console[];

#endif
