#!/bin/sh
# layer.sh BENCH_LAYER: make layers of what this machine has installed, as a
# container build would pack them (gzip -6, zstd -3), and run the benchmark.
set -eu
bench=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# At most about 150 MB each.  As container builds write them: times in whole
# seconds, so a pax header only where a name needs one.
pack() {
	name=$1 entries=$2; shift 2
	for d; do find "$d" -xdev -type f -size -20M 2>/dev/null | LC_ALL=C sort; done |
	    head -n "$entries" | while read -r f; do
		stat -c '%s %n' "$f"
	done | awk '{ sum += $1; if (sum < 150e6) print substr($0, length($1) + 2) }' >"$tmp/list"
	[ -s "$tmp/list" ] || return 0
	tar --format=pax --pax-option=delete=atime,delete=ctime --mtime=@1700000000 \
	    --no-recursion -P --transform='s,^/,,' -cf "$tmp/all" -T "$tmp/list"
	gzip -6 <"$tmp/all" >"$tmp/$name.tar.gz"
	zstd -q -3 <"$tmp/all" >"$tmp/$name.tar.zst"
	rm -f "$tmp/all"
}
pack binaries 2000 /usr/bin /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu
pack small-files 15000 /usr/lib/python3 /usr/lib/python3.11 /usr/share
"$bench" memory
set -- "$tmp"/*.tar.gz "$tmp"/*.tar.zst
"$bench" speed "$@"
