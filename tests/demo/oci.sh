# oci.sh: OCI layouts from layer tars, by hand.  Sourced, not run.
#   oci_layer LAYOUT TAR            add a gzip layer; prints "DIGEST SIZE DIFF_ID"
#   oci_image LAYOUT TAG LINE...    an image of layers, each LINE as oci_layer
#                                   printed it, a space, and its created_by text
_oci_blob() { # LAYOUT FILE: move a blob to its place; prints "DIGEST SIZE"
	_d=$(sha256sum "$2" | cut -d' ' -f1)
	_s=$(wc -c <"$2")
	mkdir -p "$1/blobs/sha256"
	mv "$2" "$1/blobs/sha256/$_d"
	echo "sha256:$_d $_s"
}

oci_layer() {
	mkdir -p "$1"
	_diff=$(sha256sum "$2" | cut -d' ' -f1)
	gzip -n -6 <"$2" >"$1/tmp.gz"
	echo "$(_oci_blob "$1" "$1/tmp.gz") sha256:$_diff"
}

oci_image() {
	_layout=$1 _tag=$2; shift 2
	[ -f "$_layout/oci-layout" ] || printf '{"imageLayoutVersion":"1.0.0"}' >"$_layout/oci-layout"
	[ -f "$_layout/index.json" ] || printf '{"schemaVersion":2,"manifests":[]}' >"$_layout/index.json"
	for _l; do
		echo "$_l"
	done | jq -R -n '[inputs | split(" ") | {digest: .[0], size: (.[1] | tonumber), diff: .[2], by: (.[3:] | join(" "))}]' >"$_layout/tmp.layers"
	jq -c '{architecture: "amd64", os: "linux", config: {}, rootfs: {type: "layers", diff_ids: map(.diff)},
		history: map({created: "2026-01-01T00:00:00Z", created_by: .by})}' "$_layout/tmp.layers" >"$_layout/tmp.config"
	_c=$(_oci_blob "$_layout" "$_layout/tmp.config")
	jq -c --arg d "${_c% *}" --argjson s "${_c#* }" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $d, size: $s},
		layers: map({mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size})}' \
		"$_layout/tmp.layers" >"$_layout/tmp.manifest"
	_m=$(_oci_blob "$_layout" "$_layout/tmp.manifest")
	jq -c --arg d "${_m% *}" --argjson s "${_m#* }" --arg t "$_tag" '.manifests += [{mediaType: "application/vnd.oci.image.manifest.v1+json",
		digest: $d, size: $s, annotations: {"org.opencontainers.image.ref.name": $t}}]' "$_layout/index.json" >"$_layout/tmp.index"
	mv "$_layout/tmp.index" "$_layout/index.json"
	rm -f "$_layout/tmp.layers"
}
