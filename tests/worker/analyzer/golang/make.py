#!/usr/bin/env python3
"""make.py IN OUT [REPLACE=BY]: cut a Go program down to what tells of its build.

Kept are the headers, the build information, and (before Go 1.18) the strings it
points to, each in a part of its own at its address in memory; texts may be
replaced by others of the same length.  The result does not run."""
import struct, sys

data = open(sys.argv[1], "rb").read()
for r in sys.argv[3:]:
    a, b = (s.encode() for s in r.split("="))
    assert len(a) == len(b)
    data = data.replace(a, b)
MAGIC = b"\xff Go buildinf:"


def parts():
    """(offset, size, address, flags as in ELF)"""
    if data[:4] == b"\x7fELF":
        e = ">" if data[5] == 2 else "<"
        wide = data[4] == 2
        phoff, = struct.unpack_from(e + ("Q" if wide else "I"), data, 32 if wide else 28)
        size, n = struct.unpack_from(e + "HH", data, 54 if wide else 42)
        for i in range(n):
            at = phoff + i * size
            if wide:
                t, fl, off, va, _, fs = struct.unpack_from(e + "IIQQQQ", data, at)
            else:
                t, off, va, _, fs, _, fl = struct.unpack_from(e + "7I", data, at)
            if t in (1, 4):
                yield off, fs, va, fl, t
    elif data[:2] == b"MZ":
        pe, = struct.unpack_from("<I", data, 60)
        n, opt = struct.unpack_from("<H", data, pe + 6)[0], struct.unpack_from("<H", data, pe + 20)[0]
        wide = struct.unpack_from("<H", data, pe + 24)[0] == 0x20b
        base, = struct.unpack_from("<Q" if wide else "<I", data, pe + (48 if wide else 52))
        for i in range(n):
            at = pe + 24 + opt + 40 * i
            va, size, off = struct.unpack_from("<III", data, at + 12)
            fl, = struct.unpack_from("<I", data, at + 36)
            yield off, size, base + va, (2 if fl >> 31 else 0) | (1 if fl >> 29 & 1 else 0) | 4, 1
    else:
        n, = struct.unpack_from("<I", data, 16)
        at = 32
        for i in range(n):
            cmd, size = struct.unpack_from("<II", data, at)
            if cmd == 25:
                va, _, off, fs, _, prot = struct.unpack_from("<QQQQII", data, at + 24)
                yield off, fs, va, (4 if prot & 1 else 0) | (prot & 2) | (1 if prot & 4 else 0), 1
            at += size


P = list(parts())
kept = []       # (address, bytes, flags, type)


def keep(off, n):
    for o, s, va, fl, t in P:
        if t == 1 and o <= off < o + s:
            kept.append((va + off - o, data[off:off + n], fl, 1))
            return
    raise SystemExit("nowhere")


def offset(va):
    for o, s, a, fl, t in P:
        if t == 1 and a <= va < a + s:
            return o + va - a
    return None


at = -16
while True:
    at = data.find(MAGIC, at + 16)
    if at < 0:
        raise SystemExit("no build information")
    if any(o <= at < o + s and fl & 2 and t == 1 for o, s, va, fl, t in P) and at % 16 == 0:
        break
size, flags = data[at + 14], data[at + 15]
if flags & 2:
    end = at + 32
    for i in range(2):
        n = shift = 0
        while True:
            b = data[end]; end += 1
            n |= (b & 127) << shift; shift += 7
            if b < 128:
                break
        end += n
    keep(at, end - at)
else:
    e = ">" if flags & 1 else "<"
    f = e + ("Q" if size == 8 else "I")
    keep(at, 32)
    for i in range(2):
        va, = struct.unpack_from(f, data, at + 16 + i * size)
        h = offset(va)
        if h is None:
            continue
        keep(h, 2 * size)
        s, n = struct.unpack_from(e + ("QQ" if size == 8 else "II"), data, h)
        if n:
            keep(offset(s), n)
for o, s, va, fl, t in P:
    if t == 4 and b"Go\0\0" in data[o:o + s]:
        kept.append((va, data[o:o + s], fl, 4))
kept.sort(key=lambda k: (k[3] != 4, bool(k[2] & 2), k[0]))
out = bytearray()
if data[:4] == b"\x7fELF":
    e = ">" if data[5] == 2 else "<"
    wide = data[4] == 2
    start = (64 if wide else 52) + len(kept) * (56 if wide else 32)
    out += data[:64 if wide else 52]
    struct.pack_into(e + ("QQQ" if wide else "III"), out, 24, 0, 64 if wide else 52, 0)
    struct.pack_into(e + "HHHHH", out, 54 if wide else 42, 56 if wide else 32, len(kept), 0, 0, 0)
    off = start
    body = b""
    for va, b, fl, t in kept:
        pad = -(off + len(body)) % 16
        body += bytes(pad)
        o = off + len(body)
        if wide:
            out += struct.pack(e + "IIQQQQQQ", t, fl, o, va, va, len(b), len(b), 16)
        else:
            out += struct.pack(e + "8I", t, o, va, va, len(b), len(b), fl, 16)
        body += b
    out += body
elif data[:2] == b"MZ":
    pe, = struct.unpack_from("<I", data, 60)
    opt = struct.unpack_from("<H", data, pe + 20)[0]
    wide = struct.unpack_from("<H", data, pe + 24)[0] == 0x20b
    base, = struct.unpack_from("<Q" if wide else "<I", data, pe + (48 if wide else 52))
    out += data[:pe + 24 + opt]
    struct.pack_into("<H", out, pe + 6, len(kept))
    struct.pack_into("<II", out, pe + 12, 0, 0)     # no symbols
    off = len(out) + 40 * len(kept)
    body = b""
    for va, b, fl, t in kept:
        body += bytes(-(off + len(body)) % 16)
        ch = 0x40000040 | (0x80000000 if fl & 2 else 0)
        out += struct.pack("<8sIIIIIIHHI", b".x", len(b), va - base, len(b), off + len(body), 0, 0, 0, 0, ch)
        body += b
    out += body
else:
    out += data[:32]
    struct.pack_into("<II", out, 16, len(kept), 72 * len(kept))
    off = 32 + 72 * len(kept)
    body = b""
    for va, b, fl, t in kept:
        body += bytes(-(off + len(body)) % 16)
        out += struct.pack("<II16sQQQQIIII", 25, 72, b"__X", va, len(b), off + len(body), len(b),
                           3 if fl & 2 else 1, 3 if fl & 2 else 1, 0, 0)
        body += b
    out += body
open(sys.argv[2], "wb").write(out)
