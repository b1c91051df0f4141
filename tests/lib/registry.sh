# registry.sh: real registries (docker-registry) for tests.  Sourced, not run.
#   start_registry [anonymous|basic|token] [NOTIFY_URL SECRET]
#       sets REGISTRY=127.0.0.1:PORT, REGISTRY_USER, REGISTRY_PASSWORD (empty
#       for anonymous) and REGISTRY_LOG; events go to NOTIFY_URL with the header
#       "Authorization: Bearer SECRET".  May be called several times.  With
#       REGISTRY_PORT set (free_port.py prints a free one) it listens there.
#   registry_image DIR [BYTES]    an OCI layout with one small image, tag 1
#   registry_push LAYOUT[:TAG] NAME:TAG [skopeo copy's options]
#   registry_put NAME REFERENCE FILE MEDIA_TYPE   a manifest as it is (anonymous)
#   stop_registry     end all of them
# Below $T when the caller has set it (absolute), else in a directory of its own
# that stop_registry removes.  A machine without the programs: exit status 77.
# The catalog hands out at most REGISTRY_MAXENTRIES (5) names a page.
_reg_lib=${TOP:+$TOP/tests/lib}
_reg_lib=${_reg_lib:-$(cd "$(dirname "$0")/../lib" && pwd)}
_reg_pids= _reg_n=0 _reg_own=
REGISTRY= REGISTRY_USER= REGISTRY_PASSWORD= REGISTRY_LOG=

_reg_dir() {
	for _p in docker-registry skopeo umoci openssl python3 curl; do
		command -v $_p >/dev/null || { echo "$_p is not installed"; exit 77; }
	done
	if [ -z "${T:-}" ]; then
		T=$(mktemp -d "${TMPDIR:-/tmp}/sf-reg.XXXXXX") || exit 1
		_reg_own=$T
	fi
	_reg_n=$((_reg_n + 1))
	_dir=$T/registry.$_reg_n
	mkdir -p "$_dir"
}

# The server for token authentication: signs with a key made here.
_reg_token_server() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=scanfarm-test \
	    -keyout "$_dir/key.pem" -out "$_dir/cert.pem" 2>/dev/null || return 1
	python3 "$_reg_lib/token_server.py" "$_dir" "$REGISTRY_USER" "$REGISTRY_PASSWORD" &
	_reg_pids="$_reg_pids $!"
	_n=100
	until [ -s "$_dir/token.port" ]; do
		_n=$((_n - 1)); [ $_n -gt 0 ] || return 1
		sleep 0.1
	done
}

_reg_config() {
	cat <<Y
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $_dir/data}, delete: {enabled: true}}
catalog: {maxentries: ${REGISTRY_MAXENTRIES:-5}}
http: {addr: $REGISTRY, secret: not-a-secret}
Y
	case $1 in
	basic) echo "auth: {htpasswd: {realm: sf-realm, path: $_dir/htpasswd}}" ;;
	token) echo "auth: {token: {realm: 'http://127.0.0.1:$(cat "$_dir/token.port")/token', service: test-svc, issuer: test-iss, rootcertbundle: $_dir/cert.pem}}" ;;
	esac
	[ -z "${2:-}" ] || cat <<Y
notifications:
  endpoints:
    - name: scanfarm
      url: $2
      headers: {Authorization: ["Bearer $3"]}
      timeout: 2s
      threshold: 5
      backoff: 1s
Y
}

start_registry() {
	_kind=${1:-anonymous}
	_reg_dir
	REGISTRY_USER= REGISTRY_PASSWORD=
	case $_kind in
	anonymous) ;;
	basic|token) REGISTRY_USER=test REGISTRY_PASSWORD=pass-word-42 ;;
	*) echo "start_registry: no kind \"$_kind\""; return 1 ;;
	esac
	# crypt() of libxcrypt: the registry takes bcrypt only
	[ $_kind != basic ] || python3 -W ignore -c 'import crypt, sys
print("%s:%s" % (sys.argv[1], crypt.crypt(sys.argv[2], "$2b$05$abcdefghijklmnopqrstuu")))' \
	    "$REGISTRY_USER" "$REGISTRY_PASSWORD" >"$_dir/htpasswd" || return 1
	[ $_kind != token ] || _reg_token_server || { echo "the token server did not start"; return 1; }
	REGISTRY_LOG=$_dir/log
	# a port found free may be taken by the time it is bound: try again
	for _try in 1 2 3; do
		REGISTRY=127.0.0.1:${REGISTRY_PORT:-$(python3 "$_reg_lib/free_port.py")}
		_reg_config "$_kind" "${2:-}" "${3:-}" >"$_dir/config.yml"
		docker-registry serve "$_dir/config.yml" >"$REGISTRY_LOG" 2>&1 &
		_pid=$!
		_n=100
		while kill -0 $_pid 2>/dev/null && [ $_n -gt 0 ]; do
			if curl -s -o /dev/null "http://$REGISTRY/v2/"; then
				_reg_pids="$_reg_pids $_pid"
				return 0
			fi
			_n=$((_n - 1))
			sleep 0.1
		done
		kill $_pid 2>/dev/null
	done
	cat "$REGISTRY_LOG"
	return 1
}

registry_image() {
	mkdir -p "$1.src" && head -c "${2:-20000}" /dev/urandom >"$1.src/data" || return 1
	umoci init --layout "$1" && umoci new --image "$1:1" &&
	    umoci insert --rootless --image "$1:1" "$1.src" /opt/data >/dev/null
	_rc=$?
	rm -rf "$1.src"
	return $_rc
}

registry_push() {
	_from=$1 _to=$2
	shift 2
	skopeo --insecure-policy copy -q --dest-tls-verify=false ${REGISTRY_USER:+--dest-creds "$REGISTRY_USER:$REGISTRY_PASSWORD"} \
	    "$@" "oci:$_from" "docker://$REGISTRY/$_to"
}

registry_put() {
	curl -sSf -o /dev/null -X PUT -H "Content-Type: $4" --data-binary "@$3" \
	    "http://$REGISTRY/v2/$1/manifests/$2"
}

stop_registry() {
	for _p in $_reg_pids; do
		kill "$_p" 2>/dev/null
		wait "$_p" 2>/dev/null
	done
	_reg_pids=
	[ -z "$_reg_own" ] || rm -rf "$_reg_own"
	_reg_own=
	return 0
}
