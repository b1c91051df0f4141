/*
 * The engine that needs no other compiler: seeds, mutations of them, one child
 * a target.  The input of the running case lies in memory shared with the
 * parent, so whatever ends the child, the parent has the bytes that did it.
 *
 *	fuzz [--seed N] [--runs N | --seconds N] [--out DIR] [TARGET...]
 *				DIR (build/fuzz) gets the inputs that failed
 *	fuzz --replay TARGET FILE...	run files as they are
 *	fuzz --write-seeds DIR TARGET	for another engine
 *	fuzz --list
 *
 * Case K of a target is a pure function of (seed, target, K): the first cases
 * are the seeds as they are, then come mutations.  Results are printed in
 * cmocka's words, which tests/run.sh counts.  Built for AddressSanitizer and
 * LeakSanitizer it finds what they see, a leak in the very case that left it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "common/digest.h"
#include "common/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/slurp.h"

/* Processor time of one case; honest ones need some milliseconds. */
#define CASE_CPU_S 10
/* One that waits for something that never comes. */
#define CASE_WALL_S 300

/* Of the sanitizers, where the program is built for them. */
typedef void malloc_hook(const volatile void *, size_t);
typedef void free_hook(const volatile void *);
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
int __sanitizer_install_malloc_and_free_hooks(malloc_hook *, free_hook *)
    __attribute__((weak));
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	/* memory that input makes us ask for is bounded by limits.h */
	return ("max_allocation_size_mb=1024:hard_rss_limit_mb=3072:"
	    "detect_stack_use_after_return=1");
}

struct options {
	uint64_t seed, runs, seconds;
	const char *out;
};

/* Written by the child, read by the parent when it is gone. */
struct shared {
	volatile uint64_t number;	/* of the case, from 0 */
	volatile uint64_t slowest_us;
	volatile size_t n;
	volatile bool leak;
	uint8_t input[FUZZ_INPUT];
};

static int64_t blocks;	/* allocated and not freed, when the hooks are there */
static bool can_find_leaks;

static void
on_malloc(const volatile void *p, size_t n)
{
	(void)n;
	blocks += p != NULL;
}

static void
on_free(const volatile void *p)
{
	blocks -= p != NULL;
}

static uint64_t
now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return ((uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
}

static void
set_timers(int cpu_s, unsigned wall_s)
{
	const struct itimerval t = { .it_value = { .tv_sec = cpu_s } };

	setitimer(ITIMER_PROF, &t, NULL);
	alarm(wall_s);
}

/* One input.  False when it left memory behind. */
static bool
run_case(const struct fuzz_target *t, struct shared *sh)
{
	/* where it ends nothing more is readable */
	uint8_t *exact = sh->n != 0 ? malloc(sh->n) : NULL;
	uint64_t from = now_us(CLOCK_PROCESS_CPUTIME_ID), took;
	int64_t before;

	if (sh->n != 0)
		memcpy(exact, sh->input, sh->n);
	set_timers(CASE_CPU_S, CASE_WALL_S);
	before = blocks;
	t->run(t, exact, sh->n);
	/* freed at once, so looking costs only where something remains */
	sh->leak = can_find_leaks && blocks != before &&
	    __lsan_do_recoverable_leak_check() != 0;
	set_timers(0, 0);
	took = now_us(CLOCK_PROCESS_CPUTIME_ID) - from;
	if (took > sh->slowest_us)
		sh->slowest_us = took;
	free(exact);
	return (!sh->leak);
}

static uint64_t
hash_of(const char *s)
{
	uint64_t h = 0xcbf29ce484222325;	/* FNV-1a */

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return (h);
}

/* All cases of one target; ends the process. */
static void
child(const struct fuzz_target *t, const struct options *o, struct shared *sh)
{
	uint64_t end = now_us(CLOCK_MONOTONIC) + o->seconds * 1000000;
	struct fuzz_random r;
	struct fuzz_seeds seeds;
	struct fuzz_words words;
	bool ok = true;

	fuzz_seeds_of(t, &seeds);
	fuzz_words_of(&seeds, &words);
	for (uint64_t k = 0; ok; k++) {
		sh->number = k;
		if (k >= seeds.n && (o->seconds != 0 ?
		    now_us(CLOCK_MONOTONIC) >= end : k - seeds.n >= o->runs))
			break;
		if (k < seeds.n) {
			memcpy(sh->input, seeds.v[k].p, seeds.v[k].n);
			sh->n = seeds.v[k].n;
		} else {
			r.state = o->seed ^ hash_of(t->name) ^
			    (k - seeds.n) * 0xd1342543de82ef95;
			sh->n = fuzz_mutate(&r, &seeds, &words, sh->input);
			if (t->mend != NULL && fuzz_draw(&r, 8) != 0)
				t->mend(sh->input, sh->n);
		}
		ok = run_case(t, sh);
	}
	_exit(ok ? 0 : 1);
}

/* ----------------------------------------------------------------- parent -- */

static void
keep_input(const struct fuzz_target *t, const struct options *o,
    const struct shared *sh, char *path, size_t size)
{
	uint8_t sum[DIGEST_BYTES];
	char text[DIGEST_TEXT];
	FILE *f;

	digest_of(sh->input, sh->n, sum);
	digest_format(sum, text);
	snprintf(path, size, "%s/%s-%.12s", o->out, t->name, text + 7);
	if ((f = fopen(path, "w")) == NULL ||
	    fwrite(sh->input, 1, sh->n, f) != sh->n || fclose(f) != 0)
		fprintf(stderr, "cannot write %s: %s\n", path, strerror(errno));
}

static const char *
how_it_ended(int status, const struct shared *sh, char *text, size_t size)
{
	if (sh->leak)
		snprintf(text, size, "a leak");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		snprintf(text, size, "more than %d s of processor time",
		    CASE_CPU_S);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(text, size, "it waits for more than %d s", CASE_WALL_S);
	else if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d", WTERMSIG(status));
	else
		snprintf(text, size, "exit status %d", WEXITSTATUS(status));
	return (text);
}

/* In a child of its own: the first run of ${f} may end the process. */
static int
run_child(void (*f)(const struct fuzz_target *, const struct options *,
    struct shared *), const struct fuzz_target *t, const struct options *o,
    struct shared *sh)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0)
		f(t, o, sh);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return (status);
}

static bool
fuzz_one(const struct fuzz_target *t, const struct options *o, struct shared *sh)
{
	char path[512], why[64];
	int status;

	sh->number = sh->slowest_us = 0;
	sh->n = 0;
	sh->leak = false;
	printf("[ RUN      ] fuzz_%s\n", t->name);
	status = run_child(child, t, o, sh);
	if (status == 0) {
		printf("%-20s %llu cases, slowest %.3f s\n", t->name,
		    (unsigned long long)sh->number,
		    (double)sh->slowest_us / 1e6);
		printf("[       OK ] fuzz_%s\n", t->name);
		return (true);
	}
	keep_input(t, o, sh, path, sizeof(path));
	printf("%s: %s in case %llu of seed %llu, input in %s\n"
	    "again: %s --replay %s %s\n", t->name,
	    how_it_ended(status, sh, why, sizeof(why)),
	    (unsigned long long)sh->number, (unsigned long long)o->seed, path,
	    program_invocation_name, t->name, path);
	printf("[  FAILED  ] fuzz_%s\n", t->name);
	return (false);
}

static void
look_for_leaks(const struct fuzz_target *t, const struct options *o,
    struct shared *sh)
{
	(void)t;
	(void)o;
	(void)sh;
	_exit(__lsan_do_recoverable_leak_check() != 0);
}

/* LeakSanitizer stops the process's threads by ptrace, which some containers
 * forbid; then it ends the process, so a child tries it. */
static void
prepare(struct shared *sh)
{
	fuzz_warm_up();
	if (__lsan_do_recoverable_leak_check == NULL ||
	    __sanitizer_install_malloc_and_free_hooks == NULL ||
	    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) == 0)
		return;
	if (run_child(look_for_leaks, NULL, NULL, sh) == 0)
		can_find_leaks = true;
	else
		printf("no leaks are looked for: LeakSanitizer does not run here\n");
}

/* ------------------------------------------------------------------ options -- */

static int
replay(const struct fuzz_target *t, char **files, struct shared *sh)
{
	struct buf b;
	bool ok = true;

	for (; *files != NULL && ok; files++) {
		printf("%s: %s\n", t->name, *files);
		fflush(stdout);
		b = slurp("%s", *files);
		sh->n = b.n < FUZZ_INPUT ? b.n : FUZZ_INPUT;
		memcpy(sh->input, b.p, sh->n);
		buf_done(&b);
		ok = run_case(t, sh);
	}
	return (ok ? 0 : 1);
}

static int
write_seeds(const struct fuzz_target *t, const char *dir)
{
	struct fuzz_seeds s;
	char path[512];
	FILE *f;
	int rc = 0;

	fuzz_seeds_of(t, &s);
	for (size_t i = 0; i < s.n && rc == 0; i++) {
		snprintf(path, sizeof(path), "%s/seed-%zu", dir, i);
		if ((f = fopen(path, "w")) == NULL ||
		    fwrite(s.v[i].p, 1, s.v[i].n, f) != s.v[i].n ||
		    fclose(f) != 0) {
			perror(path);
			rc = 1;
		}
	}
	fuzz_seeds_done(&s);
	return (rc);
}

static int
fuzz_all(char **names, const struct options *o, struct shared *sh)
{
	const struct fuzz_target *t, *failed[256];
	size_t n = 0, nfailed = 0;

	printf("seed %llu\n", (unsigned long long)o->seed);
	for (size_t i = 0; (t = *names == NULL ? fuzz_target_at(i) :
	    names[i] != NULL ? fuzz_target_find(names[i]) : NULL) != NULL; i++) {
		n++;
		if (!fuzz_one(t, o, sh) && nfailed < 256)
			failed[nfailed++] = t;
	}
	if (nfailed > 0)
		printf("[  FAILED  ] %zu of %zu targets, listed below:\n",
		    nfailed, n);
	for (size_t i = 0; i < nfailed; i++)
		printf("[  FAILED  ] fuzz_%s\n", failed[i]->name);
	return (nfailed > 0 || n == 0);
}

static const struct fuzz_target *
must_find(const char *name)
{
	const struct fuzz_target *t = name != NULL ? fuzz_target_find(name) : NULL;

	if (t == NULL) {
		fprintf(stderr, "fuzz: no target \"%s\"; --list shows them\n",
		    name != NULL ? name : "");
		exit(2);
	}
	return (t);
}

static uint64_t
number(const char *s)
{
	uint64_t v;

	if (!str_u64(str_of(s), &v)) {
		fprintf(stderr, "fuzz: \"%s\" is no number\n", s);
		exit(2);
	}
	return (v);
}

int
main(int argc, char **argv)
{
	enum { SEED = 1, RUNS, SECONDS, OUT, REPLAY, WRITE_SEEDS, LIST };
	static const struct option table[] = {
		{ "seed", required_argument, NULL, SEED },
		{ "runs", required_argument, NULL, RUNS },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "out", required_argument, NULL, OUT },
		{ "replay", no_argument, NULL, REPLAY },
		{ "write-seeds", required_argument, NULL, WRITE_SEEDS },
		{ "list", no_argument, NULL, LIST },
		{ 0 }
	};
	struct options o = { .seed = 1, .runs = 300, .out = "build/fuzz" };
	const char *seeds_to = NULL;
	struct shared *sh;
	bool again = false, list = false;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case SEED: o.seed = number(optarg); break;
		case RUNS: o.runs = number(optarg); break;
		case SECONDS: o.seconds = number(optarg); break;
		case OUT: o.out = optarg; break;
		case REPLAY: again = true; break;
		case WRITE_SEEDS: seeds_to = optarg; break;
		case LIST: list = true; break;
		default: return (2);
		}
	}
	argv += optind;
	for (size_t i = 0; list && fuzz_target_at(i) != NULL; i++)
		printf("%s\n", fuzz_target_at(i)->name);
	if (list)
		return (0);
	if (seeds_to != NULL) {
		fuzz_warm_up();
		return (write_seeds(must_find(argv[0]), seeds_to));
	}
	for (size_t i = 0; argv[i] != NULL && !(again && i > 0); i++)
		must_find(argv[i]);
	mkdir(o.out, 0777);	/* below build/, which is there */
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED) {
		perror("mmap");
		return (2);
	}
	prepare(sh);
	return (again ? replay(must_find(argv[0]), argv + 1, sh) :
	    fuzz_all(argv, &o, sh));
}
