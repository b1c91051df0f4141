/*
 * Lines of a release: what products are called, what reaches which image, and the
 * decision over one document of Red Hat's that names many (feed/csaf/redhat-
 * channels.in), asked three ways that must agree: match_decide(), the rows by which
 * SQL finds candidates, and the offline index.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "common/limits.h"
#include "common/mem.h"
#include "coordinator/matcher/apply.h"
#include "coordinator/matcher/channel.h"
#include "coordinator/matcher/feed.h"
#include "tests/lib/match_ways.h"
#include "tests/lib/slurp.h"

static void
test_a_product_is_of_a_release_and_a_line(void **state)
{
	static const struct {
		const char *product, *ecosystem, *channel;
	} t[] = {
		{ "enterprise_linux:9::baseos", "Red Hat:enterprise_linux:9",
		    "enterprise_linux:9" },
		{ "enterprise_linux:9::appstream", "Red Hat:enterprise_linux:9",
		    "enterprise_linux:9" },
		{ "enterprise_linux:8::crb", "Red Hat:enterprise_linux:8",
		    "enterprise_linux:8" },
		{ "enterprise_linux:7::server", "Red Hat:enterprise_linux:7",
		    "enterprise_linux:7" },
		{ "enterprise_linux:10.1", "Red Hat:enterprise_linux:10",
		    "enterprise_linux:10" },
		/* the whole release */
		{ "enterprise_linux:9", "Red Hat:enterprise_linux:9", "" },
		{ "enterprise_linux:9:*:*:*:*:*:*:*:*",
		    "Red Hat:enterprise_linux:9", "" },
		{ "rhel_eus:9.2::baseos", "Red Hat:enterprise_linux:9",
		    "rhel_eus:9.2" },
		{ "rhel_aus:8.4::appstream", "Red Hat:enterprise_linux:8",
		    "rhel_aus:8.4" },
		{ "rhel_e4s:8.6::sap", "Red Hat:enterprise_linux:8",
		    "rhel_e4s:8.6" },
		{ "rhel_tus:8.8::appstream", "Red Hat:enterprise_linux:8",
		    "rhel_tus:8.8" },
		{ "enterprise_linux_eus:10.0", "Red Hat:enterprise_linux:10",
		    "enterprise_linux_eus:10.0" },
		{ "rhel_els:7", "Red Hat:enterprise_linux:7", "rhel_els:7" },
		/* sold on top: of a release where it says which */
		{ "openshift:4.14::el9", "Red Hat:enterprise_linux:9",
		    "openshift:4.14" },
		{ "rhel_software_collections:3::el7",
		    "Red Hat:enterprise_linux:7", "rhel_software_collections:3" },
		{ "openshift:4", "Red Hat:openshift:4", "" },
		{ "rhel_software_collections:3",
		    "Red Hat:rhel_software_collections:3", "" },
		/* nothing to go by */
		{ "jbosseapxp", "", "" }, { "", "", "" }, { ":", "", "" },
		{ "x::el9", "", "" }, { "openshift:4::el", "Red Hat:openshift:4",
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(1 * MIB);
		struct str ecosystem, channel;

		assert_int_equal(channel_of_redhat(str_of(t[i].product), pool,
		    &ecosystem, &channel), 0);
		if (!str_eqz(ecosystem, t[i].ecosystem) ||
		    !str_eqz(channel, t[i].channel))
			fail_msg("%s: %.*s %.*s", t[i].product,
			    STR_ARG(ecosystem), STR_ARG(channel));
		pool_free(pool);
	}
}

static void
test_what_is_said_of_a_line_reaches_images_that_have_it(void **state)
{
	static const struct {
		const char *said, *has, *version;
		enum channel_reach reach;
	} t[] = {
		{ "enterprise_linux:9", "", "1-1.el9", REACH_OWN },
		{ "enterprise_linux:9", "", "1-1.el9_2", REACH_OWN },
		{ "enterprise_linux:9", "enterprise_linux:9", "1-1.el9",
		    REACH_OWN },
		{ "", "", "1-1.el9", REACH_RELEASE },
		{ "", "rhel_eus:9.2", "1-1.el9_2", REACH_RELEASE },
		{ "rhel_eus:9.2", "", "1-1.el9_2", REACH_NONE },
		{ "rhel_eus:9.2", "rhel_eus:9.2", "1-1.el9", REACH_OWN },
		{ "rhel_e4s:9.2 rhel_eus:9.2", "rhel_eus:9.2", "1-1.el9_2",
		    REACH_OWN },
		{ "rhel_eus:9.4", "rhel_eus:9.2", "1-1.el9_2", REACH_NONE },
		{ "rhel_aus:9.2", "rhel_eus:9.2", "1-1.el9_2", REACH_NONE },
		{ "enterprise_linux:9", "rhel_eus:9.2", "1-1.el9_2",
		    REACH_OTHER },
		/* two lines: the build tells which */
		{ "enterprise_linux:9", "enterprise_linux:9 rhel_eus:9.2",
		    "1-1.el9_2.1", REACH_OTHER },
		{ "rhel_eus:9.2", "enterprise_linux:9 rhel_eus:9.2",
		    "1-1.el9_2.1", REACH_OWN },
		{ "enterprise_linux:9", "enterprise_linux:9 rhel_eus:9.2",
		    "1-1.el9_4", REACH_OWN },
		{ "rhel_eus:9.2", "enterprise_linux:9 rhel_eus:9.2",
		    "1-1.el9_4", REACH_NONE },
		{ "rhel_eus:9.2", "enterprise_linux:9 rhel_eus:9.2",
		    "1-1.el9_20", REACH_NONE },
		/* what is sold on top comes with the main line */
		{ "openshift:4.14", "openshift:4.14", "1-1.rhaos4.14.el9",
		    REACH_OWN },
		{ "enterprise_linux:9", "openshift:4.14", "1-1.el9", REACH_OWN },
		{ "openshift:4.14", "", "1-1.rhaos4.14.el9", REACH_NONE },
		{ "rhel_els:9", "rhel_els:9", "1-1.el9", REACH_OWN },
		{ "rhel_els:9", "", "1-1.el9", REACH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		enum channel_reach got = channels_reach(str_of(t[i].said),
		    str_of(t[i].has), str_of("Red Hat:enterprise_linux:9"),
		    str_of(t[i].version));

		if (got != t[i].reach)
			fail_msg("\"%s\" to \"%s\" %s: %d", t[i].said, t[i].has,
			    t[i].version, (int)got);
	}
	/* nobody else has such lines */
	assert_int_equal(channels_reach(str_of(""), str_of(""),
	    str_of("AlmaLinux:9"), str_of("1-1.el9")), REACH_OWN);
}

static void
test_a_list_is_sorted_and_has_each_once(void **state)
{
	struct str v[] = { STR_LIT("b:1"), STR_LIT("a:2"), STR_LIT(""),
	    STR_LIT("b:1") }, ret;
	struct pool *pool = pool_new(1 * MIB);

	(void)state;
	assert_int_equal(channels_join(v, 4, pool, &ret), 0);
	assert_true(str_eqz(ret, "a:2 b:1"));
	assert_int_equal(channels_join(v, 0, pool, &ret), 0);
	assert_true(str_eqz(ret, ""));
	pool_free(pool);
}

/* ------------------------------------------------------------------ content sets */

static const struct content_set known[] = {
	{ STR_LIT("rhel-9-for-x86_64-baseos-rpms"),
	    STR_LIT("cpe:/o:redhat:enterprise_linux:9::baseos") },
	{ STR_LIT("rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"),
	    STR_LIT("cpe:/o:redhat:rhel_eus:9.2::baseos") },
	{ STR_LIT("rhel-8-for-x86_64-baseos-e4s-rpms"),
	    STR_LIT("cpe:/o:redhat:rhel_e4s:8.4::baseos "
	    "cpe:/o:redhat:rhel_e4s:8.6::baseos") },
	{ STR_LIT("rhocp-4.14-for-rhel-9-x86_64-rpms"),
	    STR_LIT("cpe:/a:redhat:openshift:4.14::el8 "
	    "cpe:/a:redhat:openshift:4.14::el9") },
	{ STR_LIT("bare"), STR_LIT("cpe:/o:redhat:enterprise_linux:9") },
	{ STR_LIT("nobodys"), STR_LIT("cpe:/a:suse:sles:15 junk") },
	{ STR_LIT("twice"), STR_LIT("cpe:/o:redhat:rhel_aus:8.2::baseos") },
	{ STR_LIT("twice"), STR_LIT("cpe:/o:redhat:rhel_aus:8.4::baseos") },
};

static struct content_sets *
all_known(void)
{
	struct content_sets *m = content_sets_new(1 * MIB);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(content_sets_add(m, &known[i]), 0);
	return (m);
}

static void
test_repositories_tell_the_channels(void **state)
{
	static const struct {
		const char *names, *with, *without;	/* what is known */
	} t[] = {
		{ "", "", "" },
		{ "rhel-9-for-x86_64-baseos-rpms", "", "" },
		/* a build's release is no part of the name, a minor one is */
		{ "rhel-9-for-x86_64-baseos-rpms__9", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2", "rhel_eus:9.2",
		    "rhel_eus:9.2" },
		{ "rhel-8-for-x86_64-baseos-e4s-rpms__8",
		    "rhel_e4s:8.4 rhel_e4s:8.6", "" },
		{ "rhel-8-for-x86_64-baseos-e4s-rpms__8_DOT_8", "rhel_e4s:8.8",
		    "rhel_e4s:8.8" },
		{ "rhel-8-for-aarch64-appstream-tus-rpms__8_DOT_6",
		    "rhel_tus:8.6", "rhel_tus:8.6" },
		{ "rhel-10-for-x86_64-baseos-eus-rpms__10_DOT_0",
		    "enterprise_linux_eus:10.0", "enterprise_linux_eus:10.0" },
		{ "rhel-7-server-els-rpms", "rhel_els:7", "rhel_els:7" },
		{ "ubi-9-baseos-rpms ubi-9-appstream-rpms", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2  "
		    "rhel-9-for-x86_64-baseos-rpms", "enterprise_linux:9 "
		    "rhel_eus:9.2", "enterprise_linux:9 rhel_eus:9.2" },
		/* what is sold on top: only who knows */
		{ "rhocp-4.14-for-rhel-9-x86_64-rpms", "openshift:4.14", "" },
		{ "bare", "", "" }, { "nobodys", "", "" }, { "unknown", "", "" },
		{ "twice", "rhel_aus:8.4", "" },
		/* names like ours that tell nothing */
		{ "rhel-", "", "" }, { "rhel-9", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms__", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_", "", "" },
		{ "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_999999", "", "" },
		{ "rhel-99999999999999999999-for-x", "", "" },
		{ "__", "", "" },
	};
	struct content_sets *m = all_known();

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pool *pool = pool_new(1 * MIB);
		struct str with, without;

		assert_int_equal(content_sets_channels(m, str_of(t[i].names),
		    pool, &with), 0);
		assert_int_equal(content_sets_channels(NULL, str_of(t[i].names),
		    pool, &without), 0);
		if (!str_eqz(with, t[i].with) || !str_eqz(without, t[i].without))
			fail_msg("\"%s\": \"%.*s\" and \"%.*s\"", t[i].names,
			    STR_ARG(with), STR_ARG(without));
		pool_free(pool);
	}
	content_sets_free(m);
}

/* However many an image names. */
static void
test_lines_of_the_release_are_kept_before_what_is_sold_on_top(void **state)
{
	struct content_sets *m = content_sets_new(1 * MIB);
	struct pool *pool = pool_new(1 * MIB);
	struct str ret, one;
	struct buf names;
	size_t n = 0;

	(void)state;
	buf_init(&names, 64 * KIB);
	for (int i = 0; i < 3 * LIMIT_CHANNELS; i++) {
		char name[32], cpe[64];
		struct content_set s;

		snprintf(name, sizeof(name), "r%d", i);
		snprintf(cpe, sizeof(cpe), "cpe:/a:redhat:product%d:1::el9", i);
		s = (struct content_set) { str_of(name), str_of(cpe) };
		assert_int_equal(content_sets_add(m, &s), 0);
		assert_int_equal(buf_printf(&names, "%s ", name), 0);
	}
	assert_int_equal(buf_printf(&names, "rhel-9-for-x86_64-baseos-eus-rpms"
	    "__9_DOT_4"), 0);
	assert_int_equal(content_sets_channels(m, buf_view(&names), pool, &ret),
	    0);
	assert_true(ret.n <= CHANNELS_TEXT);
	assert_true(str_ends(ret, " rhel_eus:9.4"));
	while (str_split(&ret, ' ', &one))
		n++;
	assert_int_equal(n, LIMIT_CHANNELS);
	buf_done(&names);
	pool_free(pool);
	content_sets_free(m);
}

static void
test_entries_of_a_frame_are_believed_within_bounds(void **state)
{
	static const struct {
		struct content_set s;
		bool good;
	} t[] = {
		{ { STR_LIT("a"), STR_LIT("cpe:/a:b") }, true },
		{ { STR_LIT("a"), STR_LIT("") }, true },
		{ { STR_LIT(""), STR_LIT("x") }, false },
		{ { STR_LIT("a b"), STR_LIT("x") }, false },
		{ { STR_LIT("a\n"), STR_LIT("x") }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct content_set got;
		struct buf b;
		struct cur c;

		buf_init(&b, 1 * KIB);
		assert_int_equal(content_set_write(&b, &t[i].s), 0);
		c = cur_str(buf_view(&b));
		assert_int_equal(content_set_read(&c, &got), t[i].good);
		for (size_t cut = 0; cut < b.n; cut++) {
			c = cur_str(str_sub(buf_view(&b), 0, cut));
			assert_false(content_set_read(&c, &got));
		}
		buf_done(&b);
	}
}

/* Layers by what they are made of: names of content sets, and one more package. */
static struct apply_result *
apply(const char *const *sets, size_t n, struct layer_inventory **layers)
{
	static const uint8_t key[16] = { 1 };

	for (size_t i = 0; i < n; i++) {
		struct layer_inventory *l = layer_inventory_new(1 * MIB);
		struct package p[8] = { { .name = { NULL, 0 } } };
		struct inventory_file rpm = { .path =
			STR_LIT("var/lib/rpm/rpmdb.sqlite"), .kind =
			STR_LIT("rpm"), .packages = p, .n = i + 1 };
		struct inventory_file os = { .path = STR_LIT("etc/os-release"),
			.kind = STR_LIT("os_release"), .attributes =
			STR_LIT("ID=rhel\nVERSION_ID=9.2\n") };
		struct inventory_file manifest = { .path = STR_LIT(
			"root/buildinfo/content_manifests/x.json"), .kind =
			STR_LIT("content_sets") };

		for (size_t k = 0; k <= i; k++)
			p[k] = (struct package) { .type = STR_LIT("rpm"),
			    .name = str_n(&"abcdefgh"[k], 1),
			    .version = STR_LIT("1-1.el9"),
			    .vendor = STR_LIT("Red Hat, Inc.") };
		assert_int_equal(layer_inventory_add_file(l, &rpm), 0);
		if (i == 0)
			assert_int_equal(layer_inventory_add_file(l, &os), 0);
		if (sets[i] != NULL) {
			char *text = mem_printf("CONTENT_SETS=%s\n", sets[i]);

			manifest.attributes = str_of(text);
			assert_int_equal(layer_inventory_add_file(l, &manifest),
			    0);
			free(text);
		}
		layers[i] = l;
	}
	return (apply_layers((const struct layer_inventory *const *)layers, n,
	    key));
}

static void
test_a_layers_packages_take_its_channels(void **state)
{
	static const char *const eus = "rhel-9-for-x86_64-baseos-eus-rpms"
	    "__9_DOT_2", *const ocp = "rhocp-4.14-for-rhel-9-x86_64-rpms",
	    *const main_line = "rhel-9-for-x86_64-baseos-rpms__9";
	const struct {
		const char *sets[4];
		size_t n;
		const char *want[4];	/* of the package of each layer */
	} t[] = {
		{ { NULL, NULL }, 2, { "", "" } },
		{ { main_line, NULL }, 2, { "", "" } },
		{ { eus, NULL, NULL }, 3, { "rhel_eus:9.2", "rhel_eus:9.2",
		    "rhel_eus:9.2" } },
		/* the manifest of the base stands in the layer above */
		{ { NULL, eus, NULL }, 3, { "rhel_eus:9.2", "rhel_eus:9.2",
		    "rhel_eus:9.2" } },
		{ { NULL, eus, NULL, ocp }, 4, { "rhel_eus:9.2", "rhel_eus:9.2",
		    "rhel_eus:9.2", "openshift:4.14" } },
		{ { main_line, NULL, ocp }, 3, { "", "", "openshift:4.14" } },
		{ { "", eus }, 2, { "rhel_eus:9.2", "rhel_eus:9.2" } },
	};
	struct content_sets *m = all_known();

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *layers[4];
		struct apply_result *r = apply(t[i].sets, t[i].n, layers);
		char ns[NAMESPACE_TEXT];
		struct diag d;

		assert_int_equal(r->n, t[i].n);
		assert_int_equal(apply_channels(r, m, &d), 0);
		for (size_t k = 0; k < r->n; k++) {
			struct match_package p = apply_match_package(r, k, ns);
			size_t layer = (size_t)(p.name.p[0] - 'a');

			assert_true(str_eqz(p.namespace,
			    "Red Hat:enterprise_linux:9"));
			if (!str_eqz(p.channels, t[i].want[layer]))
				fail_msg("row %zu, layer %zu: \"%.*s\"", i,
				    layer, STR_ARG(p.channels));
		}
		apply_result_free(r);
		for (size_t k = 0; k < t[i].n; k++)
			layer_inventory_free(layers[k]);
	}
	content_sets_free(m);
}

/* ------------------------------------------------------------------- the decision */

/* Package, where it is installed, and what the document says of it; fixed NULL =
 * nothing. */
static const struct row {
	const char *release, *name, *version, *arch, *source, *module, *channels;
	const char *fixed, *status, *reason;
	enum severity severity;
} rows[] = {
	/* binaries for what is fixed; the lowest build of the line */
	{ "9", "openssl-libs", "1:3.0.7-26.el9", "x86_64", "openssl", "", "",
	    "1:3.0.7-27.el9", "affected", "", SEVERITY_HIGH },
	{ "9", "openssl-libs", "1:3.0.7-27.el9", "x86_64", "openssl", "", "",
	    NULL, NULL, NULL, 0 },
	/* not listed, and the source's fix is none of its own */
	{ "9", "openssl-perl", "1:3.0.7-1.el9", "x86_64", "openssl", "", "",
	    NULL, NULL, NULL, 0 },
	{ "9", "openssl-debuginfo", "1:3.0.7-1.el9", "x86_64", "openssl", "", "",
	    NULL, NULL, NULL, 0 },
	{ "10", "openssl", "1:3.2.2-15.el10", "x86_64", "openssl", "", "",
	    "1:3.2.2-16.el10_1", "affected", "", SEVERITY_HIGH },
	/* el9_2 is for who has that line */
	{ "9", "openssl", "1:3.0.7-18.el9_2", "x86_64", "openssl", "", "",
	    "1:3.0.7-27.el9", "affected", "", SEVERITY_HIGH },
	{ "9", "openssl", "1:3.0.7-18.el9_2", "x86_64", "openssl", "",
	    "rhel_eus:9.2", NULL, NULL, NULL, 0 },
	{ "9", "openssl", "1:3.0.7-17.el9_2", "x86_64", "openssl", "",
	    "rhel_eus:9.2", "1:3.0.7-18.el9_2", "affected", "", SEVERITY_HIGH },
	{ "9", "openssl", "1:3.0.7-17.el9_2", "x86_64", "openssl", "",
	    "rhel_e4s:9.2", "1:3.0.7-18.el9_2", "affected", "", SEVERITY_HIGH },
	{ "9", "openssl", "1:3.0.1-47.el9_0", "x86_64", "openssl", "",
	    "rhel_e4s:9.0", NULL, NULL, NULL, 0 },
	{ "9", "openssl", "1:3.0.1-47.el9_0", "x86_64", "openssl", "",
	    "rhel_eus:9.0", "", "affected", "", SEVERITY_HIGH },
	{ "9", "openssl", "1:3.0.7-18.el9_2", "x86_64", "openssl", "",
	    "enterprise_linux:9 rhel_eus:9.2", NULL, NULL, NULL, 0 },
	/* the main line's flaw is in the other line, its fix is not */
	{ "9", "curl-minimal", "7.76.1-26.el9_2", "x86_64", "curl", "",
	    "rhel_eus:9.2", "", "affected", "", SEVERITY_HIGH },
	{ "9", "curl-minimal", "7.76.1-29.el9", "x86_64", "curl", "",
	    "rhel_eus:9.4", NULL, NULL, NULL, 0 },
	/* repositories of a line */
	{ "9", "libtool-ltdl-devel", "2.4.6-45.el9", "x86_64", "libtool", "", "",
	    "2.4.6-46.el9", "affected", "", SEVERITY_HIGH },
	/* sources for what is not fixed, with the vendor's words */
	{ "9", "perl-libs", "4:5.32.1-480.el9", "x86_64", "perl", "", "", "",
	    "affected", "Will not fix", SEVERITY_HIGH },
	{ "9", "perl-Errno", "1.30-480.el9", "x86_64", "perl", "", "", "",
	    "affected", "Will not fix", SEVERITY_HIGH },
	{ "9", "perl-Errno", "1.30-480.el9_2", "x86_64", "perl", "",
	    "rhel_eus:9.2", "", "affected", "Will not fix", SEVERITY_HIGH },
	{ "9", "zlib-devel", "1.2.11-40.el9", "x86_64", "zlib", "", "", "",
	    "affected", "", SEVERITY_LOW },
	{ "8", "openssl-libs", "1:1.1.1k-12.el8", "x86_64", "openssl", "", "", "",
	    "affected", "Fix deferred", SEVERITY_HIGH },
	{ "8", "perl-libs", "4:5.26.3-422.el8", "x86_64", "perl", "", "", "",
	    "not_affected", "vulnerable_code_not_present", SEVERITY_UNKNOWN },
	/* extended life: who has it is fixed, who has not will not be */
	{ "7", "curl", "7.29.0-59.el7_9.2", "x86_64", "curl", "", "rhel_els:7",
	    NULL, NULL, NULL, 0 },
	{ "7", "curl", "7.29.0-59.el7_9.1", "x86_64", "curl", "", "rhel_els:7",
	    "7.29.0-59.el7_9.2", "affected", "", SEVERITY_HIGH },
	{ "7", "curl", "7.29.0-59.el7_9.2", "x86_64", "curl", "", "", "",
	    "affected", "Out of support scope", SEVERITY_HIGH },
	/* module streams */
	{ "9", "nodejs", "1:18.18.0-1.module+el9.3.0+1+aa", "x86_64", "nodejs",
	    "nodejs:18:9030020231001:rhel9", "",
	    "1:18.19.0-1.module+el9.4.0+1+aa", "affected", "", SEVERITY_HIGH },
	{ "9", "nodejs", "1:18.19.0-1.module+el9.4.0+1+aa", "x86_64", "nodejs",
	    "nodejs:18:9040020240301:rhel9", "", NULL, NULL, NULL, 0 },
	{ "9", "nodejs", "1:20.10.0-1.module+el9.3.0+1+bb", "x86_64", "nodejs",
	    "nodejs:20:9030020231001:rhel9", "",
	    "1:20.11.0-1.module+el9.4.0+2+bb", "affected", "", SEVERITY_HIGH },
	{ "9", "nodejs", "1:16.20.2-4.el9_3", "x86_64", "nodejs", "", "", NULL,
	    NULL, NULL, 0 },
	/* one name from two sources */
	{ "7", "kernel-headers", "3.10.0-1160.99.1.el7", "x86_64", "kernel", "",
	    "", NULL, NULL, NULL, 0 },
	{ "7", "kernel-headers", "3.10.0-1127.19.1.el7", "x86_64", "kernel", "",
	    "", "3.10.0-1160.99.1.el7", "affected", "", SEVERITY_HIGH },
	{ "7", "kernel-headers", "4.14.0-49.el7a", "aarch64", "kernel-alt", "",
	    "", "4.14.0-115.35.1.el7a", "affected", "", SEVERITY_HIGH },
	{ "7", "kernel-headers", "4.14.0-115.35.1.el7a", "aarch64", "kernel-alt",
	    "", "", NULL, NULL, NULL, 0 },
	/* sold on top: only with its repository */
	{ "9", "podman", "3:4.4.1-11.rhaos4.14.el9", "x86_64", "podman", "",
	    "enterprise_linux:9 openshift:4.14", "3:4.4.1-12.rhaos4.14.el9",
	    "affected", "", SEVERITY_HIGH },
	{ "9", "podman", "2:4.4.1-3.el9", "x86_64", "podman", "", "", NULL, NULL,
	    NULL, 0 },
	{ "9", "puppet-agent", "7.1-1.el9", "x86_64", "puppet-agent", "", "",
	    NULL, NULL, NULL, 0 },
};

static void
check(const struct row *r, const struct advisory *a)
{
	struct pool *pool = pool_new(16 * MIB);
	char *namespace = mem_printf("Red Hat:enterprise_linux:%s", r->release);
	struct match_package p = { .namespace = str_of(namespace),
		.type = STR_LIT("rpm"), .name = str_of(r->name),
		.version = str_of(r->version), .arch = str_of(r->arch),
		.source_name = str_of(r->source), .module = str_of(r->module),
		.origin = STR_LIT("distro"), .channels = str_of(r->channels) };
	struct match_result got;
	struct diag d;

	assert_int_equal(match_decide(&p, a, &got, &d), 0);
	if (got.applies != (r->status != NULL))
		fail_msg("%s %s in \"%s\": %s (%s)", r->name, r->version,
		    r->channels, got.applies ? "applies" : "does not apply",
		    got.rule);
	assert_int_equal(match_ways_index(&p, a, pool, NULL), got.applies);
	if (got.applies) {
		assert_true(match_ways_rows(&p, a, pool));
		if (!str_eqz(got.status, r->status) ||
		    !str_eqz(got.fixed_version, r->fixed) ||
		    !str_eqz(got.reason, r->reason) ||
		    got.severity != r->severity)
			fail_msg("%s %s in \"%s\": %.*s, fixed \"%.*s\", because "
			    "\"%.*s\", %s", r->name, r->version, r->channels,
			    STR_ARG(got.status), STR_ARG(got.fixed_version),
			    STR_ARG(got.reason), severity_name(got.severity));
	}
	free(namespace);
	pool_free(pool);
}

static void
test_red_hats_document_about_many_products(void **state)
{
	struct buf in = slurp("tests/coordinator/matcher/feed/csaf/"
	    "redhat-channels.in");
	struct pool *pool = pool_new(16 * MIB);
	struct advisory a = match_ways_advisory(&feed_csaf, buf_view(&in), pool);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], &a);
	pool_free(pool);
	buf_done(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_product_is_of_a_release_and_a_line),
		cmocka_unit_test(test_what_is_said_of_a_line_reaches_images_that_have_it),
		cmocka_unit_test(test_a_list_is_sorted_and_has_each_once),
		cmocka_unit_test(test_repositories_tell_the_channels),
		cmocka_unit_test(test_lines_of_the_release_are_kept_before_what_is_sold_on_top),
		cmocka_unit_test(test_entries_of_a_frame_are_believed_within_bounds),
		cmocka_unit_test(test_a_layers_packages_take_its_channels),
		cmocka_unit_test(test_red_hats_document_about_many_products),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
