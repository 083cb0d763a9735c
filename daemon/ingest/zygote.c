/* SPDX-License-Identifier: BSD-2-Clause */
#include "ingest/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a slot's `state` may be besides the process's number. */
#define EMPTY 0
#define REFUSED (-1)  /* fork() failed */
#define STARTING (-2) /* asked for */

#define NAP_NS 200000000L

/* Shared by the daemon and the zygote; no child sees it. */
struct slot {
	atomic_int state; /* a futex */
	atomic_int how;   /* the last one ended */
};

struct zygote {
	struct zygote_options o;
	struct slot *slots;
	unsigned char *shares;
	size_t stride; /* of the shares */
	pid_t pid;
	int orders; /* to the zygote; its other end there */
};

struct order {
	uint32_t slot;
	uint32_t kill; /* 1: end it; 0: start one */
};

/* ---- in the zygote -------------------------------------------------------------------------- */

static void set_state(struct slot *s, int state)
{
	atomic_store(&s->state, state);
	syscall(SYS_futex, &s->state, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* What is meant for the daemon, from a terminal or a service manager, is not for us: we end when it
 * has ended. */
static void ignore_signals(void)
{
	static const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE
	};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_IGN);
}

/* A crash is no matter for the handlers of a sanitizer: it is told by whoever waits. */
static void die_plainly(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS };

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
}

/* Where memory runs out, a child is the one to go: it costs least. */
static void be_dispensable(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "500", 3);
	close(fd);
}

static _Noreturn void live(const struct zygote *z, size_t slot, pid_t zygote)
{
	size_t before = slot * z->stride, after = (z->o.slots - slot - 1) * z->stride;
	sigset_t none;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != zygote)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, "reprintd-parse");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	die_plainly();
	be_dispensable();
	munmap(z->slots, z->o.slots * sizeof *z->slots);
	if (before > 0)
		munmap(z->shares, before);
	if (after > 0)
		munmap(z->shares + before + z->stride, after);
	z->o.run(z->o.ctx, z->shares + before);
	_exit(EXIT_FAILURE);
}

static void start(const struct zygote *z, size_t slot)
{
	pid_t self = getpid(), pid = fork();

	if (pid == 0)
		live(z, slot, self);
	set_state(&z->slots[slot], pid > 0 ? pid : REFUSED);
}

static void reap(const struct zygote *z, int options)
{
	int how;

	for (pid_t pid; (pid = waitpid(-1, &how, options)) > 0;) {
		for (size_t i = 0; i < z->o.slots; i++) {
			if (atomic_load(&z->slots[i].state) != pid)
				continue;
			atomic_store(&z->slots[i].how, how);
			set_state(&z->slots[i], EMPTY);
			z->o.ended(z->o.ctx, z->shares + i * z->stride);
		}
	}
}

/* Only here: a number is a child's until it is reaped, which is done here too. */
static void kill_slot(const struct zygote *z, size_t slot)
{
	int pid = atomic_load(&z->slots[slot].state);

	if (pid > 0)
		kill(pid, SIGKILL);
}

/* False when the daemon has gone. */
static bool obey(const struct zygote *z, int orders)
{
	struct order order;
	ssize_t n = read(orders, &order, sizeof order);

	if (n < 0 && errno == EINTR)
		return true;
	if (n != sizeof order || order.slot >= z->o.slots)
		return false;
	if (order.kill)
		kill_slot(z, order.slot);
	else
		start(z, order.slot);
	return true;
}

static _Noreturn void rule(const struct zygote *z, int orders, int children)
{
	struct pollfd fds[2] = { { orders, POLLIN, 0 }, { children, POLLIN, 0 } };
	struct signalfd_siginfo info;
	bool on = true;

	while (on) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if ((fds[1].revents & POLLIN) != 0 && read(children, &info, sizeof info) > 0)
			reap(z, WNOHANG);
		if (fds[0].revents != 0)
			on = obey(z, orders);
	}
	for (size_t i = 0; i < z->o.slots; i++)
		kill_slot(z, i);
	reap(z, 0);
	_exit(EXIT_SUCCESS);
}

/* Keeps descriptor fd and stderr only. */
static int keep_only(int fd)
{
	int kept = STDERR_FILENO + 1;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	if (fd != kept && dup2(fd, kept) != kept)
		_exit(EXIT_FAILURE);
	if (syscall(SYS_close_range, kept + 1, ~0u, 0) != 0)
		_exit(EXIT_FAILURE);
	return kept;
}

static _Noreturn void be_zygote(const struct zygote *z, pid_t daemon, int orders)
{
	sigset_t child;
	int children;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != daemon)
		_exit(EXIT_FAILURE);
	prctl(PR_SET_NAME, "reprintd-fork");
	ignore_signals();
	orders = keep_only(orders);
	signal(SIGCHLD, SIG_DFL); /* ignored, they would end unseen */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (children < 0)
		_exit(EXIT_FAILURE);
	z->o.prepare(z->o.ctx);
	rule(z, orders, children);
}

/* ---- in the daemon -------------------------------------------------------------------------- */

static void *shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void unmap(struct zygote *z)
{
	if (z->slots != NULL)
		munmap(z->slots, z->o.slots * sizeof *z->slots);
	if (z->shares != NULL)
		munmap(z->shares, z->o.slots * z->stride);
	free(z);
}

enum status zygote_open(struct zygote **out, const struct zygote_options *o)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct zygote *z = calloc(1, sizeof *z);
	pid_t self = getpid();
	int ends[2];
	enum status st = STATUS_NO_MEMORY;

	if (z == NULL)
		return st;
	z->o = *o;
	z->stride = (o->share_bytes + page - 1) & ~(page - 1);
	z->slots = shared(o->slots * sizeof *z->slots);
	z->shares = shared(o->slots * z->stride);
	if (z->slots == NULL || z->shares == NULL)
		goto unmap;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		st = status_of_errno(errno);
		goto unmap;
	}
	z->pid = fork();
	if (z->pid == 0)
		be_zygote(z, self, ends[0]);
	close(ends[0]);
	z->orders = ends[1];
	if (z->pid < 0) {
		close(ends[1]);
		goto unmap;
	}
	*out = z;
	return STATUS_OK;

unmap:
	unmap(z);
	return st;
}

void zygote_close(struct zygote *z)
{
	if (z == NULL)
		return;
	/* Another child of ours may hold a copy of it. */
	shutdown(z->orders, SHUT_RDWR);
	close(z->orders);
	while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
		;
	unmap(z);
}

void *zygote_share(const struct zygote *z, size_t slot)
{
	return z->shares + slot * z->stride;
}

/* Waits while the slot's state is `was`, or until the zygote is lost. */
static int await_change(struct zygote *z, size_t slot, int was)
{
	static const struct timespec nap = { 0, NAP_NS };
	struct slot *s = &z->slots[slot];
	int state;

	while ((state = atomic_load(&s->state)) == was && !zygote_lost(z))
		syscall(SYS_futex, &s->state, FUTEX_WAIT, was, &nap, NULL, 0);
	return state;
}

static bool give_order(struct zygote *z, struct order order)
{
	ssize_t n;

	do
		n = send(z->orders, &order, sizeof order, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == sizeof order;
}

enum status zygote_start(struct zygote *z, size_t slot)
{
	int state;

	atomic_store(&z->slots[slot].state, STARTING);
	if (!give_order(z, (struct order){ (uint32_t)slot, 0 }))
		return STATUS_CLOSED;
	state = await_change(z, slot, STARTING);
	if (state == STARTING)
		return STATUS_CLOSED;
	return state == REFUSED ? STATUS_NO_MEMORY : STATUS_OK;
}

void zygote_kill(struct zygote *z, size_t slot)
{
	int pid = atomic_load(&z->slots[slot].state);

	if (pid > 0 && give_order(z, (struct order){ (uint32_t)slot, 1 }))
		await_change(z, slot, pid);
}

bool zygote_runs(struct zygote *z, size_t slot, int *out_how)
{
	bool runs = atomic_load(&z->slots[slot].state) > 0;

	*out_how = atomic_load(&z->slots[slot].how);
	return runs;
}

long long zygote_cpu_ms(struct zygote *z, size_t slot)
{
	int pid = atomic_load(&z->slots[slot].state);
	struct timespec t;
	clockid_t clock;

	if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return -1;
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool zygote_lost(struct zygote *z)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)z->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid != 0;
}
