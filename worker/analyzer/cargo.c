/*
 * cargo: what Rust programs were built of, as cargo-auditable leaves it in ELF,
 * PE, Mach-O (of universal ones in each slice) and WebAssembly files: section
 * .dep-v0, a zlib stream of JSON.  ELF keeps its table of sections at its end,
 * which a stream reaches too late; so every place is tried where such a stream
 * can begin, and its first bytes tell.
 */
#include "analyzer.h"
#include "common/format/exe.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "deflated.h"
#include "slices.h"
#include "where.h"

/* How the JSON begins: written by serde, without blanks. */
static const char *const begins[] = { "{\"packages\":", "{\"format\":" };
#define BEGIN_BYTES 16
/* Places where inflating is begun: of a large program some hundred. */
#define TRIES 20000

/* One executable. */
struct exe_state {
	struct exe_reader exe;
	struct window window;
	struct deflated list;
	unsigned tries;
};

static bool
wants(const struct analyzer_file *f, struct str head)
{
	static const char wasm[] = "\0asm\1\0\0";	/* and a NUL */

	return ((exe_kind(head) != EXE_NONE || str_eq(str_sub(head, 0,
	    sizeof(wasm)), str_n(wasm, sizeof(wasm)))) &&
	    !where_below(f->path, "testdata") && !where_is_sample(f->path));
}

/* Bytes that like_stream() looks at; every stream is longer. */
#define LIKE_BYTES 13

/* ${n} bits from bit ${at} on, lowest first, as deflate packs them. */
static unsigned
bits(const uint8_t *p, unsigned at, unsigned n)
{
	unsigned v = p[at / 8] | (unsigned)p[at / 8 + 1] << 8;

	return (v >> at % 8 & ((1u << n) - 1));
}

/* Does a dynamic block's code for its code lengths leave nothing unused? */
static bool
sound_lengths(const uint8_t *p)
{
	unsigned n = bits(p, 13, 4) + 4, sum = 0, v;

	if (bits(p, 3, 5) > 29 || bits(p, 8, 5) > 29)
		return (false);
	for (unsigned i = 0; i < n; i++)
		if ((v = bits(p, 17 + 3 * i, 3)) != 0)
			sum += 128u >> v;
	return (sum == 128);
}

/*
 * A zlib header without dictionary and a deflate block that can begin with "{":
 * nearly all other places are told here, without inflating.
 */
static bool
like_stream(const uint8_t *p)
{
	if (p[0] != 0x78 || (p[0] * 256u + p[1]) % 31 != 0 || p[1] & 0x20)
		return (false);
	p += 2;
	switch (bits(p, 1, 2)) {
	case 0:			/* stored: a length twice, then the bytes */
		return ((p[1] ^ p[3]) == 0xff && (p[2] ^ p[4]) == 0xff &&
		    p[5] == '{');
	case 1:			/* fixed codes: that of "{" is 10101011 */
		return (bits(p, 3, 8) == 0xd5);
	case 2:
		return (sound_lengths(p));
	default:
		return (false);
	}
}

static bool
begins_right(struct exe_state *s, struct str from)
{
	uint8_t first[BEGIN_BYTES];
	size_t n;

	if (++s->tries == TRIES) {
		s->list.found = true;	/* what it is not, too */
		s->list.error = diag_set(&s->list.why, ERR_LIMIT, 0,
		    "more than %d places where it might begin", TRIES);
	}
	n = deflated_peek(&s->list, INFLATE_ZLIB, from, first, sizeof(first));
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (str_starts(str_n(first, n), begins[i]))
			return (true);
	return (false);
}

static void
look(struct exe_state *s, const struct stretch *t)
{
	const uint8_t *at, *base = (const uint8_t *)t->s.p;
	size_t p = t->from;

	while (!s->list.found && p < t->to && p + LIKE_BYTES <= t->s.n &&
	    (at = memchr(base + p, 0x78, t->to - p)) != NULL) {
		p = (size_t)(at - base);
		if (p + LIKE_BYTES <= t->s.n && like_stream(at) &&
		    begins_right(s, str_sub(t->s, p, t->s.n))) {
			deflated_begin(&s->list, t->at + p, LIMIT_CARGO_JSON);
			return;
		}
		p++;
	}
}

static void
stretch(struct exe_state *s, struct stretch t)
{
	const struct exe *x = &s->exe.exe;
	struct stretch all = t, part;
	/* What is written at run time is passed over, and code.  In ELF the
	 * section is not loaded, so it lies in no part at all; in Mach-O among
	 * what can be written. */
	unsigned over = x->kind == EXE_MACHO ? 0 : EXE_WRITE | EXE_CODE;

	deflated_feed(&s->list, &t);
	while (!s->list.open && !s->list.found &&
	    exe_next_outside(x, over, &all, &part))
		look(s, &part);
	if (s->list.open && s->list.next >= t.at)
		deflated_feed(&s->list, &t);
}

static void
look_through(struct exe_state *s, struct cur piece, bool last)
{
	struct exe_bytes b;
	struct stretch t;

	while (exe_next(&s->exe, &piece, last, &b))
		while (!s->list.found && window_next(&s->window, b.s, false, &t))
			stretch(s, t);
	while (last && !s->list.found &&
	    window_next(&s->window, str_of(""), true, &t))
		stretch(s, t);
}

/* ----------------------------------------------------------------- rows -- */

/* Only crates.io is what advisories speak of. */
static const char *
scope_of(const struct json *p)
{
	static const char *const words[] = { "git", "local", "registry" };
	struct str kind = json_get_str(p, "kind");
	struct str source = json_get_str(p, "source");

	if (str_caseeqz(source, "crates.io") || str_caseeqz(source, "cratesio"))
		return (str_eqz(kind, "build") ? "build" :
		    str_eqz(kind, "development") ? "dev" : "");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_caseeqz(source, words[i]))
			return (words[i]);
	return ("registry");	/* an unknown one */
}

/* Indices of others in the list, none of itself; loops are not followed. */
static bool
sound(const struct json *p, size_t index, size_t n)
{
	const struct json *deps = json_get(p, "dependencies");
	int64_t to;

	if (json_get_str(p, "name").n == 0 ||
	    json_get_str(p, "version").n == 0)
		return (false);
	for (size_t i = 0; i < json_len(deps); i++) {
		to = json_int(json_at(deps, i), -1);
		if (to < 0 || (uint64_t)to >= n || (uint64_t)to == index)
			return (false);
	}
	return (true);
}

static int
rows(struct str text, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("cargo") };
	const struct json *list, *one;
	struct json *j = NULL;
	size_t bad = 0;
	int rc;

	if ((rc = json_parse(text, LIMIT_CARGO_JSON, &j, d)) < 0)
		return (rc);
	list = json_get(j, "packages");
	if (!json_is_array(list))
		rc = diag_set(d, ERR_MALFORMED, 0, "no list of packages");
	for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
		one = json_at(list, i);
		if (!sound(one, i, json_len(list)))
			bad++;
		p.name = json_get_str(one, "name");
		p.version = json_get_str(one, "version");
		p.scope = json_bool(json_get(one, "root")) ?
		    str_of("application") : str_of(scope_of(one));
		if (p.name.n > 0)
			rc = analyzer_package(out, &p, d);
	}
	if (rc == 0 && bad > 0)
		rc = diag_set(d, ERR_MALFORMED, 0, "%zu packages lack a name or "
		    "version, or depend on what is not there", bad);
	json_free(j);
	return (rc);
}

/* --------------------------------------------------------------- stream -- */

struct state {
	struct fat fat;
	struct exe_state exe;	/* the slice that is read */
	struct slices slices;
};

static int
settle(struct state *s, struct analyzer_out *out, struct diag *d)
{
	const struct deflated *list = &s->exe.list;
	int rc;

	if ((rc = deflated_end(list, ".dep-v0", d)) <= 0 ||
	    (s->fat.is_fat && slices_told(&s->slices, buf_view(&list->text))))
		return (rc < 0 ? rc : 0);
	return (rows(buf_view(&list->text), out, d));
}

static void
exe_state_done(struct exe_state *s)
{
	exe_done(&s->exe);
	deflated_done(&s->list);
	memset(s, 0, sizeof(*s));
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct diag why = { 0 };
	struct fat_bytes b;

	(void)f;
	while (fat_next(&s->fat, &piece, last, &b)) {
		look_through(&s->exe, cur_str(b.s), b.ends);
		if (!b.ends)
			continue;
		slices_error(&s->slices, settle(s, out, &why), &why);
		exe_state_done(&s->exe);
	}
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;

	(void)out;
	return (slices_end(&s->slices, &s->fat, d));
}

static void
done(void *state)
{
	struct state *s = state;

	exe_state_done(&s->exe);
	fat_done(&s->fat);
}

const struct analyzer analyzer_cargo = {
	.name = "cargo",
	.revision = 2,
	.wants_revision = 3,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
