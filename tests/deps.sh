#!/bin/sh
# deps.sh PACKAGE...: install what is missing, from Debian's archive, and nothing
# beside: no service of a package is started or left enabled by us, and no
# database cluster is made on the default port.  Does nothing, and asks no
# network, when all packages are there.
set -eu
missing=
for p; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
	s=
elif command -v sudo >/dev/null; then
	s=sudo
else
	echo "missing:$missing" >&2
	echo "install them as root, or install sudo: apt-get install$missing" >&2
	exit 1
fi
echo "installing:$missing"
# a service that was here before us stays as its owner left it
here=
for u in docker-registry nginx; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$u" 2>/dev/null || true) in
	installed) here="$here $u " ;;
	esac
done
policy=/usr/sbin/policy-rc.d cluster=/etc/postgresql-common/createcluster.conf
made_policy= made_cluster= changed_cluster=
restore() {
	[ -z "$made_policy" ] || $s rm -f $policy
	[ -z "$changed_cluster" ] || $s sed -i '/# scanfarm$/d' $cluster
	# the package's own settings take the place of ours
	[ -z "$made_cluster" ] || $s mv $cluster.ucf-dist $cluster 2>/dev/null || $s rm -f $cluster
}
trap restore EXIT
trap 'exit 1' INT TERM
if [ ! -e $policy ] || grep -qx '# scanfarm' $policy; then
	printf '#!/bin/sh\n# scanfarm\nexit 101\n' | $s tee $policy >/dev/null
	$s chmod 755 $policy
	made_policy=1
fi
case $missing in
*postgresql-1*)
	line='create_main_cluster = false # scanfarm'
	if [ -e $cluster ]; then
		$s sed -i "\$a $line" $cluster
		changed_cluster=1
	else
		$s mkdir -p ${cluster%/*}
		echo "$line" | $s tee $cluster >/dev/null
		made_cluster=1
	fi ;;
esac
install() {
	$s env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
		-o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 $missing
}
install || { $s apt-get update -q && install; }
# where systemd runs, what we brought does not come up at the next boot either
if [ -d /run/systemd/system ]; then
	for u in docker-registry nginx; do
		case $here in *" $u "*) continue ;; esac
		case $missing in *"$u"*) $s systemctl disable -q "$u" 2>/dev/null || true ;; esac
	done
fi
