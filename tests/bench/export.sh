#!/bin/sh
# export.sh [FEEDS]: two farms; the one imports FEEDS (a folder laid out as OSV's
# export, default ../shared/data/feeds/osv), exports it, the other one imports that.
# Prints seconds (the machine may be busy: they are to be compared with the first
# line of the same run), bytes, and what the processes took at their peak.
. "$(dirname "$0")/../lib/farm.sh"
feeds=$(realpath "${1:-$TOP/../shared/data/feeds/osv}" 2>/dev/null) && [ -d "$feeds" ] || { echo "no feeds: name a folder of them"; exit 77; }
cd "$T" || exit 1
UP_B=
trap '[ -n "$UP_B" ] && kill -TERM "$UP_B" 2>/dev/null && wait "$UP_B" 2>/dev/null; cleanup' EXIT

b() {
	SCANFARM_URL=http://127.0.0.1:$PORT_B SCANFARM_TOKEN_FILE=$T/b/admin.token scanfarm "$@"
}
# most PID...: the largest peak of theirs in KiB
most() {
	for _p; do awk '/^VmHWM/ { print $2 }' "/proc/$_p/status" 2>/dev/null; done | sort -n | awk '{ n = $1 } END { print n + 0 }'
}
# took TEXT COMMAND...: how long it took, and the most that children of the
# coordinators (readers) and the command had meanwhile
took() {
	_text=$1
	shift
	_from=$(date +%s%N)
	"$@" >out 2>err &
	_pid=$! _reader=0 _command=0
	while kill -0 $_pid 2>/dev/null; do
		_kb=$(most $(for _p in $COORDINATORS; do for _q in $(pgrep -P $_p); do pgrep -P $_q; done; done))
		[ "$_kb" -gt $_reader ] && _reader=$_kb
		_kb=$(most $_pid $(pgrep -P $_pid))
		[ "$_kb" -gt $_command ] && _command=$_kb
		sleep 0.05
	done
	wait $_pid || fail "$*: $(cat err)"
	printf '%-44s %8.1f s   reader %5d MiB   command %5d MiB\n' "$_text" \
	    "$(echo "$(date +%s%N) $_from" | awk '{ print ($1 - $2) / 1e9 }')" $((_reader / 1024)) $((_command / 1024))
}
peak() {
	for _p in $COORDINATORS; do
		printf 'coordinator %d: peak %d MiB\n' "$_p" $(($(awk '/^VmHWM/ { print $2 }' "/proc/$_p/status") / 1024))
	done
}

farm_start 0
PORT_B=$(free_port)
scanfarm up --data "$T/b" --http "127.0.0.1:$PORT_B" --workers 0 >>up.b.log 2>&1 &
UP_B=$!
wait_for 90 test -f "$T/b/ready" || fail "the second farm is not ready"
COORDINATORS="$(farm_pids scanfarm-coordinator) $(pgrep -P $UP_B -x scanfarm-coordi)"
took "import from the source" scanfarm feed import "$feeds"
echo "                                             $(sql "SELECT count(*) || ' documents, ' || sum(octet_length(document)) || ' bytes of records' FROM advisory")"
wait_sql 600 "SELECT count(*) FROM advisory WHERE changed" 0
took "export, whole" scanfarm feed export whole.tar.zst
echo "                                             $(stat -c %s whole.tar.zst) bytes"
took "import of that" b feed import whole.tar.zst --unsigned
took "the same again" b feed import whole.tar.zst --unsigned
revision=$(sql "SELECT revision FROM farm")
sql "UPDATE advisory SET digest = '' WHERE id % 100 = 0"
took "import from the source, 1 % changed" scanfarm feed import "$feeds"
took "export, the delta" scanfarm feed export delta.tar.zst --since "$revision"
echo "                                             $(stat -c %s delta.tar.zst) bytes"
took "import of that" b feed import delta.tar.zst --unsigned
peak
kill -TERM "$UP_B"
wait "$UP_B"
UP_B=
farm_stop
