#!/bin/sh
# Images of random layers give what a runtime would unpack: umoci applies the
# layers, dpkg-query and the texts say what is installed there.  Of layers that
# bring paths several times, and of databases behind links, that or "incomplete",
# with the reason.
#   SEED=n   other images (default: always the same ones)
#   COUNT=n  how many of either (default 60)
set -eu
TOP=$(cd "$(dirname "$0")/../.." && pwd)
PATH=${BUILD:-$TOP/build}:$PATH
for p in umoci python3 dpkg-query; do
	command -v $p >/dev/null || { echo "no $p here"; exit 77; }
done
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-layers.XXXXXX")
trap 'chmod -R u+rwx "$T"; rm -rf "$T"' EXIT
count=${COUNT:-60} seed=${SEED:-1}

# unpack LAYOUT N: image N to bundle/; false if umoci does not
unpack() {
	chmod -R u+rwx "$T/bundle" 2>/dev/null && rm -rf "$T/bundle"
	umoci --log=error unpack --rootless --image "$1:i$2" "$T/bundle" >"$T/umoci.log" 2>&1
}

# compare LAYOUT N: what is unpacked to want, what is found to got; sets rc
compare() {
	python3 "$TOP/tests/lib/layer_reference.py" "$T/bundle/rootfs" >"$T/want"
	rc=0
	scanfarm inventory "$1:i$2" --format tsv >"$T/all" 2>"$T/err" || rc=$?
	tail -n +2 "$T/all" | cut -f 1-5 | LC_ALL=C sort >"$T/got"
	LC_ALL=C sort -o "$T/want" "$T/want"
}

differs() {
	echo "image i$2 of seed $seed in ${1##*/}: exit status $rc"
	cat "$T/err"
	diff "$T/want" "$T/got" || true
	exit 1
}

python3 "$TOP/tests/lib/layer_corpus.py" "$T/oci" "$seed" "$count"
n=0 rows=0 empty=0
while [ $n -lt "$count" ]; do
	unpack "$T/oci" $n || {
		cat "$T/umoci.log"; echo "umoci does not unpack i$n of seed $seed"; exit 1; }
	compare "$T/oci" $n
	# A database is there, and none has a package that is installed (of no
	# bytes, or only with packages of which configuration is left): unknown,
	# nothing else.
	if [ $rc -eq 4 ] && ! grep -q '	\(deb\|apk\)	' "$T/want" &&
	    [ -n "$(find "$T/bundle/rootfs" -type f \( -name status -o -name installed \))" ] &&
	    [ "$(grep '^incomplete: ' "$T/err" | grep -vc ' lists no package, ')" -eq 0 ]; then
		rc=0 empty=$((empty + 1))
	fi
	[ $rc -eq 0 ] && cmp -s "$T/want" "$T/got" || differs "$T/oci" $n
	rows=$((rows + $(wc -l <"$T/want")))
	n=$((n + 1))
done
echo "$n images, $rows packages, all as unpacked; $empty with nothing but empty databases"
[ $rows -gt $((count / 2)) ]

# crafted KIND REASONS: images of that kind are as unpacked, or incomplete for
# REASONS (of grep) alone; sets n same unknown refused
crafted() {
	python3 "$TOP/tests/lib/layer_corpus.py" "$T/$1" "$seed" "$count" "$1"
	n=0 same=0 unknown=0 refused=0
	while [ $n -lt "$count" ]; do
		if ! unpack "$T/$1" $n; then	# a path through a file, a link to nothing
			refused=$((refused + 1)) n=$((n + 1))
			continue
		fi
		compare "$T/$1" $n
		if [ $rc -eq 4 ] && [ "$(grep '^incomplete: ' "$T/err" | grep -vc "$2")" -eq 0 ]; then
			unknown=$((unknown + 1))
		elif [ $rc -eq 0 ] && cmp -s "$T/want" "$T/got"; then
			same=$((same + 1))
		else
			differs "$T/$1" $n
		fi
		n=$((n + 1))
	done
}

crafted odd 'the same layer[ :]\|of a lower layer\|comes after a hard link\|is a hard link to'
echo "$n with layers that bring paths again: $same as unpacked, $unknown incomplete, $refused that umoci refuses"
[ $same -gt $((count / 10)) ] && [ $same -gt $unknown ]

crafted linked ' leads to \| too many links\|the same layer\| lists no package'
echo "$n with databases behind links: $same as unpacked, $unknown incomplete, $refused that umoci refuses"
[ $same -gt $((count / 8)) ]

crafted folders ' by another name\| leads to \| too many links\|the same layer\| lists no package'
echo "$n with folders of packages behind links: $same as unpacked, $unknown incomplete, $refused that umoci refuses"
[ $same -gt $((count / 8)) ]
