#!/usr/bin/env python3
"""The samples of this folder that Go's linker did not write."""
import struct


def elf(*parts):
    """(offset-independent) parts: (flags, type, bytes)"""
    start = 64 + 56 * len(parts)
    head = bytearray(b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, len(parts), 0, 0, 0))
    body = b""
    for flags, kind, data in parts:
        body += bytes(-(start + len(body)) % 16)
        at = start + len(body)
        head += struct.pack("<IIQQQQQQ", kind, flags, at, 0x400000 + at, 0, len(data), len(data), 16)
        body += data
    return bytes(head) + body


def uvarint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def info(version, lines, framed=True):
    text = "".join(l + "\n" for l in lines).encode()
    if framed:
        text = bytes.fromhex("3077af0c9274080241e1c107e6d618e6") + text + bytes.fromhex("f932433186182072008242104116d8f2")
    v = version.encode()
    return b"\xff Go buildinf:\x08\x02" + bytes(16) + uvarint(len(v)) + v + uvarint(len(text)) + text


NOTE = struct.pack("<III", 4, 4, 4) + b"Go\0\0id\0\0"
RW, R, X = 6, 4, 5


def write(name, data):
    open(name + ".in", "wb").write(data)
    open(name + ".path", "w").write("usr/local/bin/" + name + "\n")


MOD = "mod\texample.org/app\tv1.4.0\th1:x="
write("upx", elf((X, 1, b"code"))[:120] + struct.pack("<I4sHBB", 0x12345678, b"UPX!", 0x8f8, 14, 14) + bytes(64))
write("before-1.13", elf((R, 4, NOTE), (X, 1, b"code"), (RW, 1, bytes(64))))
write("cut-off", elf((R, 4, NOTE), (RW, 1, info("go1.22.3", [MOD])))[:-40])
write("wrong-version", elf((R, 4, NOTE), (RW, 1, info("1.22.3", [MOD]))))
write("unframed", elf((RW, 1, info("go1.22.3", [MOD], framed=False))))
write("vendor-suffix", elf((RW, 1, info("go1.26.5 (Red Hat 1.26.5-1.el9) X:boringcrypto", [MOD]))))
write("vendor-dash", elf((RW, 1, info("go1.22.3-1-X:boringcrypto", [MOD]))))
write("devel-dash", elf((RW, 1, info("go1.26-devel_2ebaff4890", [MOD]))))
write("old-experiment", elf((RW, 1, info("go1.20.4 X:boringcrypto,arenas", [MOD]))))
write("release-candidate", elf((RW, 1, info("go1.21rc2", [MOD]))))
write("devel", elf((RW, 1, info("devel go1.23-2ebaff4890 Mon Jan 1 00:00:00 2024 +0000", [MOD]))))
write("devel-without-version", elf((RW, 1, info("devel +2ebaff4890 Mon Jan 1 00:00:00 2019 +0000", [MOD]))))
# the magic stands misaligned, in a part that is only read, and then right, far
# from the beginning of its part; in the second part that can be written
write("decoys", elf((R, 1, info("go1.1", [])), (RW, 1, b"\0" * 8 + info("go1.2", [])),
                    (RW, 1, bytes(70000) + bytes(-(70000) % 16) + info("go1.22.3", [MOD]))))
write("main-module-replaced", elf((RW, 1, info("go1.22.3", [
    "path\texample.org/app", "mod\texample.org/app\tv1.0.0", "=>\texample.org/app2\tv1.0.1\th1:x=",
    "dep\texample.org/a\tv1.0.0\t", "dep\texample.org/b\tv0.1.0", "=>\tC:/src/b\t(devel)\t",
    "dep\texample.org/c\tv0.2.0", "=>\t../c\t", "dep\texample.org/d\t(devel)\t",
    "dep\tgopkg.in/yaml.v2\tv2.4.0+incompatible\th1:x="]))))
write("pseudo-version", elf((RW, 1, info("go1.22.3", ["mod\texample.org/app\tv0.0.0-20240101000000-0123456789ab\t"]))))
write("prometheus", elf((RW, 1, info("go1.22.3", [
    "mod\tgithub.com/prometheus/prometheus\t(devel)\t",
    'build\t-ldflags="-X github.com/prometheus/common/version.Version=2.45.0 -X github.com/prometheus/common/version.Branch=HEAD"']))))
# headers not at the front: everything is searched
d = bytearray(elf((RW, 1, info("go1.22.3", [MOD]))))
struct.pack_into("<Q", d, 32, 1 << 40)
write("headers-elsewhere", bytes(d))
# older format, pointing nowhere
write("pointers-nowhere", elf((R, 4, NOTE), (RW, 1, b"\xff Go buildinf:\x08\x00" + struct.pack("<QQ", 0x10, 0x20))))
# the same in a program that reads such headers itself (the go command): its
# version, and the magic among its own data
def reads_headers(version, header):
    pointers = struct.pack("<QQ", header + 32, 0)
    return elf((R, 4, NOTE), (R, 1, b"go1.17.13" + bytes(7)),
               (RW, 1, b"\xff Go buildinf:\x08\x00" + pointers + struct.pack("<QQ", version, 9) +
                b"\xff Go buildinf:\x00\x00client finished\x00"))


d = reads_headers(0, 0)
write("reads-headers", reads_headers(0x400000 + d.find(b"go1.17.13"), 0x400000 + d.find(b"\xff Go")))
