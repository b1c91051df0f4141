/*
 * What a Java archive is when it holds no Maven descriptor of its own: judged
 * by its manifest and its file name.  A guess, and never more than one.
 */
#ifndef MAVEN_NAME_H
#define MAVEN_NAME_H

#include "common/cur.h"
#include "common/pool.h"

struct maven_id {
	struct str group, artifact, version;
};

/* Main section of META-INF/MANIFEST.MF; texts in the pool, empty = absent. */
struct maven_manifest {
	struct str title, version, vendor_id;		/* Implementation-* */
	struct str symbolic_name, bundle_name, bundle_version;
	struct str extension_name, specification_version, module_name;
	struct str group_id, short_name, plugin_version;	/* Jenkins */
};

/* 0, or ERR_LIMIT when the pool is full. */
int maven_manifest_read(struct cur c, struct pool *, struct maven_manifest *ret);

/* Is an archive called ${stem} (without directory and suffix) the one that
 * ${id} describes, with or without version and classifier? */
bool maven_stem_is(struct str stem, const struct maven_id *id);

/* The version of ${id} with what the archive's name adds to it of the Java that it
 * was built for: mssql-jdbc-12.4.2.jre11, whose descriptor says 12.4.2. */
struct str maven_full_version(struct str stem, const struct maven_id *id);

/* ${stem} without a classifier that says "not the code itself": the sources, documentation
 * or tests of it.  All of ${stem} where there is none. */
struct str maven_main_stem(struct str stem);

/**
 * maven_guess(m, stem, by_name, ret):
 * The identity that manifest and name give; ${by_name} allows to rely on the
 * name alone.  Its texts live as long as ${m} and ${stem}.  False
 * when there is none: no version can be told.
 */
bool maven_guess(const struct maven_manifest *m, struct str stem, bool by_name,
    struct maven_id *ret);

#endif
