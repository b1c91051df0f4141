/*
 * A bounded HTTP client, the only door to libcurl.  Redirects are followed here
 * hop by hop: the Authorization header stays with its origin, https never
 * becomes http, and a hop to another host may not reach private addresses
 * unless the first host is at one itself or the request says so.  Nothing is decoded, nothing is written to disk.
 */
#ifndef HTTP_H
#define HTTP_H

#include "buf.h"

struct http;

/* A URL and its end: signed ones of blobs, and marks in lists, have some 2,000
 * bytes.  Of an answer, a longer one is ERR_LIMIT: cut, it would be another. */
#define HTTP_URL 8192

struct http_request {
	const char *method;		/* GET HEAD POST PUT DELETE */
	const char *url;
	const char *headers[8];		/* "Name: value", NULL ends */
	const char *authorization;	/* header value; never forwarded; or NULL */
	struct str body;		/* of POST and PUT */
	int body_fd;			/* > 0: send this file instead */
	bool insecure;			/* http allowed, TLS unverified */
	bool allow_private;		/* redirects may reach private addresses */
	size_t max_body;		/* of a body that is kept */
	/* When set, a 2xx body goes here in pieces; < 0 ends the transfer. */
	int (*sink)(void *arg, const uint8_t *p, size_t n, struct diag *);
	void *sink_arg;
	long stall_s;			/* next to nothing for so long: give up; 0 = 30 */
};

struct http_response {
	long status;
	struct buf body;		/* what the sink did not take */
	char content_type[256];
	char content_digest[128];	/* Docker-Content-Digest */
	char etag[256];
	char last_modified[64];
	char content_range[64];		/* of 206 and 416 */
	char link[HTTP_URL];		/* lines joined by ", " */
	char challenge[4096];		/* WWW-Authenticate lines joined by ", " */
	char location[HTTP_URL];
	uint32_t retry_after_s;		/* 0 = not said */
	bool elsewhere;			/* a redirect led to another origin */
	int64_t content_length;		/* -1 = not said */
};

struct http *http_new(void);		/* one a thread or process */
void http_free(struct http *);

/* ${stop} is asked about once a second and as bytes come: true ends the transfer,
 * ERR_TEMPORARY.  NULL = never. */
void http_set_stop(struct http *, bool (*stop)(void *arg), void *arg);

/**
 * http_send(http, request, ret, d):
 * Send and read one answer into *${ret}, which http_response_done must free
 * whatever comes back.  Return 0 for every answer with a status (look at it),
 * ERR_TEMPORARY for a failed transport or a body that ends early, ERR_DENIED
 * for a certificate or redirect that is not allowed, ERR_LIMIT for a body above
 * max_body or headers that are too long, ERR_USAGE for a bad URL, or what the sink returned.
 */
int http_send(struct http *, const struct http_request *, struct http_response *ret,
    struct diag *);
void http_response_done(struct http_response *);
/* The enum err an answer's status stands for; 0 for 2xx and 304. */
int http_status_error(long status);

/* scheme://host[:port] of ${url} in ${ret}; false when it has none. */
bool http_origin(struct str url, char *ret, size_t size);
/* The host of ${url} is localhost or a private, loopback or link-local literal. */
bool http_is_private(struct str url);
/* ${ref} (absolute, or a path) against ${base}; false when it does not fit. */
bool http_resolve(const char *base, const char *ref, char *ret, size_t size);

#endif
