/* One HTTP request on its way through the server, as handlers see it. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "common/buf.h"
#include "coordinator.h"
#include "db.h"

struct http_request_in {
	struct coordinator *co;
	struct db *db;			/* of this thread; NULL = away */
	const char *method;		/* this and path: NULL in a slow handler
					   or that of an upload */
	const char *path;
	struct str rest;		/* the path behind the route's prefix */
	struct str body;
	int fd;				/* the body of an upload */
	const char *authorization;	/* header, "" when absent */
	const char *(*query)(const struct http_request_in *, const char *key);
	void *connection;
};

struct http_answer {
	int status;
	const char *type;
	struct buf body;
	int fd;				/* this file instead of the body; -1 = none */
};

typedef void http_handler(const struct http_request_in *, struct http_answer *);

/* {"error": ..., "hint": ...} with ${status}. */
void http_error(struct http_answer *, int status, const char *error, const char *hint);
/* The status a diag stands for, with its text. */
void http_error_diag(struct http_answer *, int rc, const struct diag *);

/* api.c and page.c */
http_handler api_registries_list, api_registries_add, api_registries_remove,
    api_registries_check,
    api_status, api_feeds, api_feeds_unchanged, api_image, api_scan, api_scan_state, api_affected, page_home,
    page_image, page_style, api_metrics, api_health, api_ready, api_audit, api_audit_request,
    api_feeds_export, api_feeds_mirror, api_feeds_gone, api_feeds_remove, api_policy, api_policy_set, api_explanation, api_verdict_as_of, api_changes, api_notify_list, api_notify_add, api_notify_remove;

#endif
