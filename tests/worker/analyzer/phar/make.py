#!/usr/bin/env python3
"""Makes what PHP does not write of what make.php made."""
import struct

whole = open("composer.in", "rb").read()
end = whole.index(b"__HALT_COMPILER(); ?>\r\n") + 23


def write(name, data):
    open(name + ".in", "wb").write(data)


def patched(offset, value):
    return whole[:offset] + value + whole[offset + len(value):]


def entry(name):
    """Offset of the sizes of a file in the manifest."""
    return whole.index(name, end) + len(name)


php = entry(b"vendor/composer/installed.php")
write("data", whole[:end] + b"something else that a program reads of itself")
write("bzip2", patched(php + 16, struct.pack("<I", 0x2000 | 0o644)))
write("long-manifest", patched(end, struct.pack("<I", 0x7fffffff)))
write("many-files", patched(end + 4, struct.pack("<I", 0xffffffff)))
write("behind-the-end", patched(php + 8, struct.pack("<I", 100000)))
deflated = open("deflated.in", "rb").read()
at = deflated.index(b"installed.php") + 13
write("other-size", deflated[:at] + struct.pack("<I", 77) + deflated[at + 4:])
write("text", b"#!/usr/bin/env php\n<?php\necho '__HALT_COMPILER();';")
write("no-list", patched(whole.index(b"'versions'") + 1, b"variants"))
