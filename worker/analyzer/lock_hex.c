/*
 * lock_hex: mix.lock of Elixir and rebar.lock of Erlang, one package a line:
 *	"cowboy": {:hex, :cowboy, "2.9.0", ...},
 *	[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
 * Those from git have no version of Hex and stay out.
 */
#include "common/path.h"
#include "lock.h"

static bool
wants(const struct analyzer_file *f)
{
	static const char *const names[] = { "mix.lock", "rebar.lock", NULL };

	return (lock_is(f->path, names));
}

/* Cut *${line} behind ${what}; false when it is not there. */
static bool
behind(struct str *line, const char *what)
{
	const char *p;

	if (line->n == 0 ||
	    (p = memmem(line->p, line->n, what, strlen(what))) == NULL)
		return (false);
	*line = str_sub(*line, (size_t)(p - line->p) + strlen(what), line->n);
	return (true);
}

static struct str
up_to(struct str s, char end)
{
	return (str_sub(s, 0, str_find(s, end)));
}

static bool
mix(struct str line, struct str *name, struct str *version)
{
	if (!behind(&line, "{:hex, :"))
		return (false);
	*name = up_to(line, ',');
	if (name->n > 2 && name->p[0] == '"')	/* :"a-b" */
		*name = str_sub(*name, 1, name->n - 1);
	if (!behind(&line, ", \""))
		return (false);
	*version = up_to(line, '"');
	return (true);
}

static bool
rebar(struct str line, struct str *name, struct str *version)
{
	if (!behind(&line, "{pkg,<<\""))
		return (false);
	*name = up_to(line, '"');
	if (!behind(&line, "<<\""))
		return (false);
	*version = up_to(line, '"');
	return (true);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	bool is_mix = str_eqz(path_base(f->path), "mix.lock");
	struct str line, name, version;
	int rc = 0;

	while (rc == 0 && cur_line(&c, &line))
		if (is_mix ? mix(line, &name, &version) :
		    rebar(line, &name, &version))
			rc = lock_row(out, "hex", name, version, LOCK_DECLARED,
			    d);
	return (rc);
}

const struct analyzer analyzer_lock_hex = {
	.name = "lock_hex",
	.revision = 1,
	.wants_revision = 1,
	.declared = true,
	.wants = wants,
	.analyze = analyze,
};
