/*
 * The version schemes: one line each, one file each in common/version/.
 * Expanded for the declarations and for the table.
 */
VERSION_SCHEME(deb)
VERSION_SCHEME(apk)
VERSION_SCHEME(pep440)
