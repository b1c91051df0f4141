/*
 * Content sets: names of Red Hat's repositories, "rhel-9-for-x86_64-baseos-rpms".
 * An image's manifest of its build lists those that its packages came from;
 * repository-to-cpe.json says which products each belongs to, and these which
 * channels (channel.h) the image takes.  Followed: Red Hat's content manifests
 * and /data/metrics/repository-to-cpe.json.
 */
#ifndef CONTENT_SET_H
#define CONTENT_SET_H

#include "common/buf.h"
#include "common/cur.h"
#include "common/pool.h"

/* One repository and its products. */
struct content_set {
	struct str name;
	struct str cpes;	/* words with one space between */
};

/* Append ${s} to ${b}: 0 or ERR_LIMIT.  Take one from ${c}, in its memory; false
 * when the bytes are none, or none that may be believed. */
MUST_CHECK int content_set_write(struct buf *, const struct content_set *);
MUST_CHECK bool content_set_read(struct cur *, struct content_set *ret);

/* What is known of them. */
struct content_sets;

struct content_sets *content_sets_new(size_t max);	/* ceiling of its memory */
void content_sets_free(struct content_sets *);
/* Add a copy of ${s}; of one name the last counts.  0 or ERR_LIMIT. */
int content_sets_add(struct content_sets *, const struct content_set *s);

/**
 * content_set_base(name):
 * ${name} without the number of the release that builds put behind it ("__9");
 * a minor release ("__9_DOT_2") is part of the name.
 */
struct str content_set_base(struct str name);

/**
 * content_sets_channels(m, names, pool, ret):
 * The channels of the repositories ${names} (words with one space between) by
 * what ${m} knows of them; of those that it does not know, RHEL's own by how they
 * are called.  "" = the main line of the release: it is the only one, or nothing
 * is known of any.  ${m} may be NULL.  Return 0 or ERR_LIMIT.
 */
int content_sets_channels(const struct content_sets *, struct str names,
    struct pool *, struct str *ret);

#endif
