/*
 * jvm: Java run-times, by the file "release" in their top folder: lines
 * KEY="VALUE", since JDK 7.
 */
#include "analyzer.h"
#include "common/path.h"

static bool
wants(const struct analyzer_file *f)
{
	return (str_eqz(path_base(f->path), "release"));
}

/* A value without its quotes; one that lacks the second is cut off. */
static bool
unquoted(struct str s, struct str *ret)
{
	s = str_trim(s);
	if (str_starts(s, "\"")) {
		if (s.n < 2 || s.p[s.n - 1] != '"')
			return (false);
		s = str_sub(s, 1, s.n - 1);
	}
	*ret = s;
	return (true);
}

static int
analyze(const struct analyzer_file *f, struct cur c, struct analyzer_out *out,
    struct diag *d)
{
	struct package p = { .type = STR_LIT("generic"),
	    .name = STR_LIT("openjdk") }, graal;
	struct str line, key, value, runtime = { NULL, 0 }, graalvm = runtime;
	int rc;

	(void)f;
	while (cur_line(&c, &line)) {
		key = str_sub(line, 0, str_find(line, '='));
		if (!unquoted(str_sub(line, key.n + 1, line.n), &value))
			continue;
		if (str_eqz(key, "JAVA_VERSION"))
			p.version = value;
		else if (str_eqz(key, "OS_ARCH"))
			p.arch = value;
		else if (str_eqz(key, "IMPLEMENTOR"))
			p.vendor = value;
		else if (str_eqz(key, "JAVA_RUNTIME_VERSION"))
			runtime = value;
		else if (str_eqz(key, "GRAALVM_VERSION"))
			graalvm = value;
		else if (str_eqz(key, "BUILD_TYPE") &&
		    str_eqz(value, "commercial"))
			p.name = str_of("oracle-jdk");
	}
	if (p.version.n == 0)
		return (0);	/* some other file of that name */
	if (runtime.n > 0 && (rc = analyzer_attribute(out,
	    "JAVA_RUNTIME_VERSION", runtime, d)) < 0)
		return (rc);
	if ((rc = analyzer_package(out, &p, d)) < 0 || graalvm.n == 0)
		return (rc);
	graal = p;
	graal.name = str_of("graalvm");
	graal.version = graalvm;
	return (analyzer_package(out, &graal, d));
}

const struct analyzer analyzer_jvm = {
	.name = "jvm",
	.revision = 1,
	.wants_revision = 1,
	.wants = wants,
	.analyze = analyze,
};
