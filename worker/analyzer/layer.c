/*
 * One pass over a layer's tar.  Nothing is kept of an entry but what must be:
 * with hashes 8 bytes a path; of files that analyzers wanted their encoded
 * record, until the end, so that of several entries for one path the last
 * counts, as for a sequential extractor.  The pieces are in layer_parts.h.
 */
#include "binary.h"
#include "common/limits.h"
#include "common/path.h"
#include "common/text.h"
#include "layer_parts.h"
#include "sqlite_rows.h"

/* Hard links: of a package store 100,000 have some 15 MiB. */
#define LINK_BYTES (64 * MIB)
/* Of a set 16 to 32 MiB: what is kept of a layer lies in fewer folders. */
#define FOLDERS ((size_t)1 << 20)

static int64_t
tap_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct tap *t = arg;
	int64_t n;

	if (t->error != 0 || t->end) {
		if (d != NULL)
			*d = t->diag;
		return (t->error);
	}
	n = t->src.read(t->src.arg, ret, &t->diag);
	if (n > 0)
		t->bytes += (uint64_t)n;
	else if (n == 0)
		t->end = true;
	else
		t->error = (int)n;
	if (n < 0 && d != NULL)
		*d = t->diag;
	return (n);
}

/* ------------------------------------------------------------ entries -- */

bool
layer_add(struct layer *l, struct hash_set *s, uint64_t hash)
{
	if (s->n < FOLDERS || hash_set_has(s, hash))
		return (hash_set_add(s, hash));
	if (!l->stop) {
		layer_incomplete(l, ERR_LIMIT, "", "too many links and folders");
		l->stop = true;
	}
	return (false);
}

void
layer_kept(struct layer *l, struct str path)
{
	struct str dir = path_dir(path);

	/* Those above one that is known are known, too. */
	while (dir.n > 0 && layer_add(l, &l->folders, layer_hash(l, dir)))
		dir = path_dir(dir);
}

/* Content of AUFS's own directories.  What lies in another whose name begins with
 * ".wh." is unpacked: only the last component makes a whiteout. */
static bool
in_aufs(struct str dir)
{
	struct str part;

	if (memmem(dir.p, dir.n, ".wh..wh.", 8) == NULL)
		return (false);
	while (str_split(&dir, '/', &part))
		if (str_starts(part, ".wh..wh."))
			return (true);
	return (false);
}

/* Whiteouts are about lower layers, wherever they stand; runtimes follow what links
 * are there. */
static void
check_way(struct layer *l, struct str key)
{
	char name[600];

	if (!layer_is_behind_link(l, key))
		return;
	text_escape(key, name, sizeof(name));
	layer_incomplete(l, ERR_UNSUPPORTED, name,
	    "a whiteout behind a link of the same layer");
}

/* Those of containerd also remove what came before them. */
static void
check_whiteout(struct layer *l, struct str path)
{
	uint64_t hash = layer_hash(l, path);
	struct str kind;
	size_t at = 0;

	if (hash_set_has(&l->folders, hash) ||
	    records_of(&l->records, path, hash, &at, &kind))
		layer_anomaly(l, path, "a whiteout after what its own layer "
		    "brings there, which stays");
}

/* True when the entry is a whiteout of whatever sort and is dealt with. */
static bool
whiteout(struct layer *l)
{
	struct str key = buf_view(&l->key);
	struct str base = path_base(key), dir = path_dir(key), name;

	if (dir.n > 0 && in_aufs(dir))
		return (true);
	if (!str_starts(base, ".wh."))
		return (false);
	check_way(l, key);
	name = str_sub(base, 4, base.n);
	if (str_eqz(name, ".wh..opq")) {
		layer_tree(l, TREE_OPAQUE, dir, str_of(""));
	} else if (name.n == 0 || str_eqz(name, ".") || str_eqz(name, "..")) {
		/* "Delete the directory itself" would let a crafted layer
		 * hide the whole image. */
		layer_anomaly(l, key, "a whiteout without a name, ignored");
	} else if (str_starts(name, ".wh.") && !str_starts(name, ".wh..opq")) {
		;	/* AUFS: .wh..wh.plnk, .wh..wh.aufs, .wh..wh.orph */
	} else {
		/* ".wh..wh..opqX" hides ".wh..opqX", never the directory. */
		if (str_starts(name, ".wh."))
			layer_anomaly(l, key,
			    "looks like an opaque mark but is none");
		buf_clear(&l->target);
		if ((dir.n == 0 || (buf_str(&l->target, dir) == 0 &&
		    buf_byte(&l->target, '/') == 0)) &&
		    buf_str(&l->target, name) == 0) {
			check_whiteout(l, buf_view(&l->target));
			layer_tree(l, TREE_WHITEOUT, buf_view(&l->target),
			    str_of(""));
		}
	}
	return (true);
}

/* What lies in a folder that an analyzer wants says that it is there: not every tar
 * has an entry for it. */
static void
implied_folders(struct layer *l, struct str path)
{
	struct analyzer_file f = { .mode = 0040755 };
	const struct analyzer *a;
	struct str kind;
	size_t at;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		for (f.path = path_dir(path); a->directories && f.path.n > 0;
		    f.path = path_dir(f.path)) {
			at = 0;
			if (analyzer_wants_directory(a, &f) &&
			    !records_of(&l->records, f.path,
			    layer_hash(l, f.path), &at, &kind))
				layer_run(l, a, &f, str_of(""));
		}
}

static void
too_many_directories(struct layer *l)
{
	if (!l->stop)
		layer_incomplete(l, ERR_LIMIT, "", "too many directories");
	l->stop = true;
}

/* The folders of ${path}, the last of that ${dir_hash}, are there, whether or not they
 * have entries. */
static void
imply(struct layer *l, struct str path, uint64_t dir_hash)
{
	struct str dir = path_dir(path), folder;
	struct siphash hash;

	/* Those above one that is known are known, too. */
	if (dir.n == 0 || hash_set_has(&l->all_dirs, dir_hash))
		return;
	siphash_begin(&hash, l->opt->sip_key);
	for (size_t n = 0; path_next_folder(dir, &n, &hash, &folder); )
		(void)hash_set_add(&l->all_dirs, siphash_end(&hash));
	if (l->all_dirs.n > LAYER_DIRS)
		too_many_directories(l);
}

static void
non_directory(struct layer *l, const struct archive_item *it, uint64_t hash,
    uint64_t dir_hash)
{
	struct str key = buf_view(&l->key);

	/* entries of one folder come together */
	if (dir_hash != l->last_folder)
		implied_folders(l, key);
	l->last_folder = dir_hash;
	if (l->opt->want_hashes && hashes_add(&l->nondir, hash) < 0) {
		layer_incomplete(l, ERR_LIMIT, "", "too many paths to hash");
		l->stop = true;
	}
	switch (it->type) {
	case ARCHIVE_FILE:
		layer_regular_file(l, it, hash);
		break;
	case ARCHIVE_HARDLINK:
		layer_hard_link(l, it, hash);
		break;
	case ARCHIVE_SYMLINK:
		if (it->target.n > LIMIT_PATH)
			layer_anomaly(l, key, "the link's target is too long");
		else
			layer_symbolic_link(l, key, it->target);
		break;
	default:
		break;
	}
}

static void
directory(struct layer *l, const struct archive_item *it, uint64_t hash)
{
	const struct analyzer_file f = { .path = buf_view(&l->key),
	    .mode = it->mode };
	const struct analyzer *a;

	if (l->opt->want_hashes && hashes_add(&l->dirs, hash) < 0)
		too_many_directories(l);
	if (l->opt->want_hashes)
		(void)hash_set_add(&l->all_dirs, hash);
	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants_directory(a, &f))
			layer_run(l, a, &f, str_of(""));
}

static void
entry(struct layer *l, const struct archive_item *it)
{
	unsigned flags = 0;
	char name[300];
	struct siphash name_hash;
	struct str key, dir;
	uint64_t hash, dir_hash;

	if (it->finding != NULL) {
		text_escape(it->path, name, sizeof(name));
		layer_incomplete(l, ERR_MALFORMED, name, it->finding);
	}
	if (path_normalise(it->path, &l->key, &flags) < 0) {
		text_escape(str_sub(it->path, 0, 100), name, sizeof(name));
		layer_incomplete(l, ERR_LIMIT, name, "the path is too long");
		return;
	}
	key = buf_view(&l->key);
	if (flags & PATH_ESCAPED)
		layer_anomaly(l, key, "its path leads out of the image");
	else if (flags & PATH_DOTDOT)
		layer_anomaly(l, key, "its path has \"..\"");
	if (key.n == 0) {
		if (it->type != ARCHIVE_DIR)
			layer_anomaly(l, key, "the root is no directory");
		return;
	}
	if (whiteout(l))
		return;
	dir = path_dir(key);
	siphash_begin(&name_hash, l->opt->sip_key);
	siphash_add(&name_hash, dir);
	dir_hash = siphash_end(&name_hash);
	siphash_add(&name_hash, str_sub(key, dir.n, key.n));
	hash = siphash_end(&name_hash);
	if (l->opt->want_hashes)
		imply(l, key, dir_hash);
	layer_replace(l, it, hash);
	if (it->type != ARCHIVE_DIR)
		non_directory(l, it, hash, dir_hash);
	else
		directory(l, it, hash);
}

static void
walk(struct layer *l)
{
	struct archive_item it;
	struct diag d;
	int rc = 1;

	while (l->broken == 0 && !l->stop &&
	    (rc = archive_next(l->r, &it, &d)) > 0) {
		l->stats.entries++;
		if (budget_charge(&l->budget, BUDGET_ENTRIES, 1, &d) < 0) {
			layer_incomplete(l, d.code, "", d.text);
			l->stop = true;
			break;
		}
		layer_end_object(l, &it);
		entry(l, &it);
	}
	layer_end_object(l, NULL);
	if (rc == 0 && (rc = archive_finish(l->r, &d)) > 0)
		layer_anomaly(l, str_of("end of the archive"), rc == 1 ?
		    "lacks the closing zero blocks" :
		    "other bytes follow the closing zero blocks");
	if (rc < 0 && l->tap.error == 0)
		layer_incomplete(l, rc, "", d.text);
}

/* ----------------------------------------------------------- the layer -- */

static struct layer_limits
limits_of(const struct layer_limits *asked)
{
	struct layer_limits r = *asked;
	const struct { uint64_t *v; uint64_t dflt; } t[] = {
		{ &r.blob_bytes, LIMIT_LAYER_BYTES },
		{ &r.tar_bytes, LIMIT_LAYER_TAR_BYTES },
		{ &r.ratio, LIMIT_RATIO }, { &r.ratio_free, LIMIT_RATIO_FREE },
		{ &r.entries, LIMIT_LAYER_ENTRIES },
		{ &r.file_bytes, LIMIT_FILE_LARGE },
		{ &r.linked_bytes, LIMIT_LINKED_BYTES },
		{ &r.inventory_bytes, LIMIT_INVENTORY_BYTES },
		{ &r.tree_bytes, LIMIT_TREE_BYTES },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (*t[i].v == 0)
			*t[i].v = t[i].dflt;
	return (r);
}

int
layer_read(const struct source *src, const struct layer_options *opt,
    const struct layer_sink *sink, struct layer_stats *ret, struct diag *d)
{
	struct layer l = { .opt = opt, .sink = sink, .tap.src = *src };
	const struct source tap = { tap_read, &l.tap };
	struct inflate_limits il;
	const uint8_t *p;

	l.limits = limits_of(&opt->limits);
	il = (struct inflate_limits) { l.limits.blob_bytes, l.limits.tar_bytes,
	    l.limits.ratio, l.limits.ratio_free };
	l.budget.max[BUDGET_ENTRIES] = l.limits.entries;
	l.budget.max[BUDGET_TREE] = l.limits.tree_bytes;
	l.budget.max[BUDGET_PACKAGES] = LIMIT_LAYER_PACKAGES;
	hashes_init(&l.nondir, l.limits.tree_bytes / 8);
	hashes_init(&l.dirs, LAYER_DIRS);
	buf_init(&l.key, LIMIT_PATH + 1);
	buf_init(&l.target, LIMIT_PATH + 1);
	buf_init(&l.content, l.limits.file_bytes);
	records_init(&l.records, l.limits.inventory_bytes);
	records_init(&l.found, LIMIT_FOUND_SUMS);
	orphans_init(&l.orphans);
	buf_init(&l.object.path, LIMIT_PATH + 1);
	buf_init(&l.object.content, l.limits.file_bytes);
	records_init(&l.objects, LINK_BYTES);
	records_init(&l.symlinks, l.limits.tree_bytes);
	records_init(&l.links, LINK_BYTES);
	records_init(&l.links_below, LINK_BYTES);
	records_init(&l.links_old, LINK_BYTES);
	l.z = inflate_new(&tap, &il);
	l.r = archive_open_tar(l.z);
	walk(&l);
	layer_run_redirected(&l);
	layer_run_held(&l);
	l.stats.tar_bytes = inflate_out(l.z);
	/* What is not read is still taken, so that who sends it can verify
	 * the blob's digest. */
	while (l.broken == 0 && l.tap.bytes <= l.limits.blob_bytes &&
	    tap_read(&l.tap, &p, NULL) > 0)
		;
	archive_close(l.r);
	inflate_free(l.z);
	if (l.broken == 0 && l.tap.error == 0)
		layer_emit(&l);
	l.stats.blob_bytes = l.tap.bytes;
	*ret = l.stats;
	hashes_done(&l.nondir);
	hashes_done(&l.dirs);
	hash_set_done(&l.all_dirs);
	buf_done(&l.key);
	buf_done(&l.target);
	buf_done(&l.content);
	records_done(&l.records);
	records_done(&l.found);
	listed_done(&l.listed);
	orphans_done(&l.orphans);
	buf_done(&l.object.path);
	buf_done(&l.object.content);
	records_done(&l.objects);
	records_done(&l.symlinks);
	records_done(&l.links);
	records_done(&l.links_below);
	records_done(&l.links_old);
	hash_set_done(&l.folders);
	hash_set_done(&l.assumed);
	hash_set_done(&l.linked);
	if (l.tap.error < 0 && d != NULL)
		*d = l.tap.diag;
	return (l.tap.error < 0 ? l.tap.error : l.broken);
}

void
layer_warm_up(void)
{
	uint8_t sum[SUMS_BYTES];

	archive_warm_up();	/* sets the locale, opens iconv */
	inflate_warm_up();
	sqlite_rows_warm_up();
	(void)binary_names(str_of(""));	/* wakes who waits for it, if any */
	sums_of(str_of(""), sum);
}
