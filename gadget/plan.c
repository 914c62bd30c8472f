/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "gadget/build.h"
#include "posix/parse.h"

/* --- comparison of recipes --- */

/* The kernel shows a number in its own notation, which may differ from the
 * written text. So compare the values if both texts are numbers. */
static bool is_same_value(const char *a, const char *b)
{
	uint64_t x, y;

	if (!strcasecmp(a, b))
		return true;
	return !parse_number(a, 0, 0, UINT64_MAX, &x) &&
	       !parse_number(b, 0, 0, UINT64_MAX, &y) && x == y;
}

/* Whether the list s contains step i of the list `of`. */
static bool has_step(const struct steps *s, const struct steps *of, size_t i)
{
	const char *value =
		steps_find(s, (enum step_op)of->step[i].op, steps_path(of, i));

	return value && is_same_value(value, steps_value(of, i));
}

static bool is_structure(const struct steps *s, size_t i)
{
	return !s->step[i].soft &&
	       (s->step[i].op == STEP_MKDIR || s->step[i].op == STEP_SYMLINK);
}

/* Path of the first part that is missing or not wanted; NULL: no difference. */
static const char *find_difference(const struct steps *wanted,
				   const struct steps *found)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->step[i].op != STEP_BIND &&
		    wanted->step[i].op != STEP_SERVE &&
		    !has_step(found, wanted, i))
			return steps_path(wanted, i);
	for (size_t i = 0; i < found->count; i++)
		if (is_structure(found, i) && !has_step(wanted, found, i))
			return steps_path(found, i);
	return found->full ? "too many parts to compare" : NULL;
}

/* --- the plan --- */

/* Whether the driver that holds the UDC is not a gadget of configfs. A gadget
 * of configfs is recognized by its UDC attribute, because the name of its
 * driver depends on the kernel version: configfs-gadget, configfs-gadget.NAME
 * or NAME. */
static bool is_held_by_other_driver(const struct found *f, const char *udc)
{
	const char *driver = udc_driver(&f->udcs, udc);

	for (int i = 0; i < f->gadgets; i++)
		if (!strcmp(f->gadget[i].udc, udc))
			return false;
	return driver[0] && strncmp(driver, "configfs-gadget", 15) != 0;
}

/* Whether another program's gadget is bound to another UDC: it must not be
 * changed. */
static bool is_on_other_udc(const struct found_gadget *g, const struct found *f,
			    const char *udc)
{
	return !g->ours && strcmp(g->udc, udc) != 0 &&
	       udc_find(&f->udcs, g->udc);
}

static bool must_be_removed(const struct found_gadget *g,
			    const struct config *c, const struct found *f,
			    const char *udc)
{
	if (is_on_other_udc(g, f, udc))
		return false;
	return !strcmp(g->udc, udc) || !strcmp(g->name, c->gadget) || g->ours ||
	       g->taken_over || g->conflicts;
}

/* Reduce c->functions to the network function. If there is none, reduce it to
 * the first function that fits. false: no function fits; c->functions then has
 * the functions that were tried. */
static bool choose_fitting(struct config *c, const struct fifos *fifos)
{
	unsigned int all = c->functions;
	const struct gadget_function *f = function_network(all);
	struct fifo_plan alone;

	if (f) {
		c->functions = f->bit;
		return fifo_assign(fifos, c->functions, true, &alone);
	}
	for (size_t i = 0; (f = function_at(i)); i++) {
		c->functions = all & f->bit;
		if (c->functions &&
		    fifo_assign(fifos, c->functions, true, &alone))
			return true;
	}
	c->functions = all;
	return false;
}

static unsigned int find_fitting_networks(const struct fifos *fifos)
{
	const struct gadget_function *f;
	struct fifo_plan alone;
	unsigned int bits = 0;

	for (size_t i = 0; (f = function_at(i)); i++)
		if (f->is_network && fifo_assign(fifos, f->bit, true, &alone))
			bits |= f->bit;
	return bits;
}

/* Leave out the functions that do not fit, with a sentence in p->text. false:
 * no function fits. */
static bool fit_functions(struct plan *p, struct config *c,
			  const struct fifos *fifos)
{
	char all[FUNCTION_LIST], chosen[FUNCTION_LIST], subsets[128];

	p->functions = c->functions;
	if (fifo_assign(fifos, c->functions, true, &p->fifo))
		return true;
	function_format(c->functions, all, sizeof(all));
	if (!choose_fitting(c, fifos)) {
		function_format(c->functions, chosen, sizeof(chosen));
		p->result = PLAN_NO_FIFO;
		snprintf(p->text, sizeof(p->text),
			 "the transmit FIFOs of %s are too small for %s, which "
			 "could not send: nothing is bound. Change "
			 "g-tx-fifo-size in the device tree: each bulk "
			 "endpoint needs 128 words",
			 p->udc, chosen);
		return false;
	}
	function_format(c->functions, chosen, sizeof(chosen));
	fifo_format_subsets(fifos, p->functions, true, subsets,
			    sizeof(subsets));
	snprintf(p->text, sizeof(p->text),
		 "the functions %s do not fit into the transmit FIFOs of %s "
		 "(g-tx-fifo-size): only %s is bound. What fits: %s",
		 all, p->udc, chosen, subsets);
	p->functions = c->functions;
	return true;
}

/* Check our gadget's name. false: another program uses a gadget of this name on
 * another UDC. */
static bool is_name_free(struct plan *p, const struct config *c,
			 const struct found *f)
{
	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (strcmp(g->name, c->gadget) != 0 ||
		    !is_on_other_udc(g, f, p->udc))
			continue;
		p->result = PLAN_HELD;
		snprintf(p->text, sizeof(p->text),
			 "the gadget name %s is used by another program on the "
			 "controller %s. Set gadget in " CONFIG_FILE
			 " to another name",
			 g->name, g->udc);
		return false;
	}
	return true;
}

/* Add the steps that unload legacy modules, which configfs cannot remove.
 * Returns the number of modules. */
static int unload_modules(struct plan *p, const struct found *f, bool soft)
{
	int count = 0;

	for (int i = 0; i < f->modules.count; i++) {
		const struct legacy_module *m = &f->modules.module[i];

		if (!legacy_module_blocks(m, &f->udcs, p->udc))
			continue;
		(soft ? steps_add_soft : steps_add)(&p->steps, STEP_RMMOD,
						    m->name, "");
		count++;
	}
	return count;
}

static bool is_held(struct plan *p, const struct found *f)
{
	if (!is_held_by_other_driver(f, p->udc))
		return false;
	p->result = PLAN_HELD;
	snprintf(p->text, sizeof(p->text),
		 "the controller %s is held by %.32s, which is not a module "
		 "that can be unloaded. If it is built into the kernel, build "
		 "a kernel without it; if a process holds the controller, end "
		 "the process",
		 p->udc, udc_driver(&f->udcs, p->udc));
	return true;
}

static void remove_gadgets(struct plan *p, const struct config *c,
			   const struct found *f, bool *was_bound)
{
	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (!must_be_removed(g, c, f, p->udc))
			continue;
		if (g->recipe.full) {
			p->result = PLAN_TOO_LARGE;
			snprintf(p->text, sizeof(p->text),
				 "the gadget %s has too many parts to remove "
				 "it safely. Remove it by hand",
				 g->name);
		}
		*was_bound |= g->udc[0] || g->taken_over;
		if (g->udc[0] && !g->ours)
			p->stock = g;
		steps_append_inverse(&p->steps, &g->recipe);
	}
}

/* Whether our gadget exists as wanted and nothing else has to be removed. If
 * the gadget is not bound, add the step that binds it. false: the gadget must
 * be built. */
static bool is_built(struct plan *p, const struct config *c,
		     const struct found *f)
{
	const struct found_gadget *ours = NULL;
	int others = 0;

	for (int i = 0; i < f->gadgets; i++) {
		const struct found_gadget *g = &f->gadget[i];

		if (!strcmp(g->name, c->gadget))
			p->differs = find_difference(&p->wanted, &g->recipe);
		if (!strcmp(g->name, c->gadget) && !p->differs)
			ours = g;
		else if (must_be_removed(g, c, f, p->udc))
			others++;
	}
	if (!ours || others)
		return false;
	p->result = PLAN_UNCHANGED;
	/* If a controller was removed and has returned, its gadget still has
	 * the controller's name in UDC, but is not bound. */
	if (!strcmp(ours->udc, p->udc) && udc_driver(&f->udcs, p->udc)[0])
		return true;
	if (ours->udc[0] || function_served(c->functions))
		return false;
	p->result = PLAN_OK;
	steps_add(&p->steps, STEP_BIND, c->gadget, p->udc);
	return true;
}

/* Remove our gadget while there is no UDC. Otherwise Linux binds the gadget
 * again when the UDC returns, and the network interface then does not work.
 * This was seen on Linux 7.3 with dummy_hcd. The probable cause is that the
 * interface has lost its parent device. */
static void wait_for_udc(struct plan *p, const struct config *c,
			 const struct found *f)
{
	p->result = PLAN_NO_UDC;
	plan_down(&p->steps, f);
	(void)unload_modules(p, f, true);
	snprintf(p->text, sizeof(p->text),
		 "no USB device controller%s%s exists yet; waiting for it",
		 c->udc[0] ? " " : "", c->udc);
}

/* Add the steps that free the UDC and then build the wanted gadget. */
static void replace_gadget(struct plan *p, const struct config *c,
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
			 "the gadgets that hold %s have too many parts to "
			 "remove them safely. Remove them by hand",
			 p->udc);
	}
}

void plan_make(struct plan *p, const struct config *config,
	       const struct identity *id, const struct found *f,
	       const struct fifos *fifos)
{
	const struct udc *udc =
		udc_find(&f->udcs, udc_choose(&f->udcs, config->udc));
	/* A copy, whose functions are reduced to those that fit. */
	struct config c = *config;
	int modules;

	p->result = PLAN_OK;
	p->text[0] = '\0';
	p->stock = NULL;
	p->differs = NULL;
	p->networks = find_fitting_networks(fifos);
	steps_init(&p->steps);
	steps_init(&p->wanted);
	snprintf(p->udc, sizeof(p->udc), "%s", udc ? udc->name : "");
	if (!udc) {
		p->functions = c.functions;
		p->fifo = (struct fifo_plan){ .fits = true };
		wait_for_udc(p, &c, f);
		return;
	}
	if (!fit_functions(p, &c, fifos) || !is_name_free(p, &c, f))
		return;
	build_recipe(&p->wanted, &c, id, p->udc);
	modules = unload_modules(p, f, false);
	if (!modules && (is_held(p, f) || is_built(p, &c, f)))
		return;
	p->result = PLAN_OK;
	replace_gadget(p, &c, f, modules > 0);
}

void plan_down(struct steps *s, const struct found *f)
{
	steps_init(s);
	for (int i = 0; i < f->gadgets; i++)
		if (f->gadget[i].ours)
			steps_append_inverse(s, &f->gadget[i].recipe);
}

int plan_restore(struct steps *s, const struct saved_state *state,
		 const struct found *f)
{
	const struct steps *stock = &state->stock;

	if (!state->migrated[0] || !stock->count)
		return ERR_NOT_FOUND;
	plan_down(s, f);
	for (size_t i = 0; i < stock->count; i++) {
		const char *value = steps_value(stock, i);
		enum step_op op = (enum step_op)stock->step[i].op;

		if (op == STEP_BIND && f->udcs.count &&
		    !udc_find(&f->udcs, value))
			value = udc_choose(&f->udcs, "");
		(stock->step[i].soft ? steps_add_soft : steps_add)(
			s, op, steps_path(stock, i), value);
	}
	return s->full ? ERR_FULL : ERR_OK;
}
