#!/usr/bin/env python3
"""fat.py OUT ALIGN [-64] SLICE...: put Mach-O files into one universal file."""
import struct, sys

out, align, *slices = sys.argv[1:]
align = int(align)
wide = slices[0] == "-64"
slices = [open(p, "rb").read() for p in slices[wide:]]
at = 8 + len(slices) * (32 if wide else 20)
table = struct.pack(">II", 0xcafebabf if wide else 0xcafebabe, len(slices))
body = b""
for s in slices:
    pad = -at % align
    body += bytes(pad) + s
    at += pad
    # processor, its kind: of Mach-O's own header, in its order
    e = "<" if s[:4] in (b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe") else ">"
    table += struct.pack(">II", *struct.unpack_from(e + "II", s, 4))
    table += struct.pack(">QQII" if wide else ">III", at, len(s), align.bit_length() - 1, *[0] * wide)
    at += len(s)
open(out, "wb").write(table + body)
