/* Wake-ups as eventfds. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "wake.h"

static int fds[WAKE_COUNT];

void
wake_init(void)
{
	for (int i = 0; i < WAKE_COUNT; i++)
		if ((fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
			abort();
}

void
wake_up(enum wake w)
{
	uint64_t one = 1;

	/* full means it is awake already */
	if (write(fds[w], &one, sizeof(one)) < 0)
		return;
}

int
wake_fd(enum wake w)
{
	return (fds[w]);
}

void
wake_clear(enum wake w)
{
	uint64_t n;

	if (read(fds[w], &n, sizeof(n)) < 0)
		return;
}
