/*
 * Listings: rows of named columns, printed as a table for people, as TSV with a
 * header row, or as a JSON list of objects.  Rows come out sorted bytewise;
 * tabs, newlines and bytes outside UTF-8 are written as \xHH.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdio.h>
#include "common/err.h"

#define OUTPUT_COLUMNS_MAX 32

enum output_format { OUTPUT_TABLE, OUTPUT_TSV, OUTPUT_JSON };

/* "table", "tsv" or "json"; false when it is none of them. */
bool output_format_of(const char *word, enum output_format *ret);

struct output;

/* ${columns}: ${n} names, borrowed as long as the listing lives. */
struct output *output_new(const char *const *columns, size_t n);
void output_free(struct output *);
/* Add a row of as many cells as there are columns; texts are copied. */
void output_row(struct output *, const struct str *cells);
/* ${n} as a cell's text, in ${room}. */
struct str output_int(char room[24], int64_t n);
/* The columns of bit set ${columns} hold numbers, true or false: so JSON shows
 * them, and null where they are empty. */
void output_numbers(struct output *, unsigned columns);
/* Sort, drop repeated rows and print. */
void output_print(struct output *, enum output_format, FILE *);
/* Print a table in the order in which the rows came. */
void output_print_unsorted(struct output *, FILE *);
size_t output_rows(const struct output *);

#endif
