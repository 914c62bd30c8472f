/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes of the core, in one place. A port overrides any of them by naming a
 * header of its own with -DTETHER_CONFIG_H='"file.h"'.
 */
#ifndef TETHER_BASE_CONFIG_H
#define TETHER_BASE_CONFIG_H

#ifdef TETHER_CONFIG_H
#include TETHER_CONFIG_H
#endif

/* Largest MCTP message, type byte included. DSP0236 sets no limit. */
#ifndef MCTP_MESSAGE_MAX
#define MCTP_MESSAGE_MAX 65536
#endif

/* Messages being reassembled at once. */
#ifndef MCTP_REASSEMBLIES
#define MCTP_REASSEMBLIES 16
#endif

/* Message types that can be registered with one endpoint. */
#ifndef MCTP_HANDLERS
#define MCTP_HANDLERS 8
#endif

/* Services that a program has; 0 leaves their code out of an image. */
#ifndef DEVICE_NVME_MI
#define DEVICE_NVME_MI 1
#endif
#ifndef DEVICE_PLDM_FILE
#define DEVICE_PLDM_FILE 1
#endif

/* Echo requests answered at once, and the bytes that they have together. One
 * message more than slots, and no mix of lengths finds the bytes used up. */
#ifndef ECHO_SLOTS
#define ECHO_SLOTS 8
#endif
#ifndef ECHO_BUFFER_SIZE
#define ECHO_BUFFER_SIZE ((ECHO_SLOTS + 1) * MCTP_MESSAGE_MAX)
#endif

/* Bench messages queued at once; each owns a message buffer. */
#ifndef BENCH_SLOTS
#define BENCH_SLOTS 8
#endif

/* What the NVM subsystem can have. */
#ifndef SUBSYSTEM_PORTS
#define SUBSYSTEM_PORTS 4
#endif
#ifndef SUBSYSTEM_CONTROLLERS
#define SUBSYSTEM_CONTROLLERS 16
#endif
#ifndef SUBSYSTEM_NAMESPACES
#define SUBSYSTEM_NAMESPACES 256
#endif

/* Slots for firmware images, up to 7. */
#ifndef SUBSYSTEM_FIRMWARE_SLOTS
#define SUBSYSTEM_FIRMWARE_SLOTS 3
#endif
/* Entries of logs: error information a controller, persistent events. */
#ifndef SUBSYSTEM_ERRORS
#define SUBSYSTEM_ERRORS 16
#endif
#ifndef SUBSYSTEM_EVENTS
#define SUBSYSTEM_EVENTS 32
#endif

/* Bytes of NVMe-MI's Management Endpoint Buffer. */
#ifndef NVME_MI_BUFFER_SIZE
#define NVME_MI_BUFFER_SIZE 4096
#endif

/* Tables of 1 KiB each that CRC-32C slices by: 1, 4, 8 or 16. */
#ifndef CRC32C_SLICES
#define CRC32C_SLICES 8
#endif

/* Tables of 1 KiB each that CRC-32 (of PLDM) slices by: 1, 4, 8 or 16. */
#ifndef CRC32_SLICES
#define CRC32_SLICES 8
#endif

/* Largest part of a file that the PLDM requester asks for: a power of two, 256
 * at least. The host may have smaller ones. */
#ifndef PLDM_PART_MAX
#define PLDM_PART_MAX (MCTP_MESSAGE_MAX > 32768 ? 16384 : 4096)
#endif

/* File descriptors the PLDM requester opens at most, to have as many parts in
 * flight; each owns a part's buffer. 1 to 8, the tags of a destination, of
 * which others may want one. */
#ifndef PLDM_LANES
#define PLDM_LANES 7
#endif

/* Bytes of log kept for sinks that have not read yet; a power of two. */
#ifndef LOG_RING_SIZE
#define LOG_RING_SIZE 16384
#endif

_Static_assert(MCTP_MESSAGE_MAX >= 64, "the baseline unit is 64 bytes");
_Static_assert(MCTP_MESSAGE_MAX <= 65536, "lengths are kept in 32 bits, "
					  "buffers are not meant to be larger");
_Static_assert(MCTP_REASSEMBLIES >= 1 && MCTP_REASSEMBLIES <= 255,
	       "reassembly slots are numbered in a byte");
_Static_assert(ECHO_BUFFER_SIZE >= MCTP_MESSAGE_MAX && ECHO_SLOTS <= 128,
	       "the longest message fits, slots are numbered in a byte");
_Static_assert(SUBSYSTEM_NAMESPACES <= 1024,
	       "a list of all namespaces goes into one Identify");
_Static_assert(SUBSYSTEM_FIRMWARE_SLOTS >= 1 && SUBSYSTEM_FIRMWARE_SLOTS <= 7,
	       "firmware slots number from 1 to 7");
_Static_assert(SUBSYSTEM_ERRORS >= 1 && SUBSYSTEM_ERRORS <= 64,
	       "all errors go into one log page of 4096 bytes");
_Static_assert(NVME_MI_BUFFER_SIZE >= 4096 && NVME_MI_BUFFER_SIZE <= 65536,
	       "the buffer takes the data of any command");
_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0,
	       "the log ring is indexed by mask");
_Static_assert(CRC32C_SLICES == 1 || CRC32C_SLICES == 4 || CRC32C_SLICES == 8 ||
		       CRC32C_SLICES == 16,
	       "CRC-32C slices by 1, 4, 8 or 16");
_Static_assert(CRC32_SLICES == 1 || CRC32_SLICES == 4 || CRC32_SLICES == 8 ||
		       CRC32_SLICES == 16,
	       "CRC-32 slices by 1, 4, 8 or 16");
_Static_assert(PLDM_PART_MAX >= 256 && PLDM_PART_MAX <= 32768 &&
		       (PLDM_PART_MAX & (PLDM_PART_MAX - 1)) == 0,
	       "DSP0240: a part is a power of two of 256 bytes or more");
_Static_assert(PLDM_PART_MAX + 18 <= MCTP_MESSAGE_MAX,
	       "a part with its headers and check is one message");
_Static_assert(PLDM_LANES >= 1 && PLDM_LANES <= 8,
	       "a destination has eight tags");

#endif
