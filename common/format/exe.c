/* Headers are trusted for nothing but where to look: offsets may point
 * anywhere, and bytes are only ever compared with them. */
#include "exe.h"

#define PT_LOAD 1
#define PT_NOTE 4
#define PN_XNUM 0xffff
#define PE_DATA 0x40u		/* section characteristics */
#define PE_EXECUTE 0x20000000u
#define PE_WRITE 0x80000000u
#define MACHO_SEGMENT 1
#define MACHO_SEGMENT64 25
#define MACHO_WRITE 2
#define MACHO_EXECUTE 4

enum exe_kind
exe_kind(struct str head)
{
	struct cur c = cur_str(head);
	uint32_t magic, n;
	uint16_t type;
	uint8_t order;

	/* how all of them begin: asked of every file, which most are not */
	if (head.n == 0 || memchr("\x7fM\xfe\xce\xcf\xca", head.p[0], 6) == NULL)
		return (EXE_NONE);
	if (str_starts(head, "MZ"))
		return (head.n >= 64 ? EXE_PE : EXE_NONE);
	if (!cur_u32be(&c, &magic))
		return (EXE_NONE);
	switch (magic) {
	case 0x7f454c46:	/* programs and libraries, no objects, no cores */
		if (!cur_skip(&c, 1) || !cur_u8(&c, &order) ||
		    !cur_skip(&c, 10) || !(order == 2 ? cur_u16be(&c, &type) :
		    cur_u16le(&c, &type)))
			return (EXE_NONE);
		return (type == 2 || type == 3 ? EXE_ELF : EXE_NONE);
	case 0xfeedface: case 0xfeedfacf: case 0xcefaedfe: case 0xcffaedfe:
		return (EXE_MACHO);
	case 0xcafebabe:	/* so do Java's classes, whose version follows */
	case 0xcafebabf:
		return (cur_u32be(&c, &n) && n > 0 && n < 32 ? EXE_FAT :
		    EXE_NONE);
	default:
		return (EXE_NONE);
	}
}

static bool
add(struct exe *x, struct exe_part p)
{
	if (p.size == 0)
		return (true);
	if (x->n == EXE_PARTS)
		return (false);
	x->part[x->n++] = p;
	return (true);
}

/* Integers in the file's byte order and word size. */
static bool
u16(const struct exe *x, struct cur *c, uint16_t *ret)
{
	return (x->big_endian ? cur_u16be(c, ret) : cur_u16le(c, ret));
}

static bool
u32(const struct exe *x, struct cur *c, uint32_t *ret)
{
	return (x->big_endian ? cur_u32be(c, ret) : cur_u32le(c, ret));
}

static bool
word(const struct exe *x, bool wide, struct cur *c, uint64_t *ret)
{
	uint32_t v;

	if (wide)
		return (x->big_endian ? cur_u64be(c, ret) : cur_u64le(c, ret));
	if (!u32(x, c, &v))
		return (false);
	*ret = v;
	return (true);
}

static bool
elf_part(struct exe *x, bool wide, struct cur c)
{
	struct exe_part p = { .flags = 0 };
	uint32_t type, flags = 0;
	uint64_t skip;

	if (!u32(x, &c, &type) || (wide && !u32(x, &c, &flags)) ||
	    !word(x, wide, &c, &p.offset) || !word(x, wide, &c, &p.address) ||
	    !word(x, wide, &c, &skip) || !word(x, wide, &c, &p.size) ||
	    !word(x, wide, &c, &skip) || (!wide && !u32(x, &c, &flags)))
		return (false);
	if (type != PT_LOAD && type != PT_NOTE)
		return (true);
	p.flags = (flags & 2 ? EXE_WRITE : 0) | (flags & 1 ? EXE_EXECUTE : 0) |
	    (type == PT_NOTE ? EXE_NOTE : 0);
	return (add(x, p));
}

static bool
elf(struct exe *x, struct str front)
{
	struct cur c = cur_str(front), table = c, one;
	uint16_t size, count, skip;
	uint64_t entry, at;
	uint8_t class, order;
	bool wide;

	if (!cur_skip(&c, 4) || !cur_u8(&c, &class) || !cur_u8(&c, &order))
		return (false);
	wide = class == 2;
	x->big_endian = order == 2;
	if (!cur_skip(&c, 18) || !word(x, wide, &c, &entry) ||
	    !word(x, wide, &c, &at) || !word(x, wide, &c, &entry) ||
	    !cur_skip(&c, 4) || !u16(x, &c, &skip) || !u16(x, &c, &size) ||
	    !u16(x, &c, &count) || count == PN_XNUM)
		return (false);
	if (at > front.n || !cur_skip(&table, (size_t)at))
		return (false);
	for (unsigned i = 0; i < count; i++)
		if (!cur_take(&table, size, &one) || !elf_part(x, wide, one))
			return (false);
	x->headers = at + (uint64_t)count * size;
	return (true);
}

static bool
pe(struct exe *x, struct str front)
{
	struct cur c = cur_str(front), header;
	uint32_t at, sig, base32, flags, virtual, size, offset, skip;
	uint16_t count, optional, magic;
	uint64_t base;

	if (!cur_skip(&c, 60) || !cur_u32le(&c, &at))
		return (false);
	c = cur_str(front);
	if (!cur_skip(&c, at) || !cur_u32be(&c, &sig) || sig != 0x50450000 ||
	    !cur_skip(&c, 2) || !cur_u16le(&c, &count) || !cur_skip(&c, 12) ||
	    !cur_u16le(&c, &optional) || !cur_skip(&c, 2) ||
	    !cur_take(&c, optional, &header) || !cur_u16le(&header, &magic))
		return (false);
	if (magic == 0x20b) {
		if (!cur_skip(&header, 22) || !cur_u64le(&header, &base))
			return (false);
	} else {
		if (!cur_skip(&header, 26) || !cur_u32le(&header, &base32))
			return (false);
		base = base32;
	}
	for (unsigned i = 0; i < count; i++) {
		if (!cur_skip(&c, 8) || !cur_u32le(&c, &skip) ||
		    !cur_u32le(&c, &virtual) || !cur_u32le(&c, &size) ||
		    !cur_u32le(&c, &offset) || !cur_skip(&c, 12) ||
		    !cur_u32le(&c, &flags) || !add(x, (struct exe_part) {
		    offset, size, base + virtual,
		    (flags & PE_WRITE && flags & PE_DATA ? EXE_WRITE : 0) |
		    (flags & PE_EXECUTE ? EXE_EXECUTE : 0) }))
			return (false);
	}
	return (true);
}

static bool
macho_segment(struct exe *x, bool wide, struct cur c)
{
	struct exe_part p = { .flags = 0 };
	uint64_t skip;
	uint32_t most, first;

	if (!cur_skip(&c, 16) || !word(x, wide, &c, &p.address) ||
	    !word(x, wide, &c, &skip) || !word(x, wide, &c, &p.offset) ||
	    !word(x, wide, &c, &p.size) || !u32(x, &c, &most) ||
	    !u32(x, &c, &first))
		return (false);
	p.flags = (first & MACHO_WRITE ? EXE_WRITE : 0) |
	    (first & MACHO_EXECUTE ? EXE_EXECUTE : 0);
	return (add(x, p));
}

static bool
macho(struct exe *x, struct str front)
{
	struct cur c = cur_str(front), one;
	uint32_t magic, count, size, command, length;
	bool wide;

	if (!cur_u32be(&c, &magic))
		return (false);
	x->big_endian = magic == 0xfeedface || magic == 0xfeedfacf;
	wide = magic == 0xfeedfacf || magic == 0xcffaedfe;
	if (!cur_skip(&c, 12) || !u32(x, &c, &count) || !u32(x, &c, &size) ||
	    !cur_skip(&c, wide ? 8 : 4))
		return (false);
	for (uint32_t i = 0; i < count; i++) {
		if (!u32(x, &c, &command) || !u32(x, &c, &length) ||
		    length < 8 || !cur_take(&c, length - 8, &one))
			return (false);
		if ((command == MACHO_SEGMENT64 || command == MACHO_SEGMENT) &&
		    !macho_segment(x, wide, one))
			return (false);
	}
	return (true);
}

/* Parts of real files share no byte, notes aside.  What does could make a reader
 * look at the same bytes again and again. */
static bool
overlaps(const struct exe *x)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct exe_part *a = &x->part[i], *b = &x->part[k];

			if (a->flags & EXE_NOTE || b->flags & EXE_NOTE)
				continue;
			if (a->offset < b->offset ? b->offset - a->offset <
			    a->size : a->offset - b->offset < b->size)
				return (true);
		}
	return (false);
}

/* A part that is as small beside the code as headers are does not hold its
 * constants: older linkers have put them with the code. */
static void
mark_code(struct exe *x)
{
	uint64_t constants = 0;

	for (size_t i = 0; i < x->n; i++)
		if (x->part[i].flags == 0 && x->part[i].size > constants)
			constants = x->part[i].size;
	for (size_t i = 0; i < x->n && x->kind != EXE_MACHO; i++)
		if (x->part[i].flags & EXE_EXECUTE &&
		    constants > 0 && constants >= x->part[i].size / 16)
			x->part[i].flags |= EXE_CODE;
}

void
exe_read(struct str front, struct exe *ret)
{
	*ret = (struct exe) { .kind = exe_kind(front) };
	if (ret->kind == EXE_ELF)
		ret->known = elf(ret, front);
	else if (ret->kind == EXE_PE)
		ret->known = pe(ret, front);
	else if (ret->kind == EXE_MACHO)
		ret->known = macho(ret, front);
	ret->known = ret->known && !overlaps(ret);
	mark_code(ret);
}

bool
exe_offset(const struct exe *x, uint64_t address, uint64_t *ret)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct exe_part *p = &x->part[i];

		if (p->flags & EXE_NOTE || address < p->address ||
		    address - p->address >= p->size)
			continue;
		*ret = p->offset + (address - p->address);
		return (true);
	}
	return (false);
}

/* Gather the front.  True when it is complete, or there will be no more. */
static bool
gather(struct exe_reader *r, struct cur *piece, bool last)
{
	size_t left = cur_left(piece), room;
	struct str s;

	if (r->front.max == 0)
		buf_init(&r->front, EXE_FRONT);
	room = EXE_FRONT - r->front.n;
	if (!cur_take_str(piece, left < room ? left : room, &s) ||
	    buf_str(&r->front, s) < 0)
		return (false);
	return (r->front.n == EXE_FRONT || last);
}

bool
exe_next(struct exe_reader *r, struct cur *piece, bool last,
    struct exe_bytes *ret)
{
	struct str s = cur_rest(piece);

	if (!r->begun && r->front.n == 0 && (s.n >= EXE_FRONT || last)) {
		exe_read(str_sub(s, 0, EXE_FRONT), &r->exe);
		r->begun = true;
	} else if (!r->begun) {
		if (!gather(r, piece, last))
			return (false);
		s = buf_view(&r->front);
		exe_read(s, &r->exe);
		r->begun = true;
		r->at = s.n;
		*ret = (struct exe_bytes) { s, 0 };
		return (s.n > 0);
	}
	if (s.n == 0 || !cur_skip(piece, s.n))
		return (false);
	*ret = (struct exe_bytes) { s, r->at };
	r->at += s.n;
	return (true);
}

bool
exe_next_outside(const struct exe *x, unsigned flags, struct stretch *t,
    struct stretch *ret)
{
	struct stretch part;

	*ret = *t;
	for (size_t i = 0; x->known && i < x->n; i++) {
		if (x->part[i].flags & EXE_NOTE ||
		    (x->part[i].flags & flags) == 0)
			continue;
		part = stretch_clip(*t, x->part[i].offset, x->part[i].size);
		if (part.from == part.to)
			continue;
		if (part.from == t->from) {	/* begins in it: go behind */
			t->from = part.to;
			*ret = *t;
			i = (size_t)-1;
			continue;
		}
		ret->to = part.from < ret->to ? part.from : ret->to;
	}
	t->from = ret->to;
	return (ret->from < ret->to);
}

void
exe_done(struct exe_reader *r)
{
	if (r->front.max != 0)
		buf_done(&r->front);
}

struct exe_bytes
exe_clip(struct exe_bytes b, uint64_t offset, uint64_t size)
{
	uint64_t from = offset > b.at ? offset - b.at : 0;
	uint64_t gone = offset < b.at ? b.at - offset : 0;
	uint64_t left = size > gone ? size - gone : 0;	/* of the range */
	struct str s;

	from = from < b.s.n ? from : b.s.n;
	s = str_sub(b.s, (size_t)from, b.s.n);
	return ((struct exe_bytes) { str_sub(s, 0, left < s.n ? (size_t)left :
	    s.n), b.at + from });
}
