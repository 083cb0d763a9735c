/* SPDX-License-Identifier: BSD-2-Clause */
/* hash.h - XXH3 over bytes, for identities that are not words. Pure; any thread. */
#ifndef FINGERPRINT_HASH_H
#define FINGERPRINT_HASH_H

#include <reprint/span.h>
#include <stdint.h>

uint64_t hash_bytes(struct span s, uint64_t seed);
/* High half first. */
void hash_bytes_128(uint64_t out[2], struct span s);

#endif
