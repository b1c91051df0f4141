/*
 * The launcher.  One datagram = one task: number, argument, and three
 * descriptors (input, output, status).  The launcher writes the wait status of
 * the child to the third, and the note that the child left in the page that only
 * they share; whoever asked reads it.  SIGPIPE ends a child whose reader went
 * away.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>
#include "buf.h"
#include "clock.h"
#include "cur.h"
#include "mem.h"
#include "proc.h"
#include "sandbox.h"

#define CHILDREN 256
#define FD_IN 3
#define FD_OUT 4

struct launcher {
	int sock;
	pid_t pid;
};

/* Written by the child at any moment, read when it is dead. */
struct note {
	uint32_t n;
	char text[LAUNCHER_NOTE];
};

struct child {
	pid_t pid;		/* 0 = free */
	int status;
	struct note *note;	/* its page */
	time_t deadline;	/* monotonic seconds */
};

struct request {
	uint32_t task;
	uint32_t n;
	char arg[LAUNCHER_ARG];
};

/* What is written to a status descriptor: at once, as it fits a pipe's. */
struct ended {
	int status;
	char note[LAUNCHER_NOTE + 1];
};

static struct note *own_note;	/* of a child */

/* ------------------------------------------------------- inside the launcher */

/* The page of ${own} stays, those of other children go. */
static void
keep_note(struct child *children, const struct child *own)
{
	own_note = own->note;
	for (size_t i = 0; i < CHILDREN; i++)
		if (children[i].note != NULL && children[i].note != own_note)
			munmap(children[i].note, sizeof(*own_note));
}

static _Noreturn void
child_main(const struct launcher_task *t, struct request *rq, const int fd[3],
    bool permissive)
{
	struct diag d = { 0 };
	sigset_t none;
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* 0 and 1 are the launcher's /dev/null or nothing; 2 stays for the log */
	if (dup2(fd[0], FD_IN + 100) < 0 || dup2(fd[1], FD_OUT + 100) < 0 ||
	    dup2(FD_IN + 100, FD_IN) < 0 || dup2(FD_OUT + 100, FD_OUT) < 0 ||
	    close_range(FD_OUT + 1, ~0U, 0) < 0)
		_exit(-ERR_TEMPORARY);
	if (!permissive && sandbox_enter(SANDBOX_PARSE, t->memory, &d) < 0) {
		(void)write_all(STDERR_FILENO, d.text, strlen(d.text), NULL);
		_exit(-ERR_TEMPORARY);
	}
	rc = t->run(FD_IN, FD_OUT, str_n(rq->arg, rq->n));
	_exit(rc < 0 ? -rc : 0);
}

static void
tell_end(struct child *c, int status)
{
	struct ended e = { .status = status };
	uint32_t n = c->note->n;

	memcpy(e.note, c->note->text, n < LAUNCHER_NOTE ? n : LAUNCHER_NOTE);
	if (write(c->status, &e, sizeof(e)) < 0)
		e.status = 0;	/* nobody asks any more */
	close(c->status);
	munmap(c->note, sizeof(*c->note));
	*c = (struct child) { .pid = 0 };
}

static void
reap(struct child *children)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < CHILDREN; i++)
			if (children[i].pid == pid)
				tell_end(&children[i], status);
}

static void
kill_late(struct child *children)
{
	time_t now = clock_s();

	for (size_t i = 0; i < CHILDREN; i++)
		if (children[i].pid != 0 && now > children[i].deadline)
			kill(children[i].pid, SIGKILL);
}

/* The descriptors of a datagram; -1 where it had fewer than three. */
static ssize_t
receive(int sock, struct request *rq, int fd[3])
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} u;
	struct iovec iov = { rq, sizeof(*rq) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.space, .msg_controllen = sizeof(u.space) };
	ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	fd[0] = fd[1] = fd[2] = -1;
	if (c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(3 * sizeof(int)))
		memcpy(fd, CMSG_DATA(c), 3 * sizeof(int));
	return (n);
}

static struct note *
new_note(void)
{
	void *p = mmap(NULL, sizeof(struct note), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return (p != MAP_FAILED ? p : NULL);
}

static void
start_child(const struct launcher_task *tasks, size_t ntasks, bool permissive,
    struct child *children, struct request *rq, const int fd[3])
{
	struct child *c = NULL;

	for (size_t i = 0; c == NULL && i < CHILDREN; i++)
		if (children[i].pid == 0)
			c = &children[i];
	if (c != NULL && rq->task < ntasks && rq->n <= LAUNCHER_ARG &&
	    (c->note = new_note()) != NULL && (c->pid = fork()) == 0) {
		keep_note(children, c);
		child_main(&tasks[rq->task], rq, fd, permissive);
	}
	if (c == NULL || c->pid <= 0) {
		/* no status is written: the asker reads an end and tries again */
		if (c != NULL && c->note != NULL)
			munmap(c->note, sizeof(*c->note));
		if (c != NULL)
			*c = (struct child) { .pid = 0 };
		close(fd[2]);
	} else {
		c->status = fd[2];
		c->deadline = clock_s() + tasks[rq->task].timeout_s;
	}
	close(fd[0]);
	close(fd[1]);
}

static _Noreturn void
launcher_main(int sock, const struct launcher_task *tasks, size_t ntasks,
    bool permissive)
{
	static struct child children[CHILDREN];
	static struct request rq;
	struct pollfd p[2];
	struct signalfd_siginfo si;
	sigset_t chld;
	int fd[3];
	ssize_t n;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	p[0] = (struct pollfd) { .fd = sock, .events = POLLIN };
	p[1] = (struct pollfd) { .fd = signalfd(-1, &chld, SFD_CLOEXEC),
		.events = POLLIN };
	for (;;) {
		if (poll(p, 2, 1000) < 0 && errno != EINTR)
			_exit(1);
		if (p[1].revents != 0 && read(p[1].fd, &si, sizeof(si)) < 0)
			_exit(1);
		reap(children);
		kill_late(children);
		if (p[0].revents == 0)
			continue;
		if ((n = receive(sock, &rq, fd)) <= 0)
			_exit(0);
		if (fd[2] >= 0)
			start_child(tasks, ntasks, permissive, children, &rq,
			    fd);
	}
}

/* -------------------------------------------------------------- for everyone */

int
launcher_start(const struct launcher_task *tasks, size_t n, bool permissive,
    void (*warm_up)(void), struct launcher **ret, struct diag *d)
{
	struct launcher *l;
	int sv[2], rc;
	pid_t parent = getpid(), pid;

	if (!permissive && (rc = sandbox_prepare(d)) < 0)
		return (rc);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "socketpair: %s",
		    strerror(errno)));
	if ((pid = fork()) < 0) {
		close(sv[0]);
		close(sv[1]);
		return (diag_set(d, ERR_TEMPORARY, 0, "fork: %s",
		    strerror(errno)));
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(0);
		signal(SIGTERM, SIG_IGN);	/* ends with its parent */
		signal(SIGINT, SIG_IGN);
		close(sv[0]);
		if (warm_up != NULL)
			warm_up();
		launcher_main(sv[1], tasks, n, permissive);
	}
	close(sv[1]);
	l = mem_alloc(sizeof(*l));
	l->sock = sv[0];
	l->pid = pid;
	*ret = l;
	return (0);
}

void
launcher_stop(struct launcher *l)
{
	if (l == NULL)
		return;
	close(l->sock);
	kill(l->pid, SIGKILL);
	waitpid(l->pid, NULL, 0);
	free(l);
}

static int
send_request(struct launcher *l, const struct request *rq, const int fd[3])
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} u;
	struct iovec iov = { (void *)(uintptr_t)rq,
		offsetof(struct request, arg) + rq->n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.space, .msg_controllen = sizeof(u.space) };
	struct cmsghdr *c;

	memset(&u, 0, sizeof(u));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(3 * sizeof(int));
	memcpy(CMSG_DATA(c), fd, 3 * sizeof(int));
	return (sendmsg(l->sock, &m, MSG_NOSIGNAL) < 0 ? -1 : 0);
}

int
launcher_run(struct launcher *l, unsigned task, struct str arg, int in_fd,
    struct launcher_run *ret, struct diag *d)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, st[2] = { -1, -1 };
	struct request rq = { .task = task, .n = (uint32_t)arg.n };
	int rc = 0;

	if (arg.n > LAUNCHER_ARG)
		return (diag_set(d, ERR_LIMIT, 0, "task argument too long"));
	if (arg.n != 0)
		memcpy(rq.arg, arg.p, arg.n);
	if ((in_fd < 0 && pipe2(in, O_CLOEXEC) < 0) ||
	    pipe2(out, O_CLOEXEC) < 0 || pipe2(st, O_CLOEXEC) < 0 ||
	    send_request(l, &rq, (const int[3]) { in_fd >= 0 ? in_fd : in[0],
	    out[1], st[1] }) < 0)
		rc = diag_set(d, ERR_TEMPORARY, 0,
		    "cannot start a sandboxed reader: %s", strerror(errno));
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	if (st[1] >= 0)
		close(st[1]);
	*ret = (struct launcher_run) { in[1], out[0], st[0], "" };
	if (rc < 0) {
		for (int i = 0; i < 3; i++) {
			int fd = ((const int[3]) { in[1], out[0], st[0] })[i];

			if (fd >= 0)
				close(fd);
		}
		return (rc);
	}
#ifdef F_SETPIPE_SZ
	/* fewer switches between the two; not fatal where the user's pipe
	 * allowance is used up */
	if (in[1] >= 0)
		(void)fcntl(in[1], F_SETPIPE_SZ, 1 << 20);
#endif
	return (0);
}

int
launcher_wait(struct launcher_run *r, struct diag *d)
{
	struct ended e = { .status = 0 };
	ssize_t n;
	int status;

	if (r->in >= 0)
		close(r->in);
	if (r->out >= 0)
		close(r->out);
	do
		n = read(r->status, &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	close(r->status);
	*r = (struct launcher_run) { -1, -1, -1, "" };
	memcpy(r->note, e.note, LAUNCHER_NOTE);
	status = e.status;
	if (n != sizeof(e))
		return (diag_set(d, ERR_TEMPORARY, 0,
		    "the sandboxed reader could not be started"));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return (0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_MEMORY)
		return (diag_set(d, ERR_TEMPORARY, 0,
		    "the sandboxed reader ran out of memory"));
	if (WIFEXITED(status))
		return (-WEXITSTATUS(status));
	if (WTERMSIG(status) == SIGKILL)
		return (diag_set(d, ERR_TEMPORARY, 0,
		    "the sandboxed reader was killed (memory or time)"));
	return (diag_set(d, ERR_MALFORMED, 0, "signal %d", WTERMSIG(status)));
}

void
launcher_note(struct str s)
{
	if (own_note == NULL)
		return;
	own_note->n = s.n < LAUNCHER_NOTE ? (uint32_t)s.n : LAUNCHER_NOTE;
	if (s.n > 0)
		memcpy(own_note->text, s.p, own_note->n);
}

/* ------------------------------------------------------------------- frames */

#define FRAME_HEAD 5		/* length and type */
#define FRAME_SHORT 1024	/* with its head */

int
write_all(int fd, const void *p, size_t n, struct diag *d)
{
	const uint8_t *b = p;
	ssize_t w;

	while (n > 0) {
		if ((w = write(fd, b, n)) < 0) {
			if (errno == EINTR)
				continue;
			return (diag_set(d, ERR_TEMPORARY, 0, "write: %s",
			    strerror(errno)));
		}
		b += w;
		n -= (size_t)w;
	}
	return (0);
}

int
frame_write(int fd, uint8_t type, struct str s, struct diag *d)
{
	/* short ones, of which there are many, by one system call */
	uint8_t head[FRAME_SHORT] = { (uint8_t)(s.n >> 24), (uint8_t)(s.n >> 16),
		(uint8_t)(s.n >> 8), (uint8_t)s.n, type };
	size_t with = s.n <= sizeof(head) - FRAME_HEAD ? s.n : 0;
	int rc;

	if (s.n > UINT32_MAX)
		return (diag_set(d, ERR_LIMIT, 0, "frame too long"));
	if (with > 0)
		memcpy(head + FRAME_HEAD, s.p, with);
	rc = write_all(fd, head, FRAME_HEAD + with, d);
	return (rc < 0 || with == s.n ? rc : write_all(fd, s.p, s.n, d));
}

/* ${n} bytes; 1, 0 at a clean end before the first, or a negative enum err. */
static int
read_all(int fd, uint8_t *p, size_t n, struct diag *d)
{
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		if ((r = read(fd, p + got, n - got)) < 0) {
			if (errno == EINTR)
				continue;
			return (diag_set(d, ERR_TEMPORARY, 0, "read: %s",
			    strerror(errno)));
		}
		if (r == 0)
			return (got == 0 ? 0 : diag_set(d, ERR_MALFORMED, 0,
			    "a frame ended early"));
		got += (size_t)r;
	}
	return (1);
}

int
frame_read(int fd, uint8_t *ret_type, struct buf *b, struct diag *d)
{
	uint8_t head[FRAME_HEAD], *to;
	struct cur c = cur_of(head, sizeof(head));
	uint32_t n;
	int rc;

	buf_clear(b);
	if ((rc = read_all(fd, head, sizeof(head), d)) <= 0)
		return (rc);
	if (!cur_u32be(&c, &n) || !cur_u8(&c, ret_type))
		return (ERR_MALFORMED);
	if (n == 0)	/* an empty buffer has no room to point to */
		return (1);
	if ((to = buf_room(b, n)) == NULL)
		return (diag_set(d, ERR_LIMIT, 0, "frame of %u bytes", n));
	if ((rc = read_all(fd, to, n, d)) <= 0)
		return (rc < 0 ? rc : diag_set(d, ERR_MALFORMED, 0,
		    "a frame ended early"));
	b->n = n;
	return (1);
}
