#!/bin/sh
# run.sh PROGRAM...: run cmocka programs and test scripts, show what failed, and
# end with the one line that sums them all up.  A script (*.sh) counts as one
# test and says SKIP (exit status 77) when the machine cannot run it.
# With TEST_TALLY=FILE the counts are appended there and no sum is printed, so
# that several calls can be summed by `run.sh --sum FILE`.
set -u
passed=0 failed=0 skipped=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
if [ "${1:-}" = --sum ]; then
	awk '{ p += $1; f += $2; s += $3 } END {
		printf "%d passed, %d failed", p, f
		if (s > 0) printf ", %d skipped", s
		printf "\n"; exit f > 0 || p == 0 }' "$2"
	exit
fi
for t; do
	case $t in
	*.sh)
		"$t" >"$out" 2>&1; rc=$?
		if [ $rc -eq 0 ]; then
			passed=$((passed + 1)); echo "ok   $t"
		elif [ $rc -eq 77 ]; then
			skipped=$((skipped + 1)); echo "skip $t: $(tail -n 1 "$out")"
		else
			failed=$((failed + 1)); echo "FAIL $t (exit status $rc)"; tail -n 60 "$out"
		fi ;;
	*)
		"$t" >"$out" 2>&1; rc=$?
		p=$(grep -c '^\[       OK \]' "$out"); f=$(grep -c '^\[  FAILED  \] [a-z]' "$out")
		# the closing summary names each failed test once more
		f=$((f / 2))
		[ $rc -ne 0 ] && [ $f -eq 0 ] && f=1
		passed=$((passed + p)); failed=$((failed + f))
		if [ $f -eq 0 ]; then echo "ok   $t ($p)"; else echo "FAIL $t (exit status $rc)"; grep -v -e '^\[ RUN' -e '^\[       OK' "$out" | tail -n 40; fi ;;
	esac
done
if [ -n "${TEST_TALLY:-}" ]; then
	echo "$passed $failed $skipped" >>"$TEST_TALLY"
	exit 0
fi
printf '%d passed, %d failed' $passed $failed
[ $skipped -gt 0 ] && printf ', %d skipped' $skipped
printf '\n'
[ $failed -eq 0 ] && [ $passed -gt 0 ]
