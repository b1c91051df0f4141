/* Children of the supervisor: what becomes of them when it is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cli/child.h"

#define TICKS 600		/* of 100 ms */

static void
tick(void)
{
	nanosleep(&(struct timespec) { 0, 100000000 }, NULL);
}

static bool
is_running(pid_t pid, const char *program)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return (false);
	if (fgets(name, sizeof(name), f) != NULL)
		name[strcspn(name, "\n")] = '\0';
	fclose(f);
	return (strcmp(name, program) == 0);
}

/* A shell that starts the supervisor in the background has SIGINT ignored, and a
 * program that was just started has no handler of its own yet. */
static void
test_a_child_dies_with_a_supervisor_deaf_to_the_signal(void **state)
{
	static const char *const argv[] = { "sleep", "600", NULL };
	int fd[2], status = 0;
	pid_t supervisor, child, ended = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(fd), 0);
	supervisor = fork();
	assert_true(supervisor >= 0);
	if (supervisor == 0) {
		signal(SIGINT, SIG_IGN);
		child = child_start("/bin/sleep", argv, SIGINT);
		for (int i = 0; i < TICKS && !is_running(child, "sleep"); i++)
			tick();
		_exit(write(fd[1], &child, sizeof(child)) != sizeof(child));
	}
	assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
	assert_int_equal(status, 0);
	assert_int_equal(read(fd[0], &child, sizeof(child)), sizeof(child));
	close(fd[0]);
	close(fd[1]);
	for (int i = 0; i < TICKS && ended == 0; i++) {
		ended = waitpid(child, &status, WNOHANG);
		if (ended == 0)
			tick();
	}
	if (ended == 0) {
		kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
		fail_msg("the child goes on without its supervisor");
	}
	assert_int_equal(ended, child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_child_dies_with_a_supervisor_deaf_to_the_signal),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
