/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers and option tables of the verbs for boards. */
#ifndef TETHER_CLI_BOARDS_H
#define TETHER_CLI_BOARDS_H

#include "cli/cli.h"

int run_run(struct cli *c);
int ssh_run(struct cli *c);
int ssh_config_run(struct cli *c);
int deploy_run(struct cli *c);
int image_run(struct cli *c);
int doctor_run(struct cli *c);
int mcp_run(struct cli *c);
int inspect_run(struct cli *c);
int install_run(struct cli *c);
int ls_run(struct cli *c);
extern const struct cli_option run_choices[], ssh_choices[],
	ssh_config_choices[], deploy_choices[], doctor_choices[],
	image_choices[], inspect_choices[], install_choices[], ls_choices[],
	mcp_choices[];

#endif
