/*
 * The tags and texts of an XML document, one after the other: enough for
 * project descriptions such as pom.xml and lists of advisories.  Entities are
 * not replaced, a DOCTYPE is refused, nothing is ever loaded.  Tags need
 * not match; a document that ends early just ends.
 */
#ifndef XML_H
#define XML_H

#include "common/cur.h"

enum xml_kind { XML_START, XML_END, XML_TEXT };

struct xml {
	struct cur c;
	struct str name;	/* of a tag that closes itself: its end comes next */
	bool closes;
};

struct xml_event {
	enum xml_kind kind;
	struct str text;	/* a tag's name with its prefix, or a text with
				   its blanks, as written */
	struct str attributes;	/* of a start, for xml_attribute() */
};

void xml_init(struct xml *, struct cur);

/* 1 with *${ret} filled, 0 at the end, or ERR_UNSUPPORTED (a DOCTYPE). */
int xml_next(struct xml *, struct xml_event *ret, struct diag *d);

/* The value of attribute ${name}, as written; "" when there is none. */
struct str xml_attribute(const struct xml_event *, const char *name);
/* A name without its prefix: "evr" of "linux-def:evr". */
struct str xml_local(struct str name);

#endif
