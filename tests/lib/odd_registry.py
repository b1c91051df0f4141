#!/usr/bin/env python3
"""A registry whose HTTP is odd, one way per repository, for the client's tests.

    odd_registry.py DIR

Writes the ports of two servers to DIR/odd.port ("PORT OTHER") and each request to
DIR/odd.log ("o" or "x", method, path, Authorization or -).  Every repository has
the blob of BODY; the names below say what is wrong with its answers.
"""
import hashlib, os, sys, threading, time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIR = sys.argv[1]
BODY = b"0123456789" * 20000
DIGEST = "sha256:" + hashlib.sha256(BODY).hexdigest()
MANIFEST = b'{"schemaVersion":2,"layers":[]}'
OTHER = [0]
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    side = "o"

    def log_message(self, *args):
        pass

    def answer(self, code, body=b"", length=None, **headers):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def note(self):
        with LOCK, open(os.path.join(DIR, "odd.log"), "a") as f:
            f.write("%s %s %s %s\n" % (self.side, self.command, self.path,
                                       self.headers.get("Authorization", "-")))

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.note()
        name = self.path.split("/")[2]
        getattr(self, "odd_" + name)()

    def odd_good(self):
        self.answer(200, BODY)

    def odd_short(self):
        self.answer(200, BODY[:-1000], length=len(BODY))

    def odd_drip(self):
        try:
            self.answer(200, b"", length=len(BODY))
            while True:
                self.wfile.write(b"0123456789")
                time.sleep(0.2)
        except OSError:
            pass

    def odd_lying(self):
        self.answer(200, BODY[:-1] + b"x")

    def odd_longer(self):
        self.answer(200, BODY + b"more")

    def odd_limited(self):
        self.answer(429, b"slow down", Retry_After="7")

    def odd_later(self):
        self.answer(429, b"slow down", Retry_After=formatdate(time.time() + 99, usegmt=True))

    def odd_broken(self):
        self.answer(500, b"<html>oops" * 100000)

    def odd_loop(self):
        self.answer(307, Location=self.path)

    def odd_file(self):
        self.answer(302, Location="file:///etc/passwd")

    def odd_nowhere(self):
        self.answer(307, Location="//other.invalid/x")

    def odd_moved(self):
        self.answer(307, b"a page about it", Location="http://127.0.0.1:%d/v2/good/x" % OTHER[0])

    def odd_thief(self):
        self.answer(307, Location="http://127.0.0.1:%d/v2/steal/x" % OTHER[0])

    def odd_steal(self):
        realm = 'Bearer realm="http://127.0.0.1:%d/v2/token/x"' % OTHER[0]
        self.answer(401, b"{}", WWW_Authenticate=realm)

    def odd_token(self):
        self.answer(200, b'{"token":"stolen"}')

    def odd_circle(self):
        self.answer(200, b'{"tags":["1"]}', Link='<%s>; rel="next"' % self.path)

    def odd_away(self):
        self.answer(200, b'{"tags":["1"]}', Link='<http://127.0.0.1:%d/v2/good/x>; rel="next"' % OTHER[0])

    def odd_signed(self):
        # as stores of blobs sign their URLs
        if self.path.endswith("?sig=" + 3000 * "s"):
            self.answer(200, BODY)
        else:
            self.answer(307, Location="/v2/signed/x?sig=" + 3000 * "s")

    def odd_boundless(self):
        self.answer(307, Location="/v2/signed/x?sig=" + 10000 * "s")

    def odd_pages(self):
        # two lines of Link; one of the length that marks in lists have; the last page
        if self.path.endswith("m" * 3000):
            self.answer(200, b'{"tags":["3"]}')
            return
        two = self.path.endswith("page=2")
        body = b'{"tags":["2"]}' if two else b'{"tags":["1"]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Link", '<%s>; rel="next"' % ("?mark=" + 3000 * "m" if two else "?page=2"))
        self.send_header("Link", '</v2/pages/tags/list>; rel="first"')
        self.end_headers()
        self.wfile.write(body)

    def odd_ceaseless(self):
        self.answer(200, b'{"tags":["1"]}', Link='<?mark=%s>; rel="next"' % (10000 * "m"))

    def odd_html(self):
        self.answer(200, b"<html>sign in</html>")

    def odd_claims(self):
        self.answer(200, MANIFEST, Docker_Content_Digest=DIGEST)

    def odd_silent(self):
        self.answer(200, MANIFEST)

    def odd_headers(self):
        self.send_response(200)
        try:
            for i in range(100000):
                self.send_header("X-%d" % i, "y" * 1000)
                self.flush_headers()
        except OSError:
            pass
        self.close_connection = True

    def odd_nothing(self):
        self.close_connection = True


class Other(Handler):
    side = "x"


if __name__ == "__main__":
    one, two = ThreadingHTTPServer(("127.0.0.1", 0), Handler), ThreadingHTTPServer(("127.0.0.1", 0), Other)
    OTHER[0] = two.server_address[1]
    threading.Thread(target=two.serve_forever, daemon=True).start()
    with open(os.path.join(DIR, "odd.port.new"), "w") as f:
        f.write("%d %d %s %d\n" % (one.server_address[1], OTHER[0], DIGEST, len(BODY)))
    os.rename(os.path.join(DIR, "odd.port.new"), os.path.join(DIR, "odd.port"))
    one.serve_forever()
