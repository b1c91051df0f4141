/* ustar headers: POSIX.1-2008, pax. */
#include <assert.h>
#include "tests/lib/tar_build.h"

static void
must(int rc)
{
	assert(rc == 0);
}

void
tar_begin(struct tar_build *t)
{
	buf_init(&t->b, (size_t)64 << 20);
}

static void
put(char *to, size_t room, const char *s)
{
	size_t n = strlen(s);

	memcpy(to, s, n < room ? n : room);
}

void
tar_header(char h[TAR_BLOCK], const char *name, char type, const char *link,
    size_t size)
{
	unsigned sum = 0;

	memset(h, 0, TAR_BLOCK);
	put(h, 100, name);
	put(h + 100, 8, type == '5' ? "0000755" : "0000644");
	put(h + 108, 8, "0000000");
	put(h + 116, 8, "0000000");
	snprintf(h + 124, 12, "%011zo", size);
	put(h + 136, 12, "00000000000");
	memset(h + 148, ' ', 8);
	h[156] = type;
	put(h + 157, 100, link);
	memcpy(h + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
}

size_t
tar_padding(size_t size)
{
	return ((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

void
tar_add(struct tar_build *t, const char *name, char type, const char *link,
    struct str content)
{
	static const char zeros[TAR_BLOCK];
	char h[TAR_BLOCK];

	tar_header(h, name, type, link, content.n);
	must(buf_add(&t->b, h, sizeof(h)));
	must(buf_str(&t->b, content));
	must(buf_add(&t->b, zeros, tar_padding(content.n)));
}

void
tar_file(struct tar_build *t, const char *name, const char *content)
{
	tar_add(t, name, '0', "", str_of(content));
}

void
tar_dir(struct tar_build *t, const char *name)
{
	tar_add(t, name, '5', "", str_of(""));
}

void
tar_link(struct tar_build *t, const char *name, const char *target)
{
	tar_add(t, name, '2', target, str_of(""));
}

void
tar_hard(struct tar_build *t, const char *name, const char *target)
{
	tar_add(t, name, '1', target, str_of(""));
}

void
tar_pax(struct tar_build *t, struct str records)
{
	tar_add(t, "pax", 'x', "", records);
}

struct str
tar_end(struct tar_build *t)
{
	static const char zeros[2 * TAR_BLOCK];

	must(buf_add(&t->b, zeros, sizeof(zeros)));
	return (buf_view(&t->b));
}

void
tar_done(struct tar_build *t)
{
	buf_done(&t->b);
}
