#!/bin/sh
# chroot.sh [test|demo|both]: the README's two commands in a fresh Debian 12 with
# nothing but a shell and apt.  Needs root, mmdebstrap and git.  The chroot has mount and
# pid namespaces of its own with private propagation and a small dev of its own;
# it is removed with --one-file-system after the mount table was asked.
set -eu
what=${1:-both}
top=$(cd "$(dirname "$0")/.." && pwd)
if [ "${CHROOT_INSIDE:-}" != 1 ]; then
	[ "$(id -u)" = 0 ] || { echo "chroot.sh: needs root" >&2; exit 2; }
	export CHROOT_INSIDE=1
	exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$what"
fi
root=$(mktemp -d "${TMPDIR:-/var/tmp}/scanfarm-chroot.XXXXXX")
cleanup() {
	for m in proc dev/shm dev; do umount -l "$root/$m" 2>/dev/null || true; done
	if grep -qF " $root/" /proc/self/mountinfo; then
		echo "chroot.sh: $root is still mounted below, left there" >&2
	else
		rm -rf --one-file-system "$root"
	fi
}
trap cleanup EXIT
trap 'exit 1' INT TERM
mmdebstrap --quiet --variant=apt bookworm "$root"
# the archive's address is this machine's own setting
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
ln -s /proc/self/fd "$root/dev/fd"
mkdir -m 1777 "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t proc proc "$root/proc"
git clone -q "$top" "$root/root/scanfarm"
run() {
	echo "== $1"
	# the line of the README, as it stands there
	line=$(grep -m 1 -- "&& make $1\$" "$top/README.md" | sed 's/^ *//')
	[ -n "$line" ] || { echo "the README has no line for $1" >&2; exit 1; }
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive \
		chroot "$root" /bin/sh -c "cd /root/scanfarm && $line"
}
case $what in
test|demo) run "$what" ;;
both) run demo; run test ;;
*) echo "usage: chroot.sh [test|demo|both]" >&2; exit 2 ;;
esac
echo "chroot.sh: $what passed"
