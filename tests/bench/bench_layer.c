/*
 * How near the layer reader comes to what the machine can do, and how much
 * memory it takes.
 *
 *	bench_layer memory
 *	bench_layer speed FILE.tar.gz|FILE.tar.zst...
 *
 * speed: CPU time of [one call of ISA-L's inflate or libzstd's decompress over
 * the whole blob + sha256 of the blob] divided by that of the product's layer
 * code over the same bytes with the same sha256; interleaved rounds, median.
 * memory: peak resident set of a process that reads layers of a generator's
 * pipe.  Fails when a gate fails (a layer not read cleanly, memory above its
 * ceiling); ratios are printed, not judged: the machine may be busy.
 */
#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>
#include "common/digest.h"
#include "common/mem.h"
#include "tests/lib/slurp.h"
#include "tests/lib/tar_build.h"
#include "worker/analyzer/layer.h"

#define ROUNDS 7
#define MEMORY_CEILING_KB (40 * 1024)

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

static int
double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return ((x > y) - (x < y));
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), double_cmp);
	return (v[n / 2]);
}

/* ----------------------------------------------------------- the product -- */

struct counted {
	uint64_t files, incomplete;
};

static int
take_file(void *arg, struct str record)
{
	(void)record;
	((struct counted *)arg)->files++;
	return (0);
}

static int
take_tree(void *arg, const struct tree_entry *e)
{
	(void)arg;
	(void)e;
	return (0);
}

static int
take_incomplete(void *arg, enum err code, struct str reason)
{
	(void)code;
	fprintf(stderr, "incomplete: %.*s\n", STR_ARG(reason));
	((struct counted *)arg)->incomplete++;
	return (0);
}

/* Bytes in pieces of 64 KiB with their digest, as a worker gets them. */
struct hashed {
	struct source inner;
	struct digest *sum;
};

static int64_t
hashed_read(void *arg, const uint8_t **ret, struct diag *d)
{
	struct hashed *h = arg;
	int64_t n = h->inner.read(h->inner.arg, ret, d);

	if (n > 0 && h->sum != NULL)
		digest_add(h->sum, *ret, (size_t)n);
	return (n);
}

static bool
product(struct source inner, bool sum, bool hashes, struct layer_stats *st)
{
	struct counted c = { 0 };
	const struct layer_sink sink = { &c, take_file, take_tree,
	    take_incomplete, NULL };
	const struct layer_options opt = { .want_hashes = hashes };
	struct hashed h = { inner, sum ? digest_new() : NULL };
	const struct source src = { hashed_read, &h };
	uint8_t out[DIGEST_BYTES];
	struct diag d;
	int rc = layer_read(&src, &opt, &sink, st, &d);

	if (sum)
		digest_end(h.sum, out);
	digest_free(h.sum);
	return (rc == 0 && c.incomplete == 0 && st->entries > 0);
}

/* ------------------------------------------------------------- the limit -- */

static bool
limit(const uint8_t *p, size_t n, uint8_t *out, size_t room, bool zstd)
{
	struct inflate_state s;
	uint8_t sum[DIGEST_BYTES];
	bool ok;

	if (zstd) {
		ok = !ZSTD_isError(ZSTD_decompress(out, room, p, n));
	} else {
		isal_inflate_init(&s);
		s.crc_flag = ISAL_GZIP;
		s.next_in = (uint8_t *)(uintptr_t)p;
		s.avail_in = (uint32_t)n;
		s.next_out = out;
		s.avail_out = (uint32_t)room;
		ok = isal_inflate(&s) == ISAL_DECOMP_OK;
	}
	digest_of(p, n, sum);
	return (ok);
}

static bool
speed_of(const char *path)
{
	double t0, t1, t2, lim[ROUNDS], prod[ROUNDS], ratio[ROUNDS];
	struct layer_stats st = { 0 };
	struct source_memory m;
	struct buf blob = slurp("%s", path);
	bool zstd = blob.n > 0 && blob.p[0] == 0x28, ok = false;
	uint8_t *out = NULL;

	m = (struct source_memory) { blob.p, blob.n, 65536 };
	if (!product(source_memory(&m), true, false, &st))
		goto out;
	out = mem_alloc(st.tar_bytes + 64);
	memset(out, 1, st.tar_bytes + 64);	/* mapped before it is timed */
	for (int i = 0; i < ROUNDS; i++) {
		t0 = cpu();
		if (!limit(blob.p, blob.n, out, st.tar_bytes + 64, zstd))
			goto out;
		t1 = cpu();
		m = (struct source_memory) { blob.p, blob.n, 65536 };
		if (!product(source_memory(&m), true, false, &st))
			goto out;
		t2 = cpu();
		lim[i] = t1 - t0;
		prod[i] = t2 - t1;
		ratio[i] = lim[i] / prod[i];
	}
	ok = true;
	printf("%-28s ratio %.2f  limit %4.0f MB/s  layer code %4.0f MB/s  "
	    "(%s, %.0f MB -> %.0f MB, %llu entries)\n", strrchr(path, '/') ?
	    strrchr(path, '/') + 1 : path, median(ratio, ROUNDS),
	    (double)blob.n / 1e6 / median(lim, ROUNDS),
	    (double)blob.n / 1e6 / median(prod, ROUNDS),
	    zstd ? "zstd" : "gzip", (double)blob.n / 1e6,
	    (double)st.tar_bytes / 1e6, (unsigned long long)st.entries);
out:
	if (!ok)
		printf("%s: GATE FAILED: not read cleanly\n", path);
	buf_done(&blob);
	free(out);
	return (ok);
}

/* ---------------------------------------------------------------- memory -- */

static void
emit(FILE *f, const char *name, size_t size)
{
	static const char zeros[65536];
	char h[TAR_BLOCK];

	tar_header(h, name, '0', "", size);
	fwrite(h, 1, sizeof(h), f);
	for (size += tar_padding(size); size > 0; ) {
		size_t n = size < sizeof(zeros) ? size : sizeof(zeros);

		fwrite(zeros, 1, n, f);
		size -= n;
	}
}

static void
generate(int fd, size_t files, size_t size)
{
	FILE *f = fdopen(fd, "w");
	char name[100];

	for (size_t i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "usr/share/d%zu/file-%zu", i / 1000, i);
		emit(f, name, size);
	}
	emit(f, "etc/os-release", 0);
	for (int i = 0; i < 2 * TAR_BLOCK; i++)
		fputc(0, f);
	fclose(f);
}

/* Peak KiB of a process that reads such a layer, or -1. */
static long
peak(size_t files, size_t size, bool hashes)
{
	static struct source_fd in;
	struct layer_stats st;
	struct rusage ru;
	int fd[2], status;
	pid_t gen, pid;

	if (pipe(fd) < 0 || (gen = fork()) < 0)
		return (-1);
	if (gen == 0) {
		close(fd[0]);
		generate(fd[1], files, size);
		_exit(0);
	}
	close(fd[1]);
	if ((pid = fork()) == 0) {
		in.fd = fd[0];
		_exit(!product(source_fd(&in), false, hashes, &st) ||
		    st.entries != files + 1);
	}
	close(fd[0]);
	if (pid < 0 || wait4(pid, &status, 0, &ru) < 0)
		return (-1);
	waitpid(gen, NULL, 0);
	return (status == 0 ? ru.ru_maxrss : -1);
}

static bool
memory(void)
{
	static const struct {
		const char *what;
		size_t files, size;
		bool hashes;
		long extra_kb;	/* 8 bytes a path, and half again while growing */
	} t[] = {
		{ "10 MB layer", 10, 1 << 20, false, 0 },
		{ "1 GB layer", 1000, 1 << 20, false, 0 },
		{ "one file of 1 GB", 1, 1 << 30, false, 0 },
		{ "3 million empty files", 3000000, 0, false, 0 },
		{ "3 million, with hashes", 3000000, 0, true, 36 * 1024 },
	};
	bool ok = true;
	long kb, first = 0;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		kb = peak(t[i].files, t[i].size, t[i].hashes);
		first = first == 0 ? kb : first;
		printf("%-28s peak %5.1f MiB  (%.2f of the first, ceiling %ld MiB)%s\n",
		    t[i].what, (double)kb / 1024, (double)kb / (double)first,
		    (MEMORY_CEILING_KB + t[i].extra_kb) / 1024,
		    kb < 0 ? " GATE FAILED: not read cleanly" :
		    kb > MEMORY_CEILING_KB + t[i].extra_kb ? " GATE FAILED" : "");
		ok &= kb > 0 && kb <= MEMORY_CEILING_KB + t[i].extra_kb;
		fflush(stdout);
	}
	return (ok);
}

int
main(int argc, char **argv)
{
	bool ok = true;

	layer_warm_up();
	if (argc == 2 && strcmp(argv[1], "memory") == 0) {
		ok = memory();
	} else if (argc > 2 && strcmp(argv[1], "speed") == 0) {
		for (int i = 2; i < argc; i++)
			ok &= speed_of(argv[i]);
	} else {
		fprintf(stderr, "usage: bench_layer memory | speed FILE...\n");
		return (2);
	}
	return (ok ? 0 : 1);
}
