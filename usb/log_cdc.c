/* SPDX-License-Identifier: Apache-2.0 */
#include "usb/log_cdc.h"

#include "tusb.h"

#include "base/log.h"

#if TETHER_FEATURE_LOG

static struct log *source;
static struct log_sink sink;

void log_cdc_start(struct log *log)
{
	source = log;
	log_cdc_attached();
}

void log_cdc_attached(void)
{
	/* Exclude level trace: each transfer would log another line. */
	log_sink_init(&sink, source, LOG_LEVEL_DEBUG);
}

void log_cdc_poll(void)
{
	char text[LOG_LINE_MAX];
	uint32_t room;
	size_t len;

	if (!tud_ready())
		return;
	/* Input is discarded. Without the call, a cleared halt would leave the
	 * OUT endpoint without a transfer. */
	tud_cdc_read_flush();
	while ((room = tud_cdc_write_available()) > 0) {
		len = room < sizeof(text) ? room : sizeof(text);
		len = log_sink_pull(&sink, text, len);
		if (!len)
			break;
		(void)tud_cdc_write(text, (uint32_t)len);
	}
	(void)tud_cdc_write_flush();
}

/* Discard input, such as a terminal's echo. */
void tud_cdc_rx_cb(uint8_t itf)
{
	tud_cdc_n_read_flush(itf);
}

#else

void log_cdc_start(struct log *log)
{
	(void)log;
}

void log_cdc_attached(void)
{
}

void log_cdc_poll(void)
{
}

#endif
