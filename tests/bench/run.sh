#!/bin/sh
# run.sh BUILD: every benchmark.  Ratios and memory, no wall-clock figures: the
# machine may be busy.  Exit status 1 when a gate fails: something was not read
# cleanly, or memory is above its ceiling.
set -u
here=$(dirname "$0")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sf-bench.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
failed=0
echo "== the layer reader"
"$here/layer.sh" "$1/tests/bench/bench_layer" || failed=1
echo "== a worker"
"$1/tests/bench/bench_worker" "$1/scanfarm-worker" "$tmp" 2>"$tmp/log" ||
    { failed=1; tail -n 20 "$tmp/log"; }
echo "== a listing of many packages"
"$here/packages.sh" "$1/scanfarm" || failed=1
[ $failed -eq 0 ] && echo "all gates hold" || echo "a gate failed"
exit $failed
