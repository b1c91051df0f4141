#!/usr/bin/env python3
"""Make the samples of this folder.  real.z is section .dep-v0 of a program that
cargo-auditable 0.7 built; the files around it are made here."""
import json, os, struct, zlib

here = os.path.dirname(os.path.abspath(__file__))


def elf(text, tail, note=b""):
    """Constants in a part of their own, code, data; ${tail} is in no part."""
    parts = [(4, b"x\x9c constants \x78\x01 \x78\xda\xff"), (5, b"x" * 200), (6, bytes(40))]
    if text is not None:
        parts[0] = (4, parts[0][1] + text)
    start = 64 + 56 * len(parts)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, len(parts), 0, 0, 0)
    body = b""
    for flags, data in parts:
        at = start + len(body)
        head += struct.pack("<IIQQQQQQ", 1, flags, at, at, 0, len(data), len(data), 1)
        body += data
    return head + body + b".comment" + (tail or b"") + b"\0.shstrtab"


def pe(data):
    out = bytearray(b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0")
    out += struct.pack("<HHIIIHH", 0x8664, 2, 0, 0, 0, 112, 0x22)
    out += struct.pack("<H", 0x20b) + bytes(110)
    at = len(out) + 80
    out += struct.pack("<8sIIIIIIHHI", b".text", 8, 0x1000, 8, at, 0, 0, 0, 0, 0x60000020)
    out += struct.pack("<8sIIIIIIHHI", b".dep-v0", len(data), 0x2000, len(data), at + 8, 0, 0, 0, 0, 0x40000040)
    return bytes(out) + b"x" * 8 + data


def macho(data):
    out = struct.pack("<IIIIIIII", 0xfeedfacf, 0x01000007, 3, 2, 1, 72, 0, 0)
    out += struct.pack("<II16sQQQQIIII", 25, 72, b"__DATA", 0x1000, len(data), 104, len(data), 3, 3, 0, 0)
    return out + data


def write(name, data):
    open(name + ".in", "wb").write(data)
    open(name + ".path", "w").write("usr/local/bin/" + name + "\n")


def z(value, **kw):
    text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return zlib.compress(text, **kw)


def package(name, version="1.0.0", source="crates.io", **kw):
    return dict(name=name, version=version, source=source, **kw)


real = open(os.path.join(here, "real.z"), "rb").read()
write("real", elf(None, real))
write("loaded", elf(real, None))
write("pe", pe(real))
write("macho", macho(real))

def wasm(data):
    def leb(n):
        return bytes([n & 127 | 128]) + leb(n >> 7) if n > 127 else bytes([n])
    body = b"\x07.dep-v0" + data
    return b"\0asm\1\0\0\0" + b"\1\4\1\x60\0\0" + b"\0" + leb(len(body)) + body


def fat(*slices):
    at, table, body = 8 + 20 * len(slices), struct.pack(">II", 0xcafebabe, len(slices)), b""
    for s in slices:
        body += bytes(-at % 64) + s
        at += -at % 64
        table += struct.pack(">5I", *struct.unpack_from("<II", s, 4), at, len(s), 6)
        at += len(s)
    return table + body


write("wasm", wasm(real))
# the same twice, then another one
write("fat", fat(macho(real), macho(real), macho(z({"packages": [package("only-here")]}))))
write("levels-stored", elf(None, z({"packages": [package("a")]}, level=0)))
write("levels-fast", elf(None, z({"packages": [package("a"), package("b")]}, level=1)))
write("sources", elf(None, z({"packages": [
    package("root", source="local", root=True, dependencies=[1, 2]), package("a", source="CratesIo"),
    package("b", source="git"), package("c", source="registry"), package("d", source="sparse+x"),
    package("e", kind="build"), package("f", kind="development"), package("g", kind="runtime")], "format": 8})))
write("cycle", elf(None, z({"packages": [package("a", dependencies=[1]), package("b", dependencies=[0])]})))
write("bad-graph", elf(None, z({"packages": [package("a", dependencies=[7]), package("b", dependencies=[1]),
                                            package("c"), {"name": "d", "source": "crates.io"}]})))
write("format-first", elf(None, z({"format": 1, "packages": [package("a")]})))
write("other-json", elf(None, z({"packaged": 1})))
write("no-list", elf(None, z({"packages": {}})))
write("no-json", elf(None, z(b'{"packages":[')))
bad = bytearray(z({"packages": [package("a")]}))
bad[-1] ^= 1
write("wrong-checksum", elf(None, bytes(bad)))
write("cut", elf(None, real)[:-40])
open("9-mib.elf", "wb").write(elf(None, z(b'{"packages":[' + b" " * (9 << 20) + b"]}", level=9)))
