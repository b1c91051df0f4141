/*
 * The header is looked for in the parts that can be written, on every boundary
 * of 16 bytes; each find is gathered until its strings are there.
 *
 * In the older format it holds addresses of string headers, and those of the
 * strings: parts that the stream has passed already.  So of files that may be
 * of that kind the parts that can be written are kept up to KEPT bytes, and in
 * the others what may be such a string is remembered with its offset: what has
 * the framing of module lines, and what begins like a version.  All that ends
 * when a header of the newer format is found, mostly before anything is kept.
 */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "go_find.h"

#define MAGIC "\xff Go buildinf:"
#define MAGIC_BYTES 14
#define ALIGN 16
#define HEADER_BYTES 32
#define FLAG_BIG_ENDIAN 1
#define FLAG_INLINE 2
#define FRAME_BYTES 16
#define FRAME "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define VERSION_BYTES 64	/* of an older format's version, at most */
#define FINDS 4			/* headers, framings gathered at one time */
/* Parts that can be written, of binaries before Go 1.18; the toolchain's own
 * have 1 to 4 MiB. */
#define KEPT (16 * MIB)
/* Texts that begin like a version; the go command has some hundred. */
#define SIGHTINGS 4096

/* Bytes of the file from ${at} on, as many as there should be. */
struct find {
	uint64_t at;
	struct buf b;
	size_t need;
};

struct sighting {
	uint64_t at;
	uint8_t n;
	char text[VERSION_BYTES];
};

struct go_state {
	bool is_go, packed, maybe_old;
	bool found;		/* a newer header, with its strings */
	int error;		/* a header was there, but: */
	struct go_info info;
	struct buf strings;	/* the find of info */
	struct find open[FINDS];
	size_t nopen;
	bool has_pointers;	/* an older header: */
	uint64_t pointer[2];	/* addresses of string headers */
	unsigned pointer_bytes;
	bool big_endian;
	struct find frame[FINDS];	/* older module lines */
	size_t nframe;
	struct sighting *sighting;
	size_t nsighting;
	struct buf kept;	/* all parts that can be written, in order */
};

/* Only as long as they may still be of use. */
static void
forget(struct go_state *g)
{
	for (size_t i = 0; i < g->nopen; i++)
		buf_done(&g->open[i].b);
	for (size_t i = 0; i < g->nframe; i++)
		buf_done(&g->frame[i].b);
	free(g->sighting);
	g->sighting = NULL;
	buf_done(&g->kept);
	g->nopen = g->nframe = g->nsighting = 0;
	g->maybe_old = false;
}

/* --------------------------------------------------------- the headers -- */

/* UPX puts its own header behind the program headers; in PE files it names the
 * sections. */
static bool
is_packed(const struct exe *x, struct str front)
{
	struct str s;

	if (x->kind == EXE_ELF && x->known && x->headers + 8 <= front.n)
		return (str_eqz(str_sub(front, (size_t)x->headers + 4,
		    (size_t)x->headers + 8), "UPX!"));
	s = str_sub(front, 0, 1024);
	return (x->kind == EXE_PE && memmem(s.p, s.n, "UPX0", 4) != NULL &&
	    memmem(s.p, s.n, "UPX!", 4) != NULL);
}

static bool
has_go_note(const struct exe *x, struct str front)
{
	struct exe_bytes b;

	for (size_t i = 0; i < x->n; i++) {
		if (!(x->part[i].flags & EXE_NOTE))
			continue;
		b = exe_clip((struct exe_bytes) { front, 0 }, x->part[i].offset,
		    x->part[i].size);
		if (b.s.n >= 16 && memmem(b.s.p, b.s.n, "Go\0\0", 4) != NULL)
			return (true);
	}
	return (false);
}

static struct go_state *
begin(const struct exe *x, struct str front)
{
	struct go_state *g = mem_alloc(sizeof(*g));

	g->is_go = has_go_note(x, front);
	g->packed = is_packed(x, front);
	/* PE and Mach-O have no mark of Go at their front. */
	g->maybe_old = x->known && (g->is_go || x->kind != EXE_ELF);
	buf_init(&g->strings, LIMIT_GO_BUILDINFO);
	buf_init(&g->kept, KEPT);
	return (g);
}

/* ------------------------------------------------- what a header holds -- */

static bool
uvarint(struct cur *c, uint64_t *ret)
{
	uint64_t v = 0;
	uint8_t b;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (!cur_u8(c, &b))
			return (false);
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80) {
			*ret = v;
			return (true);
		}
	}
	return (false);
}

static bool
like_version(struct str s)
{
	return (str_starts(s, "go") || str_starts(s, "devel"));
}

/* Module lines without the 16 bytes at each end; empty when that is amiss. */
static struct str
unframed(struct str s)
{
	if (s.n <= 2 * FRAME_BYTES || s.p[s.n - FRAME_BYTES - 1] != '\n')
		return (str_of(""));
	return (str_sub(s, FRAME_BYTES, s.n - FRAME_BYTES));
}

static bool
address(const struct go_state *g, struct cur *c, uint64_t *ret)
{
	uint32_t v;

	if (g->pointer_bytes == 8)
		return (g->big_endian ? cur_u64be(c, ret) : cur_u64le(c, ret));
	if (!(g->big_endian ? cur_u32be(c, &v) : cur_u32le(c, &v)))
		return (false);
	*ret = v;
	return (true);
}

enum outcome { MORE, NONE, DONE };	/* MORE: find->need was raised */

static enum outcome
want(struct find *f, uint64_t more)
{
	f->need = f->b.n + (more < LIMIT_GO_BUILDINFO ? (size_t)more :
	    LIMIT_GO_BUILDINFO);
	return (MORE);
}

/* The header of a find and its strings, as far as they are there. */
static enum outcome
header(struct go_state *g, struct find *f)
{
	struct cur c = cur_str(buf_view(&f->b)), numbers;
	struct str version, modules;
	uint8_t bytes, flags;
	uint64_t n;

	if (!cur_skip(&c, MAGIC_BYTES) || !cur_u8(&c, &bytes) ||
	    !cur_u8(&c, &flags) || !cur_take(&c, 16, &numbers))
		return (want(f, HEADER_BYTES - f->b.n));
	if (!(flags & FLAG_INLINE)) {
		/* who reads such headers (the go command) has the magic, too */
		if (g->has_pointers || (bytes != 4 && bytes != 8))
			return (NONE);
		g->big_endian = flags & FLAG_BIG_ENDIAN;
		g->pointer_bytes = bytes;
		g->has_pointers = address(g, &numbers, &g->pointer[0]) &&
		    address(g, &numbers, &g->pointer[1]);
		return (g->has_pointers ? DONE : NONE);
	}
	if (!uvarint(&c, &n))
		return (cur_left(&c) >= 10 ? NONE : want(f, 1));
	if (n == 0 || n > LIMIT_PACKAGE_TEXT)
		return (NONE);
	if (!cur_take_str(&c, (size_t)n, &version))
		return (want(f, n - cur_left(&c)));
	if (!like_version(version))
		return (NONE);
	if (!uvarint(&c, &n))
		return (cur_left(&c) >= 10 ? NONE : want(f, 1));
	if (n > LIMIT_GO_BUILDINFO / 2) {
		g->error = ERR_LIMIT;
		return (NONE);
	}
	if (!cur_take_str(&c, (size_t)n, &modules))
		return (want(f, n - cur_left(&c)));
	g->info.version = version;
	g->info.modules = unframed(modules);
	g->found = true;
	return (DONE);
}

/* The bytes of stretch ${t} that ${f} is waiting for. */
static void
take(struct find *f, const struct stretch *t)
{
	struct exe_bytes b = exe_clip((struct exe_bytes) { t->s, t->at },
	    f->at + f->b.n, f->need - f->b.n);

	if (b.at == f->at + f->b.n && buf_str(&f->b, b.s) < 0)
		abort();	/* need is below the ceiling */
}

/* Go on with header ${i}; true when it is settled and gone. */
static bool
advance(struct go_state *g, size_t i, const struct stretch *t)
{
	struct find *f = &g->open[i];
	enum outcome o = MORE;
	size_t had;

	do {
		had = f->b.n;
		take(f, t);
		if (f->b.n == f->need)
			o = header(g, f);
	} while (o == MORE && f->b.n > had);
	if (o == MORE)
		return (false);
	if (o == NONE && g->error == 0)
		g->error = ERR_MALFORMED;
	if (g->found) {
		g->strings = f->b;	/* info points into it */
		buf_init(&f->b, 1);
		forget(g);
		return (true);
	}
	buf_done(&f->b);
	g->open[i] = g->open[--g->nopen];
	return (true);
}

static void
hit(struct find *list, size_t *n, const struct stretch *t, size_t p, size_t need)
{
	if (*n == FINDS)
		return;
	list[*n] = (struct find) { .at = t->at + p, .need = need };
	buf_init(&list[*n].b, LIMIT_GO_BUILDINFO);
	(*n)++;
}

/* Headers that begin in ${t}, on boundaries counted from ${base}. */
static void
headers(struct go_state *g, struct stretch t, uint64_t base)
{
	uint64_t first = t.at + t.from;
	size_t p = t.from + (size_t)((base - first) % ALIGN);

	for (; p < t.to && p + MAGIC_BYTES <= t.s.n; p += ALIGN)
		if ((uint8_t)t.s.p[p] == 0xff &&
		    memcmp(t.s.p + p, MAGIC, MAGIC_BYTES) == 0)
			hit(g->open, &g->nopen, &t, p, HEADER_BYTES);
}

/* ------------------------------------------------------ the older format -- */

static void
sight(struct go_state *g, const struct stretch *t, size_t p)
{
	struct str s = str_sub(str_sub(t->s, p, t->s.n), 0, VERSION_BYTES);
	struct sighting *v;

	if (g->nsighting == SIGHTINGS)
		return;
	if (g->sighting == NULL)
		g->sighting = mem_array(SIGHTINGS, sizeof(*g->sighting));
	v = &g->sighting[g->nsighting++];
	*v = (struct sighting) { .at = t->at + p, .n = (uint8_t)s.n };
	memcpy(v->text, s.p, s.n);
}

/* What may be a string of the older format, in a part that is only read. */
static void
old_strings(struct go_state *g, struct stretch t)
{
	static const uint8_t frame[FRAME_BYTES] = FRAME;
	struct stretch ones = t;
	size_t p;

	/* "go1." by its rarest byte: four times as fast as by all of it */
	ones.to = t.to + 2 < t.s.n ? t.to + 2 : t.s.n;
	for (p = t.from + 2; (p = stretch_find(&ones, p, "1", 1)) < ones.to; p++)
		if (str_starts(str_sub(t.s, p - 2, t.s.n), "go1."))
			sight(g, &t, p - 2);
	for (p = t.from; (p = stretch_find(&t, p, frame, FRAME_BYTES)) < t.to;
	    p++)
		hit(g->frame, &g->nframe, &t, p, LIMIT_GO_FRAME);
}

/* Bytes that stand at memory address ${at}, in a part that can be written. */
static bool
kept_at(const struct go_state *g, const struct exe *x, uint64_t at, size_t n,
    struct cur *ret)
{
	uint64_t offset, before = 0;
	struct cur c;

	if (!exe_offset(x, at, &offset))
		return (false);
	for (size_t i = 0; i < x->n; i++) {
		const struct exe_part *p = &x->part[i];

		if (!(p->flags & EXE_WRITE))
			continue;
		if (offset < p->offset || offset - p->offset >= p->size) {
			before += p->size;
			continue;
		}
		before += offset - p->offset;
		c = cur_str(buf_view(&g->kept));
		return (before <= SIZE_MAX && cur_skip(&c, (size_t)before) &&
		    cur_take(&c, n, ret));
	}
	return (false);
}

/* Offset and length of the string whose header is at ${at}. */
static bool
string_at(const struct go_state *g, const struct exe *x, uint64_t at,
    uint64_t *offset, uint64_t *n)
{
	uint64_t data;
	struct cur c;

	return (kept_at(g, x, at, 2 * g->pointer_bytes, &c) &&
	    address(g, &c, &data) && address(g, &c, n) &&
	    exe_offset(x, data, offset));
}

static int
resolve(struct go_state *g, const struct exe *x, struct diag *d)
{
	uint64_t at, n;

	if (!string_at(g, x, g->pointer[0], &at, &n))
		goto lost;
	for (size_t i = 0; i < g->nsighting; i++)
		if (g->sighting[i].at == at && n <= g->sighting[i].n)
			g->info.version = str_n(g->sighting[i].text, (size_t)n);
	if (!string_at(g, x, g->pointer[1], &at, &n))
		n = 0;
	for (size_t i = 0; i < g->nframe; i++)
		if (g->frame[i].at == at && n <= g->frame[i].b.n)
			g->info.modules = unframed(str_sub(buf_view(
			    &g->frame[i].b), 0, (size_t)n));
	if (g->info.version.n == 0 || (n > 0 && g->info.modules.n == 0))
		goto lost;
	return (0);
lost:
	return (diag_set(d, ERR_UNSUPPORTED, 0, "build information of Go points "
	    "to what was not found"));
}

/* ------------------------------------------------------------- the file -- */

static void
look(struct go_state *g, const struct exe *x, struct stretch t)
{
	for (size_t i = 0; !g->found && i < g->nopen;)
		i += advance(g, i, &t) ? 0 : 1;
	for (size_t i = 0; !g->found && i < g->nframe; i++)
		take(&g->frame[i], &t);
	for (size_t i = 0; i < x->n && x->known; i++) {
		const struct exe_part *p = &x->part[i];
		struct stretch s = stretch_clip(t, p->offset, p->size);

		if (p->flags & EXE_NOTE || s.from == s.to)
			continue;
		if (p->flags & EXE_WRITE) {
			headers(g, s, 0);
			if (p->offset % ALIGN != 0)
				headers(g, s, p->offset);
		} else if (g->maybe_old && !(p->flags & EXE_EXECUTE)) {
			old_strings(g, s);
		}
	}
	if (!x->known)
		headers(g, t, 0);
	/* what was found now begins in this stretch */
	for (size_t i = 0; !g->found && i < g->nopen;)
		i += advance(g, i, &t) ? 0 : 1;
	for (size_t i = 0; !g->found && i < g->nframe; i++)
		take(&g->frame[i], &t);
}

/* Parts come in the order of the file, or are not kept at all. */
static void
keep(struct go_state *g, const struct exe *x, struct exe_bytes b)
{
	uint64_t before = 0;
	struct exe_bytes s;

	for (size_t i = 0; i < x->n; i++) {
		const struct exe_part *p = &x->part[i];

		if (!(p->flags & EXE_WRITE))
			continue;
		s = exe_clip(b, p->offset, p->size);
		if (s.s.n > 0 && g->kept.n == before + (s.at - p->offset) &&
		    buf_str(&g->kept, s.s) < 0)
			g->maybe_old = false;	/* larger than any was */
		before += p->size;
	}
}

void
go_feed(struct go_find *f, struct cur piece, bool last)
{
	struct exe_bytes b;
	struct stretch t;

	while (exe_next(&f->exe, &piece, last, &b)) {
		if (f->state == NULL)
			f->state = begin(&f->exe.exe, b.s);
		if (f->state->found || f->state->packed)
			continue;
		if (f->state->maybe_old)
			keep(f->state, &f->exe.exe, b);
		while (window_next(&f->window, b.s, false, &t))
			if (!f->state->found)
				look(f->state, &f->exe.exe, t);
	}
	if (last && f->state != NULL)
		while (window_next(&f->window, str_of(""), true, &t))
			if (!f->state->found && !f->state->packed)
				look(f->state, &f->exe.exe, t);
}

int
go_end(struct go_find *f, struct go_info *ret, struct diag *d)
{
	struct go_state *g = f->state;
	int rc = 0;

	*ret = (struct go_info) { .is_go = false };
	if (g == NULL)
		return (0);
	if (g->packed) {
		rc = diag_set(d, ERR_UNSUPPORTED, 0, "packed by UPX");
	} else if (g->found) {
		;
	} else if (g->has_pointers) {
		rc = resolve(g, &f->exe.exe, d);
	} else if (g->nopen > 0 || g->error != 0) {
		rc = diag_set(d, g->error == ERR_LIMIT ? ERR_LIMIT :
		    ERR_MALFORMED, 0, "build information of Go that is %s",
		    g->error == ERR_LIMIT ? "too large" : "cut off or damaged");
	}
	g->info.packed = g->packed;
	g->info.is_go = g->is_go || g->found || g->has_pointers;
	*ret = g->info;
	return (rc);
}

void
go_done(struct go_find *f)
{
	exe_done(&f->exe);
	if (f->state == NULL)
		return;
	forget(f->state);
	buf_done(&f->state->strings);
	free(f->state);
}
