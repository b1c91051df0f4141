/*
 * Libraries that are linked into programs and other libraries, and the text in
 * their own code that tells the version.  One row: product, text (a signature,
 * signature.h), another text without which that is only a user's mention of the
 * version it was built with (NULL = none is needed), and how names of files
 * begin that are the library or its own program (blanks between several).
 * Expanded once, in linked.c, so no guard.
 */
LINKED("openssl", "OpenSSL {%V%a%p}%s%d %m", "OPENSSLDIR: \"", "libcrypto. openssl")
LINKED("zlib", " inflate {%v} Copyright 19", NULL, "libz.")
LINKED("expat", "expat_{%V}^", NULL, "libexpat.")
LINKED("curl", "libcurl/{%V}", NULL, "libcurl. libcurl- curl")
LINKED("libssh2", "SSH-2.0-libssh2_{%V}", NULL, "libssh2.")
