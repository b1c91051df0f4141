/*
 * linked: copies of well-known libraries inside programs and other libraries,
 * which no package of the library speaks about (linked_list.h).  ELF files only,
 * and of them what is loaded as constants; where code has those among it, that.
 * Its texts say that the library is there, not that it is used.
 */
#include "analyzer.h"
#include "common/format/exe.h"
#include "common/multisearch.h"
#include "common/path.h"
#include "signature.h"
#include "where.h"

static const struct row {
	const char *product, *text, *also, *own;
} rows[] = {
#define LINKED(product, text, also, own) { product, text, also, own },
#include "linked_list.h"
#undef LINKED
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(2 * ROWS <= MULTISEARCH_TEXTS, "two texts a row");

/* Of one library in one file: Node has had two of zlib. */
#define VERSIONS 4

struct look {
	struct signature text;
	bool has_also;
	char version[VERSIONS][SIGNATURE_VERSION + 1];
	size_t n;
};

struct state {
	struct exe_reader exe;
	struct window window;
	struct look look[ROWS];
	struct multisearch texts;
	struct searched {
		size_t row;
		bool also;	/* the row's other text */
	} searched[MULTISEARCH_TEXTS];	/* what each of the texts is */
	bool begun;
};

static bool
wants(const struct analyzer_file *f, struct str head)
{
	return (exe_kind(head) == EXE_ELF && !where_is_sample(f->path));
}

/* Is the file called ${name} the library of ${r} itself? */
static bool
is_own(const struct row *r, struct str name)
{
	struct str own = str_of(r->own), one;

	while (str_split(&own, ' ', &one))
		if (str_eq(str_sub(name, 0, one.n), one))
			return (true);
	return (false);
}

static void
search(struct state *s, size_t row, bool also, struct str text)
{
	s->searched[s->texts.n] = (struct searched) { row, also };
	multisearch_add(&s->texts, text);
}

static void
begin(struct state *s, struct str name)
{
	char text[WHERE_NAME];

	s->begun = true;
	name = where_unhashed(name, text);
	for (size_t i = 0; i < ROWS; i++) {
		struct look *l = &s->look[i];

		if (is_own(&rows[i], name) ||
		    !signature_init(&l->text, rows[i].text, str_of("")))
			continue;
		search(s, i, false, signature_plain(&l->text));
		search(s, i, true, str_of(rows[i].also));
	}
}

static void
add_version(struct look *l, const char *version)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->version[i], version) == 0)
			return;
	memcpy(l->version[l->n++], version, sizeof(l->version[0]));
}

static void
look(struct state *s, const struct stretch *t)
{
	struct multisearch_find f = { .at = t->from };
	char version[SIGNATURE_VERSION + 1];

	while (multisearch_next(&s->texts, t, &f)) {
		struct look *l = &s->look[s->searched[f.text].row];

		if (s->searched[f.text].also)
			l->has_also = true;
		else if (l->n < VERSIONS &&
		    signature_at(&l->text, t, f.at, version))
			add_version(l, version);
	}
}

static void
stretch(struct state *s, const struct stretch *t)
{
	const struct exe *x = &s->exe.exe;
	struct stretch part;

	if (!x->known)
		look(s, t);
	for (size_t i = 0; x->known && i < x->n; i++) {
		if (x->part[i].flags & (EXE_WRITE | EXE_NOTE | EXE_CODE))
			continue;
		part = stretch_clip(*t, x->part[i].offset, x->part[i].size);
		if (part.from < part.to)
			look(s, &part);
	}
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct exe_bytes b;
	struct stretch t;

	(void)out;
	if (!s->begun)
		begin(s, path_base(f->path));
	while (exe_next(&s->exe, &piece, last, &b))
		while (window_next(&s->window, b.s, false, &t))
			stretch(s, &t);
	while (last && window_next(&s->window, str_of(""), true, &t))
		stretch(s, &t);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("generic"),
	    .scope = STR_LIT("bundled") };
	struct state *s = state;
	int rc = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; rc == 0 && k < s->look[i].n; k++) {
			if (!s->look[i].has_also)
				continue;
			p.name = str_of(rows[i].product);
			p.version = str_of(s->look[i].version[k]);
			rc = analyzer_package(out, &p, d);
		}
	return (rc);
}

static void
done(void *state)
{
	struct state *s = state;

	exe_done(&s->exe);
}

const struct analyzer analyzer_linked = {
	.name = "linked",
	.revision = 3,
	.wants_revision = 2,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
