/*
 * Where a manifest stands decides whether it is an installed package.  Facts
 * about paths that analyzers of several languages share.
 */
#ifndef WHERE_H
#define WHERE_H

#include "common/str.h"

/* Has ${path} the component ${name} before its last one? */
bool where_below(struct str path, const char *name);
/**
 * where_is_sample(path):
 * Does ${path} stand in a folder of tests or samples inside an installed
 * dependency (node_modules, site-packages, gems, vendor, Python's own library)?
 * Of a "vendor" those do not count that hold one of the others.  Manifests
 * there are material of somebody's tests, not packages.
 */
bool where_is_sample(struct str path);
/* The same for a path inside the archive of a dependency. */
bool where_is_sample_inside(struct str path);
/* Does ${path} stand inside an installed dependency at all? */
bool where_is_dependency(struct str path);
/* What stands behind dpkg's folder, or that of pacman's packages, in ${path}, "" when
 * it is not in there.  Images whose /var is empty until they run (bootc's) have these
 * below usr/lib/sysimage, with a link in the old place or none. */
struct str where_dpkg(struct str path);
struct str where_pacman(struct str path);
/* The last component of the folder that holds ${path}. */
struct str where_folder(struct str path);

#define WHERE_NAME 256	/* no file's name is longer, with a NUL */
/**
 * where_unhashed(name, text):
 * The name of a library without what auditwheel puts into those it copies into
 * a wheel, "-" and eight hex digits before ".so" ("libtiff-20b7e810.so.6"): in
 * ${text}, or ${name} itself when it has none.
 */
struct str where_unhashed(struct str name, char text[WHERE_NAME]);

#endif
