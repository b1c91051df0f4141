#!/bin/bash
# The inventory of every case of SHARED/data/inventory (default ../shared beside
# the project) against its expected.tsv, which other tools made.  A row that is
# missing fails; so does a row too many, unless it is explained below.
# usage: 45-inventory-truth.sh [TYPE...]	default: all types
set -u
cd "$(dirname "$0")/../.."
dir=${SHARED:-../shared}/data/inventory
scanfarm=${BUILD:-build}/scanfarm
[ -f "$dir/expected.tsv" ] || { echo "SKIP: no $dir/expected.tsv"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Rows of expected.tsv are FILE TYPE NAME ...; scanfarm names files below the
# case's root, which is the second folder or the archive itself.
cases() {
	tail -n +2 "$dir/expected.tsv" | cut -f 1 | awk -F / '
		$1 == "images" || NF == 2 { print $1 "/" $2; next }
		{ print $1 "/" $2 "/" }' | sort -u
}

rows() {
	local at=$1 root=$dir/$1 prefix=$1
	case $at in
	images/*) ;;
	*/) ;;
	*)	# a single file: give it a root of its own
		mkdir "$work/root" && cp "$root" "$work/root/" || return 1
		root=$work/root prefix=${at%/*}/ ;;
	esac
	"$scanfarm" inventory --lock-files --format tsv "$root" 2>"$work/err"
	local rc=$?
	rm -rf "$work/root"
	[ $rc -eq 0 ] || { echo "$at: exit status $rc" >&2; cat "$work/err" >&2; }
	return 0
}

for at in $(cases); do
	rows "$at" | tail -n +2 | cut -f -7 | case $at in
	images/*) awk -v p="$at" 'BEGIN { FS = OFS = "\t" } { $1 = p; print }' ;;
	*/) awk -v p="$at" '{ print p $0 }' ;;
	*) awk -v p="${at%/*}/" '{ print p $0 }' ;;
	esac
done | LC_ALL=C sort -u >"$work/got"
tail -n +2 "$dir/expected.tsv" | LC_ALL=C sort -u >"$work/want"

# Not in the list because it names one kind of library only: the runtime that a
# self-contained .NET application carries, which advisories name.
grep -v "	nuget	Microsoft\.\(NETCore\|AspNetCore\)\.App\.Runtime\." "$work/got" >"$work/judged"
LC_ALL=C comm -23 "$work/want" "$work/judged" >"$work/missing"
LC_ALL=C comm -13 "$work/want" "$work/judged" >"$work/extra"

failed=0
for type in ${*:-$(cut -f 2 "$work/want" | sort -u)}; do
	count() { awk -F '\t' -v t="$type" '$2 == t' "$1" | wc -l; }
	w=$(count "$work/want") m=$(count "$work/missing") e=$(count "$work/extra")
	printf '%-9s %4d expected, %d missing, %d too many\n' "$type" "$w" "$m" "$e"
	[ $((m + e)) -eq 0 ] && continue
	failed=1
	awk -F '\t' -v t="$type" '$2 == t { print "  missing: " $0 }' "$work/missing" | head -20
	awk -F '\t' -v t="$type" '$2 == t { print "  too many: " $0 }' "$work/extra" | head -20
done
exit $failed
