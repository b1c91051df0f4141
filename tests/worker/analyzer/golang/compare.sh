#!/bin/bash
# compare.sh SCANFARM [TOOLCHAIN...]: programs that Go builds here for many
# systems and in many ways, read by scanfarm and by "go version -m".  Skipped
# without Go.  TOOLCHAIN: go1.17.13 ..., as GOTOOLCHAIN takes them.
set -eu
scanfarm=$(realpath "$1"); shift
command -v go >/dev/null || { echo "skipped: no go"; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p app/vendor/example.org/{dep,fork,local} app/local out
cd app
cat >go.mod <<'EOF'
module example.org/app
go 1.12
require example.org/dep v1.2.3
require example.org/fork v1.0.0
require example.org/local v0.1.0
replace example.org/fork v1.0.0 => example.org/ours v1.0.1
replace example.org/local => ./local
EOF
cat >vendor/modules.txt <<'EOF'
# example.org/dep v1.2.3
## explicit
example.org/dep
# example.org/fork v1.0.0 => example.org/ours v1.0.1
## explicit
example.org/fork
# example.org/local v0.1.0 => ./local
## explicit
example.org/local
EOF
for m in dep fork local; do echo "package $m; func F() int { return 1 }" >"vendor/example.org/$m/x.go"; done
echo 'module example.org/local' >local/go.mod
cat >main.go <<'EOF'
package main
import ("example.org/dep"; "example.org/fork"; "example.org/local"; "fmt")
var version = "none"
func main() { fmt.Println(version, dep.F() + fork.F() + local.F()) }
EOF
cat >c.go <<'EOF'
// +build cgo

package main
import "C"
//export Exported
func Exported() {}
EOF
export GOFLAGS=-mod=vendor GOCACHE="$tmp/cache" GOPROXY="${GOPROXY:-off}"
n=0 bad=0
# what the analyzer should say of it, in the order of its rows
want() {
	go version -m "$1" | awk -F '\t' -v ldflags="$2" '
	function put() { if (name != "") print name "\t" version; name = "" }
	NR == 1 { v = $0; sub(/^.*: /, "", v); sub(/^devel /, "", v); sub(/ .*/, "", v)
		sub(/-X:.*/, "", v); sub(/^go/, "", v); print "stdlib\t" v }
	$2 == "=>" { if ($3 !~ /^\.?\.?\//) { name = $3; version = $4 } next }
	{ put() }
	$2 == "mod" { name = $3; version = $4; if (ldflags != "") version = ldflags }
	$2 == "dep" { name = $3; version = $4 }
	END { put() }' | LC_ALL=C sort
}
one() { # NAME LDFLAGS-VERSION ARGUMENTS...
	local name=$1 version=$2; shift 2
	if ! "$@" -o "../out/$name" . 2>"$tmp/err"; then
		echo "not built: $name: $(head -c 200 "$tmp/err" | tr '\n' ' ')"
		return
	fi
	want "../out/$name" "$version" >"$tmp/want"
	"$scanfarm" inventory --format tsv ../out | awk -F '\t' '$2 == "golang" { print $3 "\t" $4 }' |
	    LC_ALL=C sort >"$tmp/got"
	n=$((n + 1))
	if ! cmp -s "$tmp/want" "$tmp/got"; then
		bad=$((bad + 1))
		echo "differs: $name"; diff "$tmp/want" "$tmp/got" || true
	fi
	rm -f ../out/*
}
matrix() {
	local t=$1 p
	export GOTOOLCHAIN=$t
	for p in linux/amd64 linux/386 linux/arm64 linux/arm linux/mips linux/mips64le linux/ppc64 \
	    linux/ppc64le linux/s390x linux/riscv64 linux/loong64 windows/amd64 windows/386 windows/arm64 \
	    darwin/amd64 darwin/arm64 freebsd/amd64 openbsd/arm64; do
		GOOS=${p%/*} GOARCH=${p#*/} CGO_ENABLED=0 one "$t-${p/\//-}" "" go build
		GOOS=${p%/*} GOARCH=${p#*/} CGO_ENABLED=0 one "$t-${p/\//-}-stripped" "" go build -trimpath -ldflags "-s -w"
	done
	CGO_ENABLED=0 one "$t-pie" "" go build -buildmode=pie
	CGO_ENABLED=1 one "$t-external" "" go build -ldflags "-linkmode=external"
	CGO_ENABLED=1 one "$t-external-pie" "" go build -buildmode=pie -ldflags "-linkmode=external"
	CGO_ENABLED=1 one "$t-external-static" "" go build -ldflags "-linkmode=external -extldflags -static"
	CGO_ENABLED=1 one "$t-shared.so" "" go build -buildmode=c-shared
	case $t in go1.1[0-7]*) return ;; esac	# wrote no flags
	one "$t-ldflags" v1.4.0 go build -ldflags "-X main.version=1.4.0 -s"
	one "$t-ldflags-two" "" go build -ldflags "-X main.version=1.4.0 -X main.Version=1.5.0"
	one "$t-ldflags-quoted" v2.0.0-rc.1 go build -ldflags "-X 'main.version=v2.0.0-rc.1' -X 'main.date=a b'"
	one "$t-ldflags-commit" "" go build -ldflags "-X main.version=deadbeef"
	GOEXPERIMENT=boringcrypto CGO_ENABLED=1 one "$t-experiment" "" go build
}
for t in local "$@"; do matrix "$t"; done
echo "$n compared, $bad differ"
[ "$bad" = 0 ] && [ "$n" -gt 0 ]
