/* SPDX-License-Identifier: BSD-2-Clause */
/* cue.h - what the names that a page's maker gave an element say about what stands in it.
 *
 * Weak evidence by nature: words like "comment" or "sidebar" in class and id and in the names of
 * custom elements, roles, microdata.
 * Never the name of a site. Pure; any thread. */
#ifndef TEXT_CUE_H
#define TEXT_CUE_H

struct _xmlNode; /* libxml2 */

enum cue {
	CUE_AWAY = 1u << 0,     /* beside the article: navigation, sharing, related, ads, ... */
	CUE_COMMENTS = 1u << 1, /* what readers wrote below it */
	CUE_BODY = 1u << 2,     /* its running text, by class or id */
	CUE_SURE = 1u << 3,     /* its running text, by microdata */
	CUE_HIDDEN = 1u << 4,   /* there but not shown, by a class that style sheets share */
	CUE_MAIN = 1u << 5      /* the page's main part, by its role */
};

/* The enum cue bits of an element. */
unsigned cue_of(const struct _xmlNode *element);

#endif
