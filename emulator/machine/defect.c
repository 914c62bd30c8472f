/* SPDX-License-Identifier: Apache-2.0 */
/* Parses the list of hardware defects. */
#include "emulator/machine/defect.h"

#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

enum { WORD_MAX = 40 };

static int set_defect(struct defects *d, const char *word)
{
	static const char read[] = "flash-read:";

	if (!strcmp(word, "crystal"))
		d->crystal = true;
	else if (!strcmp(word, "usb33"))
		d->usb33 = true;
	else if (!strcmp(word, "flash-busy"))
		d->flash_busy = true;
	else if (!strncmp(word, read, sizeof(read) - 1))
		return parse_number(word + sizeof(read) - 1, 10, 0,
				    UINT64_MAX - 1, &d->flash_read);
	else
		return ERR_INVALID;
	return ERR_OK;
}

int defect_parse(struct defects *d, const char *text)
{
	struct defects parsed = { .flash_read = UINT64_MAX };
	char word[WORD_MAX];
	int err = *text ? ERR_OK : ERR_INVALID;

	if (!strcmp(text, "none"))
		text = "";
	while (*text && !err) {
		size_t n = strcspn(text, ",");

		if (n >= sizeof(word))
			return ERR_INVALID;
		memcpy(word, text, n);
		word[n] = '\0';
		err = set_defect(&parsed, word);
		text += n + (text[n] == ',' && text[n + 1]);
		if (*text == ',')
			err = ERR_INVALID;
	}
	if (!err)
		*d = parsed;
	return err;
}
