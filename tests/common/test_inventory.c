/* Inventory records: there and back, cut at every length, lying counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/inventory.h"
#include "common/pack.h"

static struct package pkgs[] = {
	{ .type = STR_LIT("deb"), .name = STR_LIT("a"), .version = STR_LIT("1"),
	  .arch = STR_LIT("amd64"), .source_name = STR_LIT("s"),
	  .source_version = STR_LIT("2"), .vendor = STR_LIT("V <v@x>") },
	{ .type = STR_LIT("deb"), .name = STR_LIT("b\xff\0c"),
	  .version = STR_LIT("1"), .state = STR_LIT("unpacked") },
};
static const struct inventory_file file = {
	.path = STR_LIT("var/lib/dpkg/status"), .kind = STR_LIT("dpkg"),
	.revision = 3, .sha256 = { 1, 2, 3 }, .attributes = STR_LIT("ID=x\n"),
	.hardlink = STR_LIT("y"), .packages = pkgs, .n = 2,
	.lies = STR_LIT("opt/status"), .altered = true,
	.error = ERR_MALFORMED, .reason = STR_LIT("because"),
};

static void
test_file_survives_and_cuts_are_malformed(void **state)
{
	struct pool *pool = pool_new(1 << 20);
	struct inventory_file f;
	struct buf b;
	struct cur c;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_int_equal(inventory_file_write(&b, &file), 0);
	for (size_t n = 0; n < b.n; n++) {
		c = cur_of(b.p, n);
		assert_int_equal(inventory_file_read(&c, pool, &f), ERR_MALFORMED);
		assert_int_equal(cur_left(&c), n);
	}
	c = cur_of(b.p, b.n);
	assert_int_equal(inventory_file_read(&c, pool, &f), 0);
	assert_int_equal(cur_left(&c), 0);
	assert_true(str_eq(f.path, file.path) && str_eq(f.kind, file.kind));
	assert_true(str_eq(f.attributes, file.attributes));
	assert_true(str_eq(f.hardlink, file.hardlink));
	assert_true(str_eq(f.lies, file.lies));
	assert_true(f.altered);
	assert_true(str_eq(f.reason, file.reason));
	assert_int_equal(f.revision, 3);
	assert_int_equal(f.error, ERR_MALFORMED);
	assert_memory_equal(f.sha256, file.sha256, 32);
	assert_int_equal(f.n, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(package_cmp(&f.packages[i], &pkgs[i]), 0);
		assert_true(str_eq(f.packages[i].state, pkgs[i].state));
		assert_true(str_eq(f.packages[i].vendor, pkgs[i].vendor));
	}
	assert_true(package_cmp(&pkgs[0], &pkgs[1]) < 0);
	buf_done(&b);
	buf_init(&b, 100);
	assert_int_equal(inventory_file_write(&b, &file), ERR_LIMIT);
	assert_int_equal(b.n, 0);
	buf_done(&b);
	pool_free(pool);
}

static void
test_lying_package_count_takes_no_memory(void **state)
{
	struct pool *pool = pool_new(1 << 20);
	struct inventory_file f = file;
	struct buf b;
	struct cur c;

	(void)state;
	buf_init(&b, 1 << 20);
	f.n = 0;
	f.lies = str_of("");
	assert_int_equal(inventory_file_write(&b, &f), 0);
	b.n--;	/* the empty array */
	assert_int_equal(pack_array(&b, 400000), 0);
	c = cur_of(b.p, b.n);
	assert_int_equal(inventory_file_read(&c, pool, &f), ERR_MALFORMED);
	assert_true(pool_used(pool) < 4096);
	buf_done(&b);
	pool_free(pool);
}

static void
test_tree_entries_and_a_layer_in_memory(void **state)
{
	const struct tree_entry e = { TREE_SYMLINK, STR_LIT("lib"), STR_LIT("usr/lib") };
	const struct tree_entry odd[] = {
		{ TREE_NONDIR, STR_LIT("1234567"), STR_LIT("") },
		{ TREE_IMPLIED, STR_LIT("1"), STR_LIT("") },
		{ TREE_IMPLIED + 1, STR_LIT("a"), STR_LIT("") },
	};
	struct layer_inventory *l = layer_inventory_new(1 << 20);
	struct tree_entry back;
	struct buf b;
	struct cur c;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_int_equal(tree_entry_write(&b, &e), 0);
	c = cur_of(b.p, b.n);
	assert_int_equal(tree_entry_read(&c, l->pool, &back), 0);
	assert_true(back.kind == e.kind && str_eq(back.path, e.path) &&
	    str_eq(back.target, e.target));
	c = cur_of(b.p, b.n - 1);
	assert_int_equal(tree_entry_read(&c, l->pool, &back), ERR_MALFORMED);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		buf_clear(&b);
		assert_int_equal(tree_entry_write(&b, &odd[i]), 0);
		c = cur_of(b.p, b.n);
		assert_int_equal(tree_entry_read(&c, l->pool, &back),
		    ERR_MALFORMED);
	}
	for (int i = 0; i < 5; i++) {
		assert_int_equal(layer_inventory_add_file(l, &file), 0);
		assert_int_equal(layer_inventory_add_tree(l, &e), 0);
	}
	assert_false(l->incomplete);
	assert_int_equal(layer_inventory_add_reason(l, str_of("cut")), 0);
	assert_true(l->incomplete && l->nreasons == 1);
	assert_int_equal(l->nfiles, 5);
	assert_true(str_eq(l->files[4].packages[1].name, pkgs[1].name));
	assert_true(str_eqz(l->tree[4].target, "usr/lib"));
	layer_inventory_free(l);
	l = layer_inventory_new(300);
	assert_int_equal(layer_inventory_add_file(l, &file), ERR_LIMIT);
	assert_int_equal(l->nfiles, 0);
	layer_inventory_free(l);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_survives_and_cuts_are_malformed),
		cmocka_unit_test(test_lying_package_count_takes_no_memory),
		cmocka_unit_test(test_tree_entries_and_a_layer_in_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
