#!/usr/bin/python3
"""layer_corpus.py DIR SEED COUNT [odd|linked|folders]: images of several layers, as an OCI layout.

Each image is a list of layers of random changes to a small tree: packages come
and go, directories become links and files, whiteouts and opaque marks stand
before and after what they hide, hard links lead to files of the same layer.
Tar dialects, compressions and orders vary.  Only what every runtime unpacks in
the same way is made; crafted layers have tests of their own (test_apply.c).

With "odd" each layer is a tar as no diff of file systems writes it: entries of
one path again and again, whatever stood there before, in whatever order.  With
"linked" databases lie behind links, which come, lead elsewhere and go; with
"folders" these are the ones that have a file or folder for each package, and
half of the layers have no entries of the folders that their files lie in.
"""
import gzip, hashlib, io, json, os, random, subprocess, sys, tarfile

out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
odd, linked, folders = (sys.argv[4:] == [kind] for kind in ("odd", "linked", "folders"))
rnd = random.Random(seed)
blobs = os.path.join(out, "blobs", "sha256")
os.makedirs(blobs)

SITES = ["usr/lib/python3/dist-packages", "opt/venv/lib/python3.11/site-packages", "srv/app/lib"]
NAMES = ["alpha", "beta", "gamma", "delta"]


def blob(data):
    name = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, name), "wb") as f:
        f.write(data)
    return "sha256:" + name


def metadata(name):
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {rnd.randint(1, 9)}.{rnd.randint(0, 9)}\n\ntext\n".encode()


def status():
    text = ""
    for name in rnd.sample(NAMES, rnd.randint(0, len(NAMES))):
        state = rnd.choice(["installed"] * 5 + ["config-files"])
        text += f"Package: {name}\nStatus: install ok {state}\nArchitecture: amd64\nVersion: {rnd.randint(1, 9)}-{rnd.randint(1, 9)}\nMaintainer: a <a@b.example>\nDescription: x\n\n"
    return text.encode()


def apk():
    return "".join(f"P:{n}\nV:{rnd.randint(1, 9)}.{rnd.randint(0, 9)}-r{rnd.randint(0, 3)}\nA:x86_64\n\n"
                   for n in rnd.sample(NAMES, rnd.randint(1, 3))).encode()


class Tree:
    """What the layers below show: path -> 'dir', 'file' or ('link', target)."""

    def __init__(self):
        self.at = {}

    def put(self, path, what):
        parts = path.split("/")
        for i in range(1, len(parts)):
            above = "/".join(parts[:i])
            if self.at.get(above) != "dir":
                self.remove(above)
                self.at[above] = "dir"
        if what != "dir" or self.at.get(path) != "dir":
            self.remove(path)
        self.at[path] = what

    def remove(self, path):
        for p in [p for p in self.at if p == path or p.startswith(path + "/")]:
            del self.at[p]

    def has_link_above(self, path):
        parts = path.split("/")
        return any(self.at.get("/".join(parts[:i])) not in (None, "dir") for i in range(1, len(parts)))


def layer(tree, first):
    """One layer's entries, (path, kind, data), in an order runtimes do not care about."""
    entries, whiteouts, touched = [], [], set()

    def free(path):
        return not any(path == t or path.startswith(t + "/") or t.startswith(path + "/") for t in touched)

    def write(path, kind, data):
        if not free(path):
            return
        touched.add(path)
        above = path.split("/")[:-1]
        for i in range(1, len(above) + 1):
            d = "/".join(above[:i])
            if tree.at.get(d) != "dir" and d not in [e[0] for e in entries]:
                entries.append((d, "dir", None))
        entries.append((path, kind, data))

    for _ in range(rnd.randint(1, 6)):
        what = rnd.random()
        name = rnd.choice(NAMES)
        site = rnd.choice(SITES)
        if what < .35:
            write(f"{site}/{name}-1.dist-info/METADATA", "file", metadata(name))
        elif what < .5:
            write("var/lib/dpkg/status", "file", status())
        elif what < .58:
            write("lib/apk/db/installed", "file", apk())
        elif first:
            continue
        elif what < .72 and tree.at:	# a whiteout of anything that is there
            victim = rnd.choice(sorted(tree.at))
            if free(victim) and not tree.has_link_above(victim):
                touched.add(victim)
                whiteouts.append(victim)
        elif what < .8:			# an opaque directory, with or without new content
            d = rnd.choice(SITES + ["var/lib/dpkg", "usr/lib", "opt", "srv"])
            if tree.at.get(d) == "dir" and free(d):
                touched.add(d + "/.wh..wh..opq")
                entries.append((d, "dir", None))
                entries.append((d + "/.wh..wh..opq", "file", b""))
        elif what < .88:		# a directory becomes a link or a file
            d = rnd.choice(SITES + ["opt/venv", "srv", "var/lib/dpkg"])
            if free(d) and not tree.has_link_above(d):
                write(d, rnd.choice(["link", "file"]), rnd.choice([b"elsewhere", b"/nowhere/at/all"]))
        elif what < .94:		# two names of one file
            a, b = (f"{site}/{n}-2.dist-info/METADATA" for n in rnd.sample(NAMES, 2))
            if free(a) and free(b) and not tree.has_link_above(a):
                write(a, "file", metadata(name))
                write(b, "hard", a.encode())
        else:
            write(f"{site}/{name}.txt", "file", b"nothing")
    # a path through something that is no directory any more is another test's
    entries = [e for e in entries if not (tree.has_link_above(e[0]) and not first)]
    present = {e[0] for e in entries}
    entries = [e for e in entries if e[1] != "hard" or e[2].decode() in present]
    for w in whiteouts:
        d, _, base = w.rpartition("/")
        entries.append(((d + "/" if d else "") + ".wh." + base, "file", b""))
    return entries, whiteouts


def odd_layer(written, first):
    """Entries that come over each other, in a tree of a few names.  No two of
    them lead to one place: what comes there by another name is not followed."""
    folders = ["d", "d/e", "f", "f/e"]
    entries = []
    if first:			# what links will lead to
        for _ in range(rnd.randint(0, 3)):
            at = f"{rnd.choice('tu')}/{rnd.choice(folders).replace('/', '-')}"
            entries.append((f"{at}/{rnd.choice(NAMES[:2])}.dist-info/METADATA", "file", metadata(NAMES[2])))
    for _ in range(rnd.randint(2, 9)):
        what, folder, name = rnd.random(), rnd.choice(folders), rnd.choice(NAMES[:2])
        if what < .25:
            e = (folder, "dir", None)
        elif what < .4:
            e = (folder, "link", f"/{rnd.choice('tu')}/{folder.replace('/', '-')}".encode())
        elif what < .65:
            e = (f"{folder}/{name}.dist-info/METADATA", "file", metadata(name))
            written.append(e[0])
        elif what < .75:
            if not written:
                continue
            e = (f"{folder}/{name}.dist-info/METADATA", "hard", rnd.choice(written).encode())
        elif what < .8:
            e = (folder, "file", b"text")
        elif not entries:
            continue
        else:
            e = rnd.choice(entries)
        entries.append(e)
    return entries


def linked_layer():
    """Databases and the links to them, in the order in which a folder is walked."""
    entries = {}
    for _ in range(rnd.randint(1, 4)):
        what, d = rnd.random(), rnd.choice(["p", "q", "var/lib/dpkg"])
        db, name = rnd.choice([("var/lib/dpkg", "status")] * 2 + [("lib/apk/db", "installed")])
        if what < .2:
            path, e = db, ("link", rnd.choice([b"/p", b"../../../../q", b"/p/../q"]))
        elif what < .4:
            path, e = f"{rnd.choice([d, db])}/{name}", ("link", f"/{rnd.choice('pq')}/{name}".encode())
        elif what < .45:
            path, e = "p", ("link", b"q")
        elif what < .5:
            path, e = rnd.choice([db, "p", "q"]), ("dir", None)
        elif what < .85:
            path = f"{rnd.choice(['p', 'q', db])}/{name}"
            e = ("file", status() if name == "status" else apk())
        else:
            w = rnd.choice([db, f"{db}/{name}", "p", f"q/{name}", f"p/{name}"])
            path, e = "/".join(w.split("/")[:-1] + [".wh." + w.split("/")[-1]]), ("file", b"")
        entries[path] = e
        if path[:2] in ("p/", "q/") and rnd.random() < .7:
            entries.setdefault(path[0], ("dir", None))
    return [(p,) + entries[p] for p in sorted(entries)]


def folders_layer():
    """The same of databases that are folders."""
    entries, bare = {}, rnd.random() < .5
    for _ in range(rnd.randint(1, 5)):
        what, at = rnd.random(), rnd.choice(["p", "q", "r/q"])
        db, sub = rnd.choice([("var/lib/dpkg", "status.d"), ("var/lib/pacman", "local")])
        name = rnd.choice(NAMES)
        text = f"Package: {name}\nArchitecture: amd64\nVersion: {rnd.randint(1, 9)}-1\n"
        if sub == "local":
            name, text = f"{name}-1-1/desc", f"%NAME%\n{name}\n\n%VERSION%\n{rnd.randint(1, 9)}-1\n\n"
        if what < .15:
            path, e = db, ("link", f"/{at}".encode())
        elif what < .3:
            path, e = f"{db}/{sub}", ("link", f"/{at}/{sub}".encode())
        elif what < .35:
            path, e = rnd.choice([("p", b"q"), ("r", b"/"), ("q", b"r/q"), ("p", b"/r/q")])
            e = ("link", e)
        elif what < .4:
            path, e = f"{rnd.choice([at, db])}/{sub}/{name.split('/')[0]}", ("link", f"/{at}/{name.split('/')[0]}".encode())
        elif what < .45:
            path, e = f"{at}/{name}", ("file", text.encode())
        elif what < .9:
            path, e = f"{rnd.choice([at, at, db])}/{sub}/{name}", ("file", text.encode())
        else:
            w = rnd.choice([db, f"{db}/{sub}", "p", f"q/{sub}", f"{at}/{sub}/{name}"])
            path, e = "/".join(w.split("/")[:-1] + [".wh." + w.split("/")[-1]]), ("file", b"")
        entries[path] = e
        parts = path.split("/")[:-1] if path[0] in "pqr" and not bare else []
        for i in range(len(parts)):
            entries.setdefault("/".join(parts[:i + 1]), ("dir", None))
    return [(p,) + entries[p] for p in sorted(entries)]


def apply(tree, entries, whiteouts):
    for path, kind, _ in entries:
        if path.endswith("/.wh..wh..opq"):
            d = path[:-len("/.wh..wh..opq")]
            for p in [p for p in tree.at if p.startswith(d + "/")]:
                del tree.at[p]
    for w in whiteouts:
        tree.remove(w)
    for path, kind, data in entries:
        if "/.wh." in "/" + path:
            continue
        tree.put(path, {"file": "file", "hard": "file", "dir": "dir", "link": "link"}[kind])


def pack(entries):
    entries = list(entries)
    if odd or linked or folders:	# as they come
        pass
    elif rnd.random() < .5:		# marks behind what they stand beside
        entries.sort(key=lambda e: "/.wh." in "/" + e[0])
    elif rnd.random() < .5:
        entries.sort(key=lambda e: "/.wh." not in "/" + e[0])
    b = io.BytesIO()
    fmt = rnd.choice([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
    prefix = rnd.choice(["", "./"])
    with tarfile.open(fileobj=b, mode="w", format=fmt) as t:
        for path, kind, data in entries:
            i = tarfile.TarInfo(prefix + path)
            i.uid, i.gid, i.mtime = os.getuid(), os.getgid(), 1700000000
            if kind == "dir":
                i.type, i.mode = tarfile.DIRTYPE, 0o755
                t.addfile(i)
            elif kind == "link":
                i.type, i.linkname = tarfile.SYMTYPE, data.decode()
                t.addfile(i)
            elif kind == "hard":
                i.type, i.linkname = tarfile.LNKTYPE, prefix + data.decode()
                t.addfile(i)
            else:
                i.size, i.mode = len(data), 0o644
                t.addfile(i, io.BytesIO(data))
    return b.getvalue()


manifests = []
for n in range(count):
    tree, layers, diffs, written = Tree(), [], [], []
    for k in range(rnd.randint(1, 2) if odd else rnd.randint(2, 5)):
        if odd:
            entries = odd_layer(written, k == 0)
        elif linked:
            entries = linked_layer()
        elif folders:
            entries = folders_layer()
        else:
            entries, whiteouts = layer(tree, k == 0)
            apply(tree, entries, whiteouts)
        tar = pack(entries)
        diffs.append("sha256:" + hashlib.sha256(tar).hexdigest())
        if rnd.random() < .4:
            data, media = tar, "tar"
        else:
            half = len(tar) // 2		# sometimes two gzip members
            data = gzip.compress(tar[:half], mtime=0) + gzip.compress(tar[half:], mtime=0) if rnd.random() < .3 else gzip.compress(tar, mtime=0)
            media = "tar+gzip"
        layers.append({"mediaType": "application/vnd.oci.image.layer.v1." + media, "digest": blob(data), "size": len(data)})
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                           "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob(config), "size": len(config)},
                           "layers": layers}).encode()
    manifests.append({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": blob(manifest), "size": len(manifest),
                      "annotations": {"org.opencontainers.image.ref.name": f"i{n}"}})
with open(os.path.join(out, "index.json"), "w") as f:
    json.dump({"schemaVersion": 2, "manifests": manifests}, f)
with open(os.path.join(out, "oci-layout"), "w") as f:
    f.write('{"imageLayoutVersion": "1.0.0"}')
