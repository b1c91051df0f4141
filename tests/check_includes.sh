#!/bin/sh
# check_includes.sh [TREE]: who may include whom.  The parts: worker -> common <-
# coordinator, the command line takes the analyzers and the matcher beside common.
# A third-party header has one door, so an audit or a replacement is one place.
set -eu
cd "${1:-$(dirname "$0")/..}"
bad=$(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' common worker coordinator cli | awk '
function door(header, files) { doors[header] = " " files " " }
BEGIN {
	door("archive.h", "common/archive.c")
	door("archive_entry.h", "common/archive.c")
	door("curl/curl.h", "common/http.c")
	door("isa-l/igzip_lib.h", "common/inflate.c")
	door("zstd.h", "common/inflate.c common/tar_write.c")
	door("zstd_errors.h", "common/inflate.c")
	door("jansson.h", "common/json.c")
	door("msgpack.h", "common/pack.c")
	door("seccomp.h", "common/sandbox.c")
	door("libpq-fe.h", "coordinator/db.c")
	door("microhttpd.h", "coordinator/http_server.c")
	# the actors share czmq types in their own headers
	door("czmq.h", "worker/link.c coordinator/actor.h coordinator/coordinator.h " \
		"coordinator/fanout.c coordinator/fanout.h coordinator/keys.c " \
		"coordinator/main.c coordinator/token.c")
	door("sqlite3.h", "worker/analyzer/sqlite_rows.c")
}
{
	split($0, at, ":")
	file = at[1]; header = $0
	sub(/^[^<"]*[<"]/, "", header); sub(/[>"].*/, "", header)
	part = file; sub(/\/.*/, "", part)
	to = header; sub(/\/.*/, "", to)
	why = ""
	if ((header in doors) && !index(doors[header], " " file " "))
		why = "this header is only for" doors[header]
	else if (part == "common" && to ~ /^(worker|coordinator|cli)$/)
		why = "common includes no other part"
	else if (part == "worker" && to ~ /^(coordinator|cli)$/)
		why = "the worker includes common only"
	else if (part == "coordinator" && to ~ /^(worker|cli)$/)
		why = "the coordinator includes common only"
	else if (part == "cli" && to == "worker" && header !~ /^worker\/analyzer\//)
		why = "of the worker, the command line takes the analyzers only"
	else if (part == "cli" && to == "coordinator" && header !~ /^coordinator\/matcher\//)
		why = "of the coordinator, the command line takes the matcher only"
	if (why != "")
		print file ":" at[2] ": " header ": " why
}')
if [ -n "$bad" ]; then
	printf '%s\n' "$bad" >&2
	exit 1
fi
