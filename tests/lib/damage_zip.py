#!/usr/bin/env python3
"""damage_zip.py IN OUT SEED [PERCENT]: a copy of a zip in which PERCENT (1) of the
documents, one at least, are cut, have bytes changed or are replaced by noise.
Prints their names, without .json."""
import random, sys, zipfile

src, dst, seed = sys.argv[1:4]
percent = float(sys.argv[4]) if len(sys.argv) > 4 else 1
rng = random.Random(int(seed))
with zipfile.ZipFile(src) as z, zipfile.ZipFile(dst, "w", zipfile.ZIP_DEFLATED) as out:
    names = z.namelist()
    hit = set(rng.sample(names, max(1, round(len(names) * percent / 100))))
    for name in names:
        data = bytearray(z.read(name))
        if name in hit:
            how = rng.randrange(3)
            if how == 0:
                data = data[:rng.randrange(len(data))]
            elif how == 1:
                for _ in range(rng.randrange(1, 4)):
                    data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
            else:
                data = bytearray(rng.randbytes(rng.randrange(1, 2 * len(data))))
        out.writestr(name, bytes(data))
print("\n".join(sorted(n[:-5] for n in hit)))
