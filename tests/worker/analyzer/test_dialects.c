/* The same tree in every tar dialect that GNU tar writes gives the same
 * inventory: long names, sparse files, members in a row; and damaged tars
 * never bring the reader down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>
#include "tests/lib/tar_build.h"
#include "worker/analyzer/layer.h"

static char dir[] = "/tmp/scanfarm-test-XXXXXX";

static int
shell(const char *fmt, ...)
{
	char cmd[2000], full[2200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	snprintf(full, sizeof(full), "cd %s && %s", dir, cmd);
	return (system(full));
}

static int
set_up(void **state)
{
	(void)state;
	layer_warm_up();
	if (mkdtemp(dir) == NULL)
		return (1);
	/* 60 * 5 bytes of folders; a file whose second half is a hole */
	return (shell("mkdir -p r/var/lib/dpkg r/usr/lib && cd r && "
	    "d=$(printf 'folder-%%053d/' 1 2 3 4 5) && mkdir -p $d/x.dist-info && "
	    "printf 'Name: deep\\nVersion: 1\\n' >$d/x.dist-info/METADATA && "
	    "mkdir s.dist-info && printf 'Name: sparse\\nVersion: 2\\n\\n' "
	    ">s.dist-info/METADATA && truncate -s 300000 s.dist-info/METADATA && "
	    "printf 'tail' >>s.dist-info/METADATA && "
	    "printf 'Package: a\\nStatus: install ok installed\\nVersion: 1\\n' "
	    ">var/lib/dpkg/status && printf 'ID=x\\n' >usr/lib/os-release && "
	    "ln -s $d link && ln usr/lib/os-release usr/lib/other"));
}

static int
tear_down(void **state)
{
	(void)state;
	return (shell("rm -rf %s", dir));
}

static struct layer_inventory *
read_file(const char *name)
{
	static struct source_fd in;
	struct layer_options opt = { .want_hashes = true };
	struct layer_inventory *l = NULL;
	struct layer_stats stats;
	struct source src;
	char path[200];
	struct diag d;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	in.fd = open(path, O_RDONLY);
	assert_true(in.fd >= 0);
	src = source_fd(&in);
	assert_int_equal(layer_read_memory(&src, &opt, &l, &stats, &d), 0);
	close(in.fd);
	return (l);
}

static const struct inventory_file *
by_package(const struct layer_inventory *l, const char *name)
{
	for (size_t i = 0; i < l->nfiles; i++)
		if (l->files[i].n == 1 &&
		    str_eqz(l->files[i].packages[0].name, name))
			return (&l->files[i]);
	return (NULL);
}

static void
test_dialects_give_the_same_inventory(void **state)
{
	static const char *const ways[] = {
		"--format=gnu", "--format=oldgnu", "--format=pax",
		"--format=gnu --sparse", "--format=pax --sparse --sparse-version=0.0",
		"--format=pax --sparse --sparse-version=0.1",
		"--format=pax --sparse --sparse-version=1.0",
		"--format=gnu -b 1", "--format=pax --pax-option=globexthdr.name=g,comment=x",
		"--format=gnu --owner=long-name-of-an-owner:4000000",
	};
	const struct inventory_file *f;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct layer_inventory *l;

		assert_int_equal(shell("tar %s -C r -cf x.tar .", ways[i]), 0);
		l = read_file("x.tar");
		if (l->incomplete || l->nfiles != 4)
			fail_msg("%s: %zu files, %s", ways[i], l->nfiles,
			    l->nreasons ? l->reasons[0].p : "");
		assert_non_null(by_package(l, "a"));
		f = by_package(l, "deep");
		assert_non_null(f);
		assert_true(f->path.n > 300 &&
		    str_ends(f->path, "/x.dist-info/METADATA"));
		f = by_package(l, "sparse");
		assert_non_null(f);
		/* holes read as zeros, whatever the map looks like */
		static uint8_t first[32];
		if (i == 0)
			memcpy(first, f->sha256, 32);
		assert_memory_equal(f->sha256, first, 32);
		layer_inventory_free(l);
	}
}

static void
test_members_and_frames_in_a_row(void **state)
{
	struct layer_inventory *l;

	(void)state;
	assert_int_equal(shell("tar --format=pax -C r -cf x.tar . && "
	    "head -c 1000 x.tar | gzip >x.gz && "
	    "tail -c +1001 x.tar | head -c 3000 | gzip -1 >>x.gz && "
	    "tail -c +4001 x.tar | gzip -9 >>x.gz && head -c 300 /dev/zero >>x.gz"), 0);
	l = read_file("x.gz");
	assert_false(l->incomplete);
	assert_int_equal(l->nfiles, 4);
	layer_inventory_free(l);
	assert_int_equal(shell("head -c 20000 x.gz | head -c -310 >y.gz"), 0);
	l = read_file("y.gz");
	assert_true(l->incomplete);
	layer_inventory_free(l);
}

/* What runs images refuses a tar that goes on behind one zero block. */
static void
test_ends(void **state)
{
	static const struct { const char *tail; bool incomplete; } t[] = {
		{ "</dev/null", false }, { "-c 512 /dev/zero", false },
		{ "-c 1024 /dev/zero", false },
		{ "-c 512 /dev/zero && cat x.tar", true },
		{ "-c 1024 /dev/zero && cat x.tar", false },
	};

	(void)state;
	assert_int_equal(shell("tar --format=pax -b1 -C r -cf x.tar . && "
	    "head -c -1024 x.tar >bare.tar"), 0);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct layer_inventory *l;

		assert_int_equal(shell("(cat bare.tar && head %s) >e.tar",
		    t[i].tail), 0);
		l = read_file("e.tar");
		assert_int_equal(l->nfiles, 4);
		if (l->incomplete != t[i].incomplete)
			fail_msg("%s: %s", t[i].tail,
			    l->nreasons ? l->reasons[0].p : "");
		if (t[i].incomplete)
			assert_non_null(strstr(l->reasons[0].p,
			    "a single zero block"));
		layer_inventory_free(l);
	}
}

/* A name longer than the extended headers that can be checked. */
static void
test_huge_names_are_told(void **state)
{
	struct layer_inventory *l;

	(void)state;
	for (int kib = 60; kib <= 960; kib *= 4) {
		assert_int_equal(shell("python3 - <<'E'\n"
		    "import tarfile,io\n"
		    "t=tarfile.open('h.tar','w',format=tarfile.PAX_FORMAT)\n"
		    "i=tarfile.TarInfo('a/'+'n'*%d)\n"
		    "t.addfile(i)\n"
		    "i=tarfile.TarInfo('etc/os-release');i.size=5\n"
		    "t.addfile(i,io.BytesIO(b'ID=x\\n'))\n"
		    "t.close()\nE", kib * 1024), 0);
		l = read_file("h.tar");
		assert_true(l->incomplete);
		if (kib < 900)	/* libarchive itself gives up at 1 MiB */
			assert_int_equal(l->nfiles, 1);
		layer_inventory_free(l);
	}
}

/* Bytes changed at random, always the same ones. */
static void
test_damage_never_brings_it_down(void **state)
{
	struct tar_build t;
	uint64_t x = 88172645463325252u;
	struct str all;

	(void)state;
	tar_begin(&t);
	tar_pax(&t, (struct str)STR_LIT("28 path=var/lib/dpkg/status\n"));
	tar_file(&t, "s", "Package: a\nStatus: install ok installed\nVersion: 1\n");
	tar_link(&t, "lib", "usr/lib");
	tar_hard(&t, "etc/os-release", "usr/lib/os-release");
	tar_file(&t, "usr/.wh.lib", "");
	tar_add(&t, "././@LongLink", 'L', "", str_of("lib/apk/db/installed"));
	tar_file(&t, "l", "P:a\nV:1\n\n");
	all = tar_end(&t);
	for (int i = 0; i < 3000; i++) {
		struct layer_options opt = { .want_hashes = true };
		struct source_memory m;
		struct source src;
		struct layer_inventory *l = NULL;
		struct layer_stats stats;
		struct diag d;
		uint8_t *p = malloc(all.n);

		memcpy(p, all.p, all.n);
		for (int k = 0; k < 1 + i % 4; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			p[x % all.n] = (uint8_t)(x >> 32);
			/* mend the checksum half of the time, or it always
			 * ends there */
			if (i % 2 == 0) {
				uint8_t *h = p + x % all.n / 512 * 512;
				unsigned sum = 0;

				memset(h + 148, ' ', 8);
				for (int j = 0; j < 512; j++)
					sum += h[j];
				snprintf((char *)h + 148, 8, "%06o", sum);
			}
		}
		m = (struct source_memory) { p, all.n, 0 };
		src = source_memory(&m);
		assert_int_equal(layer_read_memory(&src, &opt, &l, &stats, &d), 0);
		layer_inventory_free(l);
		free(p);
	}
	tar_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialects_give_the_same_inventory),
		cmocka_unit_test(test_members_and_frames_in_a_row),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_huge_names_are_told),
		cmocka_unit_test(test_damage_never_brings_it_down),
	};

	return (cmocka_run_group_tests(tests, set_up, tear_down));
}
