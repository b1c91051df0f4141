/*
 * Every registered analyzer against its samples: NAME.in read as the file at
 * NAME.path gives the rows of NAME.want; cut at every length nothing breaks and
 * at most the last row differs.  A new case is three files and no C.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <unistd.h>
#include "common/limits.h"
#include "common/path.h"
#include "tests/lib/slurp.h"
#include "worker/analyzer/analyzer.h"

#define FOLDER "tests/worker/analyzer/"

static void
add_cell(struct buf *b, struct str s, char end)
{
	assert_int_equal(buf_str(b, s), 0);
	assert_int_equal(buf_byte(b, (uint8_t)end), 0);
}

static const uint8_t sip_key[16] = "samples";

/* However the analyzer reads: whole, with its side file, or in pieces of odd
 * sizes. */
static int
read_by(const struct analyzer *a, const struct analyzer_file *f,
    struct str content, struct str side, struct buf *b, uint64_t *n,
    struct diag *d)
{
	const struct analyzer_input in = { f, content, side, sip_key, NULL };
	struct str head = str_sub(content, 0, ANALYZER_HEAD);
	struct analyzer_reading *r;
	size_t piece = 1;

	*n = 0;
	if (a->stream == NULL)
		return (analyzer_run(a, &in, b, n, d));
	if (content.n == 0 || !a->stream->wants(f, head))
		return (0);
	r = analyzer_open(a, f, head, sip_key);
	while (content.n > 0) {
		analyzer_feed(r, cur_str(str_sub(content, 0, piece)));
		content = str_sub(content, piece, content.n);
		piece = piece * 3 % 4093;
	}
	return (analyzer_close(r, 0, b, n, d));
}

/* The analyzer's rows and attributes as lines, in its order; an error last,
 * unless the content was ${cut}. */
static struct buf
lines_of(const struct analyzer *a, struct str path, struct str content,
    struct str side, bool cut)
{
	/* its own copy, so that reading past the end is seen by ASan */
	char *exact = malloc(content.n != 0 ? content.n : 1);
	const struct analyzer_file f = { .path = path,
	    .size = content.n, .mode = 0100644 };
	struct pool *pool = pool_new(LIMIT_INVENTORY_BYTES);
	struct inventory_file rec;
	struct buf b, out;
	uint64_t n;
	struct cur c;
	struct diag d = { 0 };
	int rc;

	if (content.n != 0)
		memcpy(exact, content.p, content.n);
	buf_init(&b, LIMIT_INVENTORY_BYTES);
	buf_init(&out, LIMIT_INVENTORY_BYTES);
	rc = read_by(a, &f, str_n(exact, content.n), side, &b, &n, &d);
	if (b.n == 0)
		goto out;	/* a stream without a find */
	c = cur_of(b.p, b.n);
	assert_int_equal(inventory_file_read(&c, pool, &rec), 0);
	assert_true(str_eqz(rec.kind, a->name));
	assert_int_equal(rec.n, n);
	assert_int_equal(rec.error, rc);
	assert_int_equal(buf_str(&out, rec.attributes), 0);
	for (size_t i = 0; i < rec.n; i++) {
		const struct package *p = &rec.packages[i];

		add_cell(&out, p->type, '\t');
		add_cell(&out, p->name, '\t');
		add_cell(&out, p->version, '\t');
		add_cell(&out, p->arch, '\t');
		add_cell(&out, p->source_name, '\t');
		add_cell(&out, p->source_version, '\t');
		add_cell(&out, p->state, p->module.n + p->scope.n > 0 ||
		    p->owns.n > 0 ? '\t' : '\n');
		if (p->module.n > 0)
			assert_int_equal(buf_printf(&out, "module=%.*s%c",
			    STR_ARG(p->module),
			    p->scope.n + p->owns.n > 0 ? '\t' : '\n'), 0);
		if (p->scope.n > 0)
			assert_int_equal(buf_printf(&out, "scope=%.*s%c",
			    STR_ARG(p->scope), p->owns.n > 0 ? '\t' : '\n'), 0);
		if (p->owns.n > 0)
			assert_int_equal(buf_printf(&out, "owns=%zu\n",
			    p->owns.n / 8), 0);
	}
	if (rc < 0 && !cut)
		assert_int_equal(buf_printf(&out, "! %s\n", err_name(rc)), 0);
out:
	free(exact);
	buf_done(&b);
	pool_free(pool);
	return (out);
}

/* All lines of ${got} but the last stand in ${want}, in that order; in between
 * may be others: a database that was cut lacks records anywhere. */
static bool
agrees(struct str got, struct str want)
{
	struct cur g = cur_str(got), w = cur_str(want);
	struct str x, y;

	while (cur_line(&g, &x)) {
		if (cur_left(&g) == 0)
			break;
		do
			if (!cur_line(&w, &y))
				return (false);
		while (!str_eq(x, y));
	}
	return (true);
}

static void
sample(const struct analyzer *a, const char *in)
{
	struct str base = str_sub(str_of(in), 0, strlen(in) - 3);
	struct buf content = slurp("%s", in), got;
	struct buf want = slurp("%.*s.want", STR_ARG(base));
	struct buf path = slurp("%.*s.path", STR_ARG(base));
	struct buf side = slurp_if_there("%.*s.side", STR_ARG(base));
	size_t step;
	const struct analyzer_file f = {
	    .path = str_trim(buf_view(&path)), .size = content.n, .mode = 0100644 };

	if (!(a->stream != NULL ? a->stream->wants(&f,
	    str_sub(buf_view(&content), 0, ANALYZER_HEAD)) : a->wants(&f)))
		fail_msg("%s: not wanted", in);
	got = lines_of(a, f.path, buf_view(&content), buf_view(&side), false);
	if (!str_eq(buf_view(&got), buf_view(&want)))
		fail_msg("%s:\n got %.*s\nwant %.*s", in,
		    STR_ARG(buf_view(&got)), STR_ARG(buf_view(&want)));
	/* every length, of large samples some thousand */
	step = content.n / 8192 + 1;
	for (size_t n = 0; n < content.n; n += step) {
		struct buf cut = lines_of(a, f.path, str_n(content.p, n),
		    buf_view(&side), true);

		if (!agrees(buf_view(&cut), buf_view(&want)))
			fail_msg("%s cut at %zu: %.*s", in, n,
			    STR_ARG(buf_view(&cut)));
		buf_done(&cut);
	}
	buf_done(&content);
	buf_done(&want);
	buf_done(&path);
	buf_done(&side);
	buf_done(&got);
}

static void
test_every_analyzer_reads_its_samples(void **state)
{
	char pattern[256];
	glob_t g;

	(void)state;
	for (size_t i = 0; analyzer_all[i] != NULL; i++) {
		snprintf(pattern, sizeof(pattern), FOLDER "%s/*.in",
		    analyzer_all[i]->name);
		assert_int_equal(analyzer_all[i]->stream != NULL,
		    inventory_is_of_content(str_of(analyzer_all[i]->name)));
		assert_int_equal(analyzer_all[i]->directories,
		    inventory_is_of_folder(str_of(analyzer_all[i]->name)));
		if (glob(pattern, 0, NULL, &g) != 0)
			fail_msg("%s has no samples", analyzer_all[i]->name);
		for (size_t k = 0; k < g.gl_pathc; k++)
			sample(analyzer_all[i], g.gl_pathv[k]);
		globfree(&g);
		snprintf(pattern, sizeof(pattern), FOLDER "%s/ORIGIN",
		    analyzer_all[i]->name);
		if (access(pattern, R_OK) != 0)
			fail_msg("%s does not say where its samples are from",
			    analyzer_all[i]->name);
	}
}

static void
test_what_is_wanted(void **state)
{
	static const struct {
		const char *analyzer, *path;
		bool yes;
	} t[] = {
		{ "dpkg", "var/lib/dpkg/status", true },
		{ "dpkg", "var/lib/dpkg/status-old", false },
		{ "dpkg", "var/lib/dpkg/status.d/x.md5sums", false },
		{ "dpkg", "var/lib/dpkg/status.d/x/y", false },
		{ "dpkg", "opt/var/lib/dpkg/status", false },
		{ "apk", "x/lib/apk/db/installed", false },
		{ "unread", "usr/lib/apk/db/installed", false },
		{ "unread", "x/usr/lib/apk/db/installed", true },
		{ "unread", "srv/node_modules/x/var/lib/dpkg/status", false },
		{ "unread", "var/lib/dpkg/status", false },
		{ "unread", "var/lib/pkg/db", true },
		{ "unread", "var/lib/pkg/db.1", false },
		{ "unread", "var/log/packages/bash-5.1.016-x86_64-1", true },
		{ "unread", "var/log/packages", false },
		{ "sbom", "a/x-1.dist-info/sboms/x.cyclonedx.json", true },
		{ "sbom", "a/x-1.dist-info/sboms/x/y.json", false },
		{ "sbom", "a/sboms/x.json", false },
		{ "pypi", "a/x-1.dist-info/METADATA", true },
		{ "pypi", "a/~-1.dist-info/METADATA", false },
		{ "pypi", "a/~x.egg-info", false },
		{ "pypi", "a/~x.egg/EGG-INFO/PKG-INFO", false },
		{ "pypi", "a/x.egg/EGG-INFO/PKG-INFO", true },
		{ "pypi", "METADATA", false }, { "pypi", "PKG-INFO", false },
		{ "pypi", "x.egg-info", true },
		{ "pypi", "a/x-1.dist-info/RECORD", false },
		{ "pypi", "usr/lib/python3.11/test/data/x-1.dist-info/METADATA",
		    false },
		{ "pypi", "a/site-packages/y/tests/x-1.egg", false },
		{ "pypi", "src/tests/site-packages/x-1.dist-info/METADATA", true },
		{ "npm", "package.json", true },
		{ "npm", "a/node_modules/package.json", false },
		{ "npm", "a/node_modules/@s/package.json", false },
		{ "npm", "a/node_modules/@s/b/package.json", true },
		{ "npm", "a/node_modules/b/dist/package.json", false },
		{ "npm", "a/node_modules/b/node_modules/c/package.json", true },
		{ "npm", "a/node_modules/b/test/node_modules/c/package.json",
		    false },
		{ "npm", "a/node_modules/@s/test/package.json", true },
		{ "npm", "a/test/node_modules/c/package.json", true },
		{ "npm", "a/node_modules/.cache/package.json", false },
		{ "npm", "a/node_modules/.store/@s-b-npm-1.0.0-306ce07075/"
		    "package/package.json", true },
		{ "npm", "a/node_modules/.store/b-npm-1.0.0-9e1101a471/package/"
		    "dist/package.json", false },
		{ "npm", "a/node_modules/.store/b-npm-1.0.0-9e1101a471/"
		    "package.json", false },
		{ "npm", "a/b.zip", false },
		{ "gem", "a/specifications/x.gemspec", true },
		{ "gem", "a/specifications/default/x.gemspec", true },
		{ "gem", "a/gems/x-1/x.gemspec", false },
		{ "gem", "gems/x-1/test/specifications/x.gemspec", false },
		{ "composer", "a/vendor/composer/installed.json", true },
		{ "composer", "a/vendor/x/installed.json", false },
		{ "composer", "a/vendor/c/tests/composer/installed.json", false },
		{ "pecl", "usr/share/php/.registry/a.reg", true },
		{ "pecl", "usr/share/php/.channels/a.reg", false },
		{ "nuget", "app/a.deps.json", true },
		{ "nuget", "app/deps.json", false },
		{ "nuget", "root/.nuget/packages/a.b/1.0/A.b.nuspec", true },
		{ "nuget", "src/a.nuspec", false },
		{ "gem", "a/bundler/gems/x-1/x.gemspec", true },
		{ "gem", "a/bundler/gems/x-1/y/x.gemspec", false },
		{ "rpm", "var/lib/rpm/Packages", true },
		{ "rpm", "usr/lib/sysimage/rpm/Packages.db", true },
		{ "rpm", "usr/share/rpm/rpmdb.sqlite", true },
		{ "rpm", "usr/share/rpm/rpmdb.sqlite-wal", true },
		{ "rpm", "usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite", true },
		{ "rpm", "files/lib/sysimage/rpm/rpmdb.sqlite", true },
		{ "rpm", "var/lib/flatpak/runtime/x/active/files/lib/sysimage/rpm/Packages", true },
		{ "rpm", "var/lib/rpm/Packages-wal", false },
		{ "rpm", "var/lib/rpm/rpmdb.sqlite-shm", false },
		{ "rpm", "var/lib/rpm/Name", false },
		{ "rpm", "srv/www/Packages", false },
		{ "rpm", "opt/var/lib/rpm/Packages", false },
		{ "rpm_manifest", "var/lib/rpmmanifest/container-manifest-2", true },
		{ "rpm_manifest", "var/lib/rpmmanifest/container-manifest-1", false },
		{ "cran", "usr/lib/R/library/x/DESCRIPTION", true },
		{ "cran", "DESCRIPTION", false },
		{ "cpan", "a/.meta/x-1/install.json", true },
		{ "cpan", "a/x-1/install.json", false },
		{ "luarocks", "a/rocks-5.4/x/1-1/x-1-1.rockspec", true },
		{ "luarocks", "src/x/x-1-1.rockspec", false },
		{ "opam", "src/x/opam", false },
		{ "hackage", "etc/x.conf", false },
		{ "pub", "app/pubspec.yaml", false },
		{ "conan", "a/package/1/conaninfo.txt", false },
		{ "conan", "root/.conan2/p/cache.sqlite3", true },
		{ "conan", "a/cache.sqlite3", false },
		{ "julia", "app/Project.toml", false },
		{ "vscode", "app/package.json", false },
		{ "wordpress", "wp-content/plugins/a/b.php", true },
		{ "wordpress", "wp-content/plugins/a/b/c.php", false },
		{ "wordpress", "plugins/a/b.php", false },
		{ "wordpress", "wp-content/themes/a/style.css", true },
		{ "wordpress", "a/style.css", false },
		{ "hex", "a/ebin/x.app", true },
		{ "hex", "a/x.app", false },
		{ "hex", "a/releases/25/OTP_VERSION", true },
		{ "sbom", "var/lib/db/sbom/x.json", true },
		{ "sbom", "a/x.json", false },
		{ "lock_npm", "app/package-lock.json", true },
		{ "lock_npm", "app/node_modules/x/yarn.lock", false },
		{ "lock_gem", "usr/lib/ruby/gems/3.1.0/gems/x/Gemfile.lock", false },
		{ "lock_cargo", "root/.cargo/registry/src/x/Cargo.lock", false },
		{ "lock_golang", "root/go/pkg/mod/x/go.mod", false },
		{ "lock_golang", "src/mod/go.mod", true },
		{ "lock_pypi", "app/requirements-dev.txt", true },
		{ "lock_pypi", "app/requirements/dev.txt", false },
		{ "nix", "nix/store/0i5m7bp9aalx4xy2grgrqp0gq6p6qw4p-a-1", true },
		{ "nix", "nix/store/0i5m7bp9aalx4xy2grgrqp0gq6p6qw4p-a-1/b", false },
		{ "nix", "nix/store/0i5m7bp9aalx4xy2grgrqp0gq6p6qw4e-a-1", false },
		{ "nix", "nix/store/.links", false },
		{ "kernel", "usr/lib/modules/6.1.0-18-amd64", true },
		{ "kernel", "lib/modules/6.1.0-18-amd64/kernel", false },
		{ "kernel", "lib/modules/extra", false },
		{ "kernel", "lib/modules/", false },
		{ "kernel", "opt/lib/modules/6.1.0", false },
		{ "lock_hackage", "app/stack.yaml.lock", true },
		{ "lock_hackage", "app/stack.yaml", false },
		{ "pacman", "var/lib/pacman/local/x/desc", true },
		{ "pacman", "var/lib/pacman/sync/x/desc", false },
		{ "pacman", "var/lib/pacman/local/desc", false },
		{ "portage", "var/db/pkg/a/b-1/CONTENTS", true },
		{ "portage", "var/db/pkg/b-1/CONTENTS", false },
		{ "portage", "var/db/pkg/a/b-1/SLOT", false },
		{ "conda", "conda-meta/history", false },
		{ "brew", "Cellar/INSTALL_RECEIPT.json", false },
		{ "brew", "a/Cellar/x/1/lib/INSTALL_RECEIPT.json", false },
		{ "snap", "a/meta/snap.yaml", true },
		{ "snap", "ameta/snap.yaml", false },
		{ "content_sets", "root/buildinfo/content_manifests/a.json", true },
		{ "content_sets", "root/buildinfo/labels.json", false },
		{ "os_release", "etc/os-release", true },
		{ "os_release", "opt/etc/os-release", false },
		{ "unread", "var/log/packages/bash-5.1.016-x86_64-1", true },
		{ "unread", "var/log/packages/install.log", false },
		{ "unread", "var/log/packages/2026-11-26-update.log", false },
		{ "unread", "rootfs/var/lib/dpkg/status", true },
		{ "unread", "app/testdata/root/var/lib/dpkg/status", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct analyzer_file f = { .path = str_of(t[i].path),
		    .size = 1 };

		if (analyzer_named(str_of(t[i].analyzer))->wants(&f) != t[i].yes)
			fail_msg("%s and %s", t[i].analyzer, t[i].path);
	}
}

/* A text no database would hold ends the file, with a reason. */
static void
test_huge_texts_are_refused(void **state)
{
	const struct analyzer_file f = { .path = str_of("lib/apk/db/installed") };
	struct buf content, rec;
	uint64_t n;
	struct diag d = { 0 };

	(void)state;
	buf_init(&content, LIMIT_FILE_WHOLE);
	buf_init(&rec, LIMIT_FILE_WHOLE);
	assert_int_equal(buf_printf(&content, "P:ok\nV:1\n\nP:"), 0);
	for (int i = 0; i < LIMIT_PACKAGE_TEXT + 1; i++)
		assert_int_equal(buf_byte(&content, 'x'), 0);
	assert_int_equal(buf_printf(&content, "\nV:1\n\n"), 0);
	assert_int_equal(read_by(analyzer_named(str_of("apk")), &f,
	    buf_view(&content), str_of(""), &rec, &n, &d), ERR_LIMIT);
	assert_int_equal(n, 1);
	assert_true(d.text[0] != '\0');
	buf_done(&content);
	buf_done(&rec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_analyzer_reads_its_samples),
		cmocka_unit_test(test_what_is_wanted),
		cmocka_unit_test(test_huge_texts_are_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
