/*
 * The end record is looked for from the end of the file: its comment must fill
 * what follows, or its directory must begin with an entry.  The directory ends
 * where the end record (of zip64, if there is one) begins; that gives the
 * archive's own beginning whatever was put before it.
 */
#include "zip.h"

#define END_BYTES 22
#define END_COMMENT 65535
#define END64_BYTES 56
#define LOCATOR_BYTES 20
#define SIG_LOCAL 0x04034b50
#define SIG_ENTRY 0x02014b50
#define SIG_END 0x06054b50
#define SIG_END64 0x06064b50
#define SIG_LOCATOR 0x07064b50
#define FLAG_ENCRYPTED 1
#define EXTRA_ZIP64 1
#define DEFLATED 8
#define LOCAL_BYTES 30
/* What an entry may have beside its local header, name and content: a checksum
 * and sizes behind it (24), an extra field.  Of 882 real archives none has more
 * than 20 on average. */
#define ENTRY_SLACK 64

/* The first entry of an archive has this at its start. */
static bool
begins_with(struct cur c, uint32_t signature)
{
	uint32_t sig;

	return (cur_u32le(&c, &sig) && sig == signature);
}

/* Bytes [from, from + n) of ${c}; false when they are not all there. */
static bool
part(struct cur c, uint64_t from, uint64_t n, struct cur *ret)
{
	return (from <= SIZE_MAX && n <= SIZE_MAX && cur_skip(&c, (size_t)from) &&
	    cur_take(&c, (size_t)n, ret));
}

struct end {
	uint64_t at;		/* of the record that the directory precedes */
	uint64_t size, offset;	/* of the directory */
	bool disks;		/* on several disks */
};

/* zip64's record, where the locator before the end record at ${at} says, or
 * right before the locator when something precedes the archive. */
static bool
end64(struct cur file, uint64_t at, struct end *ret)
{
	struct cur c;
	uint32_t disk, with, sig;
	uint64_t where;
	bool found = false;

	if (at < LOCATOR_BYTES + END64_BYTES ||
	    !part(file, at - LOCATOR_BYTES, LOCATOR_BYTES, &c) ||
	    !begins_with(c, SIG_LOCATOR) || !cur_skip(&c, 8) ||
	    !cur_u64le(&c, &where))
		return (false);
	for (int i = 0; i < 2 && !found; i++) {
		if (i == 1)
			where = at - LOCATOR_BYTES - END64_BYTES;
		found = part(file, where, END64_BYTES, &c) &&
		    begins_with(c, SIG_END64);
	}
	if (!found || !cur_u32le(&c, &sig) || !cur_skip(&c, 12) ||
	    !cur_u32le(&c, &disk) || !cur_u32le(&c, &with) ||
	    !cur_skip(&c, 16) || !cur_u64le(&c, &ret->size) ||
	    !cur_u64le(&c, &ret->offset))
		return (false);
	ret->at = where;
	ret->disks = disk != 0 || with != 0;
	return (true);
}

/* The end record at ${at}, if there is one. */
static bool
end_at(struct cur file, uint64_t at, struct end *ret)
{
	uint16_t disk, with, here, all, comment;
	uint32_t size, offset;
	struct cur c, first;
	uint64_t left;

	if (!part(file, at, END_BYTES, &c) || !begins_with(c, SIG_END) ||
	    !cur_skip(&c, 4) || !cur_u16le(&c, &disk) || !cur_u16le(&c, &with) ||
	    !cur_u16le(&c, &here) || !cur_u16le(&c, &all) ||
	    !cur_u32le(&c, &size) || !cur_u32le(&c, &offset) ||
	    !cur_u16le(&c, &comment))
		return (false);
	*ret = (struct end) { at, size, offset, disk != 0 || with != 0 };
	if ((all == UINT16_MAX || size == UINT32_MAX || offset == UINT32_MAX) &&
	    !end64(file, at, ret) && size == UINT32_MAX)
		return (false);
	left = cur_left(&file) - at - END_BYTES;
	if (left == comment)
		return (true);
	return (ret->size <= ret->at && part(file, ret->at - ret->size, 4,
	    &first) && begins_with(first, SIG_ENTRY));
}

static bool
find_end(struct cur file, struct end *ret)
{
	struct str all = cur_rest(&file), tail;
	size_t reach = END_BYTES + END_COMMENT;
	size_t from = all.n > reach ? all.n - reach : 0;
	const char *at;

	tail = str_sub(all, from, all.n);
	while (tail.n > 0 && (at = memrchr(tail.p, 'P', tail.n)) != NULL) {
		tail.n = (size_t)(at - tail.p);
		if (str_starts(str_sub(all, from + tail.n, all.n), "PK\5\6") &&
		    end_at(file, from + tail.n, ret))
			return (true);
	}
	return (false);
}

int
zip_open(struct cur file, struct zip *ret, struct diag *d)
{
	struct end e;
	uint64_t base;
	struct zip z;

	if (!find_end(file, &e)) {
		if (!begins_with(file, SIG_LOCAL))
			return (0);
		return (diag_set(d, ERR_MALFORMED, cur_left(&file),
		    "zip: no end record, the file is cut off or damaged"));
	}
	if (e.disks)
		return (diag_set(d, ERR_UNSUPPORTED, e.at,
		    "zip: on several disks"));
	if (e.size > e.at || e.offset > e.at - e.size)
		return (diag_set(d, ERR_MALFORMED, e.at,
		    "zip: the directory does not fit before its end record"));
	base = e.at - e.size - e.offset;
	z = (struct zip) { .at = e.offset, .directory = e.offset };
	if (!part(file, base, cur_left(&file) - base, &z.file) ||
	    !part(file, e.at - e.size, e.size, &z.rest))
		return (diag_set(d, ERR_MALFORMED, e.at,
		    "zip: the directory exceeds the file"));
	*ret = z;
	return (1);
}

/* Sizes and offset that stand in a zip64 field, in this order, each only if
 * the entry itself says "look there". */
static bool
zip64_field(struct cur extra, struct zip_entry *e)
{
	uint64_t *const value[] = { &e->size, &e->packed, &e->header };
	struct cur field;
	uint16_t id, n;
	bool found = false, wanted = false;

	for (size_t i = 0; i < 3; i++)
		wanted = wanted || *value[i] == UINT32_MAX;
	if (!wanted)
		return (true);
	while (!found && cur_u16le(&extra, &id) && cur_u16le(&extra, &n)) {
		if (!cur_take(&extra, n, &field))
			return (false);
		found = id == EXTRA_ZIP64;
	}
	if (!found)
		return (true);	/* 4 GiB - 1 to the byte */
	for (size_t i = 0; i < 3; i++)
		if (*value[i] == UINT32_MAX && !cur_u64le(&field, value[i]))
			return (false);
	return (true);
}

/* Behind the last entry: a directory may leave out what is there.  Before the
 * first one there may be anything else. */
static int
account(const struct zip *z, struct diag *d)
{
	if (z->used > z->directory)
		return (diag_set(d, ERR_MALFORMED, z->at,
		    "zip: its entries are larger than the archive"));
	if (begins_with(z->file, SIG_LOCAL) &&
	    z->directory - z->used > (z->n + 1) * ENTRY_SLACK)
		return (diag_set(d, ERR_MALFORMED, z->at,
		    "zip: its directory leaves out what it holds"));
	return (0);
}

int
zip_next(struct zip *z, struct zip_entry *ret, struct diag *d)
{
	struct zip_entry e = { .flags = 0 };
	struct cur c = z->rest, extra;
	uint16_t nname, nextra, ncomment;
	uint32_t sig, packed, size, header;

	if (cur_left(&c) == 0)
		return (account(z, d));
	if (!cur_u32le(&c, &sig) || sig != SIG_ENTRY || !cur_skip(&c, 4) ||
	    !cur_u16le(&c, &e.flags) || !cur_u16le(&c, &e.method) ||
	    !cur_skip(&c, 8) || !cur_u32le(&c, &packed) ||
	    !cur_u32le(&c, &size) || !cur_u16le(&c, &nname) ||
	    !cur_u16le(&c, &nextra) || !cur_u16le(&c, &ncomment) ||
	    !cur_skip(&c, 8) || !cur_u32le(&c, &header) ||
	    !cur_take_str(&c, nname, &e.name) || !cur_take(&c, nextra, &extra) ||
	    !cur_skip(&c, ncomment))
		goto bad;
	e.packed = packed;
	e.size = size;
	e.header = header;
	if (!zip64_field(extra, &e))
		goto bad;
	z->at += cur_left(&z->rest) - cur_left(&c);
	z->rest = c;
	z->n++;
	if (z->used <= z->directory)	/* else it stays so, and no sum overflows */
		z->used += LOCAL_BYTES + nname + (e.packed > z->directory ?
		    z->directory : e.packed);
	*ret = e;
	return (1);
bad:
	return (diag_set(d, ERR_MALFORMED, z->at, "zip: a damaged directory entry"));
}

bool
zip_is_dir(const struct zip_entry *e)
{
	return (str_ends(e->name, "/"));
}

int
zip_content(const struct zip *z, const struct zip_entry *e,
    struct inflate_one *inf, struct buf *room, struct str *ret, struct diag *d)
{
	struct cur c = z->file, data;
	uint32_t sig;
	uint16_t nname, nextra;
	int rc;

	if (e->flags & FLAG_ENCRYPTED)
		return (diag_set(d, ERR_UNSUPPORTED, e->header, "encrypted"));
	if (e->method != ZIP_STORED && e->method != DEFLATED)
		return (diag_set(d, ERR_UNSUPPORTED, e->header,
		    "compressed by method %u", e->method));
	if (e->header > SIZE_MAX || !cur_skip(&c, (size_t)e->header) ||
	    !cur_u32le(&c, &sig) || sig != SIG_LOCAL || !cur_skip(&c, 22) ||
	    !cur_u16le(&c, &nname) || !cur_u16le(&c, &nextra) ||
	    !cur_skip(&c, (size_t)nname + nextra) || e->packed > SIZE_MAX ||
	    !cur_take(&c, (size_t)e->packed, &data))
		return (diag_set(d, ERR_MALFORMED, e->header,
		    "zip: an entry's content is not in the file"));
	if (e->method == ZIP_STORED) {
		*ret = cur_rest(&data);
		return (0);
	}
	buf_clear(room);
	inflate_one_reset(inf);
	if ((rc = inflate_one_push(inf, &data, room, d)) < 0)
		return (rc);
	if (rc == 0 || room->n != e->size)
		return (diag_set(d, ERR_MALFORMED, e->header, "zip: an entry is "
		    "shorter or longer than stated"));
	*ret = buf_view(room);
	return (0);
}
