/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme list: one row for each drive that tether reaches. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/drive_list.h"
#include "cli/text.h"
#include "cli/units.h"
#include "cli/verbs.h"

enum { FIELDS = 9, MODEL = 2, MODEL_MIN = 10, FIELD_TEXT = 200 };

static const char *const titles[FIELDS] = { "DEVICE",	"SERIAL", "MODEL",
					    "FIRMWARE", "SIZE",	  "TEMP",
					    "SPARE",	"USED",	  "STATE" };

static void format_row(const struct drive_list_drive *d,
		       char field[FIELDS][FIELD_TEXT])
{
	for (int i = 0; i < FIELDS; i++)
		snprintf(field[i], FIELD_TEXT, "-");
	snprintf(field[0], FIELD_TEXT, "%s", d->via);
	text_sanitize(field[0]);
	drive_list_state(d, field[FIELDS - 1]);
	if (!d->reached)
		return;
	snprintf(field[1], FIELD_TEXT, "%s", d->serial);
	snprintf(field[2], FIELD_TEXT, "%s", d->model);
	snprintf(field[3], FIELD_TEXT, "%s", d->firmware);
	units_bytes(d->capacity, field[4]);
	units_celsius(d->kelvin, field[5]);
	snprintf(field[6], FIELD_TEXT, "%u %%", d->spare);
	snprintf(field[7], FIELD_TEXT, "%u %%", d->used);
}

/* On a terminal that is too narrow, shorten the model. */
static void fit_terminal(int width[FIELDS])
{
	struct winsize size = { 0 };
	int all = 0, less;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return;
	for (int i = 0; i < FIELDS; i++)
		all += width[i] + (i ? 2 : 0);
	less = all - size.ws_col;
	if (less > width[MODEL] - MODEL_MIN)
		less = width[MODEL] - MODEL_MIN;
	if (less > 0)
		width[MODEL] -= less;
}

static void print_table(const struct cli *c, const struct drive_list *l)
{
	char(*rows)[FIELDS][FIELD_TEXT] =
		text_allocate(l->count, sizeof(*rows));
	int width[FIELDS];

	for (int i = 0; i < FIELDS; i++)
		width[i] = (int)strlen(titles[i]);
	for (size_t n = 0; n < l->count; n++) {
		format_row(&l->drive[n], rows[n]);
		for (int i = 0; i < FIELDS; i++)
			if ((int)strlen(rows[n][i]) > width[i])
				width[i] = (int)strlen(rows[n][i]);
	}
	fit_terminal(width);
	for (int i = 0; i < FIELDS - 1; i++)
		printf("%-*.*s  ", width[i], width[i], titles[i]);
	puts(titles[FIELDS - 1]);
	for (size_t n = 0; n < l->count; n++) {
		for (int i = 0; i < FIELDS - 1; i++)
			printf("%-*.*s  ", width[i], width[i], rows[n][i]);
		color_print(c, stdout, drive_list_color(&l->drive[n]), 0,
			    rows[n][FIELDS - 1]);
		putchar('\n');
	}
	free(rows);
}

/* Remove MCTP devices that are no drives. */
static void remove_others(struct drive_list *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (!l->drive[i].other)
			l->drive[kept++] = l->drive[i];
	l->count = kept;
}

static int run(struct cli *c)
{
	struct json_object *list;
	struct drive_list l;
	int status = drive_list_find(c, &l);

	if (status)
		return status;
	for (size_t i = 0; i < l.count && !cli_interrupted; i++) {
		(void)drive_list_read(&l.drive[i]);
		drive_list_close(&l.drive[i]);
	}
	remove_others(&l);
	if (c->json) {
		list = json_object_new_array();
		for (size_t i = 0; i < l.count; i++)
			json_object_array_add(list,
					      drive_list_json(&l.drive[i]));
		cli_print_json(list);
	} else if (l.count) {
		print_table(c, &l);
	} else {
		puts("no drive found on USB, at usbip:127.0.0.1 or through the "
		     "kernel's MCTP");
	}
	drive_list_free(&l);
	return EXIT_OK;
}

const struct cli_verb device_nvme_list_verb = {
	.group = "nvme",
	.name = "list",
	.synopsis = "",
	.help = "List the drives with model, size, temperature and state",
	.text = "Without --via, lists the drives on USB, at the USB/IP server "
		"of "
		"this machine\nand behind the kernel's MCTP interfaces.",
	.examples = "tether nvme list\n"
		    "tether nvme list --via usbip:192.0.2.1 --json\n",
	.device = true,
	.run = run,
};
