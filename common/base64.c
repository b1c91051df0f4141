/* Not OpenSSL's decoder, which takes blanks and writes whole groups. */
#include "base64.h"

bool
base64_read(struct str s, uint8_t *ret, size_t room, size_t *n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, nbits = 0, pad = 0;

	for (; s.n > 0 && s.p[s.n - 1] == '=' && pad < 2; pad++)
		s.n--;
	if (s.n % 4 == 1 || (pad > 0 && (s.n + pad) % 4 != 0))
		return (false);
	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *c = memchr(alphabet, s.p[i], sizeof(alphabet) - 1);

		if (c == NULL)
			return (false);
		bits = (bits << 6 | (unsigned)(c - alphabet)) & 0x3fff;
		if ((nbits += 6) < 8)
			continue;
		if (*n == room)
			return (false);
		nbits -= 8;
		ret[(*n)++] = (uint8_t)(bits >> nbits);
	}
	return (true);
}
