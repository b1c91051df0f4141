#!/bin/sh
# chroot.sh [VARIANT...]: the README's two commands, as they stand there, on fresh
# Debian 12 roots that hold nothing but minbase: no make, no compiler, no server.
#   root       as root
#   user       as a user with sudo, the clone in a home that nobody else may enter
#   busy       another PostgreSQL on 5432 and a registry on 5000 are there already
#   container  as root without extra capabilities: no mount, no unshare
#   twice      both commands again where they have run (after root: once more)
# Default: all of them, in this order.  Needs root, mmdebstrap and git; clones the
# commit that is checked out.  Every variant has mount, pid and ipc namespaces of
# its own with private propagation, and a small dev of its own; a root is removed
# with --one-file-system after the mount table was asked.  The network is the
# machine's: the archive has to be in reach.  After every command nothing may be
# left: no process, no mount, no temporary file, no foreign service changed.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
all='root user busy container twice'
# what a container is given by default
caps='-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap'

die() { echo "chroot.sh: $*" >&2; exit 1; }
say() { printf '\n==== %s\n' "$*"; }

# ------------------------------------------------------- inside the namespaces
# A dev of its own, proc of this pid namespace.
prepare() { # ROOT
	mount -t tmpfs -o mode=755 tmpfs "$1/dev"
	for d in null:3 zero:5 full:7 random:8 urandom:9; do
		mknod -m 666 "$1/dev/${d%:*}" c 1 "${d#*:}"
	done
	mknod -m 666 "$1/dev/tty" c 5 0
	ln -s /proc/self/fd "$1/dev/fd"
	ln -s /proc/self/fd/0 "$1/dev/stdin"
	ln -s /proc/self/fd/1 "$1/dev/stdout"
	ln -s /proc/self/fd/2 "$1/dev/stderr"
	mkdir -m 1777 "$1/dev/shm"
	mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
	mount -t proc proc "$1/proc"
}

# What must be the same before and after a command: processes (this shell is pid 1;
# zombies wait for it), mounts, temporary files, what deps.sh lays down for a while.
state() { # FILE
	for p in /proc/[0-9]*; do
		[ "$p" = /proc/1 ] && continue
		IFS= read -r s 2>/dev/null <"$p/stat" || continue
		case $s in *') Z '*) continue ;; esac
		echo "process $(tr '\0' ' ' <"$p/cmdline" 2>/dev/null | cut -c 1-100)"
	done >"$1.new"
	cut -d ' ' -f 5 /proc/self/mountinfo >>"$1.new"
	find /tmp /var/tmp /dev/shm /var/lib/scanfarm /usr/sbin/policy-rc.d 2>/dev/null |
		grep -v '^/dev/shm/PostgreSQL' >>"$1.new"
	grep -s '^create_main_cluster' /etc/postgresql-common/createcluster.conf >>"$1.new" || true
	grep -v 'autovacuum worker' "$1.new" | sort >"$1"
	rm "$1.new"
}

# One line of the README, run as the variant's user.
line() { # VARIANT demo|test README-LINE
	say "$1: $3"
	state /root/before
	case $1 in
	user) as="setpriv --reuid=dev --regid=dev --init-groups" home=/home/dev ;;
	container) as="setpriv --inh-caps=-all --bounding-set=$caps" home=/root ;;
	*) as= home=/root ;;
	esac
	rc=0
	(cd $home/scanfarm && exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    HOME=$home TERM=dumb ${http_proxy:+http_proxy="$http_proxy"} $as /bin/sh -c "$3") </dev/null >/root/out 2>&1 || rc=$?
	cat /root/out
	[ $rc = 0 ] || die "$1: $2 ended with status $rc"
	state /root/after
	diff -u /root/before /root/after || die "$1: $2 left something behind"
	rm /root/before /root/after
	[ "$2" != test ] || tail -n 1 /root/out | grep -Eq '^[0-9]+ passed, 0 failed(, [0-9]+ skipped)?$' ||
		die "$1: the last line is no sum without failures: $(tail -n 1 /root/out)"
	[ "$1/$2" != container/demo ] || grep -q -e 'by mmdebstrap$' -e 'left out' /root/out ||
		die "container: the demo does not say what it left out"
	printf '%-10s %-5s %s\n' "$1" "$2" "$(if [ "$2" = test ]; then tail -n 1 /root/out; else echo done; fi)" >>/root/results
}

# Someone else's servers on the default ports, with something in them.
foreign_start() {
	apt-get update -q >/dev/null
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql docker-registry curl >/dev/null 2>&1
	pg_ctlcluster 15 main start 2>/dev/null || true
	echo '{version: 0.1, storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}, http: {addr: ":5000"}}' >/etc/docker/registry/theirs.yml
	setpriv --reuid=docker-registry --regid=docker-registry --clear-groups \
	    docker-registry serve /etc/docker/registry/theirs.yml >/dev/null 2>&1 &
	foreign_registry=$!
	n=300
	until foreign psql -XAtqc 'CREATE TABLE IF NOT EXISTS theirs AS SELECT 42 AS n' >/dev/null 2>&1 &&
	    curl -sf -o /dev/null http://127.0.0.1:5000/v2/; do
		n=$((n - 1)); [ $n -gt 0 ] || die "the other PostgreSQL or registry did not start"
		sleep 0.1
	done
	[ "$(foreign psql -XAtqc 'SHOW port')" = 5432 ] || die "5432 is taken on this machine already"
	foreign_was=$(foreign_state)
}
foreign() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
foreign_state() {
	foreign psql -XAtqc 'SELECT n, pg_postmaster_start_time(), (SELECT count(*) FROM pg_database) FROM theirs'
	pg_lsclusters -h
	curl -sS http://127.0.0.1:5000/v2/_catalog
	find /etc/postgresql /etc/docker /etc/default -type f -exec md5sum {} + | sort -k 2
}

# The whole variant, as pid 1 of its namespace.
inside() { # VARIANT ROOT AGAIN
	variant=$1 root=$2 again=$3
	demo=$(readme_line demo) test=$(readme_line test)
	mount --bind "$root" "$root"
	prepare "$root"
	cd "$root"
	if [ "$variant" != container ]; then
		mkdir -p .old
		pivot_root . .old
	fi	# chroot(2) alone keeps user namespaces from being made, as a container's filter does
	exec chroot . /bin/sh /chroot.sh --run "$variant" "$again" "$demo" "$test"
}

run() { # VARIANT AGAIN DEMO TEST
	if [ -d /.old ]; then
		umount -l /.old
		rmdir /.old
	fi
	variant=$1
	case $variant in
	user)
		apt-get update -q >/dev/null
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends sudo >/dev/null 2>&1
		echo 'dev ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/dev ;;
	busy) foreign_start ;;
	esac
	line "$variant" demo "$3"
	line "$variant" test "$4"
	if [ "$2" = 1 ]; then
		line "$variant" demo "$3"
		line "$variant" test "$4"
	fi
	if [ "$variant" = busy ]; then
		[ "$(foreign_state)" = "$foreign_was" ] || die "busy: the other servers are not as they were: $(foreign_state)"
		kill $foreign_registry
		pg_ctlcluster 15 main stop
	fi
}

readme_line() {
	sed -n "s/^    \(.*&& make $1\)\$/\1/p" "$top/README.md" | head -n 1 | grep . ||
		die "the README has no command line for make $1"
}

case ${1:-} in
--inside) shift; inside "$@"; exit ;;
--run) shift; run "$@"; exit ;;
esac

# --------------------------------------------------------------------- outside
for v in ${*:-$all}; do
	case " $all " in *" $v "*) ;; *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
done
[ "$(id -u)" = 0 ] || die "needs root"
for p in mmdebstrap git unshare; do
	command -v $p >/dev/null || die "$p is not installed"
done
demo=$(readme_line demo) test=$(readme_line test)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/scanfarm-chroot.XXXXXX")
# Roots are mounted in other namespaces only, which end with their processes; a
# mount that is seen here is a mistake, and nothing is removed then.
cleanup() {
	[ -z "${child:-}" ] || { kill -KILL "$child" 2>/dev/null; wait "$child" 2>/dev/null; } || true
	if grep -qF " $work/" /proc/self/mountinfo; then
		echo "chroot.sh: something is mounted below $work: left there" >&2
	else
		rm -rf --one-file-system "$work"
	fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say "a minbase root of bookworm"
mmdebstrap --quiet --variant=minbase bookworm "$work/base" ${MIRROR:+"$MIRROR"}
# how this machine reaches the archive
cp /etc/resolv.conf "$work/base/etc/resolv.conf" 2>/dev/null || true
apt-config dump | grep -i -e '^Acquire::https\?::Proxy' -e '^Acquire::Check-' >"$work/base/etc/apt/apt.conf.d/00chroot" || true

results=$work/results
for v in ${*:-$all}; do
	root=$work/root again=0
	if [ "$v" != twice ] || [ "${last:-}" != root ]; then
		grep -qF " $root" /proc/self/mountinfo && die "$root is mounted"
		rm -rf --one-file-system "$root"
		cp -a "$work/base" "$root"
		cp "$0" "$root/chroot.sh"
		[ "$v" != twice ] || again=1
		if [ "$v" = user ]; then
			chroot "$root" useradd --create-home --shell /bin/sh dev
			chmod 700 "$root/home/dev"
			git clone -q "$top" "$root/home/dev/scanfarm"
			chown -R --reference="$root/home/dev" "$root/home/dev/scanfarm"
		else
			git clone -q "$top" "$root/root/scanfarm"
		fi
	fi
	last=$v
	unshare --mount --pid --ipc --fork --kill-child --propagation private \
	    "$0" --inside "$v" "$root" $again &
	child=$!
	rc=0
	wait $child || rc=$?
	child=
	cat "$root/root/results" >>"$results" 2>/dev/null || true
	rm -f "$root/root/results"
	[ $rc = 0 ] || die "$v failed"
done
say "passed"
cat "$results"
