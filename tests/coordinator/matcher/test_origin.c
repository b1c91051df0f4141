/* Who answers for an OS package, by what its database says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "coordinator/matcher/origin.h"

static const struct {
	const char *os, *type, *version, *vendor, *is;
} cases[] = {
	{ "rhel", "rpm", "5.1.8-9.el9", "Red Hat, Inc.", "surely" },
	{ "rhel", "rpm", "5.1.8-9.el9", "EPEL", "no" },
	/* rpmbuild states no vendor unless told to, and takes the mark from the system */
	{ "rhel", "rpm", "1.0-1.el9", "", "perhaps" },
	{ "fedora", "rpm", "1.0-1.fc40", "", "perhaps" },
	{ "rhel", "rpm", "1.0-1", "", "no" },
	/* what a package note in a program says */
	{ "fedora", "rpm", "8.11.1-1.fc42", "cpe:/o:fedoraproject:fedora:42", "surely" },
	/* Amazon states none for some of its own */
	{ "amzn", "rpm", "5.2.15-1.amzn2023.0.2", "", "surely" },
	{ "amzn", "rpm", "1.0-1.el9", "", "perhaps" },
	{ "amzn", "rpm", "5.2.15-1.amzn2023.0.2", "Amazon Linux", "surely" },
	{ "openEuler", "rpm", "1.0-1.oe2403", "http://openeuler.org", "surely" },
	{ "debian", "deb", "5.2-1", "Matthias Klose <doko@debian.org>", "surely" },
	{ "debian", "deb", "5.2-1", "A <x@a.example>", "perhaps" },
	{ "debian", "deb", "20.11.1-1nodesource1", "", "no" },
	{ "arch", "alpm", "5.2-1", "A <a@archlinux.org>", "surely" },
	{ "alpine", "apk", "5.2-r0", "", "surely" },
};

static void
test_who_answers_for_a_package(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct package p = { .type = str_of(cases[i].type),
			.name = STR_LIT("x"), .vendor = str_of(cases[i].vendor),
			.version = str_of(cases[i].version) };
		struct str os = str_of(cases[i].os);
		const char *is = !origin_is_distribution(os, &p) ? "no" :
		    origin_is_surely(os, &p) ? "surely" : "perhaps";

		if (strcmp(is, cases[i].is) != 0)
			fail_msg("%s %s of \"%s\" on %s: %s", cases[i].type,
			    cases[i].version, cases[i].vendor, cases[i].os, is);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_answers_for_a_package),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
