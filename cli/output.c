/* Listings; see output.h.  Cells are escaped when they come in, so every form
 * sorts alike and none can carry a control byte to a terminal. */
#include <assert.h>
#include <stdlib.h>
#include "cli/output.h"
#include "common/buf.h"
#include "common/mem.h"
#include "common/text.h"

struct output {
	const char *const *columns;
	size_t ncolumns;
	unsigned numbers;	/* bit set of columns */
	char **rows;		/* cells one behind the other, a NUL after each */
	size_t n, cap;
	struct buf row;		/* scratch */
};

bool
output_format_of(const char *word, enum output_format *ret)
{
	static const char *const words[] = {
		[OUTPUT_TABLE] = "table", [OUTPUT_TSV] = "tsv",
		[OUTPUT_JSON] = "json",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum output_format)i;
			return (true);
		}
	return (false);
}

struct output *
output_new(const char *const *columns, size_t n)
{
	struct output *o = mem_alloc(sizeof(*o));

	assert(n > 0 && n <= OUTPUT_COLUMNS_MAX);
	o->columns = columns;
	o->ncolumns = n;
	buf_init(&o->row, SIZE_MAX);
	return (o);
}

void
output_free(struct output *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->n; i++)
		free(o->rows[i]);
	free(o->rows);
	buf_done(&o->row);
	free(o);
}

size_t
output_rows(const struct output *o)
{
	return (o->n);
}

void
output_numbers(struct output *o, unsigned columns)
{
	o->numbers = columns;
}

struct str
output_int(char room[24], int64_t n)
{
	return (str_n(room, (size_t)snprintf(room, 24, "%lld", (long long)n)));
}

void
output_row(struct output *o, const struct str *cells)
{
	struct str row;
	uint8_t *to;
	char *p;

	buf_clear(&o->row);
	for (size_t i = 0; i < o->ncolumns; i++) {
		size_t size = cells[i].n * 4 + 1;	/* \xHH for every byte */

		to = buf_room(&o->row, size);
		assert(to != NULL);
		o->row.n += text_escape(cells[i], (char *)to, size) + 1;
	}
	row = buf_view(&o->row);
	p = mem_alloc(row.n);
	memcpy(p, row.p, row.n);
	MEM_ADD(o->rows, o->n, o->cap, p);
}

/* The cells of a row. */
static void
cells_of(const struct output *o, const char *row,
    const char *ret[OUTPUT_COLUMNS_MAX])
{
	for (size_t i = 0; i < o->ncolumns; i++) {
		ret[i] = row;
		row += strlen(row) + 1;
	}
}

/* The order of the rows as lines of TSV; qsort_r hands us the listing. */
static int
row_cmp(const void *a, const void *b, void *arg)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	const struct output *o = arg;
	size_t n;
	int r;

	for (size_t i = 0; i < o->ncolumns; i++, x += n, y += n) {
		if ((r = strcmp(x, y)) != 0)
			return (r);
		n = strlen(x) + 1;
	}
	return (0);
}

static void
sort_rows(struct output *o)
{
	size_t kept = 0;

	if (o->n == 0)
		return;
	qsort_r(o->rows, o->n, sizeof(*o->rows), row_cmp, o);
	for (size_t i = 1; i < o->n; i++) {
		if (row_cmp(&o->rows[kept], &o->rows[i], o) == 0)
			free(o->rows[i]);
		else
			o->rows[++kept] = o->rows[i];
	}
	o->n = kept + 1;
}

/* Characters, not bytes: what a terminal shows (wide ones count as one). */
static size_t
width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return (n);
}

static void
print_table_row(const struct output *o, const char *const *cells,
    const size_t *width, FILE *f)
{
	for (size_t i = 0; i < o->ncolumns; i++) {
		fputs(cells[i], f);
		if (i + 1 == o->ncolumns)
			break;
		for (size_t n = width_of(cells[i]); n < width[i] + 2; n++)
			fputc(' ', f);
	}
	fputc('\n', f);
}

static void
print_table(const struct output *o, FILE *f)
{
	const char *cells[OUTPUT_COLUMNS_MAX];
	size_t width[OUTPUT_COLUMNS_MAX], w;

	for (size_t i = 0; i < o->ncolumns; i++)
		width[i] = width_of(o->columns[i]);
	for (size_t k = 0; k < o->n; k++) {
		cells_of(o, o->rows[k], cells);
		for (size_t i = 0; i < o->ncolumns; i++)
			if ((w = width_of(cells[i])) > width[i])
				width[i] = w;
	}
	print_table_row(o, o->columns, width, f);
	for (size_t k = 0; k < o->n; k++) {
		cells_of(o, o->rows[k], cells);
		print_table_row(o, cells, width, f);
	}
}

static void
print_tsv_row(const struct output *o, const char *const *cells, FILE *f)
{
	for (size_t i = 0; i < o->ncolumns; i++)
		fprintf(f, "%s%c", cells[i], i + 1 < o->ncolumns ? '\t' : '\n');
}

static void
print_tsv(const struct output *o, FILE *f)
{
	const char *cells[OUTPUT_COLUMNS_MAX];

	print_tsv_row(o, o->columns, f);
	for (size_t k = 0; k < o->n; k++) {
		cells_of(o, o->rows[k], cells);
		print_tsv_row(o, cells, f);
	}
}

/* The cells hold no control byte and only UTF-8: two characters to mask. */
static void
print_json_text(const char *s, FILE *f)
{
	fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void
print_json(const struct output *o, FILE *f)
{
	const char *cells[OUTPUT_COLUMNS_MAX];

	fputs("[", f);
	for (size_t k = 0; k < o->n; k++) {
		cells_of(o, o->rows[k], cells);
		fputs(k > 0 ? ",\n {" : "\n {", f);
		for (size_t i = 0; i < o->ncolumns; i++) {
			if (i > 0)
				fputs(", ", f);
			print_json_text(o->columns[i], f);
			fputs(": ", f);
			if (o->numbers & 1u << i)
				fputs(cells[i][0] != '\0' ? cells[i] :
				    "null", f);
			else
				print_json_text(cells[i], f);
		}
		fputs("}", f);
	}
	fputs(o->n > 0 ? "\n]\n" : "]\n", f);
}

void
output_print(struct output *o, enum output_format format, FILE *f)
{
	sort_rows(o);
	switch (format) {
	case OUTPUT_TABLE:
		print_table(o, f);
		break;
	case OUTPUT_TSV:
		print_tsv(o, f);
		break;
	case OUTPUT_JSON:
		print_json(o, f);
		break;
	}
}

void
output_print_unsorted(struct output *o, FILE *f)
{
	print_table(o, f);
}
