/* SPDX-License-Identifier: Apache-2.0 */
#include "linux_sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

/* --- system calls --- */

/* Two instructions for each call, and the frame around them. */
enum { FILTER_MAX = 2 * SANDBOX_CALLS_MAX + 8 };

struct filter {
	struct sock_filter code[FILTER_MAX];
	uint16_t len;
};

static void add(struct filter *f, struct sock_filter i)
{
	f->code[f->len++] = i;
}

static void add_return(struct filter *f, uint32_t action)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void add_load(struct filter *f, size_t offset)
{
	add(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    (uint32_t)offset));
}

/* Execute the next instruction only if the loaded word equals `value`. */
static void add_if_equal(struct filter *f, uint32_t value)
{
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0,
					    1));
}

/* A process of x86-64 may also call in the 32-bit ABI, whose numbers mean other
 * calls: the architecture decides first. The x32 ABI has its own bit in the
 * number, which no allowed number has. */
static void build_filter(struct filter *f, unsigned int groups)
{
	const struct sandbox_call *c;

	f->len = 0;
	add_load(f, offsetof(struct seccomp_data, arch));
	add(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					    SANDBOX_ARCH, 1, 0));
	add_return(f, SECCOMP_RET_ERRNO | ENOSYS);
	add_load(f, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; (c = sandbox_call_at(i)); i++) {
		if (c->group && !(c->group & groups))
			continue;
		add_if_equal(f, c->number);
		add_return(f, SECCOMP_RET_ALLOW);
	}
	add_return(f, SECCOMP_RET_ERRNO | ENOSYS);
}

/* The runtime of a sanitizer makes calls of its own when the program ends. */
static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return true;
#endif
#endif
	return false;
}

int sandbox_filter_calls(unsigned int groups)
{
	static struct filter f;
	struct sock_fprog program = { .filter = f.code };

	if (is_sanitized())
		return ERR_UNSUPPORTED;
	build_filter(&f, groups);
	program.len = f.len;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_IO;
	if (!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return ERR_OK;
	return errno == EINVAL || errno == ENOSYS ? ERR_UNSUPPORTED : ERR_IO;
}

/* --- files --- */

/* linux/landlock.h, which the headers of older toolchains lack. */
enum {
	LANDLOCK_CREATE = 444, /* numbers of the system calls, equal on all
				* architectures */
	LANDLOCK_ADD = 445,
	LANDLOCK_RESTRICT = 446,
	LANDLOCK_VERSION = 1, /* flag of LANDLOCK_CREATE */
	LANDLOCK_BENEATH = 1, /* type of a rule */
	RIGHT_EXECUTE = 1 << 0,
	RIGHT_WRITE_FILE = 1 << 1,
	RIGHT_READ_FILE = 1 << 2,
	RIGHT_READ_DIR = 1 << 3,
	RIGHTS_CHANGE = 0x1ff0, /* remove and make entries */
	RIGHTS_V1 = 0x1fff,
	RIGHT_REFER = 1 << 13,	  /* ABI 2 */
	RIGHT_TRUNCATE = 1 << 14, /* ABI 3 */
	RIGHTS_OF_FILE = RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_READ_FILE |
			 RIGHT_TRUNCATE,
};

struct landlock_rules {
	uint64_t handled;
};

struct landlock_path {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* The rights that a kernel with this version of the ABI knows. */
static uint64_t handled_rights(long abi)
{
	uint64_t rights = RIGHTS_V1;

	if (abi >= 2)
		rights |= RIGHT_REFER;
	if (abi >= 3)
		rights |= RIGHT_TRUNCATE;
	return rights;
}

static uint64_t rights_of(unsigned int access)
{
	uint64_t rights = 0;

	if (access & SANDBOX_READ)
		rights |= RIGHT_READ_FILE | RIGHT_READ_DIR;
	if (access & SANDBOX_WRITE)
		rights |= RIGHT_WRITE_FILE | RIGHT_TRUNCATE | RIGHTS_CHANGE |
			  RIGHT_REFER;
	if (access & SANDBOX_EXECUTE)
		rights |= RIGHT_EXECUTE | RIGHT_READ_FILE;
	return rights;
}

static int add_path(int rules, const struct sandbox_path *p, uint64_t handled)
{
	struct landlock_path rule = { .allowed =
					      rights_of(p->access) & handled };
	struct stat st;
	int err, error;

	rule.parent = open(p->path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return errno == ENOENT ? ERR_OK : ERR_IO;
	/* Rights of folders make a rule for a file invalid. */
	if (!fstat(rule.parent, &st) && !S_ISDIR(st.st_mode))
		rule.allowed &= RIGHTS_OF_FILE;
	err = syscall(LANDLOCK_ADD, rules, LANDLOCK_BENEATH, &rule, 0) ? ERR_IO
								       : ERR_OK;
	error = errno;
	close(rule.parent);
	errno = error;
	return err;
}

int sandbox_restrict_files(const struct sandbox_path *paths, size_t n)
{
	long abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
	struct landlock_rules attributes = { handled_rights(abi) };
	int rules, err = ERR_OK, error;

	if (abi < 1)
		return ERR_UNSUPPORTED;
	rules = (int)syscall(LANDLOCK_CREATE, &attributes, sizeof(attributes),
			     0);
	if (rules < 0)
		return ERR_IO;
	for (size_t i = 0; i < n && !err; i++)
		err = add_path(rules, &paths[i], attributes.handled);
	if (!err && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		     syscall(LANDLOCK_RESTRICT, rules, 0)))
		err = ERR_IO;
	error = errno;
	close(rules);
	errno = error;
	return err;
}
