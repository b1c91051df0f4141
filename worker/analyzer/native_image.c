/*
 * native_image: what GraalVM built a native executable of.  It leaves a bill in
 * CycloneDX, compressed by gzip, among the data, and exports the symbols "sbom"
 * and "sbom_length" for it (GraalVM, docs/security/SBOM.md).  Tables of symbols
 * may come last in the file, so the bill is known by how it begins; without that
 * name at the front of the file or behind the bill it is somebody's data.  Code
 * is passed over, which is most of what other programs are.
 */
#include "analyzer.h"
#include "bill.h"
#include "common/format/exe.h"
#include "common/limits.h"
#include "common/multisearch.h"
#include "deflated.h"
#include "where.h"

/* What is looked for: how a member of gzip begins, and the symbol's name with
 * the NUL behind it. */
enum { GZIP, SYMBOL, TEXTS };
static const struct str texts[TEXTS] = {
	[GZIP] = STR_LIT("\x1f\x8b\x08"),
	[SYMBOL] = STR_LIT("sbom_length\0"),
};
/* Of the bill's beginning, in which its format is named. */
#define BEGIN_BYTES 64
/* Places where inflating is begun; programs hold some dozen such texts. */
#define TRIES 20000
/* ELF has the names of what it exports before its data, in the first MiB. */
#define FRONT (4 * MIB)

struct state {
	struct exe_reader exe;
	struct window window;
	struct multisearch texts;
	struct deflated bill;
	unsigned tries;
	bool has_symbol;
};

static bool
wants(const struct analyzer_file *f, struct str head)
{
	return (exe_kind(head) != EXE_NONE && !where_is_sample(f->path));
}

static bool
begins_right(struct state *s, struct str from)
{
	char first[BEGIN_BYTES];
	size_t n;

	/* no other flags than that a name follows, or a comment */
	if (from.n < 10 || (uint8_t)from.p[3] & 0xe0 || ++s->tries > TRIES)
		return (false);
	n = deflated_peek(&s->bill, INFLATE_MEMBER, from, (uint8_t *)first,
	    sizeof(first));
	return (n > 0 && first[0] == '{' &&
	    memmem(first, n, "\"bomFormat\"", 11) != NULL);
}

/* Look through ${t}, a part of ${all}.  True when it has the symbol. */
static bool
look(struct state *s, const struct stretch *t, const struct stretch *all)
{
	struct multisearch_find f = { .at = t->from };
	bool named = false;

	while (multisearch_next(&s->texts, t, &f)) {
		named = named || f.text == SYMBOL;
		if (f.text != GZIP || s->bill.open || s->bill.found ||
		    !begins_right(s, str_sub(t->s, f.at, t->s.n)))
			continue;
		deflated_begin(&s->bill, t->at + f.at, LIMIT_JSON_FILE);
		deflated_feed(&s->bill, all);
	}
	return (named);
}

static void
stretch(struct state *s, const struct stretch *t)
{
	struct stretch rest = *t, part;
	bool named = false;

	deflated_feed(&s->bill, t);
	while (exe_next_outside(&s->exe.exe, EXE_CODE, &rest, &part))
		named = look(s, &part, t) || named;
	if (named && (t->at < FRONT || s->bill.open || s->bill.found))
		s->has_symbol = true;
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct exe_bytes b;
	struct stretch t;

	(void)f;
	(void)out;
	for (size_t i = 0; i < TEXTS && s->texts.n < TEXTS; i++)
		multisearch_add(&s->texts, texts[i]);
	while (exe_next(&s->exe, &piece, last, &b))
		while (window_next(&s->window, b.s, false, &t))
			stretch(s, &t);
	while (last && window_next(&s->window, str_of(""), true, &t))
		stretch(s, &t);
}

/* The program itself is what the bill is about. */
static int
rows(struct str text, struct analyzer_out *out, struct diag *d)
{
	struct bill b = { .out = out, .d = d, .scope = "application" };
	struct json *j = NULL;

	b.pool = pool_new(LIMIT_INVENTORY_BYTES);
	if ((b.rc = json_parse(text, LIMIT_JSON_FILE, &j, d)) == 0) {
		bill_component(&b, json_get_str(json_get(json_get(j,
		    "metadata"), "component"), "purl"));
		b.scope = "";
		bill_cyclonedx(&b, j);
	}
	json_free(j);
	pool_free(b.pool);
	return (b.rc);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;
	int rc;

	if (s->has_symbol && !s->bill.found && s->tries > TRIES)
		return (diag_set(d, ERR_LIMIT, 0, "GraalVM's bill: more than %d "
		    "places where it might begin", TRIES));
	if (!s->has_symbol ||
	    (rc = deflated_end(&s->bill, "GraalVM's bill", d)) == 0)
		return (0);
	return (rc < 0 ? rc : rows(buf_view(&s->bill.text), out, d));
}

static void
done(void *state)
{
	struct state *s = state;

	exe_done(&s->exe);
	deflated_done(&s->bill);
}

const struct analyzer analyzer_native_image = {
	.name = "native_image",
	.revision = 1,
	.wants_revision = 2,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
