/* minisign's keys and signatures, against files that minisign made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "common/minisign.h"
#include "tests/lib/slurp.h"

#define DIR "tests/common/minisign/"

static struct minisign_public
public_key(const char *name)
{
	struct buf b = slurp(DIR "%s", name);
	struct minisign_public ret;
	struct diag d;

	assert_int_equal(minisign_public_read(buf_view(&b), &ret, &d), 0);
	buf_done(&b);
	return (ret);
}

static void
hash_text(uint8_t ret[MINISIGN_HASH])
{
	struct minisign_hash *h = minisign_hash_new();
	struct buf b = slurp(DIR "text");

	minisign_hash_add(h, b.p, b.n);
	minisign_hash_end(h, ret);
	minisign_hash_free(h);
	buf_done(&b);
}

static void
test_a_signature_of_minisign_holds(void **state)
{
	struct buf b = slurp(DIR "text.minisig");
	struct minisign_public key = public_key("one.pub");
	struct minisign_public other = public_key("other.pub");
	struct minisign_signature s;
	uint8_t hash[MINISIGN_HASH];
	char id[MINISIGN_ID_TEXT];
	struct diag d;

	(void)state;
	hash_text(hash);
	assert_int_equal(minisign_signature_read(buf_view(&b), &s, &d), 0);
	assert_true(str_eqz(s.trusted, "a trusted comment"));
	assert_int_equal(minisign_verify(&s, &key, hash, &d), 0);
	minisign_id_format(s.id, id);
	assert_string_equal(id, "36A395C620C4E188");
	assert_int_equal(minisign_verify(&s, &other, hash, &d), ERR_DENIED);
	/* another key that claims to be this one */
	memcpy(other.id, key.id, sizeof(key.id));
	assert_int_equal(minisign_verify(&s, &other, hash, &d), ERR_DENIED);
	hash[63] ^= 1;
	assert_int_equal(minisign_verify(&s, &key, hash, &d), ERR_DENIED);
	buf_done(&b);
}

/* Each byte of it changed: nothing but the untrusted comment may. */
static void
test_a_changed_signature_does_not_hold(void **state)
{
	struct buf b = slurp(DIR "text.minisig");
	struct minisign_public key = public_key("one.pub");
	size_t first = str_find(buf_view(&b), '\n');
	struct minisign_signature s;
	uint8_t hash[MINISIGN_HASH];
	struct diag d;

	(void)state;
	hash_text(hash);
	for (size_t i = first + 1; i < b.n - 1; i++) {
		uint8_t was = b.p[i];

		b.p[i] = was == 'A' ? 'B' : 'A';
		if (minisign_signature_read(buf_view(&b), &s, &d) == 0 &&
		    minisign_verify(&s, &key, hash, &d) == 0)
			fail_msg("byte %zu can be changed", i);
		b.p[i] = was;
	}
	for (size_t n = 0; n < b.n - 1; n++)
		if (minisign_signature_read(str_n(b.p, n), &s, &d) == 0)
			fail_msg("a signature of %zu bytes is taken", n);
	buf_done(&b);
}

static void
test_the_older_kind_is_refused(void **state)
{
	struct buf b = slurp(DIR "legacy.minisig");
	struct minisign_signature s;
	struct diag d;

	(void)state;
	assert_int_equal(minisign_signature_read(buf_view(&b), &s, &d),
	    ERR_UNSUPPORTED);
	buf_done(&b);
}

static int
say(void *arg, char *ret, size_t size, struct diag *d)
{
	const char *password = arg;

	if (password == NULL)
		return (diag_set(d, ERR_USAGE, 0, "nobody to ask"));
	snprintf(ret, size, "%s", password);
	return (0);
}

static int
read_secret(const char *name, const char *password, struct minisign_secret *ret)
{
	struct buf b = slurp(DIR "%s", name);
	struct diag d;
	int rc = minisign_secret_read(buf_view(&b), say,
	    (void *)(uintptr_t)password, ret, &d);

	buf_done(&b);
	return (rc);
}

static void
test_a_password_opens_a_key(void **state)
{
	struct minisign_secret one, locked;

	(void)state;
	assert_int_equal(read_secret("one.key", NULL, &one), 0);
	assert_int_equal(read_secret("locked.key", NULL, &locked), ERR_USAGE);
	assert_int_equal(read_secret("locked.key", "wrong", &locked), ERR_DENIED);
	assert_int_equal(read_secret("locked.key", "", &locked), ERR_DENIED);
	assert_int_equal(read_secret("locked.key", "correct horse", &locked), 0);
	assert_memory_equal(&one, &locked, sizeof(one));
	assert_int_equal(read_secret("one.pub", NULL, &one), ERR_MALFORMED);
	assert_int_equal(read_secret("text", NULL, &one), ERR_MALFORMED);
}

/* Ed25519 has one signature for a key and a text: ours are minisign's, byte for
 * byte, but for the untrusted comment. */
static void
test_ours_are_those_of_minisign(void **state)
{
	struct buf want = slurp(DIR "text.minisig"), got;
	struct str theirs = buf_view(&want), ours;
	struct minisign_secret key;
	uint8_t hash[MINISIGN_HASH];
	struct diag d;

	(void)state;
	hash_text(hash);
	assert_int_equal(read_secret("one.key", NULL, &key), 0);
	buf_init(&got, MINISIGN_TEXT);
	assert_int_equal(minisign_sign(&key, hash, str_of("a trusted comment"),
	    &got, &d), 0);
	ours = buf_view(&got);
	assert_true(str_starts(ours, "untrusted comment: "));
	assert_true(str_eq(str_sub(ours, str_find(ours, '\n'), ours.n),
	    str_sub(theirs, str_find(theirs, '\n'), theirs.n)));
	buf_done(&got);
	buf_done(&want);
}

/* A file that wants more memory or time than there is. */
static void
test_a_key_that_wants_too_much_is_refused(void **state)
{
#define REST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	/* kdf "Sc", limits of all ones; as many as make it 8 GiB */
	static const char *const t[] = {
		"RWRTY0IyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD/////////////////////" REST,
		"RWRTY0IyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAQAA" REST,
	};
	struct minisign_secret key;
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(minisign_secret_read(str_of(t[i]), say,
		    (void *)(uintptr_t)"x", &key, &d), ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signature_of_minisign_holds),
		cmocka_unit_test(test_a_changed_signature_does_not_hold),
		cmocka_unit_test(test_the_older_kind_is_refused),
		cmocka_unit_test(test_a_password_opens_a_key),
		cmocka_unit_test(test_ours_are_those_of_minisign),
		cmocka_unit_test(test_a_key_that_wants_too_much_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
