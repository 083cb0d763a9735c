/* SPDX-License-Identifier: BSD-2-Clause */
/* sound.h - whether records from elsewhere are what article.h promises. Pure; any thread. */
#ifndef TEXT_SOUND_H
#define TEXT_SOUND_H

#include <stdbool.h>

struct articles; /* text/text.h */

/* Looks at bytes[len], trusting nothing in it but its alignment to 8; sets count when true. A
 * record is sound only as draft_finish() lays it out. Cost: one pass over the text. */
bool articles_sound(struct articles *a);

#endif
