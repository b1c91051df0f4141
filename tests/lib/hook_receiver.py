#!/usr/bin/env python3
"""A receiver of notifications: hook_receiver.py PORT DIR.  PORT 0 chooses one; it is
written to DIR/port.  The Nth POST becomes DIR/N.json (its body) and DIR/N.headers.
While DIR/fail exists it answers 500; while DIR/hang exists it keeps what it got and
does not answer."""
import http.server
import os
import sys
import threading
import time

port, folder = int(sys.argv[1]), sys.argv[2]
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if os.path.exists(folder + "/fail"):
            self.send_response(500)
            self.end_headers()
            return
        with lock:
            n = len([f for f in os.listdir(folder) if f.endswith(".json")]) + 1
            with open(folder + "/%d.headers" % n, "w") as f:
                f.write(self.path + "\n" + str(self.headers))
            with open(folder + "/tmp", "wb") as f:
                f.write(body)
            os.rename(folder + "/tmp", folder + "/%d.json" % n)
        while os.path.exists(folder + "/hang"):
            time.sleep(0.1)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
server.daemon_threads = True
with open(folder + "/port.tmp", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(folder + "/port.tmp", folder + "/port")
server.serve_forever()
