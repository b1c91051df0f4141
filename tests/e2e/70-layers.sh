#!/bin/sh
# Images of random layers give what a runtime would unpack: umoci applies the
# layers, dpkg-query and the texts say what is installed there.
#   SEED=n   other images (default: always the same ones)
#   COUNT=n  how many (default 60)
set -eu
TOP=$(cd "$(dirname "$0")/../.." && pwd)
PATH=${BUILD:-$TOP/build}:$PATH
for p in umoci python3 dpkg-query; do
	command -v $p >/dev/null || { echo "no $p here"; exit 77; }
done
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-layers.XXXXXX")
trap 'chmod -R u+rwx "$T"; rm -rf "$T"' EXIT
count=${COUNT:-60} seed=${SEED:-1}
python3 "$TOP/tests/lib/layer_corpus.py" "$T/oci" "$seed" "$count"
n=0 rows=0 empty=0
while [ $n -lt "$count" ]; do
	umoci --log=error unpack --rootless --image "$T/oci:i$n" "$T/bundle" >"$T/umoci.log" 2>&1 || {
		cat "$T/umoci.log"; echo "umoci does not unpack i$n of seed $seed"; exit 1; }
	python3 "$TOP/tests/lib/layer_reference.py" "$T/bundle/rootfs" >"$T/want"
	rc=0
	scanfarm inventory "$T/oci:i$n" --format tsv >"$T/all" 2>"$T/err" || rc=$?
	tail -n +2 "$T/all" | cut -f 1-5 | LC_ALL=C sort >"$T/got"
	LC_ALL=C sort -o "$T/want" "$T/want"
	# A database is there, and none has a package that is installed (of no
	# bytes, or only with packages of which configuration is left): unknown,
	# nothing else.
	if [ $rc -eq 4 ] && ! grep -q '	\(deb\|apk\)	' "$T/want" &&
	    [ -n "$(find "$T/bundle/rootfs" -type f \( -name status -o -name installed \))" ] &&
	    [ "$(grep '^incomplete: ' "$T/err" | grep -vc ' lists no package, ')" -eq 0 ]; then
		rc=0 empty=$((empty + 1))
	fi
	if [ $rc -ne 0 ] || ! cmp -s "$T/want" "$T/got"; then
		echo "image i$n of seed $seed: exit status $rc"
		cat "$T/err"
		diff "$T/want" "$T/got" || true
		exit 1
	fi
	rows=$((rows + $(wc -l <"$T/want")))
	chmod -R u+rwx "$T/bundle" && rm -rf "$T/bundle"
	n=$((n + 1))
done
echo "$n images, $rows packages, all as unpacked; $empty with nothing but empty databases"
[ $rows -gt $((count / 2)) ]
