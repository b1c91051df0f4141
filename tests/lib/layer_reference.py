#!/usr/bin/python3
"""layer_reference.py ROOTFS: what is installed below an unpacked root, by
means that have nothing of scanfarm: dpkg-query, and the texts of apk, of
pacman, of status.d and of Python's metadata.  Rows as `scanfarm inventory --format tsv` prints them, the
first five columns, sorted."""
import os, subprocess, sys

root = os.path.abspath(sys.argv[1])
rows = []


def real(path, what=os.path.isfile):
    """The path of such a thing inside the root, its links resolved there; None =
    not there."""
    parts, at, hops = path.split("/"), [], 0
    while parts:
        p = parts.pop(0)
        if p in ("", "."):
            continue
        if p == "..":
            at = at[:-1]
            continue
        here = os.path.join(root, *at, p)
        if os.path.islink(here):
            hops += 1
            target = os.readlink(here)
            if hops > 40:
                return None
            if target.startswith("/"):
                at = []
            parts = target.split("/") + parts
        else:
            at.append(p)
    return "/".join(at) if what(os.path.join(root, *at)) else None


def each(folder, name=""):
    """(path, text) of each of the files FOLDER/*NAME that are there."""
    at = real(folder, os.path.isdir)
    for x in os.listdir(os.path.join(root, at)) if at is not None else []:
        path = real(f"{at}/{x}{name}")
        if path is not None:
            yield path, open(os.path.join(root, path)).read()


path = real("var/lib/dpkg/status")
if path is not None:
    out = subprocess.run(["dpkg-query", "--admindir=" + os.path.dirname(os.path.join(root, path)), "-W", "-f",
                          "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n"], capture_output=True, text=True)
    for line in out.stdout.splitlines():
        state, name, version, arch = line.split("\t")
        if state == "installed":
            rows.append((path, "deb", name, version, arch))
path = real("lib/apk/db/installed")
if path is not None:
    for record in open(os.path.join(root, path)).read().split("\n\n"):
        f = dict(line.split(":", 1) for line in record.splitlines())
        if "P" in f:
            rows.append((path, "apk", f["P"], f["V"], f.get("A", "")))
for path, text in each("var/lib/dpkg/status.d"):
    f = dict(line.split(": ", 1) for line in text.splitlines())
    rows.append((path, "deb", f["Package"], f["Version"], f["Architecture"]))
for path, text in each("var/lib/pacman/local", "/desc"):
    f = text.split("\n")
    rows.append((path, "alpm", f[1], f[4], ""))
for at, _, files in os.walk(root):
    if at.endswith(".dist-info") and "METADATA" in files:
        f = dict(line.split(": ", 1) for line in open(os.path.join(at, "METADATA")).read().split("\n\n")[0].splitlines())
        rows.append((os.path.relpath(os.path.join(at, "METADATA"), root), "pypi", f["Name"], f["Version"], ""))
for row in sorted(rows):
    print("\t".join(row))
