/*
 * The product tree of a CSAF document: what the ids stand for that the rest of it
 * names.  Followed: CSAF 2.0, sections 3.1.2 (branches), 3.1.3 (full product
 * names), 3.2.2 (product tree).
 */
#ifndef CSAF_TREE_H
#define CSAF_TREE_H

#include "common/json.h"
#include "coordinator/matcher/feed_rows.h"

struct csaf_product {
	struct str id;
	struct str name, cpe, purl;
	struct str component, platform;	/* of a relationship */
	struct str branch;	/* the version, or range, it is a branch of */
	bool is_range;
	struct str product;	/* and of which product, "" = of none */
};

/* Products that are called by one id. */
struct csaf_group {
	struct str id;
	const struct json *products;
};

struct csaf_tree {		/* all 0 = empty */
	struct csaf_product *products;
	size_t nproducts, products_cap;
	struct csaf_group *groups;
	size_t ngroups, groups_cap;
};

/**
 * csaf_tree_read(t, tree, rows):
 * Read ${tree} ("product_tree"; NULL = none), whose texts must outlive ${t}.
 * Return 0, or ERR_MALFORMED told by ${rows}.
 */
MUST_CHECK int csaf_tree_read(struct csaf_tree *, const struct json *tree,
    struct feed_rows *rows);
void csaf_tree_done(struct csaf_tree *);

/* The product of that id, or NULL. */
const struct csaf_product *csaf_tree_find(const struct csaf_tree *, struct str id);
/* The ids of a group, or NULL. */
const struct json *csaf_tree_group(const struct csaf_tree *, struct str id);

#endif
