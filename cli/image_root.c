/*
 * A folder taken as an image's root, read as one layer.  Names are opened one
 * component at a time below the folder, links never followed, so nothing
 * outside is read whatever the tree says.
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
#include "worker/analyzer/hashes.h"
#include "common/siphash.h"

/* One open folder a level; real trees stay below 50. */
#define ROOT_DEPTH 256

struct level {
	DIR *dir;
	size_t key_n;		/* of the key without this level's names */
};

struct root {
	struct image_local *img;
	struct layer_inventory *l;
	struct hashes nondir;
	struct level level[ROOT_DEPTH];
	size_t depth;
	struct buf key, content, record;
	dev_t dev;
};

static int
tell(struct root *r, const char *why)
{
	struct diag d;

	diag_set(&d, ERR_MALFORMED, 0, "%.*s: %s", STR_ARG(buf_view(&r->key)), why);
	return (layer_inventory_add_reason(r->l, str_of(d.text)));
}

/* The content of a wanted file; 0, or why not. */
static const char *
read_content(struct root *r, int dir, const char *name, uint64_t max)
{
	uint8_t *to;
	ssize_t n = 0;
	const char *why = NULL;
	int fd;

	buf_clear(&r->content);
	if ((fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK)) < 0)
		return (strerror(errno));
	do {
		if (r->content.n > max ||
		    (to = buf_room(&r->content, 65536)) == NULL) {
			why = "larger than its ceiling";
			break;
		}
		if ((n = read(fd, to, 65536)) > 0)
			r->content.n += (size_t)n;
	} while (n > 0);
	if (n < 0)
		why = strerror(errno);
	close(fd);
	return (why);
}

static int
run(struct root *r, const struct analyzer *a, const struct analyzer_file *f)
{
	struct inventory_file rec;
	struct pool *pool;
	struct cur c;
	uint64_t n;
	struct diag d;
	int rc;

	buf_clear(&r->record);
	if (analyzer_run(a, f, buf_view(&r->content), &r->record, &n, &d) < 0 &&
	    (rc = tell(r, d.text)) < 0)
		return (rc);
	if (r->record.n == 0)
		return (0);
	pool = pool_new(4096 + r->record.n * 32);
	c = cur_of(r->record.p, r->record.n);
	rc = inventory_file_read(&c, pool, &rec);
	if (rc == 0)
		rc = layer_inventory_add_file(r->l, &rec);
	pool_free(pool);
	return (rc);
}

static int
regular(struct root *r, int dir, const char *name, const struct stat *st)
{
	const struct analyzer_file f = { buf_view(&r->key), (uint64_t)st->st_size,
	    st->st_mode };
	const struct analyzer *a;
	const char *why;
	uint64_t max;
	int rc = 0;

	for (size_t i = 0; (a = analyzer_all[i]) != NULL && rc == 0; i++) {
		if (!a->wants(&f))
			continue;
		max = a->max != 0 ? a->max : LIMIT_FILE_WHOLE;
		why = read_content(r, dir, name, max);
		rc = why != NULL ? tell(r, why) : run(r, a, &f);
	}
	return (rc);
}

static int
symbolic(struct root *r, int dir, const char *name)
{
	char target[LIMIT_PATH];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));
	const struct tree_entry e = { TREE_SYMLINK, buf_view(&r->key),
	    str_n(target, n > 0 ? (size_t)n : 0) };

	return (n < 0 ? tell(r, strerror(errno)) :
	    layer_inventory_add_tree(r->l, &e));
}

/* Go down into ${name}; the kernel's own file systems are not content. */
static int
enter(struct root *r, int dir, const char *name, const struct stat *st)
{
	static const char *const kernel[] = { "proc", "sys", "dev" };
	DIR *sub = NULL;
	int fd;

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
		if (st->st_dev != r->dev && str_eqz(buf_view(&r->key), kernel[i]))
			return (0);
	if (r->depth == ROOT_DEPTH)
		return (tell(r, "folders nested too deep"));
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (sub = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return (tell(r, strerror(errno)));
	}
	r->level[r->depth++] = (struct level) { sub, r->key.n };
	return (0);
}

static int
one(struct root *r, struct level *at, const char *name)
{
	int dir = dirfd(at->dir);
	struct stat st;

	r->key.n = at->key_n;
	if ((r->key.n > 0 && buf_byte(&r->key, '/') < 0) ||
	    buf_str(&r->key, str_of(name)) < 0)
		return (tell(r, "path too long"));
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (tell(r, strerror(errno)));
	if (S_ISDIR(st.st_mode))
		return (enter(r, dir, name, &st));
	if (hashes_add(&r->nondir,
	    siphash(r->img->sip_key, buf_view(&r->key))) < 0)
		return (ERR_LIMIT);
	if (S_ISLNK(st.st_mode))
		return (symbolic(r, dir, name));
	return (S_ISREG(st.st_mode) ? regular(r, dir, name, &st) : 0);
}

static int
walk(struct root *r)
{
	struct level *at;
	struct dirent *e;
	int rc = 0;

	while (r->depth > 0 && rc == 0) {
		at = &r->level[r->depth - 1];
		errno = 0;
		if ((e = readdir(at->dir)) == NULL) {
			r->key.n = at->key_n;
			if (errno != 0)
				rc = tell(r, strerror(errno));
			closedir(at->dir);
			r->depth--;
		} else if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0) {
			rc = one(r, at, e->d_name);
		}
	}
	while (r->depth > 0)
		closedir(r->level[--r->depth].dir);
	return (rc);
}

/* The hashes as apply.c wants them, little endian. */
static int
add_hashes(struct root *r)
{
	struct tree_entry e = { .kind = TREE_NONDIR };
	uint8_t *p;
	int rc;

	hashes_sort(&r->nondir);
	p = mem_alloc(r->nondir.n * 8 + 1);
	for (size_t i = 0; i < r->nondir.n * 8; i++)
		p[i] = (uint8_t)(r->nondir.v[i / 8] >> (8 * (i % 8)));
	e.path = str_n(p, r->nondir.n * 8);
	rc = layer_inventory_add_tree(r->l, &e);
	free(p);
	return (rc);
}

int
image_root_read(struct image_local *img, int fd, struct diag *d)
{
	struct root *r = mem_alloc(sizeof(*r));
	struct stat st;
	int rc = 0;

	image_local_room(img, 1);
	r->img = img;
	r->l = img->layers[0] = layer_inventory_new(
	    2 * (LIMIT_INVENTORY_BYTES + LIMIT_TREE_BYTES));
	hashes_init(&r->nondir, LIMIT_TREE_BYTES / 8);
	buf_init(&r->key, LIMIT_PATH);
	buf_init(&r->content, LIMIT_FILE_WHOLE + 65536);
	buf_init(&r->record, LIMIT_INVENTORY_BYTES);
	if (fstat(fd, &st) == 0) {
		r->dev = st.st_dev;
		rc = enter(r, fd, ".", &st);
	}
	if (rc == 0 && (rc = walk(r)) == 0)
		rc = add_hashes(r);
	if (rc < 0)
		diag_set(d, rc, 0, "the folder holds more than can be kept");
	hashes_done(&r->nondir);
	buf_done(&r->key);
	buf_done(&r->content);
	buf_done(&r->record);
	free(r);
	return (rc);
}
