/*
 * rpm: installed packages of Red Hat's, SUSE's and Microsoft's families, in
 * whichever of its three database formats rpm keeps them.  All hold one header
 * for each package (common/format/rpmhdr.h); which format it is the first bytes
 * tell, not the name.  gpg-pubkey entries are listed, as rpm lists them.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/format/bdb.h"
#include "common/format/ndb.h"
#include "common/format/rpmhdr.h"
#include "common/format/sqlite_wal.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "common/siphash.h"
#include "hash_set.h"
#include "rpm_source.h"
#include "sqlite_rows.h"

#define WAL "-wal"
/* What is told of a log that was read: do the packages depend on it? */
#define LOG "LOG"
/* Records that cannot be read before reading ends: one damaged page is a
 * hundred of them, noise is millions. */
#define DAMAGED_MAX 1000
/* Names of the files of a package, put together, against the bytes of its
 * header: a hostile one names a long directory a million times, or nothing but
 * empty names.  A file takes 75 bytes and its name in a header, at least. */
#define OWNS_FACTOR 4
#define OWNS_FILE 64
#define OWNS_FREE (64 * KIB)
/* Directories of one package; texlive's and the kernel's have some ten thousand.
 * A name may be empty, so a header of 64 MiB could claim as many millions. */
#define DIRS_MAX 1000000

struct reading {
	struct analyzer_out *out;
	/* Name, version and architecture of packages handed over: after an aborted
	 * transaction a package stands there twice. */
	struct hash_set seen;
	uint8_t key[SIPHASH_KEY];	/* for these; comes from the file itself, so
				   that nobody can choose names that collide:
				   another name is another key */
	struct buf text;	/* a version, a path */
	struct buf nevra;
	unsigned damaged;
	int error;		/* what the first damage was, or the end of all */
	struct diag why;
	bool stop;
};

static bool
wants(const struct analyzer_file *f)
{
	static const char *const dirs[] = { "var/lib/rpm",
	    "usr/lib/sysimage/rpm", "usr/share/rpm",
	    "usr/lib/sysimage/rpm-ostree-base-db" };
	static const char flatpak[] = "files/lib/sysimage/rpm";
	struct str base = path_base(f->path), dir;

	if (!str_eqz(base, "Packages") && !str_eqz(base, "Packages.db") &&
	    !str_eqz(base, "rpmdb.sqlite") && !str_eqz(base, "rpmdb.sqlite" WAL))
		return (false);
	dir = path_dir(f->path);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (str_eqz(dir, dirs[i]))
			return (true);
	/* A flatpak runtime, alone or among others. */
	return (str_eqz(dir, flatpak) || str_ends(dir, "/files/lib/sysimage/rpm"));
}

static bool
looks(struct str head)
{
	return (bdb_looks(head) || ndb_looks(head) || sqlite_rows_looks(head) ||
	    sqlite_wal_looks(head));
}

/* ---------------------------------------------------------------- rows -- */

/* A text; empty when it is not there or rpm's word for that. */
static int
text(const struct rpmhdr *h, enum rpmhdr_tag tag, struct str *ret,
    struct diag *d)
{
	int rc = rpmhdr_str(h, tag, ret, d);

	if (rc == 0 || (rc == 1 && str_eqz(*ret, "(none)")))
		*ret = str_of("");
	return (rc < 0 ? rc : 0);
}

/* Hand over path ${dir}${base}. */
static int
own(struct reading *r, struct str dir, struct str base, struct str digest,
    size_t *left, struct diag *d)
{
	if (dir.n + base.n > LIMIT_PATH)
		return (0);	/* cannot exist */
	if (dir.n + base.n + OWNS_FILE > *left)
		return (diag_set(d, ERR_LIMIT, 0,
		    "the file names of a package are far longer than its header"));
	*left -= dir.n + base.n + OWNS_FILE;
	buf_clear(&r->text);
	if (buf_str(&r->text, dir) < 0 || buf_str(&r->text, base) < 0)
		return (0);
	return (analyzer_owns(r->out, buf_view(&r->text), digest, d));
}

/* The digest of each file, "" of what is none or was not brought.  None at all where
 * they are of another kind than MD5 (also where that is not said), SHA-1, SHA-256. */
static int
digests_of(const struct rpmhdr *h, struct rpmhdr_array *ret, struct diag *d)
{
	uint32_t kind = 1;
	int rc;

	*ret = (struct rpmhdr_array) { .left = 0 };
	if ((rc = rpmhdr_u32(h, RPMHDR_FILEDIGESTALGO, &kind, d)) < 0 ||
	    (kind != 1 && kind != 2 && kind != 8))
		return (rc < 0 ? rc : 0);
	return (rpmhdr_strs(h, RPMHDR_FILEDIGESTS, ret, d));
}

/* Directory number + base name + digest for each file. */
static int
own_files(struct reading *r, const struct rpmhdr *h, size_t *left,
    struct diag *d)
{
	struct rpmhdr_array bases, dirs, indexes, digests;
	struct str *dir, base, digest;
	uint32_t n, i;
	int rc;

	if ((rc = rpmhdr_strs(h, RPMHDR_BASENAMES, &bases, d)) != 1 ||
	    (rc = rpmhdr_strs(h, RPMHDR_DIRNAMES, &dirs, d)) != 1 ||
	    (rc = rpmhdr_u32s(h, RPMHDR_DIRINDEXES, &indexes, d)) != 1 ||
	    (rc = digests_of(h, &digests, d)) < 0)
		return (rc);
	if (dirs.left > DIRS_MAX)
		return (diag_set(d, ERR_LIMIT, 0,
		    "rpm header: more than %d directories", DIRS_MAX));
	dir = mem_array((size_t)dirs.left + 1, sizeof(*dir));
	for (n = 0; rpmhdr_next_str(&dirs, &dir[n]); n++)
		;
	rc = 0;
	while (rc == 0 && rpmhdr_next_str(&bases, &base)) {
		if (!rpmhdr_next_str(&digests, &digest))
			digest = str_of("");
		if (!rpmhdr_next_u32(&indexes, &i) || i >= n)
			rc = diag_set(d, ERR_MALFORMED, 0,
			    "rpm header: a file in no directory");
		else
			rc = own(r, dir[i], base, digest, left, d);
	}
	free(dir);
	return (rc);
}

static int
own_old_files(struct reading *r, const struct rpmhdr *h, size_t *left,
    struct diag *d)
{
	struct rpmhdr_array names;
	struct str name;
	int rc;

	if ((rc = rpmhdr_strs(h, RPMHDR_OLDFILENAMES, &names, d)) != 1)
		return (rc);
	rc = 0;
	while (rc == 0 && rpmhdr_next_str(&names, &name))
		rc = own(r, str_of(""), name, str_of(""), left, d);
	return (rc);
}

static int
row_texts(struct reading *r, const struct rpmhdr *h, struct package *p,
    struct diag *d)
{
	struct str version, release, source;
	uint32_t epoch;
	int has_epoch, rc;

	if ((rc = text(h, RPMHDR_NAME, &p->name, d)) < 0 ||
	    (rc = text(h, RPMHDR_VERSION, &version, d)) < 0 ||
	    (rc = text(h, RPMHDR_RELEASE, &release, d)) < 0 ||
	    (rc = text(h, RPMHDR_ARCH, &p->arch, d)) < 0 ||
	    (rc = text(h, RPMHDR_SOURCERPM, &source, d)) < 0 ||
	    (rc = text(h, RPMHDR_VENDOR, &p->vendor, d)) < 0 ||
	    (rc = text(h, RPMHDR_MODULARITYLABEL, &p->module, d)) < 0 ||
	    (has_epoch = rc = rpmhdr_u32(h, RPMHDR_EPOCH, &epoch, d)) < 0)
		return (rc);
	if (p->name.n == 0 || version.n == 0 || release.n == 0)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "rpm header: no name, version or release"));
	/* one of these must not keep the others from being read */
	if (p->name.n > LIMIT_PACKAGE_TEXT || version.n > LIMIT_PACKAGE_TEXT / 2 ||
	    release.n > LIMIT_PACKAGE_TEXT / 4 || source.n > LIMIT_PACKAGE_TEXT ||
	    p->arch.n > LIMIT_PACKAGE_TEXT || p->module.n > LIMIT_PACKAGE_TEXT)
		return (diag_set(d, ERR_LIMIT, 0,
		    "rpm header: a text is longer than %d bytes",
		    LIMIT_PACKAGE_TEXT));
	rpm_source(source, &p->source_name, &p->source_version);
	p->vendor = str_sub(p->vendor, 0, LIMIT_PACKAGE_TEXT);
	buf_clear(&r->text);
	if ((has_epoch && (rc = buf_printf(&r->text, "%u:", epoch)) < 0) ||
	    (rc = buf_str(&r->text, version)) < 0 ||
	    (rc = buf_byte(&r->text, '-')) < 0 ||
	    (rc = buf_str(&r->text, release)) < 0)
		return (rc);	/* it has room */
	p->version = buf_view(&r->text);
	return (0);
}

static bool
row_is_new(struct reading *r, const struct package *p)
{
	const struct str t[] = { p->name, p->version, p->arch };

	buf_clear(&r->nevra);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (buf_str(&r->nevra, t[i]) < 0 || buf_byte(&r->nevra, 0) < 0)
			return (true);	/* it has room */
	return (hash_set_add(&r->seen, siphash(r->key, buf_view(&r->nevra))));
}

/* One header: 0 or what is wrong with it. */
static int
row(struct reading *r, struct str blob, struct diag *d)
{
	struct package p = { .type = STR_LIT("rpm") };
	size_t left = blob.n * OWNS_FACTOR + OWNS_FREE;
	struct rpmhdr h;
	int rc;

	if ((rc = rpmhdr_read(blob, &h, d)) < 0 ||
	    (rc = row_texts(r, &h, &p, d)) < 0)
		return (rc);
	if (!row_is_new(r, &p))
		return (0);
	if ((rc = analyzer_package(r->out, &p, d)) < 0) {
		r->stop = true;
		return (rc);
	}
	if ((rc = own_files(r, &h, &left, d)) < 0)
		return (rc);
	return (own_old_files(r, &h, &left, d));
}

/* ------------------------------------------------------------- formats -- */

/* What a format's reader gave: a header (1), or why there is none (< 0). */
static void
record(struct reading *r, int rc, struct str blob, struct diag *d)
{
	if (rc > 0)
		rc = row(r, blob, d);
	if (rc == 0)
		return;
	if (r->damaged++ == 0 || r->stop) {
		r->error = rc;
		r->why = *d;
	}
	r->stop = r->stop || r->damaged == DAMAGED_MAX;
}

static int
read_bdb(struct reading *r, struct str content, struct diag *d)
{
	struct str key, value;
	struct bdb b;
	int rc;

	rc = bdb_open(content, &b, d);
	while (rc >= 0 && !r->stop &&
	    (rc = bdb_next(&b, &key, &value, d)) != 0) {
		/* Key 0 holds the next package's number. */
		if (rc < 0 || !str_eq(key, str_n("\0\0\0", 4)))
			record(r, rc, value, d);
		rc = 0;
	}
	bdb_close(&b);
	return (rc);
}

static int
read_ndb(struct reading *r, struct str content, struct diag *d)
{
	struct str blob;
	struct ndb n;
	int rc;

	if ((rc = ndb_open(content, &n, d)) < 0)
		return (rc);
	while (!r->stop && (rc = ndb_next(&n, &blob, d)) != 0)
		record(r, rc, blob, d);
	return (0);
}

static int
read_sqlite(struct reading *r, struct str content, struct str wal,
    struct diag *d)
{
	struct sqlite_rows *s = NULL;
	struct str blob;
	struct buf image;
	int rc;

	buf_init(&image, content.n + wal.n + 1);
	if ((rc = buf_str(&image, content)) < 0)
		goto out;
	/* With a log that cannot be used the older state is better than none. */
	if ((rc = sqlite_wal_apply(wal, &image, d)) < 0)
		record(r, rc, str_of(""), d);
	if (wal.n > 0 && (rc = analyzer_attribute(r->out, LOG,
	    str_of(str_eq(content, buf_view(&image)) ? "idle" : "needed"),
	    d)) < 0)
		goto out;
	if ((rc = sqlite_rows_open(&image, "Packages", "blob", &s, d)) < 0)
		goto out;
	while (!r->stop && (rc = sqlite_rows_next(s, &blob, d)) != 0)
		record(r, rc, blob, d);
	rc = 0;
out:
	sqlite_rows_close(s);
	buf_done(&image);
	return (rc);
}

static int
analyze_side(const struct analyzer_file *f, struct cur c, struct cur side,
    struct analyzer_out *out, struct diag *d)
{
	struct reading r = { .out = out };
	struct str content = cur_rest(&c), wal = cur_rest(&side);
	uint64_t h;
	int rc = 0;

	(void)f;
	h = siphash(r.key, content);
	memcpy(r.key, &h, sizeof(h));
	buf_init(&r.text, LIMIT_PATH + LIMIT_PACKAGE_TEXT);
	buf_init(&r.nevra, 4 * LIMIT_PACKAGE_TEXT);
	if (bdb_looks(content))
		rc = read_bdb(&r, content, d);
	else if (ndb_looks(content))
		rc = read_ndb(&r, content, d);
	else if (sqlite_rows_looks(content) || (content.n == 0 && wal.n > 0))
		rc = read_sqlite(&r, content, wal, d);
	else if (content.n > 0)
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "no database of rpm: neither Berkeley DB hash, ndb nor SQLite");
	if (rc == 0 && r.error < 0) {
		rc = r.error;
		if (d != NULL)
			*d = r.why;
	}
	hash_set_done(&r.seen);
	buf_done(&r.text);
	buf_done(&r.nevra);
	return (rc);
}

const struct analyzer analyzer_rpm = {
	.name = "rpm",
	.revision = 5,
	.wants_revision = 1,
	.max = LIMIT_FILE_LARGE,
	.wants = wants,
	.looks = looks,
	.side = WAL,
	.analyze_side = analyze_side,
};
