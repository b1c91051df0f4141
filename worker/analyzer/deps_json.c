/*
 * See deps_json.h.  It lists everything that was referenced; installed is what has
 * files in the target that the host picks.  Old packages of what became part of the
 * framework lose against it at run time: scope "framework".
 */
#include <strings.h>
#include <stdlib.h>
#include "common/json.h"
#include "common/limits.h"
#include "common/path.h"
#include "deps_json.h"

/* Targets looked at when none is named; published applications have two. */
#define TARGETS 64

/*
 * "System." packages whose assemblies are part of every .NET since Core 3.0,
 * where those of the 4.x packages have lower versions.  Sorted, without case.
 */
static const char *const in_framework[] = {
	"AppContext", "Buffers", "Collections", "Collections.Concurrent",
	"Collections.NonGeneric", "Collections.Specialized", "ComponentModel",
	"ComponentModel.EventBasedAsync", "ComponentModel.Primitives",
	"ComponentModel.TypeConverter", "Console", "Data.Common",
	"Diagnostics.Contracts", "Diagnostics.Debug",
	"Diagnostics.FileVersionInfo", "Diagnostics.Process",
	"Diagnostics.StackTrace", "Diagnostics.TextWriterTraceListener",
	"Diagnostics.Tools", "Diagnostics.TraceSource", "Diagnostics.Tracing",
	"Dynamic.Runtime", "Globalization", "Globalization.Calendars",
	"Globalization.Extensions", "IO", "IO.Compression",
	"IO.Compression.ZipFile", "IO.FileSystem", "IO.FileSystem.DriveInfo",
	"IO.FileSystem.Primitives", "IO.FileSystem.Watcher",
	"IO.IsolatedStorage", "IO.MemoryMappedFiles", "IO.Pipes",
	"IO.UnmanagedMemoryStream", "Linq", "Linq.Expressions",
	"Linq.Queryable", "Memory", "Net.Http", "Net.NameResolution",
	"Net.Primitives", "Net.Requests", "Net.Security", "Net.Sockets",
	"Net.WebHeaderCollection", "ObjectModel",
	"Private.DataContractSerialization", "Private.Uri", "Reflection",
	"Reflection.Emit", "Reflection.Emit.ILGeneration",
	"Reflection.Emit.Lightweight", "Reflection.Extensions",
	"Reflection.Primitives", "Reflection.TypeExtensions",
	"Resources.ResourceManager", "Runtime", "Runtime.Extensions",
	"Runtime.Handles", "Runtime.InteropServices",
	"Runtime.InteropServices.RuntimeInformation", "Runtime.Loader",
	"Runtime.Numerics", "Runtime.Serialization.Formatters",
	"Runtime.Serialization.Json", "Runtime.Serialization.Primitives",
	"Security.Claims", "Security.Cryptography.Algorithms",
	"Security.Cryptography.Csp", "Security.Cryptography.Encoding",
	"Security.Cryptography.Primitives",
	"Security.Cryptography.X509Certificates", "Security.Principal",
	"Text.Encoding", "Text.Encoding.Extensions", "Text.RegularExpressions",
	"Threading", "Threading.Overlapped", "Threading.Tasks",
	"Threading.Tasks.Extensions", "Threading.Tasks.Parallel",
	"Threading.Thread", "Threading.ThreadPool", "Threading.Timer",
	"ValueTuple", "Xml.ReaderWriter", "Xml.XDocument", "Xml.XmlDocument",
	"Xml.XmlSerializer", "Xml.XPath", "Xml.XPath.XDocument",
};

static int
by_name(const void *name, const void *entry)
{
	const struct str *a = name;
	const char *b = *(const char *const *)entry;
	size_t n = strlen(b);
	int c = strncasecmp(a->p, b, a->n < n ? a->n : n);

	return (c != 0 ? c : a->n < n ? -1 : a->n > n);
}

/* The number before the first '.' of ${s}, or 0. */
static uint64_t
major_of(struct str s)
{
	uint64_t n;

	return (str_u64(str_sub(s, 0, str_find(s, '.')), &n) ? n : 0);
}

/* ".NETCoreApp,Version=v6.0/linux-x64" -> 6; 0 of other platforms. */
static uint64_t
core_version(struct str target)
{
	static const char prefix[] = ".NETCoreApp,Version=v";

	if (!str_starts(target, prefix))
		return (0);
	return (major_of(str_sub(target, sizeof(prefix) - 1, target.n)));
}

static bool
is_in_framework(struct str name, struct str version)
{
	struct str rest;

	if (major_of(version) > 4)
		return (false);
	if (str_starts(name, "runtime.") &&
	    memmem(name.p, name.n, ".System", 7) != NULL)
		return (true);
	rest = str_sub(name, 7, name.n);
	return (str_caseeqz(str_sub(name, 0, 7), "System.") && rest.n > 0 &&
	    bsearch(&rest, in_framework,
	    sizeof(in_framework) / sizeof(in_framework[0]),
	    sizeof(in_framework[0]), by_name) != NULL);
}

/* Files other than the "_._" that stands for "nothing needed here". */
static bool
has_files(const struct json *library)
{
	static const char *const kinds[] = { "runtime", "native",
	    "runtimeTargets" };
	const struct json *v;
	struct str file;
	void *at;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (at = NULL; json_next(json_get(library, kinds[i]), &at,
		    &file, &v); )
			if (!str_eqz(path_base(file), "_._"))
				return (true);
	return (false);
}

struct deps {
	const struct json *targets;
	const struct json *target;	/* the one named by runtimeTarget */
	uint64_t core;			/* major version of .NET, 0 = other */
};

/* Is library ${key} (NAME/VERSION, NUL-terminated) there at run time? */
static bool
is_used(const struct deps *deps, const char *key)
{
	const struct json *t;
	void *at = NULL;
	struct str name;

	if (deps->target != NULL)
		return (has_files(json_get(deps->target, key)));
	for (unsigned i = 0; i < TARGETS && json_next(deps->targets, &at, &name,
	    &t); i++)
		if (has_files(json_get(t, key)))
			return (true);
	return (deps->targets == NULL);
}

static int
library(const struct deps *deps, struct str key, struct str type,
    struct analyzer_out *out, struct diag *d)
{
	static const char pack[] = "runtimepack.";
	size_t slash = str_rfind(key, '/');
	struct package p = { .type = STR_LIT("nuget"),
	    .name = str_sub(key, 0, slash),
	    .version = str_sub(key, slash + 1, key.n) };

	/* project is the application, reference and referenceassembly were
	 * there when it was built */
	if (str_eqz(type, "runtimepack")) {
		if (str_starts(p.name, pack))
			p.name = str_sub(p.name, sizeof(pack) - 1, p.name.n);
	} else if (!str_eqz(type, "package")) {
		return (0);
	}
	if (p.name.n == 0 || p.version.n == 0 || !is_used(deps, key.p))
		return (0);
	if (deps->core >= 3 && is_in_framework(p.name, p.version))
		p.scope = str_of("framework");
	return (analyzer_package(out, &p, d) < 0 ? ERR_LIMIT : 1);
}

int
deps_json_packages(struct str text, struct analyzer_out *out, struct diag *d)
{
	const struct json *v, *t;
	struct json *j = NULL;
	struct str key, name;
	struct deps deps;
	void *at = NULL;
	int rc, n = 0;

	if ((rc = json_parse_file(text, LIMIT_JSON_FILE, &j, d)) < 0)
		goto out;
	name = json_get_str(json_get(j, "runtimeTarget"), "name");
	deps = (struct deps) { json_get(j, "targets"), NULL, core_version(name) };
	if (name.n > 0)
		deps.target = json_get(deps.targets, name.p);
	t = json_get(j, "libraries");
	while (rc >= 0 && json_next(t, &at, &key, &v)) {
		rc = library(&deps, key, json_get_str(v, "type"), out, d);
		n += rc > 0;
	}
out:
	json_free(j);
	return (rc < 0 ? rc : n);
}
