/*
 * registry_probe: the registry client by hand, for tests/e2e.
 *     registry_probe URL catalog
 *     registry_probe URL tags NAME
 *     registry_probe URL head NAME TAG [KNOWN_DIGEST]
 *     registry_probe URL manifest NAME REFERENCE
 *     registry_probe URL blob NAME DIGEST SIZE
 *     registry_probe URL pull NAME REFERENCE     manifest, config, every layer
 *     registry_probe URL token NAME              as for a worker: kind of the token
 * http URLs are registries configured insecure.  The credentials are USER:PASSWORD
 * in the variable PROBE_CREDENTIALS.  Prints what it got; exit status 0, or the
 * error's number with "name: text" on standard error, and retry_after=N.
 */
#include <stdio.h>
#include <stdlib.h>
#include "common/digest.h"
#include "common/limits.h"
#include "common/oci.h"
#include "common/registry.h"

struct probe {
	struct registry_credentials credentials;
	struct registry_conn conn;
	unsigned asked;		/* for tokens */
};

static int
auth(void *arg, const char *challenge, const char *repository,
    struct registry_auth *ret, struct diag *d)
{
	struct probe *p = arg;

	p->asked++;
	return (registry_token(p->conn.http, &p->credentials, challenge,
	    repository, NULL, NULL, ret, d));
}

static int
print_name(void *arg, struct str name)
{
	(void)arg;
	printf("%.*s\n", STR_ARG(name));
	return (0);
}

static int
ignore(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	(void)arg;
	(void)p;
	(void)n;
	(void)d;
	return (0);
}

static int
blob(struct probe *p, const char *name, const char *digest, int64_t size,
    struct diag *d)
{
	uint64_t n = 0;
	int rc = registry_get_blob(&p->conn, name, digest, size, ignore, NULL,
	    &n, d);

	printf("blob %s %llu %s\n", digest, (unsigned long long)n, rc == 0 ?
	    "verified" : "not verified");
	return (rc);
}

static int
manifest(struct probe *p, const char *name, const char *reference, bool all,
    struct diag *d)
{
	struct registry_manifest m = { 0 };
	struct pool *pool = pool_new(16 * MIB);
	struct oci_manifest o;
	char digest[DIGEST_TEXT];
	int rc;

	if ((rc = registry_get_manifest(&p->conn, name, reference, &m, d)) < 0)
		goto out;
	digest_format(m.sha256, digest);
	printf("manifest %s %s %zu\n", digest, m.content_type, m.body.n);
	if (!all)
		goto out;
	if ((rc = oci_manifest_read(buf_view(&m.body), str_of(m.content_type),
	    pool, &o, d)) < 0)
		goto out;
	if (o.kind != OCI_IMAGE) {
		rc = diag_set(d, ERR_UNSUPPORTED, 0, "no image");
		goto out;
	}
	rc = blob(p, name, o.config.digest.p, o.config.size, d);
	for (size_t i = 0; i < o.nlayers && rc == 0; i++)
		rc = blob(p, name, o.layers[i].digest.p, o.layers[i].size, d);
out:
	registry_manifest_done(&m);
	pool_free(pool);
	return (rc);
}

static int
head(struct probe *p, const char *name, const char *tag, const char *known,
    struct diag *d)
{
	char digest[72];
	int rc = registry_head_manifest(&p->conn, name, tag, known, digest, d);

	if (rc >= 0)
		printf("%s\n", rc == 1 ? "unchanged" : digest);
	return (rc < 0 ? rc : 0);
}

static int
token(struct probe *p, const char *name, struct diag *d)
{
	static const char *const kinds[] = { "none", "basic", "bearer" };
	struct registry_auth a = { 0 };
	int rc = registry_token(p->conn.http, &p->credentials, NULL, name, NULL,
	    NULL, &a, d);

	if (rc == 0)
		printf("%s\n", kinds[a.kind]);
	registry_auth_done(&a);
	return (rc);
}

static int
command(struct probe *p, int argc, char **argv, struct diag *d)
{
	const char *what = argv[2], *name = argc > 3 ? argv[3] : "";

	if (strcmp(what, "catalog") == 0)
		return (registry_list(&p->conn, NULL, NULL, NULL, print_name,
		    NULL, d));
	if (strcmp(what, "tags") == 0 && argc == 4)
		return (registry_list(&p->conn, name, NULL, NULL, print_name,
		    NULL, d));
	if (strcmp(what, "token") == 0 && argc == 4)
		return (token(p, name, d));
	if (strcmp(what, "head") == 0 && argc >= 5)
		return (head(p, name, argv[4], argc > 5 ? argv[5] : "", d));
	if (strcmp(what, "manifest") == 0 && argc == 5)
		return (manifest(p, name, argv[4], false, d));
	if (strcmp(what, "pull") == 0 && argc == 5)
		return (manifest(p, name, argv[4], true, d));
	if (strcmp(what, "blob") == 0 && argc == 6)
		return (blob(p, name, argv[4], strtoll(argv[5], NULL, 10), d));
	return (diag_set(d, ERR_USAGE, 0, "see the head of registry_probe.c"));
}

int
main(int argc, char **argv)
{
	struct str pair = str_of(getenv("PROBE_CREDENTIALS"));
	struct probe p = { .asked = 0 };
	struct diag d = { .text = "see the head of registry_probe.c" };
	int rc = ERR_USAGE;

	p.conn.http = http_new();
	if (argc >= 3) {
		p.conn.url = p.credentials.url = argv[1];
		p.conn.insecure = p.credentials.insecure =
		    strncmp(argv[1], "http://", 7) == 0;
		p.credentials.username = str_sub(pair, 0, str_find(pair, ':'));
		p.credentials.password = str_sub(pair, str_find(pair, ':') + 1,
		    pair.n);
		p.conn.auth = auth;
		p.conn.auth_arg = &p;
		rc = command(&p, argc, argv, &d);
	}
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", err_name(rc), d.text);
	if (p.conn.retry_after_s != 0)
		fprintf(stderr, "retry_after=%u\n", p.conn.retry_after_s);
	fprintf(stderr, "asked=%u\n", p.asked);
	registry_conn_done(&p.conn);
	http_free(p.conn.http);
	return (-rc);
}
