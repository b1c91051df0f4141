/* The kinds of advisory source: one line each, one file each in feed/. */
FEED(osv)
FEED(secdb)
FEED(debian_tracker)
FEED(openvex)
FEED(csaf)
FEED(alas)
FEED(oval)
