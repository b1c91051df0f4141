#!/bin/sh
# run.sh PROGRAM...: run the database tests against a server of their own.  The
# programs find it in SCANFARM_TEST_DATABASE and make a database each.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/postgres.sh"
dir=$(mktemp -d "${TMPDIR:-/tmp}/sf-sql.XXXXXX") || exit 1
trap 'postgres_stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
postgres_start "$dir" || exit 1
export SCANFARM_TEST_DATABASE="$PG_CONNINFO"
"$top/tests/run.sh" "$@"
