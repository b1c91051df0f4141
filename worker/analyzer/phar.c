/*
 * phar: PHP programs in one file (Composer itself, WP-CLI, PHPUnit) and what they
 * bring along.  Format: PHP's manual, "Phar file format": PHP that ends with
 * __HALT_COMPILER();, a manifest (what is inside, how large, how compressed), then
 * the content in the same order.  Composer's lists in it say what it is made of.
 * Archives in the formats of tar and zip do not begin as PHP does and are left
 * alone.
 */
#include <stdlib.h>
#include "common/inflate.h"
#include "common/limits.h"
#include "common/path.h"
#include "composer.h"
#include "where.h"

static const char halt[] = "__HALT_COMPILER();";

/* What comes before: a few lines; PHPUnit's names each of its files. */
#define STUB_BYTES (1 * MIB)
/* Of large programs the manifest has 1 MiB. */
#define MANIFEST_BYTES (16 * MIB)
/* That word and what has to be there of what follows: a mark of three bytes, two of
 * a line's end, and the manifest's length, count and version. */
#define BEHIND (sizeof(halt) - 1 + 5 + 10)
/* Composer's lists in one archive, as they lie there: programs have one, or one
 * for each tool. */
#define LISTS 64
#define LIST_BYTES (16 * MIB)

#define COMPRESSED 0xf000	/* flags of an entry: how, if at all ... */
#define BY_DEFLATE 0x1000	/* ... without a header */

struct list {
	struct str name;	/* in state.head */
	uint64_t at;		/* offset in the file */
	uint32_t stored, size, flags;
	size_t from, n;		/* in state.kept */
};

struct state {
	enum { HEAD, CONTENT, OTHER } step;
	struct buf head;	/* the stub and the manifest */
	size_t manifest;	/* where that begins; 0 = not known yet */
	size_t need;		/* of the head */
	uint64_t next;		/* offset of what comes next of the content */
	struct list list[LISTS];
	size_t n, complete;
	uint64_t bytes;		/* of all lists */
	struct buf kept;
	int error;
	struct diag why;
};

/* The first line of a program says by what it runs; without one the name has to
 * say what it is: every file of PHP begins so. */
static bool
wants(const struct analyzer_file *f, struct str head)
{
	struct str line = str_sub(head, 0, str_find(head, '\n'));
	bool ret = str_starts(line, "#!") ?
	    memmem(line.p, line.n, "php", 3) != NULL :
	    str_starts(line, "<?php") && str_ends(f->path, ".phar");

	return (ret && !where_is_sample(f->path));
}

/* ------------------------------------------------------- the manifest -- */

static bool
is_list(struct str name)
{
	struct str base = path_base(name);

	return ((str_eqz(base, "installed.php") ||
	    str_eqz(base, "installed.json")) &&
	    str_eqz(where_folder(name), "composer"));
}

static int
entries(struct state *s, struct cur c, uint32_t count)
{
	uint32_t n, size, time, stored, sum, flags;
	uint64_t at = s->next;
	struct str name;

	for (; count > 0; count--, at += stored) {
		if (!cur_u32le(&c, &n) || !cur_take_str(&c, n, &name) ||
		    !cur_u32le(&c, &size) || !cur_u32le(&c, &time) ||
		    !cur_u32le(&c, &stored) || !cur_u32le(&c, &sum) ||
		    !cur_u32le(&c, &flags) || !cur_u32le(&c, &n) ||
		    !cur_skip(&c, n))
			return (diag_set(&s->why, ERR_MALFORMED, s->manifest,
			    "a phar's list of files ends early"));
		if (!is_list(name))
			continue;
		s->bytes += stored;
		if (s->n == LISTS || s->bytes > LIST_BYTES)
			return (diag_set(&s->why, ERR_LIMIT, at,
			    "a phar has more lists of packages than are kept"));
		s->list[s->n++] = (struct list) { .name = name, .at = at,
		    .stored = stored, .size = size, .flags = flags };
	}
	return (0);
}

static void
read_manifest(struct state *s)
{
	struct cur c = cur_str(str_sub(buf_view(&s->head), s->manifest,
	    s->need));
	uint32_t length, count, flags, n;
	uint16_t version;

	s->step = CONTENT;
	s->next = s->need;
	if (!cur_u32le(&c, &length) || !cur_u32le(&c, &count) ||
	    !cur_u16be(&c, &version) || !cur_u32le(&c, &flags) ||
	    !cur_u32le(&c, &n) || !cur_skip(&c, n) ||	/* its other name */
	    !cur_u32le(&c, &n) || !cur_skip(&c, n))	/* what it likes */
		s->error = diag_set(&s->why, ERR_MALFORMED, s->manifest,
		    "a phar's manifest ends early");
	else
		s->error = entries(s, c, count);
}

/*
 * It begins behind that word, a closing mark and a line end; its first bytes say how
 * long it is.  Looked for from ${from} on, and once all of them are there.
 */
static void
find_manifest(struct state *s, size_t from)
{
	static const char *const marks[] = { " ?>", "\n?>" };
	static const char *const ends[] = { "\r\n", "\n" };
	struct str all = buf_view(&s->head), rest = str_sub(all, from, all.n);
	const char *p = memmem(rest.p, rest.n, halt, sizeof(halt) - 1);
	uint32_t length, count;
	uint16_t version;
	struct cur c;

	if (p == NULL)
		return;
	rest = str_sub(all, (size_t)(p - all.p) + sizeof(halt) - 1, all.n);
	if (rest.n < BEHIND - (sizeof(halt) - 1))
		return;
	for (size_t i = 0; i < 2; i++)
		if (str_starts(rest, marks[i])) {
			rest = str_sub(rest, strlen(marks[i]), rest.n);
			break;
		}
	for (size_t i = 0; i < 2; i++)
		if (str_starts(rest, ends[i])) {
			rest = str_sub(rest, strlen(ends[i]), rest.n);
			break;
		}
	s->manifest = all.n - rest.n;
	c = cur_str(rest);
	if (!cur_u32le(&c, &length) || !cur_u32le(&c, &count) ||
	    !cur_u16be(&c, &version) || version >> 12 != 1) {
		s->step = OTHER;	/* data of another program */
	} else if (length > MANIFEST_BYTES) {
		s->step = OTHER;
		s->error = diag_set(&s->why, ERR_LIMIT, s->manifest,
		    "a phar's manifest of %u bytes", length);
	} else {
		s->need = s->manifest + 4 + length;
	}
}

/* ------------------------------------------------------------ the file -- */

/* Keep what ${bytes}, which come next of the content, hold of the lists. */
static void
take_content(struct state *s, struct str bytes)
{
	uint64_t at = s->next, from;
	struct str part;
	struct list *l;

	s->next += bytes.n;
	while (s->complete < s->n) {
		l = &s->list[s->complete];
		from = l->at + l->n;
		if (from >= s->next && l->n < l->stored)
			return;
		if (l->n == 0)
			l->from = s->kept.n;
		part = str_sub(bytes, from - at, l->at + l->stored - at);
		if (buf_str(&s->kept, part) < 0)
			abort();	/* they were counted */
		l->n += part.n;
		if (l->n < l->stored)
			return;
		s->complete++;
	}
}

/* Take what belongs to the head; what is left of ${bytes} does not. */
static struct str
take_head(struct state *s, struct str bytes)
{
	struct str now;
	size_t n, before;

	while (s->step == HEAD) {
		before = s->head.n;
		if (s->need > 0 && before >= s->need) {
			read_manifest(s);
			/* more came by before it was known where that ends */
			take_content(s, str_sub(buf_view(&s->head), s->need,
			    s->head.n));
			break;
		}
		n = (s->need > 0 ? s->need : STUB_BYTES) - before;
		now = str_sub(bytes, 0, n);
		if (now.n == 0)
			break;
		if (buf_str(&s->head, now) < 0)
			abort();	/* it was made for that much */
		bytes = str_sub(bytes, now.n, bytes.n);
		if (s->need == 0)
			find_manifest(s, before > BEHIND ? before - BEHIND : 0);
		if (s->need == 0 && s->head.n == STUB_BYTES)
			s->step = OTHER;
	}
	return (bytes);
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct str bytes = cur_rest(&piece);

	(void)f, (void)last, (void)out;
	if (s->head.max == 0) {
		buf_init(&s->head, STUB_BYTES + 4 + MANIFEST_BYTES);
		buf_init(&s->kept, LIST_BYTES);
	}
	bytes = take_head(s, bytes);
	if (s->step == CONTENT)
		take_content(s, bytes);
}

/* ----------------------------------------------------------- the lists -- */

/* Its text, which may be inflated into ${room}. */
static int
text_of(struct state *s, const struct list *l, struct buf *room, struct str *ret,
    struct diag *d)
{
	struct inflate_one *z;
	struct cur c;
	int rc;

	*ret = str_sub(buf_view(&s->kept), l->from, l->from + l->n);
	if (l->n < l->stored)
		return (diag_set(d, ERR_MALFORMED, l->at,
		    "a phar ends before its list of packages"));
	if (!(l->flags & COMPRESSED))
		return (0);
	if ((l->flags & COMPRESSED) != BY_DEFLATE)
		return (diag_set(d, ERR_UNSUPPORTED, l->at, "a phar's list of "
		    "packages is compressed by something else than deflate"));
	z = inflate_one_new(INFLATE_BARE);
	c = cur_str(*ret);
	buf_clear(room);
	rc = inflate_one_push(z, &c, room, d);
	inflate_one_free(z);
	if (rc == 0 || (rc > 0 && room->n != l->size))
		rc = diag_set(d, ERR_MALFORMED, l->at,
		    "a phar's list of packages is not as long as it says");
	*ret = buf_view(room);
	return (rc < 0 ? rc : 0);
}

/* installed.json says nothing that installed.php beside it does not. */
static bool
is_needed(const struct state *s, const struct list *l)
{
	if (str_ends(l->name, ".php"))
		return (true);
	for (size_t i = 0; i < s->n; i++)
		if (str_ends(s->list[i].name, ".php") &&
		    str_eq(path_dir(s->list[i].name), path_dir(l->name)))
			return (false);
	return (true);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;
	int rc = 0, error = s->error;
	struct buf room;
	struct str text;
	struct diag why;

	if (error == 0 && s->step == HEAD && s->need > 0)
		error = diag_set(&s->why, ERR_MALFORMED, s->manifest,
		    "a phar's manifest ends early");
	buf_init(&room, LIMIT_JSON_FILE);
	for (size_t i = 0; i < s->n; i++) {
		const struct list *l = &s->list[i];

		if (!is_needed(s, l))
			continue;
		rc = text_of(s, l, &room, &text, &why);
		if (rc == 0)
			rc = str_ends(l->name, ".php") ?
			    composer_php(text, out, &why) :
			    composer_json(text, out, &why);
		if (rc < 0 && error == 0) {
			error = rc;
			s->why = why;
		}
	}
	buf_done(&room);
	if (error < 0)
		*d = s->why;
	return (error);
}

static void
done(void *state)
{
	struct state *s = state;

	buf_done(&s->head);
	buf_done(&s->kept);
}

const struct analyzer analyzer_phar = {
	.name = "phar",
	.revision = 1,
	.wants_revision = 1,
	.stream = &(const struct analyzer_stream) {
		.state = sizeof(struct state),
		.wants = wants,
		.feed = feed,
		.end = end,
		.done = done,
	},
};
