#!/bin/sh
# scale.sh BENCH_SCALE: a synthetic farm of SCALE images (default 100,000) in a
# PostgreSQL of its own, and what changed advisories cost in it.  Prints ratios:
# the machine cancels out.  A million images want about 15 GB and, on a machine of their own, half an hour.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
bench=$1
images=${SCALE:-100000}
. "$top/tests/lib/postgres.sh"
dir=$(mktemp -d "${TMPDIR:-/tmp}/sf-scale.XXXXXX")
trap 'postgres_stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
PG_OPTIONS="-c shared_buffers=1GB -c max_wal_size=8GB -c checkpoint_timeout=30min -c maintenance_work_mem=256MB -c max_parallel_workers_per_gather=0 -c jit=off"
postgres_start "$dir"
scale=$(awk "BEGIN { print $images / 1000000 }")
"$bench" packages "$PG_CONNINFO" "$scale"
psql -Xq -d "$PG_CONNINFO" -v images="$images" -v repositories="$(awk "BEGIN { print int(20000 * $scale) + 10 }")" \
    -v os_sets="$(awk "BEGIN { print int(20000 * $scale) + 20 }")" -v app_sets="$(awk "BEGIN { print int(150000 * $scale) + 50 }")" \
    -f "$top/tests/bench/scale.sql" >/dev/null
"$bench" run "$PG_CONNINFO" "$scale"
