/*
 * A folder taken as an image's root: it is written as a tar stream while the
 * layer code reads it, so a folder and a layer go one way.  Names are opened
 * one component at a time below the folder, links never followed, so nothing
 * outside is read whatever the tree says.  Files that no analyzer wants are
 * written without their content.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/image_local.h"
#include "common/limits.h"
#include "common/mem.h"
#include "worker/analyzer/analyzer.h"
#include "worker/analyzer/layer.h"

/* One open folder a level; real trees stay below 50. */
#define ROOT_DEPTH 256
#define BLOCK 512
#define PIECE ((size_t)64 << 10)
/* Texts about what could not be read. */
#define TELLS 64

struct level {
	DIR *dir;
	size_t key_n;		/* of the key without this level's names */
};

struct root {
	struct level level[ROOT_DEPTH];
	size_t depth;
	struct buf key;
	struct buf out;		/* tar bytes for the reader */
	dev_t dev;
	int fd;			/* the file whose content is due, or -1 */
	uint64_t left;		/* of its content */
	size_t padding;
	bool ended;
	bool lock_files;
	char *tells[TELLS];
	size_t ntells;
};

static void
tell(struct root *r, const char *why)
{
	struct diag d;

	if (r->ntells == TELLS)
		return;
	diag_set(&d, ERR_MALFORMED, 0, "%.*s: %s", STR_ARG(buf_view(&r->key)),
	    r->ntells == TELLS - 1 ? "and more that could not be read" : why);
	r->tells[r->ntells++] = mem_strdup(d.text);
}

/* errno says why the system did not give us something.  A name that went away
 * since its folder was read is no part of a running system any more. */
static void
failed(struct root *r)
{
	if (errno != ENOENT)
		tell(r, strerror(errno));
}

/* ----------------------------------------------------------- tar stream -- */

static void
put(struct root *r, const void *p, size_t n)
{
	if (buf_add(&r->out, p, n) < 0)
		abort();	/* names and pieces are bounded */
}

static void
pad(struct root *r, size_t n)
{
	static const uint8_t zeros[BLOCK];

	put(r, zeros, n);
}

/* One header block in GNU format; a long name or target is cut here and stands
 * in full in the entry before it. */
static void
header(struct root *r, struct str name, struct str target, char type,
    uint32_t mode, uint64_t size)
{
	uint8_t h[BLOCK] = { 0 };
	unsigned sum = 0;

	if (name.n > 0)
		memcpy(h, name.p, name.n < 100 ? name.n : 100);
	snprintf((char *)h + 100, 8, "%07o", mode & 07777);
	snprintf((char *)h + 108, 8, "%07o", 0);
	snprintf((char *)h + 116, 8, "%07o", 0);
	if (size < (uint64_t)1 << 33) {
		snprintf((char *)h + 124, 12, "%011llo",
		    (unsigned long long)size);
	} else {
		h[124] = 0x80;	/* base-256 */
		for (unsigned i = 0; i < 8; i++)
			h[135 - i] = (uint8_t)(size >> (8 * i));
	}
	snprintf((char *)h + 136, 12, "%011o", 0);
	memset(h + 148, ' ', 8);
	h[156] = (uint8_t)type;
	if (target.n > 0)
		memcpy(h + 157, target.p, target.n < 100 ? target.n : 100);
	memcpy(h + 257, "ustar  ", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	put(r, h, BLOCK);
}

static void
long_text(struct root *r, struct str s, char type)
{
	if (s.n < 100)
		return;
	header(r, str_of("././@LongLink"), str_of(""), type, 0, s.n + 1);
	put(r, s.p, s.n);
	pad(r, BLOCK - s.n % BLOCK);
}

static void
entry(struct root *r, struct str target, char type, uint32_t mode, uint64_t size)
{
	struct str name = buf_view(&r->key);

	long_text(r, target, 'K');
	long_text(r, name, 'L');
	header(r, name, target, type, mode, size);
	r->left = size;
	r->padding = (BLOCK - size % BLOCK) % BLOCK;
}

/* -------------------------------------------------------------- folders -- */

/* Would any analyzer look at this file, by this name or one that a link gives it? */
static bool
is_wanted(const struct root *r, const struct stat *st, int fd)
{
	const struct analyzer_file f = { .path = buf_view(&r->key),
	    .size = (uint64_t)st->st_size, .mode = st->st_mode };
	const struct analyzer *a;
	char head[ANALYZER_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; (a = analyzer_all[i]) != NULL; i++)
		if (analyzer_wants(a, &f, r->lock_files) ||
		    (a->looks != NULL && n > 0 && a->looks(str_n(head, (size_t)n))) ||
		    (a->stream != NULL && n > 0 &&
		    a->stream->wants(&f, str_n(head, (size_t)n))))
			return (true);
	return (false);
}

static void
regular(struct root *r, int dir, const char *name)
{
	struct stat st;
	int fd;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		failed(r);
		return;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		tell(r, "changed while it was read");
		close(fd);
		return;
	}
	if (!is_wanted(r, &st, fd)) {
		entry(r, str_of(""), '0', st.st_mode, 0);
		close(fd);
		return;
	}
	entry(r, str_of(""), '0', st.st_mode, (uint64_t)st.st_size);
	r->fd = fd;
}

static void
symbolic(struct root *r, int dir, const char *name)
{
	char target[LIMIT_PATH];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0)
		failed(r);
	else
		entry(r, str_n(target, (size_t)n), '2', 0777, 0);
}

/* Go down into ${name}; the kernel's own file systems are not content. */
static void
enter(struct root *r, int dir, const char *name, const struct stat *st)
{
	static const char *const kernel[] = { "proc", "sys", "dev" };
	DIR *sub = NULL;
	int fd;

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
		if (st->st_dev != r->dev && str_eqz(buf_view(&r->key), kernel[i]))
			return;
	if (r->depth == ROOT_DEPTH) {
		tell(r, "folders nested too deep");
		return;
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (sub = fdopendir(fd)) == NULL) {
		failed(r);
		if (fd >= 0)
			close(fd);
		return;
	}
	r->level[r->depth++] = (struct level) { sub, r->key.n };
	entry(r, str_of(""), '5', st->st_mode, 0);
}

static void
one(struct root *r, struct level *at, const char *name)
{
	int dir = dirfd(at->dir);
	struct stat st;

	r->key.n = at->key_n;
	if ((r->key.n > 0 && buf_byte(&r->key, '/') < 0) ||
	    buf_str(&r->key, str_of(name)) < 0)
		tell(r, "path too long");
	else if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		failed(r);
	else if (S_ISDIR(st.st_mode))
		enter(r, dir, name, &st);
	else if (S_ISLNK(st.st_mode))
		symbolic(r, dir, name);
	else if (S_ISREG(st.st_mode))
		regular(r, dir, name);
	else
		entry(r, str_of(""), '6', st.st_mode, 0);
}

/* The next entry that gives tar bytes, or the end of the archive. */
static void
step(struct root *r)
{
	struct level *at;
	struct dirent *e;

	if (r->depth == 0) {
		pad(r, BLOCK);
		pad(r, BLOCK);
		r->ended = true;
		return;
	}
	at = &r->level[r->depth - 1];
	errno = 0;
	if ((e = readdir(at->dir)) == NULL) {
		r->key.n = at->key_n;
		if (errno != 0)
			tell(r, strerror(errno));
		closedir(at->dir);
		r->depth--;
	} else if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
		one(r, at, e->d_name);
	}
}

/* More of the open file; what it lacks of its size is zeros. */
static void
content(struct root *r)
{
	size_t n = r->left < PIECE ? (size_t)r->left : PIECE;
	uint8_t *to = buf_room(&r->out, n);
	ssize_t got = to == NULL ? -1 : read(r->fd, to, n);

	if (to == NULL)
		abort();	/* the buffer was empty */
	if (got <= 0 && n > 0) {
		tell(r, got < 0 ? strerror(errno) : "changed while it was read");
		memset(to, 0, n);
		got = (ssize_t)n;
	}
	r->out.n += (size_t)got;
	r->left -= (uint64_t)got;
	if (r->left == 0) {
		close(r->fd);
		r->fd = -1;
		pad(r, r->padding);
	}
}

static int64_t
root_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct root *r = arg;

	(void)d;
	buf_clear(&r->out);
	while (r->out.n == 0 && (r->fd >= 0 || !r->ended))
		if (r->fd >= 0)
			content(r);
		else
			step(r);
	*ret = r->out.p;
	return ((int64_t)r->out.n);
}

int
image_root_read(struct image_local *img, int fd, struct diag *d)
{
	struct root *r = mem_alloc(sizeof(*r));
	const struct source src = { root_read, r };
	struct layer_inventory *l = NULL;
	struct layer_stats stats;
	struct stat st;
	int rc;

	image_local_room(img, 1);
	buf_init(&r->key, LIMIT_PATH);
	buf_init(&r->out, PIECE + 4 * LIMIT_PATH);
	r->lock_files = img->options.lock_files;
	r->fd = -1;
	if (fstat(fd, &st) == 0) {
		r->dev = st.st_dev;
		enter(r, fd, ".", &st);
	}
	rc = layer_read_memory(&src, &img->options, &l, &stats, d);
	for (size_t i = 0; i < r->ntells; i++) {
		if (rc == 0 && layer_inventory_add_reason(l,
		    str_of(r->tells[i])) < 0)
			l->incomplete = true;
		free(r->tells[i]);
	}
	while (r->depth > 0)
		closedir(r->level[--r->depth].dir);
	if (r->fd >= 0)
		close(r->fd);
	img->layers[0] = l;
	buf_done(&r->key);
	buf_done(&r->out);
	free(r);
	return (rc);
}
