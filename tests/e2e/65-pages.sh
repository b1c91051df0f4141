#!/bin/sh
# The pages: what they show of a farm, names made to break out of HTML, and what
# they must not hold: scripts, anything of other servers, a hole in the policy.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
cd "$T" || exit 1

# page PATH: into the file page, its headers into head; its HTML is looked at.
page() {
	curl -sS -D head -o page "$SCANFARM_URL$1" || fail "no page $1"
	grep -qi '^Content-Type: text/html; charset=utf-8' head || fail "$1 is no HTML: $(cat head)"
	grep -qi "^Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" head ||
		fail "$1: its policy: $(cat head)"
	grep -qi '^X-Content-Type-Options: nosniff' head && grep -qi '^Referrer-Policy: no-referrer' head || fail "$1: $(cat head)"
	python3 - page <<'P' || fail "$1: $(cat page)"
import html.parser, sys
TAGS = set("html head meta link title body header nav h1 h2 h3 a div b span ul li form input select option button "
    "table thead tbody tr th td p code br".split())
VOID = set("meta link input br".split())
class Look(html.parser.HTMLParser):
    open = []
    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, "tag " + tag
        for k, v in attrs:
            assert not k.startswith("on") and k not in ("style", "src"), "attribute " + k
            if k in ("href", "action"):
                assert v.startswith("/") and not v.startswith("//"), k + "=" + v
        if tag not in VOID:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, "closes " + tag
p = Look()
p.feed(open(sys.argv[1], encoding="utf-8").read())
p.close()
assert p.open == [], "left open: %s" % p.open
P
}
shows() {
	for _t; do
		grep -qF -e "$_t" page || fail "the page does not show \"$_t\": $(cat page)"
	done
}

farm_start 1
page /
shows 'scanfarm registry add NAME' 'scanfarm feed import DIR' 'No advisories are imported'

start_registry anonymous || fail "the registry did not start"
EVIL='"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;'
root() {	# DIR VERSION_ID
	mkdir -p "$1/etc" "$1/var/lib/dpkg"
	printf 'ID=debian\nVERSION_ID="%s"\n' "$2" >"$1/etc/os-release"
	printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n' >"$1/var/lib/dpkg/status"
}
root evil '<script>alert(3)</script>'
root plain 12
mkdir -p 'plain/usr/lib/python3/dist-packages/x.dist-info'
printf 'Metadata-Version: 2.1\nName: x\nVersion: 1<b>\n' >plain/usr/lib/python3/dist-packages/x.dist-info/METADATA
for n in evil plain; do
	umoci init --layout $n.oci && umoci new --image $n.oci:1 &&
	    umoci insert --rootless --history.created_by "$EVIL" --image $n.oci:1 $n / >/dev/null &&
	    registry_push $n.oci:1 team/$n:1 || fail "no image $n"
done
mkdir docs
printf '{"id":"DSA-1-1","summary":"<img src=x onerror=alert(4)> & more","aliases":["CVE-2024-0001"],"affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1<i>"}]}],"database_specific":{"severity":"HIGH"}}]}' >docs/DSA-1-1.json
printf '{"id":"DSA-2-1","summary":"x","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1"}]}],"database_specific":{"severity":"HIGH"}}]}' >docs/DSA-2-1.json
(cd docs && zip -q ../all.zip ./*.json)
scanfarm feed import all.zip --ecosystem Debian >/dev/null 2>&1 || [ $? -eq 4 ] || fail import
scanfarm registry add local --url "http://$REGISTRY" --insecure >/dev/null || fail "registry add"
scanfarm registry add refused --url "http://127.0.0.1:1" --insecure >/dev/null || fail "registry add"
wait_sql 60 "SELECT count(*) FROM dashboard.image WHERE verdict IS NOT NULL" 2
wait_sql 60 "SELECT count(*) FROM package WHERE NOT matched" 0
wait_sql 30 "SELECT last_poll_error <> '' FROM registry WHERE name = 'refused'" t
# a worker is written down once a second
wait_sql 30 "SELECT count(*) > 0 FROM dashboard.worker WHERE name = 'local-1' AND connected" t

page /
shows 'local/team/evil:1' 'local/team/plain:1' '<td class="v fail">fail</td>' '<td class="v unknown">unknown</td>' \
    'osv/Debian' 'local-1' 'connected' 'Nothing waits.' 'Registry refused cannot be read' '&lt;script&gt;alert(3)&lt;/script&gt;'
page '/?verdict=fail'
shows 'local/team/plain:1' '<option selected value="fail">'
images() {	# the table of images alone
	sed 's/.*id="images"//;s/id="changes".*//' page
}
images | grep -q team/evil && fail "verdict=fail shows another: $(images)"
page '/?q=EVIL'
images | grep -q team/evil || fail "q=EVIL does not find it"
images | grep -q team/plain && fail "q=EVIL finds another"
page '/?q=%22%3E%3Cscript%3Ealert(5)%3C%2Fscript%3E&verdict=%3Cb%3E'
shows 'None of that kind.' 'value="&quot;&gt;&lt;script&gt;alert(5)&lt;/script&gt;"'
# what no one column holds
page '/?q=Team/PLAIN:1'
images | grep -q team/plain || fail "q=Team/PLAIN:1 does not find it"
images | grep -q team/evil && fail "q=Team/PLAIN:1 finds another"
page '/?q=plain:2'
shows 'None of that kind.'
page '/?q=%ff%fe'
page "/?q=$(head -c 3000 /dev/zero | tr '\0' a)"
page '/?q=%25'
shows 'None of that kind.'

for n in evil plain; do
	page "/images/$(sql "SELECT DISTINCT digest FROM dashboard.image WHERE repository = 'team/$n'")"
	shows "local/team/$n:1" '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;&amp;amp;' 'Layer 0'
done
shows CVE-2024-0001 openssl 3.0.9-1 '<td class="v high">high</td>' '&lt;img src=x onerror=alert(4)&gt; &amp; more' 'linux/amd64 debian 12'

# what is not there, and what may not be done
for p in /images/nonsense /images/sha256:zz "/images/sha256:$(printf %064d 0)"; do
	page $p
	grep -q '^HTTP/1.1 404' head || fail "$p: $(head -n 1 head)"
done
code() {
	curl -sS -o /dev/null -w '%{http_code}' "$@"
}
[ "$(code -X POST "$SCANFARM_URL/")" = 405 ] || fail "POST / is taken"
[ "$(code -I "$SCANFARM_URL/")" = 200 ] || fail "HEAD / is refused"
[ "$(code "$SCANFARM_URL/style.css")" = 200 ] || fail "no style sheet"
! curl -sS "$SCANFARM_URL/style.css" | grep -qE 'url\(|@import|http' || fail "the style sheet reaches out"
[ "$(code "$SCANFARM_URL/api/v1/status")" = 401 ] || fail "the API answers strangers"
farm_stop
