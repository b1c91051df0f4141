/* Time that only goes forward, for deadlines and waits; it begins anywhere. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static inline time_t
clock_s(void)
{
	return ((time_t)(clock_ms() / 1000));
}

#endif
