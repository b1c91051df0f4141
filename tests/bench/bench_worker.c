/*
 * How much memory a worker takes: the program scanfarm-worker with one slot,
 * under a coordinator and beside a registry that this program plays, reads
 * layers made on the spot.
 *
 *	bench_worker SCANFARM_WORKER FOLDER
 *
 * Layers are written to FOLDER.  For each a new worker is started, and all its
 * processes (link, launcher, slot, and the parser while it lives) are looked at
 * every few milliseconds in /proc: the peak resident set the kernel keeps of
 * each (VmHWM), and what no other process shares (Private_* of smaps_rollup).
 * The peaks are added, though they need not fall together, and shared pages
 * count once in every process: the truth is lower.
 *
 * Fails when a layer is not read cleanly with the entries and the packages it
 * has, or when the sum of the peaks is above the aim, 64 MiB, plus what path
 * hashes may take: 8 bytes a path, and half again while the list grows.
 */
#include <ctype.h>
#include <czmq.h>
#include <dirent.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>
#include "common/limits.h"
#include "common/inventory.h"
#include "common/mem.h"
#include "common/wire.h"
#include "tests/lib/cli_run.h"
#include "tests/lib/http_serve.h"
#include "tests/lib/tar_build.h"

#define AIM_KB (64 * 1024)
#define LOOK_MS 5
#define PACKAGES 400

static const char *worker_program;
static char *folder;

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bench_worker: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

/* ------------------------------------------------------------------ layers -- */

/* A blob on its way to a file. */
struct blob {
	FILE *f;
	struct isal_zstream gz;
	uint8_t level[ISAL_DEF_LVL1_DEFAULT];
	ZSTD_CCtx *zs;		/* NULL = gzip */
	uint8_t out[1 << 16];
};

static void
blob_gzip(struct blob *b, const void *p, size_t n, bool end)
{
	struct isal_zstream *z = &b->gz;

	z->next_in = (uint8_t *)(uintptr_t)p;
	z->avail_in = (uint32_t)n;
	z->end_of_stream = end;
	do {
		z->next_out = b->out;
		z->avail_out = sizeof(b->out);
		must(isal_deflate(z) == COMP_OK, "deflate");
		n = sizeof(b->out) - z->avail_out;
		must(fwrite(b->out, 1, n, b->f) == n, "write");
	} while (z->avail_out == 0 || (end &&
	    z->internal_state.state != ZSTATE_END));
}

static void
blob_zstd(struct blob *b, const void *p, size_t n, bool end)
{
	ZSTD_inBuffer in = { p, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { b->out, sizeof(b->out), 0 };

		left = ZSTD_compressStream2(b->zs, &out, &in, end ? ZSTD_e_end :
		    ZSTD_e_continue);
		must(!ZSTD_isError(left), "zstd");
		must(fwrite(b->out, 1, out.pos, b->f) == out.pos, "write");
	} while (in.pos < in.size || (end && left > 0));
}

static void
blob_add(struct blob *b, const void *p, size_t n, bool end)
{
	if (b->zs != NULL)
		blob_zstd(b, p, n, end);
	else
		blob_gzip(b, p, n, end);
}

static void
add_file(struct blob *b, const char *name, const void *p, size_t n)
{
	static const char zeros[TAR_BLOCK];
	char h[TAR_BLOCK];

	tar_header(h, name, '0', "", n);
	blob_add(b, h, sizeof(h), false);
	blob_add(b, p, n, false);
	blob_add(b, zeros, tar_padding(n), false);
}

static void
add_database(struct blob *b)
{
	struct buf db;

	buf_init(&db, 1 * MIB);
	for (int i = 0; i < PACKAGES; i++)
		must(buf_printf(&db, "Package: package-%d\nStatus: install ok "
		    "installed\nArchitecture: amd64\nVersion: 1.%d-1\n"
		    "Description: one of many\n Some words about it.\n\n", i,
		    i) == 0, "database");
	add_file(b, "var/lib/dpkg/status", db.p, db.n);
	buf_done(&db);
}

/* Text that compresses about as programs do, to be cut pieces from. */
static uint8_t *
make_text(size_t n)
{
	uint8_t *p = mem_alloc(n);
	uint64_t x = 88172645463325252;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		p[i] = x % 3 != 0 ? (uint8_t)(x >> 56) & 15 : (uint8_t)(x >> 48);
	}
	return (p);
}

struct layer {
	const char *what;
	size_t files, size;
	bool zstd;
	bool hashes;
	char *path;
	struct http_content *content;
};

static void
make_layer(struct layer *l)
{
	const size_t pool = 16 * MIB;
	struct blob *b = mem_alloc(sizeof(*b));
	uint8_t *text = make_text(pool);
	static const char zeros[2 * TAR_BLOCK];
	char name[100];

	l->path = mem_printf("%s/%zu-%zu.%s", folder, l->files, l->size,
	    l->zstd ? "zst" : "gz");
	b->f = fopen(l->path, "w");
	must(b->f != NULL, l->path);
	if (l->zstd) {
		b->zs = ZSTD_createCCtx();
	} else {
		isal_deflate_init(&b->gz);
		b->gz.gzip_flag = IGZIP_GZIP;
		b->gz.level = 1;
		b->gz.level_buf = b->level;
		b->gz.level_buf_size = sizeof(b->level);
	}
	for (size_t i = 0; i < l->files; i++) {
		if (i == l->files / 2)
			add_database(b);
		snprintf(name, sizeof(name), "usr/share/d%zu/file-%zu", i / 1000,
		    i);
		add_file(b, name, text + i * 2654435761 % (pool - l->size), l->size);
	}
	blob_add(b, zeros, sizeof(zeros), true);
	must(fclose(b->f) == 0, l->path);
	ZSTD_freeCCtx(b->zs);
	free(text);
	free(b);
}

static struct str
map_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	must(fd >= 0 && fstat(fd, &st) == 0, path);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	must(p != MAP_FAILED, path);
	close(fd);
	return (str_n(p, (size_t)st.st_size));
}

/* --------------------------------------------------------------- processes -- */

struct process {
	pid_t pid;
	bool parser;		/* a child of the launcher */
	long peak_kb, private_kb;
};

struct processes {
	struct process v[32];
	size_t n;
};

static pid_t
parent_of(pid_t pid)
{
	char path[64], line[512], *p;
	FILE *f;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return (0);
	if (fgets(line, sizeof(line), f) != NULL &&
	    (p = strrchr(line, ')')) != NULL)
		(void)sscanf(p + 1, " %*c %d", &parent);
	fclose(f);
	return (parent);
}

/* The sum of the lines of a file of /proc/PID that begin with ${key}, KiB. */
static long
kb_of(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	long sum = 0, v;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	if ((f = fopen(path, "r")) == NULL)
		return (0);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    sscanf(line, "%*[^:]: %ld", &v) == 1)
			sum += v;
	fclose(f);
	return (sum);
}

static void
look_at(struct processes *all, pid_t pid, bool parser)
{
	struct process *p = all->v;
	long kb;

	while (p < all->v + all->n && p->pid != pid)
		p++;
	if (p == all->v + all->n) {
		must(all->n < 32, "more processes than expected");
		all->n++;
		*p = (struct process) { .pid = pid, .parser = parser };
	}
	if ((kb = kb_of(pid, "status", "VmHWM")) > p->peak_kb)
		p->peak_kb = kb;
	if ((kb = kb_of(pid, "smaps_rollup", "Private_")) > p->private_kb)
		p->private_kb = kb;
}

static void
look(struct processes *all, pid_t worker)
{
	struct dirent *e;
	DIR *d = opendir("/proc");
	pid_t pid, parent;

	must(d != NULL, "/proc");
	while ((e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		pid = (pid_t)strtol(e->d_name, NULL, 10);
		parent = parent_of(pid);
		if (pid == worker || parent == worker)
			look_at(all, pid, false);
		else if (parent > 1 && parent_of(parent) == worker)
			look_at(all, pid, true);
	}
	closedir(d);
}

/* ------------------------------------------------------------- coordinator -- */

struct reading {
	zsock_t *router;
	zframe_t *peer;
	const struct layer *layer;
	int port;
	bool done;
	struct wire_done result;
	struct buf files;	/* parts of kind FILE */
	uint64_t packages;
};

static void
say(struct reading *r, const struct wire_message *m)
{
	zframe_t *to = zframe_dup(r->peer), *f;
	struct buf b;

	buf_init(&b, LIMIT_WIRE_MESSAGE);
	must(wire_write(&b, m) == 0, "message");
	f = zframe_new(b.p, b.n);
	must(zframe_send(&to, r->router, ZFRAME_MORE) == 0 &&
	    zframe_send(&f, r->router, 0) == 0, "send");
	buf_done(&b);
}

static void
say_ack(struct reading *r, enum wire_type type, uint64_t job, uint32_t seq)
{
	struct wire_message m = { .type = type, .u.ack = { job, 1, seq } };

	say(r, &m);
}

static void
welcome_and_give(struct reading *r)
{
	struct wire_message w = { .type = WIRE_WELCOME, .u.welcome = {
		.protocol = WIRE_PROTOCOL, .heartbeat_s = 5 } };
	struct wire_message j = { .type = WIRE_JOB };
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", r->port);
	j.u.job = (struct wire_job) { .job = 1, .attempt = 1,
		.kind = WIRE_JOB_LAYER,
		.reference = str_of(r->layer->content->digest),
		.size = (int64_t)r->layer->content->body.n, .nplaces = 1,
		.places = { { str_of(url), str_of("ok"), true } },
		.limits_revision = LIMITS_REVISION,
		.hashes = r->layer->hashes };
	say(r, &w);
	say(r, &j);
}

static void
take(struct reading *r, const struct wire_message *m)
{
	switch (m->type) {
	case WIRE_HELLO:
		welcome_and_give(r);
		break;
	case WIRE_PART:
		if (m->u.part.kind == WIRE_PART_FILE)
			must(buf_str(&r->files, m->u.part.bytes) == 0, "files");
		say_ack(r, WIRE_ACK, 1, m->u.part.seq);
		break;
	case WIRE_DONE:
		r->result = m->u.done;
		if (r->result.reasons.n > 0)
			fprintf(stderr, "%.*s\n", STR_ARG(r->result.reasons));
		r->done = true;
		say_ack(r, WIRE_ACCEPTED, 1, 0);
		break;
	case WIRE_HEARTBEAT:	/* an answer, or it takes us for dead */
		say_ack(r, WIRE_ACK, 0, 0);
		break;
	default:
		break;
	}
}

static void
count_packages(struct reading *r)
{
	struct pool *pool = pool_new(64 * MIB);
	struct cur c = cur_of(r->files.p, r->files.n);
	struct inventory_file f;

	while (inventory_file_read(&c, pool, &f) == 0)
		r->packages += f.n;
	pool_free(pool);
}

/* Until the worker is done, or has said nothing for a long while. */
static void
serve(struct reading *r, struct processes *all, pid_t worker)
{
	int64_t heard = zclock_mono(), looked = 0;
	zpoller_t *poller = zpoller_new(r->router, NULL);
	struct wire_message m;
	zframe_t *body;

	while (!r->done && zclock_mono() - heard < 120000) {
		if (zclock_mono() - looked >= LOOK_MS) {
			look(all, worker);
			looked = zclock_mono();
		}
		if (zpoller_wait(poller, LOOK_MS) == NULL)
			continue;
		heard = zclock_mono();
		zframe_destroy(&r->peer);
		r->peer = zframe_recv(r->router);
		body = zframe_recv(r->router);
		must(body != NULL && wire_read(str_n(zframe_data(body),
		    zframe_size(body)), &m, NULL) == 0, "the worker's message");
		take(r, &m);
		zframe_destroy(&body);
	}
	zpoller_destroy(&poller);
}

static pid_t
start_worker(zsock_t *router)
{
	char *endpoint = zsock_last_endpoint(router);
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		execl(worker_program, "scanfarm-worker", "--coordinator",
		    endpoint, "--keys", folder, "--slots", "1", (char *)NULL);
		_exit(127);
	}
	must(pid > 0, "fork");
	free(endpoint);
	return (pid);
}

/* --------------------------------------------------------------- the table -- */

static bool
judge(const struct layer *l, const struct reading *r,
    const struct processes *all)
{
	long total = 0, private = 0, parser = 0, ceiling = AIM_KB;
	const char *failed = "";

	for (size_t i = 0; i < all->n; i++) {
		total += all->v[i].peak_kb;
		private += all->v[i].private_kb;
		if (all->v[i].parser)
			parser = all->v[i].private_kb;
	}
	if (l->hashes)
		ceiling += (long)(l->files * 12 / 1024);
	if (!r->done || r->result.outcome != 0 || r->result.reasons.n > 0 ||
	    r->result.entries != l->files + 1 || r->packages != PACKAGES)
		failed = "  GATE FAILED: not read cleanly";
	else if (all->n != 4)
		failed = "  GATE FAILED: not four processes";
	else if (total > ceiling)
		failed = "  GATE FAILED: above its ceiling";
	printf("%-42s %7.1f %9.1f %8.1f %9.1f%s\n", l->what,
	    (double)total / 1024, (double)private / 1024,
	    (double)parser / 1024, (double)ceiling / 1024, failed);
	fflush(stdout);
	return (failed[0] == '\0');
}

static bool
measure(const struct layer *l, int port, zcert_t *cert)
{
	struct reading r = { .layer = l, .port = port };
	struct processes all = { .n = 0 };
	bool ok;
	pid_t worker;

	buf_init(&r.files, LIMIT_INVENTORY_BYTES);
	r.router = zsock_new(ZMQ_ROUTER);
	zsock_set_curve_server(r.router, 1);
	zcert_apply(cert, r.router);
	zsock_set_linger(r.router, 0);
	must(zsock_bind(r.router, "tcp://127.0.0.1:*") > 0, "bind");
	worker = start_worker(r.router);
	serve(&r, &all, worker);
	count_packages(&r);
	ok = judge(l, &r, &all);
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	zframe_destroy(&r.peer);
	zsock_destroy(&r.router);
	buf_done(&r.files);
	return (ok);
}

static zcert_t *
make_keys(void)
{
	zcert_t *mine = zcert_new(), *cert = zcert_new();

	cli_put(folder, "coordinator.public", zcert_public_txt(cert));
	cli_put(folder, "worker.public", zcert_public_txt(mine));
	cli_put(folder, "worker.secret", zcert_secret_txt(mine));
	zcert_destroy(&mine);
	return (cert);
}

int
main(int argc, char **argv)
{
	struct layer layers[] = {
		{ .what = "1 GB of 2,000 files, gzip", .files = 2000,
		    .size = 512 * KIB },
		{ .what = "1 GB of 2,000 files, zstd", .files = 2000,
		    .size = 512 * KIB, .zstd = true },
		{ .what = "3 million empty files, gzip", .files = 3000000 },
		{ .what = "3 million empty files, gzip, path hashes",
		    .files = 3000000, .hashes = true },
	};
	enum { N = sizeof(layers) / sizeof(layers[0]) };
	struct http_content contents[N] = { 0 };
	zcert_t *cert;
	pid_t server;
	bool ok = true;
	int port;

	if (argc != 3) {
		fprintf(stderr, "usage: bench_worker SCANFARM_WORKER FOLDER\n");
		return (2);
	}
	worker_program = argv[1];
	folder = argv[2];
	for (size_t i = 0; i < N; i++) {
		make_layer(&layers[i]);
		contents[i].type = "application/octet-stream";
		contents[i].body = map_file(layers[i].path);
		layers[i].content = &contents[i];
	}
	server = http_serve(contents, N, &port);	/* before any thread */
	zsys_handler_set(NULL);
	cert = make_keys();
	printf("%-42s %7s %9s %8s %9s   (MiB)\n", "a worker with one slot, four processes",
	    "peak", "private", "parser", "ceiling");
	for (size_t i = 0; i < N; i++)
		ok &= measure(&layers[i], port, cert);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	zcert_destroy(&cert);
	for (size_t i = 0; i < N; i++)
		free(layers[i].path);
	return (ok ? 0 : 1);
}
