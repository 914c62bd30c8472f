/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Default sizes and limits of the core. A port overrides them in its
 * configuration header. The build passes that header's name with
 * -DTETHER_CONFIG_H='"file.h"'.
 */
#ifndef TETHER_BASE_CONFIG_H
#define TETHER_BASE_CONFIG_H

#ifdef TETHER_CONFIG_H
#include TETHER_CONFIG_H
#endif

/* Largest MCTP message in bytes, type byte included. DSP0236 sets no limit. */
#ifndef MCTP_MESSAGE_MAX
#define MCTP_MESSAGE_MAX 65536
#endif

/* Messages that can be reassembled at the same time. */
#ifndef MCTP_REASSEMBLIES
#define MCTP_REASSEMBLIES 16
#endif

/* Message types that one endpoint can handle. */
#ifndef MCTP_HANDLERS
#define MCTP_HANDLERS 8
#endif

/* Observers of endpoints (struct mctp_tap). 0 removes the code. */
#ifndef MCTP_TAP
#define MCTP_TAP 1
#endif

/* Services of the device. 1 builds a service in, 0 removes its code from the
 * image. */
#ifndef DEVICE_NVME_MI
#define DEVICE_NVME_MI 1
#endif
/* PLDM types. Without any of them the device has no PLDM. FRU data, monitoring
 * and firmware are those of the drive, so they need DEVICE_NVME_MI. */
#ifndef DEVICE_PLDM_FILE
#define DEVICE_PLDM_FILE 1
#endif
#ifndef DEVICE_PLDM_FRU
#define DEVICE_PLDM_FRU 1
#endif
#ifndef DEVICE_PLDM_MONITORING
#define DEVICE_PLDM_MONITORING 1
#endif
#ifndef DEVICE_PLDM_FW
#define DEVICE_PLDM_FW 1
#endif
#define DEVICE_PLDM                                                            \
	(DEVICE_PLDM_FILE || DEVICE_PLDM_FRU || DEVICE_PLDM_MONITORING ||      \
	 DEVICE_PLDM_FW)

/* Echo responses that can be queued, and the size of their common buffer in
 * bytes. The default buffer holds ECHO_SLOTS + 1 messages of maximum length, so
 * that slots run out before buffer space. */
#ifndef ECHO_SLOTS
#define ECHO_SLOTS 8
#endif
#ifndef ECHO_BUFFER_SIZE
#define ECHO_BUFFER_SIZE ((ECHO_SLOTS + 1) * MCTP_MESSAGE_MAX)
#endif

/* Bench messages that can be queued. Each has a buffer of MCTP_MESSAGE_MAX
 * bytes. */
#ifndef BENCH_SLOTS
#define BENCH_SLOTS 8
#endif

/* Largest number of ports, controllers and namespaces of the drive. */
#ifndef DRIVE_PORTS
#define DRIVE_PORTS 4
#endif
#ifndef DRIVE_CONTROLLERS
#define DRIVE_CONTROLLERS 16
#endif
#ifndef DRIVE_NAMESPACES
#define DRIVE_NAMESPACES 256
#endif

/* Firmware slots, 1 to 7. */
#ifndef DRIVE_FIRMWARE_SLOTS
#define DRIVE_FIRMWARE_SLOTS 3
#endif
/* Log entries that the drive stores: errors for each controller, and persistent
 * events for the whole drive. A new entry replaces the oldest. */
#ifndef DRIVE_ERRORS
#define DRIVE_ERRORS 16
#endif
#ifndef DRIVE_EVENTS
#define DRIVE_EVENTS 32
#endif

/* Blocks of 512 bytes for each of the two telemetry captures, 0 to 64. 0: the
 * telemetry log pages have headers only. */
#ifndef DRIVE_TELEMETRY_BLOCKS
#define DRIVE_TELEMETRY_BLOCKS 12
#endif

/* Bytes for the elements of a host metadata feature: 4094, or 0 without these
 * features. */
#ifndef DRIVE_METADATA_SIZE
#define DRIVE_METADATA_SIZE 4094
#endif

/* Firmware activations that the drive stores, and the log pages of OCP's
 * Datacenter NVMe SSD specification: 1 builds them in. */
#ifndef DRIVE_ACTIVATIONS
#define DRIVE_ACTIVATIONS 20
#endif
#ifndef NVME_MI_OCP
#define NVME_MI_OCP 1
#endif

/* Size of NVMe-MI's Management Endpoint Buffer in bytes. */
#ifndef NVME_MI_BUFFER_SIZE
#define NVME_MI_BUFFER_SIZE 4096
#endif

/* Lookup tables of CRC-32C, 1 KiB each: 1, 4, 8 or 16; 0 computes each bit.
 * More tables are faster. */
#ifndef CRC32C_SLICES
#define CRC32C_SLICES 8
#endif

/* Lookup tables of CRC-32 (PLDM), 1 KiB each: 1, 4, 8 or 16. */
#ifndef CRC32_SLICES
#define CRC32_SLICES 8
#endif

/* Largest part of a file that the PLDM requester reads, in bytes: a power of
 * two from 256 to 32768. The host may negotiate a smaller part size. */
#ifndef PLDM_PART_MAX
#define PLDM_PART_MAX (MCTP_MESSAGE_MAX > 32768 ? 16384 : 4096)
#endif

/*
 * File descriptors that the PLDM requester opens. Each descriptor reads one
 * part at a time into its buffer of PLDM_PART_MAX bytes. MCTP has 8 tags for a
 * destination, so the limit is 8. A value of 7 leaves a tag for other requests.
 */
#ifndef PLDM_LANES
#define PLDM_LANES 7
#endif

/* Buffer of PLDM responses of the device, bytes. Longer data is transferred in
 * parts. */
#ifndef PLDM_ANSWER_MAX
#define PLDM_ANSWER_MAX 1024
#endif

/* Platform monitoring by PLDM: sensors of the drive (seven, and two of each
 * controller), records about them and about its entities, and events that wait
 * for their receiver. */
#define PLDM_SENSORS (7 + 2 * DRIVE_CONTROLLERS)
#define PLDM_RECORDS (4 + (DRIVE_NAMESPACES + 31) / 32 + 2 * PLDM_SENSORS)
#ifndef PLDM_EVENTS
#define PLDM_EVENTS 8
#endif

/* Firmware update by PLDM: parts of an image that the device requests at the
 * same time, and their largest size in bytes. Except for a window of 1, each
 * part in flight has a buffer. */
#ifndef PLDM_FW_WINDOW
#define PLDM_FW_WINDOW 4
#endif
#ifndef PLDM_FW_PART_MAX
#define PLDM_FW_PART_MAX PLDM_PART_MAX
#endif

/* Size of the log ring in bytes, a power of two. A new line overwrites the
 * oldest lines of a full ring. */
#ifndef LOG_RING_SIZE
#define LOG_RING_SIZE 16384
#endif

_Static_assert(MCTP_MESSAGE_MAX >= 64,
	       "the baseline transmission unit is 64 bytes");
_Static_assert(MCTP_MESSAGE_MAX <= 65536,
	       "reassembly counts lengths in 32 bits");
_Static_assert(MCTP_REASSEMBLIES >= 1 && MCTP_REASSEMBLIES <= 255,
	       "reassembly slots have 8-bit numbers");
_Static_assert(ECHO_BUFFER_SIZE >= MCTP_MESSAGE_MAX && ECHO_SLOTS <= 128,
	       "the longest message fits; slots have 8-bit numbers");
_Static_assert(DRIVE_NAMESPACES <= 1024,
	       "one Identify data structure lists 1024 namespaces");
_Static_assert(DRIVE_FIRMWARE_SLOTS >= 1 && DRIVE_FIRMWARE_SLOTS <= 7,
	       "NVMe has 1 to 7 firmware slots");
_Static_assert(DRIVE_ERRORS >= 1 && DRIVE_ERRORS <= 64,
	       "one log page of 4096 bytes has 64 entries");
_Static_assert(DRIVE_TELEMETRY_BLOCKS >= 0 && DRIVE_TELEMETRY_BLOCKS <= 64,
	       "a state file stores a capture");
_Static_assert(DRIVE_ACTIVATIONS >= 1 && DRIVE_ACTIVATIONS <= 20,
	       "log page C2h has 20 entries");
_Static_assert(NVME_MI_BUFFER_SIZE >= 4096 && NVME_MI_BUFFER_SIZE <= 65536,
	       "the buffer holds the data of any command");
_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0,
	       "a power of two, as positions are masked");
_Static_assert(CRC32C_SLICES == 0 || CRC32C_SLICES == 1 || CRC32C_SLICES == 4 ||
		       CRC32C_SLICES == 8 || CRC32C_SLICES == 16,
	       "the slicing algorithm needs 1, 4, 8 or 16 tables");
_Static_assert(CRC32_SLICES == 1 || CRC32_SLICES == 4 || CRC32_SLICES == 8 ||
		       CRC32_SLICES == 16,
	       "the slicing algorithm needs 1, 4, 8 or 16 tables");
_Static_assert(PLDM_PART_MAX >= 256 && PLDM_PART_MAX <= 32768 &&
		       (PLDM_PART_MAX & (PLDM_PART_MAX - 1)) == 0,
	       "DSP0240: a part is a power of two of 256 bytes or more");
_Static_assert(PLDM_PART_MAX + 18 <= MCTP_MESSAGE_MAX,
	       "a part, its headers and checksum are one message");
_Static_assert(PLDM_ANSWER_MAX >= 704 && PLDM_ANSWER_MAX <= MCTP_MESSAGE_MAX,
	       "the FRU table and a part of it fit");
_Static_assert(!(DEVICE_PLDM_FRU || DEVICE_PLDM_MONITORING) || DEVICE_NVME_MI,
	       "FRU data and sensors are those of the drive");
_Static_assert(PLDM_EVENTS >= 2 && PLDM_EVENTS <= 64,
	       "a change of the repository and a sensor event fit");
_Static_assert(!DEVICE_PLDM_FW || DEVICE_NVME_MI,
	       "the firmware that is updated is that of the drive");
_Static_assert(PLDM_LANES >= 1 && PLDM_LANES <= 8,
	       "one destination has eight tags");

#endif
