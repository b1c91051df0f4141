/*
 * Image references as people type them: [host[:port]/]name[:tag][@digest],
 * with Docker's short names.  Canonical host of Docker Hub: docker.io.
 */
#ifndef REF_H
#define REF_H

#include "err.h"

#define REF_TEXT 512

struct ref {
	char host[REF_TEXT];	/* hostname[:port] */
	char name[REF_TEXT];	/* repository */
	char tag[130];		/* "" when none and a digest is given; else "latest" */
	char digest[80];	/* "sha256:..." or "" */
};

/* 0 or ERR_USAGE with what is wrong and what a reference looks like. */
int ref_parse(struct str, struct ref *ret, struct diag *);
/* By the grammar of distribution-spec. */
bool ref_name_ok(struct str);
bool ref_tag_ok(struct str);

#endif
