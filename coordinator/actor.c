/* Loops of actors. */
#include "actor.h"
#include "common/log.h"

bool
actor_told_to_end(zsock_t *pipe)
{
	char *text = zstr_recv(pipe);
	bool end = text == NULL || strcmp(text, "$TERM") == 0;

	zstr_free(&text);
	return (end);
}

bool
actor_wait(zsock_t *pipe, enum wake w, int ms)
{
	zmq_pollitem_t items[2] = {
		{ zsock_resolve(pipe), 0, ZMQ_POLLIN, 0 },
		{ NULL, wake_fd(w), ZMQ_POLLIN, 0 },
	};
	bool go_on = true;

	if (zmq_poll(items, 2, ms) < 0)
		return (!zsys_interrupted);
	if (items[0].revents & ZMQ_POLLIN)
		go_on = !actor_told_to_end(pipe);
	if (items[1].revents & ZMQ_POLLIN)
		wake_clear(w);
	return (go_on);
}

bool
actor_connect(zsock_t *pipe, const char *conninfo, const char *name,
    struct db **ret)
{
	struct diag d;

	while (db_open(conninfo, name, ret, &d) < 0) {
		log_warn("database is away", "actor", "%s", name, "reason",
		    "%s", d.text, NULL);
		if (!actor_wait(pipe, WAKE_COUNT - 1, 1000))
			return (false);
	}
	return (true);
}
