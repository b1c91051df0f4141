#!/bin/sh
# check_versions.sh VERSION_PAIRS: the order of versions, by comparing and by
# keys, against the original tools, in bulk.  Random pairs and pairs that lie
# close, other ones each time; the seed is printed and may be given as SEED=n.
# PAIRS=n sets how many of each are compared (default 1000000; deb and rpm get ten
# times as many), SCHEMES="deb gem" which.  What is not installed is left out and
# named.  REFERENCE_APK=PROGRAM, likewise for any scheme, is one more reference: it
# reads lines A<TAB>B and writes < = > or, for what it has no word on, ?
# Not part of the quick suite.
set -eu
tool=$1
seed=${SEED:-$(date +%s)} pairs=${PAIRS:-1000000} chunk=250000
all="deb rpm rpmvercmp pacman apk pep440 semver hex go maven gem nuget composer
    pub cran bitnami generic"
python=/usr/bin/python3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
echo "SEED=$seed PAIRS=$pairs"

# check SCHEME NAME TIMES COMMAND...: until TIMES * PAIRS pairs were compared
ran=0 failed=0
check() {
	scheme=$1 name=$2 want=$((pairs * $3)) round=0
	compared=0 refused=0 left=0 differ=0
	shift 3
	while [ $compared -lt $want ] && [ $round -lt $((want / chunk * 40 + 40)) ]; do
		n=$chunk
		[ $want -ge $chunk ] || n=$want
		"$tool" make "$scheme" $n $((seed + round)) >"$tmp/pairs"
		"$@" <"$tmp/pairs" >"$tmp/want" || { echo "$scheme: $name failed"; failed=1; break; }
		"$tool" check "$scheme" "$tmp/pairs" "$tmp/want" >"$tmp/got" || :
		sed '$d' "$tmp/got"
		read -r c r l d <<-END
			$(tail -n 1 "$tmp/got")
		END
		compared=$((compared + c)) refused=$((refused + r))
		left=$((left + l)) differ=$((differ + d)) round=$((round + 1))
		[ $differ -lt 100 ] || break
	done
	echo "$scheme: $compared pairs compared with $name, $differ differ" \
	    "($refused refused alike, $left without its word)"
	ran=1
	[ $differ -eq 0 ] && [ $compared -ge $want ] || failed=1
}

# missing SCHEME WHAT
missing() {
	echo "$1: not compared: $2"
}

by_deb() {
	cat >"$tmp/deb.c" <<-'C'
	#define LIBDPKG_VOLATILE_API
	#include <stdio.h>
	#include <string.h>
	#include <dpkg/dpkg.h>
	#include <dpkg/dpkg-db.h>
	#include <dpkg/version.h>

	/* it warns about odd versions and orders them */
	static int
	refused(struct dpkg_version *v, const char *text)
	{
		struct dpkg_error e = DPKG_ERROR_INIT;
		int bad = parseversion(v, text, &e) < 0 && e.type == DPKG_MSG_ERROR;

		dpkg_error_destroy(&e);
		return (bad);
	}

	int
	main(void)
	{
		struct dpkg_version a, b;
		char line[1000], *tab;
		int c;

		while (fgets(line, sizeof(line), stdin) != NULL) {
			tab = strchr(line, '\t');
			*tab++ = '\0';
			tab[strcspn(tab, "\n")] = '\0';
			if (refused(&a, line) || refused(&b, tab)) {
				puts("!");
			} else {
				c = dpkg_version_compare(&a, &b);
				puts(c < 0 ? "<" : c > 0 ? ">" : "=");
			}
			nffreeall();
		}
		return (0);
	}
	C
	if cc -o "$tmp/deb" "$tmp/deb.c" $(pkg-config --cflags --libs --static libdpkg 2>/dev/null) 2>"$tmp/err"; then
		check deb libdpkg 10 "$tmp/deb"
	else
		missing deb "no libdpkg-dev"
	fi
}

by_rpm() {
	if ! $python -c 'import rpm' 2>/dev/null; then
		missing "$1" "no python3-rpm"
		return
	fi
	cat >"$tmp/by_rpm.py" <<-'PY'
	import sys, rpm
	order = "=><"
	def evr(s):
	    e, colon, rest = s.partition(":")
	    if colon and (e.isdigit() or e == ""):
	        s = rest
	    else:
	        e = ""
	    v, dash, r = s.rpartition("-")
	    return (e or "0", v, r) if dash else (e or "0", s, "")
	def line_evr(a, b):
	    a, b = evr(a), evr(b)
	    if a[1] == "" or b[1] == "" or max(len(a[0]), len(b[0])) > 9:
	        return "?"		# epochs are numbers of 32 bits
	    if a[2] == "" or b[2] == "":	# as in a dependency: any release
	        a, b = a[:2] + ("1",), b[:2] + ("1",)
	    return order[rpm.labelCompare(a, b)]
	def line_one(a, b):
	    return order[rpm.labelCompare(("0", a, "1"), ("0", b, "1"))]
	f = line_evr if sys.argv[1] == "rpm" else line_one
	print("\n".join(f(*l.rstrip("\n").split("\t")) for l in sys.stdin))
	PY
	check "$1" librpm "$2" $python "$tmp/by_rpm.py" "$1"
}

by_pacman() {
	cat >"$tmp/pacman.c" <<-'C'
	#include <alpm.h>
	#include <stdio.h>
	#include <string.h>

	/* it takes any text; here a version has a letter or digit */
	static int
	bare(const char *v)
	{
		size_t digits = strspn(v, "0123456789"), n;
		const char *dash;

		if (v[digits] == ':')
			v += digits + 1;
		dash = strrchr(v, '-');
		n = strcspn(v, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz");
		return (dash != NULL ? n >= (size_t)(dash - v) : v[n] == '\0');
	}

	int
	main(void)
	{
		char line[1000], *tab;
		int c;

		while (fgets(line, sizeof(line), stdin) != NULL) {
			tab = strchr(line, '\t');
			*tab++ = '\0';
			tab[strcspn(tab, "\n")] = '\0';
			c = alpm_pkg_vercmp(line, tab);
			puts(bare(line) || bare(tab) ? "!" :
			    c < 0 ? "<" : c > 0 ? ">" : "=");
		}
		return (0);
	}
	C
	if cc -o "$tmp/pacman" "$tmp/pacman.c" -lalpm 2>"$tmp/err"; then
		check pacman libalpm 1 "$tmp/pacman"
	else
		missing pacman "no libalpm-dev"
	fi
}

by_pep440() {
	if ! $python -c 'import packaging.version' 2>/dev/null; then
		missing pep440 "no python3-packaging"
		return
	fi
	cat >"$tmp/pep440.py" <<-'PY'
	import sys
	from packaging.version import Version, InvalidVersion
	for line in sys.stdin:
	    try:
	        a, b = map(Version, line.rstrip("\n").split("\t"))
	        print("<" if a < b else ">" if a > b else "=")
	    except InvalidVersion:
	        print("!")
	PY
	check pep440 packaging 1 $python "$tmp/pep440.py"
}

by_semver() {
	semver=$(node -e 'const p = require("path"), f = require("fs");
	  for (const d of ["/usr/share/nodejs/semver", p.join(p.dirname(f.realpathSync(process.execPath)), "../lib/node_modules/npm/node_modules/semver")])
	    if (f.existsSync(d)) { console.log(d); break; }' 2>/dev/null || :)
	if [ -z "$semver" ]; then
		missing semver "no node-semver"
		return
	fi
	# we take dirty forms that it refuses; it has no numbers above 2^53
	cat >"$tmp/semver.js" <<-'JS'
	const compare = require(process.argv[2] + "/functions/compare"), out = [];
	for (const l of require("fs").readFileSync(0, "utf8").trimEnd().split("\n")) {
	  const [a, b] = l.split("\t");
	  let c; try { c = compare(a, b); } catch (e) { out.push("?"); continue; }
	  out.push(/[0-9]{16}/.test(l) ? "?" : c < 0 ? "<" : c > 0 ? ">" : "=");
	}
	console.log(out.join("\n"));
	JS
	check semver node-semver 1 node "$tmp/semver.js" "$semver"
}

by_hex() {
	if ! command -v elixir >/dev/null; then
		missing hex "no elixir"
		return
	fi
	cat >"$tmp/hex.exs" <<-'EX'
	IO.binread(:stdio, :eof) |> String.split("\n", trim: true) |> Enum.map(fn l ->
	  [a, b] = String.split(l, "\t")
	  with {:ok, a} <- Version.parse(a), {:ok, b} <- Version.parse(b) do
	    case Version.compare(a, b) do :lt -> "<\n"; :gt -> ">\n"; :eq -> "=\n" end
	  else
	    :error -> "?\n"	# we take dirty forms
	  end
	end) |> then(&IO.binwrite/1)
	EX
	check hex Elixir 1 elixir "$tmp/hex.exs"
}

# modules, and what go says of its own releases: 1.21rc2 is written without dot
by_go() {
	mkdir -p "$tmp/go"
	cat >"$tmp/go/main.go" <<-'GO'
	package main

	import (
		"bufio"
		"fmt"
		"go/version"
		"os"
		"regexp"
		"strings"

		"golang.org/x/mod/semver"
	)

	// What was ever released; "1.21" alone is the language.
	var release = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+|(rc|beta)[0-9]+)$`).MatchString

	func main() {
		in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
		for in.Scan() {
			a, b, _ := strings.Cut(in.Text(), "\t")
			c := 2
			if semver.IsValid("v"+a) && semver.IsValid("v"+b) {
				c = semver.Compare("v"+a, "v"+b)
			} else if release(a) && release(b) && version.IsValid("go"+a) && version.IsValid("go"+b) {
				c = version.Compare("go"+a, "go"+b)
			}
			fmt.Fprintln(out, []string{"<", "=", ">", "?"}[c+1])
		}
		out.Flush()
	}
	GO
	if (cd "$tmp/go" && GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode GOCACHE="$tmp/cache" \
	    go build -o "$tmp/goref" main.go) 2>"$tmp/err"; then
		check go x/mod/semver 1 "$tmp/goref"
	else
		missing go "no go of 1.22 or later with golang-golang-x-mod-dev"
	fi
}

by_maven() {
	jar=/usr/share/java/maven-artifact-3.x.jar lang=/usr/share/java/commons-lang3.jar
	if [ ! -r $jar ] || ! command -v javac >/dev/null; then
		missing maven "no libmaven3-core-java with a JDK"
		return
	fi
	cat >"$tmp/Order.java" <<-'JAVA'
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
	javac -cp $jar:$lang -d "$tmp" "$tmp/Order.java"
	check maven maven-artifact 1 java -cp $jar:$lang:"$tmp" Order
}

by_gem() {
	if ! command -v ruby >/dev/null; then
		missing gem "no ruby"
		return
	fi
	cat >"$tmp/gem.rb" <<-'RB'
	STDIN.each_line { |l| a, b = l.chomp.split("\t")
	  begin
	    c = Gem::Version.new(a) <=> Gem::Version.new(b); puts(c < 0 ? "<" : c > 0 ? ">" : "=")
	  rescue ArgumentError
	    puts "!"
	  end }
	RB
	check gem rubygems 1 ruby "$tmp/gem.rb"
}

by_composer() {
	if ! php -r 'exit(is_readable("/usr/share/php/Composer/Semver/autoload.php") ? 0 : 1);' 2>/dev/null; then
		missing composer "no php-composer-semver"
		return
	fi
	# branches are in no order; its numbers have 63 bits
	cat >"$tmp/composer.php" <<-'PHP'
	<?php require "/usr/share/php/Composer/Semver/autoload.php"; $p = new Composer\Semver\VersionParser();
	while (($l = fgets(STDIN)) !== false) { [$a, $b] = explode("\t", rtrim($l, "\n"));
	  try { $a = $p->normalize($a); $b = $p->normalize($b); } catch (UnexpectedValueException $e) { echo "!\n"; continue; }
	  if (str_starts_with($a, "dev-") || str_starts_with($b, "dev-")) { echo "!\n"; continue; }
	  if (preg_match("/[0-9]{19}/", $l)) { echo "?\n"; continue; }
	  $c = version_compare($a, $b); echo $c < 0 ? "<\n" : ($c > 0 ? ">\n" : "=\n"); }
	PHP
	check composer composer-semver 1 php "$tmp/composer.php"
}

by_cran() {
	if ! command -v Rscript >/dev/null; then
		missing cran "no r-base-core"
		return
	fi
	# its numbers have 31 bits
	cat >"$tmp/cran.R" <<-'R'
	con <- file("stdin"); l <- readLines(con); close(con)
	s <- strsplit(l, "\t", fixed = TRUE)
	a <- vapply(s, `[`, "", 1); b <- vapply(s, `[`, "", 2)
	form <- "^([0-9]+[.-])*[0-9]+$"
	out <- ifelse(grepl(form, a) & grepl(form, b), "", "!")
	out[out == "" & grepl("[0-9]{10}", l)] <- "?"
	i <- which(out == "")
	c <- mapply(compareVersion, a[i], b[i])
	out[i] <- ifelse(c < 0, "<", ifelse(c > 0, ">", "="))
	writeLines(out)
	R
	check cran R 1 Rscript --vanilla "$tmp/cran.R"
}

for s in ${SCHEMES:-$all}; do
	own=$(eval "echo \${REFERENCE_$(echo "$s" | tr a-z A-Z):-}")
	[ -z "$own" ] || check "$s" "$own" 1 "$own"
	case $s in
	rpm) by_rpm rpm 10 ;;
	rpmvercmp) by_rpm rpmvercmp 1 ;;
	apk | nuget | pub | bitnami)
		[ -n "$own" ] || missing "$s" "its original is not in Debian" ;;
	generic) [ -n "$own" ] || missing "$s" "the order is our own" ;;
	*) by_"$s" ;;
	esac
done
[ $ran -eq 1 ] || { echo "none of the original tools is here"; exit 77; }
exit $failed
