/* One connection at a time, one request each; see http_serve.h. */
#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/proc.h"
#include "tests/lib/http_serve.h"

static const struct http_content *
content_of(const struct http_content *c, size_t n, const char *ref)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].digest, ref) == 0 || (c[i].tag != NULL &&
		    strcmp(c[i].tag, ref) == 0))
			return (&c[i]);
	return (NULL);
}

static void
answer(int fd, const char *status, const struct http_content *c, size_t claim,
    struct str body, const char *more)
{
	char head[600];
	int n = snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
	    status, c != NULL ? c->type : "text/plain", claim, more);

	if (write_all(fd, head, (size_t)n, NULL) == 0)
		(void)write_all(fd, body.p, body.n, NULL);
}

static void
behave(int fd, const char *repository, const struct http_content *c,
    const char *request)
{
	const struct str none = str_of("");
	size_t n = c != NULL ? c->body.n : 0;
	struct http_content disguised;
	char other;

	if (c != NULL && strcmp(repository, "disguised") == 0) {
		disguised = *c;
		disguised.type = "text/plain; x=docker.distribution.manifest.v1+json";
		c = &disguised;
		repository = "wrong";
	}
	if (strcmp(repository, "broken") == 0)
		answer(fd, "500 Broken", NULL, 0, none, "");
	else if (strcmp(repository, "busy") == 0)
		answer(fd, "429 Busy", NULL, 0, none, "Retry-After: 7\r\n");
	else if (strcmp(repository, "token") == 0 &&
	    strstr(request, "\r\nAuthorization: Bearer letmein\r\n") == NULL)
		answer(fd, "401 Who", NULL, 0, none,
		    "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:1/t\",service=\"s\"\r\n");
	else if (c == NULL || strcmp(repository, "gone") == 0)
		answer(fd, "404 Gone", NULL, 0, none, "");
	else if (strcmp(repository, "cut") == 0)
		answer(fd, "200 OK", c, n, str_sub(c->body, 0, n / 2), "");
	else if (strcmp(repository, "longer") == 0) {
		answer(fd, "200 OK", c, n + 1, c->body, "");
		(void)write_all(fd, "x", 1, NULL);
	} else if (strcmp(repository, "endless") == 0) {
		answer(fd, "200 OK", c, (size_t)1 << 40,
		    str_sub(c->body, 0, n / 2), "");
		while (write_all(fd, "x", 1, NULL) == 0)
			usleep(20000);
	} else if (strcmp(repository, "wrong") == 0) {
		other = (char)(c->body.p[n - 1] ^ 1);
		answer(fd, "200 OK", c, n, str_sub(c->body, 0, n - 1), "");
		(void)write_all(fd, &other, 1, NULL);
	} else
		answer(fd, "200 OK", c, n, c->body, "");
}

static void
serve(int fd, const struct http_content *c, size_t n)
{
	char request[8192] = "", repository[64], ref[128];
	size_t got = 0;
	ssize_t k;

	while (strstr(request, "\r\n\r\n") == NULL &&
	    got < sizeof(request) - 1 &&
	    (k = read(fd, request + got, sizeof(request) - 1 - got)) > 0)
		got += (size_t)k;
	if (sscanf(request, "GET /v2/%63[^/]/%*[a-z]/%127s", repository,
	    ref) == 2)
		behave(fd, repository, content_of(c, n, ref), request);
	else
		answer(fd, "400 What", NULL, 0, str_of(""), "");
}

int
http_serve(struct http_content *c, size_t n, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	uint8_t sha[DIGEST_BYTES];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one;
	pid_t pid;

	for (size_t i = 0; i < n; i++) {
		digest_of(c[i].body.p, c[i].body.n, sha);
		digest_format(sha, c[i].digest);
	}
	assert(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, 16) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	*port = ntohs(a.sin_port);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		signal(SIGPIPE, SIG_IGN);
		while ((one = accept(fd, NULL, NULL)) >= 0) {
			serve(one, c, n);
			close(one);
		}
		_exit(1);
	}
	assert(pid > 0);
	close(fd);
	return (pid);
}
