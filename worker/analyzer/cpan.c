/*
 * cpan: Perl distributions.  Format: .meta/DIST/install.json, which cpanm (App::
 * cpanminus) leaves for each, and perllocal.pod, to which "make install" of
 * ExtUtils::MakeMaker appends an entry.  .packlist files name no version and
 * say no more than these two.
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/path.h"
#include "where.h"

static bool
wants(const struct analyzer_file *f)
{
	struct str base = path_base(f->path);

	return (str_eqz(base, "perllocal.pod") ||
	    (str_eqz(base, "install.json") &&
	    str_eqz(where_folder(path_dir(f->path)), ".meta")));
}

/* "Foo::Bar" as distributions are named, Foo-Bar, in ${b}. */
static struct str
dashed(struct str module, struct buf *b)
{
	buf_clear(b);
	for (size_t i = 0; i < module.n; i++) {
		bool colons = module.p[i] == ':' && i + 1 < module.n &&
		    module.p[i + 1] == ':';

		if (buf_byte(b, colons ? '-' : (uint8_t)module.p[i]) < 0)
			break;
		i += colons;
	}
	return (buf_view(b));
}

static int
install_json(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct package p = { .type = STR_LIT("cpan") };
	struct json *j = NULL;
	struct str path;
	struct buf b;
	int rc;

	buf_init(&b, LIMIT_PACKAGE_TEXT);
	if ((rc = json_parse_file(cur_rest(&c), LIMIT_JSON_FILE, &j, d)) < 0)
		goto out;
	p.version = json_get_str(j, "version");
	p.name = json_get_str(j, "dist");	/* NAME-VERSION */
	if (p.name.n > p.version.n + 1 &&
	    str_eq(str_sub(p.name, p.name.n - p.version.n, p.name.n), p.version) &&
	    p.name.p[p.name.n - p.version.n - 1] == '-')
		p.name.n -= p.version.n + 1;
	else
		p.name = dashed(json_get_str(j, "name"), &b);
	/* E/ET/ETHER/Try-Tiny-0.31.tar.gz: the author */
	path = path_dir(json_get_str(j, "pathname"));
	p.vendor = path_base(path);
	if (p.name.n > 0)
		rc = analyzer_package(out, &p, d);
out:
	json_free(j);
	buf_done(&b);
	return (rc);
}

/* An entry of perllocal.pod. */
struct entry {
	struct str module, version;
	size_t at;
	bool whole;		/* its version was stated too */
	bool old;		/* installed again further down */
};

static int
by_module(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;
	int c = str_cmp((*x)->module, (*y)->module);

	return (c != 0 ? c : (*x)->at < (*y)->at ? -1 : (*x)->at > (*y)->at);
}

/* The text between ${from} and ${to} in ${line}, or "". */
static struct str
inside(struct str line, const char *from, char to)
{
	char *p = memmem(line.p, line.n, from, strlen(from));
	size_t at;

	if (line.n == 0 || p == NULL)
		return (str_of(""));
	at = (size_t)(p - line.p) + strlen(from);
	line = str_sub(line, at, line.n);
	return (str_sub(line, 0, str_find(line, to)));
}

/*
 *	=head2 DATE: C<Module> L<Try::Tiny|Try::Tiny>
 *	C<VERSION: 0.31>
 */
static size_t
entries(struct cur *c, struct entry **ret)
{
	struct entry *e = NULL;
	struct str line, s;
	size_t n = 0;

	while (n < LIMIT_LAYER_PACKAGES && cur_line(c, &line)) {
		if (str_starts(line, "=head2 ")) {
			if ((s = inside(line, "L<", '|')).n == 0)
				continue;
			if ((n & (n - 1)) == 0)	/* grows at powers of two */
				e = mem_realloc(e, n == 0 ? 1 : n * 2, sizeof(*e));
			e[n] = (struct entry) { s, { NULL, 0 }, n,
			    false, false };
			n++;
		} else if (n > 0 && str_starts(line, "C<VERSION: ")) {
			e[n - 1].version = str_trim(inside(line, "C<VERSION: ", '>'));
			e[n - 1].whole = true;
		}
	}
	*ret = e;
	return (n);
}

static int
perllocal(struct cur c, struct analyzer_out *out, struct diag *d)
{
	struct entry *e, **order;
	size_t n = entries(&c, &e);
	struct buf b;
	int rc = 0;

	buf_init(&b, LIMIT_PACKAGE_TEXT + 1);
	order = mem_array(n + 1, sizeof(*order));
	for (size_t i = 0; i < n; i++)
		order[i] = &e[i];
	qsort(order, n, sizeof(*order), by_module);
	for (size_t i = 0; i + 1 < n; i++)
		order[i]->old = order[i + 1]->whole &&
		    str_eq(order[i]->module, order[i + 1]->module);
	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct package p = { .type = STR_LIT("cpan"),
		    .name = dashed(e[i].module, &b), .version = e[i].version };

		if (e[i].whole && !e[i].old)
			rc = analyzer_package(out, &p, d);
	}
	if (rc == 0 && cur_left(&c) > 0)
		rc = diag_set(d, ERR_LIMIT, 0, "more than %d entries",
		    LIMIT_LAYER_PACKAGES);
	free(order);
	free(e);
	buf_done(&b);
	return (rc);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	return (str_ends(f->path, ".pod") ? perllocal(c, out, d) :
	    install_json(c, out, d));
}

const struct analyzer analyzer_cpan = {
	.name = "cpan",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
