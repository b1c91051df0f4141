/*
 * What a .NET application is made of: NAME.deps.json beside it, or inside where
 * it was published as one file.  Format: dotnet/sdk, documentation/specs/
 * runtime-configuration-file.md.
 */
#ifndef DEPS_JSON_H
#define DEPS_JSON_H

#include "analyzer.h"

#define DEPS_JSON ".deps.json"

/**
 * deps_json_packages(text, out, d):
 * Hand over the packages that are there at run time.  How many there are, or
 * ERR_MALFORMED, ERR_LIMIT.
 */
int deps_json_packages(struct str text, struct analyzer_out *out,
    struct diag *d);

#endif
