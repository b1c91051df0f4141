/* Every analyzer, one line each; expanded once for declarations and once for
 * the table, so no guard. */
ANALYZER(apk)
ANALYZER(composer)
ANALYZER(dpkg)
ANALYZER(dpkg_files)
ANALYZER(gem)
ANALYZER(npm)
ANALYZER(nuget)
ANALYZER(os_release)
ANALYZER(pecl)
ANALYZER(pypi)
