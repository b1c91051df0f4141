/*
 * What a sandboxed child can and cannot do, and what its launcher makes of the
 * ways it ends.  Builds for AddressSanitizer have no filter and no ceiling of
 * memory: there the tests of those two are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/buf.h"
#include "common/mem.h"
#include "common/proc.h"
#include "common/sandbox.h"

enum task { ECHO, CODE, FORBIDDEN, CRASH, HOG, SPIN, DESCRIPTORS, SORT, TASKS };

static struct launcher *launcher;

/* -------------------------------------------------------- run in the sandbox */

static int
run_echo(int in, int out, struct str arg)
{
	char b[4096];
	ssize_t n;

	if (write_all(out, arg.p, arg.n, NULL) < 0)
		return (ERR_TEMPORARY);
	while ((n = read(in, b, sizeof(b))) > 0)
		if (write_all(out, b, (size_t)n, NULL) < 0)
			return (ERR_TEMPORARY);
	return (0);
}

static int
run_code(int in, int out, struct str arg)
{
	(void)in;
	(void)out;
	launcher_note(arg);
	return (-(arg.p[0] - '0'));
}

/* Each of these must end the process; 0 says that it did not. */
static int
run_forbidden(int in, int out, struct str arg)
{
	void *p;

	(void)in;
	(void)out;
	switch (arg.p[0]) {
	case 'o': (void)!open("/etc/passwd", O_RDONLY); break;
	case 's': (void)!socket(AF_INET, SOCK_STREAM, 0); break;
	case 'f': (void)!fork(); break;
	case 'e': (void)!execl("/bin/true", "true", (char *)NULL); break;
	case 'k': (void)!kill(getppid(), 0); break;
	case 'x':
		(void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE |
		    MAP_ANONYMOUS, -1, 0);
		break;
	case 'm': (void)!mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, in, 0); break;
	case 'p':
		p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		    MAP_ANONYMOUS, -1, 0);
		(void)!mprotect(p, 4096, PROT_READ | PROT_EXEC);
		break;
	}
	return (0);
}

static int
run_crash(int in, int out, struct str arg)
{
	volatile int *nowhere = NULL;

	(void)in;
	(void)out;
	launcher_note(str_of("before"));
	launcher_note(arg);
	if (sandbox_is_relaxed()) {	/* a sanitizer would catch it */
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	return (*nowhere);
}

static int
run_hog(int in, int out, struct str arg)
{
	(void)in;
	(void)out;
	(void)arg;
	for (int i = 0; i < 1024; i++)
		memset(mem_alloc((size_t)1 << 20), 1, (size_t)1 << 20);
	return (0);
}

static int
run_spin(int in, int out, struct str arg)
{
	volatile unsigned long n = 0;

	(void)in;
	(void)arg;
	if (write(out, "s", 1) < 0)
		return (ERR_TEMPORARY);
	while (n < ULONG_MAX)
		n++;
	return (0);
}

/* Nothing above its two pipes may be open. */
static int
run_descriptors(int in, int out, struct str arg)
{
	char b[1];

	(void)in;
	(void)arg;
	for (int fd = out + 1; fd < 1024; fd++)
		if (read(fd, b, 0) >= 0 || errno != EBADF)
			return (ERR_DENIED);
	return (0);
}

static int
byte_cmp(const void *a, const void *b)
{
	return (*(const unsigned char *)a - *(const unsigned char *)b);
}

/* glibc's qsort asks for the machine's memory at its first use above 1 KiB. */
static int
run_sort(int in, int out, struct str arg)
{
	static unsigned char v[8192];

	(void)in;
	(void)out;
	(void)arg;
	for (size_t i = 0; i < sizeof(v); i++)
		v[i] = (unsigned char)(i * 31);
	qsort(v, sizeof(v), 1, byte_cmp);
	return (v[0] == 0 ? 0 : ERR_MALFORMED);
}

static const struct launcher_task tasks[TASKS] = {
	[SORT] = { "sort", run_sort, (size_t)64 << 20, 10 },
	[ECHO] = { "echo", run_echo, (size_t)64 << 20, 20 },
	[CODE] = { "code", run_code, (size_t)64 << 20, 20 },
	[FORBIDDEN] = { "forbidden", run_forbidden, (size_t)64 << 20, 20 },
	[CRASH] = { "crash", run_crash, (size_t)64 << 20, 20 },
	[HOG] = { "hog", run_hog, (size_t)64 << 20, 20 },
	[SPIN] = { "spin", run_spin, (size_t)64 << 20, 1 },
	[DESCRIPTORS] = { "descriptors", run_descriptors, (size_t)64 << 20, 20 },
};

/* --------------------------------------------------------------------- tests */

static int
run(struct launcher *l, enum task task, const char *arg, struct diag *d)
{
	struct launcher_run r;

	*d = (struct diag) { 0 };
	assert_int_equal(launcher_run(l, task, str_of(arg), -1, &r, d), 0);
	return (launcher_wait(&r, d));
}

/* Feed ${in} to an echo and compare what comes back. */
static bool
echo_works(struct launcher *l, const char *arg, const char *in)
{
	struct launcher_run r;
	struct diag d;
	char got[256] = "", want[256];
	size_t n = 0;
	ssize_t k;

	if (launcher_run(l, ECHO, str_of(arg), -1, &r, &d) < 0 ||
	    write_all(r.in, in, strlen(in), &d) < 0)
		return (false);
	close(r.in);
	r.in = -1;
	while ((k = read(r.out, got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)k;
	snprintf(want, sizeof(want), "%s%s", arg, in);
	return (launcher_wait(&r, &d) == 0 && strcmp(got, want) == 0);
}

static void
test_input_argument_and_result_arrive(void **state)
{
	struct diag d;

	(void)state;
	assert_true(echo_works(launcher, "argument ", "input"));
	assert_true(echo_works(launcher, "", ""));
	assert_int_equal(run(launcher, CODE, "0", &d), 0);
	assert_int_equal(run(launcher, CODE, "2", &d), ERR_LIMIT);
	assert_int_equal(run(launcher, CODE, "5", &d), ERR_DENIED);
	assert_int_equal(run(launcher, DESCRIPTORS, "", &d), 0);
}

static void
test_everything_but_reading_and_writing_kills(void **state)
{
	struct diag d;

	(void)state;
	if (sandbox_is_relaxed())
		skip();
	for (const char *what = "osfekxmp"; *what != '\0'; what++) {
		assert_int_equal(run(launcher, FORBIDDEN, what, &d),
		    ERR_MALFORMED);
		assert_string_equal(d.text, "signal 31");	/* SIGSYS */
	}
	/* and the launcher is as well as before */
	assert_true(echo_works(launcher, "a", "b"));
}

static void
test_a_crash_names_its_signal(void **state)
{
	struct diag d;

	(void)state;
	assert_int_equal(run(launcher, CRASH, "", &d), ERR_MALFORMED);
	assert_string_equal(d.text, "signal 11");
	assert_true(echo_works(launcher, "a", "b"));
}

static void
test_the_last_note_outlives_a_child(void **state)
{
	struct launcher_run a, b;
	struct diag d;
	char text[1000];

	(void)state;
	memset(text, 'n', sizeof(text));
	launcher_note(str_of("of no child"));
	assert_int_equal(launcher_run(launcher, CRASH, str_of("here"), -1, &a,
	    &d), 0);
	assert_int_equal(launcher_run(launcher, CRASH, str_n(text,
	    sizeof(text)), -1, &b, &d), 0);
	assert_int_equal(launcher_wait(&b, &d), ERR_MALFORMED);
	assert_int_equal(strlen(b.note), LAUNCHER_NOTE);
	assert_memory_equal(b.note, text, LAUNCHER_NOTE);
	assert_int_equal(launcher_wait(&a, &d), ERR_MALFORMED);
	assert_string_equal(a.note, "here");
	/* each its own, at the same time; none is left for the next */
	assert_int_equal(launcher_run(launcher, CODE, str_of("0one"), -1, &a,
	    &d), 0);
	assert_int_equal(launcher_run(launcher, CODE, str_of("0other"), -1, &b,
	    &d), 0);
	assert_int_equal(launcher_wait(&a, &d), 0);
	assert_int_equal(launcher_wait(&b, &d), 0);
	assert_string_equal(a.note, "0one");
	assert_string_equal(b.note, "0other");
	assert_int_equal(launcher_run(launcher, SORT, str_of(""), -1, &a, &d), 0);
	assert_int_equal(launcher_wait(&a, &d), 0);
	assert_string_equal(a.note, "");
}

static void
test_memory_and_time_are_temporary(void **state)
{
	struct launcher_run r;
	struct diag d = { 0 };
	char c;

	(void)state;
	assert_int_equal(launcher_run(launcher, SPIN, str_of(""), -1, &r, &d), 0);
	assert_int_equal(read(r.out, &c, 1), 1);
	assert_int_equal(launcher_wait(&r, &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "killed"));
	if (sandbox_is_relaxed())
		skip();
	assert_int_equal(run(launcher, HOG, "", &d), ERR_TEMPORARY);
	assert_non_null(strstr(d.text, "memory"));
}

static void
test_unknown_tasks_and_long_arguments_are_refused(void **state)
{
	static char arg[LAUNCHER_ARG + 2];
	struct launcher_run r;
	struct diag d;

	(void)state;
	memset(arg, 'x', sizeof(arg) - 1);
	assert_int_equal(launcher_run(launcher, ECHO, str_of(arg), -1, &r, &d),
	    ERR_LIMIT);
	assert_int_equal(run(launcher, TASKS, "", &d), ERR_TEMPORARY);
	assert_true(echo_works(launcher, "a", "b"));
}

static void *
echo_often(void *arg)
{
	char text[32];

	snprintf(text, sizeof(text), "thread %p", arg);
	for (int i = 0; i < 10; i++)
		if (!echo_works(launcher, text, "!"))
			return (NULL);
	return (arg);
}

static void
test_threads_share_a_launcher_without_a_lock(void **state)
{
	static char ids[8];
	pthread_t t[8];
	void *ret;

	(void)state;
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&t[i], NULL, echo_often,
		    &ids[i]), 0);
	for (size_t i = 0; i < 8; i++) {
		pthread_join(t[i], &ret);
		assert_ptr_equal(ret, &ids[i]);
	}
}

/* More children at a time than the numbers that child_main moves about. */
static void
test_a_hundred_and_fifty_children_at_a_time(void **state)
{
	enum { N = 150 };
	struct launcher_run r[N];
	struct diag d;
	char c;

	(void)state;
	for (int i = 0; i < N; i++)
		assert_int_equal(launcher_run(launcher, ECHO, str_of("x"), -1,
		    &r[i], &d), 0);
	for (int i = 0; i < N; i++) {
		assert_int_equal(write_all(r[i].in, "y", 1, &d), 0);
		assert_int_equal(read(r[i].out, &c, 1), 1);
		assert_int_equal(c, 'x');
		assert_int_equal(read(r[i].out, &c, 1), 1);
		assert_int_equal(c, 'y');
	}
	for (int i = 0; i < N; i++)
		assert_int_equal(launcher_wait(&r[i], &d), 0);
}

/* A process with its own launcher and an endless task reading ${in}. */
static _Noreturn void
owner(int in)
{
	struct launcher *l;
	struct launcher_run r;
	char c;

	if (launcher_start(tasks, TASKS, false, NULL, &l, NULL) < 0 ||
	    launcher_run(l, SPIN, str_of(""), in, &r, NULL) < 0 ||
	    read(r.out, &c, 1) != 1)
		_exit(1);
	kill(getpid(), SIGKILL);
	_exit(1);
}

static void
test_killing_the_owner_kills_launcher_and_children(void **state)
{
	struct pollfd p = { .events = 0 };
	int fd[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		close(fd[1]);
		owner(fd[0]);
	}
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* the endless child held the last reading end */
	p.fd = fd[1];
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(p.revents & POLLERR);
	close(fd[1]);
}

static void
test_frames_are_whole_or_refused(void **state)
{
	struct buf b;
	struct diag d;
	uint8_t type;
	int fd[2];

	(void)state;
	buf_init(&b, 8);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(frame_write(fd[1], 3, str_of("12345678"), &d), 0);
	assert_int_equal(frame_write(fd[1], 4, str_of(""), &d), 0);
	assert_int_equal(frame_read(fd[0], &type, &b, &d), 1);
	assert_int_equal(type, 3);
	assert_true(str_eqz(buf_view(&b), "12345678"));
	assert_int_equal(frame_read(fd[0], &type, &b, &d), 1);
	assert_int_equal(b.n, 0);
	/* one byte above the ceiling, then a cut one */
	assert_int_equal(write_all(fd[1], "\0\0\0\x09\x01", 5, &d), 0);
	assert_int_equal(frame_read(fd[0], &type, &b, &d), ERR_LIMIT);
	assert_int_equal(write_all(fd[1], "\0\0\0\x05\x01" "ab", 7, &d), 0);
	close(fd[1]);
	assert_int_equal(frame_read(fd[0], &type, &b, &d), ERR_MALFORMED);
	assert_int_equal(frame_read(fd[0], &type, &b, &d), 0);
	close(fd[0]);
	buf_done(&b);
}

/* Short ones are written at once, long ones in two parts. */
static void
test_frames_of_all_sizes(void **state)
{
	uint8_t bytes[5000], type;
	struct buf b;
	struct diag d;
	int fd[2];

	(void)state;
	buf_init(&b, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	for (size_t n = 0; n <= sizeof(bytes); n += n >= 1000 && n < 1040 ? 1 : 20) {
		assert_int_equal(frame_write(fd[1], (uint8_t)n, str_n(bytes, n),
		    &d), 0);
		assert_int_equal(frame_read(fd[0], &type, &b, &d), 1);
		assert_int_equal(type, (uint8_t)n);
		assert_int_equal(b.n, n);
		assert_true(n == 0 || memcmp(b.p, bytes, n) == 0);
	}
	close(fd[0]);
	close(fd[1]);
	buf_done(&b);
}

static void
test_sorting_long_lists_is_allowed_after_warming_up(void **state)
{
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(run(launcher, SORT, "", &d), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_argument_and_result_arrive),
		cmocka_unit_test(test_everything_but_reading_and_writing_kills),
		cmocka_unit_test(test_a_crash_names_its_signal),
		cmocka_unit_test(test_the_last_note_outlives_a_child),
		cmocka_unit_test(test_sorting_long_lists_is_allowed_after_warming_up),
		cmocka_unit_test(test_memory_and_time_are_temporary),
		cmocka_unit_test(test_unknown_tasks_and_long_arguments_are_refused),
		cmocka_unit_test(test_threads_share_a_launcher_without_a_lock),
		cmocka_unit_test(test_a_hundred_and_fifty_children_at_a_time),
		cmocka_unit_test(test_killing_the_owner_kills_launcher_and_children),
		cmocka_unit_test(test_frames_are_whole_or_refused),
		cmocka_unit_test(test_frames_of_all_sizes),
	};
	struct diag d;
	int rc;

	/* before cmocka installs handlers of its own, which children inherit */
	signal(SIGPIPE, SIG_IGN);
	if (launcher_start(tasks, TASKS, false, sandbox_warm_up, &launcher,
	    &d) < 0) {
		fprintf(stderr, "%s\n", d.text);
		return (1);
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	launcher_stop(launcher);
	return (rc);
}
