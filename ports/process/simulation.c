/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated world of the process: the scenario of --scenario, and the
 * actions of the control socket. */
#include <stdio.h>

#include "base/log.h"
#include "ports/process/process.h"

static void log_text(void *device, const char *text)
{
	struct device *d = device;

	log_write(&d->log, LOG_LEVEL_INFO, "%s", text);
}

/* A scenario may start at the first request. Its faults apply to that request
 * already. */
static void find_fault(void *process, const struct nvme_mi_fault_request *r,
		       struct nvme_mi_fault *f)
{
	struct process *p = process;

	scenario_start(&p->scenario, r->now_ms, true);
	scenario_poll(&p->scenario, &p->simulator, r->now_ms);
	fault_set_find(&p->simulator.faults, r, f);
}

int process_load_scenario(struct process *p)
{
	char error[PROCESS_ERROR];

	if (!p->options.scenario ||
	    !scenario_load(&p->scenario, &p->model, p->options.scenario, error,
			   sizeof(error)))
		return 0;
	fprintf(stderr, "usbnvme: %s\n", error);
	return -1;
}

void process_start_simulation(struct process *p, struct device *d)
{
	simulator_init(&p->simulator, &d->drive, p->scenario.seed);
	p->simulator.faults.log = p->scenario.log = log_text;
	p->simulator.faults.log_ctx = p->scenario.log_ctx = d;
	d->nvme_mi.faults.find = find_fault;
	d->nvme_mi.faults.ctx = p;
	if (p->options.scenario)
		scenario_start(&p->scenario, process_now_ms(), false);
}

uint32_t process_poll_simulation(struct process *p)
{
	uint32_t now = process_now_ms();
	uint32_t wait, next;

	scenario_poll(&p->scenario, &p->simulator, now);
	simulator_poll(&p->simulator, now);
	wait = scenario_wait(&p->scenario, now);
	next = simulator_wait(&p->simulator, now);
	return wait < next ? wait : next;
}
