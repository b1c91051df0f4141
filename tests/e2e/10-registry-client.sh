#!/bin/sh
# The registry client against real registries of each kind of authentication, a
# proxy that redirects, and servers that misbehave.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-client.XXXXXX") || exit 1
. "$TOP/tests/lib/registry.sh"
PROBE=$BUILD/tests/tools/registry_probe
ODD_PID= NGINX_PID=
end() {
	stop_registry
	for p in $ODD_PID $NGINX_PID; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
	rm -rf "$T"
}
trap end EXIT
trap 'exit 1' INT TERM
if [ ! -x "$PROBE" ]; then
	PROBE=$TOP/build/tests/tools/registry_probe
	make -s -C "$TOP" build/tests/tools/registry_probe || exit 1
fi

failures=0
fail() {
	echo "FAIL: $*"
	sed 's/^/    out: /' "$T/out"; sed 's/^/    err: /' "$T/err"
	failures=$((failures + 1))
}

# want STATUS PATTERN ARGUMENTS...: the probe's exit status, and an extended
# pattern that a line of its output has ("" = any).  Statuses: 0 well, 1 malformed,
# 2 limit, 3 unsupported, 4 temporary, 5 denied, 6 not found.
want() {
	_status=$1 _pattern=$2
	shift 2
	timeout 60 "$PROBE" "$@" >"$T/out" 2>"$T/err"
	_rc=$?
	[ $_rc = "$_status" ] || { fail "$*: status $_rc, not $_status"; return; }
	cat "$T/out" "$T/err" | grep -Eq -e "$_pattern" || fail "$*: no line has /$_pattern/"
	# whatever happens, no password is ever printed
	! grep -q pass-word-42 "$T/out" "$T/err" || fail "$*: prints the password"
}

registry_image "$T/image" || exit 1

echo "-- anonymous"
start_registry anonymous || exit 1
ANONYMOUS=$REGISTRY
U=http://$REGISTRY
for i in 1 2 3 4 5 6 7; do registry_push "$T/image:1" team/app$i:1.0 || exit 1; done
registry_push "$T/image:1" team/app1:2.0 || exit 1
want 0 '^team/app7$' "$U" catalog
[ "$(sort "$T/out" | uniq | wc -l)" = 7 ] && [ "$(wc -l <"$T/out")" = 7 ] ||
	fail "the catalog's pages do not add up to 7 names"
want 0 '^2\.0$' "$U" tags team/app1
[ "$(sort "$T/out" | tr '\n' ' ')" = "1.0 2.0 " ] || fail "tags of team/app1"
want 0 '^sha256:' "$U" head team/app1 1.0
digest=$(cat "$T/out")
want 0 '^unchanged$' "$U" head team/app1 1.0 "$digest"
want 0 "^$digest\$" "$U" head team/app1 1.0 sha256:$(printf '1%.0s' $(seq 64))
want 0 "^manifest $digest application/vnd.oci.image.manifest" "$U" manifest team/app1 1.0
want 0 "^manifest $digest " "$U" manifest team/app1 "$digest"
want 0 '^blob .* verified$' "$U" pull team/app1 1.0
layer=$(awk '/^blob/ { print $2, $3 }' "$T/out" | tail -n 1)
size=${layer#* } layer=${layer% *}
want 1 'larger than' "$U" blob team/app1 "$layer" $((size - 1))
want 1 'manifest says size' "$U" blob team/app1 "$layer" $((size + 1))
want 0 'verified' "$U" blob team/app1 "$layer" -1
want 6 '404' "$U" head team/app1 nope
want 6 '404' "$U" manifest team/none 1.0
want 6 '404' "$U" blob team/app1 "sha256:$(printf '1%.0s' $(seq 64))" 5
want 6 '404' "$U" tags team/none
want 1 'no repository' "$U" manifest ../../etc 1.0
want 1 'no repository' "$U" head 'team/app1?x' 1.0
want 7 'http' "https://$REGISTRY.invalid:1:2" catalog
want 4 '' "https://$REGISTRY" catalog		# TLS where there is none
want 4 '' http://127.0.0.1:1 catalog		# nobody listens
want 0 '^none$' "$U" token team/app1

echo "-- basic"
start_registry basic || exit 1
U=http://$REGISTRY
registry_push "$T/image:1" team/app:1.0 || exit 1
want 5 'username and password' "$U" pull team/app 1.0
export PROBE_CREDENTIALS="test:wrong"
want 5 '401' "$U" pull team/app 1.0
PROBE_CREDENTIALS="$REGISTRY_USER:$REGISTRY_PASSWORD"
want 0 '^asked=1$' "$U" pull team/app 1.0
want 0 '^team/app$' "$U" catalog
want 0 '^unchanged$' "$U" head team/app 1.0 "$digest"
want 0 '^basic$' "$U" token team/app
unset PROBE_CREDENTIALS

echo "-- token"
start_registry token || exit 1
TOKEN=$REGISTRY
U=http://$REGISTRY
registry_push "$T/image:1" team/app:1.0 && registry_push "$T/image:1" public/app:1.0 || exit 1
want 5 '401' "$U" pull team/app 1.0
grep -q '^asked=1$' "$T/err" || fail "a token that is not enough is asked for once"
want 0 'verified' "$U" pull public/app 1.0
export PROBE_CREDENTIALS="test:wrong"
want 5 'username and password' "$U" pull team/app 1.0
PROBE_CREDENTIALS="$REGISTRY_USER:$REGISTRY_PASSWORD"
want 0 '^asked=1$' "$U" pull team/app 1.0
want 0 '^team/app$' "$U" catalog
want 0 '^1\.0$' "$U" tags team/app
want 0 '^bearer$' "$U" token team/app
tdir=$(dirname "$REGISTRY_LOG")
grep -q "^user=test service=\['test-svc'\] scope=\['repository:team/app:pull'\]" "$tdir/token.log" ||
	fail "no token of scope pull was asked for: $(cat "$tdir/token.log")"
echo 503 >"$tdir/token.status"
want 4 'token server answers 503' "$U" pull team/app 1.0
rm "$tdir/token.status"

echo "-- a proxy that redirects blobs to a store"
# The store has the same blobs, and refuses requests that carry a token.
( REGISTRY=$ANONYMOUS REGISTRY_USER=; registry_push "$T/image:1" team/app:1.0 ) || exit 1
if nginx=$(command -v nginx || command -v /usr/sbin/nginx); then
	front=$(python3 "$TOP/tests/lib/free_port.py") store=$(python3 "$TOP/tests/lib/free_port.py")
	mkdir "$T/nginx"
	cat >"$T/nginx/conf" <<N
daemon off; master_process off; pid $T/nginx/pid; error_log $T/nginx/error warn;
events { }
http {
	access_log off;
	client_body_temp_path $T/nginx/b; proxy_temp_path $T/nginx/p; fastcgi_temp_path $T/nginx/f;
	uwsgi_temp_path $T/nginx/u; scgi_temp_path $T/nginx/s;
	server {
		listen 127.0.0.1:$front;
		location ~ /blobs/ { return 307 http://127.0.0.1:$store\$uri?sig=1; }
		location / { proxy_pass http://$TOKEN; proxy_set_header Host \$http_host; }
	}
	server {
		listen 127.0.0.1:$store;
		if (\$http_authorization) { return 400; }
		if (\$arg_sig != 1) { return 403; }
		location / { proxy_pass http://$ANONYMOUS; }
	}
}
N
	"$nginx" -c "$T/nginx/conf" 2>"$T/nginx/stderr" &
	NGINX_PID=$!
	n=100
	until curl -s -o /dev/null "http://127.0.0.1:$front/v2/" || [ $n -eq 0 ]; do n=$((n - 1)); sleep 0.1; done
	want 0 '^blob .* verified$' "http://127.0.0.1:$front" pull team/app 1.0
	want 0 '^asked=1$' "http://127.0.0.1:$front" pull team/app 1.0
else
	echo "(no nginx: not tried)"
fi

echo "-- servers that misbehave"
python3 "$TOP/tests/lib/odd_registry.py" "$T" &
ODD_PID=$!
n=100
until [ -s "$T/odd.port" ] || [ $n -eq 0 ]; do n=$((n - 1)); sleep 0.1; done
read -r port other odd size <"$T/odd.port"
U=http://127.0.0.1:$port
want 0 'verified' "$U" blob good "$odd" "$size"
want 4 'ended early' "$U" blob short "$odd" "$size"
want 4 'imeout' "$U" blob drip "$odd" "$size"	# 50 bytes a second, for ever
want 1 'digest is' "$U" blob lying "$odd" "$size"
want 1 'larger than' "$U" blob longer "$odd" "$size"
want 4 '^retry_after=7$' "$U" blob limited "$odd" "$size"
want 4 '^retry_after=(100|9[0-9])$' "$U" blob later "$odd" "$size"
want 4 'answers 500' "$U" blob broken "$odd" "$size"
want 4 '' "$U" blob nothing "$odd" "$size"
want 2 'headers are larger' "$U" blob headers "$odd" "$size"
want 5 'more than 5 redirects' "$U" blob loop "$odd" "$size"
want 5 'no URL' "$U" blob file "$odd" "$size"
want 5 'no URL' "$U" blob nowhere "$odd" "$size"
want 0 'verified' "$U" blob moved "$odd" "$size"
want 0 'verified' "$U" blob signed "$odd" "$size"
want 2 'Location is longer' "$U" blob boundless "$odd" "$size"
want 1 "digest is .*, not $odd" "$U" manifest claims 1
want 3 'names no sha256 digest' "$U" head silent 1
want 0 '^manifest ' "$U" manifest silent 1
want 1 'digest' "$U" manifest silent "$odd"
want 1 '' "$U" tags html
want 0 '^3$' "$U" tags pages
[ "$(tr '\n' ' ' <"$T/out")" = "1 2 3 " ] || fail "three pages, whatever their Link looks like"
want 2 'Link is longer' "$U" tags ceaseless
want 5 'next page' "$U" tags circle
want 5 'next page' "$U" tags away
# another origin's 401 names its own realm: nobody asks it, with credentials least
want 5 '^asked=0$' "$U" blob thief "$odd" "$size"
! grep -q -e '/token/' -e 'Basic' "$T/odd.log" || fail "credentials went to a redirect's target"

[ $failures -eq 0 ] || { echo "$failures failed"; exit 1; }
echo "all as expected"
