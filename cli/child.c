/* Child processes: forked here, so that their parent is the supervisor itself
 * and not a shell or runuser that could be killed between them. */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "child.h"

/* In the child: the rights and the fate it is to have, then exec. */
static _Noreturn void
become(const char *const argv[], const struct passwd *user, int death, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* cwd may be unreadable for the user it becomes */
	if (chdir("/") < 0)
		_exit(126);
	if (user != NULL && (initgroups(user->pw_name, user->pw_gid) < 0 ||
	    setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0)) {
		perror("scanfarm: cannot become the database's user");
		_exit(126);
	}
	/* a change of user clears it: set it last */
	if (death != 0) {
		prctl(PR_SET_PDEATHSIG, death, 0, 0, 0);
		if (getppid() != parent)
			_exit(126);
	}
	execv(argv[0], (char *const *)(uintptr_t)argv);
	fprintf(stderr, "scanfarm: cannot run %s\n", argv[0]);
	_exit(127);
}

pid_t
child_start(const char *const argv[], const struct passwd *user, int death)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become(argv, user, death, parent);
	return (pid);
}

int
child_run(const char *const argv[], const struct passwd *user, const char *input)
{
	pid_t parent = getpid(), pid;
	int fd[2], status;

	if (pipe(fd) < 0)
		return (-1);
	if ((pid = fork()) == 0) {
		if (dup2(fd[0], 0) < 0 || dup2(2, 1) < 0)
			_exit(126);
		close(fd[0]);
		close(fd[1]);
		become(argv, user, SIGKILL, parent);
	}
	close(fd[0]);
	if (input != NULL && write(fd[1], input, strlen(input)) < 0)
		status = 0;	/* seen by its exit status */
	close(fd[1]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
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
