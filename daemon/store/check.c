/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/check.h"

#include "base/bytes.h"
#include "base/files.h"
#include "base/log.h"
#include "store/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_LINE "reprint lengths 1"
#define STARTS_TRUSTED 1u /* without a clean stop between */
#define PLACE_LINE "place "
#define RECORD_MAX (1u << 20)
#define WALKED 64        /* exit codes of a child that came to its end: this and the status */
#define WALK_MAX_S 3600u /* a walk that takes longer goes round in circles */

/* ---- the format ----------------------------------------------------------------------------- */

enum status check_format(const char *path)
{
	char ours[64];
	struct bytes b = { 0 };
	enum status st = files_read(&b, path, sizeof ours);
	int number = 0;

	snprintf(ours, sizeof ours, STATE_FORMAT_LINE, STORE_FORMAT);
	put_u8(&b, 0);
	if (b.failed)
		st = STATUS_NO_MEMORY;
	else if (st == STATUS_OK && strcmp(b.p, ours) != 0)
		st = sscanf(b.p, STATE_FORMAT_LINE, &number) == 1 ? STATUS_VERSION : STATUS_DAMAGED;
	if (st == STATUS_DAMAGED)
		log_error("the format of the state is not said",
			  "path=%s; restore the state, or start with an empty one", path);
	else if (st == STATUS_VERSION)
		log_error("state not understood",
			  "path=%s format=%d; this version reads format %d: use the one that wrote "
			  "it, or start with an empty directory",
			  path, number, STORE_FORMAT);
	bytes_free(&b);
	return st;
}

/* Also with what is added to it: .new, .damaged. */
static bool is_own(const char *name)
{
	static const char *const own[] = { "lock",   "format", "lengths",   "meta",
					   "epochs", "index",  "restoring", "lost+found" };
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strlen(own[i]) == len && strncmp(name, own[i], len) == 0)
			return true;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

enum status check_own(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;

	if (dir == NULL)
		return status_of_errno(errno);
	do
		e = readdir(dir);
	while (e != NULL && is_own(e->d_name));
	closedir(dir);
	return e == NULL ? STATUS_OK : STATUS_FOREIGN;
}

enum status check_state_format(const char *state)
{
	char *path = files_path(state, "format");
	enum status st = path == NULL ? STATUS_NO_MEMORY : check_format(path);

	free(path);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* ---- the record ----------------------------------------------------------------------------- */

/* This start of the machine and the folder of a record: what stands there under the same words was
 * written by processes of this same kernel, and not copied since. Empty where that cannot be said.
 * A unit that hides /proc/sys tells the boot's id as systemd's %b. */
static void place_of(char out[LENGTHS_PLACE], const char *path)
{
	const char *slash = strrchr(path, '/'), *boot = NULL;
	struct bytes b = { 0 };
	struct stat s;
	char *folder = strndup(path, slash == NULL ? 0 : (size_t)(slash - path));

	if (files_read(&b, "/proc/sys/kernel/random/boot_id", LENGTHS_PLACE) == STATUS_OK) {
		b.len = b.len > 0 && b.p[b.len - 1] == '\n' ? b.len - 1 : b.len;
		put_u8(&b, 0);
		boot = b.failed ? NULL : b.p;
	}
	if (boot == NULL)
		boot = getenv("REPRINT_BOOT");
	out[0] = '\0';
	if (boot != NULL && boot[0] != '\0' && folder != NULL &&
	    stat(folder[0] == '\0' ? "." : folder, &s) == 0)
		snprintf(out, LENGTHS_PLACE, "%.40s %ju %ju", boot, (uintmax_t)s.st_dev,
			 (uintmax_t)s.st_ino);
	free(folder);
	bytes_free(&b);
}

enum status lengths_note(struct lengths *l, uint32_t number, struct kv_file file)
{
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
		struct length *v = realloc(l->v, cap * sizeof *v);

		if (v == NULL)
			return STATUS_NO_MEMORY;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->count++] = (struct length){ number, file };
	return STATUS_OK;
}

void lengths_free(struct lengths *l)
{
	free(l->v);
	*l = (struct lengths){ 0 };
}

static enum status take_line(struct lengths *l, const char *line, const char *place)
{
	struct kv_file file;
	uint32_t number;

	if (sscanf(line, "%" SCNu32 " %" SCNu64 " %" SCNi64, &number, &file.bytes,
		   &file.mtime_ns) == 3)
		return lengths_note(l, number, file);
	sscanf(line, "starts %" SCNu32, &l->starts);
	if (place[0] != '\0' && strncmp(line, PLACE_LINE, strlen(PLACE_LINE)) == 0)
		l->undisturbed = strcmp(line + strlen(PLACE_LINE), place) == 0;
	return STATUS_OK;
}

enum status lengths_load(struct lengths *l, const char *path)
{
	struct bytes b = { 0 };
	enum status st = files_read(&b, path, RECORD_MAX);
	char *line, *rest, place[LENGTHS_PLACE];

	*l = (struct lengths){ .starts = STARTS_TRUSTED + 1 };
	put_u8(&b, 0);
	if (b.failed) {
		bytes_free(&b);
		return STATUS_NO_MEMORY;
	}
	place_of(place, path);
	if (st == STATUS_OK && (line = strtok_r(b.p, "\n", &rest)) != NULL &&
	    strcmp(line, FIRST_LINE) == 0)
		while (st == STATUS_OK && (line = strtok_r(NULL, "\n", &rest)) != NULL)
			st = take_line(l, line, place);
	bytes_free(&b);
	return st == STATUS_NO_MEMORY ? st : STATUS_OK;
}

enum status lengths_save(const struct lengths *l, const char *path, bool sync)
{
	char place[LENGTHS_PLACE];
	struct bytes b = { 0 };
	enum status st;

	place_of(place, path);
	put_text(&b, FIRST_LINE "\n");
	for (size_t i = 0; i < l->count; i++)
		put_format(&b, "%" PRIu32 " %" PRIu64 " %" PRIi64 "\n", l->v[i].number,
			   l->v[i].file.bytes, l->v[i].file.mtime_ns);
	put_format(&b, "starts %" PRIu32 "\n" PLACE_LINE "%s\n", l->starts, place);
	st = b.failed ? STATUS_NO_MEMORY : files_replace(path, bytes_span(&b), sync);
	bytes_free(&b);
	return st;
}

bool lengths_distrusted(const struct lengths *l)
{
	return l->starts > STARTS_TRUSTED;
}

static bool trusted(const struct lengths *l, uint32_t number, struct kv_file file)
{
	if (lengths_distrusted(l))
		return false;
	for (size_t i = 0; i < l->count; i++)
		if (l->v[i].number == number)
			return l->v[i].file.bytes == file.bytes &&
			       l->v[i].file.mtime_ns == file.mtime_ns;
	return l->undisturbed;
}

/* ---- the walk ------------------------------------------------------------------------------- */

/* What the parent catches or prints is not for a child that is expected to crash; and it must not
 * outlive a parent that is killed, nor hold its lock for the one that comes after. */
static void be_mortal(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,
				       SIGILL,  SIGALRM, SIGTERM, SIGINT };
	struct rlimit none = { 0, 0 };
	sigset_t all;
	int null;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	setrlimit(RLIMIT_CORE, &none);
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	alarm(WALK_MAX_S);
}

static enum status status_of_child(pid_t child)
{
	int how;

	while (waitpid(child, &how, 0) < 0)
		if (errno != EINTR)
			return status_of_errno(errno);
	if (!WIFEXITED(how) || WEXITSTATUS(how) < WALKED ||
	    WEXITSTATUS(how) >= WALKED + STATUS_COUNT)
		return STATUS_DAMAGED;
	return (enum status)(WEXITSTATUS(how) - WALKED);
}

enum status check_walk(const struct kv_options *o, kv_check_fn check)
{
	pid_t child = fork();

	if (child < 0)
		return status_of_errno(errno);
	if (child == 0) {
		be_mortal();
		_exit(WALKED + (int)kv_walk(o, check));
	}
	return status_of_child(child);
}

enum status check_files(const struct lengths *l, uint32_t number, const struct kv_options *o,
			kv_check_fn check)
{
	struct kv_file file = kv_file_of(o->path);

	if (trusted(l, number, file))
		return STATUS_OK;
	log_info("file is walked before it is trusted", "path=%s bytes=%" PRIu64, o->path,
		 file.bytes);
	return check_walk(o, check);
}

enum status check_set_aside(const char *path, enum status why)
{
	char *name = NULL;
	int error = EEXIST;

	for (unsigned i = 1; i < 1000 && (error == EEXIST || error == ENOTEMPTY); i++) {
		free(name);
		if (asprintf(&name, i == 1 ? "%s.damaged" : "%s.damaged.%u", path, i) < 0)
			return STATUS_NO_MEMORY;
		error = rename(path, name) == 0 ? 0 : errno;
	}
	if (error == 0)
		log_error("set aside, the rest serves", "path=%s why=%s", name, status_text(why));
	else
		log_error("cannot be set aside", "path=%s why=%s", path, strerror(error));
	free(name);
	return status_of_errno(error);
}
