#!/usr/bin/env python3
"""Make bad-records.in and bad-versions.in: rpm's table in SQLite with headers of
three texts, some of which are missing or no versions."""
import os, sqlite3, struct

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def header(name, version, release="1"):
    tags, data = [], b""
    for tag, text in ((1000, name), (1001, version), (1002, release)):
        if text is not None:
            tags.append(struct.pack(">4I", tag, 6, len(data), 1))
            data += text.encode() + b"\0"
    return struct.pack(">2I", len(tags), len(data)) + b"".join(tags) + data


def write(name, *headers):
    if os.path.exists(name + ".in"):
        os.unlink(name + ".in")
    db = sqlite3.connect(name + ".in")
    db.execute("PRAGMA page_size=512")
    db.execute("CREATE TABLE Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    db.executemany("INSERT INTO Packages(blob) VALUES(?)", [(h,) for h in headers])
    db.commit()
    open(name + ".path", "w").write("var/lib/rpm/rpmdb.sqlite\n")


write("bad-records", header("a", "1"), header(None, "1"), header("b", None), header("c", "2"), header("d", "1", None))
write("bad-versions", header("a", "1"), header("b", "\x01\x02"), header("c", "2 3"))
