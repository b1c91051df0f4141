/* rpm database headers: the index is checked at once, strings when asked for. */
#include "rpmhdr.h"

/* Entries of one header; rpm's own have at most some hundred. */
#define ENTRIES_MAX 0xffff
#define DATA_MAX 0x0fffffff
#define ENTRY_BYTES 16
/* Below are regions and signatures, whose data is not the package's. */
#define FIRST_TAG 100

enum type { T_NULL, T_CHAR, T_INT8, T_INT16, T_INT32, T_INT64, T_STRING, T_BIN,
	T_STRING_ARRAY, T_I18NSTRING, T_KINDS };

struct entry {
	uint32_t tag, type, offset, count;
};

/* Bytes of one value, and what its offset is a multiple of; 0 = text. */
static const uint8_t width[T_KINDS] = { 0, 1, 1, 2, 4, 8, 0, 1, 0, 0 };

static bool
entry_next(struct cur *index, struct entry *ret)
{
	return (cur_u32be(index, &ret->tag) && cur_u32be(index, &ret->type) &&
	    cur_u32be(index, &ret->offset) && cur_u32be(index, &ret->count));
}

static const char *
entry_wrong(const struct entry *e, size_t data)
{
	if (e->type >= T_KINDS)
		return ("has an unknown type");
	if (e->count == 0)
		return ("is empty");
	if (e->offset > data)
		return ("lies outside of the data");
	if (width[e->type] == 0)
		return (NULL);
	if (e->offset % width[e->type] != 0)
		return ("is not aligned");
	if (e->count > (data - e->offset) / width[e->type])
		return ("is longer than the data");
	return (NULL);
}

int
rpmhdr_read(struct str blob, struct rpmhdr *ret, struct diag *d)
{
	struct cur c = cur_str(blob), index;
	struct rpmhdr h = { .n = 0 };
	struct entry e;
	const char *wrong;
	uint32_t bytes;

	if (!cur_u32be(&c, &h.n) || !cur_u32be(&c, &bytes) ||
	    h.n == 0 || h.n > ENTRIES_MAX || bytes > DATA_MAX ||
	    !cur_take(&c, (size_t)h.n * ENTRY_BYTES, &h.index) ||
	    !cur_take(&c, bytes, &h.data))
		return (diag_set(d, ERR_MALFORMED, 0,
		    "rpm header: its lengths exceed the %zu bytes there are",
		    blob.n));
	index = h.index;
	for (uint32_t i = 0; entry_next(&index, &e); i++)
		if ((wrong = entry_wrong(&e, bytes)) != NULL)
			return (diag_set(d, ERR_MALFORMED, 0,
			    "rpm header: entry %u, tag %u, %s", i, e.tag, wrong));
	*ret = h;
	return (0);
}

/* The last entry of ${tag}, and its data up to the end of the area. */
static bool
find(const struct rpmhdr *h, enum rpmhdr_tag tag, struct entry *ret,
    struct cur *data)
{
	struct cur index = h->index;
	struct entry e;
	bool found = false;

	while (entry_next(&index, &e))
		if (e.tag == (uint32_t)tag && e.tag >= FIRST_TAG) {
			*ret = e;
			found = true;
		}
	*data = h->data;
	return (found && cur_skip(data, ret->offset));
}

static int
other_type(const struct entry *e, struct diag *d)
{
	return (diag_set(d, ERR_MALFORMED, 0,
	    "rpm header: tag %u has type %u", e->tag, e->type));
}

int
rpmhdr_strs(const struct rpmhdr *h, enum rpmhdr_tag tag,
    struct rpmhdr_array *ret, struct diag *d)
{
	struct entry e;
	struct cur data;

	if (!find(h, tag, &e, &data))
		return (0);
	if (e.type != T_STRING && e.type != T_STRING_ARRAY &&
	    e.type != T_I18NSTRING)
		return (other_type(&e, d));
	*ret = (struct rpmhdr_array) { data,
	    e.type == T_STRING ? 1 : e.count };
	return (1);
}

int
rpmhdr_u32s(const struct rpmhdr *h, enum rpmhdr_tag tag,
    struct rpmhdr_array *ret, struct diag *d)
{
	struct entry e;
	struct cur data;

	if (!find(h, tag, &e, &data))
		return (0);
	if (e.type != T_INT32)
		return (other_type(&e, d));
	*ret = (struct rpmhdr_array) { data, e.count };
	return (1);
}

int
rpmhdr_str(const struct rpmhdr *h, enum rpmhdr_tag tag, struct str *ret,
    struct diag *d)
{
	struct rpmhdr_array a;
	int rc = rpmhdr_strs(h, tag, &a, d);

	if (rc == 1 && !rpmhdr_next_str(&a, ret))
		rc = diag_set(d, ERR_MALFORMED, 0,
		    "rpm header: the text of tag %d has no end", (int)tag);
	return (rc);
}

int
rpmhdr_u32(const struct rpmhdr *h, enum rpmhdr_tag tag, uint32_t *ret,
    struct diag *d)
{
	struct rpmhdr_array a;
	int rc = rpmhdr_u32s(h, tag, &a, d);

	/* rpmhdr_read saw that the values are there. */
	return (rc == 1 && !rpmhdr_next_u32(&a, ret) ? ERR_MALFORMED : rc);
}

bool
rpmhdr_next_str(struct rpmhdr_array *a, struct str *ret)
{
	struct str rest = cur_rest(&a->at);
	size_t n = str_find(rest, '\0');

	if (a->left == 0 || n == rest.n || !cur_skip(&a->at, n + 1))
		return (false);
	a->left--;
	*ret = str_sub(rest, 0, n);
	return (true);
}

bool
rpmhdr_next_u32(struct rpmhdr_array *a, uint32_t *ret)
{
	if (a->left == 0 || !cur_u32be(&a->at, ret))
		return (false);
	a->left--;
	return (true);
}
