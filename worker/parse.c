/*
 * The sandboxed side of a job.  Opens nothing, talks only through its two
 * pipes, and may be killed by its input at any time: the frames written before
 * stay valid.
 */
#include "common/limits.h"
#include "common/json.h"
#include "common/mem.h"
#include "common/oci.h"
#include "common/digest.h"
#include "common/pack.h"
#include "common/sandbox.h"
#include "common/wire.h"
#include "parse.h"
#include "worker/analyzer/layer.h"

/* Address space of a parser: windows of ISA-L and zstd (128 MiB at most), the
 * wanted files and the path hashes of the largest layers. */
#define PARSE_MEMORY ((size_t)1 << 30)
/* A layer of LIMIT_LAYER_BYTES at 20 MB/s takes an hour; time is a back-stop. */
#define PARSE_LAYER_S 4000
#define PARSE_DOCUMENT_S 30
#define TREE_FRAME ((size_t)256 << 10)

struct out {
	int fd;
	struct buf tree;	/* tree entries not sent yet */
};

static int
flush_tree(struct out *o)
{
	int rc = 0;

	if (o->tree.n != 0)
		rc = frame_write(o->fd, PARSE_TREE, buf_view(&o->tree), NULL);
	buf_clear(&o->tree);
	return (rc);
}

static int
on_file(void *arg, struct str record)
{
	struct out *o = arg;

	return (frame_write(o->fd, PARSE_FILE, record, NULL));
}

static int
on_tree(void *arg, const struct tree_entry *e)
{
	struct out *o = arg;
	int rc;

	if ((rc = tree_entry_write(&o->tree, e)) < 0)
		return (rc);
	return (o->tree.n >= TREE_FRAME ? flush_tree(o) : 0);
}

static int
on_incomplete(void *arg, enum err code, struct str reason)
{
	struct out *o = arg;

	(void)code;
	return (frame_write(o->fd, PARSE_INCOMPLETE, reason, NULL));
}

static void
on_breadcrumb(void *arg, const char *analyzer, struct str path)
{
	char text[LAUNCHER_NOTE + 1] = "";

	(void)arg;
	if (analyzer[0] != '\0')
		snprintf(text, sizeof(text), "%s, path %.*s", analyzer,
		    STR_ARG(str_sub(path, 0, 390)));
	launcher_note(str_of(text));
}

int
parse_layer_arg(struct buf *b, bool hashes, const uint8_t sip_key[16],
    const struct str *skip, size_t nskip)
{
	int rc;

	if ((rc = pack_array(b, (uint32_t)(2 + nskip))) < 0 ||
	    (rc = pack_bool(b, hashes)) < 0 ||
	    (rc = pack_bin(b, sip_key, 16)) < 0)
		return (rc);
	for (size_t i = 0; i < nskip; i++)
		if ((rc = pack_str(b, skip[i])) < 0)
			return (rc);
	return (0);
}

static int
run_layer(int in, int out, struct str arg)
{
	struct source_fd *fd = mem_alloc(sizeof(*fd));
	struct layer_options opt = { 0 };
	struct layer_stats stats = { 0 };
	struct out o = { .fd = out };
	struct layer_sink sink = { &o, on_file, on_tree, on_incomplete,
		on_breadcrumb };
	struct cur c = cur_str(arg);
	struct source src;
	struct buf summary;
	struct diag d = { 0 };
	struct str key;
	uint32_t n;
	int rc;

	buf_init(&o.tree, LIMIT_TREE_BYTES);
	buf_init(&summary, 64);
	if (!unpack_array(&c, &n) || n < 2 || !unpack_bool(&c,
	    &opt.want_hashes) || !unpack_str(&c, &key) || key.n != 16)
		return (ERR_MALFORMED);
	memcpy(opt.sip_key, key.p, 16);
	for (n -= 2; n > 0 && opt.nskip < LAYER_SKIPS; n--)
		if (!unpack_str(&c, &opt.skip[opt.nskip++]))
			return (ERR_MALFORMED);
	fd->fd = in;
	src = source_fd(fd);
	if ((rc = layer_read(&src, &opt, &sink, &stats, &d)) == 0 &&
	    (rc = flush_tree(&o)) == 0 &&
	    (rc = pack_array(&summary, 2)) == 0 &&
	    (rc = pack_u64(&summary, stats.tar_bytes)) == 0 &&
	    (rc = pack_u64(&summary, stats.entries)) == 0)
		rc = frame_write(out, PARSE_SUMMARY, buf_view(&summary), NULL);
	if (rc < 0)
		(void)frame_write(out, PARSE_DIAG, str_of(d.text), NULL);
	return (rc);
}

/* ---------------------------------------------------------------- documents */

static int
next_frame(int in, struct buf *b, struct diag *d)
{
	uint8_t type;
	int rc = frame_read(in, &type, b, d);

	return (rc == 0 ? diag_set(d, ERR_MALFORMED, 0, "no document") : rc);
}

static void
fill_children(struct wire_document *w, const struct oci_manifest *m,
    struct pool *pool)
{
	w->children = pool_alloc(pool, (m->nchildren + 1) *
	    sizeof(*w->children));
	for (size_t i = 0; w->children != NULL && i < m->nchildren; i++) {
		const struct oci_descriptor *c = &m->children[i];

		w->children[i] = (struct wire_child) { c->digest,
			c->media_type, c->os, c->architecture, c->variant,
			c->size, c->attestation };
		w->nchildren = i + 1;
	}
}

static void
fill_layers(struct wire_document *w, const struct oci_manifest *m,
    const struct oci_config *c, struct pool *pool)
{
	w->layers = pool_alloc(pool, (m->nlayers + 1) * sizeof(*w->layers));
	for (size_t i = 0; w->layers != NULL && i < m->nlayers; i++) {
		const struct oci_descriptor *l = &m->layers[i];

		w->layers[i] = (struct wire_layer) { .digest = l->digest,
			.media_type = l->media_type, .size = l->size,
			.skip = l->skip };
		if (c != NULL) {
			w->layers[i].diff_id = c->diff_ids[i];
			if (c->created_by != NULL)
				w->layers[i].created_by = c->created_by[i];
		}
		w->nlayers = i + 1;
	}
}

/* Manifest, and its config when there is one, into a wire_document. */
static int
document(struct str type, struct str body, const struct buf *config,
    struct pool *pool, struct wire_document *w, struct diag *d)
{
	static const char *const kinds[] = { "index", "image", "artifact",
		"unsupported" };
	struct oci_manifest m = { 0 };
	struct oci_config c = { 0 };
	char *digest = pool_alloc(pool, DIGEST_TEXT);
	uint8_t sha[DIGEST_BYTES];
	int rc;

	if (digest == NULL)
		return (ERR_LIMIT);
	if ((rc = oci_manifest_read(body, type, pool, &m, d)) < 0)
		return (rc);
	digest_of(body.p, body.n, sha);
	digest_format(sha, digest);
	w->kind = str_of(kinds[m.kind]);
	w->digest = str_of(digest);
	w->media_type = str_sub(m.media_type, 0, WIRE_TEXT);
	w->reason = str_sub(m.reason, 0, WIRE_TEXT);
	w->size = (int64_t)body.n;
	if (m.kind == OCI_INDEX)
		fill_children(w, &m, pool);
	if (m.kind != OCI_IMAGE)
		return (0);
	w->config_digest = m.config.digest;
	if (config != NULL) {
		if ((rc = oci_config_read(buf_view(config), m.nlayers, pool,
		    &c, d)) < 0)
			return (rc);
		w->os = str_sub(c.os, 0, 256);
		w->architecture = str_sub(c.architecture, 0, 256);
		w->variant = str_sub(c.variant, 0, 256);
	} else
		w->size = m.config.size;	/* what to fetch next */
	fill_layers(w, &m, config != NULL ? &c : NULL, pool);
	return (0);
}

static int
run_document(int in, int out, struct str arg)
{
	struct pool *pool = pool_new(64 * MIB);
	struct wire_document w = { 0 };
	struct buf type, body, config, record;
	struct diag d = { 0 };
	bool has_config = str_eqz(arg, "config");
	int rc;

	buf_init(&type, 4096);
	buf_init(&body, LIMIT_MANIFEST_BYTES);
	buf_init(&config, LIMIT_CONFIG_BYTES);
	buf_init(&record, 64 * MIB);
	if ((rc = next_frame(in, &type, &d)) > 0 &&
	    (rc = next_frame(in, &body, &d)) > 0 &&
	    (!has_config || (rc = next_frame(in, &config, &d)) > 0) &&
	    (rc = document(buf_view(&type), buf_view(&body),
	    has_config ? &config : NULL, pool, &w, &d)) == 0 &&
	    (rc = wire_document_write(&record, &w)) == 0)
		rc = frame_write(out, PARSE_RESULT, buf_view(&record), &d);
	if (rc < 0)
		(void)frame_write(out, PARSE_DIAG, str_of(d.text), NULL);
	pool_free(pool);
	return (rc < 0 ? rc : 0);
}

const struct launcher_task parse_tasks[PARSE_TASKS] = {
	[PARSE_LAYER] = { "layer", run_layer, PARSE_MEMORY, PARSE_LAYER_S },
	[PARSE_DOCUMENT] = { "document", run_document, PARSE_MEMORY,
	    PARSE_DOCUMENT_S },
};

void
parse_warm_up(void)
{
	struct json *j = NULL;

	layer_warm_up();
	sandbox_warm_up();
	/* jansson seeds its hash tables from a file at the first object */
	if (json_parse(str_of("{\"a\":[1.5]}"), 100, &j, NULL) == 0)
		json_free(j);
}
