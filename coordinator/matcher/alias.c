/*
 * Alias classes by union-find over interned ids; see alias.h.  Ids are interned
 * by sorting once before the first question, which needs no hash that a feed
 * could defeat.
 */
#include "alias.h"
#include "common/mem.h"

/* Prefixes of advisories that bundle vulnerabilities. */
static const char *const bundle_prefixes[] = {
	"DSA-", "DLA-", "DTSA-", "USN-", "RHSA-", "RHBA-", "RHEA-", "ALSA-",
	"ALBA-", "ALEA-", "RLSA-", "RLBA-", "RLEA-", "RXSA-", "SUSE-",
	"openSUSE-", "MGASA-", "OESA-", "PHSA-", "ELSA-", "ELBA-", "ALAS",
};

struct link {
	struct str a, b;
};

/* One id, its parent in the forest, and what its root knows of the class. */
struct node {
	struct str id;
	size_t parent;
	size_t rank;
	size_t cves;		/* of a root: distinct CVEs in the class */
	size_t name;		/* of a root: the CVE, or the smallest id */
	size_t cve;		/* the one CVE it is linked with itself */
};

/* Values of struct node's cve that are no node. */
#define CVE_NONE SIZE_MAX
#define CVE_SEVERAL (SIZE_MAX - 1)

struct alias_classes {
	struct pool *pool;
	struct link *links;
	size_t nlinks, links_cap;
	struct node *nodes;	/* sorted by id once sealed */
	size_t nnodes;
	bool sealed;
};

struct alias_classes *
alias_new(size_t max)
{
	struct alias_classes *c = mem_alloc(sizeof(*c));

	c->pool = pool_new(max);
	return (c);
}

void
alias_free(struct alias_classes *c)
{
	if (c == NULL)
		return;
	pool_free(c->pool);
	free(c->links);
	free(c->nodes);
	free(c);
}

bool
alias_is_bundle(struct str id)
{
	for (size_t i = 0; i < sizeof(bundle_prefixes) /
	    sizeof(bundle_prefixes[0]); i++)
		if (str_starts(id, bundle_prefixes[i]))
			return (true);
	return (false);
}

static bool
is_cve(struct str id)
{
	return (str_starts(id, "CVE-"));
}

static int
add_link(struct alias_classes *c, struct str a, struct str b)
{
	struct link l;
	int rc;

	if ((rc = pool_str(c->pool, a, &l.a)) < 0 ||
	    (rc = pool_str(c->pool, b, &l.b)) < 0)
		return (rc);
	MEM_ADD(c->links, c->nlinks, c->links_cap, l);
	return (0);
}

int
alias_add(struct alias_classes *c, struct str id, const struct str *aliases,
    size_t n)
{
	int rc = 0;

	if (alias_is_bundle(id))
		return (0);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!alias_is_bundle(aliases[i]))
			rc = add_link(c, id, aliases[i]);
	c->sealed = false;
	return (rc);
}

static int
node_cmp(const void *a, const void *b)
{
	return (str_cmp(((const struct node *)a)->id,
	    ((const struct node *)b)->id));
}

static size_t
find_node(const struct alias_classes *c, struct str id)
{
	struct node key = { .id = id }, *n;

	if (c->nnodes == 0)
		return (SIZE_MAX);
	n = bsearch(&key, c->nodes, c->nnodes, sizeof(key), node_cmp);
	return (n != NULL ? (size_t)(n - c->nodes) : SIZE_MAX);
}

static size_t
root_of(struct alias_classes *c, size_t i)
{
	while (c->nodes[i].parent != i) {
		c->nodes[i].parent = c->nodes[c->nodes[i].parent].parent;
		i = c->nodes[i].parent;
	}
	return (i);
}

static void
join(struct alias_classes *c, size_t a, size_t b)
{
	a = root_of(c, a);
	b = root_of(c, b);
	if (a == b)
		return;
	if (c->nodes[a].rank < c->nodes[b].rank) {
		size_t t = a;

		a = b;
		b = t;
	}
	c->nodes[b].parent = a;
	if (c->nodes[a].rank == c->nodes[b].rank)
		c->nodes[a].rank++;
}

/* ${id} is linked with ${cve}, if that is one. */
static void
note_cve(struct alias_classes *c, size_t id, size_t cve)
{
	struct node *n = &c->nodes[id];

	if (!is_cve(c->nodes[cve].id) || n->cve == cve)
		return;
	n->cve = n->cve == CVE_NONE ? cve : CVE_SEVERAL;
}

/* Make the forest of all links so far. */
static void
seal(struct alias_classes *c)
{
	size_t n = 0;

	free(c->nodes);
	c->nodes = mem_array(2 * c->nlinks + 1, sizeof(*c->nodes));
	for (size_t i = 0; i < c->nlinks; i++) {
		c->nodes[n++].id = c->links[i].a;
		c->nodes[n++].id = c->links[i].b;
	}
	qsort(c->nodes, n, sizeof(*c->nodes), node_cmp);
	c->nnodes = 0;
	for (size_t i = 0; i < n; i++)
		if (c->nnodes == 0 ||
		    !str_eq(c->nodes[c->nnodes - 1].id, c->nodes[i].id))
			c->nodes[c->nnodes++].id = c->nodes[i].id;
	for (size_t i = 0; i < c->nnodes; i++) {
		c->nodes[i].parent = i;
		c->nodes[i].cve = CVE_NONE;
		c->nodes[i].name = SIZE_MAX;
	}
	for (size_t i = 0; i < c->nlinks; i++) {
		size_t a = find_node(c, c->links[i].a);
		size_t b = find_node(c, c->links[i].b);

		join(c, a, b);
		note_cve(c, a, b);
		note_cve(c, b, a);
	}
	for (size_t i = 0; i < c->nnodes; i++) {
		struct node *root = &c->nodes[root_of(c, i)];
		bool cve = is_cve(c->nodes[i].id);

		root->cves += cve;
		if (cve || (root->cves == 0 && root->name == SIZE_MAX))
			root->name = i;
	}
	c->sealed = true;
}

struct str
alias_canonical(struct alias_classes *c, struct str id)
{
	const struct node *n, *root;
	size_t i;

	if (!c->sealed)
		seal(c);
	if (is_cve(id) || (i = find_node(c, id)) == SIZE_MAX)
		return (id);
	n = &c->nodes[i];
	root = &c->nodes[root_of(c, i)];
	if (root->cves <= 1)
		return (c->nodes[root->name].id);
	return (n->cve < c->nnodes ? c->nodes[n->cve].id : id);
}

/* Those of ${ids} that are CVEs, or all of them, by their canonical names. */
static int
add_names(struct alias_classes *c, const struct str *ids, size_t n, bool all,
    struct pool *pool, struct str *ret, size_t *count)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (ids[i].n == 0 || (!all && !is_cve(ids[i])))
			continue;
		rc = pool_str(pool, alias_canonical(c, ids[i]), &ret[*count]);
		if (rc == 0)
			(*count)++;
	}
	return (rc);
}

static int
name_cmp(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

int
alias_vulnerabilities(struct alias_classes *c, const struct advisory *a,
    struct pool *pool, struct str **ret, size_t *n)
{
	bool bundle = alias_is_bundle(a->id);
	size_t count = 0, distinct = 0;
	struct str *v;
	int rc;

	v = pool_alloc(pool, (a->nupstream + a->naliases + a->nrelated + 1) *
	    sizeof(*v));
	if (v == NULL)
		return (ERR_LIMIT);
	rc = add_names(c, a->upstream, a->nupstream, true, pool, v, &count);
	if (rc == 0 && count == 0 && bundle)
		rc = add_names(c, a->aliases, a->naliases, false, pool, v, &count);
	if (rc == 0 && count == 0 && bundle)
		rc = add_names(c, a->related, a->nrelated, false, pool, v, &count);
	if (rc == 0 && count == 0)
		rc = add_names(c, &a->id, 1, true, pool, v, &count);
	if (rc < 0)
		return (rc);
	qsort(v, count, sizeof(*v), name_cmp);
	for (size_t i = 0; i < count; i++)
		if (distinct == 0 || !str_eq(v[distinct - 1], v[i]))
			v[distinct++] = v[i];
	*ret = v;
	*n = distinct;
	return (0);
}
