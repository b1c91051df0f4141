/* Counts of the whole farm; see farm_counts.h. */
#include <pthread.h>
#include "common/mem.h"
#include "coordinator.h"
#include "db.h"
#include "farm_counts.h"
#include "sql.h"

/* Kept so many times as long as it took, where it took longer than a person or a
 * test would notice. */
#define KEPT 10
#define QUICK_MS 200

static struct {
	pthread_mutex_t lock;
	pthread_cond_t counted;
	char *json;		/* NULL before the first */
	int64_t until;		/* fresh enough; zclock_mono() */
	bool counting;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.counted = PTHREAD_COND_INITIALIZER };

/* Is there an answer for whoever asks now?  Else it is his to count. */
static bool
answered(char **ret)
{
	bool yes;

	pthread_mutex_lock(&kept.lock);
	while (kept.json == NULL && kept.counting)
		pthread_cond_wait(&kept.counted, &kept.lock);
	yes = kept.json != NULL &&
	    (kept.counting || zclock_mono() < kept.until);
	if (yes)
		*ret = mem_strdup(kept.json);
	else
		kept.counting = true;
	pthread_mutex_unlock(&kept.lock);
	return (yes);
}

int
farm_counts(struct db *db, char **ret, struct diag *d)
{
	struct db_result *r = NULL;
	int64_t from, took;
	int rc;

	if (answered(ret))
		return (0);
	from = zclock_mono();
	rc = db_query0(db, sql_farm_counts, &r, d);
	pthread_mutex_lock(&kept.lock);
	if (rc == 0) {
		free(kept.json);
		kept.json = mem_strndup(db_col(r, 0, 0));
		took = zclock_mono() - from;
		kept.until = from + (took < QUICK_MS ? 0 : (KEPT + 1) * took);
		*ret = mem_strdup(kept.json);
	}
	kept.counting = false;
	pthread_cond_broadcast(&kept.counted);
	pthread_mutex_unlock(&kept.lock);
	db_free(r);
	return (rc);
}
