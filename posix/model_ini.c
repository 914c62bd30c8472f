#include "posix/model_ini.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "nvme_mi/subsystem.h"

enum { ERROR_SIZE = 256, FILE_MAX = 1 << 20, KEYS = 16 };

/* A section that was met: which of its keys were, and where it began. */
struct seen {
	int line;
	uint32_t keys;
};

struct loader {
	struct subsystem *s;
	char error[ERROR_SIZE]; /* first one, without file and line */
	int error_line;
	int line; /* inih tells it only by counting what it reads */
	struct seen subsystem, endpoint;
	struct seen port[SUBSYSTEM_PORTS];
	struct seen controller[SUBSYSTEM_CONTROLLERS];
	struct seen namespace[SUBSYSTEM_NAMESPACES];
	int attached_line[SUBSYSTEM_CONTROLLERS];
	int port_line[SUBSYSTEM_CONTROLLERS];
	/* text that inih reads */
	const char *text, *end;
};

static int __attribute__((format(printf, 3, 4)))
wrong(struct loader *l, int line, const char *format, ...)
{
	va_list args;

	if (!l->error[0]) {
		va_start(args, format);
		vsnprintf(l->error, sizeof(l->error), format, args);
		va_end(args);
		l->error_line = line;
	}
	return ERR_INVALID;
}

/* --- values --- */

static int parse_number(const char *text, uint64_t min, uint64_t max,
			uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return ERR_INVALID;
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno || *end || *value < min || *value > max)
		return ERR_INVALID;
	return ERR_OK;
}

static int number(struct loader *l, const char *value, uint64_t min,
		  uint64_t max, uint64_t *out)
{
	if (parse_number(value, min, max, out))
		return wrong(l, l->line, "%s: a number from %llu to %llu",
			     value, (unsigned long long)min,
			     (unsigned long long)max);
	return ERR_OK;
}

static int text(struct loader *l, const char *value, char *out, size_t size)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~')
			len = size;
	if (!len || len >= size)
		return wrong(l, l->line, "1 to %zu ASCII characters", size - 1);
	memcpy(out, value, len + 1);
	return ERR_OK;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c | 0x20) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Pairs of hex digits, with `between` (0: nothing) between two. */
static bool hex(const char *value, char between, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high, low;

		if (i && between && *value++ != between)
			return false;
		high = digit(*value);
		low = high < 0 ? -1 : digit(value[1]);
		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
		value += 2;
	}
	return !*value;
}

static int pci_id(struct loader *l, const char *value, uint16_t *out)
{
	uint8_t id[2];

	if (!strncmp(value, "0x", 2))
		value += 2;
	if (!hex(value, 0, id, 2))
		return wrong(l, l->line, "%s: 4 hex digits, as in 1b36", value);
	*out = (uint16_t)(id[0] << 8 | id[1]);
	return ERR_OK;
}

static int boolean(struct loader *l, const char *value, bool *out)
{
	*out = !strcmp(value, "true");
	if (!*out && strcmp(value, "false") != 0)
		return wrong(l, l->line, "%s: true or false", value);
	return ERR_OK;
}

/* --- keys --- */

typedef int (*key_fn)(struct loader *l, unsigned int n, const char *value);

struct key {
	const char *name;
	key_fn set;
};

static int set_model(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	return text(l, value, l->s->model, sizeof(l->s->model));
}

static int set_serial(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	return text(l, value, l->s->serial, sizeof(l->s->serial));
}

static int set_firmware(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	return text(l, value, l->s->firmware, sizeof(l->s->firmware));
}

static int set_oui(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	if (!hex(value, '-', l->s->oui, sizeof(l->s->oui)))
		return wrong(l, l->line,
			     "%s: three bytes in hex, as in ac-de-48", value);
	return ERR_OK;
}

static int set_instance(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	if (!hex(value, 0, l->s->instance, sizeof(l->s->instance)))
		return wrong(l, l->line, "%s: 32 hex digits", value);
	return ERR_OK;
}

static int set_pci_vendor(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	return pci_id(l, value, &l->s->pci_vendor);
}

static int set_pci_device(struct loader *l, unsigned int n, const char *value)
{
	(void)n;
	return pci_id(l, value, &l->s->pci_device);
}

static int set_pci_subvendor(struct loader *l, unsigned int n,
			     const char *value)
{
	(void)n;
	return pci_id(l, value, &l->s->pci_subvendor);
}

static int set_pci_subdevice(struct loader *l, unsigned int n,
			     const char *value)
{
	(void)n;
	return pci_id(l, value, &l->s->pci_subdevice);
}

static int set_port_type(struct loader *l, unsigned int n, const char *value)
{
	struct port *p = &l->s->port[n];
	enum port_frequency frequency = p->frequency;

	if (!strcmp(value, "pcie"))
		port_init(p, PORT_PCIE);
	else if (!strcmp(value, "twowire"))
		port_init(p, PORT_TWOWIRE);
	else
		return wrong(l, l->line, "%s: pcie or twowire", value);
	if (frequency) /* came before the type */
		p->frequency = p->frequency_max = frequency;
	return ERR_OK;
}

static int set_port_frequency(struct loader *l, unsigned int n,
			      const char *value)
{
	struct port *p = &l->s->port[n];

	if (!strcmp(value, "100k"))
		p->frequency = PORT_100K;
	else if (!strcmp(value, "400k"))
		p->frequency = PORT_400K;
	else if (!strcmp(value, "1m"))
		p->frequency = PORT_1M;
	else
		return wrong(l, l->line, "%s: 100k, 400k or 1m", value);
	p->frequency_max = p->frequency;
	return ERR_OK;
}

static int set_controller_port(struct loader *l, unsigned int n,
			       const char *value)
{
	uint64_t port;
	int err = number(l, value, 0, SUBSYSTEM_PORTS - 1, &port);

	l->port_line[n] = l->line;
	if (!err)
		l->s->controller[n].port = (uint8_t)port;
	return err;
}

static int set_temperature(struct loader *l, unsigned int n, const char *value)
{
	uint64_t kelvin;
	int err = number(l, value, 0, 65535, &kelvin);

	if (!err)
		l->s->controller[n].temperature = (uint16_t)kelvin;
	return err;
}

static int set_enabled(struct loader *l, unsigned int n, const char *value)
{
	return boolean(l, value, &l->s->controller[n].enabled);
}

/* NSIDs, by spaces or commas; whether they exist is asked at the end. */
static int set_attached(struct loader *l, unsigned int n, const char *value)
{
	struct controller *c = &l->s->controller[n];
	char one[24];

	l->attached_line[n] = l->line;
	for (;;) {
		uint64_t nsid;
		size_t len;

		value += strspn(value, " ,\t");
		len = strcspn(value, " ,\t");
		if (!len)
			return ERR_OK;
		snprintf(one, sizeof(one), "%.*s", (int)(len < 23 ? len : 23),
			 value);
		if (number(l, one, 1, SUBSYSTEM_NAMESPACES, &nsid))
			return ERR_INVALID;
		if (controller_is_attached(c, (uint32_t)nsid))
			return wrong(l, l->line, "%s: is there twice", one);
		c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
		value += len;
	}
}

static int set_blocks(struct loader *l, unsigned int n, const char *value)
{
	return number(l, value, 1, UINT64_MAX / 512 / SUBSYSTEM_NAMESPACES,
		      &l->s->namespace[n].blocks);
}

static int set_endpoint_port(struct loader *l, unsigned int n,
			     const char *value)
{
	uint64_t port;
	int err = number(l, value, 0, SUBSYSTEM_PORTS - 1, &port);

	(void)n;
	if (!err)
		l->s->endpoint = (uint8_t)port;
	return err;
}

static const struct key subsystem_keys[KEYS] = {
	{ "model", set_model },
	{ "serial", set_serial },
	{ "firmware", set_firmware },
	{ "oui", set_oui },
	{ "pci-vendor", set_pci_vendor },
	{ "pci-device", set_pci_device },
	{ "pci-subvendor", set_pci_subvendor },
	{ "pci-subdevice", set_pci_subdevice },
	{ "instance", set_instance },
};
static const struct key port_keys[KEYS] = {
	{ "type", set_port_type },
	{ "frequency", set_port_frequency },
};
static const struct key controller_keys[KEYS] = {
	{ "port", set_controller_port },
	{ "temperature", set_temperature },
	{ "enabled", set_enabled },
	{ "attached", set_attached },
};
static const struct key namespace_keys[KEYS] = { { "blocks", set_blocks } };
static const struct key endpoint_keys[KEYS] = { { "port", set_endpoint_port } };

/* --- sections --- */

static const char *list_keys(const struct key *keys, char *out, size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	for (; keys->name && len < cap; keys++)
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
					len ? ", " : "", keys->name);
	return out;
}

static int take(struct loader *l, struct seen *seen, const struct key *keys,
		unsigned int n, const char *name, const char *value)
{
	char list[128];

	for (unsigned int i = 0; keys[i].name; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (seen->keys & 1U << i)
			return wrong(l, l->line, "%s is there twice", name);
		seen->keys |= 1U << i;
		return keys[i].set(l, n, value);
	}
	return wrong(l, l->line, "%s is no key here. allowed: %s", name,
		     list_keys(keys, list, sizeof(list)));
}

/* "[port 2]": the number behind the word. */
static int section_number(struct loader *l, const char *section, uint64_t min,
			  uint64_t max, unsigned int *n)
{
	uint64_t value;

	if (parse_number(strchr(section, ' ') + 1, min, max, &value))
		return wrong(l, l->line, "[%s]: numbered from %llu to %llu",
			     section, (unsigned long long)min,
			     (unsigned long long)max);
	*n = (unsigned int)value;
	return ERR_OK;
}

static int in_section(struct loader *l, const char *section, const char *name,
		      const char *value)
{
	unsigned int n = 0;

	if (!strcmp(section, "subsystem"))
		return take(l, &l->subsystem, subsystem_keys, 0, name, value);
	if (!strcmp(section, "endpoint"))
		return take(l, &l->endpoint, endpoint_keys, 0, name, value);
	if (!strncmp(section, "port ", 5)) {
		if (section_number(l, section, 0, SUBSYSTEM_PORTS - 1, &n))
			return ERR_INVALID;
		return take(l, &l->port[n], port_keys, n, name, value);
	}
	if (!strncmp(section, "controller ", 11)) {
		if (section_number(l, section, 0, SUBSYSTEM_CONTROLLERS - 1,
				   &n))
			return ERR_INVALID;
		if (!l->controller[n].keys)
			controller_init(&l->s->controller[n], 0);
		return take(l, &l->controller[n], controller_keys, n, name,
			    value);
	}
	if (!strncmp(section, "namespace ", 10)) {
		if (section_number(l, section, 1, SUBSYSTEM_NAMESPACES, &n))
			return ERR_INVALID;
		n--;
		return take(l, &l->namespace[n], namespace_keys, n, name,
			    value);
	}
	return wrong(l, l->line,
		     "[%s] is no section. allowed: [subsystem], [endpoint], "
		     "[port N], [controller N], [namespace N]",
		     section);
}

static int handler(void *user, const char *section, const char *name,
		   const char *value)
{
	return in_section(user, section, name, value) == ERR_OK;
}

/* inih's reader: a line of the text at a time, counted. */
static char *read_line(char *out, int size, void *stream)
{
	struct loader *l = stream;
	int n = 0;

	if (l->text == l->end)
		return NULL;
	l->line++;
	while (l->text < l->end && n < size - 1) {
		char c = *l->text++;

		if (!c) /* would hide the rest of the line */
			(void)wrong(l, l->line, "a zero byte in the text");
		out[n++] = c;
		if (c == '\n')
			break;
	}
	if (n == size - 1 && out[n - 1] != '\n' && l->text < l->end)
		(void)wrong(l, l->line, "over %d characters in a line",
			    size - 2);
	out[n] = '\0';
	return out;
}

/* --- the whole --- */

static int count_ports(struct loader *l)
{
	struct subsystem *s = l->s;

	for (uint8_t i = 0; i < SUBSYSTEM_PORTS; i++) {
		if (!l->port[i].keys)
			continue;
		if (s->ports != i)
			return wrong(l, 0, "[port %u] is missing", s->ports);
		if (s->port[i].type == PORT_INACTIVE)
			return wrong(l, 0,
				     "[port %u] has no type. allowed: pcie, "
				     "twowire",
				     i);
		if (s->port[i].type == PORT_PCIE && s->port[i].frequency)
			return wrong(l, 0,
				     "[port %u] has a frequency, which only a "
				     "twowire port has",
				     i);
		s->ports++;
	}
	if (!s->ports)
		return wrong(l, 0, "no [port N]: at least one is needed");
	return ERR_OK;
}

static int check_controller(struct loader *l, uint8_t n)
{
	struct subsystem *s = l->s;
	struct controller *c = &s->controller[n];

	if (c->port >= s->ports || s->port[c->port].type != PORT_PCIE)
		return wrong(l, l->port_line[n],
			     "[controller %u]: port %u is no pcie port", n,
			     c->port);
	for (uint32_t nsid = 1; nsid <= SUBSYSTEM_NAMESPACES; nsid++)
		if (controller_is_attached(c, nsid) &&
		    !namespace_exists(s, nsid))
			return wrong(l, l->attached_line[n],
				     "[controller %u]: there is no "
				     "[namespace %u] to attach",
				     n, nsid);
	return ERR_OK;
}

static int check(struct loader *l)
{
	struct subsystem *s = l->s;

	if (count_ports(l))
		return ERR_INVALID;
	for (uint8_t i = 0; i < SUBSYSTEM_CONTROLLERS; i++) {
		if (!l->controller[i].keys)
			continue;
		if (s->controllers != i)
			return wrong(l, 0, "[controller %u] is missing",
				     s->controllers);
		s->controllers++;
		if (check_controller(l, i))
			return ERR_INVALID;
	}
	if (!s->controllers)
		return wrong(l, 0, "no [controller N]: at least one is needed");
	if (!l->endpoint.keys)
		return wrong(l, 0, "no [endpoint]: it names its port");
	if (s->endpoint >= s->ports)
		return wrong(l, 0, "[endpoint]: there is no port %u",
			     s->endpoint);
	return ERR_OK;
}

int model_ini_parse(struct subsystem *s, const char *text_, size_t len,
		    const char *name, char *error, size_t cap)
{
	static struct loader l;
	int line;

	memset(&l, 0, sizeof(l));
	l.s = s;
	l.text = text_;
	l.end = text_ + len;
	subsystem_init_empty(s);
	line = ini_parse_stream(read_line, &l, handler, &l);
	if (line > 0 && !l.error[0])
		(void)wrong(&l, line, "neither [section] nor key = value");
	if (!line && !l.error[0])
		(void)check(&l);
	if (!l.error[0])
		return ERR_OK;
	if (l.error_line)
		snprintf(error, cap, "%s:%d: %s", name, l.error_line, l.error);
	else
		snprintf(error, cap, "%s: %s", name, l.error);
	return ERR_INVALID;
}

int model_ini_load(struct subsystem *s, const char *path, char *error,
		   size_t cap)
{
	char *all = NULL;
	size_t len = 0;
	FILE *f = fopen(path, "re");
	int err;

	if (f) {
		all = malloc(FILE_MAX + 1);
		len = all ? fread(all, 1, FILE_MAX + 1, f) : 0;
	}
	if (!f || !all || ferror(f)) {
		snprintf(error, cap, "%s: cannot be read: %s", path,
			 strerror(errno));
		err = ERR_IO;
	} else if (len > FILE_MAX) {
		snprintf(error, cap, "%s: over 1 MiB, which is no model", path);
		err = ERR_INVALID;
	} else {
		err = model_ini_parse(s, all, len, path, error, cap);
	}
	free(all);
	if (f)
		fclose(f);
	return err;
}
