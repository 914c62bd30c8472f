/* Sizes of the core on this board: messages of NVMe-MI's 4 KiB of data. */
#ifndef TETHER_PORTS_NUCLEO_H7S3_CONFIG_H
#define TETHER_PORTS_NUCLEO_H7S3_CONFIG_H

#define MCTP_MESSAGE_MAX 4224
#define MCTP_REASSEMBLIES 3
#define ECHO_SLOTS 8 /* the tags of a host: it may use all at once */
#define BENCH_SLOTS 1
#define CRC32C_SLICES 4
#define LOG_RING_SIZE 4096
#define MCTP_CLASS_IN_SIZE 2048

#endif
