#!/bin/sh
# run.sh PROGRAM...: run cmocka programs and test scripts, show what failed, and
# end with the one line that sums them all up.  A script (*.sh) counts as one
# test and says SKIP (exit status 77) when the machine cannot run it; a program
# counts as many as it reports in cmocka's words.  A program that reports none
# has failed, and so has one that ends, with whatever status, before its last.
#
# With TEST_TALLY=FILE the counts are appended there, no sum is printed and the
# exit status is 0, so that several calls can be summed by `run.sh --sum FILE`.
# TEST_TIMEOUT=SECONDS ends a test that hangs; it is a back-stop, not a check.
set -u
if [ "${1:-}" = --sum ]; then
	[ -f "$2" ] || { echo '0 passed, 0 failed'; exit 1; }
	awk '{ p += $1; f += $2; s += $3 } END {
		printf "%d passed, %d failed", p, f
		if (s > 0) printf ", %d skipped", s
		printf "\n"; exit f > 0 || p == 0 }' "$2"
	exit
fi
passed=0 failed=0 skipped=0 pid=
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; exit 1' INT TERM HUP

# Of the background, so that a signal to us ends the test and what it started.
run() {
	timeout -k 20 "${TEST_TIMEOUT:-1200}" "$@" >"$out" 2>&1 </dev/null &
	pid=$!
	wait "$pid"; rc=$?
	pid=
	[ $rc -ne 124 ] || echo "still running after ${TEST_TIMEOUT:-1200} s" >>"$out"
}

count() {
	grep -c "$1" "$out"
}

for t; do
	run "$t"
	p=0 f=0 s=0
	case $t in
	*.sh)
		case $rc in
		0) p=1 ;;
		77) s=1 ;;
		*) f=1 ;;
		esac ;;
	*)
		p=$(count '^\[       OK \]')
		s=$(count '^\[  SKIPPED \] [a-z]')
		f=$(count '^\[  FAILED  \] [a-z]')
		# the closing summary names each failed and skipped test once more
		s=$(((s + 1) / 2)) f=$(((f + 1) / 2))
		if [ $rc -ne 0 ] || [ $((p + s)) -eq 0 ] ||
		    [ "$(count '^\[=*\] Running')" -ne "$(count '^\[=*\] .* run\.$')" ]; then
			[ $f -gt 0 ] || f=1
		fi ;;
	esac
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ $f -gt 0 ]; then
		echo "FAIL $t (exit status $rc)"
		# what failed first, which a long log would push out of sight
		grep -A 2 '^\[  ERROR   \]' "$out" | head -n 30
		grep -v -e '^\[ RUN' -e '^\[       OK' "$out" | tail -n 60
	elif [ $p -eq 0 ]; then
		echo "skip $t: $(tail -n 1 "$out")"
	else
		echo "ok   $t ($p$([ $s -eq 0 ] || echo ", $s skipped"))"
	fi
done
if [ -n "${TEST_TALLY:-}" ]; then
	echo "$passed $failed $skipped" >>"$TEST_TALLY"
	exit 0
fi
printf '%d passed, %d failed' $passed $failed
[ $skipped -gt 0 ] && printf ', %d skipped' $skipped
printf '\n'
[ $failed -eq 0 ] && [ $passed -gt 0 ]
