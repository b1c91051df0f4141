#!/usr/bin/env python3
"""A registry that misbehaves, one way per repository.

    fake_registry.py PORT_FILE LOG_FILE

Serves one small image (a Debian os-release and a dpkg status of two packages)
under /v2/<repository>/, tag `1`.  The repository's name says what goes wrong:

    good            nothing
    truncated       the layer's body ends early
    corrupt         a byte of the layer's deflate stream is flipped, the digest is right
    wrong-digest    the layer's bytes are not those of its digest
    wrong-size      the layer is longer than the manifest says
    missing         404 for the layer, until the file PORT_FILE.mended is there; then it comes late
    denied          401 for the layer, with a realm that never gives a token
    limited         429 with Retry-After: 1, twice, then right
    broken          500 twice, then right
    badjson         the manifest is no JSON
    selfindex       an index whose only child is the index itself
    deepjson        a manifest nested 100,000 deep
    gzipbomb        a layer of zeros, 1000:1, far above the limit of expansion
    tarbomb         a tar whose entry claims 8 EiB
    nested          an index in an index
    noimage         an index of nothing but an attestation
    tags            four tags: one in a circle of redirects, one that no text can
                    hold, one whose digest is not said in the header, and 1
    whiteout        a crafted `etc/.wh.` and `.wh..wh..opqX` above the good layer
    catalog lists them all.  Every request is a line of LOG_FILE.
"""
import gzip, hashlib, io, json, os, sys, tarfile, threading, time, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUS = b"""Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.9-1

Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.9-1
"""
OSREL = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
NAMES = ("good truncated corrupt wrong-digest wrong-size missing denied limited broken "
         "badjson selfindex deepjson gzipbomb tarbomb whiteout tags nested noimage").split()


def tar(files, tag=b""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, data in files + [("tag", tag)]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    """One repository: manifest by tag and digest, blobs by digest."""

    def __init__(self, name):
        self.name, self.blobs, self.manifests = name, {}, {}
        self.failures = 2 if name in ("limited", "broken") else 0
        raw = tar([("etc/os-release", OSREL), ("var/lib/dpkg/status", STATUS)], name.encode())
        layers = [gzip.compress(raw, mtime=0)]
        size = None
        if name == "corrupt":
            bad = bytearray(layers[0])
            bad[len(bad) // 2] ^= 0x55
            layers = [bytes(bad)]
        elif name == "gzipbomb":
            z = zlib.compressobj(9, zlib.DEFLATED, 31)
            one, n = bytes(1 << 20), 1200
            head = tarfile.TarInfo("zeros")
            head.size = n << 20
            layers = [z.compress(head.tobuf()) + b"".join(z.compress(one) for _ in range(n)) + z.flush()]
        elif name == "tarbomb":
            head = bytearray(tarfile.TarInfo("huge").tobuf())
            head[124:136] = b"\x80\0\0\0" + (1 << 62).to_bytes(8, "big")
            head[148:156] = b" " * 8
            head[148:156] = b"%06o\0 " % sum(head)
            layers = [gzip.compress(bytes(head) + b"x" * 4096, mtime=0)]
        elif name == "whiteout":
            layers.append(gzip.compress(tar([("etc/.wh.", b""), ("var/.wh..wh..opqX", b""),
                                             ("var/lib/.wh.", b"")], b"2"), mtime=0))
        diff_ids = [digest(raw)] * len(layers)
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": diff_ids},
                             "history": [{"created_by": "made by " + name}] * len(layers)}).encode()
        descriptors = []
        for i, data in enumerate(layers):
            d = digest(data)
            served = data
            if name == "wrong-digest":
                served = data[:-1] + bytes([data[-1] ^ 1])
            claim = len(data) - 7 if name == "wrong-size" else len(data)
            self.blobs[d] = served
            descriptors.append({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                                "digest": d, "size": claim})
        self.layers = {x["digest"] for x in descriptors}
        self.blobs[digest(config)] = config
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                               "config": {"mediaType": "application/vnd.oci.image.config.v1+json",
                                          "digest": digest(config), "size": len(config)},
                               "layers": descriptors}).encode()
        kind = "application/vnd.oci.image.manifest.v1+json"
        if name == "badjson":
            manifest = b'{"schemaVersion":2,"layers":[' + b"\xff" * 20
        if name == "deepjson":
            manifest = b'{"layers":' + b"[" * 100000 + b"]" * 100000 + b"}"
        if name == "selfindex":
            kind = "application/vnd.oci.image.index.v1+json"
            # No document can hold its own digest; this registry lies about one.
            d = "sha256:" + "5" * 64
            manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [
                {"mediaType": kind, "digest": d, "size": 300,
                 "platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
            self.manifests[d] = (manifest, kind)
        if name in ("nested", "noimage"):
            child = {"mediaType": kind, "platform": {"os": "linux", "architecture": "amd64"}}
            if name == "noimage":
                child["platform"] = {"os": "unknown", "architecture": "unknown"}
            for _ in range(2 if name == "nested" else 1):
                self.manifests[digest(manifest)] = (manifest, kind)
                child.update(mediaType=kind, digest=digest(manifest), size=len(manifest))
                kind = "application/vnd.oci.image.index.v1+json"
                manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [child]}).encode()
        self.manifests["1"] = self.manifests[digest(manifest)] = (manifest, kind)


IMAGES = {n: Image(n) for n in NAMES}
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body=b"", kind="application/json", extra=(), length=None):
        with LOCK:
            LOG.write("%s %s %d\n" % (self.command, self.path, code))
            LOG.flush()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for k, v in extra:
            self.send_header(k, v)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/v2/":
            return self.answer(200, b"{}")
        if path == "/v2/_catalog":
            return self.answer(200, json.dumps({"repositories": NAMES}).encode())
        parts = path.split("/")
        if len(parts) != 5 or parts[2] not in IMAGES:
            return self.answer(404, b'{"errors":[{"code":"NAME_UNKNOWN"}]}')
        image, what, ref = IMAGES[parts[2]], parts[3], parts[4]
        if what == "tags":
            tags = ["0", "n\0l", "mute", "1"] if image.name == "tags" else ["1"]
            return self.answer(200, json.dumps({"name": image.name, "tags": tags}).encode())
        if what == "manifests" and ref == "0":
            return self.answer(307, extra=[("Location", self.path)])
        if what == "manifests" and ref == "mute":
            return self.answer(200, *image.manifests["1"])
        if what == "manifests" and ref in image.manifests:
            body, kind = image.manifests[ref]
            return self.answer(200, body, kind, [("Docker-Content-Digest", ref if ":" in ref else digest(body))])
        if what == "blobs" and ref in image.blobs:
            return self.blob(image, ref)
        return self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')

    def blob(self, image, ref):
        body = image.blobs[ref]
        if ref in image.layers:
            if image.name == "missing" and os.path.exists(sys.argv[1] + ".mended"):
                time.sleep(2)
            elif image.name == "missing":
                return self.answer(404, b'{"errors":[{"code":"BLOB_UNKNOWN"}]}')
            if image.name == "denied":
                return self.answer(401, b"{}", extra=[("WWW-Authenticate", 'Basic realm="never"')])
            with LOCK:
                fail = image.failures > 0
                image.failures -= fail
            if fail:
                return self.answer(*((429, b"slow down", "text/plain", [("Retry-After", "1")])
                                     if image.name == "limited" else (500, b"oops", "text/plain")))
            if image.name == "truncated":
                return self.answer(200, body[: len(body) // 2], "application/octet-stream", length=len(body))
        return self.answer(200, body, "application/octet-stream")


if __name__ == "__main__":
    LOG = open(sys.argv[2], "a")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(sys.argv[1] + ".new", "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()
