/* SPDX-License-Identifier: Apache-2.0 */
#include "soc/rtt.h"

#include <string.h>

#include "SEGGER_RTT.h"
#include "base/log.h"

static struct log_sink sink;
static bool started;

void rtt_start(struct log *log)
{
	SEGGER_RTT_Init();
	if (!log)
		return;
	log_sink_init(&sink, log, LOG_LEVEL_TRACE);
	started = true;
}

void rtt_poll(void)
{
	char text[LOG_LINE_MAX];
	unsigned int room;
	size_t len;

	if (!started)
		return;
	while ((room = SEGGER_RTT_GetAvailWriteSpace(0)) > 0) {
		len = log_sink_pull(&sink, text,
				    room < sizeof(text) ? room : sizeof(text));
		if (!len)
			return;
		(void)SEGGER_RTT_Write(0, text, (unsigned int)len);
	}
}

void rtt_write(const char *text)
{
	(void)SEGGER_RTT_Write(0, text, (unsigned int)strlen(text));
}

void rtt_forget(void)
{
	volatile char *id = (volatile char *)_SEGGER_RTT.acID;

	for (size_t i = 0; i < sizeof(_SEGGER_RTT.acID); i++)
		id[i] = 0;
}
