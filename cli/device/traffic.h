/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp echo and bench: traffic, checked and measured. */
#ifndef TETHER_CLI_DEVICE_TRAFFIC_H
#define TETHER_CLI_DEVICE_TRAFFIC_H

struct cli;

int mctp_echo(struct cli *c);
int mctp_bench(struct cli *c);

#endif
