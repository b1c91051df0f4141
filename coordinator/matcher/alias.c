/*
 * Alias classes by union-find over interned ids; see alias.h.  Ids are interned
 * by sorting once before the first question, which needs no hash that a feed
 * could defeat.
 */
#include "alias.h"
#include "common/limits.h"
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
	size_t links, nlinks;	/* what it is linked with: a piece of ends[] */
};

struct alias_classes {
	struct pool *pool;
	struct link *links;
	size_t nlinks, links_cap;
	struct node *nodes;	/* sorted by id once sealed */
	size_t nnodes;
	size_t *ends;		/* nodes, those that one is linked with together */
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
	free(c->ends);
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

/* The links of each node, in pieces of one array. */
static void
gather_links(struct alias_classes *c, const size_t *pairs)
{
	size_t at = 0;

	for (size_t i = 0; i < 2 * c->nlinks; i++)
		c->nodes[pairs[i]].nlinks++;
	for (size_t i = 0; i < c->nnodes; i++) {
		c->nodes[i].links = at;
		at += c->nodes[i].nlinks;
		c->nodes[i].nlinks = 0;
	}
	free(c->ends);
	c->ends = mem_array(2 * c->nlinks + 1, sizeof(*c->ends));
	for (size_t i = 0; i < 2 * c->nlinks; i++) {
		struct node *n = &c->nodes[pairs[i]];

		c->ends[n->links + n->nlinks++] = pairs[i ^ 1];
	}
}

/* Make the forest of all links so far. */
static void
seal(struct alias_classes *c)
{
	size_t *pairs = mem_array(2 * c->nlinks + 1, sizeof(*pairs));
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
		c->nodes[i].name = SIZE_MAX;
	}
	for (size_t i = 0; i < c->nlinks; i++) {
		pairs[2 * i] = find_node(c, c->links[i].a);
		pairs[2 * i + 1] = find_node(c, c->links[i].b);
		join(c, pairs[2 * i], pairs[2 * i + 1]);
	}
	gather_links(c, pairs);
	free(pairs);
	for (size_t i = 0; i < c->nnodes; i++) {
		struct node *root = &c->nodes[root_of(c, i)];
		bool cve = is_cve(c->nodes[i].id);

		root->cves += cve;
		if (cve || (root->cves == 0 && root->name == SIZE_MAX))
			root->name = i;
	}
	c->sealed = true;
}

/* Names, each once. */
struct names {
	struct str v[LIMIT_ALIAS_LINKS];
	size_t n;
	bool many;		/* more than are believed */
};

static void
add_cves_of(const struct alias_classes *c, const struct node *n,
    struct names *x)
{
	struct str id;
	size_t k;

	x->many |= n->nlinks > LIMIT_ALIAS_LINKS;
	for (size_t i = 0; !x->many && i < n->nlinks; i++) {
		id = c->nodes[c->ends[n->links + i]].id;
		for (k = 0; k < x->n && !str_eq(x->v[k], id); k++)
			;
		if (!is_cve(id) || k < x->n)
			continue;
		if (x->n == LIMIT_ALIAS_LINKS)
			x->many = true;
		else
			x->v[x->n++] = id;
	}
}

/* The CVEs that ${n}, of a class of several, is about. */
static void
find_cves(const struct alias_classes *c, const struct node *n, struct names *x)
{
	add_cves_of(c, n, x);
	if (x->n > 0)
		return;
	for (size_t i = 0; !x->many && i < n->nlinks; i++)
		add_cves_of(c, &c->nodes[c->ends[n->links + i]], x);
}

static void
find_names(struct alias_classes *c, struct str id, struct names *x)
{
	const struct node *root = NULL;
	size_t i;

	x->n = 0;
	x->many = false;
	if (!c->sealed)
		seal(c);
	if (!is_cve(id) && (i = find_node(c, id)) != SIZE_MAX) {
		root = &c->nodes[root_of(c, i)];
		if (root->cves > 1)
			find_cves(c, &c->nodes[i], x);
		else
			x->v[x->n++] = c->nodes[root->name].id;
	}
	if (x->n == 0 || x->many) {
		x->v[0] = id;
		x->n = 1;
	}
}

/* A list of names, borrowed. */
struct list {
	struct str *v;
	size_t n, cap;
};

/* Those of ${ids} that are CVEs, or all of them, by their names. */
static void
add_names(struct alias_classes *c, const struct str *ids, size_t n, bool all,
    struct list *ret)
{
	struct names x;

	for (size_t i = 0; i < n; i++) {
		if (ids[i].n == 0 || (!all && !is_cve(ids[i])))
			continue;
		find_names(c, ids[i], &x);
		for (size_t k = 0; k < x.n; k++)
			MEM_ADD(ret->v, ret->n, ret->cap, x.v[k]);
	}
}

static int
name_cmp(const void *a, const void *b)
{
	return (str_cmp(*(const struct str *)a, *(const struct str *)b));
}

/* Copy the names of ${list} into ${pool}, sorted and distinct; the list is freed. */
static int
give(struct list *list, struct pool *pool, struct str **ret, size_t *n)
{
	size_t distinct = 0;
	struct str *v = pool_alloc(pool, (list->n + 1) * sizeof(*v));
	int rc = v == NULL ? ERR_LIMIT : 0;

	if (list->n > 0)
		qsort(list->v, list->n, sizeof(*list->v), name_cmp);
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (distinct == 0 || !str_eq(v[distinct - 1], list->v[i]))
			rc = pool_str(pool, list->v[i], &v[distinct++]);
	free(list->v);
	if (rc < 0)
		return (rc);
	*ret = v;
	*n = distinct;
	return (0);
}

int
alias_names(struct alias_classes *c, struct str id, struct pool *pool,
    struct str **ret, size_t *n)
{
	struct list list = { .n = 0 };

	add_names(c, &id, 1, true, &list);
	return (give(&list, pool, ret, n));
}

int
alias_vulnerabilities(struct alias_classes *c, const struct advisory *a,
    struct pool *pool, struct str **ret, size_t *n)
{
	bool bundle = alias_is_bundle(a->id);
	struct list list = { .n = 0 };

	add_names(c, a->upstream, a->nupstream, true, &list);
	if (list.n == 0 && bundle)
		add_names(c, a->aliases, a->naliases, false, &list);
	if (list.n == 0 && bundle)
		add_names(c, a->related, a->nrelated, false, &list);
	if (list.n == 0)
		add_names(c, &a->id, 1, true, &list);
	return (give(&list, pool, ret, n));
}
