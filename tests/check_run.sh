#!/bin/sh
# check_run.sh: run.sh itself.  Each case is a program that ends in some way, and
# the line and exit status that must follow.
set -u
top=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
wrong=0
unset TEST_TALLY

# case NAME 'WANTED LINE' STATUS SHELL-CODE
case_of() {
	printf '#!/bin/sh\n%s\n' "$4" >"$dir/$1"
	chmod +x "$dir/$1"
	got=$(TEST_TIMEOUT=1 "$top/run.sh" "$dir/$1" 2>/dev/null); rc=$?
	got=$(printf '%s\n' "$got" | tail -n 1)
	if [ "$got" != "$2" ] || [ $rc -ne "$3" ]; then
		echo "$1: '$got', exit status $rc; wanted '$2', $3"
		wrong=1
	fi
}
begin="echo '[==========] Running 2 test(s).'; echo '[       OK ] test_a'"
end="echo '[==========] 2 test(s) run.'"
failed="echo '[  FAILED  ] test_b'"
case_of passes '2 passed, 0 failed' 0 "$begin; echo '[       OK ] test_b'; $end"
case_of fails '1 passed, 1 failed' 1 "$begin; $failed; $end; $failed; exit 1"
case_of fails-256 '1 passed, 1 failed' 1 "$begin; $failed; $end; $failed; exit 0"
case_of skips '1 passed, 0 failed, 1 skipped' 0 \
    "$begin; for i in 1 2; do echo '[  SKIPPED ] test_b'; done; $end"
case_of leaks '1 passed, 1 failed' 1 "$begin; $end; exit 23"
case_of crashes '1 passed, 1 failed' 1 "$begin; kill -SEGV \$\$"
case_of crashes-after-failure '1 passed, 1 failed' 1 "$begin; $failed; kill -SEGV \$\$"
case_of is-killed '1 passed, 1 failed' 1 "$begin; kill -KILL \$\$"
case_of ends-early '1 passed, 1 failed' 1 "$begin; exit 0"
case_of hangs '1 passed, 1 failed' 1 "$begin; exec sleep 60"
case_of says-nothing '0 passed, 1 failed' 1 "exit 0"
case_of script.sh '1 passed, 0 failed' 0 "exit 0"
case_of script-fails.sh '0 passed, 1 failed' 1 "exit 3"
case_of script-skips.sh '0 passed, 0 failed, 1 skipped' 1 "echo no registry; exit 77"

TEST_TALLY=$dir/tally "$top/run.sh" "$dir/passes" >/dev/null || wrong=1
TEST_TALLY=$dir/tally "$top/run.sh" "$dir/fails" >/dev/null || wrong=1
got=$("$top/run.sh" --sum "$dir/tally") && wrong=1
[ "$got" = '3 passed, 1 failed' ] || { echo "sum: '$got'"; wrong=1; }
"$top/run.sh" --sum "$dir/none" >/dev/null && { echo "a sum of nothing passes"; wrong=1; }
exit $wrong
