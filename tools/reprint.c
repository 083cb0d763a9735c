/* SPDX-License-Identifier: BSD-2-Clause */
/* reprint - asks the daemon, and does what needs no daemon. */
#include "commands.h"
#include "print.h"

#include <reprint/version.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"

#define DEFAULT_SOCKET "/run/reprint/reprint.sock"

static const struct subcommand subcommands[] = {
	{ "scan", "PATH...", "judge files, directories or - (JSON Lines) without a daemon",
	  "  --store DIR        keep what was seen there; a later scan goes on with it\n"
	  "  --threads N        so many workers (default: one a core)\n"
	  "  --max-matches N    so many matches a verdict (default 100, 0: all)\n"
	  "  --strict           fail also when an article was rejected\n",
	  NULL, local_scan },
	{ "check", "FILE...|-", "judge against what the daemon knows, without storing",
	  "  --source NAME      who delivered it\n"
	  "A directory stands for all files below it.\n"
	  "Exit 1: something was found.\n",
	  run_check, NULL },
	{ "add", "FILE...|-", "judge and store",
	  "  --source NAME      who delivered it\n"
	  "A directory stands for all files below it.\n",
	  run_add, NULL },
	{ "show", "ID", "the verdict of an article (ID: its newest version, ID@N: version N)",
	  "  --paragraphs       also SimHash, digest, repetition and matches of each paragraph\n",
	  run_show, NULL },
	{ "matches", "ID", "its verified matches", "", run_matches, NULL },
	{ "cluster", "ID|cN", "the articles of a cluster", "", run_cluster, NULL },
	{ "clusters", "", "the largest clusters",
	  "  --top N            so many (default 20)\n"
	  "  --since TIME       with something new since then (2026-11-23 or RFC 3339)\n"
	  "  --all              all of them\n",
	  run_clusters, NULL },
	{ "neighbours", "ID|HEX", "articles whose SimHash is near",
	  "  --bits K           at most so many bits away (default 3)\n"
	  "  --paragraphs       paragraphs instead of articles\n",
	  run_neighbours, NULL },
	{ "diff", "A B", "two articles side by side", "", run_diff, NULL },
	{ "explain", "A B", "why two articles (or two files) are what they are to each other", "",
	  run_explain, NULL },
	{ "near-misses", "", "what almost matched lately, newest first",
	  "  --since TIME       since then (2026-11-23 or RFC 3339)\n"
	  "  --top N            so many (default 20)\n",
	  run_near_misses, NULL },
	{ "chrome", "SITE", "the lines that are left out of a site's articles, and why", "",
	  run_chrome, NULL },
	{ "calibrate", "", "precision and recall by threshold on labels of your own",
	  "  --articles FILE    the articles, as for scan\n"
	  "  --labels FILE      a line a pair: {\"a\",\"b\",\"label\": dup, near, partial or "
	  "none}\n"
	  "  --svg FILE         also draw the plots there\n",
	  NULL, local_calibrate },
	{ "repeats", "FILE|ID", "what an article says twice, paragraph by paragraph",
	  "Exit 1: at least a fifth of it.\n", run_repeats, NULL },
	{ "text", "FILE...", "the article text as it will be judged, one paragraph per line", "",
	  NULL, local_text },
	{ "fingerprint", "PATH...", "digest, SimHash and sketch of every article",
	  "  --paragraphs       of each paragraph too\n"
	  "  --threads N        so many workers (default: one a core)\n",
	  NULL, local_fingerprint },
	{ "alerts", "", "the alert log",
	  "  --follow           go on as they come, also when the daemon restarts\n"
	  "  --consumer NAME    from the durable cursor of NAME\n"
	  "  --from now         a new consumer: only what comes from now on\n"
	  "  --since N          what came after alert N\n"
	  "  --exec CMD         run CMD with each alert on its standard input, acknowledge when "
	  "it\n"
	  "                     exits with 0, else try it again\n"
	  "  --auto-ack         acknowledge what has been printed\n",
	  run_alerts, NULL },
	{ "ack", "NAME N", "move the cursor of consumer NAME up to alert N", "", run_ack, NULL },
	{ "consumers", "", "the consumers and how far they are",
	  "  --delete NAME      forget one\n", run_consumers, NULL },
	{ "status", "", "how the daemon is", "", run_status, NULL },
	{ "stats", "", "counters, each with its sentence",
	  "  --prometheus       in the text form of Prometheus\n", run_stats, NULL },
	{ "rejected", "", "the files and articles that were refused, and why",
	  "  --since N          those after number N\n", run_rejected, NULL },
	{ "sync", "[PATH]", "wait until everything delivered before has been judged and committed",
	  "  --timeout S        for at most S seconds\n"
	  "Exit 4: not in time, or it cannot be promised.\n",
	  run_sync, NULL },
	{ "forget", "ID|--site S|--before TIME|--now",
	  "forget articles (all versions; ID@N: that one)",
	  "  --site S           everything of this site\n"
	  "  --before TIME      everything published before\n"
	  "  --now              their bytes too: epochs that hold them are written anew;\n"
	  "                     alone, of what was forgotten earlier\n",
	  run_forget, NULL },
	{ "backup", "FILE|-", "write the whole state into a new FILE, or to standard output", "",
	  run_backup, NULL },
	{ "restore", "FILE|- DIR", "make an empty state directory from a backup, without a daemon",
	  "", NULL, local_restore },
	{ "verify", "", "whether every file of the state is sound, and agrees with the others",
	  "Exit 2: there are problems.\n", run_verify, NULL },
	{ "repair", "", "verify, then make again what is derived and set aside what is damaged", "",
	  run_repair, NULL },
	{ "rescan", "", "list the feeds again, soon", "", run_rescan, NULL },
	{ "reload", "", "read the configuration again", "", run_reload, NULL },
};
#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

static const char globals[] = "Options for every command:\n"
			      "  --socket PATH      of the daemon (default $REPRINT_SOCKET, else\n"
			      "                     " DEFAULT_SOCKET ")\n"
			      "  --json             one JSON object a line\n"
			      "  --color WHEN       auto, always or never\n"
			      "  --help             of a command too\n"
			      "  --version\n";

static const struct subcommand *find(const char *name)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (strcmp(subcommands[i].name, name) == 0)
			return &subcommands[i];
	return NULL;
}

static void print_help(FILE *to)
{
	fprintf(to,
		"reprint %s - finds the same news told twice\n\n"
		"usage: reprint [OPTION...] COMMAND ...\n\n",
		REPRINT_VERSION);
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(to, "  %-12s %s\n", subcommands[i].name, subcommands[i].help);
	fprintf(to, "\n%s", globals);
}

static int print_command_help(const struct subcommand *c)
{
	printf("usage: reprint %s%s%s [OPTION...]\n\n%s.\n\n%s%s%s", c->name,
	       *c->synopsis != '\0' ? " " : "", c->synopsis, c->help, c->options,
	       *c->options != '\0' ? "\n" : "", globals);
	return CLI_OK;
}

/* Options that stand before or after the command. */
static bool take_globals(struct session *s, struct args *a)
{
	const char *color = args_value(a, "--color");
	const char *path = args_value(a, "--socket");
	const char *named = getenv("REPRINT_SOCKET");

	s->cli.socket = path != NULL                      ? path
			: named != NULL && *named != '\0' ? named
							  : DEFAULT_SOCKET;
	s->cli.json = args_flag(a, "--json");
	if (color == NULL || strcmp(color, "auto") == 0)
		s->cli.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	else if (strcmp(color, "always") == 0)
		s->cli.color = true;
	else if (strcmp(color, "never") != 0)
		snprintf(a->why, sizeof a->why, "--color %s: auto, always or never", color);
	print_colored(s->cli.color);
	return a->why[0] == '\0';
}

/* A command that reads its own options: its words as those of a main(). */
static int run_local(const struct session *s, const struct subcommand *c, const struct args *a)
{
	char **argv = calloc((size_t)a->count + 3, sizeof *argv), name[64], end[] = "--";
	int argc = 0, code;

	if (argv == NULL)
		return session_error(s, "%s", status_text(STATUS_NO_MEMORY));
	snprintf(name, sizeof name, "reprint: %s", c->name);
	argv[argc++] = name;
	for (int i = 0; i < a->count; i++) {
		if (i == a->options)
			argv[argc++] = end;
		argv[argc++] = a->words[i];
	}
	code = c->local(&s->cli, argc, argv);
	free(argv);
	return code;
}

static int run(struct session *s, struct args *a)
{
	bool help = args_flag(a, "--help");
	const struct subcommand *c;
	const char *name;
	int code;

	if (args_flag(a, "--version")) {
		puts("reprint " REPRINT_VERSION);
		return CLI_OK;
	}
	if (!take_globals(s, a))
		return session_error(s, "%s", a->why);
	name = args_first(a);
	if (name == NULL) {
		print_help(help ? stdout : stderr);
		return help ? CLI_OK : CLI_ERROR;
	}
	c = find(name);
	if (c == NULL)
		return session_error(s, "%s: not a command; see reprint --help", name);
	if (help)
		return print_command_help(c);
	s->what = c->name;
	code = c->run != NULL ? c->run(s, a) : run_local(s, c, a);
	session_close(s);
	return code;
}

int main(int argc, char **argv)
{
	struct session s = { .cli.program = argv[0], .what = "command line" };
	struct args a;
	int code;

	files_guard_standard();
	args_init(&a, argc - 1, argv + 1);
	code = run(&s, &a);
	/* What could not be written was not said. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return session_error(&s, "standard output: %s", "not everything could be written");
	return code;
}
