/* Repositories to channels; see content_set.h. */
#include <stdlib.h>
#include "channel.h"
#include "content_set.h"
#include "feed_product.h"
#include "pathmap.h"
#include "common/limits.h"
#include "common/mem.h"
#include "common/pack.h"

#define N_CONTENT_SET 2

int
content_set_write(struct buf *b, const struct content_set *s)
{
	size_t before = b->n;
	int rc;

	if ((rc = pack_array(b, N_CONTENT_SET)) < 0 ||
	    (rc = pack_str(b, s->name)) < 0 || (rc = pack_str(b, s->cpes)) < 0)
		b->n = before;
	return (rc);
}

bool
content_set_read(struct cur *c, struct content_set *ret)
{
	struct content_set s;
	uint32_t n;

	if (!unpack_array(c, &n) || n < N_CONTENT_SET ||
	    !unpack_str(c, &s.name) || !unpack_str(c, &s.cpes) ||
	    !unpack_skip(c, n - N_CONTENT_SET) || s.name.n == 0 ||
	    s.name.n > LIMIT_CONTENT_SET || s.cpes.n > LIMIT_CONTENT_SET_CPES)
		return (false);
	for (size_t i = 0; i < s.name.n; i++)
		if ((unsigned char)s.name.p[i] <= ' ')
			return (false);
	*ret = s;
	return (true);
}

struct content_sets {
	struct pool *pool;
	struct pathmap names;	/* name -> struct str cpes */
};

struct content_sets *
content_sets_new(size_t max)
{
	/* names are public, and nobody's to choose but Red Hat's */
	static const uint8_t key[16] = { 0 };
	struct content_sets *m = mem_alloc(sizeof(*m));

	m->pool = pool_new(max);
	pathmap_init(&m->names, key);
	return (m);
}

void
content_sets_free(struct content_sets *m)
{
	if (m == NULL)
		return;
	pathmap_done(&m->names);
	pool_free(m->pool);
	free(m);
}

int
content_sets_add(struct content_sets *m, const struct content_set *s)
{
	struct str *cpes = pool_alloc(m->pool, sizeof(*cpes)), name;

	if (cpes == NULL || pool_str(m->pool, s->name, &name) < 0 ||
	    pool_str(m->pool, s->cpes, cpes) < 0)
		return (ERR_LIMIT);
	pathmap_put(&m->names, name, cpes);
	return (0);
}

/* -------------------------------------------------------------------------- names */

static struct str
digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return (str_sub(s, 0, n));
}

/* Where the last "__" stands, or the end. */
static size_t
release_at(struct str name)
{
	for (size_t i = name.n; i-- > 1; )
		if (name.p[i] == '_' && name.p[i - 1] == '_')
			return (i - 1);
	return (name.n);
}

struct str
content_set_base(struct str name)
{
	size_t at = release_at(name);
	struct str after = str_sub(name, at + 2, name.n);

	return (after.n != 0 && digits(after).n == after.n ?
	    str_sub(name, 0, at) : name);
}

static bool
has(struct str s, const char *what)
{
	return (s.n > 0 && memmem(s.p, s.n, what, strlen(what)) != NULL);
}

/* The line that a name of RHEL's own repositories tells: "rhel-9-for-x86_64-
 * appstream-eus-rpms__9_DOT_2".  "" = none. */
static int
channel_of_name(struct str name, struct pool *pool, struct str *ret)
{
	static const char *const lines[] = { "eus", "aus", "e4s", "tus" };
	struct str major, minor, rest, ecosystem;
	char mark[8], product[64];
	int n = 0;

	*ret = (struct str) { NULL, 0 };
	if (!str_starts(name, "rhel-") && !str_starts(name, "ubi-"))
		return (0);
	rest = str_sub(name, str_find(name, '-') + 1, name.n);
	major = digits(rest);
	if (major.n == 0 || major.n > 2)
		return (0);
	rest = str_sub(rest, major.n, rest.n);
	minor = str_sub(name, release_at(name) + 2, name.n);
	minor = has(minor, "_DOT_") ? digits(str_sub(minor, major.n +
	    strlen("_DOT_"), minor.n)) : (struct str) { NULL, 0 };
	if (str_starts(name, "ubi-") || str_starts(rest, "-for-") ||
	    str_starts(rest, "-server-"))
		n = snprintf(product, sizeof(product), "enterprise_linux:%.*s:"
		    ":main", STR_ARG(major));
	if (has(rest, "-els-"))
		n = snprintf(product, sizeof(product), "rhel_els:%.*s",
		    STR_ARG(major));
	for (size_t i = 0; i < 4; i++) {
		snprintf(mark, sizeof(mark), "-%s-", lines[i]);
		if (!has(rest, mark))
			continue;
		n = minor.n == 0 || minor.n > 2 ? 0 : snprintf(product,
		    sizeof(product), i == 0 && str_eqz(major, "10") ?
		    "enterprise_linux_%s:%.*s.%.*s" : "rhel_%s:%.*s.%.*s",
		    lines[i], STR_ARG(major), STR_ARG(minor));
	}
	return (n == 0 ? 0 : channel_of_redhat(str_n(product, (size_t)n), pool,
	    &ecosystem, ret));
}

/* ------------------------------------------------------------------------ channels */

/* Channels while they are gathered. */
struct gathered {
	struct str v[LIMIT_CHANNELS];
	size_t n;
	struct pool *pool;
};

static void
add(struct gathered *g, struct str channel)
{
	if (channel.n == 0)
		return;
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->v[i], channel))
			return;
	if (g->n < LIMIT_CHANNELS) {
		g->v[g->n++] = channel;
		return;
	}
	/* lines of the release matter more than what is sold on top */
	for (size_t i = 0; i < g->n && channel_is_release(channel); i++)
		if (!channel_is_release(g->v[i])) {
			g->v[i] = channel;
			return;
		}
}

static int
add_cpes(struct gathered *g, struct str cpes)
{
	struct str cpe, ecosystem, channel;
	int rc;

	while (str_split(&cpes, ' ', &cpe)) {
		if ((rc = feed_product_of_cpe(cpe, g->pool, &ecosystem,
		    &channel)) < 0)
			return (rc);
		add(g, channel.n != 0 ? channel : channel_main(ecosystem));
	}
	return (0);
}

static const struct str *
find(const struct content_sets *m, struct str name)
{
	const struct str *cpes;

	if (m == NULL)
		return (NULL);
	cpes = pathmap_get(&m->names, name);
	return (cpes != NULL ? cpes : pathmap_get(&m->names,
	    content_set_base(name)));
}

static int
add_name(struct gathered *g, const struct content_sets *m, struct str name)
{
	const struct str *cpes = find(m, name);
	struct str channel;
	int rc;

	if (cpes != NULL)
		return (add_cpes(g, *cpes));
	if ((rc = channel_of_name(name, g->pool, &channel)) == 0)
		add(g, channel);
	return (rc);
}

int
content_sets_channels(const struct content_sets *m, struct str names,
    struct pool *pool, struct str *ret)
{
	struct gathered g = { .pool = pool };
	struct str name;
	int rc = 0;

	while (rc == 0 && str_split(&names, ' ', &name))
		if (name.n != 0)
			rc = add_name(&g, m, name);
	if (rc == 0 && g.n == 1 && str_starts(g.v[0], "enterprise_linux:"))
		g.n = 0;
	return (rc < 0 ? rc : channels_join(g.v, g.n, pool, ret));
}
