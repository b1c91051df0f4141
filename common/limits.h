/*
 * Every ceiling of scanfarm with its reason.  Bytes unless the name says
 * otherwise.  Raising one is a review of its reason; a limit that changes what
 * a layer yields also raises LIMITS_REVISION, which travels in the job, so
 * every worker gives the same answer.
 */
#ifndef LIMITS_H
#define LIMITS_H

#define LIMITS_REVISION 2

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

/* What distribution-spec asks registries to accept; we read no larger. */
#define LIMIT_MANIFEST_BYTES (4 * MIB)
/* Configs of images with thousands of history rows stay below 1 MiB. */
#define LIMIT_CONFIG_BYTES (8 * MIB)
/* Children of an index; the largest official ones have about 20. */
#define LIMIT_INDEX_CHILDREN 1000
/* An index inside an index inside ...; nobody nests deeper on purpose. */
#define LIMIT_INDEX_DEPTH 4
/* Layers of an image: overlayfs stops at 500, Docker at 127. */
#define LIMIT_IMAGE_LAYERS 1024
/* Nesting of any JSON document; jansson itself stops at 2048. */
#define LIMIT_JSON_DEPTH 64
/* Values in one JSON document: a page of 10^6 tags, a lock file of 50,000
 * packages.  An empty object costs 250 bytes, so the tree stays below 400 MB. */
#define LIMIT_JSON_VALUES 1500000
/* A JSON file in an image; the largest lock files and SBOMs seen have 20 MB. */
#define LIMIT_JSON_FILE (32 * MIB)
/* All that is read of one egg, wheel or package of Yarn's cache. */
#define LIMIT_ZIPPED_BYTES (256 * MIB)
/* Metadata inside a wheel or an egg; it holds the README, some 100 KB. */
#define LIMIT_PYTHON_METADATA (8 * MIB)
/* Catalog and tag pages: 10^6 tags in one body of CNCF distribution. */
#define LIMIT_LIST_BYTES (32 * MIB)
/* Pages of one list: 10^6 names at 100 a page; a cursor may turn in circles. */
#define LIMIT_LIST_PAGES 10000
/* Names of one list in memory: three million of them. */
#define LIMIT_LIST_HELD (256 * MIB)
/* Body of a webhook, what every sender we know stays far below. */
#define LIMIT_WEBHOOK_BYTES (1 * MIB)
/* Token responses; JWTs with thousands of scopes reach tens of KiB. */
#define LIMIT_TOKEN_BYTES (64 * KIB)

/* A layer's blob; registries accept larger, workers would block for hours. */
#define LIMIT_LAYER_BYTES (64 * GIB)
/* Uncompressed bytes of a layer. */
#define LIMIT_LAYER_TAR_BYTES (256 * GIB)
/* Deflate cannot exceed 1032:1.  Honest layers stay below 200; long runs of
 * zeros (sparse disk images) are let through up to LIMIT_RATIO_FREE. */
#define LIMIT_RATIO 400
/* The ratio is judged only after this many uncompressed bytes. */
#define LIMIT_RATIO_FREE (256 * MIB)
/* Entries of a tar; the largest honest layers seen have about 1.5 million. */
#define LIMIT_LAYER_ENTRIES 10000000
/* PATH_MAX of Linux: a runtime cannot create longer ones. */
#define LIMIT_PATH 4096
/* Extended headers of one entry: names up to PATH_MAX, xattrs up to 64 KiB
 * each.  They are checked in the windows that inflate.c keeps (512 KiB). */
#define LIMIT_PAX_BYTES (256 * KIB)

/* One file that an analyzer wants whole.  A dpkg status of 10,000 packages
 * with all descriptions is 12 MiB. */
#define LIMIT_FILE_WHOLE (64 * MIB)
/* The largest that an analyzer may ask for whole: rpm databases reach 200 MiB,
 * jars of whole applications more.  A parser has one such file in memory. */
#define LIMIT_FILE_LARGE (256 * MIB)
/* Contents that are read again under names which hard links give them.  Stores of
 * package managers have small ones: a monorepo's are linked some ten times. */
#define LIMIT_LINKED_BYTES (2 * GIB)
/* Java archives inside each other: an ear holds a war, that a jar, that a shaded
 * one; 16 is four times what is built on purpose. */
#define LIMIT_JAR_DEPTH 16
/* Nested archives inflated and held at one time, one of each level: as much as
 * the outermost may have. */
#define LIMIT_JAR_HELD (256 * MIB)
/* Nested archives inflated in the course of one outermost; 2 GiB take seconds. */
#define LIMIT_JAR_INFLATED (2 * GIB)
/* Descriptors and archives inside one outermost; large ears have thousands. */
#define LIMIT_JAR_MEMBERS 100000
/* Directory entries read for one outermost: what fits into LIMIT_FILE_LARGE,
 * twice; an archive may hold itself. */
#define LIMIT_JAR_ENTRIES 10000000
/* One pom.properties, pom.xml or manifest; signed jars have a line or two in
 * the manifest for each class, and only its beginning counts. */
#define LIMIT_JAR_TEXT (1 * MIB)
/* All of them: 10,000 jars with a pom.xml each have 100 MiB. */
#define LIMIT_JAR_TEXTS (256 * MIB)

/* What Go's linker writes about a build: a line for each module and flag. */
#define LIMIT_GO_BUILDINFO (8 * MIB)
/* The same before Go 1.18, of which several are gathered on suspicion. */
#define LIMIT_GO_FRAME (1 * MIB)

/* What cargo-auditable leaves, inflated: the ceiling of its own reader. */
#define LIMIT_CARGO_JSON (8 * MIB)
/* Notes of one ELF file: build ids and packages, some hundred bytes. */
#define LIMIT_ELF_NOTES (256 * KIB)

/* All rows of one layer's inventory, as encoded. */
#define LIMIT_INVENTORY_BYTES (256 * MIB)
/* Packages in one layer: a hundred times the largest honest ones; their rows fit
 * in a parser's memory. */
#define LIMIT_LAYER_PACKAGES 1500000
/* Files with packages in all layers of one image, each counted as often as its
 * layer is used: a hundred times the largest honest ones, four seconds to apply. */
#define LIMIT_IMAGE_FILES 1000000
/* Names of files with packages and of links below each layer of an image, put
 * together: each layer is asked whether it hides them, which takes 20 seconds a GiB
 * where all folders have names of one letter.  100,000 files of a large application
 * below 127 layers have one. */
#define LIMIT_IMAGE_NAMES (2 * GIB)
/* Packages of one image that hard links state again: a store of pnpm or the names
 * of one program come to ten thousands. */
#define LIMIT_LINKED_PACKAGES 200000
/* Paths of one package that are kept to tell whose a file is: texlive and
 * kernel packages own ten thousands, few of them programs or manifests. */
#define LIMIT_PACKAGE_OWNS 100000
/* Digests that packages of one layer list of such files, 16 bytes each: Debian with
 * 3,000 packages has some ten thousand.  What is listed beyond is its package's
 * whatever it holds, as are files whose own digests take more than the next. */
#define LIMIT_LISTED_SUMS 2000000
#define LIMIT_FOUND_SUMS (64 * MIB)
/* Whiteouts, opaques, symbolic and hard links recorded of one layer, encoded. */
#define LIMIT_TREE_BYTES (128 * MIB)
/* Name, version and other short texts of a package. */
#define LIMIT_PACKAGE_TEXT 4096

/* One advisory document; the largest OSV documents are about 6 MiB. */
#define LIMIT_ADVISORY_BYTES (32 * MIB)
/* A whole feed in one document, where its kind is taken apart without being
 * parsed as one: Debian's tracker has some 80 MB. */
#define LIMIT_FEED_DOCUMENT (256 * MIB)
/* The same in memory, parsed and copied: texts are short, so structures and
 * alignment can outweigh them. */
#define LIMIT_ADVISORY_POOL (256 * MIB)
/* CISA's catalogue has 1.5 MB and grows by a tenth a year. */
#define LIMIT_KEV_BYTES (32 * MIB)
/* Red Hat's repository-to-cpe.json has some 15 MB for 10,000 repositories. */
#define LIMIT_CONTENT_SETS_BYTES (128 * MIB)
/* The longest name of a repository has some 100 bytes; one that many products
 * share names some 40 of them. */
#define LIMIT_CONTENT_SET 512
#define LIMIT_CONTENT_SET_CPES (32 * KIB)
/* Channels of one image: a product's image has some ten. */
#define LIMIT_CHANNELS 64
/* Scores of all CVEs, uncompressed: 300,000 rows have 10 MB. */
#define LIMIT_EPSS_BYTES (128 * MIB)
/* Events of one range; the longest published have some hundred. */
#define LIMIT_ADVISORY_EVENTS 20000
/* Ids stand in keys of the database. */
#define LIMIT_ADVISORY_ID 512
/* Aliases, upstream and related ids of one document; bundles name some hundred. */
#define LIMIT_ADVISORY_NAMES 10000
/* Ranges and enumerated versions of one document; the largest have some ten
 * thousand.  They become rows, a batch at a time in memory. */
#define LIMIT_ADVISORY_RANGES 200000
/* Summaries are for people's eyes. */
#define LIMIT_ADVISORY_SUMMARY 1024
/* Ids that one is linked with where several CVEs are: RustSec lists some ten. */
#define LIMIT_ALIAS_LINKS 100
/* Streams of modules in a summary: AlmaLinux names two at most (virt, virt-devel). */
#define LIMIT_ADVISORY_STREAMS 8
/* One file of advisories, as it comes. */
#define LIMIT_FEED_BYTES (4 * GIB)
/* The same uncompressed: Red Hat's VEX documents have some 40 GiB together. */
#define LIMIT_FEED_UNPACKED (128 * GIB)
/* An export's manifest: of some hundred feeds names and at most a hundred
 * malformed documents each. */
#define LIMIT_EXPORT_MANIFEST (32 * MIB)
/* Feeds in one; a farm has some hundred at most. */
#define LIMIT_EXPORT_FEEDS 4096
/* A file in it: documents, what is collected and one more; or a feed that stands
 * beside advisories. */
#define LIMIT_EXPORT_FILE (128 * MIB)
/* All of it, unpacked: a hundred times today's advisories. */
#define LIMIT_EXPORT_BYTES (64 * GIB)
/* A version string in an advisory or a package. */
#define LIMIT_VERSION 1024
/* A version's key: never longer than twice its text and some markers. */
#define LIMIT_VERSION_KEY 4096

/* One ZeroMQ frame of ours, and what a socket accepts at all. */
#define LIMIT_WIRE_PART (512 * KIB)
#define LIMIT_WIRE_MESSAGE (1 * MIB)
/* Unacknowledged parts of one job. */
#define LIMIT_WIRE_WINDOW 8
/* Parts of all jobs under way that the coordinator holds until each is done.  A
 * large layer's results have some MiB; above this, one job at a time goes on, at
 * most by LIMIT_INVENTORY_BYTES and LIMIT_TREE_BYTES. */
#define LIMIT_RESULTS_BYTES (512 * MIB)
/* Private memory of the coordinator, all ceilings above it together with room:
 * what passes it (libzmq gathers a multipart message without limit) ends the
 * coordinator, which is started anew, and not the machine. */
#define LIMIT_COORDINATOR_BYTES (8 * GIB)
/* Messages of one worker that wait in the coordinator; more wait at the worker. */
#define LIMIT_WIRE_WAITING 8

#endif
