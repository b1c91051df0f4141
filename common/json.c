/*
 * JSON over jansson.  The tree costs up to four times the text (22 MB of tags
 * became 83 MB), so whoever parses what strangers wrote does it in a sandboxed
 * child with an address-space ceiling.  jansson recurses while parsing: depth is
 * checked by a scan over the bytes first.
 */
#include <jansson.h>
#include <stdlib.h>
/* our own, as functions, below */
#undef json_is_object
#undef json_is_array
#undef json_is_string
#undef json_is_null
#include "json.h"
#include "limits.h"
#include "mem.h"
#include "text.h"

static const json_t *
in(const struct json *j)
{
	return ((const json_t *)j);
}

static const struct json *
out(const json_t *j)
{
	return ((const struct json *)j);
}

/*
 * Nesting of ${s} and how many values it can hold, brackets and commas in
 * strings not counted: the smallest values cost a hundred times their text.
 */
static int
check_shape(struct str s, struct diag *d)
{
	bool quoted = false;
	unsigned depth = 0;
	size_t values = 1;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			values++;
			if (++depth > LIMIT_JSON_DEPTH)
				return (diag_set(d, ERR_LIMIT, i,
				    "JSON nested deeper than %d levels",
				    LIMIT_JSON_DEPTH));
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		} else if (c == ',') {
			values++;
		}
		if (values > LIMIT_JSON_VALUES)
			return (diag_set(d, ERR_LIMIT, i,
			    "JSON of more than %d values", LIMIT_JSON_VALUES));
	}
	return (0);
}

int
json_parse(struct str s, size_t max, struct json **ret, struct diag *d)
{
	json_error_t e;
	json_t *root;
	int rc;

	if (s.n > max)
		return (diag_set(d, ERR_LIMIT, max,
		    "JSON document of %zu bytes, limit %zu", s.n, max));
	if ((rc = check_shape(s, d)) < 0)
		return (rc);
	root = json_loadb(s.n != 0 ? s.p : "", s.n,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (root == NULL)
		return (diag_set(d, ERR_MALFORMED,
		    e.position > 0 ? (uint64_t)e.position : 0,
		    "not valid JSON: line %d: %s", e.line, e.text));
	*ret = (struct json *)root;
	return (0);
}

/* The code of the escape "\uXXXX" at ${at}, or -1 where there is none. */
static int
escape_at(struct str s, size_t at)
{
	static const char digits[] = "0123456789abcdef";
	int v = 0;

	if (s.n < 6 || at > s.n - 6 || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return (-1);
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = s.p[i] >= 'A' && s.p[i] <= 'F' ? (char)(s.p[i] | 0x20) :
		    s.p[i];
		const char *p = memchr(digits, c, 16);

		if (p == NULL)
			return (-1);
		v = v << 4 | (int)(p - digits);
	}
	return (v);
}

/* The next escape, from ${at} on, that is half of a character; s.n = none. */
static size_t
half_escape(struct str s, size_t at)
{
	const char *p;
	int v;

	while (at < s.n && (p = memchr(s.p + at, '\\', s.n - at)) != NULL) {
		at = (size_t)(p - s.p);
		v = escape_at(s, at);
		if (v < 0xd800 || v > 0xdfff)
			at += 2;	/* what follows it may be a backslash */
		else if (v < 0xdc00 && (escape_at(s, at + 6) & ~0x3ff) == 0xdc00)
			at += 12;
		else
			return (at);
	}
	return (s.n);
}

/* Behind the string that begins at ${i} of ${s}. */
static size_t
behind_string(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		i += s.p[i] == '\\';
	return (i < s.n ? i + 1 : s.n);
}

/* Put a number of as many characters in the place of [from, to). */
static void
blank(char *p, size_t from, size_t to)
{
	memset(p + from, ' ', to - from);
	p[from] = '0';
}

/* Can jansson hold the number ${s}?  1e999 it cannot, nor 2 to the 64th; what is no
 * number is left to it. */
static bool
is_held(struct str s)
{
	struct str digits = str_sub(s, s.p[0] == '-', s.n);
	size_t e = str_find(s, 'e');
	uint64_t v;

	if (digits.n == 0 || digits.p[0] < '0' || digits.p[0] > '9')
		return (true);
	e = e < s.n ? e : str_find(s, 'E');
	if (e < s.n) {
		e += e + 1 < s.n && (s.p[e + 1] == '-' || s.p[e + 1] == '+');
		return (s.n < 200 && s.n - e <= 3);	/* e99 */
	}
	if (str_find(s, '.') < s.n)
		return (s.n < 200);
	return (str_u64(digits, &v) && v <= INT64_MAX);
}

/* Numbers that cannot be held become 0; were there any? */
static bool
tame_numbers(char *p, size_t n)
{
	struct str s = str_n(p, n);
	bool any = false;
	size_t end;

	for (size_t i = 0; i < n; i = end) {
		for (end = i; end < n &&
		    memchr("+-.0123456789eE", p[end], 15) != NULL; end++)
			;
		if (end == i) {
			end = p[i] == '"' ? behind_string(s, i) : i + 1;
		} else if (memchr("-0123456789", p[i], 11) != NULL &&
		    !is_held(str_sub(s, i, end))) {
			blank(p, i, end);
			any = true;
		}
	}
	return (any);
}

/* Levels that json_parse_top() keeps. */
#define TOP 2

/* What lies deeper becomes 0. */
static void
cut_down(char *p, size_t n)
{
	struct str s = str_n(p, n);
	size_t depth = 0, from = 0, i = 0;

	while (i < n) {
		char c = p[i];

		if (c == '"') {
			i = behind_string(s, i);
			continue;
		}
		if ((c == '[' || c == '{') && ++depth == TOP + 1)
			from = i;
		else if ((c == ']' || c == '}') && depth > 0 &&
		    depth-- == TOP + 1)
			blank(p, from, i + 1);
		i++;
	}
}

static char *
copied(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	memcpy(p, s.p, s.n);
	return (p);
}

int
json_parse_top(struct str s, size_t max, struct json **ret, struct diag *d)
{
	int rc = json_parse_file(s, max, ret, d);
	char *p;

	if (rc != ERR_LIMIT || s.n > max)
		return (rc);
	p = copied(s);
	cut_down(p, s.n);
	rc = json_parse_file(str_n(p, s.n), max, ret, d);
	free(p);
	return (rc);
}

int
json_parse_file(struct str s, size_t max, struct json **ret, struct diag *d)
{
	char *repaired = NULL;
	size_t n;
	int rc;

	if (str_starts(s, "\xEF\xBB\xBF"))
		s = str_sub(s, 3, s.n);
	if (s.n <= max && (!text_is_utf8(s) || half_escape(s, 0) < s.n)) {
		s.p = repaired = copied(s);
		for (n = 0; (n = half_escape(s, n)) < s.n;)
			memcpy(repaired + n + 2, "fffd", 4);
		for (size_t i = 0; i < s.n; i += n)
			if ((n = text_utf8_len((unsigned char *)repaired + i,
			    s.n - i)) == 0) {
				repaired[i] = '?';
				n = 1;
			}
	}
	rc = json_parse(s, max, ret, d);
	if (rc == ERR_MALFORMED && s.n > 0) {
		if (repaired == NULL)
			s.p = repaired = copied(s);
		if (tame_numbers(repaired, s.n))
			rc = json_parse(s, max, ret, d);
	}
	free(repaired);
	return (rc);
}

void
json_free(struct json *root)
{
	json_decref((json_t *)root);
}

const struct json *
json_get(const struct json *o, const char *key)
{
	return (out(json_object_get(in(o), key)));
}

bool
json_is_object(const struct json *j)
{
	return (j != NULL && json_typeof(in(j)) == JSON_OBJECT);
}

bool
json_is_array(const struct json *j)
{
	return (j != NULL && json_typeof(in(j)) == JSON_ARRAY);
}

bool
json_is_string(const struct json *j)
{
	return (j != NULL && json_typeof(in(j)) == JSON_STRING);
}

bool
json_is_null(const struct json *j)
{
	return (j != NULL && json_typeof(in(j)) == JSON_NULL);
}

struct str
json_str(const struct json *j)
{
	if (!json_is_string(j))
		return (str_n(NULL, 0));
	return (str_n(json_string_value(in(j)), json_string_length(in(j))));
}

int64_t
json_int(const struct json *j, int64_t otherwise)
{
	if (j == NULL || json_typeof(in(j)) != JSON_INTEGER)
		return (otherwise);
	return (json_integer_value(in(j)));
}

double
json_number(const struct json *j)
{
	return (j != NULL ? json_number_value(in(j)) : 0);
}

bool
json_bool(const struct json *j)
{
	return (j != NULL && json_typeof(in(j)) == JSON_TRUE);
}

size_t
json_len(const struct json *a)
{
	return (json_is_array(a) ? json_array_size(in(a)) : 0);
}

const struct json *
json_at(const struct json *a, size_t i)
{
	return (out(json_array_get(in(a), i)));
}

struct str
json_get_str(const struct json *o, const char *key)
{
	return (json_str(json_get(o, key)));
}

int64_t
json_get_int(const struct json *o, const char *key, int64_t otherwise)
{
	return (json_int(json_get(o, key), otherwise));
}

bool
json_next(const struct json *o, void **at, struct str *key,
    const struct json **value)
{
	json_t *object = (json_t *)(uintptr_t)o;

	if (!json_is_object(o))
		return (false);
	*at = *at == NULL ? json_object_iter(object) :
	    json_object_iter_next(object, *at);
	if (*at == NULL)
		return (false);
	*key = str_n(json_object_iter_key(*at), json_object_iter_key_len(*at));
	*value = out(json_object_iter_value(*at));
	return (true);
}

bool
json_next_value(const struct json *list, struct json_place *p,
    const struct json **value)
{
	struct str key;

	if (!json_is_array(list))
		return (json_next(list, &p->at, &key, value));
	if (p->i == json_len(list))
		return (false);
	*value = json_at(list, p->i++);
	return (true);
}

/* ------------------------------------------------------------------ writing */

void
json_w_init(struct json_writer *w, struct buf *b)
{
	*w = (struct json_writer) { .b = b };
}

static void
put(struct json_writer *w, const char *s, size_t n)
{
	if (w->error == 0 && buf_add(w->b, s, n) < 0)
		w->error = ERR_LIMIT;
}

/* The comma that belongs before a value or a key. */
static void
before(struct json_writer *w)
{
	uint32_t bit = (uint32_t)1 << w->depth;

	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->more & bit)
		put(w, ",", 1);
	w->more |= bit;
}

static void
open_one(struct json_writer *w, const char *c)
{
	before(w);
	put(w, c, 1);
	if (w->depth == 31)
		w->error = ERR_LIMIT;
	else
		w->depth++;
	w->more &= ~((uint32_t)1 << w->depth);
}

static void
close_one(struct json_writer *w, const char *c)
{
	if (w->depth > 0)
		w->depth--;
	put(w, c, 1);
}

void
json_w_object(struct json_writer *w)
{
	open_one(w, "{");
}

void
json_w_array(struct json_writer *w)
{
	open_one(w, "[");
}

void
json_w_end_object(struct json_writer *w)
{
	close_one(w, "}");
}

void
json_w_end_array(struct json_writer *w)
{
	close_one(w, "]");
}

/* A quoted string; a byte outside UTF-8 becomes the four characters \xHH. */
static void
quoted(struct json_writer *w, struct str s)
{
	static const char hex[] = "0123456789abcdef";
	char esc[8] = "\\u00";

	put(w, "\"", 1);
	for (size_t i = 0, n; i < s.n; i += n) {
		unsigned char c = (unsigned char)s.p[i];

		n = text_utf8_len((const unsigned char *)s.p + i, s.n - i);
		if (n == 0) {
			char bad[5] = { '\\', '\\', 'x', hex[c >> 4],
				hex[c & 15] };

			put(w, bad, 5);
			n = 1;
		} else if (c == '"' || c == '\\') {
			put(w, "\\", 1);
			put(w, s.p + i, 1);
		} else if (c < 0x20 || c == 0x7F) {
			esc[4] = hex[c >> 4];
			esc[5] = hex[c & 15];
			put(w, esc, 6);
		} else
			put(w, s.p + i, n);
	}
	put(w, "\"", 1);
}

void
json_w_key(struct json_writer *w, const char *key)
{
	before(w);
	quoted(w, str_of(key));
	put(w, ":", 1);
	w->after_key = true;
}

void
json_w_str(struct json_writer *w, struct str s)
{
	before(w);
	quoted(w, s);
}

void
json_w_int(struct json_writer *w, int64_t i)
{
	char t[24];
	int n = snprintf(t, sizeof(t), "%lld", (long long)i);

	before(w);
	put(w, t, (size_t)n);
}

void
json_w_number(struct json_writer *w, double v)
{
	char t[32];
	int n = snprintf(t, sizeof(t), "%.9g", v);

	before(w);
	put(w, t, (size_t)n);
}

void
json_w_bool(struct json_writer *w, bool b)
{
	before(w);
	put(w, b ? "true" : "false", b ? 4 : 5);
}

void
json_w_raw(struct json_writer *w, struct str json)
{
	before(w);
	put(w, json.p, json.n);
}

void
json_w_kstr(struct json_writer *w, const char *key, struct str s)
{
	json_w_key(w, key);
	json_w_str(w, s);
}

void
json_w_kint(struct json_writer *w, const char *key, int64_t i)
{
	json_w_key(w, key);
	json_w_int(w, i);
}

void
json_w_kbool(struct json_writer *w, const char *key, bool b)
{
	json_w_key(w, key);
	json_w_bool(w, b);
}
