/* SPDX-License-Identifier: Apache-2.0 */
/* The part of macOS's <net/if_media.h> that cli/hostnet_darwin.c uses, and for
 * tests on Linux what <net/if.h> and <sys/sockio.h> have on macOS. */
#ifndef TESTS_UNIT_DARWIN_NET_IF_MEDIA_H
#define TESTS_UNIT_DARWIN_NET_IF_MEDIA_H

#define IFM_AVALID 0x00000001 /* the driver knows the state of the link */
#define IFM_ACTIVE 0x00000002 /* the link is up */

#ifndef __APPLE__
#include <net/if.h>
#include <sys/ioctl.h>

struct ifmediareq {
	char ifm_name[IFNAMSIZ];
	int ifm_current, ifm_mask, ifm_status, ifm_active, ifm_count;
	int *ifm_ulist;
};

#define SIOCGIFMEDIA _IOWR('i', 56, struct ifmediareq)
#endif

#endif
