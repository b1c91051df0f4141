#!/bin/sh
# libfuzzer.sh BUILD OUT SECONDS [TARGET...]: run each target under libFuzzer.
#   What is new stays in OUT/corpus/TARGET for the next run; what ends the
#   program is OUT/TARGET-*.  Exit status 1 when a target found something.
# libfuzzer.sh --merge BUILD OUT [TARGET...]: the least of it that reaches what
#   all of it does into tests/fuzz/corpus/TARGET, beside what is there.
set -u
merge=
[ "$1" = --merge ] && { merge=1; shift; }
build=$1 out=$2; shift 2
[ -n "$merge" ] || { seconds=$1; shift; }
cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- $("$build/fuzz" --list)
failed=
# What a target gives away for good (locale, first uses) is no leak of a case.
export ASAN_OPTIONS=max_allocation_size_mb=1024
for t; do
	export FUZZ_TARGET="$t"
	mkdir -p "$out/corpus/$t" "$out/seeds/$t"
	"$build/fuzz" --write-seeds "$out/seeds/$t" "$t" || exit 1
	if [ -n "$merge" ]; then
		mkdir -p "tests/fuzz/corpus/$t" "$out/merged/$t"
		rm -f "$out/merged/$t"/*
		# seeds that programs make come first: only what they miss is kept
		"$build/fuzz-libfuzzer" -merge=1 -use_counters=0 -max_len=4096 "$out/merged/$t" \
		    "$out/seeds/$t" "$out/corpus/$t" 2>/dev/null || exit 1
		for f in "$out/merged/$t"/*; do
			cmp -s "$f" /dev/null && continue
			name=${f##*/}
			for s in "$out/seeds/$t"/*; do
				cmp -s "$f" "$s" && name=
			done
			[ -z "$name" ] || cp "$f" "tests/fuzz/corpus/$t/$(echo "$name" | cut -c1-12)"
		done
		rmdir "tests/fuzz/corpus/$t" 2>/dev/null
		continue
	fi
	printf '%-22s' "$t"
	if "$build/fuzz-libfuzzer" -max_total_time="$seconds" -max_len=8192 \
	    -timeout=10 -rss_limit_mb=3072 -print_final_stats=1 \
	    -artifact_prefix="$out/$t-" "$out/corpus/$t" "$out/seeds/$t" \
	    >"$out/$t.log" 2>&1; then
		grep -E 'DONE|cov:' "$out/$t.log" | tail -n 1
	else
		echo "found something:"
		grep -vE '^#|^INFO' "$out/$t.log" | tail -n 60
		failed="$failed $t"
	fi
done
[ -z "$failed" ] || { echo "failed:$failed; inputs are in $out"; exit 1; }
