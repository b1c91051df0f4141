#!/bin/sh
# check_versions.sh SCANFARM: the order of versions against the original tools,
# in bulk: dpkg --compare-versions and Python's packaging, whichever is there.
# Random pairs, other ones each time; the seed is printed and may be given as
# SEED=n.  Not part of the quick suite: it starts thousands of processes.
set -eu
scanfarm=$1
seed=${SEED:-$(date +%s)}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
command -v python3 >/dev/null || { echo "no python3 to make pairs with"; exit 77; }
echo "seed $seed"

# pairs SCHEME COUNT: lines A<TAB>B; half of the B are small changes of A
cat >"$tmp/pairs.py" <<'PY'
import random, sys
scheme, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(f"{scheme}{seed}")
pieces = {
    "deb": "0 1 2 9 10 00 007 47 48 255 256 99999999999999999999 . . - ~ + a b Z rc dfsg .1 -1 +b1 ~rc1".split(),
    "pep440": "0 1 2 10 01 .0 .1 .2 .10 a1 b rc2 c3 .dev1 dev .post1 -1 +ab +1 .99999999999999999999 _beta".split(),
}[scheme]
def version():
    v = random.choice("0123") + "".join(random.choices(pieces, k=random.randint(0, 5)))
    if random.random() < .1:
        v = random.choice("012") + (":" if scheme == "deb" else "!") + v
    return v
def changed(v):
    i = random.randint(0, len(v))
    return v[:i] + random.choice(pieces) + v[i + random.randint(0, 1):]
for _ in range(count):
    a = version()
    print(a, changed(a) if random.random() < .5 else version(), sep="\t")
PY

# compare WHAT: the two files of answers; shows the first pairs that differ
compare() {
	paste "$tmp/pairs" "$tmp/want" "$tmp/got" | awk -F '\t' -v what="$1" '
	    $3 != $4 { if (n++ < 10) print what ": " $1 " " $3 " " $2 ", we say " $4 }
	    END { print what ": " NR " pairs, " n + 0 " differ"; exit n > 0 }'
}
ran=0

if command -v dpkg >/dev/null; then
	python3 "$tmp/pairs.py" deb 2000 "$seed" >"$tmp/pairs"
	while IFS='	' read -r a b; do
		# dpkg warns about odd versions and orders them; what it refuses it
		# says with status 2 or "error:"
		if dpkg --compare-versions "$a" lt "$b" 2>"$tmp/err"; then r='<'
		elif dpkg --compare-versions "$a" gt "$b" 2>>"$tmp/err"; then r='>'
		else r='='; fi
		! grep -q 'error' "$tmp/err" || r='!'
		echo "$r"
	done <"$tmp/pairs" >"$tmp/want"
	"$scanfarm" compare deb <"$tmp/pairs" >"$tmp/got"
	compare dpkg
	ran=1
fi
if python3 -c 'import packaging.version' 2>/dev/null; then
	python3 "$tmp/pairs.py" pep440 50000 "$seed" >"$tmp/pairs"
	python3 - "$tmp/pairs" >"$tmp/want" <<'PY'
import sys
from packaging.version import Version, InvalidVersion
for line in open(sys.argv[1]):
    try:
        a, b = (Version(v) for v in line.rstrip("\n").split("\t"))
        print("<" if a < b else ">" if a > b else "=")
    except InvalidVersion:
        print("!")
PY
	"$scanfarm" compare pep440 <"$tmp/pairs" >"$tmp/got"
	compare packaging
	ran=1
fi
[ $ran -eq 1 ] || { echo "neither dpkg nor python3-packaging here"; exit 77; }
