/*
 * binary: programs that came without a package, told by their file's name and
 * by a text that only they hold (binary_list.h).  ELF files only: a script of
 * the same name says nothing, and another program under a product's name (an
 * applet of BusyBox) lacks its text.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include "analyzer.h"
#include "binary.h"
#include "common/format/exe.h"
#include "common/mem.h"
#include "common/multisearch.h"
#include "common/path.h"
#include "signature.h"
#include "where.h"

static const struct row {
	const char *product, *files, *text;
} rows[] = {
#define BINARY(product, files, text) { product, files, text },
#include "binary_list.h"
#undef BINARY
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Texts of one product that are looked for in one file. */
#define LOOKS MULTISEARCH_TEXTS

/* ---------------------------------------------------------------- files -- */

/* Does ${name} fit ${glob}?  The part of its first "*" in *${star}. */
static bool
fits(struct str glob, struct str name, struct str *star)
{
	size_t first = str_find(glob, '*'), last = str_rfind(glob, '*');
	struct str middle, tail, rest;
	const char *p;

	*star = str_of("");
	if (first > 0 && (name.n == 0 || glob.p[0] != name.p[0]))
		return (false);
	if (first == glob.n)
		return (str_eq(glob, name));
	tail = str_sub(glob, last + 1, glob.n);
	if (name.n < first + tail.n ||
	    !str_eq(str_sub(name, 0, first), str_sub(glob, 0, first)) ||
	    !str_eq(str_sub(name, name.n - tail.n, name.n), tail))
		return (false);
	rest = str_sub(name, first, name.n - tail.n);
	*star = rest;
	if (first == last)
		return (true);
	/* two: what is between them comes somewhere between */
	middle = str_sub(glob, first + 1, last);
	p = rest.n > 0 ? memmem(rest.p, rest.n, middle.p, middle.n) : NULL;
	if (p == NULL)
		return (false);
	*star = str_sub(rest, 0, (size_t)(p - rest.p));
	return (true);
}

static bool
row_wants(const struct row *r, struct str name, struct str *star)
{
	struct str globs = str_of(r->files), glob;

	while (str_split(&globs, ' ', &glob))
		if (fits(glob, name, star))
			return (true);
	return (false);
}

/*
 * The globs of all rows by their first character, which is never "*": asked of
 * every name that a package database says is owned.  Made at the first question,
 * which layer_warm_up() asks, and never changed.
 */
#define GLOBS 1024
static struct str by_first[GLOBS];
static uint16_t first_end[256];	/* where those of a character end */

static void
sort_globs(void)
{
	struct str globs, glob;
	uint16_t n[256] = { 0 }, at = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (globs = str_of(rows[i].files);
		    str_split(&globs, ' ', &glob); )
			n[(uint8_t)glob.p[0]]++;
	for (size_t c = 0; c < 256; c++) {
		first_end[c] = at;
		at = (uint16_t)(at + n[c]);
	}
	assert(at <= GLOBS && n['*'] == 0);
	for (size_t i = 0; i < ROWS; i++)
		for (globs = str_of(rows[i].files);
		    str_split(&globs, ' ', &glob); )
			by_first[first_end[(uint8_t)glob.p[0]]++] = glob;
}

bool
binary_names(struct str name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char text[WHERE_NAME];
	struct str star;
	uint8_t first;

	pthread_once(&once, sort_globs);
	name = where_unhashed(name, text);
	first = name.n > 0 ? (uint8_t)name.p[0] : 0;
	for (size_t i = first > 0 ? first_end[first - 1] : 0;
	    i < first_end[first]; i++)
		if (fits(by_first[i], name, &star))
			return (true);
	return (false);
}

static bool
wants(const struct analyzer_file *f, struct str head)
{
	return (exe_kind(head) == EXE_ELF && !where_is_sample(f->path) &&
	    binary_names(path_base(f->path)));
}

/* --------------------------------------------------------------- stream -- */

struct look {
	const struct row *row;
	struct signature text;
	char version[SIGNATURE_VERSION + 1];	/* "" = not found yet */
};

struct state {
	struct window window;
	struct multisearch texts;	/* the plain text of each look */
	struct look *look;
	size_t n;
	bool begun;
};

static void
begin(struct state *s, struct str name)
{
	char text[WHERE_NAME];
	struct str star;

	s->begun = true;
	name = where_unhashed(name, text);
	s->look = mem_array(LOOKS, sizeof(*s->look));
	for (size_t i = 0; i < ROWS && s->n < LOOKS; i++) {
		struct look *l = &s->look[s->n];

		*l = (struct look) { .row = &rows[i] };
		if (!row_wants(&rows[i], name, &star) ||
		    !signature_init(&l->text, rows[i].text, star))
			continue;
		multisearch_add(&s->texts, signature_plain(&l->text));
		s->n++;
	}
}

static void
look(struct state *s, const struct stretch *t)
{
	struct multisearch_find f = { .at = t->from };

	while (multisearch_next(&s->texts, t, &f)) {
		struct look *l = &s->look[f.text];

		if (l->version[0] == '\0')
			(void)signature_at(&l->text, t, f.at, l->version);
	}
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct stretch t;

	(void)out;
	if (!s->begun)
		begin(s, path_base(f->path));
	while (window_next(&s->window, cur_rest(&piece), last, &t))
		look(s, &t);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;
	struct package p = { .type = STR_LIT("generic") };

	for (size_t i = 0; i < s->n; i++) {
		if (s->look[i].version[0] == '\0')
			continue;
		p.name = str_of(s->look[i].row->product);
		p.version = str_of(s->look[i].version);
		return (analyzer_package(out, &p, d));
	}
	return (0);
}

static void
done(void *state)
{
	struct state *s = state;

	free(s->look);
}

const struct analyzer analyzer_binary = {
	.name = "binary",
	.revision = 8,
	.wants_revision = 9,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
