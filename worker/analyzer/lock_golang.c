/*
 * lock_golang: go.mod (Go Modules Reference, "go.mod files"): what is required,
 * after what is replaced.  Replacements by a folder stay out: they are the
 * project's own.  go.sum is not read: it names versions that were only looked
 * at on the way, too.
 */
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "go.mod", NULL };

	return (lock_is(f->path, names));
}

/* A required module, and what it is replaced by. */
struct module {
	struct str path, version;
};

struct replaced {
	struct str path, version;	/* no version: all of them */
	struct str by_path, by_version;
};

struct lists {
	struct module *module;
	size_t nmodule;
	struct replaced *replaced;
	size_t nreplaced;
};

/* The next word of *${line}; a comment ends it. */
static struct str
word(struct str *line)
{
	struct str w;
	size_t n = 0;

	*line = str_trim(*line);
	if (str_starts(*line, "//"))
		line->n = 0;
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	w = str_sub(*line, 0, n);
	*line = str_sub(*line, n, line->n);
	if (w.n >= 2 && (w.p[0] == '"' || w.p[0] == '`') &&
	    w.p[w.n - 1] == w.p[0])
		w = str_sub(w, 1, w.n - 1);
	return (w);
}

/* False when there are too many, as the next. */
static bool
require_add(struct lists *l, struct str path, struct str version)
{
	size_t n = l->nmodule;

	if (n == LIMIT_LAYER_PACKAGES)
		return (false);
	if ((n & (n - 1)) == 0)		/* grows at powers of two */
		l->module = mem_realloc(l->module, n == 0 ? 1 : n * 2,
		    sizeof(*l->module));
	l->module[l->nmodule++] = (struct module) { path, version };
	return (true);
}

static bool
replace_add(struct lists *l, const struct replaced *r)
{
	size_t n = l->nreplaced;

	if (n == LIMIT_LAYER_PACKAGES)
		return (false);
	if ((n & (n - 1)) == 0)
		l->replaced = mem_realloc(l->replaced, n == 0 ? 1 : n * 2,
		    sizeof(*l->replaced));
	l->replaced[l->nreplaced++] = *r;
	return (true);
}

/* "PATH VERSION", "PATH [VERSION] => PATH [VERSION]" */
static bool
entry(struct lists *l, struct str verb, struct str line)
{
	struct str path = word(&line), version = word(&line);
	struct replaced r = { .path = path, .version = version };

	if (path.n == 0)
		return (true);
	if (str_eqz(verb, "require"))
		return (require_add(l, path, version));
	if (!str_eqz(verb, "replace"))
		return (true);
	if (str_eqz(version, "=>"))
		r.version = str_of("");
	else
		(void)word(&line);	/* => */
	r.by_path = word(&line);
	r.by_version = word(&line);
	return (replace_add(l, &r));
}

/* Directives, alone ("require a v1") or in a block ("require ( ... )"). */
static bool
lists_read(struct cur c, struct lists *l)
{
	struct str line, verb, block = { NULL, 0 }, rest;
	bool fits = true;

	while (fits && cur_line(&c, &line)) {
		line = str_trim(line);
		if (block.n > 0) {
			if (str_starts(line, ")"))
				block.n = 0;
			else
				fits = entry(l, block, line);
			continue;
		}
		verb = word(&line);
		rest = line;
		if (str_eqz(word(&rest), "("))
			block = verb;
		else
			fits = entry(l, verb, line);
	}
	return (fits);
}

static int
by_path(const void *a, const void *b)
{
	const struct replaced *x = a, *y = b;
	int c = str_cmp(x->path, y->path);

	return (c != 0 ? c : str_cmp(x->version, y->version));
}

static const struct replaced *
find(const struct lists *l, struct str path, struct str version)
{
	const struct replaced key = { .path = path, .version = version };

	return (l->nreplaced == 0 ? NULL : bsearch(&key, l->replaced,
	    l->nreplaced, sizeof(key), by_path));
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	const struct replaced *r;
	struct lists l = { .nmodule = 0 };
	struct module m;
	int rc = 0;

	(void)f;
	if (!lists_read(c, &l))
		rc = diag_set(d, ERR_LIMIT, 0, "more than %d modules",
		    LIMIT_LAYER_PACKAGES);
	if (l.nreplaced > 0)
		qsort(l.replaced, l.nreplaced, sizeof(*l.replaced), by_path);
	for (size_t i = 0; i < l.nmodule && rc == 0; i++) {
		m = l.module[i];
		if ((r = find(&l, m.path, m.version)) == NULL)
			r = find(&l, m.path, str_of(""));
		if (r != NULL) {
			m.path = r->by_path;
			m.version = r->by_version;
		}
		if (r == NULL || m.version.n > 0)
			rc = lock_row(out, "golang", m.path, m.version,
			    LOCK_DECLARED, d);
	}
	free(l.module);
	free(l.replaced);
	return (rc);
}

const struct analyzer analyzer_lock_golang = {
	.name = "lock_golang",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
