#!/usr/bin/env python3
"""make.py [Sarif.Multitool]: the samples of this folder; without the program
all but net8, which holds its list of files.  See ORIGIN."""
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MARK = bytes.fromhex("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae")
DATA = 0x1000           # where the data is that can be written
SIZE = 0x200            # of it; the program ends there


def elf(data, constants=b""):
    """A program of constants and data, both in parts of their own."""
    part = struct.Struct("<IIQQQQQQ")
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    head += part.pack(1, 4, 0, 0, 0, DATA, DATA, 0x1000)
    head += part.pack(1, 6, DATA, DATA + 0x1000, 0, SIZE, SIZE, 0x1000)
    return (head + constants).ljust(DATA, b"\0") + data.ljust(SIZE, b"\0")


def pe(data):
    head = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0"
    head += struct.pack("<HHIIIHH", 0x8664, 2, 0, 0, 0, 240, 0x22)
    head += struct.pack("<H", 0x20b).ljust(240, b"\0")
    for name, offset, size, flags in ((b".rdata", 0x400, 0xc00, 0x40000040),
                                      (b".data", DATA, SIZE, 0xc0000040)):
        head += name.ljust(8, b"\0") + struct.pack(
            "<IIII12xI", size, offset + 0x1000, size, offset, flags)
    return head.ljust(DATA, b"\0") + data.ljust(SIZE, b"\0")


def macho(data, rest):
    """The last part counts what is behind the program."""
    def segment(name, offset, size, prot):
        return struct.pack("<II", 0x19, 72) + name.ljust(16, b"\0") + \
            struct.pack("<QQQQIIII", offset, size, offset, size, prot, prot, 0, 0)
    parts = segment(b"__DATA", DATA, SIZE, 3) + \
        segment(b"__LINKEDIT", DATA + SIZE, rest, 1)
    head = struct.pack("<IIIIIIII", 0xfeedfacf, 0x0100000c, 0, 2, 2, len(parts), 0, 0)
    return (head + parts).ljust(DATA, b"\0") + data.ljust(SIZE, b"\0")


def placeholder(offset):
    return b"App.dll".ljust(0x40, b"\0") + struct.pack("<Q", offset) + MARK


def text(s):
    n, out = len(s), b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n]) + s


def bundle(files, major, begin=DATA + SIZE, deps=None, count=None):
    """(bytes behind the program, offset of the header); files are (name, type,
    content); deps: another (offset, size) than the true one."""
    body, entries, where, config = b"", b"", (0, 0), (0, 0)
    for name, kind, content in files:
        body += bytes(-(begin + len(body)) % 16 if kind == 1 else 0)
        at = begin + len(body)
        entries += struct.pack("<QQ", at, len(content))
        entries += struct.pack("<Q", 0) if major >= 6 else b""
        entries += bytes([kind if major > 1 else 0]) + text(name)
        where = (at, len(content)) if kind == 3 else where
        config = (at, len(content)) if kind == 4 else config
        body += content
    head = struct.pack("<III", major, 0, len(files) if count is None else count)
    head += text(b"Sc3CqCC3Uh6OWSaxa4jGenTnbaQ+OyI=" if major > 2 else b"x" * 130)
    if major >= 2:
        head += struct.pack("<QQQQQ", *(where if deps is None else deps), *config, 0)
    return body + head + entries, begin + len(body)


def deps(version, libraries):
    target = ".NETCoreApp,Version=v%s/linux-x64" % version
    files = {"App/1.0.0": {"dependencies": {}, "runtime": {"App.dll": {}}}}
    kinds = {"App/1.0.0": {"type": "project", "serviceable": False, "sha512": ""}}
    for name, kind in libraries:
        files[name] = {"runtime": {"lib/%s.dll" % name.split("/")[0]: {}}}
        kinds[name] = {"type": kind, "serviceable": True, "sha512": "a\\\"{"}
    return json.dumps({"runtimeTarget": {"name": target, "signature": ""},
                       "compilationOptions": {}, "targets": {target: files},
                       "libraries": kinds}, indent=2).encode()


def write(name, content, want):
    for suffix, data in ((".in", content), (".want", want.encode()),
                         (".path", b"app/%s\n" % name.encode())):
        with open(os.path.join(HERE, name + suffix), "wb") as f:
            f.write(data)


def rows(*packages):
    return "".join("nuget\t%s\t%s\t\t\t\t\n" % p for p in packages)


JSON_13 = ("Newtonsoft.Json/13.0.1", "package")
APP = (b"App.dll", 1, b"MZ an assembly")
CONFIG = (b"App.runtimeconfig.json", 4, b'{"runtimeOptions":{}}')


def app(version, *libraries):
    return (b"App.deps.json", 3, deps(version, libraries))


def elf_of(files, major, **how):
    rest, header = bundle(files, major, **how)
    return elf(placeholder(header)) + rest


def main():
    pack5 = ("runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/5.0.17", "runtimepack")
    want5 = rows(("Newtonsoft.Json", "13.0.1"),
                 ("Microsoft.NETCore.App.Runtime.linux-x64", "5.0.17"))
    five = [APP, app("5.0", JSON_13, pack5), CONFIG, (b"b/x.dll", 1, b"MZ" * 50)]
    write("net5", elf_of(five, 2), want5)
    rest, header = bundle(five, 2)
    write("pe", pe(placeholder(header)) + rest, want5)
    write("macho", macho(placeholder(header), len(rest)) + rest, want5)
    # of .NET Core 3 files have no types, and whatever is named so is unpacked
    tool = (b"tools/t.deps.json", 0, deps("3.1", [("Tool.Lib/2.0.0", "package")]))
    write("core3", elf_of([APP, tool, app("3.1", JSON_13), CONFIG], 1),
          rows(("Tool.Lib", "2.0.0"), ("Newtonsoft.Json", "13.0.1")))
    # one that is not bundled; one whose publisher wanted no list
    write("no-bundle", elf(placeholder(0)) + b"\0" * 64, "")
    write("no-deps", elf_of([APP, CONFIG], 6), "")
    # those who look for bundles: the mark behind anything, or among constants
    write("seeker", elf(b"A table\0" + MARK + struct.pack("<Q", DATA + 8) + MARK +
                        struct.pack("<Q", DATA + SIZE - 8) + MARK +
                        struct.pack("<Q", 1 << 40) + MARK + b"odd" +
                        struct.pack("<Q", DATA + SIZE + 0x9000) + MARK,
                        b"\0" * 200 + struct.pack("<Q", DATA + SIZE) + MARK) +
          bytes(100), "")
    # headers that lie or cannot be read
    write("cut", elf(placeholder(0x200000)) + b"what is left", "! malformed\n")
    write("newer", elf_of(five, 7), "! unsupported\n")
    begin = DATA + SIZE
    write("wrong-place", elf_of([(b"b.dll", 1, b"MZ" * 50)] + five, 6,
                                deps=(begin, 2000)), "! malformed\n")
    write("behind-the-end", elf_of(five, 6, deps=(2**63, 2**63)), "! malformed\n")
    n = len(five[1][2])
    write("short", elf_of([five[1], APP], 6, deps=(begin, n - 1)), "! malformed\n")
    write("many-files", elf_of([APP, app("3.1", JSON_13)], 1, count=2**31),
          rows(("Newtonsoft.Json", "13.0.1")) + "! malformed\n")
    # one file said to be many: each would be read anew
    program = elf_of([APP, app("3.1", JSON_13)], 1, count=5)
    entry = struct.calcsize("<QQBB") + len("App.deps.json")
    write("said-again", program + program[-entry:] * 3, rows(("Newtonsoft.Json", "13.0.1")))
    write("endless-id", elf(placeholder(begin)) + struct.pack("<III", 6, 0, 1) +
          b"\xff" * 64, "! malformed\n")
    # more texts than are kept
    other = (b"x.json", 0, b'{"runtimeTarget":{}}')
    write("many-texts", elf_of([other] * 64 + [app("6.0", JSON_13)], 6), "! limit\n")
    # an object like it inside, far from the end; strings with braces and quotes
    # (what is read of a program at first is 16 KiB)
    inside = b'{"a": "%s", "b": {"runtimeTarget": "}\\\\\\"{%s"}}' % (b"-" * 16384, b"-" * 9000)
    text6 = b"\xef\xbb\xbf" + app("6.0", JSON_13)[2].replace(b": {}", b": " + inside, 1)
    write("strings", elf_of([APP, (b"App.deps.json", 3, text6), CONFIG], 6),
          rows(("Newtonsoft.Json", "13.0.1")))
    if len(sys.argv) > 1:
        real(open(sys.argv[1], "rb").read())


def real(program):
    """Its own list of files with the offsets moved, a part of its own
    .deps.json, the assemblies empty."""
    header, = struct.unpack_from("<Q", program, program.rindex(MARK) - 8)
    count, = struct.unpack_from("<I", program, header + 8)
    at = header + 13 + program[header + 12]
    where = struct.unpack_from("<QQ", program, at)
    listing = json.loads(program[where[0]:sum(where)])
    target = listing["targets"][listing["runtimeTarget"]["name"]]
    for name in list(target)[24:]:
        del target[name], listing["libraries"][name]
    body = json.dumps(listing, indent=2).replace("\n", "\r\n").encode()
    begin = DATA + SIZE + 64
    tail = bytearray(program[header:])
    struct.pack_into("<QQ", tail, at - header, begin, len(body))
    assert struct.unpack_from("<I", tail, 8)[0] == count
    packages = []
    for name, entry in listing["libraries"].items():
        if entry["type"] in ("package", "runtimepack") and any(
                k in target[name] for k in ("runtime", "native", "runtimeTargets")):
            name, version = name.rsplit("/", 1)
            packages.append((name.removeprefix("runtimepack."), version))
    write("net8", elf(placeholder(begin + len(body))) + bytes(64) + body + bytes(tail),
          rows(*packages))


main()
