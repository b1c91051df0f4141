#!/bin/bash
# Roots that rpm itself filled, Fedora's and SUSE's way, are listed as `rpm -qa`
# lists them: each database format that this machine's tools can make, as a
# folder, as a layer, and after packages were upgraded and removed in a layer above.
# Packages are built here; nothing is downloaded.
set -eu
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
for tool in rpm rpmbuild python3; do
	command -v $tool >/dev/null || { echo "no $tool here"; exit 77; }
done
T=$(mktemp -d "${TMPDIR:-/tmp}/sf-rpm.XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM
cd "$T"

fail() {
	echo "FAIL: $*"
	exit 1
}

# build NAME VERSION RELEASE ARCH [LINE...]
build() {
	local name=$1 version=$2 release=$3 arch=$4
	shift 4
	{
		printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: s\nLicense: none\n' \
			"$name" "$version" "$release"
		printf '%s\n' "$@"
		printf '%%description\n%%prep\n%%build\n%%install\n'
		printf 'd=%%{buildroot}/usr/lib/%%{name}-%%{version}; mkdir -p $d; for i in $(seq 40); do echo $i >$d/file-$i; done\n'
		printf '%%files\n/usr/lib/%%{name}-%%{version}\n'
	} >"$name.spec"
	rpmbuild -bb --quiet --target "$arch" --define "_topdir $T/top" "$name.spec" >build.log 2>&1 ||
		fail "rpmbuild $name: $(tail -n 3 build.log)"
}
build glibc 2.38 7.fc39 x86_64 'Vendor: Fedora Project'
build glibc 2.38 7.fc39 i686 'Vendor: Fedora Project'
build kernel 6.5.6 300.fc39 x86_64
build kernel 6.6.2 201.fc39 x86_64
build perl-Pod 1.04 299.el7 noarch 'Epoch: 1'
build zero 1 1 noarch 'Epoch: 0'
build nginx 1.20.1 1.module+el9.2.0+1+ab x86_64 'ModularityLabel: nginx:1.20:9020020230101000000:9'
build long-name-of-a-package 2.0~rc1^git1 0.1.a_b+c noarch
for n in $(seq 15); do build "lib$n" "$n.0" "$n.fc39" noarch; done
rpms=$(find top/RPMS -name '*.rpm' | LC_ALL=C sort)
build glibc 2.38 11.fc39 x86_64
build lib7 7.1 1.fc39 noarch
rm -f top/RPMS/i686/glibc-2.38-11*

# r ROOT DBPATH ARGUMENT...: rpm in that root, without its scripts and checks
r() {
	local root=$1 db=$2
	shift 2
	rpm --root "$T/$root" --define "_dbpath /$db" --define "_db_backend ${BACKEND:-sqlite}" "$@" 2>>rpm.log
}
install() { r "$1" "$2" -i --nodeps --nosignature --ignorearch --ignoreos "${@:3}" || fail "rpm -i: $(tail -n 3 rpm.log)"; }

truth() {
	r "$1" "$2" -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%|ARCH?{%{ARCH}}|\t%|SOURCERPM?{%{SOURCERPM}}|\n' |
	python3 -c '
import sys
for line in sys.stdin:
    name, version, arch, source = line.rstrip("\n").split("\t")
    sn = sv = ""
    if source not in ("", "(none)"):
        sn, v, rel = source.rsplit(".", 2)[0].rsplit("-", 2)
        sv = v + "-" + rel
    print("rpm", name, version, arch, sn, sv, sep="\t")' | LC_ALL=C sort
}
# same WHAT PATH: what scanfarm says of PATH is what is in the file `want`
same() {
	"$BUILD/scanfarm" inventory "$2" --format tsv >out 2>err || fail "$1: $(cat err)"
	tail -n +2 out | cut -f 2-7 | LC_ALL=C sort >got
	[ -s want ] || fail "$1: rpm lists nothing"
	diff want got >diff || fail "$1: $(head -n 20 diff)"
	echo "$1: $(wc -l <got) packages"
}
release() {
	mkdir -p "$1/etc"
	printf 'ID=%s\nVERSION_ID="%s"\n' "$2" "$3" >"$1/etc/os-release"
}

# Fedora: SQLite in usr/lib/sysimage/rpm, var/lib/rpm is a link to it
db=usr/lib/sysimage/rpm
release fedora fedora 39
mkdir -p fedora/$db fedora/var/lib
ln -s ../../$db fedora/var/lib/rpm
install fedora $db $rpms
truth fedora $db >want
same 'Fedora, SQLite, folder' fedora
tar -cf fedora.tar -C fedora .
same 'Fedora, SQLite, layer' fedora.tar

# The same database as a process leaves it that did not end well: its log not
# moved into it.
cp -a fedora killed
python3 - killed/$db/rpmdb.sqlite <<'P' &
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1])
c.execute('BEGIN')
c.execute('SELECT count(*) FROM Packages').fetchone()
open('reading', 'w').close()
while True:
    time.sleep(1)
P
reader=$!
for i in $(seq 100); do [ -e reading ] && break; sleep 0.1; done
r killed $db -e --nodeps lib3 lib4
install killed $db $(find top -name 'lib7-7.1*')
cp -a killed left
kill $reader
wait $reader 2>/dev/null || true
[ -s left/$db/rpmdb.sqlite-wal ] || fail "rpm left no log"
cmp -s left/$db/rpmdb.sqlite fedora/$db/rpmdb.sqlite || fail "the log was moved into the database"
cp -a left again
truth again $db >want
cmp -s want <(truth fedora $db) && fail "the log changes nothing"
same 'Fedora, SQLite with a log, folder' left
tar -cf left.tar -C left .
same 'Fedora, SQLite with a log, layer' left.tar

# A layer above: upgraded, removed
cp -a fedora upper
r upper $db -U --nodeps --nosignature $(find top -name 'glibc-2.38-11*') || fail "rpm -U"
r upper $db -e --nodeps lib1 lib2 kernel-6.5.6
truth upper $db >want
mkdir -p second/$db
cp upper/$db/rpmdb.sqlite second/$db/
tar -cf second.tar -C second .
same 'Fedora, upgraded, folder' upper
python3 - fedora.tar second.tar <<'P'
import hashlib, json, sys, tarfile, io
layers, diff = [], []
out = tarfile.open('image.tar', 'w')
def add(name, data):
    i = tarfile.TarInfo(name)
    i.size = len(data)
    out.addfile(i, io.BytesIO(data))
for n, f in enumerate(sys.argv[1:]):
    data = open(f, 'rb').read()
    layers.append('%d/layer.tar' % n)
    diff.append('sha256:' + hashlib.sha256(data).hexdigest())
    add(layers[-1], data)
add('config.json', json.dumps({'architecture': 'amd64', 'os': 'linux',
    'rootfs': {'type': 'layers', 'diff_ids': diff}}).encode())
add('manifest.json', json.dumps([{'Config': 'config.json', 'RepoTags': [],
    'Layers': layers}]).encode())
out.close()
P
same 'Fedora, upgraded in a layer above' image.tar

# Red Hat until 8: Berkeley DB in var/lib/rpm, which rpm reads and db_load writes
if command -v db_load >/dev/null; then
	for order in 1234 4321; do
		release rhel$order rhel 8.9
		mkdir -p rhel$order/var/lib/rpm
		python3 - fedora/$db/rpmdb.sqlite $order <<'P' | db_load rhel$order/var/lib/rpm/Packages
import sqlite3, sys
order = 'little' if sys.argv[2] == '1234' else 'big'
print('VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder=%s\ndb_pagesize=4096\nHEADER=END' % sys.argv[2])
key = lambda n: ' ' + n.to_bytes(4, order).hex()
print(key(0), key(1000), sep='\n')
for n, blob in sqlite3.connect(sys.argv[1]).execute('SELECT hnum, blob FROM Packages'):
    print(key(n), ' ' + blob.hex(), sep='\n')
print('DATA=END')
P
		BACKEND=bdb_ro truth rhel$order var/lib/rpm >want
		same "Red Hat 8, Berkeley DB, order $order" rhel$order
	done
fi

# SUSE: ndb, where rpm has it (Debian's has not); else SQLite, as it is read there
release suse opensuse-leap 15.6
mkdir -p suse/$db
BACKEND=ndb
r suse $db --initdb >/dev/null || true
[ -e suse/$db/Packages.db ] || BACKEND=sqlite
install suse $db $rpms
r suse $db -e --nodeps lib10 lib11 lib12
install suse $db $(find top -name 'lib7-7.1*')
truth suse $db >want
same "SUSE, $BACKEND" suse
unset BACKEND

# With a package manager on top, where there is one
if command -v createrepo_c >/dev/null; then
	export HOME=$T	# Debian's rpm would take a database below $HOME
	echo '%_dbpath /usr/lib/sysimage/rpm' >.rpmmacros
	mkdir repo && cp $rpms repo && createrepo_c -q repo
	if command -v dnf >/dev/null; then
		release dnf fedora 39
		dnf -y -q --installroot="$T/dnf" --releasever=39 --setopt=reposdir="$T/none" --setopt=cachedir="$T/cache" \
			--setopt=install_weak_deps=0 --repofrompath="here,file://$T/repo" --repo=here --nogpgcheck \
			--forcearch=x86_64 install glibc kernel perl-Pod lib1 lib2 >dnf.log 2>&1 || fail "dnf: $(tail -n 5 dnf.log)"
		db=$(cd dnf && find . -name rpmdb.sqlite -printf '%h\n' | head -n 1 | sed 's,^\./,,')
		truth dnf "$db" >want
		same "dnf, $db" dnf
	fi
	if command -v zypper >/dev/null; then
		release zypper opensuse-leap 15.6
		z() { zypper --root "$T/zypper" --non-interactive --no-gpg-checks "$@" >>zypper.log 2>&1; }
		z addrepo --no-gpgcheck "$T/repo" here && z install --no-recommends glibc lib5 lib6 ||
			fail "zypper: $(tail -n 5 zypper.log)"
		db=$(cd zypper && find . -name rpmdb.sqlite -printf '%h\n' | head -n 1 | sed 's,^\./,,')
		truth zypper "$db" >want
		same "zypper, $db" zypper
	fi
fi
