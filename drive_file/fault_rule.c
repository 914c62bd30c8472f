/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/fault_rule.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "drive_file/fault_names.h"
#include "drive_file/sim_words.h"
#include "nvme_mi/nvme_wire.h"
#include "posix/parse.h"

enum { LIST_MAX = 512 };

/* The rule that is being parsed, and the place of an error message. */
struct parser {
	struct fault_rule *rule;
	char *error;
	size_t cap;
};

static int expect(const struct parser *p, const char *value, const char *what)
{
	snprintf(p->error, p->cap, "%.60s: expected %s", value, what);
	return ERR_INVALID;
}

static int expect_name(const struct parser *p, const char *value,
		       const struct fault_name *names)
{
	char list[LIST_MAX];

	fault_names_list(names, list, sizeof(list));
	snprintf(p->error, p->cap, "%.60s: expected a number, or one of %s",
		 value, list);
	return ERR_INVALID;
}

static int parse_count(const struct parser *p, const char *value, uint32_t min,
		       uint32_t max, uint32_t *out)
{
	uint64_t number;

	if (parse_number(value, 0, min, max, &number)) {
		snprintf(p->error, p->cap,
			 "%.60s: expected a number from %lu to %lu", value,
			 (unsigned long)min, (unsigned long)max);
		return ERR_INVALID;
	}
	*out = (uint32_t)number;
	return ERR_OK;
}

/* --- selection --- */

static int parse_opcode(const struct parser *p, const char *text)
{
	const struct fault_name *names =
		fault_names_opcodes(p->rule->request.type);
	uint16_t opcode;

	p->rule->any_opcode = !strcmp(text, "any");
	if (p->rule->any_opcode)
		return ERR_OK;
	if (fault_names_parse(names, text, UINT8_MAX, &opcode))
		return expect_name(p, text, names);
	p->rule->request.opcode = (uint8_t)opcode;
	return ERR_OK;
}

/* "any", or TYPE.OPCODE. */
static int parse_command(const struct parser *p, const char *value)
{
	char type[16];
	size_t len = strcspn(value, ".");
	uint16_t number;

	p->rule->any_type = !strcmp(value, "any");
	if (p->rule->any_type)
		return ERR_OK;
	if (value[len] && len < sizeof(type)) {
		memcpy(type, value, len);
		type[len] = '\0';
		for (const struct fault_name *n = fault_names_types; n->name;
		     n++) {
			if (strcmp(n->name, type) != 0)
				continue;
			number = n->value;
			p->rule->request.type = (uint8_t)number;
			return parse_opcode(p, value + len + 1);
		}
	}
	return expect(p, value,
		      "any, or admin, mi, pcie or control, a point, and the "
		      "name or number of a command, as in admin.identify");
}

static int parse_id(const struct parser *p, const char *value)
{
	uint32_t id = 0;
	int err = parse_count(p, value, 0, UINT8_MAX, &id);

	p->rule->any_id = false;
	p->rule->request.id = (uint8_t)id;
	return err;
}

static int parse_controller(const struct parser *p, const char *value)
{
	uint32_t id = 0;
	int err = parse_count(p, value, 0, UINT16_MAX, &id);

	p->rule->any_controller = false;
	p->rule->request.controller = (uint16_t)id;
	return err;
}

static int parse_namespace(const struct parser *p, const char *value)
{
	p->rule->any_nsid = false;
	return parse_count(p, value, 0, UINT32_MAX, &p->rule->request.nsid);
}

/* --- faults --- */

static int parse_status(const struct parser *p, const char *value)
{
	uint16_t status = 0;

	if (fault_names_parse(fault_names_completions, value,
			      NVME_COMPLETION_STATUS, &status) ||
	    !status)
		return expect_name(p, value, fault_names_completions);
	p->rule->fault.completion = status;
	return ERR_OK;
}

/* More Processing Required is the work of delay=, success is no fault. */
static int parse_message_status(const struct parser *p, const char *value)
{
	uint16_t status = 0;

	if (fault_names_parse(fault_names_messages, value, UINT8_MAX,
			      &status) ||
	    status <= NVME_MI_MORE_PROCESSING_REQUIRED)
		return expect_name(p, value, fault_names_messages);
	p->rule->fault.message_status = (uint8_t)status;
	return ERR_OK;
}

static int parse_lose(const struct parser *p, const char *value)
{
	if (!strcmp(value, "request"))
		p->rule->fault.lose_request = true;
	else if (!strcmp(value, "response"))
		p->rule->fault.lose_response = true;
	else
		return expect(p, value, "request or response");
	return ERR_OK;
}

static int parse_bad_check(const struct parser *p, const char *value)
{
	(void)value;
	p->rule->fault.corrupt_check = true;
	return ERR_OK;
}

static int parse_silent(const struct parser *p, const char *value)
{
	(void)value;
	p->rule->fault.silent = true;
	return ERR_OK;
}

static int parse_delay(const struct parser *p, const char *value)
{
	struct fault_rule *r = p->rule;
	char first[SIM_SETTING_MAX];
	const char *dots = strstr(value, "..");

	snprintf(first, sizeof(first), "%s", value);
	if (dots)
		first[dots - value] = '\0';
	if (sim_words_parse_duration(first, &r->fault.delay_ms) ||
	    sim_words_parse_duration(dots ? dots + 2 : first,
				     &r->delay_max_ms) ||
	    !r->delay_max_ms || r->delay_max_ms < r->fault.delay_ms)
		return expect(p, value,
			      "a duration, as in 500ms, or a range of them, as "
			      "in 500ms..2s");
	return ERR_OK;
}

/* --- limits --- */

static int parse_skip(const struct parser *p, const char *value)
{
	return parse_count(p, value, 1, UINT32_MAX, &p->rule->skip);
}

static int parse_faults(const struct parser *p, const char *value)
{
	return parse_count(p, value, 1, UINT32_MAX, &p->rule->count);
}

static int parse_chance(const struct parser *p, const char *value)
{
	uint32_t percent = 0;
	int err = parse_count(p, value, 1, 100, &percent);

	p->rule->chance = (uint8_t)percent;
	return err;
}

static int parse_duration(const struct parser *p, const char *value)
{
	if (sim_words_parse_duration(value, &p->rule->duration_ms) ||
	    !p->rule->duration_ms)
		return expect(p, value, "a duration, as in 10s or 1m30s");
	return ERR_OK;
}

/* --- the words --- */

static const struct word {
	const char *name;
	bool flag; /* without a value */
	int (*parse)(const struct parser *p, const char *value);
} table[] = {
	{ "command", false, parse_command },
	{ "id", false, parse_id },
	{ "controller", false, parse_controller },
	{ "nsid", false, parse_namespace },
	{ "status", false, parse_status },
	{ "message-status", false, parse_message_status },
	{ "lose", false, parse_lose },
	{ "bad-mic", true, parse_bad_check },
	{ "delay", false, parse_delay },
	{ "silent", true, parse_silent },
	{ "skip", false, parse_skip },
	{ "count", false, parse_faults },
	{ "chance", false, parse_chance },
	{ "for", false, parse_duration },
};

enum { TABLE = sizeof(table) / sizeof(table[0]) };

static int report_unknown(const struct parser *p, const char *text)
{
	size_t len = (size_t)snprintf(p->error, p->cap,
				      "unknown word %.60s (expected", text);

	for (int i = 0; i < TABLE && len < p->cap; i++)
		len += (size_t)snprintf(p->error + len, p->cap - len,
					"%s %s%s%s", i ? "," : "",
					table[i].name, table[i].flag ? "" : "=",
					i == TABLE - 1 ? ")" : "");
	return ERR_INVALID;
}

/* *seen: a bit for each word that the rule has already. */
static int parse_word(const struct parser *p, const char *text, uint32_t *seen)
{
	size_t len = strcspn(text, "=");

	for (int i = 0; i < TABLE; i++) {
		if (strlen(table[i].name) != len ||
		    strncmp(table[i].name, text, len) != 0 ||
		    table[i].flag == (text[len] == '='))
			continue;
		if (*seen >> i & 1)
			return expect(p, text, "this word once");
		*seen |= UINT32_C(1) << i;
		return table[i].parse(p, text + len + !table[i].flag);
	}
	return report_unknown(p, text);
}

static int check(const struct parser *p)
{
	const struct fault_rule *r = p->rule;
	const struct nvme_mi_fault *f = &r->fault;
	bool admin = !r->any_type && r->request.type == NVME_MI_ADMIN_COMMAND;

	if (!f->completion && !f->message_status && !f->lose_request &&
	    !f->lose_response && !f->corrupt_check && !r->delay_max_ms)
		return expect(p, "fault",
			      "what goes wrong: status=, message-status=, "
			      "lose=, bad-mic or delay=");
	if (f->completion && !admin)
		return expect(p, "status",
			      "command=admin.NAME: other commands have no "
			      "completion. Use message-status=");
	if (f->silent && !r->delay_max_ms)
		return expect(p, "silent", "delay=");
	if (r->delay_max_ms && !r->any_type &&
	    r->request.type == NVME_MI_CONTROL_PRIMITIVE)
		return expect(p, "delay",
			      "a command: control primitives respond at once");
	return ERR_OK;
}

int fault_rule_parse(char *const words[], struct fault_rule *r, char *error,
		     size_t cap)
{
	const struct parser p = { r, error, cap };
	uint32_t seen = 0;
	size_t len = 0;

	memset(r, 0, sizeof(*r));
	r->any_type = r->any_opcode = r->any_id = true;
	r->any_controller = r->any_nsid = true;
	r->chance = 100;
	for (int i = 0; words[i]; i++) {
		if (parse_word(&p, words[i], &seen))
			return ERR_INVALID;
		if (len < sizeof(r->text))
			len += (size_t)snprintf(r->text + len,
						sizeof(r->text) - len, "%s%s",
						len ? " " : "", words[i]);
	}
	return check(&p);
}
