/* See tar_entry.h. */
#include <stdlib.h>
#include "common/cur.h"
#include "common/tar_entry.h"

/* Fields of a header: offset and length. */
#define NAME 0, 100
#define SIZE 124, 12
#define TYPE 156
#define TARGET 157, 100
#define MAGIC 257
#define PREFIX 345, 155
#define STAR_PREFIX 345, 131
#define STAR_TRAILER 508, 4
#define GNU_ATIME 345, 12
#define GNU_CTIME 357, 12
#define GNU_SPARSE 386, 24	/* the first piece of a sparse file */
#define GNU_EXTENDED 482, 1
#define GNU_REAL_SIZE 483, 12

static struct str
field(const uint8_t h[TAR_ENTRY_BLOCK], size_t at, size_t n)
{
	return (str_sub(str_n(h, TAR_ENTRY_BLOCK), at, at + n));
}

/* Up to the first NUL byte. */
static struct str
text(struct str s)
{
	return (str_sub(s, 0, str_find(s, '\0')));
}

static bool
is_set(struct str s)
{
	return (s.p[0] != '\0');
}

static uint64_t
number(struct str s)
{
	const uint64_t top = (uint64_t)1 << 62;
	uint64_t v = 0;

	if (s.p[0] & 0x80) {
		v = s.p[0] & 0x3f;
		for (size_t i = 1; i < s.n; i++)
			v = v > top >> 8 ? top : v << 8 | (uint8_t)s.p[i];
		return (v);
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '7')
			v = v << 3 | (uint64_t)(s.p[i] - '0');
		else if (v != 0)
			break;
	return (v);
}

uint64_t
tar_entry_size(const uint8_t h[TAR_ENTRY_BLOCK])
{
	return (number(field(h, SIZE)));
}

void
tar_entry_clear(struct tar_entry *t)
{
	free(t->pax.p);
	free(t->name.p);
	free(t->target.p);
	*t = (struct tar_entry) { .pax = { NULL, 0 } };
}

/* -------------------------------------------------------------------- pax -- */

static bool
names_something(struct str key)
{
	return (str_eqz(key, "path") || str_eqz(key, "linkpath") ||
	    str_eqz(key, "GNU.sparse.name"));
}

/* The next record "LEN KEY=VALUE\n".  NULL, or what is wrong with it. */
static const char *
pax_record(struct cur *body, struct str *key, struct str *value)
{
	struct str rest = cur_rest(body), len;
	struct cur rec;
	uint64_t n;
	size_t i;

	if ((i = str_find(rest, ' ')) == rest.n || i > 20)
		return ("pax record without a length");
	len = str_sub(rest, 0, i);
	if (!str_u64(len, &n) || n <= i + 1 || n > rest.n ||
	    !cur_take(body, (size_t)n, &rec) || !cur_skip(&rec, i + 1))
		return ("pax record with a wrong length");
	rest = cur_rest(&rec);
	if (rest.p[rest.n - 1] != '\n')
		return ("pax record without its end");
	if ((i = str_find(rest, '=')) == rest.n)
		return ("pax record without a value");
	*key = str_sub(rest, 0, i);
	*value = str_sub(rest, i + 1, rest.n - 1);
	return (NULL);
}

static const char *
pax_finding(struct str body)
{
	struct cur c = cur_str(body);
	struct str key, value;
	const char *why;

	while (cur_left(&c) > 0) {
		if ((why = pax_record(&c, &key, &value)) != NULL)
			return (why);
		if (names_something(key) && str_find(value, '\0') < value.n)
			return ("NUL byte in a pax name");
	}
	return (NULL);
}

/* The last value of ${key} in the pax header; empty when there is none. */
static struct str
pax(const struct tar_entry *t, const char *key)
{
	struct cur c = cur_of(t->pax.p, t->pax.n);
	struct str k, value, ret = { NULL, 0 };

	while (cur_left(&c) > 0 && pax_record(&c, &k, &value) == NULL)
		if (str_eqz(k, key))
			ret = value;
	return (ret);
}

/* Does any record say that the file is sparse? */
static bool
pax_says_sparse(const struct tar_entry *t)
{
	struct cur c = cur_of(t->pax.p, t->pax.n);
	struct str key, value;

	while (cur_left(&c) > 0 && pax_record(&c, &key, &value) == NULL)
		if (str_starts(key, "GNU.sparse.") ||
		    str_eqz(key, "SCHILY.realsize") ||
		    str_eqz(key, "SUN.holesdata"))
			return (true);
	return (false);
}

/* Does Go read it as a sparse file? */
static bool
pax_is_sparse(const struct tar_entry *t)
{
	struct str major = pax(t, "GNU.sparse.major");
	struct str minor = pax(t, "GNU.sparse.minor");

	if (major.n > 0 || minor.n > 0)
		return ((str_eqz(major, "0") && (str_eqz(minor, "0") ||
		    str_eqz(minor, "1"))) ||
		    (str_eqz(major, "1") && str_eqz(minor, "0")));
	return (pax(t, "GNU.sparse.map").n > 0 ||
	    pax(t, "GNU.sparse.offset").n > 0 ||
	    pax(t, "GNU.sparse.numbytes").n > 0);
}

const char *
tar_entry_extended(struct tar_entry *t, char type, uint8_t **body, size_t n)
{
	struct tar_entry_body *to = type == 'L' ? &t->name :
	    type == 'K' ? &t->target : &t->pax;
	bool is_pax = to == &t->pax;
	const char *why = is_pax ? pax_finding(str_n(*body, n)) : NULL;

	/* Go hands a global header out by itself, and nothing is left of
	 * those before it */
	if (type == 'g')
		tar_entry_clear(t);
	free(to->p);
	*to = (struct tar_entry_body) { *body, n };
	*body = NULL;
	if (type == 'g')
		tar_entry_clear(t);
	return (why);
}

/* ------------------------------------------------------------------ header -- */

enum dialect { V7, USTAR, STAR, GNU };

static enum dialect
dialect_of(const uint8_t h[TAR_ENTRY_BLOCK])
{
	if (memcmp(h + MAGIC, "ustar\0", 6) == 0)
		return (memcmp(field(h, STAR_TRAILER).p, "tar\0", 4) == 0 ?
		    STAR : USTAR);
	return (memcmp(h + MAGIC, "ustar  \0", 8) == 0 ? GNU : V7);
}

/* Can Go read the time in ${s}? */
static bool
is_number(struct str s)
{
	uint64_t v = 0;
	uint8_t byte, invert;

	if (s.p[0] & 0x80) {	/* base 256, at most 63 bits and a sign */
		invert = s.p[0] & 0x40 ? 0xff : 0;
		for (size_t i = 0; i < s.n; i++) {
			byte = (uint8_t)s.p[i] ^ invert;
			if (i == 0)
				byte &= 0x7f;
			if (v >> 56 != 0)
				return (false);
			v = v << 8 | byte;
		}
		return (v >> 63 == 0);
	}
	while (s.n > 0 && memchr(" ", s.p[0], 2) != NULL)
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && memchr(" ", s.p[s.n - 1], 2) != NULL)
		s = str_sub(s, 0, s.n - 1);
	s = text(s);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '7')
			return (false);
	return (true);
}

static bool
is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return (false);
	return (true);
}

/* What stands before the name.  Go before 1.8 wrote a prefix over the times of
 * GNU's header: no times means that. */
static struct str
prefix_of(const uint8_t h[TAR_ENTRY_BLOCK])
{
	struct str none = { NULL, 0 }, prefix = text(field(h, PREFIX));
	struct str atime = field(h, GNU_ATIME), ctime = field(h, GNU_CTIME);

	switch (dialect_of(h)) {
	case USTAR:
		return (prefix);
	case STAR:
		return (text(field(h, STAR_PREFIX)));
	case GNU:
		return ((is_set(atime) && !is_number(atime)) ||
		    (is_set(ctime) && !is_number(ctime)) ?
		    is_ascii(prefix) ? prefix : none : none);
	case V7:
		break;
	}
	return (none);
}

static struct str
name_of(struct tar_entry *t)
{
	struct str prefix, s;

	if (pax_is_sparse(t) && (s = pax(t, "GNU.sparse.name")).n > 0)
		return (s);
	if ((s = text(str_n(t->name.p, t->name.n))).n > 0 ||
	    (s = pax(t, "path")).n > 0)
		return (s);
	s = text(field(t->header, NAME));
	prefix = prefix_of(t->header);
	if (prefix.n == 0)
		return (s);
	return (str_n(t->joined, (size_t)snprintf(t->joined, sizeof(t->joined),
	    "%.*s/%.*s", STR_ARG(prefix), STR_ARG(s))));
}

static struct str
target_of(const struct tar_entry *t)
{
	struct str s = text(str_n(t->target.p, t->target.n));

	if (s.n == 0)
		s = pax(t, "linkpath");
	return (s.n > 0 ? s : text(field(t->header, TARGET)));
}

/* Does Go read the content from other places than libarchive? */
static bool
is_torn(const struct tar_entry *t)
{
	const uint8_t *h = t->header;

	if (h[TYPE] == 'S')
		return (pax_says_sparse(t));
	return ((pax_says_sparse(t) && !pax_is_sparse(t)) ||
	    (dialect_of(h) == GNU && (is_set(field(h, GNU_SPARSE)) ||
	    is_set(field(h, GNU_EXTENDED)) ||
	    is_set(field(h, GNU_REAL_SIZE)))));
}

/* How much the file says to have, and how much stands in the tar. */
static uint64_t
sizes(const struct tar_entry *t, uint64_t *stored)
{
	const uint8_t *h = t->header;
	struct str s = pax(t, "size");
	uint64_t n = tar_entry_size(h);

	if (s.n > 0 && !str_u64(s, &n))
		n = UINT64_MAX;
	*stored = n;
	if (h[TYPE] == 'S') {
		*stored = UINT64_MAX;	/* a map of any length comes first */
		return (number(field(h, GNU_REAL_SIZE)));
	}
	if (memchr("123456", h[TYPE], 6) != NULL)
		*stored = 0;
	if (!pax_is_sparse(t))
		return (n);
	if ((s = pax(t, "GNU.sparse.size")).n == 0)
		s = pax(t, "GNU.sparse.realsize");
	if (s.n > 0 && !str_u64(s, &n))
		n = UINT64_MAX;
	return (n);
}

/* Is it a directory, by Go's rules?  Of no type by the last character. */
static bool
is_directory(const struct tar_entry *t, struct str name)
{
	uint8_t type = t->header[TYPE];

	return (type == '5' || (type == '\0' && str_ends(name, "/")));
}

const char *
tar_entry_judge(struct tar_entry *t, const uint8_t h[TAR_ENTRY_BLOCK],
    struct archive_item *it, uint64_t *length)
{
	uint64_t size;

	memcpy(t->header, h, TAR_ENTRY_BLOCK);
	it->path = name_of(t);
	if (it->type == ARCHIVE_SYMLINK || it->type == ARCHIVE_HARDLINK)
		it->target = target_of(t);
	size = sizes(t, length);
	if (is_directory(t, it->path) != (it->type == ARCHIVE_DIR))
		return ("a file to some and a directory to others");
	if (it->type == ARCHIVE_FILE && (is_torn(t) || size != it->size))
		return ("its headers give it two contents");
	/* of hard links the walk itself tells it */
	if (it->type != ARCHIVE_FILE && it->type != ARCHIVE_HARDLINK &&
	    it->size > *length)
		return ("content of what can have none");
	return (NULL);
}
