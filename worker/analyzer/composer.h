/*
 * What Composer leaves about the packages it installed, found as a file or inside
 * an archive of PHP.
 */
#ifndef COMPOSER_H
#define COMPOSER_H

#include "analyzer.h"

/**
 * composer_json(json, out, d):
 * The packages of an installed.json, of Composer 1 (an array) or 2 (an object that
 * also says which are for development).  0, or what json_parse_file() and
 * analyzer_package() return.
 */
MUST_CHECK int composer_json(struct str json, struct analyzer_out *out,
    struct diag *d);
/**
 * composer_php(php, out, d):
 * The same of an installed.php, which Composer 2 writes for programs to ask at run
 * time; the project itself is among them.  It is PHP, never evaluated: an array of
 * literals, read as such.  0, ERR_MALFORMED (it has no list, or no end), or what
 * analyzer_package() returns.
 */
MUST_CHECK int composer_php(struct str php, struct analyzer_out *out,
    struct diag *d);

#endif
