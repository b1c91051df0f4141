/* Child processes: forked here, so that their parent is the supervisor itself
 * and not a shell that could be killed between them. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"

/* In the child: the fate it is to have, then exec. */
static _Noreturn void
become(const char *program, const char *const argv[], int death, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* a shell that starts us in the background has SIGINT ignored: it would be
	 * lost before the program has a handler of its own */
	signal(death, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, death, 0, 0, 0);
	if (getppid() != parent || setsid() < 0 || chdir("/") < 0)
		_exit(126);
	execv(program, (char *const *)(uintptr_t)argv);
	fprintf(stderr, "scanfarm: cannot run %s: %s\n", argv[0],
	    strerror(errno));
	_exit(127);
}

pid_t
child_start(const char *program, const char *const argv[], int death)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(program, argv, death, parent);
	return (pid);
}

bool
child_asked_to_stop(void)
{
	sigset_t set;

	return (sigpending(&set) == 0 && (sigismember(&set, SIGTERM) > 0 ||
	    sigismember(&set, SIGINT) > 0 || sigismember(&set, SIGHUP) > 0));
}

/* waitpid, but the child is ended when we are asked to stop. */
static pid_t
wait_for(pid_t pid, int *status)
{
	struct timespec tick = { 0, 20000000 };
	pid_t rc;

	while ((rc = waitpid(pid, status, WNOHANG)) == 0) {
		if (child_asked_to_stop())
			kill(-pid, SIGTERM);	/* its session */
		nanosleep(&tick, NULL);
	}
	return (rc);
}

int
child_run(const char *program, const char *const argv[], const char *input,
    int out)
{
	pid_t parent = getpid(), pid;
	int fd[2], status;

	if (pipe(fd) < 0)
		return (-1);
	if ((pid = fork()) == 0) {
		if (dup2(fd[0], 0) < 0 || dup2(out, 1) < 0 ||
		    dup2(out, 2) < 0)
			_exit(126);
		close(fd[0]);
		close(fd[1]);
		become(program, argv, SIGKILL, parent);
	}
	close(fd[0]);
	if (input != NULL && write(fd[1], input, strlen(input)) < 0)
		status = 0;	/* seen by its exit status */
	close(fd[1]);
	if (pid < 0 || wait_for(pid, &status) != pid)
		return (-1);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

void
child_stop(pid_t pid, int sig, int seconds)
{
	struct timespec tick = { 0, 50000000 };

	if (pid <= 0)
		return;
	kill(pid, sig);
	for (int i = 0; i < seconds * 20; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return;
		nanosleep(&tick, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
