/*
 * Bounded JSON, the only door to jansson.  Documents are hostile: size, depth
 * (LIMIT_JSON_DEPTH), number of values and well-formed UTF-8 are checked before anything is
 * looked at; of duplicate keys the last one wins, as in the field's other
 * readers.  Getters never fail: what is absent or of another type reads as
 * NULL, empty or the default.  A NUL stands behind every text and key.
 */
#ifndef JSON_H
#define JSON_H

#include "buf.h"
#include "err.h"

struct json;	/* one value; children live as long as the root */

/* Parse ${s} (at most ${max} bytes) into *${ret}, which the caller gives to
 * json_free.  ERR_LIMIT or ERR_MALFORMED, with the line in the diag. */
int json_parse(struct str s, size_t max, struct json **ret, struct diag *);
/* The same for files that programs write and read less strictly: a byte order
 * mark in front is passed over, bytes outside UTF-8 read as '?', half of a
 * character ("\ud83d" alone, which JavaScript reads and writes) as U+FFFD, and a
 * number that is too large (1e999, 2 to the 64th) as 0. */
int json_parse_file(struct str s, size_t max, struct json **ret, struct diag *);
/* The same for who asks for members of the outermost object and of those in it only:
 * of a document that is too deep or has too many values, what is in these reads as
 * 0, whatever it is. */
int json_parse_top(struct str s, size_t max, struct json **ret, struct diag *);
void json_free(struct json *root);

const struct json *json_get(const struct json *object, const char *key);
bool json_is_object(const struct json *);
bool json_is_array(const struct json *);
bool json_is_string(const struct json *);
bool json_is_null(const struct json *);
struct str json_str(const struct json *);		/* "" when no string */
int64_t json_int(const struct json *, int64_t otherwise);
double json_number(const struct json *);			/* 0 when no number */
bool json_bool(const struct json *);			/* false when no true */
size_t json_len(const struct json *array);		/* 0 when no array */
const struct json *json_at(const struct json *array, size_t i);
/* json_str(json_get(o, key)) and the like. */
struct str json_get_str(const struct json *object, const char *key);
int64_t json_get_int(const struct json *object, const char *key, int64_t otherwise);
/**
 * json_next(object, at, key, value):
 * Walk an object in the order of its text: the member after the place *${at},
 * which is NULL at the start.  False after the last, and for what is no object.
 */
bool json_next(const struct json *object, void **at, struct str *key,
    const struct json **value);

/* A place in a list, zero at the start. */
struct json_place {
	size_t i;
	void *at;
};
/* Walk the elements of an array, or the values of an object, which is how PHP
 * writes a list with holes.  False after the last, and for neither. */
bool json_next_value(const struct json *list, struct json_place *,
    const struct json **value);

/*
 * Writing: a small streaming writer that puts commas where they belong.  The
 * first failure (ceiling of the buffer, nesting above 32) sticks in error.
 * Strings may hold any bytes: those outside UTF-8 are written as the text \xHH.
 */
struct json_writer {
	struct buf *b;
	int error;		/* 0 or ERR_LIMIT */
	unsigned depth;
	uint32_t more;		/* bit per depth: a comma comes first */
	bool after_key;
};
void json_w_init(struct json_writer *, struct buf *);
void json_w_object(struct json_writer *);
void json_w_array(struct json_writer *);
void json_w_end_object(struct json_writer *);
void json_w_end_array(struct json_writer *);
void json_w_key(struct json_writer *, const char *key);
void json_w_str(struct json_writer *, struct str);
void json_w_int(struct json_writer *, int64_t);
void json_w_bool(struct json_writer *, bool);
void json_w_number(struct json_writer *, double);	/* a finite one, 9 digits */
void json_w_raw(struct json_writer *, struct str json);	/* a value as it is */
/* key and value in one. */
void json_w_kstr(struct json_writer *, const char *key, struct str);
void json_w_kint(struct json_writer *, const char *key, int64_t);
void json_w_kbool(struct json_writer *, const char *key, bool);

#endif
