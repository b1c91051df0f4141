#!/bin/sh
# A registry with token authentication announces a push, and the farm scans it
# from that alone: no polling.  The registry's password reaches neither the log
# nor the database, and workers get tokens that may pull one repository.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"

REGISTRY_PORT=$(free_port)
farm_start 2
printf %s pass-word-42 >"$T/password"
scanfarm registry add tok --url "http://127.0.0.1:$REGISTRY_PORT" --insecure --poll 0 \
    --user test --password-file "$T/password" >"$T/add.out" 2>&1 || fail "registry add: $(cat "$T/add.out")"
url=$(awk '$1 == "webhook" { print $2 }' "$T/add.out")
secret=$(sed -n 's/.*Authorization: \[Bearer \([0-9a-f]*\)\].*/\1/p' "$T/add.out")
[ -n "$url" ] && [ -n "$secret" ] || fail "registry add names no webhook: $(cat "$T/add.out")"
start_registry token "$url" "$secret" || fail "the registry did not start"

# An image with Debian's two files, so that there is something to find.
mkdir -p "$T/root/etc" "$T/root/var/lib/dpkg"
printf 'ID=debian\nVERSION_ID="12"\n' >"$T/root/etc/os-release"
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n' \
    >"$T/root/var/lib/dpkg/status"
registry_image "$T/image" && umoci insert --rootless --image "$T/image:1" "$T/root" / >/dev/null ||
	fail "no image"
registry_push "$T/image:1" team/app:1 || fail "push"

state="SELECT r.name || ':' || t.tag || ' ' || i.state FROM repository r
  JOIN tag_history t ON t.repository_id = r.id AND t.gone_at IS NULL JOIN image i ON i.id = t.image_id
 ORDER BY 1"
wait_sql 60 "$state" 'team/app:1 applied'
wait_sql 20 "SELECT count(*) FROM package WHERE name = 'openssl' AND version = '3.0.9-1'" 1
first=$(sql "SELECT image_id FROM tag_history WHERE gone_at IS NULL")

# The tag moves; what it pointed to before is kept as history.
registry_image "$T/other" && registry_push "$T/other:1" team/app:1 || fail "second push"
wait_sql 60 "SELECT count(*) FROM tag_history t JOIN image i ON i.id = t.image_id
  WHERE t.tag = '1' AND t.gone_at IS NULL AND t.image_id <> $first AND i.state = 'applied'" 1
wait_sql 20 "SELECT count(*) FROM tag_history WHERE image_id = $first AND gone_at IS NOT NULL" 1

# A stranger who knows the address but not the secret is turned away.
for header in "Authorization: Bearer wrong" "X-Nothing: 1"; do
	code=$(curl -s -o /dev/null -w '%{http_code}' -X POST -H "$header" \
	    -H 'Content-Type: application/vnd.docker.distribution.events.v1+json' \
	    --data '{"events":[]}' "$url")
	case $code in 401|403|404) ;; *) fail "a webhook with \"$header\" gets $code" ;; esac
done

log=$(dirname "$REGISTRY_LOG")/token.log
# skopeo pushes with scope pull,push; workers may only pull, one repository a token
grep -q "scope=\['repository:team/app:pull'\]$" "$log" || fail "workers asked for no pull token: $(cat "$log")"
! grep -q pass-word-42 "$T/up.log" || fail "the password is in the log"
pg_dump -d "$(cat "$T/farm/database")" >"$T/dump" || fail "pg_dump"
grep -q team/app "$T/dump" || fail "the dump holds nothing"
! grep -q pass-word-42 "$T/dump" || fail "the password is in the database"
farm_stop
