/*
 * seccomp for parsers, Landlock for the fetcher, resource limits for both.  The
 * list of system calls is measured: ISA-L, zstd and libarchive need these seven
 * once they are warmed up.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sandbox.h"

#define FILTER_MAX 512

static struct sock_filter filter[FILTER_MAX];
static unsigned short filter_len;

bool
sandbox_is_relaxed(void)
{
#ifdef __SANITIZE_ADDRESS__
	return (true);
#else
	return (false);
#endif
}

static int
byte_cmp(const void *a, const void *b)
{
	return (*(const unsigned char *)a - *(const unsigned char *)b);
}

void
sandbox_warm_up(void)
{
	unsigned char bytes[4096];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7);
	qsort(bytes, sizeof(bytes), 1, byte_cmp);
}

static int
rules(scmp_filter_ctx ctx)
{
	static const int calls[] = { SCMP_SYS(read), SCMP_SYS(write),
		SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(exit_group) };
	int rc;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if ((rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i],
		    0)) < 0)
			return (rc);
	/* memory only: never executable, never a file */
	return (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
	    SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS)));
}

int
sandbox_prepare(struct diag *d)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int fd = memfd_create("filter", MFD_CLOEXEC), rc = -1;
	ssize_t n;

	if (ctx == NULL || fd < 0 || rules(ctx) < 0 ||
	    seccomp_export_bpf(ctx, fd) < 0 ||
	    (n = pread(fd, filter, sizeof(filter), 0)) <= 0 ||
	    (size_t)n == sizeof(filter) ||
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		rc = diag_set(d, ERR_UNSUPPORTED, 0,
		    "this kernel has no seccomp filters, which keep parsers of hostile bytes in: use another kernel, or --permissive-sandbox at your own risk");
	else {
		filter_len = (unsigned short)((size_t)n / sizeof(filter[0]));
		rc = 0;
	}
	if (fd >= 0)
		close(fd);
	seccomp_release(ctx);
	return (rc);
}

static void
limit(int what, rlim_t n)
{
	struct rlimit rl = { n, n };

	/* failing to lower a limit leaves the other walls standing */
	(void)setrlimit((__rlimit_resource_t)what, &rl);
}

/* Allow reading below ${path}, if there is such a path. */
static void
allow_read(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr a = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_READ_DIR };

	if ((a.parent_fd = open(path, O_PATH | O_CLOEXEC)) < 0)
		return;
	(void)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &a, 0);
	close(a.parent_fd);
}

/* Files for names (resolv.conf, hosts, NSS modules) and trust (certificates)
 * stay readable, nothing is writable, nothing can be executed. */
static int
landlock(struct diag *d)
{
	static const char *const paths[] = { "/etc", "/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates", "/lib", "/lib64", "/usr/lib",
		"/usr/lib64", "/run/systemd/resolve", "/run/resolvconf",
		"/run/NetworkManager" };
	struct landlock_ruleset_attr attr = { .handled_access_fs =
		LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
		LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		LANDLOCK_ACCESS_FS_MAKE_SYM };
	int ruleset, rc;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION) < 1)
		return (0);	/* not in this kernel */
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset < 0)
		return (diag_set(d, ERR_UNSUPPORTED, 0, "Landlock: %s",
		    strerror(errno)));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		allow_read(ruleset, paths[i]);
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return (rc == 0 ? 0 : diag_set(d, ERR_UNSUPPORTED, 0, "Landlock: %s",
	    strerror(errno)));
}

int
sandbox_enter(enum sandbox_profile profile, size_t memory, struct diag *d)
{
	struct sock_fprog prog = { filter_len, filter };

	limit(RLIMIT_CORE, 0);
	if (profile == SANDBOX_PARSE) {
		/* a last word into a log that is a file must fail, not kill:
		 * the exit status says what happened */
		signal(SIGXFSZ, SIG_IGN);
		limit(RLIMIT_FSIZE, 0);
	}
	if (memory != 0 && !sandbox_is_relaxed())
		limit(RLIMIT_AS, memory);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return (diag_set(d, ERR_UNSUPPORTED, 0, "prctl: %s",
		    strerror(errno)));
	if (profile == SANDBOX_FETCH)
		return (landlock(d));
	if (sandbox_is_relaxed())
		return (0);
	if (filter_len == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
	    &prog) < 0)
		return (diag_set(d, ERR_UNSUPPORTED, 0, "seccomp: %s",
		    strerror(errno)));
	return (0);
}
