#!/bin/sh
# The same base under ten names is fetched and analysed once, also when all ten
# arrive while it is being read; what comes later asks for none of its bytes.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"

L=$T/layout
mkdir -p "$T/root/etc" "$T/root/var/lib/dpkg"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/root/etc/os-release"
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n' >"$T/root/var/lib/dpkg/status"
head -c 300000 /dev/urandom >"$T/root/data"
umoci init --layout "$L" && umoci new --image "$L:base" &&
    umoci insert --rootless --image "$L:base" "$T/root" / >/dev/null || fail "no base image"
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	echo $i >"$T/own"
	umoci tag --image "$L:base" $i && umoci insert --rootless --image "$L:$i" "$T/own" /own >/dev/null || fail "no image $i"
done
manifest=$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "base").digest' "$L/index.json" | cut -d: -f2)
base=$(jq -r '.layers[0].digest' "$L/blobs/sha256/$manifest" | cut -d: -f2)

REGISTRY_PORT=$(free_port)
gate_start "127.0.0.1:$REGISTRY_PORT"
farm_start 2
farm_registry reg "$GATE"
start_registry anonymous "$WEBHOOK" "$SECRET" || fail "the registry did not start"

# GETs of the base by us, in the registry's own log; pushing asks for none.
gets() {
	grep -c "\"GET /v2/.*/blobs/sha256:$base HTTP.*scanfarm" "$REGISTRY_LOG"
}
judged() {
	wait_sql 90 "SELECT count(*) FROM dashboard.verdict WHERE repository LIKE '$1' AND verdict IS NOT NULL" $2
}

gate_hold "$base"
registry_push "$L:1" team-1/app:1 || fail "push"
gate_held 60 "$base"
for i in 2 3 4 5 6 7 8 9 10; do
	registry_push "$L:$i" team-$i/app:1 || fail "push $i"
done
# all ten know it, and wait for the one reading of it
wait_sql 60 "SELECT count(*) FROM image_layer il JOIN layer l ON l.id = il.layer_id WHERE l.digest = '\\x$base'" 10
wait_sql 60 "SELECT count(*) FROM job" 1
[ "$(gets)" = 1 ] || fail "$(gets) requests for the base, while it is being read"
gate_release "$base"
judged 'team-%' 10
[ "$(sql "SELECT images || ' ' || repositories || ' ' || analyses FROM dashboard.layer WHERE layer = 'sha256:$base'")" = "10 10 1" ] ||
	fail "the base: $(sql "SELECT * FROM dashboard.layer WHERE layer = 'sha256:$base'")"
[ "$(sql "SELECT layers || ' ' || uses || ' ' || analyses FROM dashboard.layer_reuse")" = "11 20 11" ] ||
	fail "reuse: $(sql "SELECT * FROM dashboard.layer_reuse")"

# The very same image under ten names, and another one on the same base.
blobs=$(grep -c '"GET /v2/.*/blobs/.*scanfarm' "$REGISTRY_LOG")
for i in 1 2 3 4 5; do
	registry_push "$L:1" copy-$i/app:1 && registry_push "$L:1" copy-$i/app:2 || fail "copy $i"
done
judged 'copy-%' 10
[ "$(grep -c '"GET /v2/.*/blobs/.*scanfarm' "$REGISTRY_LOG")" = "$blobs" ] || fail "a known image was read again"
registry_push "$L:11" team-11/app:1 || fail "push 11"
judged 'team-11%' 1
[ "$(gets)" = 1 ] || fail "$(gets) requests for the base"
[ "$(grep -c "$base" "$T/gate/gate.log")" = 1 ] || fail "the base went through the gate more than once"
[ "$(sql "SELECT analyses FROM layer WHERE digest = '\\x$base'")" = 1 ] || fail "the base counts more than once"
[ "$(sql "SELECT count(*) FROM attempt")" = 0 ] || fail "failures: $(sql "SELECT * FROM attempt")"
farm_stop
