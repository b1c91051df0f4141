/* Every analyzer, one line each; expanded once for declarations and once for
 * the table, so no guard. */
ANALYZER(apk)
ANALYZER(dpkg)
ANALYZER(dpkg_files)
ANALYZER(os_release)
ANALYZER(pypi)
