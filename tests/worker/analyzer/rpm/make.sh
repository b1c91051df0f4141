#!/bin/bash
# make.sh [DIR]: make the samples of this folder anew with rpm's own tools (Debian:
# rpm, db-util, sqlite3, gnupg, python3).  What is wanted of each is what
# `rpm -qa` says of it, not what scanfarm says.
set -euo pipefail
to=$(realpath "${1:-$(dirname "$0")}")
w=$(mktemp -d)
trap 'rm -rf "$w"' EXIT
cd "$w"
export SOURCE_DATE_EPOCH=1700000000

# spec NAME VERSION RELEASE [LINE...]: build a package that owns a program
# (%{_bindir}/NAME), a Python distribution's METADATA and some data.
spec() {
	local name=$1 version=$2 release=$3; shift 3
	{
		printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: A sample\nLicense: none\n' \
			"$name" "$version" "$release"
		printf 'BuildArch: noarch\n'
		printf '%s\n' "$@"
		cat <<-'S'
		%description
		A package made for tests.
		%prep
		%build
		%install
		d=%{buildroot}/usr/lib/python3/site-packages/%{name}-1.dist-info
		mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/share/%{name} $d
		echo %{name} >%{buildroot}/usr/bin/%{name}
		echo Name: %{name} >$d/METADATA
		for i in $(seq %{?data}%{!?data:3}); do
			echo $i >%{buildroot}/usr/share/%{name}/some-data-number-$i.txt
		done
		%files
		/usr/bin/%{name}
		/usr/lib/python3/site-packages/%{name}-1.dist-info/METADATA
		/usr/share/%{name}
		S
	} >"$name.spec"
	rpmbuild -bb --quiet --define "_topdir $w/top" --define '_buildhost build.example' \
		--define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
		"$name.spec" >/dev/null 2>&1
}
R() { ${RPM:-rpm} --root "$w/root" --define '_dbpath /db' --define "_db_backend $backend" "$@"; }

# want NAME: what rpm says, as rows
want() {
	R -qa --qf 'rpm\t%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%|ARCH?{%{ARCH}}|\t%|SOURCERPM?{%{SOURCERPM}}|\t%|MODULARITYLABEL?{%{MODULARITYLABEL}}|\n' |
	awk -F '\t' -v OFS='\t' '{
		src = $5 == "(none)" ? "" : $5; sv = ""
		if (src != "") {
			sub(/\.rpm$/, "", src); sub(/\.[^.]*$/, "", src)
			n = split(src, p, "-"); sv = p[n-1] "-" p[n]
			src = substr(src, 1, length(src) - length(sv) - 1)
		}
		line = $1 OFS $2 OFS $3 OFS $4 OFS src OFS sv OFS
		if ($6 != "") line = line OFS "module=" $6
		if (src != "") line = line OFS "owns=2"	# see spec above
		print line
	}' >"$to/$1.want"
}

spec tiny 1.2 3.el9
spec old-epoch 0.9 1.el9 'Epoch: 0'
spec perl-like 5.16.3 299.el7_9 'Epoch: 4' 'Vendor: Example Project'
spec modular 9.6.22 1.module+el8.4.0+11244+beebf241 'ModularityLabel: postgresql:9.6:8040020210602000000:522a0ee4'
spec big 10 1 '%define data 80'
spec gone 1 1
spec last 2.0~rc1 1.fc41
rpms=$(find top -name '*.rpm' ! -name 'gone*' ! -name 'last*' | LC_ALL=C sort)

gpg --homedir "$w" --batch --quiet --passphrase '' --quick-gen-key 'Sample <sample@example.org>' rsa2048 sign never 2>/dev/null
gpg --homedir "$w" --armor --export >key.asc

# fill BACKEND: install, remove one in the middle, install another
fill() {
	backend=$1
	rm -rf root
	R --initdb
	R -i --nodeps --nosignature $rpms
	R -i --nodeps --nosignature top/RPMS/noarch/gone-*.rpm
	R --import key.asc
	R -i --nodeps --nosignature top/RPMS/noarch/last-*.rpm
	R -e --nodeps gone
}

# sqlite: the file as rpm leaves it, and in pages of 512 bytes, so that headers
# reach over many pages (rpm itself keeps 4096)
fill sqlite
cp root/db/rpmdb.sqlite "$to/sqlite.in"
want sqlite
R -qa --qf '%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{VENDOR}\t(none)\t%{SIZE}\t%{ARCH}\t%{EPOCHNUM}\t%{SOURCERPM}\n' \
	>"$to/../rpm_manifest/azure.in"
sqlite3 "$to/sqlite.in" 'PRAGMA journal_mode=DELETE; PRAGMA page_size=512; VACUUM' >/dev/null

# Berkeley DB: rpm 4.18 reads but does not write it, so the headers are loaded
# with Berkeley DB's own tool.  bdb NAME LORDER PAGESIZE
sqlite3 root/db/rpmdb.sqlite 'SELECT hnum, hex(blob) FROM Packages' >headers
bdb() {
	{
		printf 'VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder=%s\ndb_pagesize=%s\nHEADER=END\n' "$2" "$3"
		awk -F '|' -v order="$2" '
			function key(n,  h) {
				h = sprintf("%08x", n)
				if (order == 1234) h = substr(h, 7, 2) substr(h, 5, 2) substr(h, 3, 2) substr(h, 1, 2)
				return h
			}
			BEGIN { print " " key(0); print " " key(100) }
			{ print " " key($1); print " " tolower($2) }
			END { print "DATA=END" }' headers
	} | db_load "$1"
}
backend=bdb_ro
for s in little:1234:512 big:4321:512 inline:1234:16384; do
	IFS=: read -r name order page <<<"$s"
	rm -rf root; mkdir -p root/db
	bdb "root/db/Packages" "$order" "$page"
	cp root/db/Packages "$to/bdb-$name.in"
	want "bdb-$name"
done
# Red Hat Enterprise Linux 5 had unsorted pages (type 2, hash version 8), which
# differ in nothing else.
python3 - "$to/bdb-little.in" root/db/Packages <<'P'
import struct, sys
b = bytearray(open(sys.argv[1], 'rb').read())
b[16:20] = struct.pack('<I', 8)
for at in range(512, len(b), 512):
    if b[at + 25] == 13:
        b[at + 25] = 2
open(sys.argv[2], 'wb').write(b)
P
cp root/db/Packages "$to/bdb-unsorted.in"
want bdb-unsorted

# A log: rpm is ended while it holds the database open, the way a build step
# ends that runs out of time.
backend=sqlite
rm -rf root
R --initdb
R -i --nodeps --nosignature $(printf '%s\n' $rpms | head -n 2)
sqlite3 root/db/rpmdb.sqlite 'PRAGMA page_size=1024; PRAGMA journal_mode=DELETE; VACUUM; PRAGMA journal_mode=WAL' >/dev/null
cp root/db/rpmdb.sqlite before
sqlite3 root/db/rpmdb.sqlite 'PRAGMA wal_autocheckpoint=0; BEGIN; SELECT count(*) FROM Packages; COMMIT' '.shell true' >/dev/null
mkfifo hold
sqlite3 root/db/rpmdb.sqlite <hold >/dev/null &
reader=$!
exec 7>hold
echo 'BEGIN; SELECT count(*) FROM Packages;' >&7
sleep 0.5
R -i --nodeps --nosignature top/RPMS/noarch/tiny-*.rpm
cp root/db/rpmdb.sqlite "$to/wal.in"
cp root/db/rpmdb.sqlite-wal "$to/wal.side"
want wal
kill "$reader"
exec 7>&-
wait "$reader" 2>/dev/null || true
# ndb: removing leaves a free slot between others.  Debian's rpm has no ndb; $RPM
# names one that was configured with --enable-ndb.
if [ -n "${RPM:-}" ]; then
	fill ndb
	cp root/db/Packages.db "$to/ndb.in"
	want ndb
fi
for n in ndb sqlite bdb-little bdb-big bdb-inline bdb-unsorted wal; do
	case $n in
	ndb) echo usr/lib/sysimage/rpm/Packages.db ;;
	bdb*) echo var/lib/rpm/Packages ;;
	*) echo usr/lib/sysimage/rpm/rpmdb.sqlite ;;
	esac >"$to/$n.path"
done
