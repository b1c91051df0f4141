/* One logical line at a time: joined first, then split and unescaped. */
#include "properties.h"

static bool
is_space(char c)
{
	return (c == ' ' || c == '\t' || c == '\f');
}

static struct str
without_indent(struct str line)
{
	size_t i = 0;

	while (i < line.n && is_space(line.p[i]))
		i++;
	return (str_sub(line, i, line.n));
}

/* An odd number of backslashes at its end continues a line. */
static bool
continues(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[line.n - 1 - n] == '\\')
		n++;
	return (n % 2 == 1);
}

static void
put(struct buf *room, char c)
{
	(void)!buf_byte(room, (uint8_t)c);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c = (char)(c | 0x20);
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* The four digits behind "\u" as UTF-8; halves of a surrogate pair, which no
 * name or version has, become "?".  How many bytes were used. */
static size_t
unicode(struct str s, struct buf *room)
{
	unsigned v = 0;
	int x;

	if (s.n < 4)
		return (0);
	for (size_t i = 0; i < 4; i++) {
		if ((x = hex_digit(s.p[i])) < 0)
			return (0);
		v = v * 16 + (unsigned)x;
	}
	if (v >= 0xd800 && v < 0xe000) {
		put(room, '?');
	} else if (v < 0x80) {
		put(room, (char)v);
	} else if (v < 0x800) {
		put(room, (char)(0xc0 | v >> 6));
		put(room, (char)(0x80 | (v & 0x3f)));
	} else {
		put(room, (char)(0xe0 | v >> 12));
		put(room, (char)(0x80 | (v >> 6 & 0x3f)));
		put(room, (char)(0x80 | (v & 0x3f)));
	}
	return (4);
}

static void
unescape(struct str s, struct buf *room)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			put(room, s.p[i]);
			continue;
		}
		if (++i == s.n)
			break;
		switch (s.p[i]) {
		case 't': put(room, '\t'); break;
		case 'n': put(room, '\n'); break;
		case 'r': put(room, '\r'); break;
		case 'f': put(room, '\f'); break;
		case 'u':
			i += unicode(str_sub(s, i + 1, s.n), room);
			break;
		default: put(room, s.p[i]);
		}
	}
}

/* Where the key of ${line} ends, and where the value begins. */
static size_t
key_end(struct str line, size_t *value)
{
	size_t i = 0, k;

	while (i < line.n && !is_space(line.p[i]) && line.p[i] != '=' &&
	    line.p[i] != ':')
		i += line.p[i] == '\\' && i + 1 < line.n ? 2 : 1;
	for (k = i; k < line.n && is_space(line.p[k]); k++)
		;
	if (k < line.n && (line.p[k] == '=' || line.p[k] == ':'))
		k++;
	while (k < line.n && is_space(line.p[k]))
		k++;
	*value = k;
	return (i);
}

bool
properties_next(struct cur *c, struct buf *room, struct str *key,
    struct str *value)
{
	struct str line, all;
	size_t raw, from, end, v;

	do {
		if (!cur_line(c, &line))
			return (false);
		line = without_indent(line);
	} while (line.n == 0 || line.p[0] == '#' || line.p[0] == '!');
	buf_clear(room);
	for (;;) {
		bool more = continues(line);

		(void)!buf_str(room, str_sub(line, 0, line.n - (more ? 1 : 0)));
		if (!more || !cur_line(c, &line))
			break;
		line = without_indent(line);
	}
	raw = room->n;
	end = key_end(buf_view(room), &v);
	/* Room for the results first: then nothing moves while we read. */
	if (buf_room(room, raw * 3) == NULL) {
		*key = *value = str_of("");
		return (true);
	}
	all = str_sub(buf_view(room), 0, raw);
	from = room->n;
	unescape(str_sub(all, 0, end), room);
	end = room->n;
	unescape(str_sub(all, v, raw), room);
	*key = str_sub(buf_view(room), from, end);
	*value = str_sub(buf_view(room), end, room->n);
	return (true);
}
