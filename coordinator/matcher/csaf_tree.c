/* The product tree of a CSAF document; see csaf_tree.h. */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/csaf_tree.h"

/* The product and the version that a branch is about; of those around it the
 * nearest. */
struct branch {
	struct str product, version;
	bool is_range;
};

static void
add_product(struct csaf_tree *t, const struct json *o, struct branch branch)
{
	const struct json *helper = json_get(o,
	    "product_identification_helper");
	const struct json *purls = json_get(helper, "purls");	/* 2.1 */
	struct csaf_product p = { .id = json_get_str(o, "product_id"),
		.name = json_get_str(o, "name"),
		.cpe = json_get_str(helper, "cpe"),
		.purl = json_get_str(helper, "purl"),
		.branch = branch.version, .is_range = branch.is_range,
		.product = branch.product };

	if (p.purl.n == 0 && json_len(purls) > 0)
		p.purl = json_str(json_at(purls, 0));
	if (p.id.n != 0)
		MEM_ADD(t->products, t->nproducts, t->products_cap, p);
}

static struct branch
branch_of(const struct json *o, struct branch around)
{
	struct str category = json_get_str(o, "category");
	bool is_range = str_eqz(category, "product_version_range");

	if (str_eqz(category, "product_name"))
		around.product = json_get_str(o, "name");
	if (!is_range && !str_eqz(category, "product_version"))
		return (around);
	around.version = json_get_str(o, "name");
	around.is_range = is_range;
	return (around);
}

/* Branches inside each other, by a stack of what is left of each list. */
static int
take_branches(struct csaf_tree *t, const struct json *list,
    struct feed_rows *rows)
{
	struct {
		const struct json *list;
		size_t at;
		struct branch around;
	} stack[LIMIT_JSON_DEPTH];
	struct branch branch = { .is_range = false };
	size_t depth = 0;

	stack[depth].list = list;
	stack[depth].around = branch;
	stack[depth++].at = 0;
	while (depth > 0) {
		const struct json *one;

		if (stack[depth - 1].at == json_len(stack[depth - 1].list)) {
			depth--;
			continue;
		}
		one = json_at(stack[depth - 1].list, stack[depth - 1].at++);
		branch = branch_of(one, stack[depth - 1].around);
		if (json_get(one, "product") != NULL)
			add_product(t, json_get(one, "product"), branch);
		if (json_len(json_get(one, "branches")) == 0)
			continue;
		if (depth == LIMIT_JSON_DEPTH)
			return (feed_rows_malformed(rows,
			    "branches nested too deeply"));
		stack[depth].list = json_get(one, "branches");
		stack[depth].around = branch;
		stack[depth++].at = 0;
	}
	return (0);
}

static int
product_cmp(const void *a, const void *b)
{
	const struct csaf_product *x = a, *y = b;

	return (str_cmp(x->id, y->id));
}

static int
group_cmp(const void *a, const void *b)
{
	const struct csaf_group *x = a, *y = b;

	return (str_cmp(x->id, y->id));
}

static void
take_groups(struct csaf_tree *t, const struct json *list)
{
	struct csaf_group g;

	for (size_t i = 0; i < json_len(list); i++) {
		g.id = json_get_str(json_at(list, i), "group_id");
		g.products = json_get(json_at(list, i), "product_ids");
		if (g.id.n != 0)
			MEM_ADD(t->groups, t->ngroups, t->groups_cap, g);
	}
	if (t->ngroups > 0)
		qsort(t->groups, t->ngroups, sizeof(*t->groups), group_cmp);
}

const struct json *
csaf_tree_group(const struct csaf_tree *t, struct str id)
{
	struct csaf_group key = { .id = id }, *g = NULL;

	if (t->ngroups > 0)
		g = bsearch(&key, t->groups, t->ngroups, sizeof(key), group_cmp);
	return (g != NULL ? g->products : NULL);
}

int
csaf_tree_read(struct csaf_tree *t, const struct json *tree,
    struct feed_rows *rows)
{
	const struct json *names = json_get(tree, "full_product_names");
	const struct json *links = json_get(tree, "relationships");
	int rc;

	take_groups(t, json_get(tree, "product_groups"));
	if ((rc = take_branches(t, json_get(tree, "branches"), rows)) < 0)
		return (rc);
	for (size_t i = 0; i < json_len(names); i++)
		add_product(t, json_at(names, i),
		    (struct branch) { .is_range = false });
	for (size_t i = 0; i < json_len(links); i++) {
		const struct json *o = json_at(links, i);
		size_t before = t->nproducts;

		add_product(t, json_get(o, "full_product_name"),
		    (struct branch) { .is_range = false });
		if (t->nproducts == before)
			continue;
		t->products[before].component = json_get_str(o,
		    "product_reference");
		t->products[before].platform = json_get_str(o,
		    "relates_to_product_reference");
	}
	if (t->nproducts > 0)
		qsort(t->products, t->nproducts, sizeof(*t->products),
		    product_cmp);
	return (0);
}

const struct csaf_product *
csaf_tree_find(const struct csaf_tree *t, struct str id)
{
	struct csaf_product key = { .id = id };

	return (t->nproducts == 0 ? NULL : bsearch(&key, t->products,
	    t->nproducts, sizeof(key), product_cmp));
}

void
csaf_tree_done(struct csaf_tree *t)
{
	free(t->products);
	free(t->groups);
}
