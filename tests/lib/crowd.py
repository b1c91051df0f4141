#!/usr/bin/env python3
"""A crowd of senders, all at once.

    crowd.py URL SECRET COUNT PREFIX

Opens COUNT connections, sends one webhook on each (event ids PREFIX-0 ...), and
prints a line for each answer: the status, and the seconds it took.
"""
import asyncio, json, sys, time
from urllib.parse import urlsplit

url, secret, count, prefix = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]


async def one(n):
    event = {"id": "%s-%d" % (prefix, n), "action": "pull", "target": {"repository": "crowd", "digest": ""}}
    body = json.dumps({"events": [event]}).encode()
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(("POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n"
                  "Connection: close\r\n\r\n" % (url.path, secret, len(body))).encode() + body)
    status = (await reader.readline()).split()
    writer.close()
    print(status[1].decode() if len(status) > 1 else "none", "%.1f" % (time.monotonic() - began))


async def all_of_them():
    await asyncio.gather(*(one(n) for n in range(count)))


asyncio.run(all_of_them())
