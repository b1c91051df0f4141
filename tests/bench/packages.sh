#!/bin/sh
# packages.sh SCANFARM [N]: the peak memory of `scanfarm inventory` of a layer with
# N packages of dpkg (1,000,000).  Exit status 1 when it lists others, or takes more
# than 1 KiB a package and what it takes of none.
set -eu
scanfarm=$1 n=${2:-1000000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sf-packages.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/var/lib/dpkg"
awk -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
	printf "Package: package-%d\nStatus: install ok installed\n" \
	    "Maintainer: Team %d <team@lists.example>\nArchitecture: amd64\n" \
	    "Source: source-%d\nVersion: 1.%d-2+deb12u1\n\n", i, i % 100, i / 3, i
}' >"$tmp/var/lib/dpkg/status"
tar -C "$tmp" -cf "$tmp/layer.tar" var
"$scanfarm" inventory "$tmp/layer.tar" --format tsv >"$tmp/out" 2>"$tmp/err" &
pid=$! peak=0
while kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$kb" ]; do
	peak=$kb
	sleep 0.02
done
wait $pid || { cat "$tmp/err"; exit 1; }
[ "$(wc -l <"$tmp/out")" -eq $((n + 1)) ] || { echo "not $n packages"; exit 1; }
echo "inventory of $n packages: $((peak / 1024)) MiB at its peak"
[ "$peak" -le $((n + 65536)) ] || { echo "that is above 1 KiB a package"; exit 1; }
