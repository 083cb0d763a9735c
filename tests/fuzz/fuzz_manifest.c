/* SPDX-License-Identifier: BSD-2-Clause */
/* The two files of lines below a state, the manifest of the index with its checksum put right: what
 * is understood is written and read again as the same. */
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/log.h"
#include "index/manifest.h"
#include "store/check.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_file(int fd, struct span s)
{
	if (ftruncate(fd, 0) != 0 || pwrite(fd, s.p, s.len, 0) != (ssize_t)s.len)
		abort();
}

static void check_manifest(const char *path)
{
	struct manifest m, again;

	if (manifest_load(&m, path) != STATUS_OK)
		abort();
	if (m.run_count > MANIFEST_RUNS_MAX || m.gap_count > MANIFEST_GAPS_MAX)
		abort();
	for (size_t i = 0; i < m.gap_count; i++)
		if (m.gaps[i].from > m.gaps[i].to)
			abort();
	if (manifest_save(&m, path, false) != STATUS_OK ||
	    manifest_load(&again, path) != STATUS_OK || again.run_count != m.run_count ||
	    again.gap_count != m.gap_count || again.sealed_seq != m.sealed_seq)
		abort();
	manifest_free(&m);
	manifest_free(&again);
}

static void check_lengths(const char *path)
{
	struct lengths l, again;

	if (lengths_load(&l, path) != STATUS_OK || lengths_save(&l, path, false) != STATUS_OK ||
	    lengths_load(&again, path) != STATUS_OK)
		abort();
	if (again.count != l.count || again.starts != l.starts)
		abort();
	lengths_free(&l);
	lengths_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of((const char *)data, size);
	char folder[] = "/tmp/reprint-fuzz-XXXXXX", path[64];
	struct bytes sealed = { 0 };
	int fd;

	log_set_level((enum log_level)0);
	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/lines", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	put_file(fd, in);
	check_lengths(path);
	close(fd);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	put_text(&sealed, "reprint index 1\n");
	put_bytes(&sealed, in.p, in.len);
	put_text(&sealed, "\n");
	put_format(&sealed, "sum %016" PRIx64 "\n", checksum_of(bytes_span(&sealed)));
	if (fd < 0 || sealed.failed)
		abort();
	put_file(fd, bytes_span(&sealed));
	check_manifest(path);
	close(fd);
	bytes_free(&sealed);
	unlink(path);
	rmdir(folder);
	return 0;
}
