/*
 * The version schemes: one line each, one file each in common/version/.
 * Expanded for the declarations and for the table.
 */
VERSION_SCHEME(deb)
VERSION_SCHEME(apk)
VERSION_SCHEME(pep440)
VERSION_SCHEME(rpm)
VERSION_SCHEME(rpmvercmp)
VERSION_SCHEME(semver)
VERSION_SCHEME(maven)
VERSION_SCHEME(gem)
VERSION_SCHEME(nuget)
VERSION_SCHEME(composer)
VERSION_SCHEME(go)
VERSION_SCHEME(hex)
VERSION_SCHEME(pub)
VERSION_SCHEME(cran)
VERSION_SCHEME(bitnami)
VERSION_SCHEME(pacman)
VERSION_SCHEME(generic)
