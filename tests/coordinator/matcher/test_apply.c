/*
 * Layers to image.  Every case is a list of layers, each a few tar entries read
 * by the real layer reader, and the packages that must be visible with the
 * layer that introduced them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/limits.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/namespace.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/layer.h"

#define DB "var/lib/dpkg/status"
#define PACMAN "var/lib/pacman/local"
#define DESC "%NAME%\na\n\n%VERSION%\n1-1\n"
#define VDB "var/db/pkg"
#define OPKG "Package: a\nVersion: 1\nStatus: install user installed\n\n"
#define MANIFEST "var/lib/rpmmanifest/container-manifest-2"
#define RPMS "a\t1-1.azl3\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t0\t" \
	"a-1-1.azl3.src.rpm\n"
#define CHISEL "var/lib/chisel/manifest.wall"
#define APKDB "lib/apk/db/installed"
#define JOURNAL "var/lib/dpkg/updates/"
#define DB_INFO "var/lib/dpkg/info"
#define BY(n, v, maintainer) "Package: " n "\nStatus: install ok installed\n" \
	"Maintainer: " maintainer "\nVersion: " v "\n\n"
#define P(n, v) BY(n, v, "Debian X Team <team+x@tracker.debian.org>")
#define PY(n) "Name: " n "\nVersion: 1\n"
#define SITE "usr/lib/python3/dist-packages/"
/* A database in SQLite, a package of which is only in the log beside it. */
#define RPM "var/lib/rpm/rpmdb.sqlite"
#define RPM_IN "tests/worker/analyzer/rpm/wal.in"
#define RPM_LOG_IN "tests/worker/analyzer/rpm/wal.side"
#define RPM_READ "big 10-1 @0 " RPM "; modular 9.6.22-1.module+el8.4.0+11244+" \
	"beebf241 @0 " RPM "; tiny 1.2-3.el9 @0 " RPM "; "

#define STORE "nix/store/0123456789abcdfghijklmnpqrsvwxyz-"

#define OS(id) { '0', "etc/os-release", "ID=" id "\n" }

struct entry {
	char type;		/* typeflag: 0 file, 1 hard, 2 symbolic, 5 dir;
				   E = an ELF file with that text in it;
				   F = what is in the project's file text */
	const char *path;
	const char *text;	/* content or target */
};
#define ENTRIES 8
#define LAYERS 4

static const uint8_t sip[16] = { 7 };

static void
add_elf(struct tar_build *t, const char *path, const char *text)
{
	static const char head[64] = "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0";
	struct buf b;

	buf_init(&b, 4096);
	assert_int_equal(buf_add(&b, head, sizeof(head)), 0);
	assert_int_equal(buf_add(&b, text, strlen(text) + 1), 0);
	tar_add(t, path, '0', "", buf_view(&b));
	buf_done(&b);
}

static void
add_file_of(struct tar_build *t, const char *path, const char *of)
{
	struct buf b = slurp("%s", of);

	tar_add(t, path, '0', "", buf_view(&b));
	buf_done(&b);
}

static struct layer_inventory *
layer_of(const struct entry *e, bool hashes)
{
	struct layer_options opt = { .want_hashes = hashes };
	struct layer_inventory *l = NULL;
	struct layer_stats stats;
	struct tar_build t;
	struct source_memory m = { 0 };
	struct source src;
	struct str all;
	struct diag d;

	memcpy(opt.sip_key, sip, sizeof(sip));
	tar_begin(&t);
	for (int i = 0; i < ENTRIES && e[i].path != NULL; i++)
		if (e[i].type == '0')
			tar_file(&t, e[i].path, e[i].text);
		else if (e[i].type == 'E')
			add_elf(&t, e[i].path, e[i].text);
		else if (e[i].type == 'F')
			add_file_of(&t, e[i].path, e[i].text);
		else
			tar_add(&t, e[i].path, e[i].type, e[i].text != NULL ?
			    e[i].text : "", str_of(""));
	all = tar_end(&t);
	m = (struct source_memory) { (const uint8_t *)all.p, all.n, 0 };
	src = source_memory(&m);
	assert_int_equal(layer_read_memory(&src, &opt, &l, &stats, &d), 0);
	tar_done(&t);
	return (l);
}

/* "name version @layer path; ..." */
static void
show(const struct apply_result *r, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s %.*s @%u %.*s; ",
		    STR_ARG(r->packages[i].p.name),
		    STR_ARG(r->packages[i].p.version), r->packages[i].layer,
		    STR_ARG(r->packages[i].path));
}

static const struct {
	const char *what;
	struct entry layer[LAYERS][ENTRIES];
	const char *want;
	const char *note;	/* part of some note, or NULL */
	const char *reason;	/* part of some reason: incomplete; or NULL */
} cases[] = {
	{ "one layer", {{{ '0', DB, P("a", "1") }}}, "a 1 @0 " DB "; ", NULL, NULL },
	{ "the upper database replaces, origins stay",
	  {{{ '0', DB, P("a", "1") P("b", "1") }},
	   {{ '0', "./" DB, P("a", "1") P("b", "2") P("c", "1") }}},
	  "a 1 @0 " DB "; b 2 @1 " DB "; c 1 @1 " DB "; ", NULL, NULL },
	{ "removed and installed again is new",
	  {{{ '0', DB, P("a", "1") P("b", "1") }}, {{ '0', DB, P("b", "1") }},
	   {{ '0', DB, P("a", "1") P("b", "1") }}},
	  "a 1 @2 " DB "; b 1 @0 " DB "; ", NULL, NULL },
	{ "a folder that is a package hides nothing in it",
	  {{{ '5', STORE "a-1", NULL }, { '0', STORE "a-1/x-1.dist-info/METADATA",
	    PY("x") }},
	   {{ '5', STORE "a-1", NULL }, { '0', STORE "a-1/y", "" }}},
	  "a 1 @0 " STORE "a-1; x 1 @0 " STORE "a-1/x-1.dist-info/METADATA; ",
	  NULL, NULL },
	{ "... and needs no entry",
	  {{{ '0', STORE "a-1/x-1.dist-info/METADATA", PY("x") }},
	   {{ '0', STORE "a-1/y", "" }, { '0', STORE "b-2/z", "" }},
	   {{ '0', "nix/store/.wh.0123456789abcdfghijklmnpqrsvwxyz-b-2", "" }}},
	  "a 1 @0 " STORE "a-1; x 1 @0 " STORE "a-1/x-1.dist-info/METADATA; ",
	  NULL, NULL },
	{ "... nor two of one entry and what comes before",
	  {{{ '0', STORE "a-1/y", "" }, { '5', STORE "a-1", NULL },
	    { '0', STORE "a-1/z", "" }}},
	  "a 1 @0 " STORE "a-1; ", NULL, NULL },
	{ "whiteout of the database is told",
	  {{{ '0', DB, P("a", "1") P("b", "1") }},
	   {{ '0', "var/lib/dpkg/.wh.status", "" }}},
	  "", "database " DB " removed in layer 1 (had 2 packages)", NULL },
	{ "whiteout of a directory above",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', "var/.wh.lib", "" }}},
	  "", "removed in layer 1", NULL },
	{ "emptied database",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', DB, "" }}},
	  "", "emptied in layer 1 (had 1 packages)", DB " lists no package" },
	{ "... that is removed later",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', DB, "" }},
	   {{ '0', "var/lib/.wh.dpkg", "" }}},
	  "", "emptied in layer 1 (had 1 packages)", NULL },
	{ "... or emptied again",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', DB, "" }}, {{ '0', DB, "" }}},
	  "", "emptied in layer 1 (had 1 packages)", DB " lists no package" },
	{ "a database that never had a package", {{{ '0', DB, "" }}},
	  "", NULL, DB " lists no package" },
	{ "... though its programs say of which packages they are",
	  {{{ '0', DB, "" },
	    { 'F', "usr/bin/x", "tests/worker/analyzer/elf_note/debian.in" }}},
	  "libfoo1 1:2.0-3 @0 usr/bin/x; ", NULL, DB " lists no package" },
	{ "... is of no system beside one that has",
	  {{{ '0', DB, "" }, { '0', "lib/apk/db/installed", "" },
	    { '0', "var/lib/rpm/Packages", "" },
	    { '0', "var/lib/dpkg/status.d/a", "Package: a\nVersion: 1\n" }}},
	  "a 1 @0 var/lib/dpkg/status.d/a; ", NULL, NULL },
	{ "a database of rpm of no bytes, which rpm does not open",
	  {{{ '0', "var/lib/rpm/Packages", "" }}, {{ '0', "x", "" }}},
	  "", NULL, "var/lib/rpm/Packages lists no package" },
	{ "... and is filled above",
	  {{{ '0', RPM, "" }}, {{ 'F', RPM, RPM_IN }}},
	  "big 10-1 @1 " RPM "; modular 9.6.22-1.module+el8.4.0+11244+beebf241 @1 "
	  RPM "; ", NULL, NULL },
	{ "a folder of files is told when the last of them goes",
	  {{ OS("debian"), { '0', DB ".d/a", "Package: a\nVersion: 1\n" },
	     { '0', DB ".d/b", "Package: b\nVersion: 1\n" },
	     { '0', DB ".d/c", "Package: c\nVersion: 1\n" }},
	   {{ '0', DB ".d/.wh.a", "" }}, {{ '0', "var/lib/dpkg/.wh.status.d", "" }}},
	  "a 1 @0 " DB ".d/a; b 1 @0 " DB ".d/b; c 1 @0 " DB ".d/c; ",
	  "database " DB ".d removed in layer 2 (had 2 packages)", NULL },
	{ "... or is emptied",
	  {{ OS("debian"), { '0', DB ".d/a", "Package: a\nVersion: 1\n" }},
	   {{ '0', DB ".d/a", "" }}},
	  "a 1 @0 " DB ".d/a; ",
	  "database " DB ".d emptied in layer 1 (had 1 packages)", NULL },
	{ "... or of one of them, when nothing else states its package",
	  {{ OS("debian"), { '0', DB ".d/a", "Package: a\nVersion: 1\n" },
	     { '0', DB ".d/b", "Package: b\nVersion: 1\n" },
	     { '0', DB ".d/c", "Package: c\nVersion: 1\n" }},
	   {{ '0', DB ".d/.wh.a", "" }, { '0', DB ".d/b", "" }}},
	  "a 1 @0 " DB ".d/a; b 1 @0 " DB ".d/b; c 1 @0 " DB ".d/c; ",
	  "2 files of database " DB ".d removed in layer 1 (first had package a 1)",
	  NULL },
	{ "... which an upgrade does, in this file or another",
	  {{ OS("debian"), { '0', DB ".d/a", "Package: a\nVersion: 1\n" },
	     { '0', DB ".d/b", "Package: b\nVersion: 1\n" }},
	   {{ '0', DB ".d/a", "Package: a\nVersion: 2\n" },
	    { '0', DB ".d/.wh.b", "" },
	    { '0', DB ".d/Yg", "Package: b\nVersion: 2\n" }}},
	  "b 2 @1 " DB ".d/Yg; a 2 @1 " DB ".d/a; ", NULL, NULL },
	{ "... but not where a tool takes packages out",
	  {{ OS("arch"), { '0', PACMAN "/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n" },
	     { '0', PACMAN "/b-1-1/desc", "%NAME%\nb\n\n%VERSION%\n1-1\n" }},
	   {{ '0', PACMAN "/.wh.a-1-1", "" }}},
	  "b 1-1 @0 " PACMAN "/b-1-1/desc; ", NULL, NULL },
	{ "pacman's",
	  {{ OS("arch"), { '0', PACMAN "/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n" }},
	   {{ '0', "var/lib/pacman/.wh.local", "" }}},
	  "a 1-1 @0 " PACMAN "/a-1-1/desc; ",
	  "database " PACMAN " removed in layer 1 (had 1 packages)", NULL },
	{ "portage's",
	  {{ OS("gentoo"), { '0', VDB "/x-y/a-1/CONTENTS", "" }},
	   {{ '0', "var/db/.wh.pkg", "" }}},
	  "x-y/a 1 @0 " VDB "/x-y/a-1/CONTENTS; ",
	  "database " VDB " removed in layer 1 (had 1 packages)", NULL },
	{ "opkg's",
	  {{ OS("openwrt"), { '0', "usr/lib/opkg/status", OPKG }},
	   {{ '0', "usr/lib/opkg/.wh.status", "" }}},
	  "a 1 @0 usr/lib/opkg/status; ",
	  "database usr/lib/opkg/status removed in layer 1 (had 1 packages)", NULL },
	{ "a manifest of rpms",
	  {{ OS("azurelinux"), { '0', MANIFEST, RPMS }}, {{ '0', MANIFEST, "" }}},
	  "a 1-1.azl3 @0 " MANIFEST "; ",
	  "database " MANIFEST " emptied in layer 1 (had 1 packages)", NULL },
	{ "chisel's",
	  {{ OS("ubuntu"), { 'F', CHISEL, "tests/worker/analyzer/chisel/ubuntu.in" }},
	   {{ '0', "var/lib/chisel/.wh.manifest.wall", "" }}},
	  "base-files 13ubuntu10 @0 " CHISEL "; openssl 3.0.13-0ubuntu3.5 @0 " CHISEL "; ",
	  "database " CHISEL " removed in layer 1 (had 2 packages)", NULL },
	{ "the last state of an emptied one is known",
	  {{{ '0', "etc/os-release", "ID=debian\nVERSION_ID=12\n" },
	    { '0', DB, P("a", "1") }}, {{ '0', DB, "" }}},
	  "a 1 @0 " DB "; ", "emptied in layer 1", NULL },
	{ "a distribution without any database is told",
	  {{{ '0', "etc/os-release", "ID=debian\nVERSION_ID=12\n" },
	    { '0', SITE "x.dist-info/METADATA", PY("x") }}},
	  "x 1 @0 " SITE "x.dist-info/METADATA; ", NULL,
	  "etc/os-release says debian, of whose packages no database tells" },
	{ "... and one that may have none, too", {{ OS("flatcar") }}, "",
	  "etc/os-release says flatcar, of whose packages no database tells", NULL },
	{ "a database that nobody reads",
	  {{ OS("void"), { '0', "var/db/xbps/pkgdb-0.38.plist", "<plist/>" }}}, "",
	  NULL, "var/db/xbps/pkgdb-0.38.plist: a database of xbps (Void), which is "
	  "not read" },
	{ "... is one whatever is in it",
	  {{ OS("clear-linux-os"), { '0', "usr/share/clear/bundles/os-core", "" }}},
	  "", NULL, "a database of swupd (Clear Linux)" },
	{ "... until it is removed",
	  {{ OS("void"), { '0', "var/db/xbps/pkgdb-0.38.plist", "<plist/>" }},
	   {{ '0', "var/db/xbps/.wh.pkgdb-0.38.plist", "" }}}, "",
	  "etc/os-release says void, of whose packages no database tells", NULL },
	{ "the only system lies in a folder",
	  {{{ '0', "rootfs/" APKDB, "P:a\nV:1\n\n" }}}, "", NULL,
	  "the only system lies in folder rootfs: its packages were not read" },
	{ "... of a system that was looked at",
	  {{{ '0', DB, P("a", "1") }, { '0', "mnt/x/" DB, P("b", "1") }}},
	  "a 1 @0 " DB "; ", "the system in folder mnt/x was not looked at", NULL },
	{ "... where the database of the image's own system is",
	  {{{ '0', "data/" DB, P("a", "1") }, { '2', "var/lib/dpkg", "/data/var/lib/dpkg" }}},
	  "a 1 @0 data/" DB "; ", NULL, NULL },
	{ "dpkg was killed: its journal knows more than its status",
	  {{{ '0', DB, P("a", "1") }, { '0', JOURNAL "0000", P("b", "1") },
	    { '0', JOURNAL "tmp.i", "" }}},
	  "a 1 @0 " DB "; ", NULL, JOURNAL "0000: dpkg was killed" },
	{ "... until its next run",
	  {{{ '0', DB, P("a", "1") }, { '0', JOURNAL "0000", P("b", "1") }},
	   {{ '0', DB, P("a", "1") P("b", "1") }, { '0', JOURNAL ".wh.0000", "" }}},
	  "a 1 @0 " DB "; b 1 @1 " DB "; ", NULL, NULL },
	{ "no database at all is no lie", {{{ '0', "bin/x", "y" }}}, "", NULL, NULL },
	{ "whiteout and new file in one layer: the new one stays",
	  {{{ '0', DB, P("a", "1") }},
	   {{ '0', DB, P("b", "1") }, { '0', "var/lib/dpkg/.wh.status", "" }}},
	  "b 1 @1 " DB "; ", DB ": a whiteout after what its own layer brings", NULL },
	{ "opaque hides the lower content only, whatever its place",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '0', SITE "y.dist-info/METADATA", PY("y") },
	    { '0', SITE ".wh..wh..opq", "" }}},
	  "y 1 @1 " SITE "y.dist-info/METADATA; ", NULL, NULL },
	{ "opaque root", {{{ '0', DB, P("a", "1") }}, {{ '0', ".wh..wh..opq", "" }}},
	  "", "removed in layer 1", NULL },
	{ "a whiteout without a name hides nothing",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', "var/lib/dpkg/.wh.", "" },
	    { '0', "var/.wh..", "" }, { '0', "var/lib/.wh...", "" }}},
	  "a 1 @0 " DB "; ", "without a name", NULL },
	{ "an almost opaque name hides nothing",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', "var/lib/.wh..wh..opqX", "" }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "whiteout in the lowest layer is nothing",
	  {{{ '0', DB, P("a", "1") }, { '0', "var/.wh.lib", "" }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "a link over a directory hides it, without any whiteout",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '2', "usr/lib/python3", "/opt/py" }}},
	  "", NULL, NULL },
	{ "a file over a directory hides it",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '0', "usr/lib/python3", "text" }}},
	  "", NULL, NULL },
	{ "a directory over a directory merges",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '5', "usr/lib/python3", NULL }, { '5', SITE, NULL }}},
	  "x 1 @0 " SITE "x.dist-info/METADATA; ", NULL, NULL },
	{ "a directory over a link, with files of later layers only",
	  {{{ '2', "usr/lib/python3", "/opt/py" }}, {{ '5', "usr/lib/python3", NULL }},
	   {{ '0', SITE "x.dist-info/METADATA", PY("x") }}},
	  "x 1 @2 " SITE "x.dist-info/METADATA; ", NULL, NULL },
	{ "without the directory the link is followed",
	  {{{ '2', "usr/lib/python3", "/opt/py" }},
	   {{ '0', SITE "x.dist-info/METADATA", PY("x") }}},
	  "x 1 @1 opt/py/dist-packages/x.dist-info/METADATA; ", NULL, NULL },
	{ "a directory over the database file",
	  {{{ '0', DB, P("a", "1") }}, {{ '5', DB, NULL }}},
	  "", "removed in layer 1", NULL },
	{ "a device over the database file",
	  {{{ '0', DB, P("a", "1") }}, {{ '3', DB, NULL }}},
	  "", "removed in layer 1", NULL },
	{ "the same bytes written again keep their layer",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '0', SITE "x.dist-info/METADATA", PY("x") }}},
	  "x 1 @0 " SITE "x.dist-info/METADATA; ", NULL, NULL },
	{ "other bytes of the same version do not",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '0', SITE "x.dist-info/METADATA", PY("x") "Summary: y\n" }}},
	  "x 1 @1 " SITE "x.dist-info/METADATA; ", NULL, NULL },
	{ "a parent that is a link below",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }, { '2', "lib", "usr/lib" }},
	   {{ '0', "lib/apk/db/installed", "P:a\nV:1\n\nP:b\nV:1\n\n" }}},
	  "a 1 @0 usr/lib/apk/db/installed; b 1 @1 usr/lib/apk/db/installed; ",
	  NULL, NULL },
	{ "a directory entry replaces the link below it",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }, { '2', "lib", "usr/lib" }},
	   {{ '5', "lib", NULL }, { '0', "lib/apk/db/installed", "P:b\nV:1\n\n" }}},
	  "b 1 @1 lib/apk/db/installed; a 1 @0 usr/lib/apk/db/installed; ",
	  NULL, NULL },
	{ "whiteout through a link",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }, { '2', "lib", "/usr/lib" }},
	   {{ '0', "lib/apk/.wh.db", "" }}},
	  "", "removed in layer 1", NULL },
	{ "a database is removed together with os-release, the system stays",
	  {{ OS("debian"), { '0', DB, P("a", "1") }, { '0', "usr/bin/x", "x" }},
	   {{ '0', "var/lib/.wh.dpkg", "" }, { '0', ".wh.etc", "" }}},
	  "a 1 @0 " DB "; ", "database " DB " removed in layer 1", DB " is gone "
	  "since layer 1, and what said of which system it was" },
	{ "... in two layers, with half of the system",
	  {{ OS("debian"), { '0', DB, P("a", "1") }},
	   {{ '0', "etc/.wh.os-release", "" }},
	   {{ '0', "var/lib/.wh.dpkg", "" }, { '0', ".wh.usr", "" }}},
	  "a 1 @0 " DB "; ", NULL, DB " is gone since layer 2" },
	{ "... or with all of it",
	  {{ OS("debian"), { '0', DB, P("a", "1") }, { '2', "bin", "usr/bin" }},
	   {{ '0', ".wh.var", "" }, { '0', ".wh.etc", "" }, { '0', ".wh.usr", "" },
	    { '0', ".wh.bin", "" }, { '0', ".wh.lib", "" }}},
	  "", "database " DB " removed in layer 1", NULL },
	{ "... or all was replaced",
	  {{ OS("debian"), { '0', DB, P("a", "1") }},
	   {{ '0', ".wh..wh..opq", "" }, { '0', "app", "x" }}},
	  "", "database " DB " removed in layer 1", NULL },
	{ "a link takes the folder's place that the same layer filled before",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }},
	   {{ '0', APKDB, "P:b\nV:1\n\n" }, { '2', "lib", "usr/lib" }}},
	  "a 1 @0 usr/lib/apk/db/installed; ", NULL,
	  "layer 1: lib: a link that replaces a folder of the same layer" },
	{ "... with nothing of that where the link leads",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }},
	   {{ '0', "lib/x.dist-info/METADATA", PY("x") }, { '2', "lib", "usr/lib" }}},
	  "a 1 @0 usr/lib/apk/db/installed; ", NULL, NULL },
	{ "... over a link of a lower layer",
	  {{{ '2', "lib", "usr/lib" }},
	   {{ '0', "lib/x.dist-info/METADATA", PY("x") }, { '2', "lib", "opt" }}},
	  "", NULL, "layer 1: lib: in the place of a link of a lower layer" },
	{ "... below which a lower layer has one",
	  {{{ '2', "d/e", "/z" }},
	   {{ '0', "d/e/x.dist-info/METADATA", PY("x") }, { '0', "d", "text" }}},
	  "", NULL, "layer 1: d/e: in the place of a link of a lower layer" },
	{ "... in an image of one layer",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '0', APKDB, "P:b\nV:1\n\n" }, { '2', "lib", "usr/lib" }}},
	  "a 1 @0 usr/lib/apk/db/installed; ", NULL, NULL },
	{ "... or a file does",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }, { '0', "usr/lib", "y" }}},
	  "", "layer 0: usr/lib: replaces a folder of the same layer", NULL },
	{ "a link takes the place of another, through which files came",
	  {{{ '2', "l", "a" }, { '0', "l/x.dist-info/METADATA", PY("x") },
	    { '2', "l", "b" }, { '0', "l/y.dist-info/METADATA", PY("y") }}},
	  "x 1 @0 b/x.dist-info/METADATA; y 1 @0 b/y.dist-info/METADATA; ", NULL,
	  "layer 0: l: replaces a link" },
	{ "a link is written again, with files through it before and after",
	  {{{ '2', "l", "a" }, { '0', "l/x.dist-info/METADATA", PY("x") },
	    { '2', "./l", "a" }, { '0', "l/y.dist-info/METADATA", PY("y") }}},
	  "x 1 @0 a/x.dist-info/METADATA; y 1 @0 a/y.dist-info/METADATA; ", NULL,
	  NULL },
	{ "... and another by the name that a third gives it in between",
	  {{{ '2', "q", "p" }},
	   {{ '2', "p/l", "a" }, { '2', "q/l", "b" },
	    { '0', "p/l/x.dist-info/METADATA", PY("x") }, { '2', "p/l", "a" }}},
	  "x 1 @1 p/a/x.dist-info/METADATA; ", NULL,
	  "p/l/x.dist-info/METADATA leads through p/l, a link of the same" },
	{ "a directory takes the place of a link of the same layer",
	  {{{ '0', "l/z.dist-info/METADATA", PY("z") }},
	   {{ '2', "l", "a" }, { '5', "l", NULL },
	    { '0', "l/x.dist-info/METADATA", PY("x") }}},
	  "x 1 @1 l/x.dist-info/METADATA; ", NULL, NULL },
	{ "... in which a database is looked for",
	  {{{ '0', "opt/status", P("a", "1") }, { '2', "var/lib/dpkg", "/opt" },
	    { '5', "var/lib/dpkg", NULL }, { '0', DB, P("b", "1") }}},
	  "b 1 @0 " DB "; ", NULL, NULL },
	{ "... through which files came",
	  {{{ '2', "l", "a" }, { '0', "l/x.dist-info/METADATA", PY("x") },
	    { '5', "l", NULL }}},
	  "x 1 @0 l/x.dist-info/METADATA; ", NULL, "layer 0: l: a directory" },
	{ "a file takes the place of a folder that the layer brought, with all that",
	  {{{ '0', "d/z.dist-info/METADATA", PY("z") }},
	   {{ '5', "d", NULL }, { '0', "d/x.dist-info/METADATA", PY("x") },
	    { '2', "d/l", "/b" }, { '0', "d", "text" }}},
	  "", "layer 1: d: replaces a folder of the same layer", NULL },
	{ "... with a database that waits for its log",
	  {{{ '5', "var/lib/rpm", NULL }, { 'F', RPM, RPM_IN },
	    { '0', "var/lib/rpm", "text" }}}, "", NULL, NULL },
	{ "... a link does, and files come through it",
	  {{{ '0', "e/z.dist-info/METADATA", PY("z") }},
	   {{ '5', "d", NULL }, { '0', "d/x.dist-info/METADATA", PY("x") },
	    { '2', "d/e", "/e" }, { '2', "d", "e" },
	    { '0', "d/y.dist-info/METADATA", PY("y") }}},
	  "y 1 @1 e/y.dist-info/METADATA; z 1 @0 e/z.dist-info/METADATA; ", NULL,
	  NULL },
	{ "... of a folder that may have been a link of a lower layer",
	  {{{ '2', "d", "e" }}, {{ '0', "d/x.dist-info/METADATA", PY("x") },
	    { '5', "d", NULL }, { '0', "d", "text" }}},
	  "", NULL, "layer 1: d: in the place of a link of a lower layer" },
	{ "... out of which a link leads, with files through it",
	  {{{ '2', "d/l", "/z" }, { '0', "d/l/x.dist-info/METADATA", PY("x") },
	    { '2', "d", "e" }}},
	  "x 1 @0 e/l/x.dist-info/METADATA; ", NULL, "layer 0: d: replaces a folder" },
	{ "... which a link has replaced by another name in between",
	  {{{ '2', "q", "/" }, { '5', "d", NULL }, { '2', "q/d", "/z" },
	    { '0', "d/x.dist-info/METADATA", PY("x") }, { '0', "d", "text" }}},
	  "x 1 @0 z/x.dist-info/METADATA; ", NULL, "layer 0: d: replaces a folder" },
	{ "... by the name that a lower layer gives it",
	  {{{ '2', "q", "/" }},
	   {{ '5', "d", NULL }, { '2', "q/d", "/z" },
	    { '0', "d/x.dist-info/METADATA", PY("x") }, { '0', "d", "text" }}},
	  "", NULL, "layer 1: q/d: a link to where the layer has a directory" },
	{ "a directory comes after what went through a lower layer's link there",
	  {{{ '2', "d", "/e" }},
	   {{ '0', "d/x.dist-info/METADATA", PY("x") }, { '5', "d", NULL }}},
	  "x 1 @1 d/x.dist-info/METADATA; ", NULL,
	  "layer 1: d: in the place of a link of a lower layer" },
	{ "... or where none is",
	  {{{ '5', "d", NULL }},
	   {{ '0', "d/x.dist-info/METADATA", PY("x") }, { '5', "d", NULL }}},
	  "x 1 @1 d/x.dist-info/METADATA; ", NULL, NULL },
	{ "... to a file of which another name stays",
	  {{{ '5', "d", NULL }, { '0', "d/x", "y" }, { '1', "e/x", "d/x" },
	    { '0', "d/usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', APKDB, "d/usr/lib/apk/db/installed" }, { '0', "d", "text" }}},
	  "a 1 @0 " APKDB "; ", NULL, NULL },
	{ "... whose content was not kept",
	  {{{ '5', "usr", NULL },
	    { '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', APKDB, "usr/lib/apk/db/installed" }, { '0', "usr", "text" }}},
	  "", NULL, "usr/lib/apk/db/installed: comes after a hard link" },
	{ "... in which a lower layer has it",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '5', "usr", NULL },
	    { '1', "y.dist-info/METADATA", SITE "x.dist-info/METADATA" },
	    { '0', "usr", "text" }}},
	  "x 1 @0 y.dist-info/METADATA; ", NULL, NULL },
	{ "a link to a folder that is replaced by a link after files came there",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '2', "lib", "q" }},
	   {{ '0', APKDB, "P:b\nV:1\n\n" }, { '2', "q", "usr/lib" }}},
	  "b 1 @1 usr/lib/apk/db/installed; ", NULL,
	  APKDB " leads through q, a link of the same layer" },
	{ "a new link is the way of its layer, not the one it replaces",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '2', "lib", "usr/lib" }},
	   {{ '2', "lib", "q" }, { '0', APKDB, "P:b\nV:1\n\n" }}},
	  "b 1 @1 q/apk/db/installed; a 1 @0 usr/lib/apk/db/installed; ",
	  NULL, NULL },
	{ "a file that nobody reads replaces what lies behind a link",
	  {{{ '0', "usr/bin/x/node_modules/y/package.json",
	      "{\"name\":\"y\",\"version\":\"1\"}" },
	    { 'F', "usr/bin/z", "tests/worker/analyzer/elf_note/debian.in" },
	    { '2', "bin", "usr/bin" }},
	   {{ '0', "bin/x", "#!/bin/sh\n" }, { '0', "bin/z", "#!/bin/sh\n" }}},
	  "", NULL, NULL },
	{ "... not what a replaced link led to",
	  {{{ 'F', "usr/bin/z", "tests/worker/analyzer/elf_note/debian.in" },
	    { '2', "bin", "usr/bin" }},
	   {{ '5', "bin", NULL }, { '0', "bin/z", "#!/bin/sh\n" }},
	   {{ '0', "bin/z", "#!/bin/sh\n" }}},
	  "libfoo1 1:2.0-3 @0 usr/bin/z; ", NULL, NULL },
	{ "a link that is removed is no way for another whiteout",
	  {{{ '0', "c/x.dist-info/METADATA", PY("x") }, { '2', "b", "c" }},
	   {{ '0', ".wh.b", "" }, { '0', "b/.wh.x.dist-info", "" }}},
	  "x 1 @0 c/x.dist-info/METADATA; ", NULL, NULL },
	{ "whiteouts below a folder that becomes a link are about the folder",
	  {{{ '0', "b/x.dist-info/METADATA", PY("x") },
	    { '0', "a/x.dist-info/METADATA", PY("x") }},
	   {{ '0', "a/.wh.x.dist-info", "" }, { '2', "a", "b" }}},
	  "x 1 @0 b/x.dist-info/METADATA; ", NULL, NULL },
	{ "links in a circle are told",
	  {{{ '2', "var", "vor" }, { '2', "vor", "var" }}, {{ '0', DB, P("a", "1") }}},
	  "", NULL, "too many links" },
	{ "a hard link to the same layer",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', "lib/apk/db/installed", "usr/lib/apk/db/installed" }}},
	  "a 1 @0 lib/apk/db/installed; a 1 @0 usr/lib/apk/db/installed; ",
	  NULL, NULL },
	{ "a hard link to a lower layer",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" }}, {{ '0', "x", "" }},
	   {{ '1', "lib/apk/db/installed", "usr/lib/apk/db/installed" },
	    { '0', "usr/.wh.lib", "" }}},
	  "a 1 @0 lib/apk/db/installed; ", NULL, NULL },
	{ "a hard link to a file of another name before it",
	  {{{ '0', "opt/status", P("a", "1") }, { '0', "opt/x", "y" },
	    { '1', DB, "opt/status" }}}, "a 1 @0 " DB "; ", NULL, NULL },
	{ "... or a hard link to such a link",
	  {{{ '0', "opt/status", P("a", "1") }, { '1', "opt/x", "opt/status" },
	    { '1', "opt/y", "opt/x" }, { '1', DB, "opt/y" }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "... of which one name has other content since",
	  {{{ '0', "opt/status", P("a", "1") }, { '1', "opt/x", "opt/status" },
	    { '0', "./opt/status", P("b", "1") }, { '1', DB, "opt/x" }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "... where a symbolic link leads",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', "var/lib/dpkg", "/opt" },
	    { '1', "opt/status", "opt/x" }}},
	  "a 1 @0 opt/status; ", NULL, NULL },
	{ "... unless another file came over that",
	  {{{ '0', "opt/status", P("a", "1") }, { '0', "./opt/status", "x" },
	    { '1', DB, "opt/status" }}},
	  "", NULL, DB " is a hard link to opt/status" },
	{ "a hard link to what nobody read",
	  {{{ '0', "opt/status", "Other: 1\n" P("a", "1") }, { '1', DB, "opt/status" }}},
	  "", NULL, DB " is a hard link to opt/status" },
	{ "a file that comes after a hard link to the one it replaces",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '1', SITE "y.dist-info/METADATA", SITE "x.dist-info/METADATA" },
	    { '0', SITE "x.dist-info/METADATA", PY("z") }}},
	  "z 1 @1 " SITE "x.dist-info/METADATA; x 1 @0 " SITE "y.dist-info/METADATA; ",
	  NULL, NULL },
	{ "... with a link to that link",
	  {{{ '0', SITE "x.dist-info/METADATA", PY("x") }},
	   {{ '1', SITE "y.dist-info/METADATA", SITE "x.dist-info/METADATA" },
	    { '0', SITE "x.dist-info/METADATA", PY("z") },
	    { '1', SITE "w.dist-info/METADATA", SITE "y.dist-info/METADATA" },
	    { '1', SITE "v.dist-info/METADATA", SITE "x.dist-info/METADATA" }}},
	  "z 1 @1 " SITE "v.dist-info/METADATA; x 1 @0 " SITE "w.dist-info/METADATA; "
	  "z 1 @1 " SITE "x.dist-info/METADATA; x 1 @0 " SITE "y.dist-info/METADATA; ",
	  NULL, NULL },
	{ "... of a program, which is found by its content",
	  {{{ 'F', "usr/bin/x", "tests/worker/analyzer/elf_note/debian.in" }},
	   {{ '1', "opt/y", "usr/bin/x" }, { '0', "usr/bin/x", "#!/bin/sh\n" }}},
	  "libfoo1 1:2.0-3 @0 opt/y; ", NULL, NULL },
	{ "... and that link is replaced, too",
	  {{{ 'F', "usr/bin/x", "tests/worker/analyzer/elf_note/debian.in" }},
	   {{ '1', "opt/y", "usr/bin/x" }, { '0', "opt/y", "#!/bin/sh\n" }}},
	  "libfoo1 1:2.0-3 @0 usr/bin/x; ", NULL, NULL },
	{ "... which nobody reads",
	  {{{ '0', "a", "x" }, { '1', "b", "a" }, { '0', "a", "y" },
	    { '0', DB, P("a", "1") }}}, "a 1 @0 " DB "; ", NULL, NULL },
	{ "... of two times one whole tar",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', APKDB, "usr/lib/apk/db/installed" },
	    { '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', APKDB, "usr/lib/apk/db/installed" }}},
	  "a 1 @0 " APKDB "; a 1 @0 usr/lib/apk/db/installed; ", NULL, NULL },
	{ "... also where the layer had another before",
	  {{{ '0', "usr/lib/apk/db/installed", "P:a\nV:1\n\n" },
	    { '1', APKDB, "usr/lib/apk/db/installed" },
	    { '0', "usr/lib/apk/db/installed", "P:b\nV:1\n\n" }}},
	  "b 1 @0 " APKDB "; b 1 @0 usr/lib/apk/db/installed; ", NULL,
	  "usr/lib/apk/db/installed: comes after a hard link" },
	{ "a backup of a database is none",
	  {{{ '0', DB, P("a", "1") }}, {{ '1', "root/status.bak", DB }},
	   {{ '0', DB, P("a", "2") }}},
	  "a 2 @2 " DB "; ", NULL, NULL },
	{ "a program has rows under all its names",
	  {{{ 'F', "usr/bin/x", "tests/worker/analyzer/elf_note/debian.in" }},
	   {{ '1', "opt/y", "usr/bin/x" }}},
	  "libfoo1 1:2.0-3 @0 opt/y; libfoo1 1:2.0-3 @0 usr/bin/x; ", NULL, NULL },
	{ "a database behind a link to elsewhere",
	  {{{ '0', "opt/status", P("a", "1") }, { '2', "var/lib/dpkg", "/opt" }}},
	  "a 1 @0 opt/status; ", NULL, NULL },
	{ "the same, the link first and relative",
	  {{{ '2', "var/lib/dpkg", "../../opt" }, { '0', "opt/status", P("a", "1") }}},
	  "a 1 @0 opt/status; ", NULL, NULL },
	{ "a link in the database's own place",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }}},
	  "a 1 @0 opt/x; ", NULL, NULL },
	{ "... what it leads to is replaced",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }},
	   {{ '0', "opt/x", P("b", "1") }}},
	  "", "database opt/x removed in layer 1", DB " leads to opt/x: what" },
	{ "... or removed",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }},
	   {{ '0', "opt/.wh.x", "" }}},
	  "", "database opt/x removed in layer 1", NULL },
	{ "... or its folder is a file now",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }},
	   {{ '0', "opt", "" }}},
	  "", "database opt/x removed in layer 1", NULL },
	{ "... or the link is, and what it led to stays",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }},
	   {{ '0', "var/lib/dpkg/.wh.status", "" }}},
	  "", "database opt/x removed in layer 1", NULL },
	{ "... or leads elsewhere, to what its layer brings",
	  {{{ '0', "opt/x", P("a", "1") P("b", "1") }, { '2', DB, "/opt/x" }},
	   {{ '2', DB, "/opt/y" }, { '0', "opt/y", P("a", "1") }}},
	  "a 1 @1 opt/y; ", NULL, NULL },
	{ "... or to what a lower layer has",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" },
	     { '0', "opt/y", P("b", "1") }}, {{ '2', DB, "/opt/y" }}},
	  "", NULL, DB " leads to opt/y: what" },
	{ "... or for a while",
	  {{{ '2', "p", "q" }, { '2', "var/lib/dpkg", "/p" }},
	   {{ '0', DB, P("a", "1") }},
	   {{ '5', "p", NULL }, { '0', DB, P("b", "1") }}, {{ '2', "p", "q" }}},
	  "a 1 @1 q/status; ", "database q/status removed in layer 2", NULL },
	{ "... in which the file was removed",
	  {{{ '2', "p", "q" }, { '2', "var/lib/dpkg", "/p" }},
	   {{ '0', DB, P("a", "1") }},
	   {{ '5', "p", NULL }, { '0', "q/.wh.status", "" }}, {{ '2', "p", "q" }}},
	  "", "database q/status removed in layer 2", NULL },
	{ "... or a file takes its place",
	  {{{ '0', "opt/x", P("a", "1") }, { '2', DB, "/opt/x" }},
	   {{ '0', DB, P("b", "1") }}},
	  "b 1 @1 " DB "; ", "database opt/x removed in layer 1", NULL },
	{ "a whiteout behind a link of its own layer",
	  {{{ '0', "q/status", P("a", "1") }, { '2', DB, "/q/status" }},
	   {{ '2', "p", "q" }, { '0', "p/.wh.status", "" }}},
	  "a 1 @0 q/status; ", NULL, "p/.wh.status: a whiteout behind a link" },
	{ "... which comes later",
	  {{{ '0', "q/status", P("a", "1") }, { '2', DB, "/q/status" }},
	   {{ '0', "p/.wh.status", "" }, { '2', "p", "q" }}},
	  "a 1 @0 q/status; ", NULL, NULL },
	{ "a directory takes the place of the link to a database's folder",
	  {{ OS("debian"), { '0', "opt/status", P("a", "1") },
	     { '2', "var/lib/dpkg", "/opt" }}, {{ '5', "var/lib/dpkg", NULL }}},
	  "a 1 @0 opt/status; ", "database opt/status removed in layer 1", NULL },
	{ "... to which something is brought by a third name",
	  {{{ '2', DB, "/q/x" }},
	   {{ '2', "p", "q" }, { '0', "p/x", P("a", "1") }}},
	  "", NULL, DB " leads to q/x: what" },
	{ "a database by its own name and by that of where the link leads",
	  {{{ '0', "q/status", P("a", "1") }, { '2', "var/lib/dpkg", "/q" },
	     { '0', DB, P("b", "1") }}},
	  "b 1 @0 q/status; ", NULL, DB ": also comes by the name of where" },
	{ "... of a lower layer",
	  {{{ '2', "var/lib/dpkg", "/q" }},
	   {{ '0', "q/status", P("a", "1") }, { '0', DB, P("b", "1") }}},
	  "b 1 @1 q/status; ", NULL, DB " leads to q/status, which the same layer" },
	{ "what came through a link stays when a folder takes the link's place",
	  {{{ '2', "p", "q" }, { '0', "p/x", P("a", "1") }},
	   {{ '2', DB, "/q/x" }, { '5', "p", NULL }}},
	  "", NULL, DB " leads to q/x: what" },
	{ "... but not what was in a folder before a link took its place",
	  {{{ '0', DB, P("a", "1") }}, {{ '2', "var/lib/dpkg", "elsewhere" }}},
	  "", "database " DB " removed in layer 1", NULL },
	{ "a link comes by another name to where the file lies",
	  {{{ '2', "var/lib/dpkg", "/q" }},
	   {{ '0', "q/status", P("a", "1") }, { '2', DB, "/q/status" }}},
	  "a 1 @1 q/status; ", NULL, "layer 1: q/status lies where " DB ", a link" },
	{ "a chain of links to a database, and what is written through it",
	  {{{ '2', "var/lib/dpkg", "../../l" }, { '2', "l", "m/n" },
	     { '2', "m/n/status", "/opt/x" }, { '0', "opt/x", P("a", "1") }},
	   {{ '0', "opt/x", P("a", "1") }, { '2', DB, "../../../opt/x" }}},
	  "a 1 @0 opt/x; ", NULL, NULL },
	{ "a database that was moved behind a link",
	  {{{ '0', DB, P("a", "1") }},
	   {{ '0', "opt/status", P("a", "1") P("b", "1") },
	    { '2', "var/lib/dpkg", "/opt" }}},
	  "a 1 @1 opt/status; b 1 @1 opt/status; ", NULL, NULL },
	{ "behind a link of a lower layer it is not read",
	  {{{ '2', "var/lib/dpkg", "/opt" }}, {{ '0', "opt/status", P("a", "1") }}},
	  "", NULL, "leads to opt/status" },
	{ "nor what comes over one that was",
	  {{{ '0', "opt/status", P("a", "1") }, { '2', "var/lib/dpkg", "/opt" }},
	   {{ '0', "opt/status", P("b", "1") }}},
	  "", "database opt/status removed", "leads to opt/status" },
	{ "nor what does not begin like one",
	  {{{ '0', "opt/status", "Other: 1\n" P("a", "1") },
	    { '2', "var/lib/dpkg", "/opt" }}}, "", NULL, "leads to opt/status" },
	{ "a folder of them behind a link",
	  {{{ '0', "opt/status.d/a", P("a", "1") },
	    { '0', "opt/status.d/b", "Package: b\nVersion: 1\n" },
	    { '0', "opt/c", P("c", "1") }, { '2', "var/lib/dpkg", "/opt" }}},
	  "a 1 @0 opt/status.d/a; b 1 @0 opt/status.d/b; ", NULL, NULL },
	{ "... which leads there by itself",
	  {{{ '2', "var/lib/dpkg/status.d", "../../../opt" },
	    { '0', "opt/a", P("a", "1") }}}, "a 1 @0 opt/a; ", NULL, NULL },
	{ "... of a lower layer",
	  {{{ '2', "var/lib/dpkg", "/opt" }},
	   {{ '5', "opt", NULL }, { '5', "opt/status.d", NULL },
	    { '0', "opt/status.d/a", P("a", "1") }}},
	  "", NULL, "leads to opt/status.d" },
	{ "owners behind a link of a lower layer are not read, which is told",
	  {{{ '0', DB, P("a", "1") }, { '2', "var/lib/dpkg/info", "/opt" }},
	   {{ '5', "opt", NULL }, { '0', "opt/a.list", "/.\n/usr/bin/a\n" }}},
	  "a 1 @0 " DB "; ", DB_INFO " leads to opt, which was not read", NULL },
	{ "... in which a later layer has more",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }, { '0', "opt/a", P("a", "1") }},
	   {{ '5', "opt", NULL }, { '0', "opt/b", P("b", "1") }}},
	  "a 1 @0 opt/a; ", NULL, "status.d leads to opt: what" },
	{ "... without an entry of the folder",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }, { '0', "opt/a", P("a", "1") }},
	   {{ '0', "opt/b", P("b", "1") }}},
	  "a 1 @0 opt/a; ", NULL, "status.d leads to opt: what" },
	{ "... by the name of another link to it",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }, { '0', "opt/a", P("a", "1") }},
	   {{ '2', "srv", "opt" }, { '0', "srv/b", P("b", "1") }}},
	  "a 1 @0 opt/a; ", NULL, "status.d leads to opt: what" },
	{ "... by that of one to the folder above, and one to that",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt/d" }, { '2', "p", "opt" },
	    { '2', "q", "p" }, { '2', "opt/r", "." },
	    { '0', "opt/d/a", P("a", "1") }}, {{ '0', "q/d/b", P("b", "1") }}},
	  "a 1 @0 opt/d/a; ", NULL, "status.d leads to opt/d: what" },
	{ "... which is elsewhere in it",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt/d" }, { '2', "p", "opt" },
	    { '2', "q", "/" }, { '0', "opt/d/a", P("a", "1") }},
	   {{ '0', "opt/b", P("b", "1") }, { '0', "p/e/b", "" },
	    { '0', "q/x/d/b", "" }}},
	  "a 1 @0 opt/d/a; ", NULL, NULL },
	{ "... by the name of the link, which is read",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }, { '0', "opt/a", P("a", "1") }},
	   {{ '0', "var/lib/dpkg/status.d/b", P("b", "1") }}},
	  "a 1 @0 opt/a; b 1 @1 opt/b; ", NULL, NULL },
	{ "... and an even later one takes all of it",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }, { '0', "opt/a", P("a", "1") }},
	   {{ '0', "opt/b", P("b", "1") }}, {{ '0', ".wh.opt", "" }}},
	  "", NULL, NULL },
	{ "... or it all is of a later one",
	  {{{ '2', "var/lib/dpkg/status.d", "/opt" }}, {{ '0', "opt/b", P("b", "1") }}},
	  "", NULL, "status.d leads to opt: what" },
	{ "... of which one is a link",
	  {{{ '0', DB ".d/a", P("a", "1") }, { '2', DB ".d/b", "/opt/b" },
	     { '2', DB ".d/c", "a" }, { '0', "opt/b", P("b", "1") }}},
	  "a 1 @0 " DB ".d/a; ", NULL, DB ".d/b leads to opt/b: what" },
	{ "pacman's behind a link",
	  {{{ '2', PACMAN, "/opt/l" }, { '0', "opt/l/a-1-1/desc", DESC },
	     { '5', "opt/l", NULL }}},
	  "a 1-1 @0 opt/l/a-1-1/desc; ", NULL, NULL },
	{ "... of a lower layer",
	  {{{ '2', PACMAN, "/opt/l" }},
	   {{ '5', "opt/l", NULL }, { '0', "opt/l/a-1-1/desc", DESC }}},
	  "", NULL, PACMAN " leads to opt/l: what" },
	{ "... of one package",
	  {{{ '2', PACMAN "/a-1-1", "/opt/a" }, { '5', "opt/a", NULL },
	     { '0', "opt/a/desc", DESC }}},
	  "", NULL, PACMAN "/a-1-1 leads to opt/a: what" },
	{ "... without an entry of its folder",
	  {{{ '2', PACMAN "/a-1-1", "/opt/a" }, { '0', "opt/a/desc", DESC }}},
	  "", NULL, PACMAN "/a-1-1 leads to opt/a: what" },
	{ "... and one more of a later layer",
	  {{{ '2', "var/lib/pacman", "/opt" }, { '0', "opt/local/a-1-1/desc", DESC }},
	   {{ '0', "opt/local/b-1-1/desc", DESC }}},
	  "a 1-1 @0 opt/local/a-1-1/desc; ", NULL, PACMAN " leads to opt/local: what" },
	{ "portage's behind a link",
	  {{{ '2', "var/db", "/opt" }, { '5', "opt/pkg", NULL },
	     { '0', "opt/pkg/x/a-1/CONTENTS", "dir /usr\n" }}},
	  "x/a 1 @0 opt/pkg/x/a-1/CONTENTS; ", NULL, NULL },
	{ "opkg's", {{{ '2', "usr/lib/opkg", "/opt" }, { '0', "opt/status", OPKG }}},
	  "a 1 @0 opt/status; ", NULL, NULL },
	{ "dpkg's below usr, without a link, and with one of another layer",
	  {{{ '0', "usr/lib/sysimage/dpkg/status", P("a", "1") }},
	   {{ '2', "var/lib/dpkg", "../../usr/lib/sysimage/dpkg" }},
	   {{ '0', "usr/lib/sysimage/dpkg/status", P("a", "1") P("b", "1") },
	     { '0', "usr/lib/sysimage/dpkg/info/b.list", "/.\n/usr/bin/b\n" }},
	   {{ '0', DB, P("a", "1") P("c", "1") }}},
	  "a 1 @0 usr/lib/sysimage/dpkg/status; c 1 @3 usr/lib/sysimage/dpkg/status; ",
	  NULL, NULL },
	{ "... moved there",
	  {{{ '0', DB, P("a", "1") }},
	   {{ '2', "var/lib/dpkg", "../../usr/lib/sysimage/dpkg" },
	    { '0', "usr/lib/sysimage/dpkg/status", P("a", "1") }}},
	  "a 1 @1 usr/lib/sysimage/dpkg/status; ",
	  "database " DB " removed in layer 1", NULL },
	{ "pacman's below usr",
	  {{{ '0', "usr/lib/sysimage/lib/pacman/local/a-1-1/desc", DESC }},
	   {{ '2', "var/lib/pacman", "../../usr/lib/sysimage/lib/pacman" }}},
	  "a 1-1 @0 usr/lib/sysimage/lib/pacman/local/a-1-1/desc; ", NULL, NULL },
	{ "a manifest of rpms, which does not look like one",
	  {{{ '2', "var/lib/rpmmanifest", "/opt" },
	     { '0', "opt/container-manifest-2", RPMS }}},
	  "", NULL, MANIFEST " leads to opt/container-manifest-2: what" },
	{ "a link that something replaced puts nothing anywhere",
	  {{{ '2', "var/lib/dpkg", "/opt" }, { '0', "opt/status", P("a", "1") },
	    { '5', "var/lib/dpkg", NULL }}}, "", NULL, NULL },
	{ "of two links in one place the last counts",
	  {{{ '2', "var/lib/dpkg", "/opt" }, { '0', "opt/status", P("a", "1") },
	    { '2', "var/lib/dpkg", "/srv" }, { '0', "srv/status", P("b", "1") }}},
	  "b 1 @0 srv/status; ", NULL, NULL },
	{ "a link to nowhere is no database", {{{ '2', "var/lib/dpkg", "/opt" }}},
	  "", NULL, NULL },
	{ "link and file of one path, the file last",
	  {{{ '2', DB, "/nowhere" }, { '0', DB, P("a", "1") }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "os-release behind two links, and a linked folder",
	  {{{ '2', "etc", "x/etc" }, { '2', "x/etc/os-release", "r" },
	     { '2', "x/etc/r", "/opt/r" }, { '0', "opt/r", "ID=debian\n" }}},
	  "", NULL, "opt/r says debian, of whose packages no database" },
	{ "... of a lower layer",
	  {{{ '0', DB, P("a", "1") }, { '0', "opt/r", "ID=debian\n" },
	     { '0', "usr/lib/os-release", "ID=ubuntu\n" }},
	   {{ '2', "etc/os-release", "../opt/r" }}},
	  "a 1 @0 " DB "; ", "opt/r says debian , usr/lib/os-release says ubuntu",
	  NULL },
	{ "... of a later layer, where another stood",
	  {{{ '0', DB, P("a", "1") }, { '2', "etc/os-release", "../opt/r" },
	     { '0', "opt/r", "ID=debian\n" }}, {{ '0', "opt/r", "ID=alpine\n" },
	     { '0', "usr/lib/os-release", "ID=debian\n" }}},
	  "a 1 @0 " DB "; ", "opt/r says alpine , usr/lib/os-release says debian",
	  NULL },
	{ "one that no link leads to is none, nor is it lost",
	  {{{ '0', DB, P("a", "1") }, { '0', "opt/r", "ID=debian\n" }},
	   {{ '0', "opt/.wh.r", "" }, { '0', DB, "" }}},
	  "", NULL, DB " lists no package" },
	{ "... which does not begin like one",
	  {{{ '0', DB, P("a", "1") }, { '0', "opt/r", "#\nID=debian\n" },
	     { '2', "etc/os-release", "../opt/r" }}},
	  "a 1 @0 " DB "; ", NULL, "etc/os-release leads to opt/r: which system" },
	{ "... and one that leads to nothing leaves it to the other",
	  {{{ '0', DB, P("a", "1") }, { '0', "usr/lib/os-release", "ID=debian\n" },
	     { '2', "etc/os-release", "../run/r" }}},
	  "a 1 @0 " DB "; ", NULL, NULL },
	{ "what a bill says of another system's packages is told",
	  {{{ '0', "etc/os-release", "ID=debian\nVERSION_ID=12\n" },
	    { '0', "a.cdx.json", "{\"bomFormat\":\"CycloneDX\",\"components\":["
	    "{\"purl\":\"pkg:rpm/almalinux/libXau@1.0.9-3.el8\"},"
	    "{\"purl\":\"pkg:apk/alpine/musl@1.2\"}]}" }}},
	  "", "2 packages of another system in bills of material were not looked "
	  "at: first rpm libXau 1.0.9-3.el8", NULL },
	{ "versions that nothing can be compared with are told, not of what the "
	  "distribution judges",
	  {{{ '0', "etc/os-release", "ID=debian\nVERSION_ID=12\n" },
	    { '0', DB, P("python3-w", "1-1") },
	    { '0', "var/lib/dpkg/info/python3-w.list", "/" SITE "w.egg-info\n" },
	    { '0', SITE "w.egg-info", "Name: w\nVersion: 1build1\n" },
	    { '0', SITE "x.egg-info", "Name: x\n" },
	    { '0', SITE "y.egg-info", PY("y") },
	    { '0', SITE "z.egg-info", "Name: z\nVersion: main-7\n" } }},
	  "w 1build1 @0 " SITE "w.egg-info; x  @0 " SITE "x.egg-info; y 1 @0 " SITE
	  "y.egg-info; z main-7 @0 " SITE "z.egg-info; python3-w 1-1 @0 " DB "; ",
	  "2 packages have no version that their ecosystem can order: first pypi x ",
	  NULL },
	{ "a log that holds a package goes",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ '0', "var/lib/rpm/.wh.rpmdb.sqlite-wal", "" }}},
	  RPM_READ, NULL, "layer 1: " RPM " lost its log" },
	{ "... is emptied",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ '0', RPM "-wal", "" }}}, RPM_READ, NULL, "lost its log" },
	{ "... goes with its directory",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ '0', "var/lib/.wh.rpm", "" }}}, "", "removed in layer 1", NULL },
	{ "... is written anew with the database",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }}},
	  RPM_READ, NULL, NULL },
	{ "... stays beside a new database",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ 'F', RPM, RPM_IN }}},
	  "big 10-1 @0 " RPM "; modular 9.6.22-1.module+el8.4.0+11244+beebf241 @0 "
	  RPM "; ", NULL, "beside the log of another" },
	{ "... and goes together with the old one",
	  {{{ 'F', RPM, RPM_IN }, { 'F', RPM "-wal", RPM_LOG_IN }},
	   {{ 'F', RPM, RPM_IN }, { '0', "var/lib/rpm/.wh.rpmdb.sqlite-wal", "" }}},
	  "big 10-1 @0 " RPM "; modular 9.6.22-1.module+el8.4.0+11244+beebf241 @0 "
	  RPM "; ", NULL, NULL },
	{ "an empty log goes",
	  {{{ 'F', RPM, RPM_IN }, { '0', RPM "-wal", "" }},
	   {{ '0', "var/lib/rpm/.wh.rpmdb.sqlite-wal", "" }}},
	  "big 10-1 @0 " RPM "; modular 9.6.22-1.module+el8.4.0+11244+beebf241 @0 "
	  RPM "; ", NULL, NULL },
	{ "a path that leads out is taken inside, and told",
	  {{{ '0', DB, P("a", "1") }}, {{ '0', "../" DB, P("b", "1") }}},
	  "b 1 @1 " DB "; ", "leads out of the image", NULL },
};

static void
test_cases(void **state)
{
	char got[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer_inventory *l[LAYERS] = { NULL };
		struct apply_result *r;
		size_t n = 0;
		bool found;

		while (n < LAYERS && cases[i].layer[n][0].path != NULL) {
			l[n] = layer_of(cases[i].layer[n], true);
			n++;
		}
		r = apply_layers((const struct layer_inventory *const *)l, n, sip);
		show(r, got, sizeof(got));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", cases[i].what, got,
			    cases[i].want);
		found = cases[i].note == NULL;
		for (size_t k = 0; k < r->nnotes && !found; k++)
			found = strstr(r->notes[k].p, cases[i].note) != NULL;
		if (!found)
			fail_msg("%s: no note \"%s\"", cases[i].what, cases[i].note);
		if (r->incomplete != (cases[i].reason != NULL))
			fail_msg("%s: incomplete %d: %s", cases[i].what,
			    r->incomplete, r->nreasons ? r->reasons[0].p : "");
		found = cases[i].reason == NULL;
		for (size_t k = 0; k < r->nreasons && !found; k++)
			found = strstr(r->reasons[k].p, cases[i].reason) != NULL;
		if (!found)
			fail_msg("%s: no reason \"%s\"", cases[i].what,
			    cases[i].reason);
		apply_result_free(r);
		for (size_t k = 0; k < n; k++)
			layer_inventory_free(l[k]);
	}
}

static void
test_systems_other_than_linux_are_not_read(void **state)
{
	const struct entry e[ENTRIES] = {{ '0', DB, P("a", "1") }};
	struct layer_inventory *l = layer_of(e, true);
	const struct layer_inventory *one[] = { l };
	struct apply_result *r = apply_layers(one, 1, sip);

	(void)state;
	apply_image_os(r, str_of(""));
	apply_image_os(r, str_of("linux"));
	assert_false(r->incomplete);
	apply_image_os(r, str_of("windows"));
	assert_true(r->incomplete);
	assert_true(str_eqz(r->reasons[0],
	    "an image for windows, whose system is not read"));
	apply_result_free(r);
	layer_inventory_free(l);
}

static void
test_missing_hashes_and_layers_are_incomplete(void **state)
{
	const struct entry e[ENTRIES] = {{ '0', DB, P("a", "1") }};
	struct layer_inventory *plain = layer_of(e, false);
	const struct layer_inventory *two[] = { plain, plain }, *gap[] = { plain, NULL };
	struct apply_result *r;

	(void)state;
	r = apply_layers(two, 1, sip);
	assert_false(r->incomplete || r->needs_hashes);
	apply_result_free(r);
	r = apply_layers(two, 2, sip);
	assert_true(r->incomplete && r->needs_hashes);
	assert_int_equal(r->n, 1);
	apply_result_free(r);
	r = apply_layers(gap, 2, sip);
	assert_true(r->incomplete);
	assert_false(r->needs_hashes);
	assert_true(str_eqz(r->reasons[0], "layer 1: not read"));
	apply_result_free(r);
	r = apply_layers(NULL, 0, sip);
	assert_false(r->incomplete);
	assert_int_equal(r->n, 0);
	apply_result_free(r);
	layer_inventory_free(plain);
}

/* The lowest layer is read without path hashes. */
static void
test_a_database_behind_a_link_of_the_lowest_layer(void **state)
{
	static const struct entry t[][ENTRIES] = {
		{{ '2', "var/lib/dpkg", "/opt" }, { '0', "opt/status", P("a", "1") }},
		{{ '2', "var/lib/dpkg", "/opt" },
		 { '0', "opt/status.d/a", P("a", "1") }},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l = layer_of(t[i], false);
		const struct layer_inventory *one[] = { l };
		struct apply_result *r = apply_layers(one, 1, sip);

		assert_int_equal(r->n, 1);
		if (r->incomplete)
			fail_msg("%zu: %s", i, r->reasons[0].p);
		for (size_t k = 0; k < r->nnotes; k++)
			assert_null(memmem(r->notes[k].p, r->notes[k].n,
			    DB_INFO, sizeof(DB_INFO) - 1));
		apply_result_free(r);
		layer_inventory_free(l);
	}
}

/* Layers were stored without the folders that their paths imply: those that have no
 * folder at all may have more of a database's. */
static void
test_a_folder_behind_a_link_of_layers_read_before(void **state)
{
	static const struct entry low[ENTRIES] = {
		{ '2', "var/lib/dpkg/status.d", "/opt" },
		{ '0', "opt/a", P("a", "1") }, { '5', "opt", NULL },
	};
	static const struct {
		struct entry e[ENTRIES];
		bool incomplete;
	} t[] = {
		{{{ '0', "opt/b", P("b", "1") }}, true },
		{{{ '0', "x", "" }, { '5', "y", NULL }}, false },
		{{{ '0', ".wh.x", "" }}, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l[] = { layer_of(low, true),
		    layer_of(t[i].e, true) };
		struct apply_result *r;

		for (size_t k = 0; k < 2; k++) {	/* it is told last */
			assert_int_equal(l[k]->tree[l[k]->ntree - 1].kind,
			    TREE_IMPLIED);
			l[k]->ntree--;
		}
		r = apply_layers((const struct layer_inventory *const *)l, 2, sip);
		if (r->incomplete != t[i].incomplete)
			fail_msg("%zu: %d", i, r->incomplete);
		apply_result_free(r);
		layer_inventory_free(l[0]);
		layer_inventory_free(l[1]);
	}
}

static void
test_an_upgrade_brings_its_package_anew(void **state)
{
	const struct entry e[2][ENTRIES] = {
		{{ '0', DB, P("a", "1") }}, {{ '0', DB, P("a", "2") }},
	};
	struct layer_inventory *l[2] = { layer_of(e[0], true), layer_of(e[1], true) };
	struct apply_result *r;

	(void)state;
	r = apply_layers((const struct layer_inventory *const *)l, 2, sip);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->packages[0].layer, 1);
	assert_int_equal(r->packages[0].file_layer, 1);
	apply_result_free(r);
	layer_inventory_free(l[0]);
	layer_inventory_free(l[1]);
}

static void
test_files_of_an_image_are_counted(void **state)
{
	const struct entry e[ENTRIES] = {{ '0', DB, P("a", "1") }};
	const struct layer_inventory *l[2];
	struct layer_inventory *one = layer_of(e, true), many = *one;
	struct apply_result *r;

	(void)state;
	many.nfiles = LIMIT_IMAGE_FILES;
	many.files = calloc(many.nfiles, sizeof(*many.files));
	assert_non_null(many.files);
	l[0] = one;
	l[1] = &many;
	r = apply_layers(l, 2, sip);
	assert_int_equal(r->n, 1);
	assert_true(r->incomplete);
	assert_non_null(strstr(r->reasons[0].p, "layer 1 and those above it"));
	apply_result_free(r);
	free(many.files);
	layer_inventory_free(one);
}

/* What each layer looks at of those below it, too. */
static void
test_names_below_layers_are_counted(void **state)
{
	const struct entry e[ENTRIES] = {{ '0', DB, P("a", "1") }};
	struct layer_inventory *one = layer_of(e, true), many = *one;
	const struct layer_inventory *l[64];
	char name[LIMIT_PATH];
	struct apply_result *r;

	(void)state;
	memset(name, 'x', sizeof(name));
	many.nfiles = LIMIT_IMAGE_NAMES / LIMIT_PATH / 32;
	many.files = calloc(many.nfiles, sizeof(*many.files));
	assert_non_null(many.files);
	for (size_t i = 0; i < many.nfiles; i++)
		many.files[i] = (struct inventory_file) { .kind = STR_LIT("npm"),
		    .path = str_n(name, sizeof(name)) };
	for (size_t i = 0; i < 64; i++)
		l[i] = i == 1 ? &many : one;
	r = apply_layers(l, 33, sip);
	assert_false(r->incomplete);
	apply_result_free(r);
	r = apply_layers(l, 64, sip);
	assert_int_equal(r->n, 1);
	assert_true(r->incomplete);
	assert_non_null(strstr(r->reasons[0].p, "layer 33 and those above it"));
	apply_result_free(r);
	free(many.files);
	layer_inventory_free(one);
}

/* Databases in any number of folders, each a system of its own: looking at all pairs
 * would take a minute. */
static void
test_flatpaks_are_not_compared(void **state)
{
	const size_t n = 100000;
	const struct rlimit seconds = { 20, 20 };
	struct layer_inventory *l = layer_inventory_new(GIB);
	const struct layer_inventory *layers[] = { l };
	char path[64];
	int status;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct package p = { .type = STR_LIT("rpm"), .name = STR_LIT("a"),
		    .version = STR_LIT("1-1") };
		const struct inventory_file f = { .kind = STR_LIT("rpm"),
		    .path = str_n(path, (size_t)snprintf(path, sizeof(path),
		    "%zu/files/lib/sysimage/rpm/Packages", i)), .packages = &p,
		    .n = 1 };

		assert_int_equal(layer_inventory_add_file(l, &f), 0);
	}
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CPU, &seconds);
		_exit(apply_layers(layers, 1, sip)->n != n);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	layer_inventory_free(l);
}

/* Links of packages that lead nowhere: of a thousand every layer is asked. */
static void
test_loose_links_are_counted(void **state)
{
	struct layer_inventory *l = layer_of((const struct entry[ENTRIES]) {
	    { '0', PACMAN "/a/desc", DESC }}, true);
	const struct layer_inventory *layers[] = { l };
	char path[64];

	(void)state;
	for (size_t i = 0; i < 1001; i++) {
		const struct tree_entry e = { TREE_SYMLINK, str_n(path,
		    (size_t)snprintf(path, sizeof(path), PACMAN "/l%zu", i)),
		    str_of("/nowhere") };
		struct apply_result *r;

		assert_int_equal(layer_inventory_add_tree(l, &e), 0);
		if (i < 999)
			continue;
		r = apply_layers(layers, 1, sip);
		assert_int_equal(r->n, 1);
		assert_int_equal(r->incomplete, i == 1000);
		apply_result_free(r);
	}
	layer_inventory_free(l);
}

/* A folder behind a link has more names than are looked at: there may be more. */
static void
test_names_of_a_folder_are_counted(void **state)
{
	struct layer_inventory *l = layer_of((const struct entry[ENTRIES]) {
	    { '2', DB ".d", "/opt/d" }, { '0', "opt/d/a", P("a", "1") }}, true);
	const struct layer_inventory *layers[] = { l };
	char path[64];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		const struct tree_entry e = { TREE_SYMLINK, str_n(path,
		    (size_t)snprintf(path, sizeof(path), "l%zu", i)),
		    str_of("opt") };
		struct apply_result *r = apply_layers(layers, 1, sip);

		assert_int_equal(r->n, 1);
		if (i < 30 ? r->incomplete : i > 32 && !r->incomplete)
			fail_msg("%zu: %d", i, r->incomplete);
		apply_result_free(r);
		assert_int_equal(layer_inventory_add_tree(l, &e), 0);
	}
	layer_inventory_free(l);
}

static void
test_third_parties_are_told(void **state)
{
	const struct entry e[ENTRIES] = {{ '0', "etc/os-release", "ID=debian\n" },
	    { '0', DB, P("a", "1") P("nodejs", "20.11.1-1nodesource1") }};
	struct layer_inventory *l = layer_of(e, true);
	struct apply_result *r = apply_layers(
	    (const struct layer_inventory *const *)&l, 1, sip);

	(void)state;
	assert_false(r->incomplete);
	assert_int_equal(r->nnotes, 1);
	assert_non_null(strstr(r->notes[0].p, "1 packages of third parties were "
	    "not judged, for no distribution answers for them: first deb nodejs"));
	apply_result_free(r);
	layer_inventory_free(l);
}

/* A layer of a system ${os} with databases of rpm, of a package each, or none:
 * "PATH PACKAGE, PATH PACKAGE=VERSION, PATH -". */
static struct layer_inventory *
rpm_layer(const char *os, const char *files)
{
	struct entry e[ENTRIES] = {{ '0', "etc/os-release", os }};
	struct layer_inventory *l = layer_of(e, true);
	struct str rest = str_of(files), one, path;

	while (str_split(&rest, ',', &one)) {
		struct package p = { .type = STR_LIT("rpm"),
		    .version = STR_LIT("1-1") };
		struct inventory_file f = { .kind = STR_LIT("rpm"),
		    .revision = 1, .packages = &p };

		one = str_trim(one);
		assert_true(str_split(&one, ' ', &path));
		f.path = path;
		assert_true(str_split(&one, '=', &p.name));
		if (one.n > 0)
			p.version = one;
		f.n = !str_eqz(p.name, "-");
		assert_int_equal(layer_inventory_add_file(l, &f), 0);
	}
	return (l);
}

/* One layer, or two; they are the caller's, as is the result. */
static struct apply_result *
apply_rpm(const char *os, const char *below, const char *above,
    struct layer_inventory *l[2])
{
	l[0] = rpm_layer(os, below);
	l[1] = above != NULL ? rpm_layer(os, above) : NULL;
	return (apply_layers((const struct layer_inventory *const *)l,
	    l[1] != NULL ? 2 : 1, sip));
}

/* What rpm 4.18 opens, with the same files. */
static void
test_one_rpm_database_of_a_directory_is_live(void **state)
{
#define FEDORA "ID=fedora\nVERSION_ID=41\n"
#define SLES "ID=\"sles\"\nVERSION_ID=\"15.5\"\n"
#define ROCKY8 "ID=\"rocky\"\nVERSION_ID=\"8.9\"\n"
#define AMZN2 "ID=\"amzn\"\nVERSION_ID=\"2\"\n"
#define V "var/lib/rpm/"
#define BASE "usr/lib/sysimage/rpm-ostree-base-db/"
	static const struct { const char *os, *below, *above, *want; } t[] = {
		{ FEDORA, V "Packages old", V "rpmdb.sqlite new", "new" },
		{ FEDORA, V "rpmdb.sqlite new", V "Packages old", "new" },
		{ FEDORA, V "Packages.db a, " V "Packages b", NULL, "b" },
		{ FEDORA, V "Packages.db a, " V "Packages b, " V "rpmdb.sqlite c",
		    NULL, "c" },
		{ SLES, V "Packages.db a, " V "Packages b, " V "rpmdb.sqlite c",
		    NULL, "a" },
		/* which of them an rpm opens that knows no SQLite, or of which
		 * nothing is known */
		{ SLES, V "Packages b, " V "rpmdb.sqlite c", NULL, "b c" },
		{ ROCKY8, V "Packages a", V "rpmdb.sqlite b", "a b" },
		{ ROCKY8, V "Packages a, " V "Packages.db b", NULL, "a b" },
		{ AMZN2, V "Packages a", V "rpmdb.sqlite b", "a b" },
		{ "ID=amzn\nVERSION_ID=2023\n", V "Packages a",
		    V "rpmdb.sqlite b", "b" },
		{ "ID=rocky\nVERSION_ID=9.3\n", V "Packages a",
		    V "rpmdb.sqlite b", "b" },
		{ "ID=x\n", V "Packages a", V "rpmdb.sqlite b", "a b" },
		/* but copies count once, and what they were before */
		{ ROCKY8, V "Packages a", V "rpmdb.sqlite a", "a" },
		{ ROCKY8, V "Packages a=0", V "rpmdb.sqlite a", "a" },
		{ ROCKY8, V "rpmdb.sqlite a=0", V "Packages a", "a a" },
		/* one without packages hides nothing */
		{ FEDORA, V "Packages old, " V "rpmdb.sqlite -", NULL, "old" },
		/* other directories are other systems' */
		{ FEDORA, V "Packages a, x/files/lib/sysimage/rpm/rpmdb.sqlite b",
		    NULL, "a b" },
		{ FEDORA, BASE "rpmdb.sqlite old", NULL, "old" },
		{ FEDORA, BASE "rpmdb.sqlite old, usr/share/rpm/rpmdb.sqlite new",
		    NULL, "new" },
		{ FEDORA, BASE "rpmdb.sqlite old", V "Packages new", "new" },
		{ FEDORA, BASE "rpmdb.sqlite a, files/lib/sysimage/rpm/rpmdb.sqlite b",
		    NULL, "b a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l[2];
		struct apply_result *r = apply_rpm(t[i].os, t[i].below,
		    t[i].above, l);
		char got[100] = "";
		size_t n = 0;

		for (size_t k = 0; k < r->n; k++)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%.*s",
			    k > 0 ? " " : "", STR_ARG(r->packages[k].p.name));
		if (strcmp(got, t[i].want) != 0)
			fail_msg("row %zu: got %s, want %s", i, got, t[i].want);
		if (strlen(got) < 2 && strchr(t[i].below, ',') != NULL) {
			assert_true(r->nnotes > 0);
			assert_non_null(strstr(r->notes[0].p, "is left over"));
		}
		apply_result_free(r);
		layer_inventory_free(l[0]);
		layer_inventory_free(l[1]);
	}
}

/* Where /var/lib/rpm and /usr/lib/sysimage/rpm both hold databases. */
static void
test_copies_of_an_rpm_database_count_once(void **state)
{
#define RHEL9 "ID=\"rhel\"\nVERSION_ID=\"9.4\"\n"
#define RHEL10 "ID=\"rhel\"\nVERSION_ID=\"10.0\"\n"
#define SLES12 "ID=\"sles\"\nVERSION_ID=\"12.5\"\n"
#define S "usr/lib/sysimage/rpm/"
	static const struct { const char *os, *below, *above, *want; } t[] = {
		{ FEDORA, V "Packages a", S "rpmdb.sqlite a", "1-1 " S "rpmdb.sqlite; " },
		{ RHEL10, V "Packages a, " S "rpmdb.sqlite a", NULL,
		    "1-1 " S "rpmdb.sqlite; " },
		{ RHEL9, V "Packages a, " S "rpmdb.sqlite a", NULL,
		    "1-1 " V "Packages; " },
		{ SLES, V "Packages a, " S "Packages.db a", NULL,
		    "1-1 " S "Packages.db; " },
		{ SLES12, V "Packages a, " S "Packages.db a", NULL,
		    "1-1 " V "Packages; " },
		{ "ID=x\n", "usr/share/rpm/rpmdb.sqlite a, " S "rpmdb.sqlite a",
		    NULL, "1-1 " S "rpmdb.sqlite; " },
		/* what the copied one was before */
		{ FEDORA, V "Packages a=0", S "rpmdb.sqlite a",
		    "1-1 " S "rpmdb.sqlite; " },
		{ RHEL9, S "rpmdb.sqlite a=2, " V "rpmdb.sqlite a", NULL,
		    "1-1 " V "rpmdb.sqlite; " },
		/* newer than the configured one: installed into it */
		{ RHEL9, V "rpmdb.sqlite a", S "rpmdb.sqlite a=2",
		    "2 " S "rpmdb.sqlite; 1-1 " V "rpmdb.sqlite; " },
		{ FEDORA, S "rpmdb.sqlite a, " V "Packages b", NULL,
		    "1-1 " S "rpmdb.sqlite; 1-1 " V "Packages; " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l[2];
		struct apply_result *r = apply_rpm(t[i].os, t[i].below,
		    t[i].above, l);
		char got[200] = "";
		size_t n = 0;

		for (size_t k = 0; k < r->n; k++)
			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    "%.*s %.*s; ", STR_ARG(r->packages[k].p.version),
			    STR_ARG(r->packages[k].path));
		if (strcmp(got, t[i].want) != 0)
			fail_msg("row %zu: got %s, want %s", i, got, t[i].want);
		assert_int_equal(r->nnotes > 0 &&
		    strstr(r->notes[0].p, "is left over") != NULL, r->n == 1);
		assert_false(r->incomplete);
		apply_result_free(r);
		layer_inventory_free(l[0]);
		layer_inventory_free(l[1]);
	}
}

static void
test_operating_system(void **state)
{
	static const struct {
		struct entry e[ENTRIES];
		const char *id, *version, *codename;
	} t[] = {
		{{{ '0', "usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"
		    "VERSION_CODENAME=bookworm\n" },
		  { '2', "etc/os-release", "../usr/lib/os-release" }},
		  "debian", "12", "bookworm" },
		{{{ '0', "usr/lib/os-release", "ID=other\n" },
		  { '0', "etc/os-release", "ID=alpine\r\nVERSION_ID='3.20.3'\r\n" }},
		  "alpine", "3.20.3", "" },
		{{{ '0', "etc/os-release", "# ID=x\nID=a\nID=\"b \\\"c\\\"\"\n" }},
		  "b \"c\"", "", "" },
		{{{ '0', "etc/os-release", "NAME=x\n" }}, "linux", "", "" },
		{{{ '0', "etc/hostname", "x" }}, "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l = layer_of(t[i].e, true);
		const struct layer_inventory *one[] = { l };
		struct apply_result *r = apply_layers(one, 1, sip);

		assert_true(str_eqz(r->os.id, t[i].id));
		assert_true(str_eqz(r->os.version, t[i].version));
		assert_true(str_eqz(r->os.codename, t[i].codename));
		apply_result_free(r);
		layer_inventory_free(l);
	}
}

static void
test_releases_have_an_end(void **state)
{
	static const char *const yes[] = { "Debian:12", "Ubuntu:22.04:LTS",
		"Ubuntu:25.04", "Alpine:v3.20", "Alpaquita:23", "AlmaLinux:8",
		"SUSE:Linux Enterprise Server 15 SP5", "openSUSE:Leap 15.6",
		"openEuler:24.03-LTS-SP1", "Photon OS:5.0", "Amazon Linux:2",
		"Red Hat:enterprise_linux:9", "Fedora:40" };
	static const char *const no[] = { "", "npm", "PyPI", "Debian:", "Wolfi",
		"Alpine:edge", "Alpaquita:stream", "openSUSE:Tumbleweed",
		"Arch Linux", "Bitnami", "Red Hat:openshift:4.12::el8" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!namespace_is_release(str_of(yes[i])))
			fail_msg("%s is a release", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (namespace_is_release(str_of(no[i])))
			fail_msg("%s is no release", no[i]);
}

static void
test_namespaces(void **state)
{
	static const struct { const char *id, *version, *type, *want; } t[] = {
		{ "debian", "12", "deb", "Debian:12" },
		{ "debian", "", "deb", "" },
		{ "ubuntu", "22.04", "deb", "Ubuntu:22.04:LTS" },
		{ "ubuntu", "25.10", "deb", "Ubuntu:25.10" },
		{ "ubuntu", "25.04", "deb", "Ubuntu:25.04" },
		{ "alpine", "3.20.3", "apk", "Alpine:v3.20" },
		{ "alpine", "3.21.0_alpha20240606", "apk", "Alpine:edge" },
		{ "alpine", "3", "apk", "" },
		{ "wolfi", "20230201", "apk", "Wolfi" },
		{ "alpaquita", "stream", "apk", "Alpaquita:stream" },
		{ "sles", "15.5", "rpm", "SUSE:Linux Enterprise Server 15 SP5" },
		{ "sles_sap", "15.5", "rpm", "SUSE:Linux Enterprise Server 15 SP5" },
		{ "sles", "12", "rpm", "SUSE:Linux Enterprise Server 12" },
		{ "sles", "16.0", "rpm", "SUSE:Linux Enterprise Server 16.0" },
		{ "sled", "15.5", "rpm", "SUSE:Linux Enterprise Desktop 15 SP5" },
		{ "sle-micro", "5.5", "rpm", "SUSE:Linux Enterprise Micro 5.5" },
		{ "sl-micro", "6.0", "rpm", "SUSE:Linux Micro 6.0" },
		{ "sle-micro-rancher", "5.2", "rpm",
		    "SUSE:Linux Enterprise Micro 5.2" },
		{ "opensuse-leap", "15.6", "rpm", "openSUSE:Leap 15.6" },
		{ "opensuse-tumbleweed", "20240101", "rpm", "openSUSE:Tumbleweed" },
		{ "sle_hpc", "15.5", "rpm", "" },
		{ "amzn", "1", "rpm", "Amazon Linux:2018" },
		{ "amzn", "2016.09", "rpm", "Amazon Linux:2018" },
		{ "amzn", "2018.03", "rpm", "Amazon Linux:2018" },
		{ "amzn", "2", "rpm", "Amazon Linux:2" },
		{ "amzn", "2023", "rpm", "Amazon Linux:2023" },
		{ "amzn", "2023.6.20241010", "rpm", "Amazon Linux:2023" },
		{ "rhel", "9.2", "rpm", "Red Hat:enterprise_linux:9" },
		{ "ol", "8.10", "rpm", "Oracle Linux:8" },
		{ "bellsoft-hardened-containers", "25", "apk",
		    "BellSoft Hardened Containers:25" },
		{ "chainguard", "20230214", "apk", "Chainguard" },
		{ "alpine", "3.20.3", "deb", "" },
		{ "debian", "12", "apk", "" },
		{ "", "", "pypi", "PyPI" },
		{ "debian", "12", "rpm", "" },
	};
	char out[NAMESPACE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct distribution os = { .id = str_of(t[i].id),
		    .version = str_of(t[i].version) };

		assert_int_equal(namespace_of(&os, str_of(t[i].type), out),
		    strlen(t[i].want));
		assert_string_equal(out, t[i].want);
	}
}

/* Where the packages stand that an entry's ecosystem speaks of. */
static void
test_what_ecosystems_speak_of(void **state)
{
#define SERVER "SUSE:Linux Enterprise Server "
	static const char *const t[][2] = {
		{ "SUSE:Linux Enterprise Server 15 SP5", SERVER "15 SP5" },
		{ "SUSE:Linux Enterprise Module for Basesystem 15 SP5", SERVER "15 SP5" },
		{ "SUSE:Linux Enterprise Module for Python 3 15 SP6", SERVER "15 SP6" },
		{ "SUSE:Linux Enterprise Module for Legacy 12", SERVER "12" },
		{ "SUSE:Linux Enterprise Server 15 SP3-LTSS", SERVER "15 SP3" },
		{ "SUSE:Linux Enterprise Server 15-LTSS", SERVER "15" },
		{ "SUSE:Linux Enterprise Server LTSS Extended Security 12 SP5", SERVER "12 SP5" },
		{ "SUSE:Linux Enterprise Server for SAP Applications 15 SP4", SERVER "15 SP4" },
		{ "SUSE:Linux Enterprise Live Patching 15 SP5", SERVER "15 SP5" },
		{ "SUSE:Linux Enterprise Server 16.0", SERVER "16.0" },
		{ "SUSE:Package Hub 15 SP5", SERVER "15 SP5" },
		{ "Packagist:https://packages.drupal.org/8", "Packagist" },
		{ "Maven:https://maven.google.com", "Maven" },
		/* themselves */
		{ "Packagist:https://packages.drupal.org/7", NULL },
		{ "Packagist", NULL }, { "Maven", NULL },
		{ "SUSE:Linux Enterprise Micro 5.5", NULL },
		{ "SUSE:Linux Enterprise Desktop 15 SP5", NULL },
		{ "SUSE:Linux Enterprise High Performance Computing 15 SP4-LTSS", NULL },
		{ "SUSE:Manager Server 4.3", NULL },
		{ "SUSE:Linux Enterprise Server SPx", NULL },
		{ "SUSE:Linux Enterprise Server 15 SP", NULL },
		{ "SUSE:Linux Enterprise Server ", NULL },
		{ "SUSE:Linux Enterprise Server SP5", NULL },
		{ "SUSE:", NULL }, { "SUSE", NULL }, { "", NULL },
		{ "openSUSE:Leap 15.5", NULL }, { "Debian:12", NULL },
	};
	char out[NAMESPACE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct str got = namespace_spoken_of(str_of(t[i][0]), out);

		if (!str_eqz(got, t[i][1] != NULL ? t[i][1] : t[i][0]))
			fail_msg("%s speaks of %.*s", t[i][0], STR_ARG(got));
	}
#undef SERVER
}

/* One release file of each distribution, as its images carry it, to the name
 * under which advisories are looked up. */
static const struct {
	struct entry e[ENTRIES];
	const char *type, *want;
	const char *note;	/* part of a note, or NULL */
} releases[] = {
#define ETC(text) { '0', "etc/os-release", text }
	{{ ETC("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
	    "VERSION_ID=\"12\"\nID=debian\n") }, "deb", "Debian:12", NULL },
	{{ ETC("PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\nID=debian\n"),
	  { '0', "etc/debian_version", "trixie/sid\n" } }, "deb", "", NULL },
	{{{ '0', "usr/lib/os-release", "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\n"
	    "ID=\"debian\"\nVERSION_ID=\"12\"\n" },
	  { '2', "etc/os-release", "../usr/lib/os-release" } }, "deb", "Debian:12", NULL },
	{{{ '0', "etc/debian_version", "7.11\n" } }, "deb", "Debian:7", NULL },
	{{ ETC("ID=ubuntu\r\nID_LIKE=debian\r\nVERSION_ID=\"22.04\"\r\n") }, "deb",
	  "Ubuntu:22.04:LTS", NULL },
	{{ ETC("ID=ubuntu\nVERSION_ID=\"25.10\"\n") }, "deb", "Ubuntu:25.10", NULL },
	{{ ETC("ID=alpine\nVERSION_ID=3.20.3\n"), { '0', "etc/apk/repositories",
	    "https://dl-cdn.alpinelinux.example/alpine/v3.20/main\n" } }, "apk", "Alpine:v3.20", NULL },
	{{ ETC("ID=alpine\nVERSION_ID=3.17_alpha20220715\nPRETTY_NAME=\"Alpine Linux edge\"\n") },
	  "apk", "Alpine:edge", NULL },
	{{ ETC("ID=alpine\nVERSION_ID=3.20.3\n"), { '0', "etc/apk/repositories",
	    "#x/v3.1/main\n@old https://x.example/alpine/v3.2/main\nhttps://x.example/alpine/edge/main\n" } },
	  "apk", "Alpine:edge", "those count" },
	{{{ '0', "etc/alpine-release", "3.4.6\n" } }, "apk", "Alpine:v3.4", NULL },
	{{ ETC("ID=wolfi\nVERSION_ID=\"20230201\"\n") }, "apk", "Wolfi", NULL },
	{{ ETC("ID=chainguard\nVERSION_ID=\"20230214\"\n") }, "apk", "Chainguard", NULL },
	{{ ETC("ID=alpaquita\nVERSION_ID=stream\n") }, "apk", "Alpaquita:stream", NULL },
	{{ ETC("ID=minimos\n") }, "apk", "MinimOS", NULL },
	{{ ETC("ID=clnstrt\n") }, "apk", "CleanStart", NULL },
	{{ ETC("ID=echo\n") }, "deb", "Echo", NULL },
	{{ ETC("NAME=\"Red Hat Enterprise Linux\"\nID=\"rhel\"\nVERSION_ID=\"9.4\"\n"
	    "CPE_NAME=\"cpe:/o:redhat:enterprise_linux:9::baseos\"\n") }, "rpm",
	  "Red Hat:enterprise_linux:9", NULL },
	{{{ '0', "etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n" } },
	  "rpm", "Red Hat:enterprise_linux:6", NULL },
	{{ ETC("NAME=\"CentOS Linux\"\nID=\"centos\"\nVERSION_ID=\"7\"\n") }, "rpm",
	  "Red Hat:enterprise_linux:7", NULL },
	{{{ '0', "etc/redhat-release", "CentOS release 6.10 (Final)\n" } }, "rpm",
	  "Red Hat:enterprise_linux:6", NULL },
	{{{ '0', "etc/centos-release", "CentOS release 6.10 (Final)\n" },
	  { '2', "etc/redhat-release", "centos-release" } }, "rpm",
	  "Red Hat:enterprise_linux:6", NULL },
	{{{ '0', "etc/fedora-release", "Fedora release 17 (Beefy Miracle)\n" },
	  { '2', "etc/redhat-release", "fedora-release" } }, "rpm", "Fedora:17", NULL },
	{{ ETC("NAME=\"CentOS Stream\"\nID=\"centos\"\nVERSION_ID=\"9\"\n") }, "rpm",
	  "CentOS Stream:9", NULL },
	{{ ETC("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n") }, "rpm",
	  "Rocky Linux:9", NULL },
	{{ ETC("ID=\"almalinux\"\nVERSION_ID=\"9.4\"\n") }, "rpm", "AlmaLinux:9", NULL },
	{{ ETC("ID=\"ol\"\nVERSION_ID=\"8.10\"\n") }, "rpm", "Oracle Linux:8", NULL },
	{{ ETC("ID=fedora\nVERSION_ID=41\n") }, "rpm", "Fedora:41", NULL },
	{{ ETC("ID=\"amzn\"\nID_LIKE=\"centos rhel fedora\"\nVERSION_ID=\"2\"\n") }, "rpm",
	  "Amazon Linux:2", NULL },
	{{ ETC("ID=\"amzn\"\nVERSION_ID=\"2018.03\"\n") }, "rpm", "Amazon Linux:2018", NULL },
	{{ ETC("ID=\"sles\"\nVERSION_ID=\"15.5\"\n") }, "rpm",
	  "SUSE:Linux Enterprise Server 15 SP5", NULL },
	{{ ETC("ID=\"sles\"\nVERSION_ID=\"15\"\n") }, "rpm",
	  "SUSE:Linux Enterprise Server 15", NULL },
	{{ ETC("ID=\"sled\"\nVERSION_ID=\"12.5\"\n") }, "rpm",
	  "SUSE:Linux Enterprise Desktop 12 SP5", NULL },
	{{ ETC("ID=\"sle-micro\"\nVERSION_ID=\"5.5\"\n") }, "rpm",
	  "SUSE:Linux Enterprise Micro 5.5", NULL },
	{{ ETC("ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"\n") }, "rpm", "openSUSE:Leap 15.6", NULL },
	{{ ETC("ID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240101\"\n") }, "rpm",
	  "openSUSE:Tumbleweed", NULL },
	{{ ETC("ID=photon\nVERSION_ID=5.0\n") }, "rpm", "Photon OS:5.0", NULL },
	{{ ETC("ID=mariner\nVERSION_ID=\"2.0.20240123\"\n") }, "rpm", "Azure Linux:2", NULL },
	{{ ETC("ID=azurelinux\nVERSION_ID=\"3.0\"\n") }, "rpm", "Azure Linux:3", NULL },
	{{ ETC("ID=mageia\nVERSION_ID=9\n") }, "rpm", "Mageia:9", NULL },
	{{ ETC("ID=\"openEuler\"\nVERSION_ID=\"24.03\"\nPRETTY_NAME=\"openEuler 24.03 (LTS-SP1)\"\n") },
	  "rpm", "openEuler:24.03-LTS-SP1", NULL },
	{{ ETC("ID=arch\n") }, "alpm", "Arch Linux", NULL },
	{{ ETC("ID=gentoo\n") }, "ebuild", "Gentoo", NULL },
	/* both files there and different: etc/ counts */
	{{ ETC("ID=debian\nVERSION_ID=11\n"), { '0', "usr/lib/os-release", "ID=debian\nVERSION_ID=12\n" } },
	  "deb", "Debian:11", "usr/lib/os-release says debian 12: the former counts" },
	/* before there was os-release */
	{{{ '0', "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\n"
	    "DISTRIB_DESCRIPTION=\"Ubuntu 10.04.4 LTS\"\n" },
	  { '0', "etc/debian_version", "squeeze/sid\n" } }, "deb",
	  "Ubuntu:10.04:LTS", NULL },
	{{{ '0', "etc/lsb-release", "LSB_VERSION=base-4.0-amd64\n" },
	  { '0', "etc/redhat-release", "CentOS release 6.10 (Final)\n" } }, "rpm",
	  "Red Hat:enterprise_linux:6", NULL },
	{{{ '0', "etc/rocky-release", "Rocky Linux release 9.4 (Blue Onyx)\n" } }, "rpm",
	  "Rocky Linux:9", NULL },
	{{{ '0', "etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n"
	    "VERSION = 11\nPATCHLEVEL = 4\n" } }, "rpm",
	  "SUSE:Linux Enterprise Server 11 SP4", NULL },
	{{{ '0', "etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n"
	    "VERSION = 11\nPATCHLEVEL = 0\n" } }, "rpm",
	  "SUSE:Linux Enterprise Server 11", NULL },
	/* what the packages give away */
	{{{ '0', DB, P("adduser", "3.118ubuntu5") P("tar", "1.34+dfsg-1ubuntu0.1.22.04.2") } },
	  "deb", "Ubuntu:22.04:LTS", "taken for ubuntu 22.04" },
	{{{ '0', DB, P("apt", "2.4.12") P("ssh", "1:8.9p1.22.04-3ubuntu0.10") } },
	  "deb", "", "taken for ubuntu" },
	{{{ '0', "lib/apk/db/installed", "P:a\nV:1-r0\n\n" }, { '0', "etc/apk/repositories",
	    "https://dl-cdn.alpinelinux.example/alpine/v3.19/main\n" } }, "apk", "Alpine:v3.19",
	  "apk packages in an image of no known distribution: taken for alpine 3.19" },
	/* what is there and what is said disagree */
	{{ ETC("ID=alpine\nVERSION_ID=3.20.3\n"), { '0', DB, P("libc6", "2.36-9+deb12u4") } },
	  "deb", "Debian:12", "deb packages in an image of alpine: taken for debian 12" },
	{{{ '0', DB, P("libc6", "2.36-9") } }, "deb", "",
	  "deb packages in an image of no known distribution: not known whose" },
	{{ ETC("ID=somethingelse\nVERSION_ID=1\n"), { '0', DB, P("libc6", "2.36-9+deb12u4") } },
	  "deb", "", NULL },
#undef ETC
};

static void
test_releases(void **state)
{
	char ns[NAMESPACE_TEXT];
	bool noted;

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		struct layer_inventory *l = layer_of(releases[i].e, true);
		const struct layer_inventory *one[] = { l };
		struct apply_result *r = apply_layers(one, 1, sip);
		struct str type = str_of(releases[i].type);

		namespace_of(apply_distribution(r, type), type, ns);
		if (strcmp(ns, releases[i].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", releases[i].e[0].text,
			    ns, releases[i].want);
		noted = releases[i].note == NULL;
		for (size_t k = 0; k < r->nnotes; k++) {
			/* these roots have nothing but the file */
			if (strstr(r->notes[k].p, "no database tells") != NULL)
				continue;
			if (releases[i].note == NULL)
				fail_msg("%s: note %s", releases[i].e[0].text,
				    r->notes[k].p);
			noted |= strstr(r->notes[k].p, releases[i].note) != NULL;
		}
		if (!noted)
			fail_msg("%s: no note", releases[i].e[0].text);
		apply_result_free(r);
		layer_inventory_free(l);
	}
}

/* apk's packages from repositories with a tag, by whatever still says which branch
 * those are of. */
static void
test_tagged_repositories(void **state)
{
#define A(name, tag) "P:" name "\nV:1-r0\n" tag "\n"
#define REPOS(text) { '0', "etc/apk/repositories", text }
	static const struct {
		struct entry layer[2][ENTRIES];
		const char *want, *note;
	} t[] = {
		{{{ { '0', "etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\n" },
		    REPOS("https://x.example/alpine/v3.22/main\n"
		    "@edge https://x.example/alpine/edge/main\n"
		    "@new\thttps://x.example/alpine/edge/community\n"
		    "@new https://x.example/alpine/v3.23/community\n"
		    "@edge-old v3 https://x.example/alpine/v3.18 main community\n"
		    "@here /srv/packages\n"),
		    { '0', "etc/apk/repositories.d/more.list",
		    "@more https://x.example/alpine/v3.19/main\n"
		    "@here https://x.example/alpine/latest-stable/main\n" },
		    { '0', APKDB, A("a", "") A("b", "s:edge\n") A("c", "s:new\n")
		    A("d", "s:edge-old\n") A("e", "s:more\n")
		    A("f", "s:here\n") } }},
		  "a Alpine:v3.22; b Alpine:edge; c Alpine:edge; "
		  "d Alpine:v3.18; e Alpine:v3.19; f Alpine:v3.22; ",
		  "4 packages of repositories with a tag are judged by their "
		  "branch: first b 1-r0 by Alpine:edge" },
		/* what brought them is not there any more */
		{{{ { '0', "etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\n" },
		    REPOS("@odd https://x.example/alpine/edge/main\n"),
		    { '0', APKDB, A("a", "s:testing\n") A("b", "s:v3.18\n")
		    A("c", "s:odd\n") A("d", "s:vendor\n") A("e", "s:edge\n") } },
		  { REPOS("https://x.example/alpine/v3.22/main\n") }},
		  "a Alpine:edge; b Alpine:v3.18; c Alpine:v3.22; "
		  "d Alpine:v3.22; e Alpine:edge; ",
		  "3 packages of repositories with a tag" },
		/* others have no branches */
		{{{ { '0', "etc/os-release", "ID=wolfi\nVERSION_ID=1\n" },
		    REPOS("@edge https://x.example/alpine/edge/main\n"),
		    { '0', APKDB, A("a", "s:edge\n") } }}, "a Wolfi; ", NULL },
	};
	char got[512], ns[NAMESPACE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l[2] = { layer_of(t[i].layer[0], true),
		    layer_of(t[i].layer[1], true) };
		struct apply_result *r = apply_layers(
		    (const struct layer_inventory *const *)l, 2, sip);
		bool noted = false;
		size_t n = 0;

		for (size_t k = 0; k < r->n; k++)
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s %.*s; ",
			    STR_ARG(r->packages[k].p.name), STR_ARG(
			    apply_match_package(r, k, ns).namespace));
		assert_string_equal(got, t[i].want);
		for (size_t k = 0; k < r->nnotes; k++)
			noted |= strstr(r->notes[k].p, t[i].note != NULL ?
			    t[i].note : "with a tag") != NULL;
		assert_int_equal(noted, t[i].note != NULL);
		apply_result_free(r);
		layer_inventory_free(l[0]);
		layer_inventory_free(l[1]);
	}
#undef A
#undef REPOS
}

/* How sure is it which distribution it is, and what contradicts that? */
static void
test_confidence(void **state)
{
#define REL(name, text) { '0', "etc/" name, text "\n" }
	static const struct {
		struct entry e[ENTRIES];
		const char *os, *confidence;
		const char *conflict;	/* what the note says, NULL = none */
	} t[] = {
		{{ REL("os-release", "ID=debian\nVERSION_ID=12"),
		  REL("debian_version", "12.5") }, "debian 12", "stated", NULL },
		{{ REL("os-release", "ID=debian\nVERSION_ID=9"),
		  REL("debian_version", "9.13") }, "debian 9", "stated", NULL },
		{{ REL("os-release", "ID=debian\nVERSION_ID=12"),
		  REL("debian_version", "11.3") }, "debian 12", "stated",
		  "etc/os-release says debian 12, etc/debian_version says debian "
		  "11.3: the former counts" },
		{{ REL("os-release", "ID=debian\nVERSION_CODENAME=trixie"),
		  REL("debian_version", "trixie/sid") }, "debian 13", "stated", NULL },
		{{ REL("os-release", "ID=Debian\nVERSION_ID=13"),
		  REL("debian_version", "trixie/sid") }, "Debian 13", "stated", NULL },
		{{ REL("os-release", "ID=ubuntu\nVERSION_ID=22.04"),
		  REL("debian_version", "bookworm/sid"),
		  REL("lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04") },
		  "ubuntu 22.04", "stated", NULL },
		{{ REL("os-release", "ID=ubuntu\nVERSION_ID=22.04"),
		  REL("lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=20.04") },
		  "ubuntu 22.04", "stated", "etc/lsb-release says ubuntu 20.04" },
		{{ REL("os-release", "ID=alpine\nVERSION_ID=3.20.3"),
		  REL("alpine-release", "3.20.3") }, "alpine 3.20.3", "stated", NULL },
		{{ REL("os-release", "ID=alpine\nVERSION_ID=3.20.3"),
		  REL("alpine-release", "3.18.4") }, "alpine 3.20.3", "stated",
		  "etc/alpine-release says alpine 3.18.4" },
		{{ REL("os-release", "ID=alpine\nVERSION_ID=3.17_alpha20220715"),
		  REL("alpine-release", "3.17_alpha20220715") }, "alpine edge",
		  "stated", NULL },
		{{ REL("os-release", "ID=alpine\nVERSION_ID=3.20.3"),
		  REL("alpine-release", "3.20.3"),
		  REL("debian_version", "12.5") }, "alpine 3.20.3", "stated",
		  "etc/debian_version says debian 12.5" },
		{{ REL("os-release", "ID=rocky\nVERSION_ID=9.4"),
		  REL("rocky-release", "Rocky Linux release 9.4 (Blue Onyx)"),
		  { '2', "etc/redhat-release", "rocky-release" },
		  { '2', "etc/system-release", "rocky-release" } }, "rocky 9.4",
		  "stated", NULL },
		{{ REL("os-release", "ID=rocky\nVERSION_ID=9.4"),
		  REL("redhat-release", "CentOS Linux release 7.9.2009 (Core)") },
		  "rocky 9.4", "stated", "etc/redhat-release says centos 7.9.2009" },
		{{ REL("os-release", "ID=ol\nVERSION_ID=8.10"),
		  REL("oracle-release", "Oracle Linux Server release 8.10"),
		  REL("redhat-release", "Red Hat Enterprise Linux release 8.10 (Ootpa)") },
		  "ol 8.10", "stated", NULL },
		{{ REL("os-release", "NAME=\"CentOS Stream\"\nID=centos\nVERSION_ID=9"),
		  REL("centos-release", "CentOS Stream release 9"),
		  { '2', "etc/redhat-release", "centos-release" } }, "centos 9",
		  "stated", NULL },
		{{ REL("os-release", "ID=rhel\nVERSION_ID=9.4"),
		  REL("redhat-release", "Red Hat Enterprise Linux release 9.4 (Plow)"),
		  { '2', "etc/system-release", "redhat-release" } }, "rhel 9.4",
		  "stated", NULL },
		{{ REL("os-release", "ID=amzn\nVERSION_ID=2023"),
		  REL("system-release", "Amazon Linux release 2023.6.20241010 (Amazon Linux)") },
		  "amzn 2023", "stated", NULL },
		{{ REL("os-release", "ID=amzn\nVERSION_ID=2"),
		  REL("system-release", "Amazon Linux release 2 (Karoo)") },
		  "amzn 2", "stated", NULL },
		{{ REL("os-release", "ID=fedora\nVERSION_ID=41"),
		  REL("fedora-release", "Fedora release 41 (Forty One)"),
		  { '2', "etc/redhat-release", "fedora-release" } }, "fedora 41",
		  "stated", NULL },
		{{ REL("os-release", "ID=mariner\nVERSION_ID=2.0.20240123"),
		  REL("mariner-release", "CBL-Mariner 2.0.20240112") },
		  "mariner 2.0.20240123", "stated", NULL },
		{{ REL("os-release", "ID=sles\nVERSION_ID=12.5"),
		  REL("SuSE-release", "SUSE Linux Enterprise Server 12 (x86_64)\n"
		  "VERSION = 12\nPATCHLEVEL = 5") }, "sles 12.5", "stated", NULL },
		/* whose base's files they are nobody knows */
		{{ REL("os-release", "ID=kali\nVERSION_ID=2024.1"),
		  REL("debian_version", "kali-rolling") }, "kali 2024.1", "stated", NULL },
		{{ REL("os-release", "ID=scientific\nVERSION_ID=7.9"),
		  REL("redhat-release", "CentOS Linux release 7.8 (Core)") },
		  "scientific 7.9", "stated", NULL },
		{{ REL("redhat-release", "CentOS release 6.10 (Final)") },
		  "centos 6.10", "release file", NULL },
		{{ REL("redhat-release", "CentOS release 6.10 (Final)"),
		  REL("SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n"
		  "VERSION = 11\nPATCHLEVEL = 4") }, "centos 6.10", "release file",
		  "etc/SuSE-release says sles 11.4" },
		{{{ '0', DB, P("libc6", "2.36-9+deb12u4") }}, "debian 12",
		  "inferred", NULL },
		{{{ '0', DB, P("libc6", "2.36-9") }}, " ", "", NULL },
		{{{ '0', "etc/hostname", "x" }}, " ", "", NULL },
	};
#undef REL
	char got[100];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l = layer_of(t[i].e, true);
		const struct layer_inventory *one[] = { l };
		struct apply_result *r = apply_layers(one, 1, sip);
		const struct distribution *os = apply_told_distribution(r);
		size_t n = 0;

		snprintf(got, sizeof(got), "%.*s %.*s", STR_ARG(os->id),
		    STR_ARG(os->version));
		if (strcmp(got, t[i].os) != 0 ||
		    !str_eqz(os->confidence, t[i].confidence))
			fail_msg("row %zu: %s, %.*s", i, got,
			    STR_ARG(os->confidence));
		for (size_t k = 0; k < r->nnotes; k++) {
			if (strstr(r->notes[k].p, "the former counts") == NULL)
				continue;
			n++;
			if (t[i].conflict == NULL ||
			    strstr(r->notes[k].p, t[i].conflict) == NULL)
				fail_msg("row %zu: note %s", i, r->notes[k].p);
		}
		if (n != (t[i].conflict != NULL))
			fail_msg("row %zu: %zu conflicts", i, n);
		apply_result_free(r);
		layer_inventory_free(l);
	}
}

/* "name origin owner; ..." */
static void
show_origins(const struct apply_result *r, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		n += (size_t)snprintf(out + n, size - n, "%.*s %s%s%.*s; ",
		    STR_ARG(r->packages[i].p.name), r->packages[i].origin,
		    r->packages[i].owner != NULL ? " " : "",
		    STR_ARG(r->packages[i].owner != NULL ?
		    r->packages[i].owner->name : str_of("")));
}

#define LIST "var/lib/dpkg/info/python3-x.list"
#define X SITE "x.dist-info/METADATA"
#define DEBPKG P("python3-x", "1-1")
/* Digests of PY("x"), and others. */
#define MD5_X "cb27ebca01e90f42fdead0ebd80a1001"
#define MD5_OTHER "0b27ebca01e90f42fdead0ebd80a1001"
#define SUMS_OF(md5) { '0', "var/lib/dpkg/info/python3-x.md5sums", \
	md5 "  " X "\n" }
#define APK_X(sha1) { '0', APKDB, "P:py3-x\nV:1-r0\nF:" SITE "x.dist-info\n" \
	"R:METADATA\na:0:0:755\nZ:Q1" sha1 "\n\n" }
#define APK_OTHER APK_X("AAAItKabvD4JbcDbttR+Xw6ND1g=")
#define APKPKG "P:py3-x\nV:1-r0\nF:" SITE "x.dist-info\nR:METADATA\n\n"

#define LAST(purl) "{\"externalRefs\":[{\"referenceType\":\"purl\"," \
    "\"referenceLocator\":\"pkg:" purl "\"}]}"
#define PURL(purl) LAST(purl) ","
#define APK(name, version) PURL("apk/alpine/" name "@" version)
#define SPDX(packages) "{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[" \
    packages "]}"
#define BILL(packages) { '0', "a.spdx.json", SPDX(packages) }

#define NODE { '0', "var/lib/dpkg/info/nodejs.list", "/usr/bin/node\n" }, \
    { 'E', "usr/bin/node", "node.js/v20.11.1" }

/* As auditwheel writes it into a wheel. */
#define WHEEL(name) "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"," \
    "\"components\":[{\"purl\":\"pkg:pypi/" name "@1?file_name=" name ".whl\"}," \
    "{\"purl\":\"pkg:rpm/almalinux/libXau@1.0.9-3.el8\"}]}"

#define GEMS "usr/local/lib/ruby/gems/3.2.0/specifications/"
#define GEM(where, name, version) { '0', GEMS where name "-" version ".gemspec", \
	"# stub: " name " " version " ruby lib\n" }
static const struct {
	const char *what;
	struct entry layer[LAYERS][ENTRIES];
	const char *want;
} origin_cases[] = {
	{ "Debian's own Python package is owned",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } }},
	  "x owned python3-x; python3-x distro; " },
	{ "pip's is not",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', "usr/local/lib/python3.11/site-packages/x.dist-info/METADATA",
	      PY("x") } }},
	  "x installed; python3-x distro; " },
	{ "database and file may come in different layers",
	  {{ OS("debian"), { '0', X, PY("x") } },
	   {{ '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" }}},
	  "x owned python3-x; python3-x distro; " },
	{ "who owns it may lie behind the link to the database",
	  {{ OS("debian"), { '2', "var/lib/dpkg", "../../opt" },
	    { '0', "opt/status", DEBPKG }, { '0', "opt/info/python3-x.list",
	      "/.\n/" X "\n" }, { '0', X, PY("x") } }},
	  "python3-x distro; x owned python3-x; " },
	{ "... or behind one of its own",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', X, PY("x") },
	    { '2', "var/lib/dpkg/info", "/opt" }, { '0', "opt/python3-x.md5sums",
	      MD5_X "  " X "\n" } }},
	  "x owned python3-x; python3-x distro; " },
	{ "... but not what does not begin like a list",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', X, PY("x") },
	    { '2', "var/lib/dpkg/info", "/opt" },
	    { '0', "opt/python3-x.list", "/" X "\n" } }},
	  "x installed; python3-x distro; " },
	{ "a file is its package's with the content that this lists",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    SUMS_OF(MD5_X), { '0', X, PY("x") } }},
	  "x owned python3-x; python3-x distro; " },
	{ "... and not with another, in the same layer (pip install, npm -g)",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    SUMS_OF(MD5_OTHER), { '0', X, PY("x") } }},
	  "x installed; python3-x distro; " },
	{ "... whichever comes first",
	  {{ OS("debian"), { '0', X, PY("x") }, { '0', DB, DEBPKG },
	    SUMS_OF(MD5_OTHER), { '0', LIST, "/" X "\n" } }},
	  "x installed; python3-x distro; " },
	{ "... which of several entries is the last",
	  {{ OS("debian"), { '0', DB, DEBPKG }, SUMS_OF(MD5_X),
	    { '0', X, PY("y") }, { '0', X, PY("x") } }},
	  "x owned python3-x; python3-x distro; " },
	{ "... or behind a hard link",
	  {{ OS("debian"), { '0', DB, DEBPKG }, SUMS_OF(MD5_OTHER),
	    { '0', "opt/x.dist-info/METADATA", PY("x") },
	    { '1', X, "opt/x.dist-info/METADATA" } }},
	  "x installed; x installed; python3-x distro; " },
	{ "... which has the content that is listed",
	  {{ OS("debian"), { '0', DB, DEBPKG }, SUMS_OF(MD5_X),
	    { '0', "opt/x.dist-info/METADATA", PY("x") },
	    { '1', X, "opt/x.dist-info/METADATA" } }},
	  "x installed; x owned python3-x; python3-x distro; " },
	{ "... which stays so when a later layer has it again (chown -R)",
	  {{ OS("debian"), { '0', DB, DEBPKG }, SUMS_OF(MD5_OTHER),
	     { '0', X, PY("x") } },
	   {{ '0', X, PY("x") }}},
	  "x installed; python3-x distro; " },
	{ "... until another content comes there with its package",
	  {{ OS("debian"), { '0', DB, DEBPKG }, SUMS_OF(MD5_OTHER),
	     { '0', X, PY("y") } },
	   {{ '0', DB, P("python3-x", "2-1") }, SUMS_OF(MD5_X),
	     { '0', X, PY("x") }}},
	  "x owned python3-x; python3-x distro; " },
	{ "what sums say of a path that is diverted is of another file",
	  {{ OS("debian"), { '0', DB, DEBPKG P("other", "1") },
	    { '0', "var/lib/dpkg/diversions", "/" X "\n/" X ".distrib\npython3-x\n" },
	    { '0', "var/lib/dpkg/info/other.md5sums", MD5_OTHER "  " X "\n" },
	    { '0', X, PY("x") } }},
	  "x owned python3-x; other distro; python3-x distro; " },
	{ "a well-known program by its content",
	  {{ OS("debian"), { '0', DB, P("nodejs", "20.11.1-1") },
	    { '0', "var/lib/dpkg/info/nodejs.md5sums", MD5_OTHER
	      "  usr/bin/node\n" }, { 'E', "usr/bin/node", "node.js/v20.11.1" } }},
	  "node installed; nodejs distro; " },
	{ "apk's file with the content that it lists",
	  {{ OS("alpine"), APK_X("hFsItKabvD4JbcDbttR+Xw6ND1g="),
	    { '0', X, PY("x") } }},
	  "py3-x distro; x shipped py3-x; " },
	{ "... and with another, before it or behind",
	  {{ OS("alpine"), APK_OTHER, { '0', X, PY("x") } }},
	  "py3-x distro; x installed; " },
	{ "... or behind",
	  {{ OS("alpine"), { '0', X, PY("x") }, APK_OTHER }},
	  "py3-x distro; x installed; " },
	{ "... also after the whole database was written again",
	  {{ OS("alpine"), APK_OTHER, { '0', X, PY("x") } },
	   { APK_OTHER }},
	  "py3-x distro; x installed; " },
	{ "... or with none that is one",
	  {{ OS("alpine"), APK_X("hFsItKabvD4J"), { '0', X, PY("x") } }},
	  "py3-x distro; x shipped py3-x; " },
	{ "an owner that was removed owns nothing",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '0', DB, P("other", "1") }, { '0', "var/lib/dpkg/info/.wh.python3-x.list", "" }}},
	  "x installed; other distro; " },
	{ "a package of distroless whose file a later layer removed",
	  {{ OS("debian"), { '0', DB ".d/a", P("a", "1") },
	     { '0', DB ".d/b", P("b", "1") }},
	   {{ '0', DB ".d/.wh.a", "" }}},
	  "a residual; b distro; " },
	{ "a third party's package: its own advisories still count",
	  {{ OS("debian"), { '0', DB, P("python3-x", "1-1~bookworm") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } }},
	  "x installed python3-x; python3-x third_party; " },
	{ "a company's own: nothing says that Debian answers for what it brings",
	  {{ OS("debian"), { '0', DB, BY("python3-x", "1-1", "A <x@a.example>") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } }},
	  "x installed python3-x; python3-x distro; " },
	{ "... nor where it only looks like Debian",
	  {{ OS("debian"), { '0', DB, BY("python3-x", "1-1", "A <x@notdebian.org>") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } }},
	  "x installed python3-x; python3-x distro; " },
	{ "... or where nobody maintains it",
	  {{ OS("debian"), { '0', DB, BY("python3-x", "1-1", "<>") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } }},
	  "x installed python3-x; python3-x distro; " },
	{ "Ubuntu's own",
	  {{ OS("ubuntu"), { '0', DB, BY("python3-x", "1-1ubuntu1",
	      "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } }},
	  "x owned python3-x; python3-x distro; " },
	{ "a maintainer of Debian may work at any company",
	  {{ OS("debian"), { '0', DB, BY("xsecurelock", "1.5.1-1",
	      "Markus Teich <mteich@google.com>") BY("aiohttp-cors", "0.7.0-2",
	      "Brandon Weeks <bweeks@google.com>") } }},
	  "aiohttp-cors distro; xsecurelock distro; " },
	{ "vendors' own archives are known by name or address",
	  {{ OS("debian"), { '0', DB, BY("docker-ce", "1", "Docker "
	      "<support@docker.com>") BY("mysql-server", "8", "MySQL Release "
	      "Engineering <mysql-build@oss.oracle.com>") BY("telegraf", "1",
	      "support@influxdb.com") BY("php8.2", "8.2.20-1+0~20240606.66"
	      "+debian12~1.gbpc2a4fa", "Debian PHP Maintainers "
	      "<team+pkg-php@tracker.debian.org>") } }},
	  "docker-ce third_party; mysql-server third_party; php8.2 third_party; "
	  "telegraf third_party; " },
	{ "a program that Debian ships is told by its package",
	  {{ OS("debian"), { '0', DB, P("nodejs", "18.13.0-1") }, NODE }},
	  "nodejs distro; " },
	{ "one that a third party ships is told by itself",
	  {{ OS("debian"), { '0', DB, P("nodejs", "20.11.1-1nodesource1") }, NODE }},
	  "node installed nodejs; nodejs third_party; " },
	{ "what a later layer put in its place is not Debian's",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } }, {{ '0', X, PY("y") }}},
	  "y installed; python3-x distro; " },
	{ "a folder that was moved, with a link in its place, stays the package's",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '5', "opt/x", NULL }, { '0', "opt/x/x.dist-info/METADATA", PY("x") },
	    { '2', "usr/lib/python3/dist-packages", "/opt/x" }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... the link in a layer of its own",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '0', "usr/lib/.wh.python3", "" },
	    { '0', "opt/x/dist-packages/x.dist-info/METADATA", PY("x") }},
	   {{ '2', "usr/lib/python3", "../../opt/x" }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... not what was put there instead",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '5', "opt/x", NULL }, { '0', "opt/x/x.dist-info/METADATA", PY("y") },
	    { '2', "usr/lib/python3/dist-packages", "/opt/x" }}},
	  "y installed; python3-x distro; " },
	{ "... nor what was there before the link",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") }, { '0', "opt/x/x.dist-info/METADATA", PY("y") } },
	   {{ '2', "usr/lib/python3/dist-packages", "/opt/x" }}},
	  "y installed; python3-x distro; " },
	{ "... nor without the link",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '5', "opt/x", NULL }, { '0', "opt/x/x.dist-info/METADATA", PY("x") },
	    { '2', "usr/lib/python3/dist-packages", "/opt/x" }},
	   {{ '0', "usr/lib/python3/.wh.dist-packages", "" }}},
	  "x installed; python3-x distro; " },
	{ "... and what was moved back is the package's again",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '5', "opt/x", NULL }, { '0', "opt/x/x.dist-info/METADATA", PY("x") },
	    { '2', "usr/lib/python3/dist-packages", "/opt/x" }},
	   {{ '0', "opt/.wh.x", "" }, { '5', "usr/lib/python3/dist-packages", NULL },
	    { '0', X, PY("x") }}},
	  "x owned python3-x; python3-x distro; " },
	{ "what a package unpacked through a link is its own",
	  {{ OS("debian"), { '2', "usr/lib/python3/dist-packages", "/opt/x" }},
	   {{ '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', "opt/x/x.dist-info/METADATA", PY("x") }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... until somebody else writes there",
	  {{ OS("debian"), { '2', "usr/lib/python3/dist-packages", "/opt/x" }},
	   {{ '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', "opt/x/x.dist-info/METADATA", PY("x") }},
	   {{ '0', "opt/x/x.dist-info/METADATA", PY("y") }}},
	  "y installed; python3-x distro; " },
	{ "... unless it is the same, as after chown",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } }, {{ '0', X, PY("x") }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... or the package was installed again with it",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } },
	   {{ '0', DB, P("python3-x", "1-2") }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("y") }},
	   {{ '0', DB, P("python3-x", "1-2") P("other", "1") }}},
	  "y owned python3-x; other distro; python3-x distro; " },
	{ "... not by who touches its list",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } }, {{ '0', X, PY("y") }},
	   {{ '0', LIST, "/" X "\n" }}},
	  "y installed; python3-x distro; " },
	{ "... but by a new version with the same files",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("x") } }, {{ '0', X, PY("y") }},
	   {{ '0', DB, P("python3-x", "1-2") }, { '0', LIST, "/" X "\n" },
	    { '0', X, PY("z") }}},
	  "z owned python3-x; python3-x distro; " },
	{ "a database that holds its lists is written with every package",
	  {{ OS("alpine"), { '0', APKDB, APKPKG }, { '0', X, PY("x") } },
	   {{ '0', APKDB, APKPKG "P:other\nV:1\n\n" }, { '0', X, PY("y") }}},
	  "other distro; py3-x distro; y installed; " },
	{ "of two packages that own a file the one that came later",
	  {{ OS("debian"), { '0', DB, BY("python3-x", "1-1", "A <a@a.example>") },
	    { '0', LIST, "/" X "\n" }, { '0', X, PY("x") } },
	   {{ '0', DB, BY("python3-x", "1-1", "A <a@a.example>") P("x2", "1") },
	    { '0', DB_INFO "/x2.list", "/" X "\n" }, { '0', X, PY("y") } }},
	  "y owned x2; python3-x distro; x2 distro; " },
	{ "a program in the place of Debian's tells of itself",
	  {{ OS("debian"), { '0', DB, P("nodejs", "18.13.0-1") }, NODE },
	   {{ 'E', "usr/bin/node", "node.js/v14.0.0" }}},
	  "node installed; nodejs distro; " },
	{ "what is diverted is not there",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '0', LIST, "/" X "\n" },
	    { '0', "var/lib/dpkg/diversions", "/" X "\n/" X ".distrib\n:\n" },
	    { '0', X, PY("x") } }},
	  "x installed; python3-x distro; " },
	{ "... but what the diverting package has",
	  {{ OS("debian"), { '0', DB, DEBPKG P("z", "1") }, { '0', LIST, "/" X "\n" },
	    { '0', "var/lib/dpkg/diversions", "/" X "\n/" X ".distrib\nz\n" },
	    { '0', X, PY("x") } }},
	  "x owned z; python3-x distro; z distro; " },
	{ "... and nobody replaced",
	  {{ OS("debian"), { '0', DB, DEBPKG P("z", "1") }, { '0', LIST, "/" X "\n" },
	    { '0', "var/lib/dpkg/diversions", "/" X "\n/" X ".distrib\nz\n" },
	    { '0', X, PY("x") } }, {{ '0', X, PY("y") }}},
	  "y installed; python3-x distro; z distro; " },
	{ "Alpine's data lists fixes only: both count",
	  {{ OS("alpine"), { '0', APKDB, APKPKG }, { '0', X, PY("x") } }},
	  "py3-x distro; x shipped py3-x; " },
	{ "/lib in a list is /usr/lib on the disk",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '2', "lib", "usr/lib" },
	    { '0', LIST, "/lib/python3/dist-packages/x.dist-info/METADATA\n" },
	    { '0', X, PY("x") } }},
	  "x owned python3-x; python3-x distro; " },
	{ "... also where a later layer says so again",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '2', "lib", "usr/lib" },
	    { '0', LIST, "/lib/python3/dist-packages/x.dist-info/METADATA\n" },
	    { '0', X, PY("x") } }, {{ '2', "lib", "usr/lib" }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... and what went and came back is the package's",
	  {{ OS("debian"), { '0', DB, DEBPKG }, { '2', "lib", "usr/lib" },
	    { '0', LIST, "/lib/python3/dist-packages/x.dist-info/METADATA\n" },
	    { '0', X, PY("x") } },
	   {{ '0', SITE "x.dist-info/.wh.METADATA", "" }}, {{ '0', X, PY("x") }}},
	  "x owned python3-x; python3-x distro; " },
	{ "... but not where they are two folders",
	  {{ OS("debian"), { '0', DB, DEBPKG },
	    { '0', LIST, "/lib/python3/dist-packages/x.dist-info/METADATA\n" },
	    { '0', "lib/python3/dist-packages/x.dist-info/METADATA", PY("x") },
	    { '0', X, PY("y") } }},
	  "x owned python3-x; y installed; python3-x distro; " },
	{ "what Ruby brings is shadowed by a newer copy beside it",
	  {{ OS("debian"), GEM("", "json", "2.10.0"), GEM("default/", "json", "2.6.3"),
	    GEM("default/", "json-pure", "2.6.3"), GEM("default/", "set", "1.1") },
	   {{ '0', "opt/" GEMS "set-1.2.gemspec", "# stub: set 1.2 ruby lib\n" },
	    GEM("", "set", "1.0.9") }},
	  "set installed; json shadowed; json-pure installed; set installed; "
	  "json installed; set installed; " },
	{ "the last state of a removed database is kept aside",
	  {{ OS("debian"), { '0', DB, DEBPKG } },
	   {{ '0', "var/lib/.wh.dpkg", "" }}},
	  "python3-x residual; " },
	{ "the last state of an emptied one, too",
	  {{ OS("debian"), { '0', DB, DEBPKG } }, {{ '0', DB, "" }}},
	  "python3-x residual; " },
	{ "emptied twice",
	  {{ OS("debian"), { '0', DB, DEBPKG } }, {{ '0', DB, "" }},
	   {{ '0', DB, "" }}},
	  "python3-x residual; " },
	{ "first removed, then an empty one",
	  {{ OS("debian"), { '0', DB, DEBPKG } },
	   {{ '0', "var/lib/dpkg/.wh.status", "" }}, {{ '0', DB, "" }}},
	  "python3-x residual; " },
	{ "not when it is filled again",
	  {{ OS("debian"), { '0', DB, DEBPKG } }, {{ '0', DB, "" }},
	   {{ '0', DB, P("other", "1") }}},
	  "other distro; " },
	{ "not when the whole system went",
	  {{ OS("debian"), { '0', DB, DEBPKG } }, {{ '0', ".wh..wh..opq", "" }}},
	  "" },
	{ "what a bill says and a database too is told by the database",
	  {{ OS("alpine"), BILL(APK("a", "2") APK("b", "1") PURL("pypi/x@1")
	    PURL("pypi/x@2") LAST("npm/y@1")), { '0', X, PY("x") } },
	   {{ '0', APKDB, "P:a\nV:1\nA:x\n\n" }}},
	  "b sbom; y sbom; x sbom; a distro; x installed; " },
	{ "under whichever name its ecosystem takes for the same",
	  {{ BILL(PURL("pypi/psycopg2-binary@1") PURL("pypi/psycopg3-binary@1")
	    LAST("npm/A-b@1")), { '0', X, PY("Psycopg2_Binary") },
	    { '0', "srv/node_modules/a-b/package.json",
	    "{\"name\":\"a-b\",\"version\":\"1\"}" } }},
	  "A-b sbom; psycopg3-binary sbom; a-b installed; "
	  "Psycopg2_Binary installed; " },
	{ "a bill is no package database, and what it says of another system's "
	  "packages is no row",
	  {{ OS("debian"), BILL(PURL("pypi/y@1") LAST("apk/alpine/a@1")),
	    { '0', DB, DEBPKG } }},
	  "y sbom; python3-x distro; " },
	{ "of a system that nobody knows they may be its own",
	  {{ OS("nobody"), BILL(LAST("rpm/nobody/a@1-1")) }}, "a sbom; " },
	{ "not those that a wheel brings along",
	  {{ OS("nobody"), { '0', SITE "x.dist-info/sboms/auditwheel.cdx.json",
	    WHEEL("x") }, { '0', X, PY("x") } }},
	  "x installed; " },
	{ "Bitnami's own components are told by nothing else",
	  {{{ '0', "opt/bitnami/x/.spdx-x.spdx", SPDX(LAST("bitnami/x@1-0")) }}},
	  "x installed; " },
	{ "a hard link to what a lower layer holds",
	  {{{ '0', X, PY("x") }}, {{ '1', SITE "y.dist-info/METADATA", X }}},
	  "x installed; x installed; " },
};

static void
test_origins(void **state)
{
	struct layer_inventory *l[LAYERS];
	struct apply_result *r;
	char got[4096];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(origin_cases) / sizeof(origin_cases[0]); i++) {
		for (n = 0; n < LAYERS &&
		    origin_cases[i].layer[n][0].path != NULL; n++)
			l[n] = layer_of(origin_cases[i].layer[n], true);
		r = apply_layers((const struct layer_inventory *const *)l, n, sip);
		show_origins(r, got, sizeof(got));
		if (strcmp(got, origin_cases[i].want) != 0)
			fail_msg("%s:\n got %s\nwant %s", origin_cases[i].what,
			    got, origin_cases[i].want);
		apply_result_free(r);
		while (n > 0)
			layer_inventory_free(l[--n]);
	}
}

/* A program's own name may be that of a published package. */
static void
test_what_is_not_published_is_not_matched(void **state)
{
	const struct entry e[ENTRIES] = {
	    { '0', "srv/package.json", "{\"name\":\"left-pad\",\"version\":\"1.0.0\",\"private\":true}" },
	    { '0', "srv/node_modules/left-pad/package.json", "{\"name\":\"left-pad\",\"version\":\"1.0.0\"}" } };
	struct layer_inventory *l = layer_of(e, true);
	const struct layer_inventory *one[] = { l };
	struct apply_result *r = apply_layers(one, 1, sip);
	char ns[NAMESPACE_TEXT];

	(void)state;
	assert_int_equal(r->n, 2);
	assert_true(str_eqz(apply_match_package(r, 0, ns).namespace, "npm"));
	assert_true(str_eqz(apply_match_package(r, 1, ns).namespace, ""));
	apply_result_free(r);
	layer_inventory_free(l);
}

/* A few bytes a name: what names may stand for has an end. */
static void
test_hard_links_do_not_multiply(void **state)
{
	const struct entry program[ENTRIES] = { { '0', "bin/x", "y" } };
	struct layer_inventory *l[2] = { layer_of(program, true),
	    layer_of(program, true) };
	struct package *rows = calloc(1000, sizeof(*rows));
	struct inventory_file f = { .path = str_of("bin/x"),
	    .kind = str_of("golang"), .packages = rows, .n = 1000 };
	char path[40];
	struct apply_result *r;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		rows[i] = (struct package) { .type = str_of("golang"),
		    .name = str_of("m"), .version = str_of("1") };
	assert_int_equal(layer_inventory_add_file(l[0], &f), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "b%u", i);
		assert_int_equal(layer_inventory_add_tree(l[1],
		    &(struct tree_entry) { TREE_HARDLINK, str_of(path),
		    str_of("bin/x") }), 0);
	}
	/* the second layer has bin/x, too, but does not hide what links lead to */
	r = apply_layers((const struct layer_inventory *const *)l, 2, sip);
	assert_int_equal(r->n, LIMIT_LINKED_PACKAGES);
	assert_true(r->incomplete);
	assert_int_equal(r->nreasons, 1);
	assert_non_null(strstr(r->reasons[0].p, "b200: this and other hard links"));
	apply_result_free(r);
	for (int i = 0; i < 2; i++)
		layer_inventory_free(l[i]);
	free(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_systems_other_than_linux_are_not_read),
		cmocka_unit_test(test_missing_hashes_and_layers_are_incomplete),
		cmocka_unit_test(test_a_database_behind_a_link_of_the_lowest_layer),
		cmocka_unit_test(test_a_folder_behind_a_link_of_layers_read_before),
		cmocka_unit_test(test_an_upgrade_brings_its_package_anew),
		cmocka_unit_test(test_files_of_an_image_are_counted),
		cmocka_unit_test(test_names_below_layers_are_counted),
		cmocka_unit_test(test_flatpaks_are_not_compared),
		cmocka_unit_test(test_loose_links_are_counted),
		cmocka_unit_test(test_names_of_a_folder_are_counted),
		cmocka_unit_test(test_third_parties_are_told),
		cmocka_unit_test(test_one_rpm_database_of_a_directory_is_live),
		cmocka_unit_test(test_copies_of_an_rpm_database_count_once),
		cmocka_unit_test(test_operating_system),
		cmocka_unit_test(test_releases_have_an_end),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_what_ecosystems_speak_of),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_tagged_repositories),
		cmocka_unit_test(test_confidence),
		cmocka_unit_test(test_hard_links_do_not_multiply),
		cmocka_unit_test(test_what_is_not_published_is_not_matched),
	};

	layer_warm_up();
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
