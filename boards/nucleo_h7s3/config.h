/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the core on this board. A message holds 4 KiB of NVMe-MI data. The
 * RAM budget is 96 KiB. */
#ifndef TETHER_BOARDS_NUCLEO_H7S3_CONFIG_H
#define TETHER_BOARDS_NUCLEO_H7S3_CONFIG_H

#define MCTP_MESSAGE_MAX 4224
#define MCTP_REASSEMBLIES 3
#define MCTP_TAP 0
#define ECHO_SLOTS 8 /* a host may use all eight tags at the same time */
#define ECHO_BUFFER_SIZE (3 * MCTP_MESSAGE_MAX)
#define BENCH_SLOTS 1
#define CRC32C_SLICES 4
#define CRC32_SLICES 1
#define LOG_RING_SIZE 2048
#define MCTP_CLASS_IN_SIZE 2048
#define DRIVE_CONTROLLERS 2
#define DRIVE_EVENTS 12
#define DRIVE_TELEMETRY_BLOCKS 0
#define DRIVE_ACTIVATIONS 1
#define DRIVE_METADATA_SIZE 0
#define NVME_MI_OCP 0
#define PLDM_LANES 1
#define PLDM_PART_MAX 2048
#define PLDM_FW_WINDOW 1
#define PLDM_ANSWER_MAX 704
#define PLDM_EVENTS 4

#endif
