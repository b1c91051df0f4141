/* Event sources, one line each.  Included more than once on purpose; no guard. */
WEBHOOK(distribution)
