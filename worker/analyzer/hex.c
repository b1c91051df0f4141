/*
 * hex: Erlang and Elixir applications.  Format: ebin/NAME.app, one Erlang term
 * {application, Name, [{vsn, "1.2"}, ...]} (OTP, app(4)), and the file
 * releases/N/OTP_VERSION.  What OTP and Elixir bring themselves has type "otp".
 */
#include <stdlib.h>
#include "analyzer.h"
#include "common/path.h"
#include "where.h"

static bool
is_otp_version(struct str path)
{
	return (str_eqz(path_base(path), "OTP_VERSION") &&
	    str_eqz(where_folder(path_dir(path)), "releases"));
}

static bool
wants(const struct analyzer_file *f)
{
	return ((str_ends(f->path, ".app") &&
	    str_eqz(where_folder(f->path), "ebin") &&
	    !where_is_sample(f->path)) || is_otp_version(f->path));
}

/* Sorted. */
static const char *const otp[] = {
	"asn1", "common_test", "compiler", "cosEvent", "cosEventDomain",
	"cosFileTransfer", "cosNotification", "cosProperty", "cosTime",
	"cosTransactions", "crypto", "debugger", "dialyzer", "diameter",
	"edoc", "eex", "eldap", "elixir", "erl_docgen", "erl_interface", "erts",
	"et", "eunit", "ex_unit", "ftp", "gs", "hipe", "ic", "iex", "inets",
	"jinterface", "kernel", "logger", "megaco", "mix", "mnesia", "observer",
	"odbc", "orber", "os_mon", "otp_mibs", "parsetools", "percept",
	"public_key", "reltool", "runtime_tools", "sasl", "snmp", "ssh", "ssl",
	"stdlib", "syntax_tools", "test_server", "tftp", "tools", "webtool",
	"wx", "xmerl",
};

static int
by_name(const void *name, const void *entry)
{
	return (str_cmp(*(const struct str *)name,
	    str_of(*(const char *const *)entry)));
}

enum token_kind { END, ATOM, STRING, MARK };

struct token {
	enum token_kind kind;
	struct str text;	/* without quotes, escapes as written */
};

static bool
is_atom_byte(uint8_t b)
{
	return ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
	    (b >= '0' && b <= '9') || b == '_' || b == '@' || b == '.');
}

/* Blanks and comments, which run from '%' to the end of the line. */
static void
skip_blank(struct cur *c)
{
	struct str s;

	for (s = cur_rest(c); s.n > 0; s = cur_rest(c)) {
		if (s.p[0] == '%' ? !cur_line(c, &s) :
		    strchr(" \t\r\n", s.p[0]) == NULL || !cur_skip(c, 1))
			return;
	}
}

static struct token
token(struct cur *c)
{
	struct token t = { END, { NULL, 0 } };
	struct str s;
	size_t n = 1;

	skip_blank(c);
	s = cur_rest(c);
	if (s.n == 0)
		return (t);
	if (s.p[0] == '"' || s.p[0] == '\'') {
		while (n < s.n && s.p[n] != s.p[0])
			n += s.p[n] == '\\' ? 2 : 1;
		if (n >= s.n)
			return (t);	/* it does not end */
		t.kind = s.p[0] == '"' ? STRING : ATOM;
		t.text = str_sub(s, 1, n++);
	} else {
		while (is_atom_byte((uint8_t)s.p[0]) && n < s.n &&
		    is_atom_byte((uint8_t)s.p[n]))
			n++;
		t.kind = is_atom_byte((uint8_t)s.p[0]) ? ATOM : MARK;
		t.text = str_sub(s, 0, n);
	}
	return (cur_skip(c, n) ? t : (struct token) { END, { NULL, 0 } });
}

/* Name and version; vsn counts in the list of the application itself. */
static void
app_read(struct cur c, struct str *name, struct str *version)
{
	struct token t, a = { END, { NULL, 0 } }, b = a;
	size_t depth = 0;

	while ((t = token(&c)).kind != END) {
		if (t.kind == MARK && strchr("{[", t.text.p[0]) != NULL)
			depth++;
		else if (t.kind == MARK && strchr("}]", t.text.p[0]) != NULL)
			depth -= depth > 0;
		else if (str_eqz(b.text, ",") && t.kind == ATOM && depth == 1 &&
		    str_eqz(a.text, "application") && name->n == 0)
			*name = t.text;
		else if (str_eqz(b.text, ",") && t.kind == STRING &&
		    depth == 3 && a.kind == ATOM && str_eqz(a.text, "vsn") &&
		    version->n == 0)
			*version = t.text;
		a = b;
		b = t;
	}
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("hex") };
	struct str folder = where_folder(path_dir(f->path));

	if (is_otp_version(f->path)) {
		p.type = p.name = str_of("otp");
		p.version = str_trim(cur_rest(&c));
		p.version = str_trim(str_sub(p.version, 0,
		    str_find(p.version, '\n')));
		return (p.version.n > 0 ? analyzer_package(out, &p, d) : 0);
	}
	app_read(c, &p.name, &p.version);
	if (p.name.n == 0)	/* the file is named after it too */
		p.name = str_sub(path_base(f->path), 0,
		    path_base(f->path).n - 4);
	/* NAME-VERSION/ebin/NAME.app */
	if (p.version.n == 0 && folder.n > p.name.n + 1 &&
	    str_eq(str_sub(folder, 0, p.name.n), p.name) &&
	    folder.p[p.name.n] == '-')
		p.version = str_sub(folder, p.name.n + 1, folder.n);
	if (bsearch(&p.name, otp, sizeof(otp) / sizeof(otp[0]), sizeof(otp[0]),
	    by_name) != NULL)
		p.type = str_of("otp");
	return (p.name.n > 0 ? analyzer_package(out, &p, d) : 0);
}

const struct analyzer analyzer_hex = {
	.name = "hex",
	.revision = 1,
	.wants_revision = 2,
	.wants = wants,
	.analyze = analyze,
};
