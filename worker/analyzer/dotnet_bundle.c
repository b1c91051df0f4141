/*
 * dotnet_bundle: packages of .NET programs that were published as one file.
 * Followed: dotnet/runtime, src/native/corehost/bundle, and dotnet/designs,
 * accepted/2020/single-file/bundler.md.  The program that starts .NET keeps the
 * offset of a header among its data, before a mark.  Behind the program lie the
 * application's files and last that header, which says where NAME.deps.json is:
 * it has come by then, so whatever begins like one is kept until the header
 * tells which it was.
 */
#include <stdlib.h>
#include "common/format/exe.h"
#include "common/limits.h"
#include "deps_json.h"
#include "where.h"

/* SHA-256 of ".net core bundle\n". */
static const uint8_t mark[32] = {
	0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38,
	0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
	0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18,
	0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
};
/* How the SDK begins NAME.deps.json: this behind a brace and blanks. */
static const char key[] = "\"runtimeTarget\"";

/* A bundle has one; applications that carry tools have those of the tools. */
#define TEXTS 64
/* All of them: those of large applications have some 200 KiB. */
#define TEXT_BYTES (16 * MIB)
/* What may stand before the brace: a mark of the byte order, blanks. */
#define BEFORE_TEXT 16
/* The header with the list of files: 60 bytes each, of some hundred files. */
#define HEADER_BYTES (4 * MIB)
/* No bundle is as large: neither PE nor its tools could. */
#define BUNDLE_BYTES (4 * GIB)

/* An object of JSON in state.kept. */
struct text {
	uint64_t at;		/* in the file */
	size_t from, n;		/* in kept */
	bool told;		/* its packages are */
};

struct state {
	struct exe_reader exe;
	struct window window;
	uint64_t size;		/* of the file */
	uint64_t marked;	/* offset behind the mark */
	uint64_t header;	/* of the header; 0 = no bundle, as yet */
	struct buf head;	/* the file from there on */
	struct buf kept;
	struct text text[TEXTS];
	size_t n;
	bool open;		/* the last text goes on ... */
	bool quoted, escaped;	/* ... inside a string of it */
	size_t depth;
	bool lost;		/* some had no room */
};

static bool
wants(const struct analyzer_file *f, struct str head)
{
	return (exe_kind(head) != EXE_NONE && !where_is_sample(f->path));
}

/* ------------------------------------------------------------ the mark -- */

/*
 * Could a bundle's header be at ${offset}, behind the program?  Who only looks for
 * bundles has the mark, too, with anything before it.  A number beyond the end of
 * the file, which was cut then, is believed where the mark stands as compilers
 * put it.  Mach-O counts the bundle to its last part.
 */
static bool
is_header(const struct state *s, uint64_t offset, uint64_t marked)
{
	const struct exe *x = &s->exe.exe;
	bool ret = offset >= marked && (offset < s->size ||
	    (offset < BUNDLE_BYTES && marked % sizeof(offset) == 0));

	for (size_t i = 0; ret && i < x->n && x->kind != EXE_MACHO; i++)
		ret = offset >= x->part[i].offset &&
		    offset - x->part[i].offset >= x->part[i].size;
	return (ret);
}

static void
find_mark(struct state *s, struct stretch t)
{
	uint64_t offset, marked;
	struct cur c;

	for (size_t at = t.from; s->header == 0 && (at = stretch_find(&t, at,
	    mark, sizeof(mark))) < t.to; at++) {
		if (at < sizeof(offset))
			continue;
		c = cur_str(str_sub(t.s, at - sizeof(offset), at));
		marked = t.at + at + sizeof(mark);
		if (cur_u64le(&c, &offset) && is_header(s, offset, marked)) {
			s->marked = marked;
			s->header = offset;
		}
	}
}

/* It is in data that can be written, so that the compiler believes it may
 * change. */
static void
look_for_mark(struct state *s, const struct stretch *t)
{
	const struct exe *x = &s->exe.exe;

	for (size_t i = 0; x->known && i < x->n; i++)
		if (x->part[i].flags & EXE_WRITE)
			find_mark(s, stretch_clip(*t, x->part[i].offset,
			    x->part[i].size));
	if (!x->known)
		find_mark(s, *t);
}

/* ----------------------------------------------------------- the texts -- */

/* How many of the bytes belong to the open text, which they may end. */
static size_t
belongs(struct state *s, struct str bytes)
{
	size_t i;

	for (i = 0; i < bytes.n && s->open; i++) {
		char c = bytes.p[i];

		if (s->quoted) {
			s->quoted = s->escaped || c != '"';
			s->escaped = !s->escaped && c == '\\';
		} else if (c == '"') {
			s->quoted = true;
		} else if (c == '{' || c == '[') {
			s->depth++;
		} else if (c == '}' || c == ']') {
			s->open = --s->depth > 0;
		}
	}
	return (i);
}

/* Take what ${t} holds of the open text. */
static void
keep_text(struct state *s, const struct stretch *t)
{
	struct exe_bytes b;
	struct text *x;
	uint64_t next;

	if (!s->open)
		return;
	x = &s->text[s->n - 1];
	next = x->at + x->n;
	b = exe_clip((struct exe_bytes) { t->s, t->at }, next,
	    s->header - next);
	if (b.at != next)
		return;
	b.s = str_sub(b.s, 0, belongs(s, b.s));
	if (buf_str(&s->kept, b.s) == 0) {
		x->n += b.s.n;
	} else {
		s->kept.n = x->from;
		s->n--;
		s->open = false;
		s->lost = true;
	}
}

/* The brace before the key at ${at} of ${t}; false when there is none. */
static bool
brace_before(const struct stretch *t, size_t at, size_t *ret)
{
	struct str s = str_sub(t->s, at > WINDOW_BEFORE ? at - WINDOW_BEFORE : 0,
	    at);

	while (s.n > 0 && memchr(" \t\r\n", s.p[s.n - 1], 4) != NULL)
		s.n--;
	if (s.n == 0 || s.p[s.n - 1] != '{')
		return (false);
	*ret = (size_t)(s.p - t->s.p) + s.n - 1;
	return (true);
}

static void
look_for_texts(struct state *s, const struct stretch *t)
{
	struct stretch here = stretch_clip(*t, s->marked, s->header - s->marked);
	const struct text *last;
	size_t brace;

	keep_text(s, t);
	for (size_t at = here.from; (at = stretch_find(&here, at, key,
	    sizeof(key) - 1)) < here.to; at++) {
		last = s->n > 0 ? &s->text[s->n - 1] : NULL;
		if (!brace_before(t, at, &brace) ||
		    (last != NULL && t->at + brace < last->at + last->n))
			continue;	/* inside the last one, if that is open */
		if (s->n == TEXTS) {
			s->lost = true;
			return;
		}
		s->text[s->n++] = (struct text) {
		    .at = t->at + brace, .from = s->kept.n };
		s->open = true;
		s->quoted = s->escaped = false;
		s->depth = 0;
		keep_text(s, t);
	}
}

/* ------------------------------------------------------------ the file -- */

static void
keep_header(struct state *s, const struct stretch *t)
{
	uint64_t next = s->header + s->head.n;
	struct exe_bytes b = exe_clip((struct exe_bytes) { t->s, t->at }, next,
	    HEADER_BYTES - s->head.n);

	if (b.at == next && buf_str(&s->head, b.s) < 0)
		abort();	/* it was clipped to what there is room for */
}

static void
stretch(struct state *s, const struct stretch *t)
{
	if (s->header == 0)
		look_for_mark(s, t);
	if (s->header == 0)
		return;
	look_for_texts(s, t);
	keep_header(s, t);
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct exe_bytes b;
	struct stretch t;

	(void)out;
	if (s->head.max == 0) {
		s->size = f->size;
		buf_init(&s->head, HEADER_BYTES);
		buf_init(&s->kept, TEXT_BYTES);
	}
	while (exe_next(&s->exe, &piece, last, &b))
		while (window_next(&s->window, b.s, false, &t))
			stretch(s, &t);
	while (last && window_next(&s->window, str_of(""), true, &t))
		stretch(s, &t);
}

/* ---------------------------------------------------------- the header -- */

/* A text with its length before it, seven bits a byte. */
static bool
text_read(struct cur *c, struct str *ret)
{
	size_t n = 0;
	uint8_t byte;

	for (unsigned shift = 0; shift < 28; shift += 7) {
		if (!cur_u8(c, &byte))
			return (false);
		n |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return (cur_take_str(c, n, ret));
	}
	return (false);
}

/* The packages of the NAME.deps.json that is said to lie there, once however often
 * it is said. */
static int
packages_at(struct state *s, uint64_t at, uint64_t n,
    struct analyzer_out *out, struct diag *d)
{
	struct str all = buf_view(&s->kept);
	int rc;

	for (size_t i = 0; i < s->n; i++) {
		struct text *x = &s->text[i];

		if (x->at < at || x->at - at > BEFORE_TEXT ||
		    n < x->at - at + x->n)
			continue;
		if (x->told)
			return (0);
		x->told = true;
		rc = deps_json_packages(str_sub(all, x->from, x->from + x->n),
		    out, d);
		return (rc < 0 ? rc : 0);
	}
	if (s->lost)
		return (diag_set(d, ERR_LIMIT, at, "a .NET bundle has more "
		    "in .deps.json than is kept"));
	return (diag_set(d, ERR_MALFORMED, at, "a .NET bundle has no .deps.json "
	    "where its header says"));
}

/* Before .NET 5 nothing but the list of files says where it is; there all are
 * unpacked and the name is what counts. */
static int
listed(struct state *s, struct cur c, uint32_t count,
    struct analyzer_out *out, struct diag *d)
{
	struct str path;
	uint64_t at, n;
	uint8_t type;
	int rc = 0;

	while (rc == 0 && count-- > 0) {
		if (!cur_u64le(&c, &at) || !cur_u64le(&c, &n) ||
		    !cur_u8(&c, &type) || !text_read(&c, &path))
			return (diag_set(d, s->head.n == HEADER_BYTES ?
			    ERR_LIMIT : ERR_MALFORMED, s->header,
			    "a .NET bundle's list of files ends early"));
		if (str_ends(path, DEPS_JSON))
			rc = packages_at(s, at, n, out, d);
	}
	return (rc);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;
	uint32_t major, minor, count;
	struct str id;
	uint64_t at, n;
	struct cur c;

	if (s->header == 0)
		return (0);
	c = cur_str(buf_view(&s->head));
	if (!cur_u32le(&c, &major) || !cur_u32le(&c, &minor) ||
	    !cur_u32le(&c, &count))
		goto early;
	if ((major != 1 && major != 2 && major != 6) || minor != 0)
		return (diag_set(d, ERR_UNSUPPORTED, s->header,
		    "a .NET bundle of version %u.%u", major, minor));
	if (!text_read(&c, &id))
		goto early;
	if (major == 1)
		return (listed(s, c, count, out, d));
	if (!cur_u64le(&c, &at) || !cur_u64le(&c, &n))
		goto early;
	/* published without one */
	return (at == 0 ? 0 : packages_at(s, at, n, out, d));
early:
	return (diag_set(d, ERR_MALFORMED, s->header,
	    "a .NET bundle's header ends early"));
}

static void
done(void *state)
{
	struct state *s = state;

	exe_done(&s->exe);
	buf_done(&s->head);
	buf_done(&s->kept);
}

const struct analyzer analyzer_dotnet_bundle = {
	.name = "dotnet_bundle",
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
