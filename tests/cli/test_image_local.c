/* Images on disk: layers, docker-save archives, layouts, folders; and, where
 * the team's fixtures are at hand, every row of their expected list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/image_local.h"
#include "common/digest.h"
#include "common/limits.h"
#include "common/mem.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/layer.h"

#define DB "var/lib/dpkg/status"
#define P(n) "Package: " n "\nStatus: install ok installed\nVersion: 1\n\n"
#define FIXTURES "../shared/data/inventory/"

static char dir[] = "/tmp/scanfarm-test-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	layer_warm_up();
	return (mkdtemp(dir) == NULL);
}

static int
tear_down(void **state)
{
	char cmd[200];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return (system(cmd));
}

static void
put(const char *name, struct str content)
{
	char path[400];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *p = path + strlen(dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		mkdir(path, 0777);
		*p = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(content.p, 1, content.n, f), content.n);
	fclose(f);
}

/* Names of packages and their layers, "a@0 b@1"; or the error. */
static const char *
names(const char *name, const char *platform, bool incomplete)
{
	static char out[400];
	struct image_local *img = NULL;
	struct diag d = { 0 };
	char path[400];
	size_t n = 0;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	rc = image_local_read(path, IMAGE_ANY, platform, false, &img, &d);
	if (rc < 0) {
		assert_true(d.text[0] != '\0');
		return (err_name(rc));
	}
	out[0] = '\0';
	for (size_t i = 0; i < img->result->n; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s@%u",
		    i > 0 ? " " : "", STR_ARG(img->result->packages[i].p.name),
		    img->result->packages[i].layer);
	if (img->result->incomplete != incomplete)
		fail_msg("%s: incomplete %d, %s", name, img->result->incomplete,
		    img->result->nreasons ? img->result->reasons[0].p : "");
	image_local_free(img);
	return (out);
}

static void
two_layers(struct tar_build t[2])
{
	tar_begin(&t[0]);
	tar_file(&t[0], DB, P("a"));
	tar_end(&t[0]);
	tar_begin(&t[1]);
	tar_file(&t[1], DB, P("a") P("b"));
	tar_end(&t[1]);
}

static void
test_layers_and_docker_archives(void **state)
{
	static const char manifest[] = "[{\"Config\":\"c.json\",\"RepoTags\":"
	    "[\"x.example/demo:1\"],\"Layers\":[\"l0/layer.tar\",\"l1/layer.tar\","
	    "\"l2/layer.tar\"]}]";
	struct tar_build t[2], a;
	struct str all;

	(void)state;
	two_layers(t);
	put("layer.tar", buf_view(&t[1].b));
	assert_string_equal(names("layer.tar", NULL, false), "a@0 b@0");
	put("cut.tar", str_n(t[1].b.p, 600));	/* within the content */
	assert_string_equal(names("cut.tar", NULL, true), "");
	put("cut2.tar", str_n(t[1].b.p, t[1].b.n - 1024 + 100));
	assert_string_equal(names("cut2.tar", NULL, true), "a@0 b@0");

	tar_begin(&a);
	tar_add(&a, "l1/layer.tar", '0', "", buf_view(&t[1].b));
	tar_add(&a, "l0/layer.tar", '0', "", buf_view(&t[0].b));
	tar_link(&a, "l2/layer.tar", "../l0/layer.tar");
	tar_file(&a, "manifest.json", manifest);
	all = tar_end(&a);
	put("save.tar", all);
	/* the third layer is the first again: b is gone */
	assert_string_equal(names("save.tar", NULL, false), "a@0");
	assert_string_equal(names("save.tar:1", NULL, false), "a@0");
	assert_string_equal(names("save.tar:x.example/demo:1", NULL, false), "a@0");
	assert_string_equal(names("save.tar:2", NULL, false), "usage");
	tar_done(&a);

	tar_begin(&a);	/* a layer is missing */
	tar_file(&a, "manifest.json", manifest);
	tar_add(&a, "l0/layer.tar", '0', "", buf_view(&t[0].b));
	all = tar_end(&a);
	put("missing.tar", all);
	assert_string_equal(names("missing.tar", NULL, true), "a@0");
	tar_done(&a);

	tar_begin(&a);
	tar_file(&a, "oci-layout", "{}");
	tar_file(&a, "index.json", "{}");
	put("oci.tar", tar_end(&a));
	assert_string_equal(names("oci.tar", NULL, false), "unsupported");
	tar_done(&a);

	put("text", str_of("no archive at all"));
	assert_string_equal(names("text", NULL, false), "malformed");
	assert_string_equal(names("absent", NULL, false), "not_found");
	put("empty.tar", str_of(""));
	assert_string_equal(names("empty.tar", NULL, false), "malformed");
	tar_done(&t[0]);
	tar_done(&t[1]);
}

/* A docker-save archive of one layer, with that config and "Layers". */
static void
put_archive(const char *name, struct str layer, const char *config,
    const char *layers)
{
	char manifest[200];
	struct tar_build a;

	snprintf(manifest, sizeof(manifest), "[{\"Config\":\"c.json\","
	    "\"Layers\":%s}]", layers);
	tar_begin(&a);
	tar_add(&a, "l/layer.tar", '0', "", layer);
	tar_add(&a, "l/json", '0', "", str_of("{}"));
	tar_file(&a, "c.json", config);
	if (layers[0] != '\0')
		tar_file(&a, "manifest.json", manifest);
	put(name, tar_end(&a));
	tar_done(&a);
}

static void
test_configs_of_docker_archives(void **state)
{
#define CONFIG_OF(os) "{\"os\":\"" os "\",\"architecture\":\"amd64\"," \
	"\"rootfs\":{\"diff_ids\":[%s]}}"
#define CONFIG CONFIG_OF("linux")
	static const char wrong[] = "\"sha256:00000000000000000000000000000000"
	    "00000000000000000000000000000000\"";
	char text[DIGEST_TEXT], right[100], config[400], ids[200];
	uint8_t sum[DIGEST_BYTES];
	struct tar_build t[2];
	struct str layer;

	(void)state;
	two_layers(t);
	layer = buf_view(&t[1].b);
	digest_of(layer.p, layer.n, sum);
	digest_format(sum, text);
	snprintf(right, sizeof(right), "\"%s\"", text);
	snprintf(config, sizeof(config), CONFIG, right);
	put_archive("right.tar", layer, config, "[\"l/layer.tar\"]");
	assert_string_equal(names("right.tar", NULL, false), "a@0 b@0");
	assert_string_equal(names("right.tar", "linux/amd64", false), "a@0 b@0");
	assert_string_equal(names("right.tar", "arm64", false), "usage");
	snprintf(config, sizeof(config), CONFIG_OF("windows"), right);
	put_archive("windows.tar", layer, config, "[\"l/layer.tar\"]");
	assert_string_equal(names("windows.tar", NULL, true), "a@0 b@0");
	snprintf(config, sizeof(config), CONFIG, right);
	put_archive("null.tar", layer, config, "null");
	assert_string_equal(names("null.tar", NULL, false), "malformed");
	/* before Docker 1.10 */
	put_archive("old.tar", layer, config, "");
	assert_string_equal(names("old.tar", NULL, false), "unsupported");

	snprintf(config, sizeof(config), CONFIG, wrong);
	put_archive("wrong.tar", layer, config, "[\"l/layer.tar\"]");
	assert_string_equal(names("wrong.tar", NULL, true), "");
	snprintf(ids, sizeof(ids), "%s,%s", right, wrong);
	snprintf(config, sizeof(config), CONFIG, ids);
	put_archive("more.tar", layer, config, "[\"l/layer.tar\"]");
	assert_string_equal(names("more.tar", NULL, false), "malformed");
	tar_done(&t[0]);
	tar_done(&t[1]);
}

/* As image_local_read() names its error, of a folder taken as a root. */
static const char *
root_error(const char *name)
{
	struct image_local *img = NULL;
	struct diag d = { 0 };
	char path[400];
	int rc;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	rc = image_local_read(path, IMAGE_ROOT, NULL, false, &img, &d);
	image_local_free(img);
	return (err_name(rc));
}

/* A blob of the layout, its descriptor into ${desc}. */
static void
blob(struct str content, const char *type, const char *more, char *desc, size_t n)
{
	uint8_t sum[DIGEST_BYTES];
	char text[DIGEST_TEXT], path[200];

	digest_of(content.p, content.n, sum);
	digest_format(sum, text);
	snprintf(path, sizeof(path), "layout/blobs/sha256/%s", text + 7);
	put(path, content);
	snprintf(desc, n, "{\"mediaType\":\"application/vnd.oci.image.%s\","
	    "\"digest\":\"%s\",\"size\":%zu%s}", type, text, content.n, more);
}

static void
put_index(const char *one, const char *other)
{
	char doc[2000];

	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s,%s]}",
	    one, other);
	put("layout/index.json", str_of(doc));
}

static void
test_unpacked_archives(void **state)
{
	(void)state;
	put("saved/manifest.json", str_of(" [{\"Config\":\"c.json\",\"RepoTags\":"
	    "[\"x:1\"],\"Layers\":[\"l/layer.tar\"]}]"));
	assert_string_equal(names("saved", NULL, false), "usage");
	assert_string_equal(root_error("saved"), "usage");
	put("saved/manifest.json", str_of("[{\"Config\":\"an application's own\"}]"));
	assert_string_equal(names("saved", NULL, false), "");
}

static void
test_folders_of_skopeo(void **state)
{
	(void)state;
	put("skopeo/manifest.json", str_of("{}"));
	put("skopeo/version", str_of("1.2.3\n"));
	assert_string_equal(names("skopeo", NULL, false), "");
	put("skopeo/version", str_of("Directory Transport Version: 1.1\n"));
	assert_string_equal(names("skopeo", NULL, false), "unsupported");
	assert_string_equal(root_error("skopeo"), "unsupported");
}

static void
test_a_repeated_layer_is_read_once(void **state)
{
	char layer[500], config[500], manifest[500], doc[3000], path[200];
	struct image_local *img = NULL;
	struct tar_build t[2];
	struct diag d;

	(void)state;
	two_layers(t);
	blob(buf_view(&t[0].b), "layer.v1.tar", "", layer, 500);
	blob(str_of("{}"), "config.v1+json", "", config, 500);
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"mediaType\":"
	    "\"application/vnd.oci.image.manifest.v1+json\",\"config\":%s,"
	    "\"layers\":[%s,%s,%s]}", config, layer, layer, layer);
	blob(str_of(doc), "manifest.v1+json", "", manifest, 500);
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s]}",
	    manifest);
	put("layout/index.json", str_of(doc));
	put("layout/oci-layout", str_of("{\"imageLayoutVersion\":\"1.0.0\"}"));
	snprintf(path, sizeof(path), "%s/layout", dir);
	assert_int_equal(image_local_read(path, IMAGE_ANY, NULL, false, &img, &d), 0);
	assert_int_equal(img->nlayers, 3);
	assert_ptr_equal(img->layers[0], img->layers[1]);
	assert_ptr_equal(img->layers[0], img->layers[2]);
	assert_int_equal(img->result->n, 1);
	image_local_free(img);
	tar_done(&t[0]);
	tar_done(&t[1]);
}

static void
test_layouts(void **state)
{
	struct tar_build t[2];
	char desc[6][500], nested[500], doc[2000], path[400];

	(void)state;
	two_layers(t);
	put("layout/oci-layout", str_of("{\"imageLayoutVersion\":\"1.0.0\"}"));
	blob(buf_view(&t[0].b), "layer.v1.tar", "", desc[0], 500);
	blob(buf_view(&t[1].b), "layer.v1.tar", "", desc[1], 500);
	blob(str_of("{}"), "config.v1+json", "", desc[2], 500);
	for (int i = 0; i < 2; i++) {
		snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"mediaType\":"
		    "\"application/vnd.oci.image.manifest.v1+json\",\"config\":%s,"
		    "\"layers\":[%s%s%s]}", desc[2], desc[0], i ? "," : "",
		    i ? desc[1] : "");
		blob(str_of(doc), "manifest.v1+json", i ?
		    ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}" :
		    ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}",
		    desc[3 + i], 500);
	}
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"mediaType\":"
	    "\"application/vnd.oci.image.index.v1+json\",\"manifests\":[%s,%s]}",
	    desc[3], desc[4]);
	blob(str_of(doc), "index.v1+json", ",\"annotations\":"
	    "{\"org.opencontainers.image.ref.name\":\"v1\"}", desc[5], 500);
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s]}", desc[5]);
	put("layout/index.json", str_of(doc));
	assert_string_equal(names("layout", NULL, false), "a@0 b@1");
	assert_string_equal(root_error("layout"), "usage");
	assert_string_equal(names("layout:v1", "arm64", false), "a@0");
	assert_string_equal(names("layout", "linux/amd64", false), "a@0 b@1");
	assert_string_equal(names("layout", "s390x", false), "usage");
	assert_string_equal(names("layout:v2", NULL, false), "usage");

	/* The same without an index around the platforms. */
	put_index(desc[3], desc[4]);
	assert_string_equal(names("layout", NULL, false), "a@0 b@1");
	assert_string_equal(names("layout", "linux/arm64", false), "a@0");
	assert_string_equal(names("layout", "s390x", false), "usage");
	put_index(desc[4], desc[4]);	/* two for one platform: which? */
	assert_string_equal(names("layout", NULL, false), "usage");
	blob(str_of("{}"), "manifest.v1+json", ",\"platform\":{\"os\":\"unknown\","
	    "\"architecture\":\"unknown\"}", nested, sizeof(nested));
	put_index(nested, desc[3]);	/* an attestation is none */
	assert_string_equal(names("layout", NULL, false), "a@0");
	assert_string_equal(names("layout", "amd64", false), "usage");

	/* Indexes in indexes. */
	memcpy(nested, desc[5], sizeof(nested));
	for (int depth = 2; depth <= LIMIT_INDEX_DEPTH + 1; depth++) {
		snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"mediaType\":"
		    "\"application/vnd.oci.image.index.v1+json\",\"manifests\":[%s]}",
		    nested);
		blob(str_of(doc), "index.v1+json", "", nested, sizeof(nested));
		snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s]}",
		    nested);
		put("layout/index.json", str_of(doc));
		assert_string_equal(names("layout", NULL, false),
		    depth <= LIMIT_INDEX_DEPTH ? "a@0 b@1" : "limit");
	}

	/* One image alone: its config says what it is for. */
	blob(str_of("{\"os\":\"linux\",\"architecture\":\"arm64\","
	    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]}}"),
	    "config.v1+json", "", desc[2], 500);
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"mediaType\":"
	    "\"application/vnd.oci.image.manifest.v1+json\",\"config\":%s,"
	    "\"layers\":[%s]}", desc[2], desc[0]);
	blob(str_of(doc), "manifest.v1+json", ",\"annotations\":"
	    "{\"org.opencontainers.image.ref.name\":\"one\"}", desc[3], 500);
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s,%s]}",
	    desc[5], desc[3]);
	put("layout/index.json", str_of(doc));
	assert_string_equal(names("layout:one", NULL, false), "a@0");
	assert_string_equal(names("layout:one", "linux/arm64", false), "a@0");
	assert_string_equal(names("layout:one", "amd64", false), "usage");
	assert_string_equal(names("layout", NULL, false), "usage");	/* which? */
	snprintf(doc, sizeof(doc), "{\"schemaVersion\":2,\"manifests\":[%s]}", desc[5]);
	put("layout/index.json", str_of(doc));

	/* A blob that is not what its name says counts as not read. */
	t[1].b.p[600] ^= 1;
	snprintf(path, sizeof(path), "layout/blobs/sha256/%.64s",
	    strstr(desc[1], "sha256:") + 7);
	put(path, buf_view(&t[1].b));
	assert_string_equal(names("layout", NULL, true), "a@0");
	snprintf(doc, sizeof(doc), "%s/%s", dir, path);
	assert_int_equal(unlink(doc), 0);
	assert_string_equal(names("layout", NULL, true), "a@0");
	assert_int_equal(mkfifo(doc, 0600), 0);	/* nobody writes into it */
	assert_string_equal(names("layout", NULL, true), "a@0");
	snprintf(doc, sizeof(doc), "%s/layout/index.json", dir);
	assert_int_equal(unlink(doc), 0);
	assert_int_equal(mkfifo(doc, 0600), 0);
	assert_string_equal(names("layout", NULL, true), "malformed");
	tar_done(&t[0]);
	tar_done(&t[1]);
}

static void
test_folders_are_not_left(void **state)
{
	char path[400], target[400];

	(void)state;
	put("outside/dpkg/status", str_of(P("secret")));
	put("root/usr/lib/os-release", str_of("ID=x\n"));
	put("root/usr/lib/apk/db/installed", str_of("P:a\nV:1\n\n"));
	snprintf(path, sizeof(path), "%s/root/lib", dir);
	assert_int_equal(symlink("usr/lib", path), 0);
	assert_string_equal(names("root", NULL, false), "a@0");
	/* ... a link that leads out is taken inside the root: nothing there */
	snprintf(path, sizeof(path), "%s/root/var", dir);
	assert_int_equal(mkdir(path, 0777), 0);
	snprintf(path, sizeof(path), "%s/root/var/lib", dir);
	snprintf(target, sizeof(target), "%s/outside", dir);
	assert_int_equal(symlink(target, path), 0);
	assert_string_equal(names("root", NULL, false), "a@0");
	assert_string_equal(names("root:tag", NULL, false), "usage");
}

static void
test_a_database_of_a_folder_behind_a_link(void **state)
{
	char path[400];

	(void)state;
	put("linked/etc/os-release", str_of("ID=debian\nVERSION_ID=12\n"));
	put("linked/data/dpkg/status", str_of(P("a")));
	put("linked/var/lib/x", str_of(""));
	snprintf(path, sizeof(path), "%s/linked/var/lib/dpkg", dir);
	assert_int_equal(symlink("/data/dpkg", path), 0);
	assert_string_equal(names("linked", NULL, false), "a@0");
}

/* ------------------------------------------------ the team's fixtures -- */

static void
test_lock_files_only_when_asked_for(void **state)
{
	struct image_local *img = NULL;
	struct diag d;
	char path[400];

	(void)state;
	put("lock/app/go.mod", str_of("module x\nrequire example.com/a v1.0.0\n"));
	snprintf(path, sizeof(path), "%s/lock", dir);
	for (int asked = 0; asked < 2; asked++) {
		assert_int_equal(image_local_read(path, IMAGE_ROOT, NULL,
		    asked == 1, &img, &d), 0);
		assert_int_equal(img->result->n, asked);
		image_local_free(img);
	}
}

static int
line_cmp(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

struct lines {
	char **v;
	size_t n;
};

static void
add(struct lines *l, char *line)
{
	l->v = mem_realloc(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = line;
}

static void
lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

static void
read_fixture(const char *name, bool archive, struct lines *l)
{
	struct image_local *img = NULL;
	struct diag d;
	char path[400];

	snprintf(path, sizeof(path), FIXTURES "%s", name);
	assert_int_equal(image_local_read(path, IMAGE_ANY, NULL, false, &img, &d), 0);
	assert_false(img->result->incomplete);
	for (size_t i = 0; i < img->result->n; i++) {
		const struct apply_package *p = &img->result->packages[i];

		if (p->p.state.n == 0)
			add(l, mem_printf("%s%s%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t"
			    "%.*s\t%.*s\n", name, archive ? "" : "/",
			    archive ? 0 : (int)p->path.n, p->path.p,
			    STR_ARG(p->p.type), STR_ARG(p->p.name),
			    STR_ARG(p->p.version), STR_ARG(p->p.arch),
			    STR_ARG(p->p.source_name),
			    STR_ARG(p->p.source_version)));
	}
	image_local_free(img);
}

static void
test_every_expected_row_of_the_fixtures(void **state)
{
	static const char *const cases[] = { "apk/alpine-310",
	    "apk/different-arch", "apk/scalibr", "apk/syft-coverage",
	    "apk/syft-multiple-1", "dpkg/distroless-syft",
	    "dpkg/scalibr-statusfield", "dpkg/scalibr-valid", "dpkg/stackrox",
	    "dpkg/texlive", "python", "images/alpine-310.tar.gz" };
	struct lines want = { 0 }, got = { 0 };
	FILE *f = fopen(FIXTURES "expected.tsv", "r");
	char *line = NULL;
	size_t cap = 0;

	(void)state;
	if (f == NULL)
		skip();
	while (getline(&line, &cap, f) > 0)
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
			if (str_starts(str_of(line), cases[i]))
				add(&want, mem_strdup(line));
	fclose(f);
	free(line);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		read_fixture(cases[i], i + 1 == sizeof(cases) / sizeof(*cases), &got);
	qsort(want.v, want.n, sizeof(*want.v), line_cmp);
	qsort(got.v, got.n, sizeof(*got.v), line_cmp);
	for (size_t i = 0; i < want.n && i < got.n; i++)
		if (strcmp(want.v[i], got.v[i]) != 0)
			fail_msg("want %sgot  %s", want.v[i], got.v[i]);
	assert_int_equal(got.n, want.n);
	assert_true(want.n > 400);
	lines_free(&want);
	lines_free(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers_and_docker_archives),
		cmocka_unit_test(test_configs_of_docker_archives),
		cmocka_unit_test(test_unpacked_archives),
		cmocka_unit_test(test_folders_of_skopeo),
		cmocka_unit_test(test_a_repeated_layer_is_read_once),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_folders_are_not_left),
		cmocka_unit_test(test_a_database_of_a_folder_behind_a_link),
		cmocka_unit_test(test_lock_files_only_when_asked_for),
		cmocka_unit_test(test_every_expected_row_of_the_fixtures),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
