/* scanfarm affected: which images of the farm have a vulnerability. */
#include <stdlib.h>
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/exploited.h"
#include "cli/message.h"
#include "cli/reason.h"
#include "common/mem.h"

#define QUOTED 1024
#define NFIELDS 10
#define NCOLUMNS (NFIELDS + EXPLOITED_COLUMNS + REASON_COLUMNS)
/* Rows of one answer; the next are asked for with its cursor. */
#define PAGE "2000"

static void
usage(FILE *f)
{
	fprintf(f,
	    "usage: scanfarm affected ID [--format F]\n\n"
	    "The images that have vulnerability ID (CVE-..., GHSA-..., DSA-...), by what is\n"
	    "known now.\n\n"
	    ARGS_RESULT_HELP FARM_HELP
	    "\nExit status: 0 listed (maybe none), 2 no such vulnerability, 3 try again, 4 listed,\n"
	    "but the farm is still matching: there may be more.\n");
}

/* One page of rows into ${o}.  *${cursor}, malloced, becomes the next page's,
 * NULL behind the last. */
static int
page(struct farm *f, const char *id, char **cursor, struct output *o,
    struct diag *d)
{
	static const char *const fields[NFIELDS] = { "reference", "platform", "digest",
		"vulnerability", "severity", "status", "type", "package",
		"version", "fixed_version" };
	char quoted[QUOTED], after[QUOTED];
	struct farm_answer r = { 0 };
	const struct json *v;
	struct str next;
	char *path;
	int rc;

	farm_quote(str_of(id), quoted, sizeof(quoted));
	farm_quote(str_of(*cursor), after, sizeof(after));
	path = mem_printf("/api/v1/vulnerabilities/%s/images?limit=" PAGE
	    "&after=%s", quoted, after);
	rc = farm_call(f, "GET", path, str_of(""), &r, d);
	if (rc == ERR_NOT_FOUND)
		diag_set(d, rc, 0, "no advisory of the farm speaks of \"%s\"; "
		    "`scanfarm feed list` shows what is imported", id);
	if (rc < 0)
		goto out;
	v = json_get(r.json, "images");
	for (size_t i = 0; i < json_len(v); i++) {
		struct str cells[NCOLUMNS];
		struct exploit e = exploited_of(json_at(v, i));
		struct reason why = reason_of(json_at(v, i));
		struct exploited_room room;

		for (size_t k = 0; k < NFIELDS; k++)
			cells[k] = json_get_str(json_at(v, i), fields[k]);
		exploited_cells(&e, &room, cells + NFIELDS);
		reason_cells(&why, cells + NFIELDS + EXPLOITED_COLUMNS);
		output_row(o, cells);
	}
	next = json_get_str(r.json, "next");
	free(*cursor);
	*cursor = next.n != 0 ? mem_strndup(next) : NULL;
out:
	free(path);
	farm_answer_done(&r);
	return (rc);
}

/* How much the matcher has not looked at yet; said before the list is asked
 * for, so that nothing can hide between the two. */
static int
behind(struct farm *f, int64_t *ret, struct diag *d)
{
	struct farm_answer r = { 0 };
	int rc = farm_call(f, "GET", "/api/v1/status", str_of(""), &r, d);

	*ret = json_get_int(r.json, "unmatched", 0);
	farm_answer_done(&r);
	return (rc);
}

static int
ask(struct farm *f, struct args *a, struct diag *d)
{
	static const char *const columns[] = { "reference", "platform", "digest",
		"vulnerability", "severity", "status", "type", "name", "version",
		"fixed_version", EXPLOITED_NAMES, REASON_NAMES };
	struct output *o = output_new(columns, NCOLUMNS);
	char *cursor = mem_strdup("");
	int rc = 0;

	output_numbers(o, EXPLOITED_NUMBERS << NFIELDS);
	while (rc == 0 && cursor != NULL)
		rc = page(f, a->words[0], &cursor, o, d);
	if (rc == 0)
		output_print(o, a->format, a->out);
	free(cursor);
	output_free(o);
	return (rc);
}

int
cmd_affected(int argc, char **argv)
{
	struct args a = { .command = "affected", .usage = usage,
		.takes = ARGS_FARM | ARGS_RESULT, .min = 1, .max = 1,
		.wants = "one ID, such as CVE-2024-3094" };
	struct farm *f = NULL;
	struct diag d = { 0 };
	int64_t waiting = 0;
	int rc;

	if (!args_read(&a, argc, argv))
		return (a.status);
	if ((rc = farm_open(&a.farm, &f, &d)) == 0 &&
	    (rc = behind(f, &waiting, &d)) == 0)
		rc = ask(f, &a, &d);
	farm_close(f);
	if (rc == 0 && waiting > 0)
		message("affected", "the farm is still matching (%lld packages "
		    "or advisories wait): there may be more images",
		    (long long)waiting);
	return (args_end(&a, rc < 0 ? farm_fail("affected", rc, &d) :
	    waiting > 0 ? CLI_UNKNOWN : CLI_OK));
}
