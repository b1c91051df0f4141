#!/bin/sh
# check_versions.sh SCANFARM: the order of versions against the original tools,
# in bulk, whichever of them are there: dpkg, librpm (python3-rpm), packaging
# (python3-packaging), RubyGems (ruby), node-semver (npm), Maven
# (libmaven3-core-java with a JDK), composer (php-composer-semver).  Random
# pairs, other ones each time; the seed is printed and may be given as SEED=n.
# PAIRS=n sets how many of each (default 100000; dpkg starts a process each and
# gets a fiftieth).  Not part of the quick suite.
set -eu
scanfarm=$1
seed=${SEED:-$(date +%s)} pairs=${PAIRS:-100000}
python=/usr/bin/python3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
[ -x $python ] || { echo "no $python to make pairs with"; exit 77; }
echo "seed $seed, $pairs pairs"

# pairs SCHEME COUNT SEED: lines A<TAB>B; half of the B are small changes of A
cat >"$tmp/pairs.py" <<'PY'
import random, sys
scheme, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(f"{scheme}{seed}")
pieces = {
    "deb": "0 1 2 9 10 00 007 47 48 255 256 99999999999999999999 . . - ~ + a b Z rc dfsg .1 -1 +b1 ~rc1".split(),
    "rpm": "0 1 2 9 10 00 007 199 200 201 255 256 99999999999999999999 . . - ~ ^ + _ a b Z rc .el9 .1 ~rc1 ^git1 .module+el8".split(),
    "pep440": "0 1 2 10 01 .0 .1 .2 .10 a1 b rc2 c3 .dev1 dev .post1 -1 +ab +1 .99999999999999999999 _beta".split(),
    "gem": "0 1 2 10 01 .0 .1 .2 .10 .a .b .rc1 -1 -a a b Z .pre .0.0 .99999999999999999999".split(),
    "semver": "0 1 2 10 . .0 .1 .0.0 .2.3 -a -1 -rc.1 -0 .beta .11 - +b +1 a B".split(),
    "maven": "0 1 2 10 01 . .0 .1 .2 - -1 a b m x rc cr ga final sp foo jre -SNAPSHOT .Final -alpha -beta .RC milestone .99999999999999999999".split(),
    "composer": "0 1 2 10 . .0 .1 .2 - -1 a b2 beta -RC1 .RC p1 -patch2 -dev dev .x -alpha +b stable -01 01".split(),
}[scheme]
def version():
    v = random.choice("0123") + "".join(random.choices(pieces, k=random.randint(0, 6)))
    if scheme in ("semver", "composer") and random.random() < .7:
        v = random.choice("012") + "." + random.choice("012") + "." + v
    if scheme in ("deb", "rpm", "pep440") and random.random() < .1:
        v = random.choice("012") + ("!" if scheme == "pep440" else ":") + v
    return v
def changed(v):
    i = random.randint(0, len(v))
    return v[:i] + random.choice(pieces) + v[i + random.randint(0, 1):]
for _ in range(count):
    a = version()
    print(a, changed(a) if random.random() < .5 else version(), sep="\t")
PY

# check SCHEME WHAT: $tmp/want against ours; shows the first pairs that differ.
# "?" in want = the tool refuses one side, and so may we.
ran=0
check() {
	"$scanfarm" compare "$1" <"$tmp/pairs" >"$tmp/got"
	paste "$tmp/pairs" "$tmp/want" "$tmp/got" | awk -F '\t' -v what="$2" '
	    $3 == "?" { skipped++; next }
	    $3 != $4 { if (n++ < 10) print what ": " $1 " " $3 " " $2 ", we say " $4 }
	    { compared++ }
	    END { print what ": " compared + 0 " pairs compared, " n + 0 " differ"; exit n > 0 || compared == 0 }'
	ran=1
}

if command -v dpkg >/dev/null; then
	$python "$tmp/pairs.py" deb $((pairs / 50)) "$seed" >"$tmp/pairs"
	while IFS='	' read -r a b; do
		# dpkg warns about odd versions and orders them; what it refuses it
		# says with status 2 or "error:"
		if dpkg --compare-versions "$a" lt "$b" 2>"$tmp/err"; then r='<'
		elif dpkg --compare-versions "$a" gt "$b" 2>>"$tmp/err"; then r='>'
		else r='='; fi
		! grep -q 'error' "$tmp/err" || r='!'
		echo "$r"
	done <"$tmp/pairs" >"$tmp/want"
	check deb dpkg
fi
if $python -c 'import apt_pkg' 2>/dev/null; then
	# the same order in one process: what both accept
	$python "$tmp/pairs.py" deb "$pairs" "$((seed + 1))" >"$tmp/pairs"
	"$scanfarm" compare deb <"$tmp/pairs" >"$tmp/ours"
	paste "$tmp/pairs" "$tmp/ours" | $python -c '
import sys, apt_pkg
apt_pkg.init_system()
for line in sys.stdin:
    a, b, ours = line.rstrip("\n").split("\t")
    c = apt_pkg.version_compare(a, b)
    print("?" if ours == "!" or "99999999999" in a + b else "<" if c < 0 else ">" if c > 0 else "=")' >"$tmp/want"
	check deb apt
fi
if $python -c 'import rpm' 2>/dev/null; then
	$python "$tmp/pairs.py" rpm "$pairs" "$seed" >"$tmp/pairs"
	$python -c '
import sys, re, rpm
def evr(s):
    m = re.match(r"^(\d*):(.*)$", s)
    e, s = (m.group(1) or "0", m.group(2)) if m else ("0", s)
    v, _, r = s.rpartition("-") if "-" in s else (s, "", None)
    return (e, v, r or None)
for line in sys.stdin:
    a, b = (evr(v) for v in line.rstrip("\n").split("\t"))
    if a[1] == "" or b[1] == "" or max(len(a[0]), len(b[0])) > 9:	# epochs are numbers of 32 bits
        print("?"); continue
    if a[2] is None or b[2] is None:	# as in a dependency: any release
        a, b = a[:2] + ("1",), b[:2] + ("1",)
    c = rpm.labelCompare(a, b)
    print("<" if c < 0 else ">" if c > 0 else "=")' <"$tmp/pairs" >"$tmp/want"
	check rpm librpm
fi
if $python -c 'import packaging.version' 2>/dev/null; then
	$python "$tmp/pairs.py" pep440 "$pairs" "$seed" >"$tmp/pairs"
	$python - "$tmp/pairs" >"$tmp/want" <<'PY'
import sys
from packaging.version import Version, InvalidVersion
for line in open(sys.argv[1]):
    try:
        a, b = (Version(v) for v in line.rstrip("\n").split("\t"))
        print("<" if a < b else ">" if a > b else "=")
    except InvalidVersion:
        print("!")
PY
	check pep440 packaging
fi
if command -v ruby >/dev/null; then
	$python "$tmp/pairs.py" gem "$pairs" "$seed" >"$tmp/pairs"
	ruby -e 'STDIN.each_line { |l| a, b = l.chomp.split("\t")
	  begin
	    c = Gem::Version.new(a) <=> Gem::Version.new(b); puts(c < 0 ? "<" : c > 0 ? ">" : "=")
	  rescue ArgumentError
	    puts "!"
	  end }' <"$tmp/pairs" >"$tmp/want"
	check gem rubygems
fi
semver=$(node -e 'const p = require("path"), f = require("fs");
  for (const d of ["/usr/share/nodejs/semver", p.join(p.dirname(f.realpathSync(process.execPath)), "../lib/node_modules/npm/node_modules/semver")])
    if (f.existsSync(d)) { console.log(d); break; }' 2>/dev/null || true)
if [ -n "$semver" ]; then
	$python "$tmp/pairs.py" semver "$pairs" "$seed" >"$tmp/pairs"
	# we take dirty forms that it refuses
	node -e 'const s = require(process.argv[1]);
	  for (const l of require("fs").readFileSync(0, "utf8").trimEnd().split("\n")) {
	    const [a, b] = l.split("\t");
	    let c; try { c = s.compare(a, b); } catch (e) { console.log("?"); continue; }
	    console.log(c < 0 ? "<" : c > 0 ? ">" : "="); }' "$semver" <"$tmp/pairs" >"$tmp/want"
	check semver node-semver
fi
jar=/usr/share/java/maven-artifact-3.x.jar
if [ -r $jar ] && command -v javac >/dev/null; then
	$python "$tmp/pairs.py" maven "$pairs" "$seed" >"$tmp/pairs"
	cat >"$tmp/Order.java" <<'JAVA'
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;
public class Order {
	public static void main(String[] args) throws IOException {
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
		PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
		for (String l; (l = in.readLine()) != null; ) {
			String[] v = l.split("\t");
			int c = new ComparableVersion(v[0]).compareTo(new ComparableVersion(v[1]));
			out.println(c < 0 ? "<" : c > 0 ? ">" : "=");
		}
		out.flush();
	}
}
JAVA
	cp=$jar:/usr/share/java/commons-lang3.jar
	javac -cp $cp -d "$tmp" "$tmp/Order.java"
	java -cp "$cp:$tmp" Order <"$tmp/pairs" >"$tmp/want"
	check maven maven
fi
if php -r 'exit(is_readable("/usr/share/php/Composer/Semver/autoload.php") ? 0 : 1);' 2>/dev/null; then
	$python "$tmp/pairs.py" composer "$pairs" "$seed" >"$tmp/pairs"
	php -r 'require "/usr/share/php/Composer/Semver/autoload.php"; $p = new Composer\Semver\VersionParser();
	  while (($l = fgets(STDIN)) !== false) { [$a, $b] = explode("\t", rtrim($l, "\n"));
	    try { $a = $p->normalize($a); $b = $p->normalize($b); } catch (UnexpectedValueException $e) { echo "!\n"; continue; }
	    $c = version_compare($a, $b); echo $c < 0 ? "<\n" : ($c > 0 ? ">\n" : "=\n"); }' <"$tmp/pairs" >"$tmp/want"
	check composer composer
fi
[ $ran -eq 1 ] || { echo "none of the original tools is here"; exit 77; }
