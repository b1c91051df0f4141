/*
 * Between apply.c (layers to visible files), apply_hide.c (what a layer takes away),
 * apply_databases.c (what became of package databases), apply_os.c (which
 * distribution), apply_rpm.c (which of several databases), apply_owners.c (whose a
 * file is) and apply_rows.c (visible files to packages): one application at work.
 */
#ifndef APPLY_PARTS_H
#define APPLY_PARTS_H

#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/owner.h"
#include "coordinator/matcher/pathmap.h"

/* A file that an analyzer read, where it is visible. */
struct seen {
	struct str path;	/* resolved */
	struct str name;	/* by which its layer has it, or looked for it */
	const struct inventory_file *file;	/* whose rows; through hard links */
	uint32_t *since;	/* of each row: introduced in */
	uint32_t file_layer;
	uint32_t content_layer;	/* the first that had this content here, even if
				   it was gone in between */
	uint32_t altered;	/* layer + 1 whose packages listed another
				   content than this, 0 = none */
	uint32_t hidden;	/* layer + 1 that hid it, 0 = visible */
	bool emptied;		/* that is how it was hidden */
	bool led_away;		/* or so: it is there, and links lead elsewhere */
	bool log;		/* the log beside it is visible, and not empty */
	struct seen *next;	/* other analyzers' of the same path */
};

struct link {
	struct str target;	/* first: what apply.links leads to */
	struct str path;	/* resolved, but for itself */
	struct str name;	/* as its layer says */
	uint32_t layer;
	uint32_t since;		/* the first layer of those that said the same */
	uint32_t until;		/* layer that put something in its place, 0 = none */
	bool twice;		/* ... which has another there by another name */
	struct link *next;	/* another to the same place */
};

/* Sorted path hashes, 8 bytes each, in pieces. */
struct hash_pieces {
	struct str *v;
	size_t n;
};

struct apply {
	struct apply_result *res;
	const struct layer_inventory *const *layers;
	size_t nlayers;
	const uint8_t *sip_key;
	struct pathmap files;	/* path → struct seen */
	struct pathmap links;	/* path → struct str target, visible ones */
	struct pathmap ways;	/* where links lead to, by their text → struct
				   link, those that are gone, too */
	struct seen **seen;	/* all of them */
	size_t nseen;
	struct link **link;
	size_t nlink;
	struct pathmap marks;	/* of the layer at work: path → bits */
	struct pathmap own;	/* of the layer at work: kind and path → file */
	struct hash_pieces nondir, dirs;	/* of the layer at work */
	struct pathmap tags;	/* of apk's repositories → struct str namespace */
	bool opaque_root;
	uint32_t system_gone;	/* layer + 1 that last replaced or removed what a
				   system's programs lie in */
	bool release_lost;	/* os-release is gone, with no other left */
	size_t nlinked;		/* rows that hard links state again */
	struct told *told;	/* of each layer, see apply_databases.c */
	uint64_t looks;		/* ... at folders and links there */
	struct buf path, text;	/* scratch */
	bool full;		/* the pool's ceiling: told once */
};

/* apply.c: what the parts share.  The pool's ceiling makes the image incomplete. */
void apply_out_of_room(struct apply *);
/* ${n} bytes of the result's pool, or NULL when it is full. */
void *apply_keep(struct apply *, size_t n);
void apply_note(struct apply *, const char *fmt, ...) PRINTF(2, 3);
void apply_incomplete(struct apply *, const char *fmt, ...) PRINTF(2, 3);
/* The file of ${kind} at ${path}, hidden ones too, or NULL. */
struct seen *apply_find(const struct apply *, struct str path, struct str kind);
/* "x NUL y NUL z" in scratch, "" when it is too long to be a key. */
struct str apply_key(struct apply *, struct str x, struct str y, struct str z);
/* Is ${link} still there?  Have two files the same content? */
bool apply_link_stands(const struct apply *, const struct link *);
bool apply_same_content(const struct inventory_file *,
    const struct inventory_file *);
/* Links that are looked at for one path (bin, sbin and the like): crafted images
 * may have any number. */
#define APPLY_WAYS 8
/* apply_hide.c: take away the links that ${layer} replaces, before its own are added;
 * and the files, after that. */
void apply_hide_links(struct apply *, uint32_t layer);
void apply_hide_files(struct apply *, uint32_t layer);
/* The layer's paths go through links of the result below, as a runtime that
 * unpacks it would follow them: ${path} by these, in scratch. */
struct str apply_below(struct apply *, struct str path);
/* A layer's path hashes of one kind: they are asked for what nobody read. */
struct hash_pieces apply_pieces(const struct layer_inventory *, enum tree_kind);
bool apply_in_pieces(const struct hash_pieces *, uint64_t hash);

/* apply_databases.c: does it state packages of a system?  *${ret} is then which of the databases;
 * and does it state all of them, and not one of many such files? */
#define APPLY_DATABASES 9
bool apply_is_of_database(const struct seen *, size_t *ret);
bool apply_is_whole_database(const struct seen *);
/* Is it one package of a database that nobody takes packages out of?  There is no
 * dpkg where each has a file in status.d; pacman and portage remove theirs. */
bool apply_is_unmanaged(const struct seen *);
/* Tell what ${layer} took away and did not bring back; and at the end what lies
 * where no analyzer looked. */
void apply_note_removed(struct apply *, uint32_t layer);
void apply_check_redirected(struct apply *);
/* apply_os.c: fill res->os and res->foreign; the value of one of an analyzer's
 * facts, "" when it has none of that name. */
void apply_os(struct apply *);
struct str apply_attribute(const struct inventory_file *, const char *key);
/* The namespace of an apk package by the branch of Alpine's that it came from. */
struct str apply_apk_namespace(struct apply *, const struct package *);
/* apply_channels.c: fill res->content_sets. */
void apply_content_sets(struct apply *);
/* apply_rpm.c: hide rpm databases that lie beside the live one. */
void apply_rpm(struct apply *);
/* apply_owners.c: what the visible databases state, in ${rows}, and with these who
 * owns what (to be freed by owners_free()); is there a row that says better what a
 * bill's row says, and whose the file is in which row ${row} of ${s} was found. */
void apply_gather_rows(struct apply *, struct owners *rows);
struct owners *apply_gather_owners(struct apply *, const struct owners *rows);
bool apply_is_stated(struct apply *, const struct owners *rows,
    const struct package *);
const struct package *apply_owner_of(struct apply *, const struct seen *,
    size_t row, const struct owners *, const struct owners *rows);
/* Files that only say who owns what; and those that are one program each, of which
 * a distribution that ships it tells better. */
bool apply_owners_only(const struct seen *);
bool apply_told_by_program(const struct seen *);
/* apply_rows.c: fill res->packages; and rows of bills of material. */
void apply_rows(struct apply *);
bool apply_is_billed(const struct package *);

#endif
