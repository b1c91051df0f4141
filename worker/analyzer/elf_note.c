/*
 * elf_note: the package that an ELF file says it comes from, in a note that
 * distributions' builds leave: section .note.package, owner FDO, type
 * 0xcafe1a7e, JSON (systemd's "Package Metadata for Executable Files").  It
 * stays when the file is copied away from its package; where the package's
 * database is there, that counts.
 */
#include "analyzer.h"
#include "common/format/exe.h"
#include "common/json.h"
#include "common/limits.h"

#define NOTE_PACKAGE 0xcafe1a7eu

struct state {
	struct exe_reader exe;
	struct buf notes;	/* the parts that hold notes, one after another */
	bool over;		/* more than that */
};

static bool
wants(const struct analyzer_file *f, struct str head)
{
	(void)f;
	return (exe_kind(head) == EXE_ELF);
}

static void
feed(void *state, const struct analyzer_file *f, struct cur piece, bool last,
    struct analyzer_out *out)
{
	struct state *s = state;
	struct exe_bytes b, part;

	(void)f;
	(void)out;
	if (s->notes.max == 0)
		buf_init(&s->notes, LIMIT_ELF_NOTES);
	while (exe_next(&s->exe, &piece, last, &b))
		for (size_t i = 0; i < s->exe.exe.n; i++) {
			const struct exe_part *p = &s->exe.exe.part[i];

			if (!(p->flags & EXE_NOTE))
				continue;
			part = exe_clip(b, p->offset, p->size);
			if (buf_str(&s->notes, part.s) < 0)
				s->over = true;
		}
}

static bool
number(bool big_endian, struct cur *c, uint32_t *ret)
{
	return (big_endian ? cur_u32be(c, ret) : cur_u32le(c, ret));
}

/* The next note that names a package; its text without the NUL at its end. */
static bool
next_note(struct cur *c, bool big_endian, struct str *ret)
{
	uint32_t nname, ntext, type;
	struct str name, text;
	struct cur tail;

	while (number(big_endian, c, &nname) && number(big_endian, c, &ntext) &&
	    number(big_endian, c, &type)) {
		if (!cur_take_str(c, nname, &name) ||
		    !cur_skip(c, -(size_t)nname % 4) ||
		    !cur_take_str(c, ntext, &text))
			return (false);
		/* the last may lack its padding */
		if (!cur_take(c, -(size_t)ntext % 4, &tail))
			*c = cur_of(NULL, 0);
		if (type != NOTE_PACKAGE || !str_eq(name, str_n("FDO", 4)))
			continue;
		while (text.n > 0 && text.p[text.n - 1] == '\0')
			text.n--;
		*ret = text;
		return (true);
	}
	return (false);
}

/* Type and architecture are words of the distribution's own tools. */
static int
package(struct str text, struct analyzer_out *out, struct diag *d)
{
	static const char *const types[] = { "deb", "rpm", "apk", "alpm" };
	struct package p = { .name = { NULL, 0 } };
	struct json *j = NULL;
	struct diag why = { 0 };
	int rc;

	if ((rc = json_parse(text, LIMIT_ELF_NOTES, &j, &why)) < 0)
		return (diag_set(d, rc, 0, "package note: %s", why.text));
	p.name = json_get_str(j, "name");
	p.version = json_get_str(j, "version");
	p.arch = json_get_str(j, "architecture");
	p.vendor = json_get_str(j, "osCpe");
	p.type = str_of("generic");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eqz(json_get_str(j, "type"), types[i]))
			p.type = str_of(types[i]);
	p.scope = str_of("note");
	rc = p.name.n > 0 ? analyzer_package(out, &p, d) : 0;
	json_free(j);
	return (rc);
}

static int
end(void *state, struct analyzer_out *out, struct diag *d)
{
	struct state *s = state;
	struct str text;
	struct cur c;
	int rc = 0;

	c = cur_str(buf_view(&s->notes));
	while (rc == 0 && next_note(&c, s->exe.exe.big_endian, &text))
		rc = package(text, out, d);
	/* no program that runs has so many; what matters comes first */
	if (rc == 0 && s->over)
		rc = diag_set(d, ERR_LIMIT, 0, "more than %zu bytes of notes",
		    LIMIT_ELF_NOTES);
	return (rc);
}

static void
done(void *state)
{
	struct state *s = state;

	exe_done(&s->exe);
	if (s->notes.max != 0)
		buf_done(&s->notes);
}

const struct analyzer analyzer_elf_note = {
	.name = "elf_note",
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
