/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#else
#define MACHINE 0 /* the filter lets nobody pass, confine() says so before */
#endif

#ifdef REPRINT_SANITIZED
#define SANITIZED true
#define OTHERWISE (SECCOMP_RET_ERRNO | EPERM)
#else
#define SANITIZED false
#define OTHERWISE SECCOMP_RET_KILL_PROCESS
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* If the call is this one, the next statement; else the one after it. */
#define IF_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1)
#define ALLOW(name) IF_CALL(name), RETURN(SECCOMP_RET_ALLOW)
#define FAIL(name, error) IF_CALL(name), RETURN(SECCOMP_RET_ERRNO | (error))
/* Memory that can be run is never needed: that argument's PROT_EXEC is looked at. The low halves
 * of the arguments come first on all machines above. */
#define ALLOW_UNLESS_EXEC(name)                                                           \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4), LOAD(args[2]),             \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), RETURN(OTHERWISE), \
		RETURN(SECCOMP_RET_ALLOW)

static const struct sock_filter filter[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	ALLOW(futex),
	ALLOW(brk),
	ALLOW(munmap),
	ALLOW(mremap),
	ALLOW(madvise),
	ALLOW(clock_gettime),
	ALLOW(rt_sigreturn),
	ALLOW(exit_group),
	/* A charset that iconv was not asked for before is one it does not know. */
	FAIL(openat, ENOENT),
	FAIL(newfstatat, ENOENT),
	/* What a library has to say goes to a descriptor that is not there. */
	FAIL(writev, EBADF),
#ifndef REPRINT_SANITIZED
	FAIL(write, EBADF),
#endif
#ifdef SYS_open
	FAIL(open, ENOENT),
#endif
#ifdef REPRINT_SANITIZED
	ALLOW(write),
	ALLOW(rt_sigprocmask),
	ALLOW(sigaltstack),
	ALLOW(sched_yield),
	ALLOW(getpid),
	ALLOW(gettid),
#endif
	ALLOW_UNLESS_EXEC(mmap),
	ALLOW_UNLESS_EXEC(mprotect),
	RETURN(OTHERWISE),
};

static bool bound(__rlimit_resource_t what, rlim_t to)
{
	struct rlimit limit = { to, to };

	return setrlimit(what, &limit) == 0;
}

static bool close_all(void)
{
	unsigned first = SANITIZED ? STDERR_FILENO + 1 : 0;

	if (SANITIZED) {
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
	}
	return syscall(SYS_close_range, first, ~0u, 0) == 0;
}

enum status confine(size_t memory_max)
{
	struct sock_fprog program = { sizeof filter / sizeof *filter,
				      (struct sock_filter *)(uintptr_t)filter };

	if (MACHINE == 0)
		return STATUS_UNSUPPORTED;
	if (!close_all() || !bound(RLIMIT_CORE, 0) || (!SANITIZED && !bound(RLIMIT_NOFILE, 0)) ||
	    (!SANITIZED && !bound(RLIMIT_DATA, memory_max)))
		return status_of_errno(errno);
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return STATUS_UNSUPPORTED;
	return STATUS_OK;
}
