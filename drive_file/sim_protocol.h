/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text protocol of usbnvme's control socket, for `tether sim` and
 * ports/process/sim_socket.c. The header has constants only, so that its users
 * do not link the drive's code.
 *
 * The client sends one line, "do ACTION" (sim_action.h) or "set KEY=VALUE" (the
 * keys are in sim_set.h). The reply is the line "ok", or "error: " and a
 * sentence. "get" or "get KEY" asks for values: lines KEY=VALUE precede "ok".
 * A temperature has the unit K. KEY may be only the last part of keys: "get
 * temperature" returns that of all controllers.
 */
#ifndef TETHER_DRIVE_FILE_SIM_PROTOCOL_H
#define TETHER_DRIVE_FILE_SIM_PROTOCOL_H

#define SIM_COMMAND_DO "do "
#define SIM_COMMAND_SET "set "
#define SIM_COMMAND_GET "get"
#define SIM_REPLY_OK "ok"
#define SIM_REPLY_ERROR "error: "

enum {
	SIM_SETTING_MAX = 256, /* KEY=VALUE with its terminator, bytes */
	SIM_LINE_MAX = SIM_SETTING_MAX + 8, /* a line, bytes */
	SIM_REPLY_MAX = 24576,		    /* a reply, bytes */
};

#endif
