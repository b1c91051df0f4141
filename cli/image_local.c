/*
 * Finding out what a path is, and the two kinds that are one file: a layer and
 * a docker-save archive.  The latter names its layers in manifest.json, which
 * may stand behind them, so the archive is walked twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/image_local.h"
#include "common/archive.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/oci.h"
#include "common/path.h"
#include "worker/analyzer/layer.h"

/* Texts of one image: digests, names of layers. */
#define IMAGE_TEXTS (16 * MIB)
/* Links among the layers of an old docker-save archive. */
#define ARCHIVE_LINKS 4096

struct alias {
	struct str path, target;
};

/* The archive as its first walk shows it. */
struct docker {
	struct image_local *img;
	const char *path;
	struct json *manifest;	/* NULL: this is no docker-save archive */
	bool layout;		/* has an oci-layout */
	struct alias *links;
	size_t nlinks;
	struct str *names;	/* of the layers, resolved, lowest first */
	char (*sums)[DIGEST_TEXT];	/* of those read, "" = not known */
	struct str config_name;	/* "" = the manifest names none */
	struct buf config;	/* as found in the archive */
	bool layer_tar, layer_json;	/* as before Docker 1.10 */
};

static const struct inflate_limits outer = { .ratio = LIMIT_RATIO,
    .ratio_free = LIMIT_RATIO_FREE };

void
image_local_room(struct image_local *img, size_t n)
{
	img->layers = mem_array(n + 1, sizeof(struct layer_inventory *));
	img->digests = mem_array(n + 1, sizeof(struct str));
	img->nlayers = n;
}

void
image_local_tell(struct layer_inventory **l, struct str why)
{
	if (*l == NULL)
		*l = layer_inventory_new(MIB);
	if (layer_inventory_add_reason(*l, why) < 0)
		(*l)->incomplete = true;
}

bool
image_local_is_for(struct str c_os, struct str c_arch, struct str c_variant,
    const char *platform)
{
	struct str p = str_of(platform), os = str_of("linux"), arch;
	size_t slash = str_find(p, '/');

	if (slash < p.n) {
		os = str_sub(p, 0, slash);
		p = str_sub(p, slash + 1, p.n);
	}
	slash = str_find(p, '/');
	arch = str_sub(p, 0, slash);
	return (str_eq(c_os, os) && str_eq(c_arch, arch) &&
	    (slash == p.n ||
	    str_eq(c_variant, str_sub(p, slash + 1, p.n))));
}

/* Does layer ${i} come for the first time? */
static bool
is_first(const struct image_local *img, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (img->layers[k] == img->layers[i])
			return (false);
	return (true);
}

void
image_local_free(struct image_local *img)
{
	if (img == NULL)
		return;
	apply_result_free(img->result);
	for (size_t i = 0; i < img->nlayers; i++)
		if (is_first(img, i))
			layer_inventory_free(img->layers[i]);
	free(img->layers);
	free(img->digests);
	pool_free(img->pool);
	free(img);
}

struct str
image_local_distribution(const struct image_local *img,
    char room[IMAGE_DISTRIBUTION_TEXT])
{
	const struct distribution *os = apply_told_distribution(img->result);
	struct str id = str_sub(os->id, 0, 64);
	struct str version = str_sub(os->version, 0, 64);

	if (id.n == 0)
		return (str_of(""));
	return (str_n(room, (size_t)snprintf(room, IMAGE_DISTRIBUTION_TEXT,
	    "%.*s%s%.*s", STR_ARG(id), version.n > 0 ? " " : "",
	    STR_ARG(version))));
}

static int
cannot_open(const char *path, struct diag *d)
{
	int code = errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND :
	    errno == EACCES || errno == EPERM ? ERR_DENIED :
	    errno == ELOOP || errno == ENAMETOOLONG ? ERR_USAGE :
	    ERR_TEMPORARY;

	return (diag_set(d, code, 0, "%s: %s", path, strerror(errno)));
}

/* ------------------------------------------------------- docker-save -- */

/* Walk all entries of the archive file ${path}. */
static int
walk(const char *path, int (*each)(void *arg, struct archive_reader *,
    const struct archive_item *, struct diag *), void *arg, struct diag *d)
{
	struct source_fd *file = mem_alloc(sizeof(*file));
	struct archive_reader *r = NULL;
	struct inflate *z = NULL;
	struct archive_item it;
	struct source src;
	int rc;

	if ((file->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		rc = cannot_open(path, d);
		goto out;
	}
	src = source_fd(file);
	z = inflate_new(&src, &outer);
	r = archive_open_tar(z);
	while ((rc = archive_next(r, &it, d)) > 0)
		if ((rc = each(arg, r, &it, d)) != 0)
			break;
	if (rc == 0)
		rc = archive_finish(r, d) < 0 ? ERR_MALFORMED : 0;
out:
	archive_close(r);
	inflate_free(z);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
	return (rc < 0 ? rc : 0);
}

static int
note_link(struct docker *k, struct str key, const struct archive_item *it,
    struct diag *d)
{
	struct buf to;
	int rc = 0;

	if (k->nlinks == ARCHIVE_LINKS)
		return (0);	/* a layer's tar, not an archive of layers */
	if (k->links == NULL)
		k->links = mem_array(ARCHIVE_LINKS, sizeof(*k->links));
	buf_init(&to, LIMIT_PATH);
	if (path_resolve(it->type == ARCHIVE_SYMLINK ? path_dir(key) :
	    str_of(""), it->target, &to) == 0 &&
	    (pool_str(k->img->pool, key, &k->links[k->nlinks].path) < 0 ||
	    pool_str(k->img->pool, buf_view(&to),
	    &k->links[k->nlinks].target) < 0))
		rc = diag_set(d, ERR_LIMIT, 0, "too many links in the archive");
	else
		k->nlinks++;
	buf_done(&to);
	return (rc);
}

/* A docker-save manifest is a list of objects with "Layers", be that null. */
static bool
is_docker(const struct json *m)
{
	const struct json *first = json_at(m, 0);

	return (json_is_array(m) && json_len(m) > 0 &&
	    (json_get(first, "Layers") != NULL ||
	    json_get_str(first, "Config").n > 0));
}

/* Before Docker 1.10: ID/layer.tar and ID/json for each layer, and no manifest. */
static void
note_old(struct docker *k, struct str key)
{
	if (path_dir(key).n == 0 || path_dir(path_dir(key)).n > 0)
		return;
	k->layer_tar |= str_eqz(path_base(key), "layer.tar");
	k->layer_json |= str_eqz(path_base(key), "json");
}

static int
first_walk(void *arg, struct archive_reader *r, const struct archive_item *it,
    struct diag *d)
{
	struct docker *k = arg;
	struct buf key, body;
	struct json *m = NULL;
	unsigned flags;
	int rc = 0;

	buf_init(&key, LIMIT_PATH);
	buf_init(&body, LIMIT_MANIFEST_BYTES);
	if (path_normalise(it->path, &key, &flags) < 0)
		goto out;
	note_old(k, buf_view(&key));
	if (it->type == ARCHIVE_SYMLINK || it->type == ARCHIVE_HARDLINK) {
		rc = note_link(k, buf_view(&key), it, d);
	} else if (it->type == ARCHIVE_FILE &&
	    str_eqz(buf_view(&key), "oci-layout")) {
		k->layout = true;
	} else if (it->type == ARCHIVE_FILE && k->manifest == NULL &&
	    str_eqz(buf_view(&key), "manifest.json") &&
	    archive_content(r, LIMIT_MANIFEST_BYTES, &body, NULL) == 0 &&
	    json_parse(buf_view(&body), LIMIT_MANIFEST_BYTES, &m, NULL) == 0) {
		if (is_docker(m))
			k->manifest = m;
		else
			json_free(m);
	}
out:
	buf_done(&key);
	buf_done(&body);
	return (rc);
}

/* Does one of an image's RepoTags end in ${tag}, or equal it? */
static bool
has_tag(const struct json *image, struct str tag)
{
	const struct json *tags = json_get(image, "RepoTags");
	struct str t;

	for (size_t i = 0; i < json_len(tags); i++) {
		t = json_str(json_at(tags, i));
		if (str_eq(t, tag) || (t.n > tag.n &&
		    t.p[t.n - tag.n - 1] == ':' &&
		    str_eq(str_sub(t, t.n - tag.n, t.n), tag)))
			return (true);
	}
	return (false);
}

static const struct json *
choose(const struct docker *k, struct str tag, struct diag *d)
{
	size_t n = json_len(k->manifest);

	if (tag.n == 0 && n == 1)
		return (json_at(k->manifest, 0));
	for (size_t i = 0; i < n && tag.n > 0; i++)
		if (has_tag(json_at(k->manifest, i), tag))
			return (json_at(k->manifest, i));
	if (tag.n == 0)
		diag_set(d, ERR_USAGE, 0, "%s holds %zu images: name one as "
		    "PATH:TAG", k->path, n);
	else
		diag_set(d, ERR_USAGE, 0, "%s holds no image \"%.*s\"", k->path,
		    STR_ARG(tag));
	return (NULL);
}

/* The file behind a layer's name; old archives link equal layers. */
static struct str
through_links(const struct docker *k, struct str name)
{
	for (int hops = 0; hops < 40; hops++) {
		size_t i;

		for (i = 0; i < k->nlinks; i++)
			if (str_eq(k->links[i].path, name))
				break;
		if (i == k->nlinks)
			break;
		name = k->links[i].target;
	}
	return (name);
}

static int
name_layers(struct docker *k, const struct json *image, struct diag *d)
{
	const struct json *layers = json_get(image, "Layers");
	struct buf key;
	unsigned flags;
	int rc = 0;

	if (!json_is_array(layers) || json_len(layers) > LIMIT_IMAGE_LAYERS)
		return (diag_set(d, ERR_MALFORMED, 0,
		    "%s: manifest.json names no layers, or too many", k->path));
	image_local_room(k->img, json_len(layers));
	k->names = mem_array(k->img->nlayers + 1, sizeof(*k->names));
	k->sums = mem_array(k->img->nlayers + 1, sizeof(*k->sums));
	buf_init(&key, LIMIT_PATH);
	for (size_t i = 0; i < k->img->nlayers && rc == 0; i++) {
		rc = path_normalise(json_str(json_at(layers, i)), &key, &flags);
		if (rc == 0)
			rc = pool_str(k->img->pool, buf_view(&key), &k->names[i]);
		if (rc < 0)
			diag_set(d, rc, 0, "%s: a layer's name is too long", k->path);
		k->names[i] = through_links(k, k->names[i]);
	}
	if (rc == 0 && path_normalise(json_get_str(image, "Config"), &key,
	    &flags) == 0)
		rc = pool_str(k->img->pool, buf_view(&key), &k->config_name);
	buf_done(&key);
	return (rc);
}

struct entry_source {
	struct archive_reader *r;
	struct digest *sum;
};

static int64_t
entry_bytes(void *arg, const uint8_t **ret, struct diag *d)
{
	struct entry_source *s = arg;
	int64_t n = archive_read_piece(s->r, ret, d);

	if (n > 0)
		digest_add(s->sum, *ret, (size_t)n);
	return (n);
}

static int
read_entry(struct docker *k, size_t i, struct archive_reader *r, struct diag *d)
{
	struct image_local *img = k->img;
	struct entry_source es = { r, digest_new() };
	const struct source src = { entry_bytes, &es };
	struct layer_stats stats;
	uint8_t sum[DIGEST_BYTES];
	int rc;

	rc = layer_read_memory(&src, &img->options, &img->layers[i], &stats, d);
	digest_end(es.sum, sum);
	/* all of it was read, and it is not compressed */
	if (rc == 0 && stats.blob_bytes == stats.tar_bytes &&
	    !img->layers[i]->incomplete)
		digest_format(sum, k->sums[i]);
	digest_free(es.sum);
	return (rc);
}

static int
second_walk(void *arg, struct archive_reader *r, const struct archive_item *it,
    struct diag *d)
{
	struct docker *k = arg;
	struct image_local *img = k->img;
	struct buf key;
	unsigned flags;
	size_t i;
	int rc = 0;

	if (it->type != ARCHIVE_FILE)
		return (0);
	buf_init(&key, LIMIT_PATH);
	if (path_normalise(it->path, &key, &flags) < 0)
		goto out;
	for (i = 0; i < img->nlayers; i++)
		if (str_eq(k->names[i], buf_view(&key)))
			break;
	if (i < img->nlayers && img->layers[i] == NULL) {
		rc = read_entry(k, i, r, d);
	} else if (i == img->nlayers && k->config.n == 0 &&
	    str_eq(buf_view(&key), k->config_name) &&
	    archive_content(r, LIMIT_CONFIG_BYTES, &k->config, NULL) < 0) {
		buf_clear(&k->config);
	}
out:
	buf_done(&key);
	return (rc);
}

/* What the walk did not come across; ${why} it ended early, or "". */
static void
tell_missing(struct docker *k, const char *why)
{
	struct image_local *img = k->img;
	struct diag d;
	size_t j;

	for (size_t i = 0; i < img->nlayers; i++) {
		for (j = 0; j < i && !str_eq(k->names[i], k->names[j]); j++)
			;
		if (j < i || img->layers[i] != NULL)
			continue;
		diag_set(&d, ERR_MALFORMED, 0, "%s%s%.*s is not in the archive",
		    why, why[0] != '\0' ? ", and " : "",
		    STR_ARG(k->names[i]));
		image_local_tell(&img->layers[i], str_of(d.text));
	}
}

/* A layer that stands at several positions was read at the first. */
static void
share_layers(struct docker *k)
{
	struct image_local *img = k->img;

	for (size_t i = 0; i < img->nlayers; i++)
		for (size_t j = 0; j < i && img->layers[i] == NULL; j++)
			if (str_eq(k->names[i], k->names[j]))
				img->layers[i] = img->layers[j];
}

/* What the config says of the image, and whether the layers are those it means;
 * of compressed and damaged ones that is not found out. */
static int
use_config(struct docker *k, const char *platform, struct diag *d)
{
	struct image_local *img = k->img;
	struct oci_config c = { 0 };
	struct diag why;
	int rc;

	if (k->config_name.n == 0 || k->config.n == 0)
		return (platform == NULL ? 0 : diag_set(d, ERR_USAGE, 0,
		    "%s does not say what its image is for", k->path));
	if ((rc = oci_config_read(buf_view(&k->config), img->nlayers, img->pool,
	    &c, &why)) < 0)
		return (diag_set(d, rc, 0, "%s: %s", k->path, why.text));
	if (platform != NULL &&
	    !image_local_is_for(c.os, c.architecture, c.variant, platform))
		return (diag_set(d, ERR_USAGE, 0, "the image is for %.*s/%.*s, "
		    "not %s", STR_ARG(c.os), STR_ARG(c.architecture), platform));
	img->created_by = c.created_by;
	img->os = c.os;
	for (size_t i = 0; i < img->nlayers; i++)
		if (k->sums[i][0] != '\0' &&
		    !str_eqz(c.diff_ids[i], k->sums[i])) {
			/* Not the layer the config means: nothing of it counts. */
			layer_inventory_free(img->layers[i]);
			img->layers[i] = NULL;
			image_local_tell(&img->layers[i], str_of("the layer's "
			    "digest differs from the config's"));
		}
	return (0);
}

static int
docker_read(struct docker *k, struct str tag, const char *platform,
    struct diag *d)
{
	const struct json *image;
	int rc;

	if ((image = choose(k, tag, d)) == NULL)
		return (d->code);
	if ((rc = name_layers(k, image, d)) < 0)
		return (rc);
	rc = walk(k->path, second_walk, k, d);
	if (rc == ERR_TEMPORARY)
		return (rc);
	/* A cut archive: what was read is shown, the rest is missing. */
	tell_missing(k, rc < 0 ? d->text : "");
	rc = use_config(k, platform, d);
	share_layers(k);
	return (rc);
}

/* ------------------------------------------------------------- a layer -- */

static int
layer_file_read(struct image_local *img, const char *path, struct diag *d)
{
	struct source_fd *file = mem_alloc(sizeof(*file));
	struct layer_stats stats = { 0 };
	struct source src;
	int rc;

	if ((file->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		rc = cannot_open(path, d);
		goto out;
	}
	src = source_fd(file);
	image_local_room(img, 1);
	rc = layer_read_memory(&src, &img->options, &img->layers[0], &stats, d);
	close(file->fd);
	if (rc == 0 && stats.blob_bytes == 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "%s: the file is empty", path);
	else if (rc == 0 && stats.entries == 0 && img->layers[0]->nreasons > 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "%s: no layer, archive, layout "
		    "or folder (%.*s)", path, STR_ARG(img->layers[0]->reasons[0]));
out:
	free(file);
	return (rc);
}

static int
file_read(struct image_local *img, const char *path, struct str tag,
    const char *platform, struct diag *d)
{
	struct docker k = { .img = img, .path = path };
	int rc = 0;

	buf_init(&k.config, LIMIT_CONFIG_BYTES);
	if (img->kind != IMAGE_LAYER)
		rc = walk(path, first_walk, &k, d);
	/* What cannot be walked to its end may still be a layer that is cut. */
	if (k.manifest != NULL && rc != ERR_TEMPORARY) {
		img->kind = IMAGE_DOCKER_ARCHIVE;
		rc = docker_read(&k, tag, platform, d);
	} else if (k.layout) {
		/* Read as a layer it would look like an empty image. */
		rc = diag_set(d, ERR_UNSUPPORTED, 0, "%s: a tar of an OCI "
		    "layout: unpack it and name the folder", path);
	} else if (k.layer_tar && k.layer_json) {
		rc = diag_set(d, ERR_UNSUPPORTED, 0, "%s: an archive of docker "
		    "save before 1.10: load it, and save it once more", path);
	} else if (img->kind == IMAGE_DOCKER_ARCHIVE) {
		rc = rc < 0 ? rc : diag_set(d, ERR_MALFORMED, 0,
		    "%s: no manifest.json of docker save", path);
	} else if (rc == 0 || rc == ERR_MALFORMED || rc == ERR_LIMIT) {
		img->kind = IMAGE_LAYER;
		rc = layer_file_read(img, path, d);
	}
	json_free(k.manifest);
	free(k.links);
	free(k.names);
	free(k.sums);
	buf_done(&k.config);
	return (rc);
}

/* ------------------------------------------------------------ dispatch -- */

static bool
has_files(int fd, const char *one, const char *other)
{
	return (faccessat(fd, one, F_OK, 0) == 0 &&
	    faccessat(fd, other, F_OK, 0) == 0);
}

/* The first bytes of ${name} in ${dir}, none where there is no such file. */
static struct str
file_head(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size);

	if (fd >= 0)
		close(fd);
	return (str_n(buf, n > 0 ? (size_t)n : 0));
}

/* Does skopeo's dir: transport say in ${fd} that this is its folder? */
static bool
is_skopeo_dir(int fd)
{
	char head[64];

	return (has_files(fd, "manifest.json", "version") && str_starts(
	    file_head(fd, "version", head, sizeof(head)),
	    "Directory Transport Version"));
}

/* Is ${fd} a docker-save archive that somebody unpacked?  Its manifest.json is an
 * array, by what it says of its first image. */
static bool
is_unpacked_archive(int fd)
{
	char buf[4096];
	struct str head = str_trim(file_head(fd, "manifest.json", buf,
	    sizeof(buf)));

	return (str_starts(head, "[") &&
	    memmem(head.p, head.n, "\"Config\"", 8) != NULL &&
	    memmem(head.p, head.n, "\"Layers\"", 8) != NULL);
}

/* An image that a folder holds is no root, and would look like an empty one. */
static int
folder_read(struct image_local *img, int fd, struct str tag,
    const char *platform, struct diag *d)
{
	bool layout = has_files(fd, "index.json", "oci-layout");

	if (img->kind == IMAGE_ANY)
		img->kind = layout ? IMAGE_LAYOUT : IMAGE_ROOT;
	if (img->kind == IMAGE_ROOT && layout)
		return (diag_set(d, ERR_USAGE, 0, "the folder is an OCI layout: "
		    "name it as oci:PATH"));
	if (is_skopeo_dir(fd))
		return (diag_set(d, ERR_UNSUPPORTED, 0, "the folder is an image "
		    "as skopeo's dir: writes it: copy it to an OCI layout"));
	if (img->kind == IMAGE_ROOT && is_unpacked_archive(fd))
		return (diag_set(d, ERR_USAGE, 0, "the folder is an unpacked "
		    "docker-save archive: name the archive itself"));
	if (img->kind == IMAGE_LAYOUT)
		return (image_layout_read(img, fd, tag, platform, d));
	if (tag.n > 0)
		return (diag_set(d, ERR_USAGE, 0, "a folder has no tags"));
	return (image_root_read(img, fd, d));
}

/* "PATH" if that exists, else "PATH:TAG". */
static char *
split_tag(const char *arg, struct str *tag)
{
	struct str s = str_of(arg);
	struct stat st;
	size_t at = 0;
	char *path;

	*tag = str_of("");
	while (stat(arg, &st) < 0 && (at += str_find(str_sub(s, at, s.n), ':')) < s.n) {
		path = mem_strndup(str_sub(s, 0, at));
		at++;
		if (stat(path, &st) == 0) {
			*tag = str_sub(s, at, s.n);
			return (path);
		}
		free(path);
	}
	return (mem_strdup(arg));
}

int
image_local_read(const char *arg, enum image_kind kind, const char *platform,
    bool lock_files, struct image_local **ret, struct diag *d)
{
	struct image_local *img = mem_alloc(sizeof(*img));
	struct str tag;
	char *path = split_tag(arg, &tag);
	struct stat st;
	int fd = -1, rc;

	img->kind = kind;
	img->pool = pool_new(IMAGE_TEXTS);
	img->options.want_hashes = true;
	img->options.lock_files = lock_files;
	if (getentropy(img->options.sip_key, sizeof(img->options.sip_key)) < 0 ||
	    stat(path, &st) < 0) {
		rc = cannot_open(path, d);
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = fd < 0 ? cannot_open(path, d) :
		    folder_read(img, fd, tag, platform, d);
	} else if (kind == IMAGE_LAYOUT || kind == IMAGE_ROOT) {
		rc = diag_set(d, ERR_USAGE, 0, "%s: not a folder", path);
	} else if (!S_ISREG(st.st_mode)) {
		/* an archive is walked twice; a pipe can be read once */
		rc = diag_set(d, ERR_USAGE, 0, "%s: neither a file nor a "
		    "folder; write what comes through a pipe to a file first",
		    path);
	} else {
		rc = file_read(img, path, tag, platform, d);
	}
	if (rc == 0 && img->result == NULL) {
		img->result = apply_layers((const struct layer_inventory *const *)
		    img->layers, img->nlayers, img->options.sip_key);
		apply_image_os(img->result, img->os);
	}
out:
	if (fd >= 0)
		close(fd);
	free(path);
	if (rc == 0)
		*ret = img;
	else
		image_local_free(img);
	return (rc);
}
