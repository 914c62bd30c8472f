/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All constants of NVMe and NVMe-MI that appear on the wire. The responder in
 * this folder and the requesters (host/, cli/) share them. The three headers
 * contain only constants, so that a program can include them without linking
 * the responder.
 *
 * Names are those of the specifications: NVMe Management Interface 1.2 (2.0
 * where a comment says so) and NVMe base 2.0. All values are little endian.
 */
#ifndef TETHER_NVME_MI_NVME_WIRE_H
#define TETHER_NVME_MI_NVME_WIRE_H

#include "nvme_mi/nvme_wire_admin.h" /* Admin commands: opcodes, dwords */
#include "nvme_mi/nvme_wire_data.h"  /* Identify structures and log pages */
#include "nvme_mi/nvme_wire_mi.h"    /* NVMe-MI messages and MI commands */
#include "nvme_mi/nvme_wire_ocp.h"   /* log pages of OCP */

#endif
