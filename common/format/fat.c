/* See fat.h.  Slices that overlap would be read again and again: they are left
 * out, and told. */
#include <stdlib.h>
#include "exe.h"
#include "fat.h"

#define MAGIC64 0xcafebabf
#define HEADER 8
#define ENTRY32 20
#define ENTRY64 32

static int
slice_cmp(const void *a, const void *b)
{
	const struct fat_slice *x = a, *y = b;

	return (x->offset < y->offset ? -1 : x->offset > y->offset);
}

static void
fault(struct fat *f, enum err e, const char *what)
{
	if (f->error == 0)
		f->error = diag_set(&f->why, e, 0, "universal file: %s", what);
}

static void
keep_apart(struct fat *f, uint64_t end)
{
	size_t kept = 0;

	qsort(f->slice, f->n, sizeof(*f->slice), slice_cmp);
	for (size_t i = 0; i < f->n; i++) {
		struct fat_slice s = f->slice[i];

		if (s.size == 0)
			continue;
		if (s.offset < end || s.size > UINT64_MAX - s.offset) {
			fault(f, ERR_MALFORMED, "its parts overlap");
			continue;
		}
		f->slice[kept++] = s;
		end = s.offset + s.size;
	}
	f->n = kept;
}

static void
table_read(struct fat *f)
{
	struct cur c = cur_str(buf_view(&f->table));
	uint32_t magic, count, skip, offset, size;
	struct fat_slice *s;
	bool ok;

	if (!cur_u32be(&c, &magic) || !cur_u32be(&c, &count))
		count = 0;
	for (; count > 0 && f->n < FAT_SLICES; count--) {
		s = &f->slice[f->n];
		if (magic == MAGIC64)
			ok = cur_skip(&c, 8) && cur_u64be(&c, &s->offset) &&
			    cur_u64be(&c, &s->size) && cur_skip(&c, 8);
		else if ((ok = cur_skip(&c, 8) && cur_u32be(&c, &offset) &&
		    cur_u32be(&c, &size) && cur_u32be(&c, &skip)))
			*s = (struct fat_slice) { offset, size };
		if (!ok) {
			fault(f, ERR_MALFORMED, "its table is cut off");
			break;
		}
		f->n++;
	}
	if (count > 0 && f->n == FAT_SLICES)
		fault(f, ERR_LIMIT, "more parts than processors are known");
	keep_apart(f, f->table.n);
	f->at = f->table.n;
	buf_clear(&f->table);
}

/* Bytes of the header, and of the table behind it once that is known. */
static size_t
table_bytes(const struct fat *f)
{
	struct cur c = cur_str(buf_view(&f->table));
	uint32_t magic, count;

	if (!cur_u32be(&c, &magic) || !cur_u32be(&c, &count))
		return (HEADER);
	count = count < FAT_SLICES ? count : FAT_SLICES;
	return (HEADER + (size_t)count * (magic == MAGIC64 ? ENTRY64 : ENTRY32));
}

static void
is_one(struct fat *f)
{
	f->slice[0] = (struct fat_slice) { 0, UINT64_MAX };
	f->n = 1;
	f->begun = true;
}

/* Take what tells the slices.  True when they are known. */
static bool
begin(struct fat *f, struct cur *piece, bool last)
{
	struct str s = cur_rest(piece);
	size_t need;

	if (f->table.n == 0 && s.n >= HEADER && exe_kind(s) != EXE_FAT) {
		is_one(f);
		return (true);
	}
	if (f->table.max == 0)
		buf_init(&f->table, HEADER + FAT_SLICES * ENTRY64);
	while (f->table.n < (need = table_bytes(f))) {
		s = cur_rest(piece);
		if (s.n == 0)
			break;
		if (!cur_take_str(piece, s.n < need - f->table.n ? s.n :
		    need - f->table.n, &s) || buf_str(&f->table, s) < 0)
			break;	/* neither can be */
		if (f->table.n == HEADER &&
		    exe_kind(buf_view(&f->table)) != EXE_FAT) {
			is_one(f);
			return (true);
		}
	}
	if (f->table.n < need && !last)
		return (false);
	if (exe_kind(buf_view(&f->table)) != EXE_FAT) {
		is_one(f);
		return (true);
	}
	f->is_fat = true;
	f->begun = true;
	table_read(f);
	return (true);
}

static bool
hand_on(struct fat *f, struct str s, bool ends, struct fat_bytes *ret)
{
	*ret = (struct fat_bytes) { s, !f->open, ends };
	f->at += s.n;
	f->open = !ends;
	f->next += ends;
	return (true);
}

bool
fat_next(struct fat *f, struct cur *piece, bool last, struct fat_bytes *ret)
{
	const struct fat_slice *now;
	struct str s;
	uint64_t left;

	if (!f->begun && !begin(f, piece, last))
		return (false);
	if (f->next == f->n) {
		*piece = cur_of(NULL, 0);
		return (false);
	}
	now = &f->slice[f->next];
	if (!f->is_fat && f->at == 0 && f->table.n > 0)
		return (hand_on(f, buf_view(&f->table), false, ret));
	s = cur_rest(piece);
	if (f->at < now->offset) {	/* between slices */
		left = now->offset - f->at;
		s = str_sub(s, 0, left < s.n ? (size_t)left : s.n);
		f->at += s.n;
		if (!cur_skip(piece, s.n))
			return (false);
		s = cur_rest(piece);
	}
	if (s.n == 0) {
		if (!last)
			return (false);
		if (f->is_fat)
			fault(f, ERR_MALFORMED, "the file ends before its parts");
		if (f->open)
			return (hand_on(f, s, true, ret));
		f->next = f->n;
		return (false);
	}
	left = now->size - (f->at - now->offset);
	s = str_sub(s, 0, left < s.n ? (size_t)left : s.n);
	if (!cur_skip(piece, s.n))
		return (false);
	return (hand_on(f, s, f->is_fat && s.n == left, ret));
}

void
fat_done(struct fat *f)
{
	if (f->table.max != 0)
		buf_done(&f->table);
}
