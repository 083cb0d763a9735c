/* SPDX-License-Identifier: BSD-2-Clause */
/* config.h - the only reader of configuration; config.def lists the keys.
 *
 * Thread: main's. */
#ifndef CONFIG_H
#define CONFIG_H

#include <reprint/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_TYPE_TEXT char *
#define CONFIG_TYPE_DURATION int64_t /* ms */
#define CONFIG_TYPE_SIZE uint64_t    /* bytes */
#define CONFIG_TYPE_COUNT uint64_t
#define CONFIG_TYPE_SHARE double
#define CONFIG_TYPE_FLAG bool
#define CONFIG_TYPE_KINDS uint32_t  /* bits of <reprint/verdict.h> */
#define CONFIG_TYPE_CHOICE unsigned /* place in the key's list */
#define CONFIG_TYPE_LIMIT uint64_t  /* bytes; percent with CONFIG_PERCENT set */
#define CONFIG_PERCENT (UINT64_C(1) << 63)

enum { CONFIG_AUTO, CONFIG_PROCESSES, CONFIG_THREADS }; /* of `parsers` */

struct config {
#define CONFIG(kind, name, standard, unit, help) CONFIG_TYPE_##kind name;
#include "config.def"
#undef CONFIG
};

#define CONFIG_WHY_BYTES 256
#define CONFIG_ROOTS_MAX 64u /* in feeds */

/* The defaults. NO_MEMORY. */
enum status config_init(struct config *c);
void config_free(struct config *c);

/* One "key=value"; why[CONFIG_WHY_BYTES] tells what is wrong and what would be right. USAGE. */
enum status config_set(struct config *c, const char *assignment, char *why);

/* An INI file without sections (a [reprintd] section is allowed). A missing file is NOT_FOUND. */
enum status config_read(struct config *c, const char *path, char *why);

/* "key = default  # help" for every key, to stdout. */
void config_print_defaults(void);

#endif
