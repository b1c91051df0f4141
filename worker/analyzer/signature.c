/*
 * The text is compared character by character where its longest run of plain
 * ones was found; what is compared is bounded, whatever the file repeats.
 */
#include "signature.h"

/* Behind the plain text a match spans at most this; all in a window. */
#define SPAN 1152
/* How far before the plain text a match may begin. */
#define BEFORE 96
/* Bytes that "%*" and "%~" pass over. */
#define NEAR 40
#define FAR 1000
/* Characters that are compared in one file; a real one needs some thousand. */
#define WORK (16 * 1000 * 1000)

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
is_lower(char c)
{
	return (c >= 'a' && c <= 'z');
}

static bool
is_word(char c)
{
	return (is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'));
}

static char
at(struct str s, size_t i)
{
	return (i < s.n ? s.p[i] : '\n');	/* no text has a line end */
}

static size_t
run(struct str s, size_t i, bool (*is)(char))
{
	size_t n = 0;

	while (i + n < s.n && n < SIGNATURE_VERSION && is(s.p[i + n]))
		n++;
	return (n);
}

/* Digits with dots between them, ${dots} at least: the longest that is no
 * longer than ${most}; 0 when there is none. */
static size_t
version(struct str s, size_t i, unsigned dots, size_t most)
{
	size_t n = 0, good = 0;
	unsigned have = 0;

	while (n < most && n < SIGNATURE_VERSION) {
		if (is_digit(at(s, i + n))) {
			n++;
			good = have >= dots ? n : good;
		} else if (at(s, i + n) == '.' && n > 0 &&
		    is_digit(at(s, i + n + 1))) {
			have++;
			n++;
		} else {
			break;
		}
	}
	return (good);
}

/* "-rc1", "beta.2", "a7": what makes a version one before or behind another. */
static size_t
suffix(struct str s, size_t i)
{
	static const char *const words[] = { "rc", "RC", "alpha", "beta",
	    "preview", "pre", "dev", "a", "b", "p" };
	size_t n = i, end;

	if (at(s, n) == '-' || at(s, n) == '~' || at(s, n) == '_')
		n++;
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (!str_starts(str_sub(s, n, s.n), words[k]))
			continue;
		end = n + strlen(words[k]);
		if (at(s, end) == '.' && is_digit(at(s, end + 1)))
			end++;
		if (!is_digit(at(s, end)))
			continue;
		return (end + run(s, end, is_digit) - i);
	}
	return (0);
}

static bool
is_month(struct str s, size_t i)
{
	return (at(s, i) >= 'A' && at(s, i) <= 'Z' && is_lower(at(s, i + 1)) &&
	    is_lower(at(s, i + 2)) && !is_word(at(s, i + 3)));
}

struct match {
	size_t end;		/* behind the whole text */
	size_t from, to;	/* the version */
	size_t work;		/* characters compared */
};

/* Where a failed match goes back to. */
struct again {
	const char *p;		/* in the text, at the letter; NULL = nowhere */
	size_t at, n;		/* what it took, and how much may be tried now */
};

/*
 * The sign at ${p}, behind its "%": does it stand in ${s} at ${i}, and how much
 * does it take (*${ret})?  A version and a skip note where to go back to.
 */
static bool
sign(const char *p, struct str s, size_t i, struct again *version_,
    struct again *skip, size_t *ret)
{
	size_t n = 1;
	bool ok = true;

	switch (*p) {
	case 'v': case 'V':
		n = version_->p == p ? version_->n : SIGNATURE_VERSION;
		n = version(s, i, *p == 'V' ? 2 : 1, n);
		ok = n > 0;
		*version_ = (struct again) { p, i, n > 0 ? n - 1 : 0 };
		break;
	case 'p':
		n = suffix(s, i);
		break;
	case 'a':
		n = run(s, i, is_lower);
		n = n <= 2 && !is_word(at(s, i + n)) ? n : 0;
		break;
	case 'd':
		n = run(s, i, is_digit);
		ok = n > 0;
		break;
	case '4':
		n = 4;
		ok = run(s, i, is_digit) == 4;
		break;
	case 's':
		for (n = 0; at(s, i + n) == ' '; n++)
			;
		ok = n > 0;
		break;
	case 'w':
		n = run(s, i, is_word);
		ok = n > 0;
		break;
	case 'h':
		n = 12;
		ok = run(s, i, is_word) == 12;
		break;
	case 'm':
		n = 3;
		ok = is_month(s, i);
		break;
	case 't':
		for (n = 0; n < SIGNATURE_VERSION && i + n < s.n &&
		    memchr(" ,\0\n", s.p[i + n], 4) == NULL; n++)
			;
		break;
	case '0':
		for (n = 0; i + n < s.n && at(s, i + n) == '\0'; n++)
			;
		break;
	case '*': case '~':
		n = skip->p == p ? skip->n : 0;
		ok = n <= (*p == '*' ? NEAR : FAR);
		*skip = (struct again) { ok ? p : NULL, i, n + 1 };
		break;
	default:
		ok = at(s, i) == *p;
	}
	*ret = n;
	return (ok);
}

/*
 * Does ${text} stand in ${s} at ${i}?  Two things can be longer or shorter: the
 * version (a host's name may follow it and begin with a digit) takes less when
 * what follows does not fit, and "%*" or "%~" takes more.
 */
static bool
matches(const char *text, struct str s, size_t i, struct match *m)
{
	struct again version_ = { NULL, 0, 0 }, skip = { NULL, 0, 0 };
	const char *p = text;
	size_t n;

	*m = (struct match) { .work = 0 };
	while (*p != '\0') {
		bool ok = true;

		m->work++;
		n = 1;
		if (*p == '{') {
			m->from = i;
			n = 0;
		} else if (*p == '}') {
			m->to = i;
			n = 0;
		} else if (*p == '^') {
			ok = at(s, i) == '\0' && i < s.n;
		} else if (*p != '%') {
			ok = at(s, i) == *p;
		} else {
			ok = sign(++p, s, i, &version_, &skip, &n);
		}
		if (ok && i + n <= s.n) {
			i += n;
			p++;
		} else if (version_.p != NULL && version_.n > 0) {
			i = version_.at;
			p = version_.p - 1;
		} else if (skip.p != NULL) {
			i = skip.at;
			p = skip.p - 1;
			/* a version behind it begins anew */
			if (version_.p > skip.p)
				version_.p = NULL;
		} else {
			return (false);
		}
	}
	m->end = i;
	return (true);
}

/* ${text} with ${star} for "%f"; false if that has odd characters. */
static bool
fill_in(struct signature *l, const char *text, struct str star)
{
	size_t n = 0;

	if (strstr(text, "%f") != NULL)
		for (size_t i = 0; i < star.n; i++)
			if (!is_word(star.p[i]) && star.p[i] != '-' &&
			    star.p[i] != '_')
				return (false);
	for (const char *p = text; *p != '\0'; p++) {
		bool file = p[0] == '%' && p[1] == 'f';
		size_t more = file ? star.n : 1;

		if (n + more >= SIGNATURE_TEXT)
			return (false);
		if (more > 0)
			memcpy(l->text + n, file ? star.p : p, more);
		n += more;
		p += file;
	}
	l->text[n] = '\0';
	return (true);
}

static void
find_plain(struct signature *l)
{
	char run_[SIGNATURE_TEXT];
	bool behind = false;
	size_t n = 0;

	for (const char *p = l->text;; p++) {
		if (*p == '{' || *p == '}')
			continue;
		if (*p == '\0' || (*p == '%' && p[1] != '%')) {
			if (n > l->nplain) {
				memcpy(l->plain, run_, n);
				l->nplain = n;
				l->first = !behind;
			}
			behind = true;
			n = 0;
			/* what is far behind is not where to begin */
			if (*p == '\0' || p[1] == '~')
				break;
			p++;
			continue;
		}
		p += *p == '%';
		run_[n++] = *p == '^' ? '\0' : *p;
	}
}

bool
signature_init(struct signature *l, const char *text, struct str file)
{
	*l = (struct signature) { .nplain = 0 };
	if (!fill_in(l, text, file))
		return (false);
	find_plain(l);
	return (true);
}

struct str
signature_plain(const struct signature *l)
{
	return (str_n(l->plain, l->nplain));
}

bool
signature_at(struct signature *l, const struct stretch *t, size_t p,
    char version_[SIGNATURE_VERSION + 1])
{
	size_t from = l->first ? p : p > BEFORE ? p - BEFORE : 0;
	struct str s = str_sub(t->s, 0, p + SPAN);
	struct match m;
	bool ok;

	if (l->work >= WORK)
		return (false);
	for (size_t i = from; i <= p; i++) {
		/* not in the middle of a longer number */
		if (l->text[0] == '{' && i > 0 && (is_digit(s.p[i - 1]) ||
		    s.p[i - 1] == '.'))
			continue;
		ok = matches(l->text, s, i, &m);
		l->work += m.work;
		if (!ok || m.end < p + l->nplain ||
		    m.to - m.from > SIGNATURE_VERSION)
			continue;
		memcpy(version_, s.p + m.from, m.to - m.from);
		version_[m.to - m.from] = '\0';
		return (true);
	}
	return (false);
}
