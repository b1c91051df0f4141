/* One layer: names, whiteouts, links, limits, cuts, lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <isa-l/igzip_lib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>
#include "common/limits.h"
#include "common/sandbox.h"
#include "common/siphash.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/hashes.h"
#include "worker/analyzer/layer.h"

#define STATUS "var/lib/dpkg/status"
#define PKG(n) "Package: " n "\nStatus: install ok installed\nVersion: 1\n\n"

static struct layer_inventory *
read_with(struct str tar, const struct layer_options *opt, struct layer_stats *stats)
{
	struct source_memory m = { (const uint8_t *)tar.p, tar.n, 1000 };
	struct source src = source_memory(&m);
	struct layer_inventory *l = NULL;
	struct diag d;

	assert_int_equal(layer_read_memory(&src, opt, &l, stats, &d), 0);
	assert_int_equal(stats->blob_bytes, tar.n);
	return (l);
}

static struct layer_inventory *
read_tar(struct str tar)
{
	const struct layer_options opt = { .want_hashes = true };
	struct layer_stats stats;

	return (read_with(tar, &opt, &stats));
}

static const struct inventory_file *
file_of(const struct layer_inventory *l, const char *path)
{
	for (size_t i = 0; i < l->nfiles; i++)
		if (str_eqz(l->files[i].path, path))
			return (&l->files[i]);
	return (NULL);
}

static const struct tree_entry *
tree_of(const struct layer_inventory *l, enum tree_kind kind, const char *path)
{
	for (size_t i = 0; i < l->ntree; i++)
		if (l->tree[i].kind == kind &&
		    (path == NULL || str_eqz(l->tree[i].path, path)))
			return (&l->tree[i]);
	return (NULL);
}

static size_t
count_of(const struct layer_inventory *l, enum tree_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < l->ntree; i++)
		n += l->tree[i].kind == kind;
	return (n);
}

static void
test_whiteouts_by_the_letter(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, "etc/.wh.passwd", "");
	tar_file(&t, "./var/.wh..wh..opq", "");
	tar_file(&t, ".wh..wh..opq", "");
	tar_file(&t, "a/.wh.", "");
	tar_file(&t, "a/.wh..", "");
	tar_file(&t, "a/.wh...", "");
	tar_file(&t, "b/.wh..wh..opqX", "");
	tar_dir(&t, ".wh..wh.plnk/");
	tar_file(&t, ".wh..wh.plnk/" STATUS, PKG("x"));
	tar_file(&t, ".wh..wh.aufs", "");
	tar_link(&t, "c/.wh.link", "x");
	tar_dir(&t, "d/.wh.dir");
	tar_file(&t, "d/.wh.dir/x.dist-info/METADATA", "Name: x\nVersion: 1\n");
	tar_file(&t, "e/.wh..wh.dir/x.dist-info/METADATA", "Name: x\nVersion: 1\n");
	l = read_tar(tar_end(&t));
	assert_non_null(tree_of(l, TREE_WHITEOUT, "etc/passwd"));
	assert_non_null(tree_of(l, TREE_WHITEOUT, "c/link"));
	assert_non_null(tree_of(l, TREE_WHITEOUT, "d/dir"));
	assert_non_null(tree_of(l, TREE_WHITEOUT, "b/.wh..opqX"));
	assert_int_equal(count_of(l, TREE_WHITEOUT), 4);
	assert_non_null(tree_of(l, TREE_OPAQUE, "var"));
	assert_non_null(tree_of(l, TREE_OPAQUE, ""));
	assert_int_equal(count_of(l, TREE_OPAQUE), 2);
	assert_int_equal(count_of(l, TREE_ANOMALY), 4);
	/* no whiteout is content, but what runtimes unpack below one is */
	assert_int_equal(l->nfiles, 1);
	assert_non_null(file_of(l, "d/.wh.dir/x.dist-info/METADATA"));
	assert_int_equal(tree_of(l, TREE_NONDIR, NULL)->path.n, 8);
	assert_false(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
}

static void
test_files_links_and_hashes(void **state)
{
	static const uint8_t key[16];
	struct layer_inventory *l;
	const struct inventory_file *f;
	const struct tree_entry *e;
	struct tar_build t;
	uint64_t h = siphash(key, str_of("etc/x")), got;
	bool seen = false;

	(void)state;
	tar_begin(&t);
	tar_dir(&t, "./");
	tar_file(&t, "/./var//lib/dpkg/status", PKG("a") PKG("b"));
	tar_link(&t, "lib", "usr/lib");
	tar_hard(&t, "usr/lib/apk/db/installed", "./some/where");
	tar_dir(&t, "lib/apk/db/installed/");
	tar_file(&t, "etc/x", "");
	tar_add(&t, "dev/null", '3', "", str_of(""));
	l = read_tar(tar_end(&t));
	f = file_of(l, STATUS);
	assert_non_null(f);
	assert_int_equal(f->n, 2);
	assert_true(str_eqz(f->kind, "dpkg"));
	assert_true(str_eqz(f->packages[1].name, "b"));
	assert_true(str_eqz(tree_of(l, TREE_SYMLINK, "lib")->target, "usr/lib"));
	f = file_of(l, "usr/lib/apk/db/installed");
	assert_true(str_eqz(f->hardlink, "some/where"));
	assert_non_null(tree_of(l, TREE_HARDLINK, "usr/lib/apk/db/installed"));
	e = tree_of(l, TREE_NONDIR, NULL);
	assert_int_equal(e->path.n, 5 * 8);
	for (size_t i = 0; i < 5; i++) {
		memcpy(&got, e->path.p + 8 * i, 8);
		seen |= got == h;
	}
	assert_true(seen);
	assert_false(l->incomplete);
	assert_int_equal(count_of(l, TREE_ANOMALY), 0);
	layer_inventory_free(l);
	tar_done(&t);
}

/* Of folders without entries of their own each is told once. */
static void
test_implied_folders(void **state)
{
	static const uint8_t key[16];
	struct layer_inventory *l;
	const struct tree_entry *e;
	struct tar_build t;
	uint64_t got, h = siphash(key, str_of("a/b/c"));

	(void)state;
	tar_begin(&t);
	tar_dir(&t, "a");
	tar_file(&t, "a/x", "");
	tar_file(&t, "a/b/c/x", "");
	tar_file(&t, "a/b/c/y", "");
	tar_file(&t, "d/.wh.e", "");
	tar_dir(&t, "a/b");
	tar_file(&t, "f", "");
	l = read_tar(tar_end(&t));
	assert_int_equal(count_of(l, TREE_IMPLIED), 1);
	e = tree_of(l, TREE_IMPLIED, NULL);
	assert_int_equal(e->path.n, 8);
	memcpy(&got, e->path.p, 8);
	assert_true(got == h);
	assert_int_equal(tree_of(l, TREE_DIR, NULL)->path.n, 2 * 8);
	layer_inventory_free(l);
	tar_done(&t);
}

/* pnpm's store comes before what is linked from it, and what was replaced there
 * is not what is linked. */
static void
test_links_to_a_store_get_its_content(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;
	char store[64], name[64];

	(void)state;
	tar_begin(&t);
	for (int i = 0; i < 2000; i++) {
		snprintf(store, sizeof(store), "store/%d", i);
		tar_file(&t, store, "{\"name\":\"x\",\"version\":\"1\"}");
	}
	tar_file(&t, "store/7", "{\"name\":\"y\",\"version\":\"2\"}");
	tar_file(&t, "store/8", "no longer");
	for (int i = 0; i < 2000; i++) {
		snprintf(store, sizeof(store), "store/%d", i);
		snprintf(name, sizeof(name), "node_modules/m%d/package.json", i);
		tar_hard(&t, name, store);
	}
	l = read_tar(tar_end(&t));
	assert_int_equal(l->nfiles, 2000);
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "node_modules/m%d/package.json", i);
		assert_int_equal(file_of(l, name)->n, i != 8);
		if (i != 8)
			assert_true(str_eqz(file_of(l, name)->packages[0].name,
			    i == 7 ? "y" : "x"));
	}
	assert_true(str_eqz(file_of(l, "node_modules/m8/package.json")->hardlink,
	    "store/8"));
	layer_inventory_free(l);
	tar_done(&t);
}

static void
test_last_of_duplicates_counts_and_is_told(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, STATUS, PKG("old"));
	tar_file(&t, "etc/os-release", "ID=x\n");
	for (int i = 0; i < 200; i++) {	/* the table of records grows */
		char name[100];

		snprintf(name, sizeof(name), "p/n%d.dist-info/METADATA", i);
		tar_file(&t, name, "Name: n\nVersion: 1\n");
	}
	tar_file(&t, "./" STATUS, PKG("new"));
	tar_link(&t, "etc/os-release", "../usr/lib/os-release");
	l = read_tar(tar_end(&t));
	assert_int_equal(l->nfiles, 201);
	assert_int_equal(file_of(l, STATUS)->n, 1);
	assert_true(str_eqz(file_of(l, STATUS)->packages[0].name, "new"));
	assert_null(file_of(l, "etc/os-release"));
	assert_int_equal(count_of(l, TREE_ANOMALY), 3);
	layer_inventory_free(l);
	tar_done(&t);
}

static void
test_names_that_lie(void **state)
{
	static const struct {
		struct str pax;
		bool incomplete;
	} t[] = {
		{ STR_LIT("28 path=var/lib/dpkg/status\n"), false },
		{ STR_LIT("30 path=var/lib/dpkg/status\0x\n"), true },
		{ STR_LIT("32 comment=var/lib/dpkg\0/status\n"), false },
		{ STR_LIT("29 path=var/lib/dpkg/status\n"), true },
		{ STR_LIT("path=var/lib/dpkg/status\n"), true },
		{ STR_LIT("19 path=caf\xc3\xa9/\xff\xfe/x\n"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l;
		struct tar_build b;

		tar_begin(&b);
		tar_pax(&b, t[i].pax);
		tar_file(&b, "name", PKG("a"));
		l = read_tar(tar_end(&b));
		assert_int_equal(l->incomplete, t[i].incomplete);
		layer_inventory_free(l);
		tar_done(&b);
	}
}

static void
test_paths_that_lead_out_are_told(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, "../../" STATUS, PKG("a"));
	tar_file(&t, "a/../etc/debian_version", "12.1\n");
	l = read_tar(tar_end(&t));
	assert_int_equal(file_of(l, STATUS)->n, 1);
	assert_true(str_eqz(file_of(l, "etc/debian_version")->attributes,
	    "LINE=12.1\n"));
	assert_int_equal(count_of(l, TREE_ANOMALY), 2);
	assert_false(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
}

static void
test_empty_layers_are_empty(void **state)
{
	static const char zeros[1024];
	static const size_t sizes[] = { 0, 512, 1024 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct layer_inventory *l = read_tar(str_n(zeros, sizes[i]));

		assert_int_equal(l->nfiles, 0);
		assert_int_equal(l->ntree, 3);	/* no hashes, but asked for */
		assert_false(l->incomplete);
		layer_inventory_free(l);
	}
}

static void
test_cut_anywhere_is_never_clean(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;
	struct str all;
	size_t full;

	(void)state;
	tar_begin(&t);
	tar_file(&t, STATUS, PKG("a") PKG("b"));
	tar_pax(&t, (struct str)STR_LIT("28 path=usr/lib/os-releasexx\n"));
	tar_file(&t, "x", "ID=x\n");
	tar_file(&t, "etc/os-release", "ID=debian\n");
	full = t.b.n;
	all = tar_end(&t);
	for (size_t n = 1; n < full; n += n % 512 < 16 || n % 512 > 496 ? 1 : 31) {
		l = read_tar(str_n(all.p, n));
		/* Between two entries the cut cannot be told from a tar
		 * without its end, which is allowed: an oddity is noted. */
		assert_true(l->incomplete || count_of(l, TREE_ANOMALY) > 0);
		layer_inventory_free(l);
	}
	l = read_tar(str_of("this is no tar, however long it may be, and it is "
	    "certainly none of the formats that we know about"));
	assert_true(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
}

/* What is behind links of the layer: language packages, and a Gentoo package without
 * files. */
static void
test_folders_of_languages_behind_links(void **state)
{
	static const struct { const char *at, *text, *link, *path; } t[] = {
		{ "data/sp/x-1.gemspec", "# -*- encoding: utf-8 -*-\n# stub: x 1 "
		    "ruby lib\n\nGem::Specification.new do |s|\n  s.name = "
		    "\"x\"\n  s.version = \"1\"\nend\n",
		    "usr/lib/ruby/gems/3.1.0/specifications",
		    "usr/lib/ruby/gems/3.1.0/specifications/x-1.gemspec" },
		{ "data/sp/default/x-1.gemspec", "Gem::Specification.new do |s|\n"
		    "  s.name = \"x\"\n  s.version = \"1\"\nend\n",
		    "gems/specifications",
		    "gems/specifications/default/x-1.gemspec" },
		{ "data/c/installed.json", "[{\"name\":\"x\",\"version\":"
		    "\"1\"}]", "app/vendor/composer",
		    "app/vendor/composer/installed.json" },
		{ "data/c/installed.json", "{\n  \"packages\": [\n{\"name\":"
		    "\"x\",\"version\":\"1\"}]}", "app/vendor/composer",
		    "app/vendor/composer/installed.json" },
		{ "data/vdb/x/x-1/CONTENTS", "", "var/db/pkg",
		    "var/db/pkg/x/x-1/CONTENTS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct inventory_file *f;
		struct layer_inventory *l;
		struct tar_build b;
		char target[64];

		/* where the first folder of the kind lies */
		snprintf(target, sizeof(target), "/%.*s", (int)(strchr(
		    t[i].at + strlen("data/"), '/') - t[i].at), t[i].at);
		tar_begin(&b);
		tar_file(&b, t[i].at, t[i].text);
		tar_link(&b, t[i].link, target);
		l = read_tar(tar_end(&b));
		assert_false(l->incomplete);
		if ((f = file_of(l, t[i].path)) == NULL)
			fail_msg("%s was not read", t[i].path);
		assert_int_equal(f->n, 1);
		assert_true(str_ends(f->packages[0].name, "x"));
		assert_true(str_eqz(f->lies, t[i].at));
		layer_inventory_free(l);
		tar_done(&b);
	}
}

/* What looks like a language's list and does not fit is told where a link leads to
 * their folders, and leaves the room for databases. */
static void
test_big_lists_leave_room_for_databases(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;
	struct buf big;

	(void)state;
	buf_init(&big, 64 * MIB);
	assert_int_equal(buf_str(&big, str_of("[{\"name\":\"")), 0);
	while (big.n < 33 * MIB)
		assert_int_equal(buf_str(&big, str_of("0123456789abcdef")), 0);
	for (int gems = 0; gems <= 1; gems++) {
		tar_begin(&t);
		tar_add(&t, "data/big.json", '0', "", buf_view(&big));
		tar_file(&t, "data/status", PKG("a"));
		tar_link(&t, STATUS, "/data/status");
		if (gems)
			tar_link(&t, "gems/specifications", "/data/sp");
		l = read_tar(tar_end(&t));
		assert_int_equal(l->incomplete, gems);
		assert_int_equal(l->nfiles, 1);
		layer_inventory_free(l);
		tar_done(&t);
	}
	buf_done(&big);
}

static void
test_links_of_language_folders_are_counted(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;
	char name[64];

	(void)state;
	for (size_t n = 100; n <= 101; n++) {
		tar_begin(&t);
		for (size_t i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "%zu/specifications", i);
			tar_link(&t, name, "/nowhere");
		}
		l = read_tar(tar_end(&t));
		assert_int_equal(l->incomplete, n > 100);
		layer_inventory_free(l);
		tar_done(&t);
	}
}

/* Who crashed on a file is told of everywhere where it does not run again. */
static void
test_skipped_analyzers_are_told_of_links(void **state)
{
	const struct layer_options opt = { .skip = { STR_LIT("dpkg"),
	    STR_LIT("kernel") }, .nskip = 2 };
	struct layer_stats stats;
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, "data/status", PKG("a"));
	tar_link(&t, STATUS, "/data/status");
	tar_add(&t, "usr/lib/modules/6.1.0", '5', "", str_of(""));
	l = read_with(tar_end(&t), &opt, &stats);
	assert_int_equal(l->nreasons, 2);
	assert_non_null(file_of(l, STATUS));
	assert_true(str_eqz(file_of(l, STATUS)->lies, "data/status"));
	assert_int_equal(file_of(l, STATUS)->error, ERR_UNSUPPORTED);
	assert_non_null(file_of(l, "usr/lib/modules/6.1.0"));
	layer_inventory_free(l);
	tar_done(&t);
}

#define OBJECT(name) "sysroot/ostree/repo/objects/" name ".file"

static void
is_link(struct layer_inventory *l, const char *name, const char *to)
{
	const struct inventory_file *f = file_of(l, name);

	assert_non_null(f);
	assert_int_equal(f->n, 0);
	assert_true(str_eqz(f->hardlink, to));
}

/* A file comes as an object, then the names it has: whatever they say it is, it is
 * read by the first of them that rows come of. */
static void
test_objects_of_ostree(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, OBJECT("aa/1"), "JAVA_VERSION=\"17.0.1\"\n");
	tar_hard(&t, "usr/share/doc/x", OBJECT("aa/1"));
	tar_hard(&t, "usr/lib/jvm/a/release", "/" OBJECT("aa/1"));
	tar_hard(&t, "usr/lib/jvm/b/release", OBJECT("aa/1"));
	tar_file(&t, OBJECT("bb/2"), PKG("a"));
	tar_file(&t, OBJECT("cc/3"), PKG("b"));
	tar_hard(&t, STATUS, OBJECT("bb/2"));
	tar_hard(&t, "usr/lib/jvm/c/release", OBJECT("aa/1"));
	tar_file(&t, "usr/lib/jvm/a/release", "JAVA_VERSION=\"18\"\n");
	tar_hard(&t, "usr/lib/jvm/d/release", OBJECT("aa/1"));
	tar_file(&t, OBJECT("dd/4"), "JAVA_VERSION=\"19\"\n");
	tar_hard(&t, "opt/e/release", OBJECT("dd/4"));
	tar_file(&t, OBJECT("ee/5"), "JAVA_VERSION=\"20\"\n");
	l = read_tar(tar_end(&t));
	assert_true(str_eqz(file_of(l, STATUS)->packages[0].name, "a"));
	assert_true(str_eqz(file_of(l, "usr/lib/jvm/a/release")->packages[0].version, "18"));
	is_link(l, "usr/lib/jvm/b/release", "usr/lib/jvm/a/release");
	is_link(l, "usr/lib/jvm/c/release", "usr/lib/jvm/a/release");
	is_link(l, "usr/lib/jvm/d/release", OBJECT("aa/1"));
	assert_int_equal(file_of(l, "opt/e/release")->n, 1);
	assert_null(file_of(l, OBJECT("aa/1")));
	assert_null(file_of(l, OBJECT("ee/5")));
	layer_inventory_free(l);
	tar_done(&t);
}

/* What no name of an object makes a database is one behind a symbolic link, by
 * each of its names. */
static void
test_objects_of_ostree_behind_a_link(void **state)
{
	const struct layer_options opt = { .want_hashes = true };
	struct layer_inventory *l;
	struct layer_stats stats;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, OBJECT("aa/1"), PKG("a"));
	tar_hard(&t, "usr/share/doc/x", OBJECT("aa/1"));
	tar_hard(&t, "usr/share/dpkg/status", OBJECT("aa/1"));
	tar_link(&t, "var/lib/dpkg", "../../usr/share/dpkg");
	l = read_with(tar_end(&t), &opt, &stats);
	assert_false(l->incomplete);
	assert_int_equal(file_of(l, STATUS)->n, 1);
	layer_inventory_free(l);
	tar_done(&t);
}

/* One content under many names is read once for each, within a limit. */
static void
test_hard_links_have_no_more_read_than_the_limit(void **state)
{
#define NPM "{\"name\":\"x\",\"version\":\"1\"}"
	const struct layer_options opt = { .limits.linked_bytes = 2 * strlen(NPM) };
	struct layer_stats stats;
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	for (int n = 2; n <= 3; n++) {
		tar_begin(&t);
		tar_file(&t, "store", NPM);
		tar_hard(&t, "node_modules/a/package.json", "store");
		tar_hard(&t, "node_modules/b/package.json", "store");
		if (n == 3)
			tar_hard(&t, "node_modules/c/package.json", "store");
		l = read_with(tar_end(&t), &opt, &stats);
		assert_int_equal(l->nfiles, 2);
		assert_int_equal(l->incomplete, n == 3);
		layer_inventory_free(l);
		tar_done(&t);
	}
	/* of an object only the names behind the first are read again */
	tar_begin(&t);
	tar_file(&t, OBJECT("aa/1"), NPM);
	for (int i = 0; i < 3; i++)
		tar_hard(&t, "usr/share/doc/x", OBJECT("aa/1"));
	tar_file(&t, OBJECT("aa/2"), NPM);
	tar_hard(&t, "node_modules/a/package.json", OBJECT("aa/2"));
	tar_hard(&t, "node_modules/b/package.json", OBJECT("aa/2"));
	l = read_with(tar_end(&t), &opt, &stats);
	assert_int_equal(l->nfiles, 2);
	assert_false(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
	tar_begin(&t);
	tar_file(&t, OBJECT("aa/1"), NPM);
	for (int i = 0; i < 4; i++)
		tar_hard(&t, "usr/share/doc/x", OBJECT("aa/1"));
	l = read_with(tar_end(&t), &opt, &stats);
	assert_true(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
}

/* A lock file that is a hard link to another one. */
static void
test_hard_links_of_lock_files(void **state)
{
	const struct layer_options opt = { .lock_files = true };
	const struct inventory_file *f;
	struct layer_stats stats;
	struct layer_inventory *l;
	struct tar_build t;

	(void)state;
	tar_begin(&t);
	tar_file(&t, "a/go.mod", "module x\nrequire a.example/b v1.0.0\n");
	tar_hard(&t, "b/go.mod", "a/go.mod");
	l = read_with(tar_end(&t), &opt, &stats);
	assert_non_null(f = file_of(l, "b/go.mod"));
	assert_true(str_eqz(f->hardlink, "a/go.mod"));
	layer_inventory_free(l);
	tar_done(&t);
}

static void
test_limits_are_results(void **state)
{
	const struct layer_options entries = { .limits.entries = 2 };
	const struct layer_options small = { .limits.file_bytes = 10 };
	const struct layer_options blob = { .limits.tar_bytes = 600 };
	const struct layer_options inv = { .limits.inventory_bytes = 60 };
	const struct layer_options tree = { .limits.tree_bytes = 40 };
	const struct layer_options skip = { .skip = { STR_LIT("dpkg") }, .nskip = 1 };
	const struct layer_options *opts[] = { &entries, &small, &blob, &inv,
	    &tree, &skip };
	struct layer_stats stats;
	struct tar_build t;
	struct str all;

	(void)state;
	tar_begin(&t);
	tar_link(&t, "bin", "usr/bin");
	tar_file(&t, "etc/os-release", "ID=x\n");
	tar_file(&t, STATUS, PKG("a"));
	tar_file(&t, "x-1.dist-info/METADATA", "Name: x\nVersion: 1\n");
	tar_link(&t, "lib", "usr/lib");
	all = tar_end(&t);
	for (size_t i = 0; i < sizeof(opts) / sizeof(*opts); i++) {
		struct layer_inventory *l = read_with(all, opts[i], &stats);
		const struct inventory_file *f = file_of(l, opts[i] == &small ?
		    "x-1.dist-info/METADATA" : STATUS);

		assert_true(l->incomplete);
		assert_true(l->nreasons >= 1 && l->reasons[0].n > 5);
		if (opts[i] == &small || opts[i] == &skip) {
			assert_non_null(f);
			assert_int_equal(f->n, 0);
			assert_int_not_equal(f->error, 0);
			assert_non_null(file_of(l, "etc/os-release"));
			assert_non_null(tree_of(l, TREE_SYMLINK, "lib"));
		}
		layer_inventory_free(l);
	}
	tar_done(&t);
}

/* However often a path comes, one record of it is left, and others are found. */
static void
test_a_path_that_comes_thousands_of_times_leaves_one_record(void **state)
{
	struct layer_inventory *l;
	struct tar_build t;
	char text[64];

	(void)state;
	tar_begin(&t);
	tar_file(&t, "a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
	for (int i = 0; i <= 5000; i++) {
		snprintf(text, sizeof(text), "Name: x\nVersion: %d\n", i);
		tar_file(&t, "x-1.dist-info/METADATA", text);
	}
	tar_file(&t, "b-1.dist-info/METADATA", "Name: b\nVersion: 1\n");
	tar_file(&t, "a-1.dist-info/METADATA", "Name: a\nVersion: 2\n");
	l = read_tar(tar_end(&t));
	assert_int_equal(l->nfiles, 3);
	assert_true(str_eqz(file_of(l, "x-1.dist-info/METADATA")->packages[0].version,
	    "5000"));
	assert_true(str_eqz(file_of(l, "a-1.dist-info/METADATA")->packages[0].version,
	    "2"));
	assert_non_null(file_of(l, "b-1.dist-info/METADATA"));
	layer_inventory_free(l);
	tar_done(&t);
}

/* A database above the ceiling is read in portions and gives the same rows. */
static void
test_large_databases_are_read_in_portions(void **state)
{
	const struct layer_options whole = { .want_hashes = false };
	const struct layer_options portions = { .limits.file_bytes = 100 };
	struct layer_inventory *l[2];
	const struct inventory_file *f[2];
	struct layer_stats stats;
	struct tar_build t;
	struct buf text;
	struct str all;

	(void)state;
	buf_init(&text, MIB);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(buf_printf(&text, "Package: p%d\r\nStatus: "
		    "install ok %s\nVersion: %d\n%s", i, i % 7 == 0 ?
		    "config-files" : "installed", i, i == 4999 ? "" :
		    i % 3 == 0 ? "\r\n" : "\n"), 0);
	assert_int_equal(buf_byte(&text, 0), 0);
	tar_begin(&t);
	tar_add(&t, STATUS, '0', "", str_sub(buf_view(&text), 0, text.n - 1));
	all = tar_end(&t);
	l[0] = read_with(all, &whole, &stats);
	l[1] = read_with(all, &portions, &stats);
	for (int i = 0; i < 2; i++) {
		f[i] = file_of(l[i], STATUS);
		assert_non_null(f[i]);
		assert_false(l[i]->incomplete);
		assert_int_equal(f[i]->n, 5000 - 715);
	}
	for (size_t i = 0; i < f[0]->n; i++)
		assert_int_equal(package_cmp(&f[0]->packages[i],
		    &f[1]->packages[i]), 0);
	layer_inventory_free(l[0]);
	layer_inventory_free(l[1]);
	tar_done(&t);
	buf_done(&text);
}

/* rpm's SQLite and its log: whatever their order in the tar, read together. */
static void
test_a_file_and_the_one_beside_it_are_read_together(void **state)
{
	static const char *const paths[] = { "var/lib/rpm/rpmdb.sqlite",
	    "var/lib/rpm/rpmdb.sqlite-wal" };
	struct layer_inventory *l;
	struct buf content[2];
	struct layer_stats stats;
	const struct layer_options opt = { .want_hashes = true };
	struct tar_build t;

	(void)state;
	content[0] = slurp("tests/worker/analyzer/rpm/wal.in");
	content[1] = slurp("tests/worker/analyzer/rpm/wal.side");
	for (int order = 0; order < 2; order++) {
		tar_begin(&t);
		for (int i = 0; i < 2; i++)
			tar_add(&t, paths[i ^ order], '0', "",
			    buf_view(&content[i ^ order]));
		/* of two logs the later counts */
		tar_add(&t, paths[1], '0', "", buf_view(&content[1]));
		l = read_with(tar_end(&t), &opt, &stats);
		assert_false(l->incomplete);
		assert_int_equal(l->nfiles, 1);
		assert_true(str_eqz(l->files[0].path, paths[0]));
		assert_true(l->files[0].n > 0);
		layer_inventory_free(l);
		tar_done(&t);
	}
	/* a log whose database lies in another layer: never taken for nothing */
	tar_begin(&t);
	tar_add(&t, paths[1], '0', "", buf_view(&content[1]));
	l = read_with(tar_end(&t), &opt, &stats);
	assert_true(l->incomplete);
	layer_inventory_free(l);
	tar_done(&t);
	buf_done(&content[0]);
	buf_done(&content[1]);
}

/* Behind a link of the same layer to where nobody looks, log and all. */
static void
test_a_database_behind_a_link(void **state)
{
	const struct layer_options opt = { .want_hashes = true };
	struct buf content[2];
	struct layer_inventory *l;
	struct layer_stats stats;
	struct tar_build t;

	(void)state;
	content[0] = slurp("tests/worker/analyzer/rpm/wal.in");
	content[1] = slurp("tests/worker/analyzer/rpm/wal.side");
	for (int with = 0; with < 2; with++) {
		tar_begin(&t);
		tar_add(&t, "opt/db/rpmdb.sqlite", '0', "", buf_view(&content[0]));
		tar_link(&t, "var/lib/rpm", "../../opt/db");
		if (with)
			tar_add(&t, "opt/db/rpmdb.sqlite-wal", '0', "",
			    buf_view(&content[1]));
		l = read_with(tar_end(&t), &opt, &stats);
		assert_false(l->incomplete);
		assert_int_equal(l->nfiles, 1);
		assert_true(str_eqz(l->files[0].path, "var/lib/rpm/rpmdb.sqlite"));
		/* the log removes one and adds two */
		assert_int_equal(l->files[0].n, with ? 3 : 2);
		layer_inventory_free(l);
		tar_done(&t);
	}
	buf_done(&content[0]);
	buf_done(&content[1]);
}

static int64_t
failing(void *arg, const uint8_t **ret, struct diag *d)
{
	(void)arg;
	(void)ret;
	return (diag_set(d, ERR_TEMPORARY, 0, "reset by peer"));
}

static int
refuse(void *arg, struct str record)
{
	(void)arg;
	(void)record;
	return (ERR_DENIED);
}

static int
take_tree(void *arg, const struct tree_entry *e)
{
	(void)arg;
	(void)e;
	return (0);
}

static int
take_reason(void *arg, enum err code, struct str reason)
{
	(void)arg;
	(void)code;
	(void)reason;
	return (0);
}

static void
test_errors_of_source_and_sink_are_returned(void **state)
{
	const struct layer_options opt = { 0 };
	const struct layer_sink sink = { NULL, refuse, take_tree, take_reason, NULL };
	struct source bad = { failing, NULL };
	struct layer_stats stats;
	struct source_memory m = { 0 };
	struct source src;
	struct tar_build t;
	struct str all;
	struct diag d;

	(void)state;
	assert_int_equal(layer_read(&bad, &opt, &sink, &stats, &d), ERR_TEMPORARY);
	assert_string_equal(d.text, "reset by peer");
	tar_begin(&t);
	tar_file(&t, STATUS, PKG("a"));
	all = tar_end(&t);
	m = (struct source_memory) { (const uint8_t *)all.p, all.n, 0 };
	src = source_memory(&m);
	assert_int_equal(layer_read(&src, &opt, &sink, &stats, &d), ERR_DENIED);
	tar_done(&t);
}

static void
test_hashes_come_sorted_and_once(void **state)
{
	struct hashes h;
	uint64_t x = 88172645463325252u;

	(void)state;
	hashes_init(&h, 50001);
	for (int i = 0; i < 50000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		assert_int_equal(hashes_add(&h, i % 5 == 0 ? x & 0xff : x), 0);
	}
	assert_int_equal(hashes_add(&h, 1), 0);
	assert_int_equal(hashes_add(&h, 1), ERR_LIMIT);
	hashes_sort(&h);
	assert_int_equal(h.n + h.duplicates, 50001);
	assert_true(h.duplicates > 9000);
	for (size_t i = 1; i < h.n; i++)
		assert_true(h.v[i - 1] < h.v[i]);
	hashes_done(&h);
}

/* Everything a layer may bring, so that all code paths run in the sandbox. */
static struct str
rich_layer(struct tar_build *t)
{
	char name[100];

	tar_begin(t);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "n/x%d.dist-info/METADATA", i);
		tar_file(t, name, i % 2 ? "Name: n\nVersion: 1\n" : "");
	}
	tar_pax(t, (struct str)STR_LIT("19 path=caf\xc3\xa9/\xff\xfe/x\n"));
	tar_file(t, "name", "text");
	tar_pax(t, (struct str)STR_LIT("22 linkpath=caf\xc3\xa9/\xff/y\n"));
	tar_link(t, "link", "target");
	tar_file(t, "etc/.wh.", "");
	tar_file(t, STATUS, PKG("a") PKG("b"));
	tar_file(t, "../etc/os-release", "ID=\"x\"\n");
	tar_hard(t, "usr/lib/os-release", "etc/os-release");
	return (tar_end(t));
}

static struct str
packed(struct str in, int how, struct buf *b)
{
	struct isal_zstream s;

	buf_init(b, (size_t)64 << 20);
	assert_non_null(buf_room(b, in.n + 65536));
	if (how == 0)
		return (in);
	if (how == 2) {
		b->n = ZSTD_compress(b->p, b->cap, in.p, in.n, 3);
		return (buf_view(b));
	}
	isal_deflate_stateless_init(&s);
	s.gzip_flag = IGZIP_GZIP;
	s.end_of_stream = 1;
	s.next_in = (uint8_t *)(uintptr_t)in.p;
	s.avail_in = (uint32_t)in.n;
	s.next_out = b->p;
	s.avail_out = (uint32_t)b->cap;
	assert_int_equal(isal_deflate_stateless(&s), COMP_OK);
	b->n = s.total_out;
	return (buf_view(b));
}

static void
test_all_of_it_runs_in_the_sandbox(void **state)
{
	struct tar_build t;
	struct str all = rich_layer(&t);
	struct diag d;

	(void)state;
	if (sandbox_prepare(&d) < 0)
		skip();
	for (int how = 0; how < 6; how++) {
		struct buf b;
		struct str in = packed(all, how % 3, &b);
		int status;
		pid_t pid;

		if (how >= 3)	/* and cut */
			in.n = (in.n - in.n / 3) | 1;
		if ((pid = fork()) == 0) {
			const struct layer_options opt = { .want_hashes = true };
			struct source_memory m = { (const uint8_t *)in.p, in.n, 777 };
			struct source src = source_memory(&m);
			struct layer_inventory *l = NULL;
			struct layer_stats stats;

			if (sandbox_enter(SANDBOX_PARSE, 0, &d) < 0)
				_exit(1);
			if (layer_read_memory(&src, &opt, &l, &stats, &d) < 0)
				_exit(2);
			_exit(l->incomplete != (how >= 3) ? 3 :
			    how < 3 && l->nfiles != 3003 ? 4 : 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("way %d: status %x", how, status);
		buf_done(&b);
	}
	tar_done(&t);
}

/* What rpm itself wrote, with the file that it installed and with another. */
static void
test_files_that_rpm_did_not_bring_are_told(void **state)
{
	static const struct { const char *content; bool altered; } t[] = {
		{ "Name: tiny\n", false }, { "Name: tiny\nVersion: 2\n", true },
	};
	struct buf db = slurp("tests/worker/analyzer/rpm/sqlite.in");
	const char *path = "usr/lib/python3/site-packages/tiny-1.dist-info/"
	    "METADATA";
	const struct inventory_file *f;
	struct layer_inventory *l;
	struct tar_build b;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
		tar_begin(&b);
		if (i % 2 == 0)
			tar_file(&b, path, t[i / 2].content);
		tar_add(&b, "usr/lib/sysimage/rpm/rpmdb.sqlite", '0', "",
		    buf_view(&db));
		if (i % 2 == 1)
			tar_file(&b, path, t[i / 2].content);
		l = read_tar(tar_end(&b));
		f = file_of(l, path);
		assert_non_null(f);
		assert_int_equal(f->n, 1);
		assert_int_equal(f->altered, t[i / 2].altered);
		assert_false(file_of(l, "usr/lib/sysimage/rpm/rpmdb.sqlite")->altered);
		assert_false(l->incomplete);
		layer_inventory_free(l);
		tar_done(&b);
	}
	buf_done(&db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whiteouts_by_the_letter),
		cmocka_unit_test(test_files_links_and_hashes),
		cmocka_unit_test(test_implied_folders),
		cmocka_unit_test(test_links_to_a_store_get_its_content),
		cmocka_unit_test(test_last_of_duplicates_counts_and_is_told),
		cmocka_unit_test(test_names_that_lie),
		cmocka_unit_test(test_paths_that_lead_out_are_told),
		cmocka_unit_test(test_empty_layers_are_empty),
		cmocka_unit_test(test_cut_anywhere_is_never_clean),
		cmocka_unit_test(test_folders_of_languages_behind_links),
		cmocka_unit_test(test_big_lists_leave_room_for_databases),
		cmocka_unit_test(test_links_of_language_folders_are_counted),
		cmocka_unit_test(test_skipped_analyzers_are_told_of_links),
		cmocka_unit_test(test_objects_of_ostree),
		cmocka_unit_test(test_objects_of_ostree_behind_a_link),
		cmocka_unit_test(test_hard_links_have_no_more_read_than_the_limit),
		cmocka_unit_test(test_hard_links_of_lock_files),
		cmocka_unit_test(test_limits_are_results),
		cmocka_unit_test(test_a_path_that_comes_thousands_of_times_leaves_one_record),
		cmocka_unit_test(test_large_databases_are_read_in_portions),
		cmocka_unit_test(test_a_file_and_the_one_beside_it_are_read_together),
		cmocka_unit_test(test_a_database_behind_a_link),
		cmocka_unit_test(test_errors_of_source_and_sink_are_returned),
		cmocka_unit_test(test_hashes_come_sorted_and_once),
		cmocka_unit_test(test_files_that_rpm_did_not_bring_are_told),
		cmocka_unit_test(test_all_of_it_runs_in_the_sandbox),
	};

	layer_warm_up();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
