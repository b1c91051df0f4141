/*
 * The bound of what waits for the committer of the inbox, which this test plays,
 * and that a refused request may come again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "coordinator/inbox.h"

static struct inbox_item items[INBOX_WAITING + 1];

static void
test_no_more_wait_than_the_bound(void **state)
{
	zsock_t *pull = zsock_new(ZMQ_PULL);
	void *p;

	(void)state;
	zsock_set_rcvhwm(pull, 2 * INBOX_WAITING);
	assert_true(zsock_bind(pull, "inproc://inbox") >= 0);
	for (size_t i = 0; i < INBOX_WAITING; i++)
		assert_true(inbox_submit(&items[i]));
	assert_false(inbox_submit(&items[INBOX_WAITING]));
	assert_false(inbox_submit(&items[INBOX_WAITING]));
	/* all that were taken are there, in order, and the refused one is not */
	for (size_t i = 0; i < INBOX_WAITING; i++) {
		assert_int_equal(zsock_recv(pull, "p", &p), 0);
		assert_ptr_equal(p, &items[i]);
	}
	assert_int_equal(zsock_events(pull) & ZMQ_POLLIN, 0);
	zsock_destroy(&pull);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_more_wait_than_the_bound),
	};
	int rc;

	zsys_handler_set(NULL);
	zsys_init();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	zsys_shutdown();
	return (rc);
}
