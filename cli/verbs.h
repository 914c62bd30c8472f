/* The verbs for boards, and those about tether itself: a file each. */
#ifndef TETHER_CLI_VERBS_H
#define TETHER_CLI_VERBS_H

struct cli;
struct cli_choice;

int run_run(struct cli *c);
int ssh_run(struct cli *c);
int ssh_config_run(struct cli *c);
int deploy_run(struct cli *c);
extern const struct cli_choice run_choices[], ssh_choices[],
	ssh_config_choices[], deploy_choices[];

#endif
