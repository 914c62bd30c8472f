/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/emu_capture.h"

#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/capture_usb.h"
#include "emulator/usb/emu_host.h"

enum { ERROR_SIZE = 512, PS_PER_NS = 1000 };

static struct capture capture;
static struct capture_usb usb;
static uint64_t start_ns;

static uint64_t virtual_ns(void *host)
{
	const struct emu_host *h = host;

	return start_ns + emu_now(h->emu) / PS_PER_NS;
}

int emu_capture_open(struct emu_host *h, const char *path)
{
	char error[ERROR_SIZE];
	struct timespec now;

	if (capture_open(&capture, path, "nucleo-emu " TETHER_VERSION, error,
			 sizeof(error))) {
		fprintf(stderr, "nucleo-emu: %s\n", error);
		return ERR_IO;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	start_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	capture.now_ns = virtual_ns;
	capture.clock_ctx = h;
	capture_interface(&capture, "nucleo-emu");
	capture_usb_init(&usb, &capture);
	h->capture = &usb;
	return ERR_OK;
}

void emu_capture_flush(struct emu_host *h)
{
	if (h->capture)
		(void)capture_flush(&capture);
}

int emu_capture_close(struct emu_host *h, const char *path)
{
	if (!h->capture)
		return ERR_OK;
	h->capture = NULL;
	if (!capture_close(&capture))
		return ERR_OK;
	fprintf(stderr,
		"nucleo-emu: --pcap %s: the capture is incomplete: %s\n", path,
		capture_error(&capture));
	return ERR_IO;
}
