#!/usr/bin/env python3
"""Prints a TCP port of 127.0.0.1 that is free, and so is the one after it, where
`scanfarm up` listens for workers.  It is none of those that the kernel gives to
outgoing connections: a server that keeps its port over a restart would find it
taken by one."""
import random
import socket

with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
    first, last = map(int, f.read().split())
while True:
    port = random.randrange(10000, 65535)
    if first <= port + 1 and port <= last:
        continue
    try:
        for p in port, port + 1:
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", p))
    except OSError:
        continue
    print(port)
    break
