/*
 * TOML 1.0 as lock files use it: tables, arrays of tables and pairs, one after
 * another.  Values are told apart only into strings and others; arrays and
 * inline tables come whole, over several lines where they are written so.
 * Nothing is decoded or copied: escapes in strings stay as written, dotted and
 * quoted names too.
 */
#ifndef TOML_H
#define TOML_H

#include "common/cur.h"

enum toml_kind { TOML_TABLE, TOML_TABLE_ITEM, TOML_PAIR };

struct toml_item {
	enum toml_kind kind;	/* [name], [[name]], name = value */
	struct str name;
	struct str value;	/* of a string what is between the quotes */
	bool string;
};

struct toml {
	struct cur c;		/* what is left; set by the caller */
	bool broken;		/* some line was no TOML and skipped, or a value
				   did not end and nothing behind it was read */
};

/* The next item, or false at the end. */
MUST_CHECK bool toml_next(struct toml *, struct toml_item *ret);

#endif
