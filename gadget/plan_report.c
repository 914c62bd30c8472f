/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/plan_report.h"

#include <stdio.h>

#include "gadget/function.h"
#include "gadget/network_choice.h"

static void print_fifos(const struct fifo_plan *p)
{
	for (int i = 0; i < p->count; i++) {
		const struct fifo_use *u = &p->use[i];

		if (u->fifo)
			printf("%s IN endpoint of %s: %u words, FIFO %d\n",
			       u->bulk ? "bulk" : "interrupt",
			       function_by_bit(u->function)->name, u->need,
			       u->fifo);
	}
}

static void print_auto(const struct plan *p, const struct config *c)
{
	const struct gadget_function *bound = function_network(c->functions);
	const struct gadget_function *other =
		function_by_bit(network_choice_other(bound->bit));

	printf("functions = auto: %s first (%s)\n", bound->name, bound->hosts);
	if (p->networks & other->bit)
		printf("A host that does not select %s within %u s gets %s "
		       "(%s), then %s again\n",
		       bound->name, c->auto_wait_s, other->name, other->hosts,
		       bound->name);
	else
		printf("%s does not fit into the transmit FIFOs: auto does not "
		       "try it\n",
		       other->name);
}

static void print_advice(const struct config *c)
{
	const struct gadget_function *f;

	for (size_t i = 0; (f = function_at(i)); i++) {
		if (!(c->functions & f->bit))
			continue;
		if (f->compatible_id && !config_os_descriptors(c))
			printf("%s without OS descriptors: Windows binds no "
			       "driver. Set os-descriptors = auto\n",
			       f->name);
		else if (f->advice && !(f->is_network && c->auto_network))
			puts(f->advice);
		if (f->advice_beside && !c->auto_network &&
		    c->functions != (unsigned int)f->bit)
			puts(f->advice_beside);
	}
}

static const char *result_text(enum plan_result result)
{
	switch (result) {
	case PLAN_OK:
		return "steps:";
	case PLAN_UNCHANGED:
		return "nothing to do: the gadget is bound as configured";
	case PLAN_NO_UDC:
		return "waiting for the USB device controller";
	case PLAN_HELD:
	case PLAN_TOO_LARGE:
	case PLAN_NO_FIFO:
		break;
	}
	return "refused: tetherd would change nothing";
}

int plan_report_print(const struct plan *p, const struct config *c,
		      const struct found *f)
{
	char line[2 * STEP_TEXT + 32];

	if (p->udc[0])
		printf("USB device controller: %s\n", p->udc);
	print_fifos(&p->fifo);
	if (p->text[0])
		puts(p->text);
	if (f->truncated)
		puts(FOUND_TRUNCATED);
	if (c->auto_network)
		print_auto(p, c);
	print_advice(c);
	puts(result_text(p->result));
	for (size_t i = 0; i < p->steps.count; i++) {
		if (steps_is_no_op((enum step_op)p->steps.step[i].op))
			continue;
		steps_format(&p->steps, i, line, sizeof(line));
		printf("  %s\n", line);
	}
	return p->result >= PLAN_HELD || p->functions != c->functions;
}
