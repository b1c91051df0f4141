/*
 * Where feeds are published: for each name that `feed update` knows a URL, and
 * how to find out what changed there.
 */
#ifndef FEED_SOURCE_H
#define FEED_SOURCE_H

#include "cli/output.h"

enum feed_protocol {
	FEED_FILE,		/* one file, the whole feed */
	FEED_OSV,		/* all.zip, modified_id.csv, ID.json */
	FEED_CSAF,		/* changes.csv, PATH, and all of it by
				   archive_latest.txt or beside the folder, as
				   FOLDER.tar.bz2 */
	FEED_UPDATEINFO,	/* a mirror.list, repodata/repomd.xml, updateinfo */
};

struct feed_source {
	enum feed_protocol protocol;
	char *url;		/* of the file, or of the folder without a slash */
};

/* The source of feed ${name} ("osv/Debian", "kev"); with ${base} given it is at
 * that server, or below that path, instead.  False when none is known. */
bool feed_source_find(struct str name, const char *base,
    struct feed_source *ret);
void feed_source_done(struct feed_source *);

/* A listing: feed, source; names with a * stand for what is there. */
struct output *feed_source_listing(void);

#endif
