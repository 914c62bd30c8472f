/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option --pcap: captures the packets of every transport that the verb opens.
 */
#ifndef TETHER_CLI_PCAP_H
#define TETHER_CLI_PCAP_H

struct cli;

/** Open the file of --pcap, if given, and set c->observer. With "-", the
 * verb's output goes to stderr from now on. Returns EXIT_OK, or EXIT_FAILED
 * after printing the error. */
int pcap_open(struct cli *c);

/** Write the rest and close the file. Returns EXIT_OK, or EXIT_FAILED after
 * printing why packets are missing. */
int pcap_close(struct cli *c);

#endif
