/*
 * Until when a vendor speaks about a release.  Behind that day its advisories are
 * frozen or gone: what is found later is not told, so that silence says nothing.
 *
 * The days are those of a table.  What an image states itself (SUPPORT_END of
 * os-release) is not taken: one image's word would hold for all that share its
 * release, and images lie.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "common/str.h"

/**
 * support_ended(namespace, today):
 * The last day of the vendor's advisories for ${namespace}, "2024-06-30", when that
 * is before ${today}, a day of the same form; else, and where none is known, "".
 * That is the day of the longest support whose fixes its data lists: of Debian
 * LTS, of Ubuntu's long-term releases Pro.
 */
struct str support_ended(struct str namespace, struct str today);

#endif
