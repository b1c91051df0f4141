/* Exports; see feed_export.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "cli/feed_export.h"
#include "cli/message.h"
#include "common/mem.h"
#include "common/minisign.h"
#include "common/proc.h"
#include "common/text.h"
#include "coordinator/matcher/export.h"

/* ------------------------------------------------------------------ small files */

/* All of a small file, NUL behind it; "${what} PATH: why" where it cannot be. */
static int
read_small(const char *path, const char *what, char *ret, size_t size,
    size_t *ret_n, struct diag *d)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;
	int rc = 0;

	if (f != NULL) {
		setvbuf(f, NULL, _IONBF, 0);	/* no copy of a secret */
		n = fread(ret, 1, size, f);
	}
	if (f == NULL || ferror(f))
		rc = diag_set(d, ERR_USAGE, 0, "cannot read the %s %s: %s", what,
		    path, strerror(errno));
	else if (n == size)
		rc = diag_set(d, ERR_USAGE, 0, "%s is no %s: it is too large",
		    path, what);
	else
		ret[n] = '\0';
	if (f != NULL)
		fclose(f);
	*ret_n = n;
	return (rc);
}

struct password {
	const char *key;	/* file of the key, for the question */
	const char *file;	/* NULL = ask */
};

/* The first line of ${f}. */
static bool
read_password(FILE *f, char *ret, size_t size)
{
	setvbuf(f, NULL, _IONBF, 0);
	if (fgets(ret, (int)size, f) == NULL)
		return (false);
	ret[strcspn(ret, "\r\n")] = '\0';
	return (true);
}

/* From the terminal, without showing it. */
static bool
ask_terminal(const char *key, char *ret, size_t size)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	struct termios was, quiet;
	bool ok = false;

	if (tty == NULL)
		return (false);
	if (tcgetattr(fileno(tty), &was) == 0) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
		fprintf(tty, "Password of %s: ", key);
		fflush(tty);
		ok = read_password(tty, ret, size);
		tcsetattr(fileno(tty), TCSAFLUSH, &was);
		fputs("\n", tty);
	}
	fclose(tty);
	return (ok);
}

static int
password(void *arg, char *ret, size_t size, struct diag *d)
{
	const struct password *p = arg;
	FILE *f;
	bool ok;

	if (p->file == NULL) {
		if (!ask_terminal(p->key, ret, size))
			return (diag_set(d, ERR_USAGE, 0, "%s has a password and "
			    "there is no terminal to ask for it: name a file "
			    "that holds it by --password-file", p->key));
		return (0);
	}
	if ((f = fopen(p->file, "re")) == NULL)
		return (diag_set(d, ERR_USAGE, 0, "cannot read %s: %s", p->file,
		    strerror(errno)));
	ok = read_password(f, ret, size);
	fclose(f);
	return (ok ? 0 : diag_set(d, ERR_USAGE, 0, "%s holds no password",
	    p->file));
}

static int
read_secret(const struct feed_export_options *o, struct minisign_secret *ret,
    struct diag *d)
{
	struct password p = { o->sign, o->password_file };
	char text[MINISIGN_TEXT];
	struct diag why = { 0 };
	size_t n;
	int rc;

	if ((rc = read_small(o->sign, "secret key", text, sizeof(text), &n,
	    d)) == 0 &&
	    (rc = minisign_secret_read(str_n(text, n), password, &p, ret,
	    &why)) < 0)
		rc = diag_set(d, rc == ERR_TEMPORARY ? rc : ERR_USAGE, 0,
		    "%s: %s", o->sign, why.text);
	explicit_bzero(text, sizeof(text));
	return (rc);
}

/* -------------------------------------------------------------------- exporting */

struct download {
	int fd;
	uint64_t n;
	struct minisign_hash *hash;
};

static int
on_bytes(void *arg, const uint8_t *p, size_t n, struct diag *d)
{
	struct download *w = arg;

	minisign_hash_add(w->hash, p, n);
	if (w->n >> 20 != (w->n + n) >> 20)
		progress("%llu MiB fetched",
		    (unsigned long long)((w->n + n) >> 20));
	w->n += n;
	return (write_all(w->fd, p, n, d));
}

/* What an export says of itself, as far as people want to know. */
struct summary {
	char farm[EXPORT_UUID + 1];
	uint64_t revision, since, documents, gone;
	bool delta;
};

static int
on_manifest(void *arg, const struct export_manifest *m, struct diag *d)
{
	struct summary *s = arg;

	(void)d;
	snprintf(s->farm, sizeof(s->farm), "%.*s", STR_ARG(m->farm));
	s->revision = m->revision;
	s->delta = m->delta;
	s->since = m->since;
	s->documents = m->documents;
	s->gone = m->gone;
	return (0);
}

static int
on_document(void *arg, const struct export_document *x, struct diag *d)
{
	(void)arg;
	(void)x;
	(void)d;
	return (0);
}

static int
on_beside(void *arg, size_t i, struct str bytes, struct diag *d)
{
	(void)arg;
	(void)i;
	(void)bytes;
	(void)d;
	return (0);
}

static int
check(int fd, struct summary *ret, struct diag *d)
{
	const struct export_sink sink = { ret, on_manifest, on_document,
		on_beside };
	struct source_fd *in = mem_alloc(sizeof(*in));
	struct source src = source_fd(in);
	struct diag why = { 0 };
	int rc;

	in->fd = fd;
	lseek(fd, 0, SEEK_SET);
	if ((rc = export_read(&src, &sink, &why)) < 0)
		diag_set(d, rc, 0, "what the farm sent is no whole export: %s",
		    why.text);
	free(in);
	return (rc);
}

/* PATH.XXXXXX, to be renamed. */
static int
create(const char *path, char **name, struct diag *d)
{
	int fd;

	*name = mem_printf("%s.XXXXXX", path);
	if ((fd = mkostemp(*name, O_CLOEXEC)) < 0)
		return (diag_set(d, ERR_USAGE, 0, "cannot write %s: %s", path,
		    strerror(errno)));
	return (fd);
}

/* Readable as other files are, durable, and in its place. */
static int
put_in_place(int fd, const char *name, const char *path, struct diag *d)
{
	mode_t mask = umask(0);

	umask(mask);
	if (fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0 ||
	    rename(name, path) < 0)
		return (diag_set(d, ERR_TEMPORARY, 0, "cannot write %s: %s", path,
		    strerror(errno)));
	return (0);
}

static int
write_signature(const struct minisign_secret *key, struct download *w,
    const struct summary *s, const char *path, const char *place,
    struct diag *d)
{
	struct str base = str_of(path);
	char comment[512], since[32] = "", file[256], *name = NULL;
	uint8_t hash[MINISIGN_HASH];
	struct buf text;
	int fd = -1, rc;

	base = str_sub(base, str_rfind(base, '/') < base.n ?
	    str_rfind(base, '/') + 1 : 0, base.n);
	text_escape(base, file, sizeof(file));
	if (s->delta)
		snprintf(since, sizeof(since), "\tsince:%llu",
		    (unsigned long long)s->since);
	snprintf(comment, sizeof(comment), "timestamp:%lld\tfile:%s\tfarm:%s"
	    "\trevision:%llu%s\thashed", (long long)time(NULL), file, s->farm,
	    (unsigned long long)s->revision, since);
	minisign_hash_end(w->hash, hash);
	buf_init(&text, MINISIGN_TEXT);
	if ((rc = minisign_sign(key, hash, str_of(comment), &text, d)) < 0)
		goto out;
	if ((fd = create(place, &name, d)) < 0) {
		rc = fd;
		goto out;
	}
	if ((rc = write_all(fd, text.p, text.n, d)) < 0 ||
	    (rc = put_in_place(fd, name, place, d)) < 0)
		(void)unlink(name);
	close(fd);
out:
	free(name);
	buf_done(&text);
	return (rc);
}

static void
add_row(struct output *o, const char *path, const struct summary *s,
    uint64_t bytes, const char *key)
{
	char room[5][24];
	struct str cells[] = { str_of(path), str_of(s->farm),
		output_int(room[0], (int64_t)s->revision),
		s->delta ? output_int(room[1], (int64_t)s->since) : str_of(""),
		output_int(room[2], (int64_t)s->documents),
		output_int(room[3], (int64_t)s->gone),
		output_int(room[4], (int64_t)bytes), str_of(key) };

	output_row(o, cells);
}

struct output *
feed_export_listing(void)
{
	static const char *const columns[] = { "file", "farm", "revision",
		"since", "documents", "gone", "bytes", "key" };
	struct output *o = output_new(columns, 8);

	output_numbers(o, 0x74);
	return (o);
}

static int
fetch(struct farm *farm, const struct feed_export_options *o,
    struct download *w, struct summary *ret, struct diag *d)
{
	char path[100];
	int rc;

	snprintf(path, sizeof(path), "/api/v1/feeds/export%s%s", o->since != NULL ?
	    "?since=" : "", o->since != NULL ? o->since : "");
	progress("exporting");
	rc = farm_download(farm, path, on_bytes, w, d);
	progress_end();
	return (rc < 0 ? rc : check(w->fd, ret, d));
}

int
feed_export(struct farm *farm, const char *path,
    const struct feed_export_options *o, struct output *ret, struct diag *d)
{
	struct download w = { .fd = -1, .hash = minisign_hash_new() };
	char *name = NULL, *place = mem_printf("%s.minisig", path);
	char id[MINISIGN_ID_TEXT] = "";
	struct minisign_secret key;
	struct summary s = { 0 };
	int rc;

	if (o->sign != NULL && (rc = read_secret(o, &key, d)) < 0)
		goto out;
	if ((rc = w.fd = create(path, &name, d)) < 0 ||
	    (rc = fetch(farm, o, &w, &s, d)) < 0)
		goto out;
	/* of what stood there before */
	if (unlink(place) < 0 && errno != ENOENT) {
		rc = diag_set(d, ERR_USAGE, 0, "cannot write %s: %s", place,
		    strerror(errno));
		goto out;
	}
	if ((rc = put_in_place(w.fd, name, path, d)) < 0)
		goto out;
	free(name);
	name = NULL;
	if (o->sign != NULL) {
		minisign_id_format(key.id, id);
		rc = write_signature(&key, &w, &s, path, place, d);
	}
	if (rc == 0)
		add_row(ret, path, &s, w.n, id);
out:
	if (w.fd >= 0)
		close(w.fd);
	if (name != NULL && w.fd >= 0)
		(void)unlink(name);
	explicit_bzero(&key, sizeof(key));
	minisign_hash_free(w.hash);
	free(name);
	free(place);
	return (rc);
}

/* -------------------------------------------------------------------- importing */

static bool
has_signature(const char *path)
{
	char *beside = mem_printf("%s.minisig", path);
	bool ret = access(beside, F_OK) == 0;

	free(beside);
	return (ret);
}

/* 1 when it holds an export, 0 something else, -1 when it cannot be unpacked. */
static int
holds_export(const char *path)
{
	struct source_fd *in = mem_alloc(sizeof(*in));
	struct source src = source_fd(in);
	struct inflate *z = inflate_new(&src, &(struct inflate_limits) { 0 });
	const uint8_t *p = NULL;
	int64_t n = -1;
	int ret;

	if ((in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) >= 0) {
		n = inflate_read(z, &p, NULL);
		close(in->fd);
	}
	ret = n < 0 ? -1 : export_is(str_n(p, (size_t)n));
	inflate_free(z);
	free(in);
	return (ret);
}

bool
feed_is_export(const char *path, const struct feed_mirror_options *o)
{
	int holds;

	if (o->signature != NULL || o->trust != NULL || o->unsigned_ok ||
	    o->accept_older)
		return (true);
	holds = holds_export(path);
	return (holds > 0 || (holds < 0 && has_signature(path)));
}

/* &KEY=TEXT of a small file; nothing for no file. */
static int
add_text(struct buf *url, const char *key, const char *file, const char *what,
    struct diag *d)
{
	char text[MINISIGN_TEXT], quoted[3 * MINISIGN_TEXT + 4];
	size_t n;
	int rc;

	if (file == NULL)
		return (0);
	if ((rc = read_small(file, what, text, sizeof(text), &n, d)) < 0)
		return (rc);
	farm_quote(str_n(text, n), quoted, sizeof(quoted));
	return (buf_printf(url, "&%s=%s", key, quoted));
}

static int
mirror_url(const char *path, const struct feed_mirror_options *o,
    struct buf *ret, struct diag *d)
{
	char *beside = mem_printf("%s.minisig", path);
	const char *signature = o->signature;
	int rc;

	if (signature == NULL && !o->unsigned_ok && has_signature(path))
		signature = beside;
	rc = buf_printf(ret, "/api/v1/feeds/export?unsigned=%d"
	    "&accept_missing=%d&accept_older=%d", o->unsigned_ok,
	    o->accept_missing, o->accept_older);
	if (rc == 0 && (rc = add_text(ret, "signature", signature, "signature",
	    d)) == 0)
		rc = add_text(ret, "trust", o->trust, "public key", d);
	if (rc == 0)
		rc = buf_byte(ret, 0);
	free(beside);
	return (rc);
}

int
feed_mirror(struct farm *farm, const char *path,
    const struct feed_mirror_options *o, struct farm_answer *ret,
    struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct buf url;

	if (fd < 0)
		return (diag_set(d, ERR_USAGE, 0, "%s: %s", path,
		    strerror(errno)));
	buf_init(&url, 8 * MINISIGN_TEXT);
	if ((rc = mirror_url(path, o, &url, d)) == 0) {
		progress("%s: importing", path);
		rc = farm_upload(farm, (const char *)url.p, fd, ret, d);
		progress_end();
	}
	buf_done(&url);
	close(fd);
	return (rc);
}
