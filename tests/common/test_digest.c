/* HMAC-SHA256 against the vectors of RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "common/digest.h"

static void
test_hmac_is_that_of_rfc_4231(void **state)
{
	static char long_key[131];
	static const struct { const char *key, *text, *want; } t[] = {
		{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		  "\x0b\x0b\x0b\x0b\x0b", "Hi There", "sha256:b0344c61d8db38535ca8"
		  "afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", "what do ya want for nothing?", "sha256:5bdcc146bf60754e"
		  "6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
		  "sha256:60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f"
		  "0ee37f54" },
	};
	uint8_t mac[DIGEST_BYTES];
	char text[DIGEST_TEXT];

	(void)state;
	memset(long_key, 0xaa, sizeof(long_key));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		digest_hmac(t[i].key != NULL ? str_of(t[i].key) :
		    str_n(long_key, sizeof(long_key)), t[i].text,
		    strlen(t[i].text), mac);
		digest_format(mac, text);
		assert_string_equal(text, t[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hmac_is_that_of_rfc_4231),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
