#!/usr/bin/env python3
"""A gate before a registry: it lets everything through, but can hold a blob.

    gate.py UPSTREAM DIR

Listens on 127.0.0.1, port in DIR/gate.port; UPSTREAM is HOST:PORT.  While the file
DIR/hold.HEX exists (HEX: the blob's sha256), a GET of that blob gets the first half
of its body and then a byte now and then, so that no client takes it for dead.  When
that half is sent, DIR/held.HEX is there, for a test that wants to kill who waits for
the rest there and nowhere else.  Each GET of a blob leaves a line in
DIR/gate.log when it ends: "whole HEX", or "cut HEX" when the client hung up.
"""
import http.client, os, select, socket, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPSTREAM, DIR = sys.argv[1], sys.argv[2]


def path(name):
    return os.path.join(DIR, name)


def write(name, text):
    with open(path(name + ".new"), "w") as f:
        f.write(text + "\n")
    os.rename(path(name + ".new"), path(name))


class Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def hung_up(self):
        ready, _, _ = select.select([self.connection], [], [], 0.02)
        return bool(ready) and self.connection.recv(1, socket.MSG_PEEK) == b""

    def hold(self, rest, blob):
        """What is left when the blob may go on; None when the client went away."""
        write("held." + blob, "")
        sent = time.monotonic()
        while os.path.exists(path("hold." + blob)):
            if self.hung_up():
                return None
            if time.monotonic() - sent > 0.5 and len(rest) > 1:
                self.wfile.write(rest[:1])
                rest, sent = rest[1:], time.monotonic()
        return rest

    def body(self, body, blob):
        half = len(body) // 2
        try:
            if blob and os.path.exists(path("hold." + blob)):
                self.wfile.write(body[:half])
                body = self.hold(body[half:], blob)
                if body is None:
                    return False
            self.wfile.write(body)
        except OSError:
            return False
        return True

    def do_GET(self):
        up = http.client.HTTPConnection(UPSTREAM, timeout=60)
        up.request(self.command, self.path, headers={k: v for k, v in self.headers.items() if k != "Connection"})
        answer = up.getresponse()
        body = answer.read()
        blob = self.path.rsplit("sha256:", 1)[-1] if "/blobs/" in self.path and self.command == "GET" else None
        self.send_response(answer.status)
        for k, v in answer.getheaders():
            if k.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(k, v)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        whole = self.command == "HEAD" or self.body(body, blob)
        self.close_connection = self.close_connection or not whole
        if blob:
            with open(path("gate.log"), "a") as f:
                f.write("%s %s\n" % ("whole" if whole else "cut", blob))

    do_HEAD = do_GET


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Gate)
    write("gate.port", str(server.server_address[1]))
    server.serve_forever()
