/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/sha256.h"
#include "posix/parse.h"

enum { PATH = 200, FULL = PATH + CONFIG_NAME + 1 };

/* --- looking --- */

const char *plan_udc(const struct config *c, const struct found *f)
{
	for (int i = 0; i < f->udcs; i++)
		if (!c->udc[0] || !strcmp(c->udc, f->udc[i].name))
			return f->udc[i].name;
	return "";
}

static const char *driver_of(const struct found *f, const char *udc)
{
	for (int i = 0; i < f->udcs; i++)
		if (!strcmp(f->udc[i].name, udc))
			return f->udc[i].driver;
	return "";
}

static bool is_there_udc(const struct found *f, const char *udc)
{
	for (int i = 0; i < f->udcs; i++)
		if (!strcmp(f->udc[i].name, udc))
			return true;
	return false;
}

/* Drivers are called as their modules, or without the g_. */
static bool is_driver(const struct found_module *m, const char *driver)
{
	return !strcmp(driver, m->name) || !strcmp(driver, m->name + 2);
}

/* It holds our controller, or waits for the next one. */
static bool module_in_the_way(const struct found *f, int i, const char *udc)
{
	const struct found_module *m = &f->module[i];

	for (int u = 0; u < f->udcs; u++)
		if (strcmp(f->udc[u].name, udc) != 0 &&
		    is_driver(m, f->udc[u].driver))
			return false;
	return true;
}

/* --- identity --- */

static void derive(const char *key, const char *serial, uint8_t mac[MAC_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	hmac_sha256(key, strlen(key), serial, strlen(serial), digest);
	memcpy(mac, digest, MAC_SIZE);
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 2); /* locally administered */
}

/* The host keeps its adapter when it sees the address it knows. */
static bool stock_host_mac(const struct config *c, const struct found *f,
			   uint8_t mac[MAC_SIZE])
{
	for (int i = 0; i < f->modules; i++)
		if (module_in_the_way(f, i, plan_udc(c, f)) &&
		    mac_parse(f->module[i].host_addr, mac))
			return true;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < f->gadgets; i++) {
			const struct found_gadget *g = &f->gadget[i];

			if ((pass || g->udc[0]) && mac_parse(g->host_addr, mac))
				return true;
		}
	return false;
}

void identity_choose(struct identity *id, const struct config *c,
		     const struct state *s, const struct found *f)
{
	const char *serial = c->serial[0] ? c->serial : f->serial;

	memset(id, 0, sizeof(*id));
	snprintf(id->serial, sizeof(id->serial), "%s",
		 serial[0] ? serial : "0");
	if (c->has_host_mac)
		memcpy(id->host_mac, c->host_mac, MAC_SIZE);
	else if (s->has_host_mac)
		memcpy(id->host_mac, s->host_mac, MAC_SIZE);
	else if (!stock_host_mac(c, f, id->host_mac))
		derive("tether host", id->serial, id->host_mac);
	if (c->has_mac)
		memcpy(id->mac, c->mac, MAC_SIZE);
	else if (s->has_mac)
		memcpy(id->mac, s->mac, MAC_SIZE);
	else
		derive("tether board", id->serial, id->mac);
	if (memcmp(id->mac, id->host_mac, MAC_SIZE) != 0)
		return;
	/* One of the two was given; the other one gives way. */
	derive("tether other", id->serial, c->has_mac ? id->host_mac : id->mac);
}

/* --- the wanted gadget --- */

struct build {
	struct steps *s;
	const struct config *c;
	const struct identity *id;
	const char *gadget;
};

static void folder(struct build *b, const char *path)
{
	char full[FULL];

	snprintf(full, sizeof(full), "%s%s%s", b->gadget, *path ? "/" : "",
		 path);
	steps_add(b->s, STEP_MKDIR, full, "");
}

static void write_to(struct build *b, const char *path, const char *value)
{
	char full[FULL];

	snprintf(full, sizeof(full), "%s/%s", b->gadget, path);
	steps_add(b->s, STEP_WRITE, full, value);
}

static void write_hex(struct build *b, const char *path, unsigned int value,
		      int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%0*x", digits, value);
	write_to(b, path, text);
}

static void link_to(struct build *b, const char *path, const char *target)
{
	char full[FULL], at[FULL];

	snprintf(full, sizeof(full), "%s/%s", b->gadget, path);
	snprintf(at, sizeof(at), "%s/%s", b->gadget, target);
	steps_add(b->s, STEP_SYMLINK, full, at);
}

static void build_device(struct build *b)
{
	const struct config *c = b->c;

	folder(b, "");
	write_hex(b, "idVendor", c->vendor, 4);
	write_hex(b, "idProduct", c->product, 4);
	write_hex(b, "bcdUSB", 0x0200, 4);
	write_hex(b, "bcdDevice", config_bcd_device(c), 4);
	/* Interface associations: what Windows and macOS both take. */
	write_hex(b, "bDeviceClass", 0xef, 2);
	write_hex(b, "bDeviceSubClass", 0x02, 2);
	write_hex(b, "bDeviceProtocol", 0x01, 2);
	folder(b, "strings/0x409");
	write_to(b, "strings/0x409/serialnumber", b->id->serial);
	write_to(b, "strings/0x409/manufacturer", c->manufacturer);
	write_to(b, "strings/0x409/product", c->product_name);
	if (!config_os_descriptors(c))
		return;
	write_to(b, "os_desc/use", "1");
	write_hex(b, "os_desc/b_vendor_code", 0xbc, 2);
	write_to(b, "os_desc/qw_sign", "MSFT100");
}

static void build_network(struct build *b, const char *name)
{
	char path[PATH], mac[MAC_TEXT];

	snprintf(path, sizeof(path),
		 "functions/%s." GADGET_INSTANCE "/dev_addr", name);
	mac_format(b->id->mac, mac);
	write_to(b, path, mac);
	snprintf(path, sizeof(path),
		 "functions/%s." GADGET_INSTANCE "/host_addr", name);
	mac_format(b->id->host_mac, mac);
	write_to(b, path, mac);
}

/* Before anything is linked: attributes are closed then. */
static void build_functions(struct build *b)
{
	static const enum function order[] = { FUNCTION_ECM, FUNCTION_NCM,
					       FUNCTION_ACM, FUNCTION_MCTP };
	char path[PATH];

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const char *name = order[i] == FUNCTION_MCTP
					   ? "ffs"
					   : function_name(order[i]);

		if (!(b->c->functions & order[i]))
			continue;
		snprintf(path, sizeof(path), "functions/%s." GADGET_INSTANCE,
			 name);
		folder(b, path);
		if (order[i] & FUNCTION_NETWORK)
			build_network(b, name);
		if (order[i] == FUNCTION_NCM && config_os_descriptors(b->c))
			write_to(b,
				 "functions/ncm." GADGET_INSTANCE
				 "/os_desc/interface.ncm/compatible_id",
				 "WINNCM");
	}
}

static void build_links(struct build *b)
{
	static const struct {
		enum function function;
		const char *name;
	} order[] = { { FUNCTION_ECM, "ecm." GADGET_INSTANCE },
		      { FUNCTION_NCM, "ncm." GADGET_INSTANCE },
		      { FUNCTION_ACM, "acm." GADGET_INSTANCE },
		      { FUNCTION_MCTP, "ffs." GADGET_INSTANCE } };
	char path[PATH], target[PATH];

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!(b->c->functions & order[i].function))
			continue;
		snprintf(path, sizeof(path), "configs/c.1/%s", order[i].name);
		snprintf(target, sizeof(target), "functions/%s", order[i].name);
		link_to(b, path, target);
	}
	if (config_os_descriptors(b->c))
		link_to(b, "os_desc/c.1", "configs/c.1");
}

static void build(struct steps *s, const struct config *c,
		  const struct identity *id, const char *udc)
{
	struct build b = { s, c, id, c->gadget };
	char names[32];

	steps_init(s);
	build_device(&b);
	build_functions(&b);
	folder(&b, "configs/c.1");
	write_to(&b, "configs/c.1/bmAttributes", "0xc0");
	write_to(&b, "configs/c.1/MaxPower", "2");
	folder(&b, "configs/c.1/strings/0x409");
	functions_format(c->functions, names, sizeof(names));
	write_to(&b, "configs/c.1/strings/0x409/configuration", names);
	build_links(&b);
	/* A FunctionFS has no descriptors, and cannot be bound, before. */
	if (c->functions & FUNCTION_MCTP)
		steps_add(s, STEP_SERVE, GADGET_INSTANCE, "");
	steps_add(s, STEP_BIND, c->gadget, udc);
}

/* --- comparison --- */

static bool same_value(const char *a, const char *b)
{
	uint64_t x, y;

	if (!strcasecmp(a, b))
		return true;
	return !parse_number(a, 0, 0, UINT64_MAX, &x) &&
	       !parse_number(b, 0, 0, UINT64_MAX, &y) && x == y;
}

static bool has(const struct steps *s, const struct steps *of, size_t i)
{
	const char *value =
		steps_find(s, (enum step_op)of->step[i].op, step_path(of, i));

	return value && same_value(value, step_value(of, i));
}

static bool is_structure(const struct steps *s, size_t i)
{
	return !s->step[i].soft &&
	       (s->step[i].op == STEP_MKDIR || s->step[i].op == STEP_SYMLINK);
}

/* What is wanted and not there, or there and not wanted; NULL: nothing. */
static const char *difference(const struct steps *wanted,
			      const struct steps *found)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->step[i].op != STEP_BIND &&
		    wanted->step[i].op != STEP_SERVE && !has(found, wanted, i))
			return step_path(wanted, i);
	for (size_t i = 0; i < found->count; i++)
		if (is_structure(found, i) && !has(wanted, found, i))
			return step_path(found, i);
	return found->full ? "more than can be looked through" : NULL;
}

/* --- the plan --- */

/* Its driver is no gadget of configfs. Those are told by what they say
 * themselves: the driver's name is configfs-gadget, configfs-gadget.NAME or
 * NAME, by the kernel's version. */
static bool held_by_other(const struct found *f, const char *udc)
{
	const char *driver = driver_of(f, udc);

	for (int i = 0; i < f->gadgets; i++)
		if (!strcmp(f->gadget[i].udc, udc))
			return false;
	return driver[0] && strncmp(driver, "configfs-gadget", 15) != 0;
}

/* Another's, on another controller: not to be touched. */
static bool is_elsewhere(const struct found_gadget *g, const struct found *f,
			 const char *udc)
{
	return !g->ours && strcmp(g->udc, udc) != 0 && is_there_udc(f, g->udc);
}

static bool in_the_way(const struct found_gadget *g, const struct config *c,
		       const struct found *f, const char *udc)
{
	if (is_elsewhere(g, f, udc))
		return false;
	return !strcmp(g->udc, udc) || !strcmp(g->name, c->gadget) || g->ours ||
	       g->taken || g->conflicts;
}

/* The network alone; where none is wanted, the first function that fits.
 * false: c has what does not. */
static bool choose_fitting(struct config *c, const struct fifos *fifos)
{
	unsigned int all = c->functions;
	struct fifo_plan alone;

	if (all & FUNCTION_NETWORK) {
		c->functions = all & FUNCTION_NETWORK;
		return fifo_fit(fifos, c->functions, true, &alone);
	}
	for (unsigned int one = 1; one < FUNCTION_SETS; one <<= 1) {
		c->functions = all & one;
		if (c->functions && fifo_fit(fifos, one, true, &alone))
			return true;
	}
	c->functions = all;
	return false;
}

/* Leaves out what does not fit, and says so. false: nothing fits. */
static bool fit(struct plan *p, struct config *c, const struct fifos *fifos)
{
	char all[32], one[32], sets[128];

	p->functions = c->functions;
	if (fifo_fit(fifos, c->functions, true, &p->fifo))
		return true;
	functions_format(c->functions, all, sizeof(all));
	if (!choose_fitting(c, fifos)) {
		functions_format(c->functions, one, sizeof(one));
		p->result = PLAN_NO_FIFO;
		snprintf(
			p->text, sizeof(p->text),
			"the controller's FIFOs (g-tx-fifo-size) are too small "
			"for %s, which would be silent: nothing is bound. give "
			"it other sizes in the device tree; a bulk endpoint "
			"takes 128 words",
			one);
		return false;
	}
	functions_format(c->functions, one, sizeof(one));
	fifo_suggest(fifos, p->functions, true, sets, sizeof(sets));
	snprintf(p->text, sizeof(p->text),
		 "%s do not fit into the controller's FIFOs (g-tx-fifo-size). "
		 "what fits: %s. only %s is brought up",
		 all, sets, one);
	p->functions = c->functions;
	return true;
}

/* The name that is wanted is another's, who uses it. */
static bool is_name_free(struct plan *p, const struct config *c,
			 const struct found *f)
{
	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (strcmp(g->name, c->gadget) != 0 ||
		    !is_elsewhere(g, f, p->udc))
			continue;
		p->result = PLAN_HELD;
		snprintf(p->text, sizeof(p->text),
			 "the gadget %s is another's, on the controller %s. "
			 "set gadget to a name that is free",
			 g->name, g->udc);
		return false;
	}
	return true;
}

/* Modules have to go by name, not by gadget. */
static int remove_modules(struct plan *p, const struct found *f, bool soft)
{
	int count = 0;

	for (int i = 0; i < f->modules; i++) {
		if (!module_in_the_way(f, i, p->udc))
			continue;
		(soft ? steps_add_soft : steps_add)(&p->steps, STEP_RMMOD,
						    f->module[i].name, "");
		count++;
	}
	return count;
}

static bool is_held(struct plan *p, const struct found *f)
{
	if (!held_by_other(f, p->udc))
		return false;
	p->result = PLAN_HELD;
	snprintf(p->text, sizeof(p->text),
		 "%s is held by %.32s, which is no module that could be "
		 "unloaded: it is built into the kernel, or a process has the "
		 "controller. build the kernel without it, or end the process",
		 p->udc, driver_of(f, p->udc));
	return true;
}

static void remove_gadgets(struct plan *p, const struct config *c,
			   const struct found *f, bool *was_bound)
{
	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (!in_the_way(g, c, f, p->udc))
			continue;
		if (g->recipe.full) {
			p->result = PLAN_TOO_LARGE;
			snprintf(p->text, sizeof(p->text),
				 "the gadget %s has more parts than can be "
				 "removed safely. remove it by hand",
				 g->name);
		}
		*was_bound |= g->udc[0] || g->taken;
		if (g->udc[0] && !g->ours)
			p->stock = g;
		steps_append_inverse(&p->steps, &g->recipe);
	}
}

/* Ours as it should be: perhaps it has only to be bound. */
static bool is_there(struct plan *p, const struct config *c,
		     const struct found *f)
{
	const struct found_gadget *ours = NULL;
	int others = 0;

	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (!strcmp(g->name, c->gadget))
			p->differs = difference(&p->wanted, &g->recipe);
		if (!strcmp(g->name, c->gadget) && !p->differs)
			ours = g;
		else if (in_the_way(g, c, f, p->udc))
			others++;
	}
	if (!ours || others)
		return false;
	p->result = PLAN_UNCHANGED;
	/* A controller that went and came back is bound in name only. */
	if (!strcmp(ours->udc, p->udc) && driver_of(f, p->udc)[0])
		return true;
	if (ours->udc[0] || c->functions & FUNCTION_MCTP)
		return false;
	p->result = PLAN_OK;
	steps_add(&p->steps, STEP_BIND, c->gadget, p->udc);
	return true;
}

/* A gadget whose controller went is bound in name, and Linux binds it again by
 * itself when one comes back. Seen on 7.3 with dummy_hcd: its interface is not
 * usable then, as it seems because it has lost its parent. */
static void wait_for_udc(struct plan *p, const struct config *c,
			 const struct found *f)
{
	p->result = PLAN_NO_UDC;
	plan_down(&p->steps, f);
	(void)remove_modules(p, f, true);
	snprintf(p->text, sizeof(p->text),
		 "no USB device controller%s%s yet; waiting for it",
		 c->udc[0] ? " " : "", c->udc);
}

static void replace(struct plan *p, const struct config *c,
		    const struct found *f, bool was_bound)
{
	char pause[16];

	remove_gadgets(p, c, f, &was_bound);
	if (was_bound) {
		snprintf(pause, sizeof(pause), "%d", PLAN_PAUSE_MS);
		steps_add(&p->steps, STEP_PAUSE, "bus", pause);
	}
	steps_append(&p->steps, &p->wanted);
	if (p->result == PLAN_OK && p->steps.full) {
		p->result = PLAN_TOO_LARGE;
		snprintf(p->text, sizeof(p->text),
			 "the gadgets in the way have more parts than can be "
			 "removed safely. remove them by hand");
	}
}

void plan_make(struct plan *p, const struct config *config,
	       const struct identity *id, const struct found *f,
	       const struct fifos *fifos)
{
	struct config c = *config;
	int modules;

	p->result = PLAN_OK;
	p->text[0] = '\0';
	p->stock = NULL;
	p->differs = NULL;
	steps_init(&p->steps);
	steps_init(&p->wanted);
	snprintf(p->udc, sizeof(p->udc), "%s", plan_udc(&c, f));
	if (!p->udc[0]) {
		p->functions = c.functions;
		p->fifo = (struct fifo_plan){ .fits = true };
		wait_for_udc(p, &c, f);
		return;
	}
	if (!fit(p, &c, fifos) || !is_name_free(p, &c, f))
		return;
	build(&p->wanted, &c, id, p->udc);
	modules = remove_modules(p, f, false);
	if (!modules && (is_held(p, f) || is_there(p, &c, f)))
		return;
	p->result = PLAN_OK;
	replace(p, &c, f, modules > 0);
}

void plan_down(struct steps *s, const struct found *f)
{
	steps_init(s);
	for (int i = 0; i < f->gadgets; i++)
		if (f->gadget[i].ours)
			steps_append_inverse(s, &f->gadget[i].recipe);
}

int plan_restore(struct steps *s, const struct state *state,
		 const struct found *f)
{
	if (!state->migrated[0] || !state->stock.count)
		return ERR_NOT_FOUND;
	plan_down(s, f);
	for (size_t i = 0; i < state->stock.count; i++) {
		const char *value = step_value(&state->stock, i);
		enum step_op op = (enum step_op)state->stock.step[i].op;

		if (op == STEP_BIND && f->udcs && !is_there_udc(f, value))
			value = f->udc[0].name;
		if (state->stock.step[i].soft)
			steps_add_soft(s, op, step_path(&state->stock, i),
				       value);
		else
			steps_add(s, op, step_path(&state->stock, i), value);
	}
	return s->full ? ERR_FULL : ERR_OK;
}
