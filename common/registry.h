/*
 * A client of the distribution API: manifests, blobs, catalogs and tags, with
 * the authentication of the Docker token scheme.  Shared by the worker, whose
 * tokens come from the leader, and the coordinator, which holds credentials:
 * the difference is the auth callback.  Followed: OCI distribution-spec 1.1,
 * distribution's docs/spec/auth.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "http.h"
#include "pool.h"

enum registry_auth_kind { REGISTRY_ANONYMOUS, REGISTRY_BASIC, REGISTRY_BEARER };

/* What to send as Authorization.  Wiped by registry_auth_done. */
struct registry_auth {
	enum registry_auth_kind kind;
	char *value;		/* "user:password" or a token; owned */
	int64_t expires_at;	/* CLOCK_REALTIME seconds; 0 = with the job */
};
void registry_auth_done(struct registry_auth *);

struct registry_conn {
	struct http *http;		/* borrowed */
	const char *url;		/* scheme://host[:port], borrowed */
	bool insecure;
	/* Called once when a request meets 401: fill *${ret} for ${repository}
	 * ("" = the catalog), or a negative enum err. */
	int (*auth)(void *arg, const char *challenge, const char *repository,
	    struct registry_auth *ret, struct diag *);
	void *auth_arg;
	struct registry_auth have;	/* of the last repository */
	char have_for[256];
	uint32_t retry_after_s;		/* of the last answer */
};
void registry_conn_done(struct registry_conn *);

struct registry_manifest {
	struct buf body;
	uint8_t sha256[32];	/* of the body, computed */
	char content_type[256];
};
void registry_manifest_done(struct registry_manifest *);

/**
 * registry_get_manifest(conn, repository, reference, ret, d):
 * Fetch a manifest by tag or digest.  By digest, the bytes must have it; by
 * tag, they must have what the registry claims.  ERR_MALFORMED if not,
 * ERR_NOT_FOUND, ERR_DENIED, ERR_LIMIT (above 4 MiB), ERR_TEMPORARY.
 */
int registry_get_manifest(struct registry_conn *, const char *repository,
    const char *reference, struct registry_manifest *ret, struct diag *);

/**
 * registry_head_manifest(conn, repository, tag, known, ret, d):
 * The digest ("sha256:...") a tag points to, without counting as a pull.
 * ${known} is the digest already known, or "".  Returns 1 when it is unchanged,
 * 0 with *${ret} filled (NUL-terminated, 72 bytes), or a negative enum err;
 * ERR_UNSUPPORTED when the registry names no digest.
 */
int registry_head_manifest(struct registry_conn *, const char *repository,
    const char *tag, const char *known, char ret[72], struct diag *);

/**
 * registry_get_blob(conn, repository, digest, size, sink, arg, ret, d):
 * Stream a blob into ${sink} while hashing.  Return 0 only when size (-1 = any)
 * and digest are right; ERR_MALFORMED when they are not, which is known only at
 * the end: what the sink got before is provisional.  *${ret} bytes were read.
 */
int registry_get_blob(struct registry_conn *, const char *repository,
    const char *digest, int64_t size,
    int (*sink)(void *arg, const uint8_t *, size_t, struct diag *), void *arg,
    uint64_t *ret, struct diag *);

/* The JSON documents of a registry, read by pure functions so that the
 * coordinator can run them in a sandboxed child. */
enum registry_document { REGISTRY_CATALOG, REGISTRY_TAGS, REGISTRY_TOKEN };
/* Packed result in ${out}: an array of strings for the lists, [token, seconds]
 * for the token. */
int registry_document_read(enum registry_document, struct str body,
    struct buf *out, struct diag *);
typedef int registry_reader(void *arg, enum registry_document, struct str body,
    struct buf *out, struct diag *);

/* All repositories, or all tags of one, page by page through ${reader} (NULL =
 * in place).  ${each} gets every name; < 0 from it ends the walk. */
int registry_list(struct registry_conn *, const char *repository_or_null,
    registry_reader *reader, void *reader_arg,
    int (*each)(void *arg, struct str name), void *arg, struct diag *);

/* The URL of rel="next" in a Link header's value, against ${base}: 1 and *${ret},
 * 0 when this page was the last, ERR_DENIED when it leaves the registry's origin
 * or leads back to ${base}. */
int registry_next_page(const char *link, const char *base, char *ret,
    size_t size, struct diag *);

/* One challenge of a WWW-Authenticate header. */
struct registry_challenge {
	enum registry_auth_kind kind;	/* ANONYMOUS = none that we can answer */
	struct str realm, service, scope, error;	/* in the pool */
};
/* Prefer Bearer with a realm, else Basic; ERR_MALFORMED for a Bearer without
 * realm and nothing else, ERR_UNSUPPORTED when only others are offered. */
int registry_challenge_read(struct str header, struct pool *,
    struct registry_challenge *ret, struct diag *);

struct registry_credentials {
	const char *url;	/* of the registry */
	bool insecure;
	struct str username, password;	/* empty = anonymous */
};
/**
 * registry_token(http, credentials, challenge, repository, reader, arg, ret, d):
 * Answer a challenge: Basic credentials as they are, or a short bearer token of
 * scope repository:NAME:pull (the catalog's when ${repository} is "").
 * ${challenge} NULL = ask the registry itself: a challenge that came through a
 * worker would let the worker choose who gets the credentials.
 * ERR_DENIED says what an operator must do.
 */
int registry_token(struct http *, const struct registry_credentials *,
    const char *challenge, const char *repository, registry_reader *reader,
    void *reader_arg, struct registry_auth *ret, struct diag *);

#endif
