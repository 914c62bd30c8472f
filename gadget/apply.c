/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/apply.h"

#include <errno.h>

#include "base/err.h"

/* Whether the error means that the effect of the step already exists. */
static bool is_already_done(enum step_op op, int error)
{
	switch (op) {
	case STEP_MKDIR:
	case STEP_SYMLINK:
		return error == EEXIST;
	case STEP_RMDIR:
	case STEP_UNLINK:
	case STEP_RMMOD:
		return error == ENOENT;
	case STEP_UNBIND:
		/* ENODEV: the controller has been removed. */
		return error == ENODEV || error == ENOENT;
	default:
		return false;
	}
}

static int execute(const struct steps *s, size_t i, enum step_op op,
		   const struct step_doer *d)
{
	if (!d->step(d->ctx, op, steps_path(s, i), steps_value(s, i)) ||
	    is_already_done(op, errno))
		return ERR_OK;
	return ERR_IO;
}

static void roll_back(const struct steps *s, const bool *done,
		      const struct step_doer *d, struct apply_result *r)
{
	for (size_t i = r->failed; i-- > 0;) {
		enum step_op op = (enum step_op)s->step[i].op;

		if (done[i] && execute(s, i, steps_inverse(op), d) &&
		    !s->step[i].soft)
			r->not_undone++;
	}
}

int apply_steps(const struct steps *s, const struct step_doer *d,
		struct apply_result *r)
{
	bool done[STEPS_MAX] = { false };

	*r = (struct apply_result){ 0 };
	for (size_t i = 0; i < s->count; i++) {
		done[i] = !execute(s, i, (enum step_op)s->step[i].op, d);
		if (done[i] || s->step[i].soft)
			continue;
		r->error = errno;
		r->failed = i;
		if (d->failed)
			d->failed(d->ctx);
		roll_back(s, done, d, r);
		return ERR_IO;
	}
	return ERR_OK;
}
