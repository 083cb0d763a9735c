/* SPDX-License-Identifier: BSD-2-Clause */
/* version.h - the one place that names the version (SemVer). */
#ifndef REPRINT_VERSION_H
#define REPRINT_VERSION_H

#define REPRINT_VERSION "0.6.0"

#endif
