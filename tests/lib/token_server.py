#!/usr/bin/env python3
"""A token server as distribution's specification has it, for tests.

    token_server.py DIR USER PASSWORD

Signs with DIR/key.pem (certificate DIR/cert.pem), writes its port to
DIR/token.port and every request, without the password, to DIR/token.log.
USER gets all it asks for; anonymous callers may pull from public/.  A wrong
password is 401.  Tokens live 60 seconds unless DIR/token.seconds holds another
number, and the server answers with DIR/token.status when that file is there.
"""
import base64, json, os, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DIR, USER, PASSWORD = sys.argv[1:4]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def setting(name, default):
    try:
        with open(os.path.join(DIR, name)) as f:
            return int(f.read())
    except FileNotFoundError:
        return default


def certificate():
    with open(os.path.join(DIR, "cert.pem")) as f:
        return "".join(line.strip() for line in f if "-----" not in line)


def sign(claims):
    header = {"typ": "JWT", "alg": "RS256", "x5c": [certificate()]}
    text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", os.path.join(DIR, "key.pem")],
                          input=text.encode(), stdout=subprocess.PIPE, check=True)
    return text + "." + b64(made.stdout)


def access(scopes, user):
    ret = []
    for scope in " ".join(scopes).split():
        kind, rest = scope.split(":", 1)
        name, actions = rest.rsplit(":", 1)
        actions = actions.split(",")
        if not user:
            actions = ["pull"] if name.startswith("public/") and "pull" in actions else []
        if actions:
            ret.append({"type": kind, "name": name, "actions": actions})
    return ret


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, code, value):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        user, auth = "", self.headers.get("Authorization", "")
        if auth.startswith("Basic "):
            user, _, password = base64.b64decode(auth[6:]).decode().partition(":")
            if (user, password) != (USER, PASSWORD):
                user = None
        with open(os.path.join(DIR, "token.log"), "a") as f:
            f.write("user=%s service=%s scope=%s\n" % (user, query.get("service"), query.get("scope")))
        status = setting("token.status", 200)
        if url.path != "/token" or status != 200:
            return self.answer(404 if status == 200 else status, {})
        if user is None:
            return self.answer(401, {"errors": [{"code": "UNAUTHORIZED"}]})
        now, seconds = int(time.time()), setting("token.seconds", 60)
        token = sign({"iss": "test-iss", "sub": user, "aud": query.get("service", [""])[0], "iat": now,
                      "nbf": now - 5, "exp": now + seconds, "jti": "%x" % time.time_ns(),
                      "access": access(query.get("scope", []), user)})
        self.answer(200, {"token": token, "expires_in": seconds})


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(os.path.join(DIR, "token.port.new"), "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(os.path.join(DIR, "token.port.new"), os.path.join(DIR, "token.port"))
    server.serve_forever()
