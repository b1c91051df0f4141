#!/bin/sh
# Every command against bad arguments, bad files and an output that cannot be
# written: the right exit status, a message that names the cause, nothing on
# standard output that looks like a result, no hang.  No farm runs.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
S=$BUILD/scanfarm
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-cli.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
unset SCANFARM_URL SCANFARM_TOKEN_FILE
export XDG_STATE_HOME="$T/none" HOME="$T/none"
bad=0

# want STATUS TEXT WORDS...: run, compare the status, find TEXT in the message.
want() {
	_status=$1 _text=$2
	shift 2
	timeout 20 "$S" "$@" >out 2>err </dev/null
	_rc=$?
	if [ $_rc -ne "$_status" ] || ! grep -qF -e "$_text" err; then
		echo "scanfarm $*: status $_rc, want $_status and \"$_text\""
		head -n 5 err
		bad=$((bad + 1))
	fi
	# a mistake ends before anything is printed
	if [ "$_status" -eq 2 ] && [ -s out ] && [ "$1" != compare ]; then
		echo "scanfarm $*: a result in spite of status 2:"; head -n 3 out
		bad=$((bad + 1))
	fi
}
check() {
	"$@" || { echo "not so: $*"; bad=$((bad + 1)); }
}

: >empty
# random, but for a beginning that is nothing's
{ printf "\001\002 \377\n"; head -c 50000 /dev/urandom; } >garbage
echo hello >text
mkfifo fifo
ln -s loop loop
ln -s nowhere dangling
mkdir emptydir root
mkdir -p root/var/lib/dpkg root/etc
printf 'ID=debian\nVERSION_ID="12"\n' >root/etc/os-release
printf 'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.9-1\n\n' >root/var/lib/dpkg/status
tar -C root -cf layer.tar .
head -c 1100 layer.tar >cut.tar
gzip -c layer.tar | head -c 150 >cut.tar.gz
printf '[{"Config":"c","RepoTags":["a/b:1"],"Layers":["l/layer.tar"]}]' >manifest.json
tar cf nolayer.tar manifest.json
printf 'type\tname\tversion\ndeb\topenssl\t3.0.9-1\n' >p.tsv
mkdir feed
printf '{"id":"X-1","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1"}]}],"database_specific":{"severity":"HIGH"}}]}' >feed/X-1.json
echo secret >token

# the program
want 2 "usage: scanfarm"
want 2 'no command "nope"' nope
want 2 'no option "--nope"' --nope
want 2 'no command "nope"' help nope
for c in affected compare feed inventory match registry report scan status; do
	want 2 "no option --nope" $c --nope
	want 2 "no option -x" $c -x
	want 2 "takes no value" $c --help=3
	check "$S" $c --help >out 2>err
	check grep -q "^usage: scanfarm $c" out
	check test ! -s err
	check "$S" help $c >out2
	check cmp -s out out2
	check grep -qi "exit status" out
done
check "$S" --help >out
check "$S" --version >out
check grep -q '^scanfarm [0-9]' out

# arguments
for c in affected feed inventory match registry report scan status; do
	want 2 "--format wants a value" $c --format
	want 2 'no format "xml"' $c x --format xml
	want 2 "cannot write nodir/x: No such file" $c $([ $c = match ] || [ $c = status ] || echo x) --output nodir/x
	want 2 "cannot write emptydir: Is a directory" $c $([ $c = match ] || [ $c = status ] || echo x) --output emptydir
done
want 2 "wants one PATH" inventory
want 2 "wants one PATH" inventory a b
want 2 "wants one ID" affected
want 2 "wants at least one REF" scan
want 2 "wants one image" report
want 2 "extra: no such argument" status extra
want 2 "wants --packages FILE and --feed DIR" match --packages p.tsv
want 2 "is not ID:VERSION" match --packages p.tsv --feed feed --distro debian
want 2 "is not ID:VERSION" match --packages p.tsv --feed feed --distro ""
want 2 'no version scheme "foo"' compare foo 1 2
want 2 "SCHEME" compare deb 1
want 2 "SCHEME" compare deb 1 2 3
want 2 "empty" compare deb "" 1
want 2 'no "nope"' feed nope
want 2 "list takes no argument" feed list x
want 2 "import wants one PATH" feed import
want 2 'no "nope"' registry nope
want 2 "add wants --url" registry add x
want 2 "go together" registry add x --url https://r --user u
want 2 "no number" registry add x --url https://r --poll -1
want 2 "belong to add" registry list --url https://r
want 2 "need a command each" scan dir:root registry.example/a:1 --feed feed
want 2 "need --feed DIR" scan dir:root
want 2 "a farm uses its own" scan registry.example/a:1 --feed feed
want 2 'no severity "bad"' scan dir:root --feed feed --fail-on bad
want 2 "no number" scan registry.example/a:1 --timeout soon
want 2 "no result for --output" scan registry.example/a:1 --no-wait --output x

# images
for p in missing missing/x dangling; do
	want 2 "No such file or directory" inventory $p
done
want 2 "symbolic links" inventory loop
want 2 "is empty" inventory empty
for p in fifo /dev/zero /dev/null; do
	want 2 "neither a file nor a folder" inventory $p
done
want 2 "no layer, archive, layout or folder" inventory garbage
want 2 "no layer, archive, layout or folder" inventory text
want 4 "incomplete: layer 0" inventory cut.tar
want 4 "incomplete: layer 0" inventory cut.tar.gz
want 4 "l/layer.tar is not in the archive" inventory nolayer.tar
cat layer.tar | "$S" inventory /dev/stdin >out 2>err	# a pipe can be read once, an archive is read twice
check test $? -eq 2
want 2 "no image" inventory nolayer.tar:2
want 2 "not a folder" scan oci:layer.tar --feed feed
want 2 "manifest.json" scan docker-archive:layer.tar --feed feed
want 2 "No such file" scan dir:missing --feed feed

# packages and advisories
for p in missing dangling; do
	want 2 "No such file or directory" match --packages $p --feed feed
	want 2 "No such file or directory" match --packages p.tsv --feed $p
	want 2 "No such file or directory" scan dir:root --feed $p
done
want 2 "Is a directory" match --packages emptydir --feed feed
want 2 "it is empty" match --packages empty --feed feed
want 2 'no column "type"' match --packages garbage --feed feed
want 2 "longer than" match --packages /dev/zero --feed feed
want 2 "no advisories" match --packages p.tsv --feed emptydir
want 2 "neither a file nor a folder" match --packages p.tsv --feed fifo
want 2 "neither a file nor a folder" match --packages p.tsv --feed /dev/zero
want 2 "no advisory is in it" match --packages p.tsv --feed garbage
want 2 "no advisory is in it" scan dir:root --feed garbage
want 0 "not matched" match --packages p.tsv --feed feed
timeout 20 "$S" compare deb </dev/zero >out 2>err
check test $? -eq 2

# farms
# root's farm stands in a fixed place: one may run here
[ "$(id -u)" = 0 ] && [ -f /var/lib/scanfarm/admin.token ] ||
	want 2 "no farm is named and none runs here" status
want 2 "nor a farm's data directory" status --farm missing
want 2 "no URL of a farm" status --farm http://
want 2 "cannot read the token missing" status --farm http://127.0.0.1:1 --token-file missing
want 2 "cannot read the token empty" status --farm http://127.0.0.1:1 --token-file empty
want 2 "token" status --farm http://127.0.0.1:1 --token-file /dev/zero
want 2 "holds no token" status --farm http://127.0.0.1:1 --token-file garbage
for w in status "feed list" "feed update npm" "registry list" "registry check" "registry remove x" \
    "affected CVE-1" "report a/b:1" "scan a/b:1" "registry add x --url https://r"; do
	want 3 "is the farm running there?" $w --farm http://127.0.0.1:1 --token-file token
done

# what cannot be written must not look done
for w in "inventory root" "match --packages p.tsv --feed feed" "compare deb 1 2" --help "scan --help"; do
	"$S" $w >/dev/full 2>err
	check test $? -eq 3
	check grep -q "not complete: No space left" err
	"$S" $w >&- 2>err
	check test $? -eq 3
	{ "$S" $w 2>err; echo $? >rc; } | true
	check grep -q "^[03]$" rc	# 0 when it was done before the reader ended
done
"$S" scan dir:root --feed feed >/dev/full 2>err
check test $? -eq 1	# a failed image stays one
check grep -q "not complete" err
want 3 "cannot write /dev/full: No space left" inventory root --output /dev/full

# --output: whole, in place of what was there, through a link, or not at all
echo old >result
ln -s result link
chmod 640 result
want 1 "" scan dir:root --feed feed --format json --output link
check test -L link
check grep -q '"vulnerability":"X-1"' result
want 2 "No such file" scan dir:missing --feed feed --output result
check grep -q '"vulnerability":"X-1"' result
want 2 "" scan dir:missing --feed feed --output new
check test ! -e new
check test -z "$(ls | grep -v -x -e result | grep '^result\.')"
"$S" inventory root --format tsv --output /dev/stdout >out 2>err
check grep -q openssl out

# of several images the worst counts: 1, else 4, else 3, else 2, else 0
mkdir clean dark
cp -r root/etc clean/ && cp -r root/var clean/ && sed -i s/3.0.9-1/3.0.11-1/ clean/var/lib/dpkg/status
cp -r root/var dark/
want 0 "" scan dir:clean --feed feed
want 1 "" scan dir:root --feed feed
want 4 "" scan dir:dark --feed feed
want 1 "" scan dir:clean dir:dark dir:root dir:missing --feed feed
want 4 "" scan dir:clean dir:dark dir:missing --feed feed
timeout 20 "$S" scan dir:clean dir:missing --feed feed --format json >out 2>err
check test $? -eq 2
check grep -q '"error":"missing: No such file' out

# the shape of listings
"$S" inventory root --format tsv >out 2>err
check test "$(head -n 1 out)" = "$(printf 'path\ttype\tname\tversion\tarch\tsource_name\tsource_version\tfound_by\torigin\towner\tlayer')"
printf '\033[31mred' >root/etc/x
mkdir -p "$(printf 'evil/usr/lib/python3/dist-packages/a\033\nb.dist-info')"
printf 'Metadata-Version: 2.1\nName: b\nVersion: 1\n' >"$(printf 'evil/usr/lib/python3/dist-packages/a\033\nb.dist-info/METADATA')"
for f in tsv table json; do
	"$S" inventory evil --format $f >out 2>err
	check grep -q 'a\\*\\x1b\\*\\x0ab.dist-info' out
	check test -z "$(tr -d '\n\t -~' <out)"
	check test -z "$(tr -d '\n\t -~' <err)"
done
[ $bad -eq 0 ]
