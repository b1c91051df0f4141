/*
 * Encoded forms of inventories and the layer in memory.  Records are msgpack
 * arrays read without trusting a count: every element is taken from the cursor
 * before room for it is asked of the pool.
 */
#include <stdlib.h>
#include "inventory.h"
#include "limits.h"
#include "mem.h"
#include "pack.h"

#define PACKAGE_TEXTS 10
#define PACKAGE_FIELDS (PACKAGE_TEXTS + 1)	/* and what it owns */
#define FILE_FIELDS 9	/* and where it lies and if it was altered, if so */
#define TREE_FIELDS 3
#define SHA_BYTES 32

const char *const inventory_databases[] = {
	"var/lib/dpkg/status", "var/lib/dpkg/status.d", "var/lib/dpkg/info",
	"usr/lib/sysimage/dpkg/status", "usr/lib/sysimage/dpkg/info",
	"lib/apk/db/installed", "usr/lib/apk/db/installed",
	"var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages",
	"var/lib/rpm/Packages.db", "usr/lib/sysimage/rpm/rpmdb.sqlite",
	"usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db",
	"usr/share/rpm/rpmdb.sqlite", "usr/share/rpm/Packages",
	"usr/share/rpm/Packages.db",
	"var/lib/rpmmanifest/container-manifest-2",
	"var/lib/chisel/manifest.wall", "usr/lib/opkg/status",
	"var/lib/opkg/status", "var/lib/pacman/local",
	"usr/lib/sysimage/lib/pacman/local", "var/db/pkg", NULL
};

const char *const inventory_releases[] = { "etc/os-release",
	"usr/lib/os-release", NULL };

bool
inventory_is_of_content(struct str kind)
{
	static const char *const t[] = { "binary", "cargo", "dotnet_bundle",
	    "elf_note", "golang", "linked", "native_image", "phar" };

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (str_eqz(kind, t[i]))
			return (true);
	return (false);
}

bool
inventory_is_of_folder(struct str kind)
{
	return (str_eqz(kind, "kernel") || str_eqz(kind, "nix"));
}

/* The texts of a package in their order on the wire. */
static struct str *
package_text(struct package *p, unsigned i)
{
	struct str *const t[PACKAGE_TEXTS] = {
		&p->type, &p->name, &p->version, &p->arch, &p->source_name,
		&p->source_version, &p->state, &p->vendor, &p->module,
		&p->scope,
	};

	return (t[i]);
}

static int
package_write(struct buf *b, const struct package *p)
{
	struct package copy = *p;

	if (pack_array(b, PACKAGE_FIELDS) < 0)
		return (ERR_LIMIT);
	for (unsigned i = 0; i < PACKAGE_TEXTS; i++)
		if (pack_str(b, *package_text(&copy, i)) < 0)
			return (ERR_LIMIT);
	return (pack_bin(b, p->owns.p, p->owns.n));
}

int
inventory_file_write(struct buf *b, const struct inventory_file *f)
{
	size_t before = b->n;
	bool lies = f->lies.n > 0 || f->altered;

	if (f->n > UINT32_MAX ||
	    pack_array(b, FILE_FIELDS + lies + f->altered) < 0 ||
	    pack_str(b, f->path) < 0 ||
	    pack_str(b, f->kind) < 0 || pack_u64(b, f->revision) < 0 ||
	    pack_bin(b, f->sha256, SHA_BYTES) < 0 ||
	    pack_str(b, f->attributes) < 0 || pack_str(b, f->hardlink) < 0 ||
	    pack_i64(b, f->error) < 0 || pack_str(b, f->reason) < 0 ||
	    pack_array(b, (uint32_t)f->n) < 0)
		goto full;
	for (size_t i = 0; i < f->n; i++)
		if (package_write(b, &f->packages[i]) < 0)
			goto full;
	if ((lies && pack_str(b, f->lies) < 0) ||
	    (f->altered && pack_bool(b, true) < 0))
		goto full;
	return (0);
full:
	b->n = before;
	return (ERR_LIMIT);
}

static int
copy(struct pool *pool, struct str *s)
{
	if (s->n == 0) {
		*s = (struct str) { NULL, 0 };
		return (0);
	}
	return (pool_str(pool, *s, s));
}

/* A text of at most ${max} bytes into the pool. */
static int
text_read(struct cur *c, struct pool *pool, size_t max, struct str *ret)
{
	struct str s;

	if (!unpack_str(c, &s) || s.n > max)
		return (ERR_MALFORMED);
	*ret = s;
	return (copy(pool, ret));
}

/*
 * Text ${i} of ${p} into the pool.  Most stand there: types, architectures and
 * vendors with ${before}, the package before it (or NULL), names of sources with
 * the package itself.
 */
static int
package_text_copy(struct pool *pool, const struct package *before,
    struct package *p, unsigned i)
{
	struct package *was = (struct package *)(uintptr_t)before;
	struct str *s = package_text(p, i), there;

	for (unsigned k = 0; k <= i && s->n > 0; k++) {
		if (k == i && was == NULL)
			break;
		there = *package_text(k < i ? p : was, k);
		if (str_eq(there, *s)) {
			*s = there;
			return (0);
		}
	}
	return (copy(pool, s));
}

static int
package_read(struct cur *c, struct pool *pool, const struct package *before,
    struct package *ret)
{
	struct str *s;
	uint32_t n;
	int rc;

	if (!unpack_array(c, &n) || n < PACKAGE_FIELDS)
		return (ERR_MALFORMED);
	for (unsigned i = 0; i < PACKAGE_TEXTS; i++) {
		s = package_text(ret, i);
		if (!unpack_str(c, s) || s->n > LIMIT_PACKAGE_TEXT)
			return (ERR_MALFORMED);
		if ((rc = package_text_copy(pool, before, ret, i)) < 0)
			return (rc);
	}
	if ((rc = text_read(c, pool, LIMIT_PACKAGE_OWNS * 8, &ret->owns)) < 0)
		return (rc);
	if (ret->owns.n % 8 != 0)
		return (ERR_MALFORMED);
	return (unpack_skip(c, n - PACKAGE_FIELDS) ? 0 : ERR_MALFORMED);
}

static int
packages_read(struct cur *c, struct pool *pool, struct inventory_file *f)
{
	uint32_t n;
	int rc;

	/* A package takes at least its array's byte and one for each field:
	 * a count that cannot be there is refused before room is made. */
	if (!unpack_array(c, &n) || n > LIMIT_LAYER_PACKAGES ||
	    n > cur_left(c) / (1 + PACKAGE_FIELDS))
		return (ERR_MALFORMED);
	if (n == 0)
		return (0);
	f->packages = pool_alloc(pool, n * sizeof(*f->packages));
	if (f->packages == NULL)
		return (ERR_LIMIT);
	for (f->n = 0; f->n < n; f->n++)
		if ((rc = package_read(c, pool, f->n > 0 ?
		    &f->packages[f->n - 1] : NULL, &f->packages[f->n])) < 0)
			return (rc);
	return (0);
}

int
inventory_file_read(struct cur *c, struct pool *pool, struct inventory_file *ret)
{
	struct inventory_file f = { 0 };
	struct cur at = *c;
	struct str sha;
	uint64_t revision;
	int64_t error;
	uint32_t n;
	int rc;

	if (!unpack_array(&at, &n) || n < FILE_FIELDS)
		return (ERR_MALFORMED);
	if ((rc = text_read(&at, pool, LIMIT_PATH, &f.path)) < 0 ||
	    (rc = text_read(&at, pool, LIMIT_PACKAGE_TEXT, &f.kind)) < 0)
		return (rc);
	if (!unpack_u64(&at, &revision) || revision > UINT32_MAX ||
	    !unpack_str(&at, &sha) || sha.n != SHA_BYTES)
		return (ERR_MALFORMED);
	f.revision = (uint32_t)revision;
	memcpy(f.sha256, sha.p, SHA_BYTES);
	if ((rc = text_read(&at, pool, INVENTORY_ATTRIBUTES, &f.attributes)) < 0 ||
	    (rc = text_read(&at, pool, LIMIT_PATH, &f.hardlink)) < 0)
		return (rc);
	if (!unpack_i64(&at, &error) || error > 0 || error < ERR_USAGE)
		return (ERR_MALFORMED);
	f.error = (int)error;
	if ((rc = text_read(&at, pool, INVENTORY_REASON, &f.reason)) < 0 ||
	    (rc = packages_read(&at, pool, &f)) < 0)
		return (rc);
	n -= FILE_FIELDS;
	if (n > 0 && (rc = text_read(&at, pool, LIMIT_PATH, &f.lies)) < 0)
		return (rc);
	if ((n > 1 && !unpack_bool(&at, &f.altered)) ||
	    !unpack_skip(&at, n > 2 ? n - 2 : 0))
		return (ERR_MALFORMED);
	*c = at;
	*ret = f;
	return (0);
}

static bool
is_of_hashes(enum tree_kind kind)
{
	return (kind == TREE_DIR || kind == TREE_NONDIR || kind == TREE_IMPLIED);
}

int
tree_entry_write(struct buf *b, const struct tree_entry *e)
{
	size_t before = b->n;

	if (pack_array(b, TREE_FIELDS) == 0 && pack_u64(b, e->kind) == 0 &&
	    pack_str(b, e->path) == 0 && pack_str(b, e->target) == 0)
		return (0);
	b->n = before;
	return (ERR_LIMIT);
}

int
tree_entry_read(struct cur *c, struct pool *pool, struct tree_entry *ret)
{
	struct tree_entry e = { 0 };
	bool hashes;
	struct cur at = *c;
	uint64_t kind;
	uint32_t n;
	int rc;

	if (!unpack_array(&at, &n) || n < TREE_FIELDS ||
	    !unpack_u64(&at, &kind) || kind < TREE_WHITEOUT ||
	    kind > TREE_IMPLIED)
		return (ERR_MALFORMED);
	e.kind = (enum tree_kind)kind;
	hashes = is_of_hashes(e.kind);
	if ((rc = text_read(&at, pool, hashes ?
	    LIMIT_TREE_BYTES : LIMIT_PATH, &e.path)) < 0 ||
	    (rc = text_read(&at, pool, LIMIT_PATH, &e.target)) < 0)
		return (rc);
	if (hashes && e.path.n % 8 != 0)
		return (ERR_MALFORMED);
	if (!unpack_skip(&at, n - TREE_FIELDS))
		return (ERR_MALFORMED);
	*c = at;
	*ret = e;
	return (0);
}

struct layer_inventory *
layer_inventory_new(size_t max)
{
	struct layer_inventory *l = mem_alloc(sizeof(*l));

	l->pool = pool_new(max);
	return (l);
}

void
layer_inventory_free(struct layer_inventory *l)
{
	if (l == NULL)
		return;
	pool_free(l->pool);
	free(l->files);
	free(l->tree);
	free(l->reasons);
	free(l);
}

/* Room for one more item of ${size} in an array of ${n}; grows at powers of
 * two, so the count alone tells when.  What it holds is bounded by the pool,
 * which every item takes a text from. */
static void *
grow(void *p, size_t n, size_t size)
{
	if (n != 0 && (n & (n - 1)) != 0)
		return (p);
	return (mem_realloc(p, n == 0 ? 1 : n * 2, size));
}

int
package_copy(struct pool *pool, const struct package *p,
    const struct package *before, struct package *ret)
{
	*ret = *p;
	for (unsigned i = 0; i < PACKAGE_TEXTS; i++)
		if (package_text_copy(pool, before, ret, i) < 0)
			return (ERR_LIMIT);
	return (copy(pool, &ret->owns));
}

static void
append_file(struct layer_inventory *l, const struct inventory_file *f)
{
	l->files = grow(l->files, l->nfiles, sizeof(*l->files));
	l->files[l->nfiles++] = *f;
}

int
layer_inventory_add_file(struct layer_inventory *l, const struct inventory_file *f)
{
	struct inventory_file new = *f;

	new.packages = NULL;
	if (copy(l->pool, &new.path) < 0 || copy(l->pool, &new.kind) < 0 ||
	    copy(l->pool, &new.attributes) < 0 ||
	    copy(l->pool, &new.hardlink) < 0 || copy(l->pool, &new.reason) < 0 ||
	    copy(l->pool, &new.lies) < 0)
		return (ERR_LIMIT);
	if (f->n > 0 && (f->n > LIMIT_LAYER_PACKAGES || (new.packages =
	    pool_alloc(l->pool, f->n * sizeof(*f->packages))) == NULL))
		return (ERR_LIMIT);
	for (size_t i = 0; i < f->n; i++)
		if (package_copy(l->pool, &f->packages[i], i > 0 ?
		    &new.packages[i - 1] : NULL, &new.packages[i]) < 0)
			return (ERR_LIMIT);
	append_file(l, &new);
	return (0);
}

int
layer_inventory_read_file(struct layer_inventory *l, struct cur *c)
{
	struct inventory_file f;
	int rc;

	if ((rc = inventory_file_read(c, l->pool, &f)) == 0)
		append_file(l, &f);
	return (rc);
}

static void
append_tree(struct layer_inventory *l, const struct tree_entry *e)
{
	l->tree = grow(l->tree, l->ntree, sizeof(*l->tree));
	l->tree[l->ntree++] = *e;
}

int
layer_inventory_add_tree(struct layer_inventory *l, const struct tree_entry *e)
{
	struct tree_entry new = *e;

	if (copy(l->pool, &new.path) < 0 || copy(l->pool, &new.target) < 0)
		return (ERR_LIMIT);
	append_tree(l, &new);
	return (0);
}

int
layer_inventory_read_tree(struct layer_inventory *l, struct cur *c)
{
	struct tree_entry e;
	int rc;

	if ((rc = tree_entry_read(c, l->pool, &e)) == 0)
		append_tree(l, &e);
	return (rc);
}

int
layer_inventory_add_reason(struct layer_inventory *l, struct str reason)
{
	l->incomplete = true;
	if (copy(l->pool, &reason) < 0)
		return (ERR_LIMIT);
	l->reasons = grow(l->reasons, l->nreasons, sizeof(*l->reasons));
	l->reasons[l->nreasons++] = reason;
	return (0);
}

int
package_cmp(const struct package *a, const struct package *b)
{
	const struct str *const x[] = { &a->type, &a->name, &a->version,
	    &a->arch, &a->source_name, &a->source_version };
	const struct str *const y[] = { &b->type, &b->name, &b->version,
	    &b->arch, &b->source_name, &b->source_version };
	int c = 0;

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]) && c == 0; i++)
		c = str_cmp(*x[i], *y[i]);
	return (c);
}
