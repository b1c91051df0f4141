/* A layer read into a layer_inventory; see layer.h. */
#include "common/limits.h"
#include "layer.h"

static int
memory_file(void *arg, struct str record)
{
	struct cur c = cur_str(record);

	return (layer_inventory_read_file(arg, &c));
}

static int
memory_tree(void *arg, const struct tree_entry *e)
{
	return (layer_inventory_add_tree(arg, e));
}

static int
memory_incomplete(void *arg, enum err code, struct str reason)
{
	(void)code;
	return (layer_inventory_add_reason(arg, reason));
}

int
layer_read_memory(const struct source *src, const struct layer_options *opt,
    struct layer_inventory **ret, struct layer_stats *stats, struct diag *d)
{
	/* Four times the encoded ceilings: texts stand in structures there. */
	struct layer_inventory *l = layer_inventory_new(
	    4 * (LIMIT_INVENTORY_BYTES + LIMIT_TREE_BYTES));
	const struct layer_sink sink = { l, memory_file, memory_tree,
	    memory_incomplete, NULL };
	int rc;

	rc = layer_read(src, opt, &sink, stats, d);
	if (rc < 0) {
		if (rc == ERR_LIMIT)
			diag_set(d, rc, 0, "the inventory does not fit in memory");
		layer_inventory_free(l);
	} else {
		*ret = l;
	}
	return (rc);
}
