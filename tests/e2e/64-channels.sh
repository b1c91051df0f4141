#!/bin/sh
# What an image of Red Hat's was built from decides which fixes reach it: without a
# farm, by the names of its repositories and by Red Hat's list of them in the feed;
# in a farm that list may come later, and change, while the registry is away.
. "$(dirname "$0")/../lib/farm.sh"
. "$TOP/tests/lib/registry.sh"
cd "$T" || exit 1

# A root with tiny 1.2-3.el9 among its packages, and advisories: the main line has
# the fix in 1.2-9, 9.2 with extended updates in 1.2-3.
mkdir -p root/etc root/var/lib/rpm root/root/buildinfo/content_manifests feed
printf 'ID=rhel\nVERSION_ID=9.2\nNAME="Red Hat Enterprise Linux"\n' >root/etc/os-release
cp "$TOP/tests/worker/analyzer/rpm/sqlite.in" root/var/lib/rpm/rpmdb.sqlite
cat >feed/cve.json <<'EOF'
{"document":{"category":"csaf_vex","csaf_version":"2.0","publisher":{"name":"Red Hat Product Security"},
 "tracking":{"id":"CVE-2024-7","status":"final","current_release_date":"2024-02-01T00:00:00Z","initial_release_date":"2024-01-01T00:00:00Z"}},
"product_tree":{"branches":[
 {"category":"product_name","name":"a","product":{"name":"a","product_id":"MAIN","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:9::baseos"}}},
 {"category":"product_name","name":"b","product":{"name":"b","product_id":"EUS","product_identification_helper":{"cpe":"cpe:/o:redhat:rhel_eus:9.2::baseos"}}},
 {"category":"product_version","name":"c","product":{"name":"c","product_id":"tiny-9","product_identification_helper":{"purl":"pkg:rpm/redhat/tiny@1.2-9.el9?arch=noarch"}}},
 {"category":"product_version","name":"d","product":{"name":"d","product_id":"tiny-3","product_identification_helper":{"purl":"pkg:rpm/redhat/tiny@1.2-3.el9?arch=noarch"}}}],
"relationships":[
 {"category":"default_component_of","full_product_name":{"name":"e","product_id":"MAIN:tiny-9"},"product_reference":"tiny-9","relates_to_product_reference":"MAIN"},
 {"category":"default_component_of","full_product_name":{"name":"f","product_id":"EUS:tiny-3"},"product_reference":"tiny-3","relates_to_product_reference":"EUS"}]},
"vulnerabilities":[{"cve":"CVE-2024-7","product_status":{"fixed":["MAIN:tiny-9","EUS:tiny-3"]}}]}
EOF

# scan WANT: the fixed versions of what is found, or nothing
scan() {
	scanfarm scan dir:root --feed feed --format tsv --output got.tsv 2>err
	case $? in
	0|1|4) ;;
	*) fail "scan: $(cat err)" ;;
	esac
	got=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } { print $c["name"], $c["fixed_version"] }' got.tsv)
	[ "$got" = "$1" ] || fail "\"$2\": found \"$got\", not \"$1\""
}
manifest() {
	printf '{"content_sets": ["%s"]}\n' "$1" >root/root/buildinfo/content_manifests/tiny.json
}

scan 'tiny 1.2-9.el9' 'no manifest: the main line'
manifest rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2
scan '' 'the name of the repository tells'
manifest our-repository__9
scan 'tiny 1.2-9.el9' 'a repository that nobody knows'
printf '{"data": {"our-repository": {"cpes": ["cpe:/o:redhat:rhel_eus:9.2::baseos"]}}}\n' >feed/repository-to-cpe.json
scan '' 'one that the feed knows'
gzip feed/repository-to-cpe.json
scan '' 'one that the feed knows, compressed'
printf '{"data": {"our-repository": {"cpes": ["cpe:/o:redhat:rhel_eus:9.4::baseos"]}}}\n' | gzip >feed/repository-to-cpe.json.gz
scan 'tiny ' 'another line, without a fix to be had'

# lists of packages tell it in a column
printf 'type\tname\tversion\tcontent_sets\nrpm\ttiny\t1.2-3.el9\t\nrpm\ttiny\t1.2-2.el9\trhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2\n' >packages.tsv
scanfarm match --packages packages.tsv --feed feed --distro rhel:9.2 --format tsv 2>err | cut -f 4,5 >got ||
	fail "match: $(cat err)"
printf 'version\tfixed_version\n1.2-2.el9\t1.2-3.el9\n1.2-3.el9\t1.2-9.el9\n' | cmp - got || fail "match: $(cat got)"

# -------------------------------------------------------------------- the farm --
# a base of two layers whose manifest stands in the upper one
sql_findings="SELECT coalesce(string_agg(DISTINCT package || ' ' || fixed_version, ','), '') FROM dashboard.finding"
manifest our-repository__9
mkdir base upper
mv root/etc root/var base
mv root/root upper
umoci init --layout two.oci && umoci new --image two.oci:1 && umoci insert --rootless --image two.oci:1 base / >umoci.log &&
	umoci insert --rootless --image two.oci:1 upper / >>umoci.log || fail "no image: $(cat umoci.log)"
start_registry anonymous || fail "the registry did not start"
registry_push two.oci:1 team/app:1 || fail push
farm_start 1
scanfarm feed import feed/cve.json --feed csaf/redhat >out 2>&1 || fail "import: $(cat out)"
scanfarm registry add mine --url "http://$REGISTRY" --insecure >out 2>&1 || fail "registry add: $(cat out)"
scanfarm scan "$REGISTRY/team/app:1" >out 2>err
case $? in
0|1|4) ;;
*) fail "scan: $(cat out err)" ;;
esac
wait_sql 60 "$sql_findings" 'tiny 1.2-9.el9'
stop_registry
repositories() {
	printf '{"data": {"our-repository": {"cpes": ["cpe:/o:redhat:%s::baseos"]}}}\n' "$1" >repository-to-cpe.json
	scanfarm feed import repository-to-cpe.json >out 2>err || fail "import of repositories: $(cat out err)"
	grep -q '^redhat_repositories *1 ' out || fail "import of repositories tells $(cat out)"
}
repositories rhel_eus:9.2
wait_sql 60 "$sql_findings" ''
repositories rhel_eus:9.4
wait_sql 60 "$sql_findings" 'tiny '
repositories enterprise_linux:9
wait_sql 60 "$sql_findings" 'tiny 1.2-9.el9'
farm_stop
