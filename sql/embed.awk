# embed.awk: SQL files as C strings.
# sql/queries/NAME.sql    -> const char sql_NAME[]
# sql/migrations/NNNN_*.sql -> rows of sql_migrations[]; sql/views/*.sql -> rows
# of sql_views[], both in the order given.  -v header=FILE gets declarations.
function quote(s) {
	gsub(/\\/, "\\\\\\\\", s); gsub(/"/, "\\\\\"", s); gsub(/\t/, "\\\\t", s)
	return "\"" s "\\n\""
}
function base(f) { sub(/.*\//, "", f); sub(/\.sql$/, "", f); return f }
function finish() {
	if (open) print "    ;"
	open = 0
}
BEGIN {
	print "/* Generated from sql/ by sql/embed.awk. */\n#include \"sql.h\"\n"
	print "/* Generated from sql/ by sql/embed.awk. */\n#ifndef SQL_H\n#define SQL_H\n\nstruct sql_file {\n\tconst char *name, *text;\n};\n" > header
}
FNR == 1 {
	finish()
	b = base(FILENAME)
	if (FILENAME ~ /^sql\/queries\//) {
		print "extern const char sql_" b "[];" > header
		queries[++nq] = b
		print "const char sql_" b "[] ="
	} else if (FILENAME ~ /^sql\/migrations\//) {
		migrations[++nm] = b
		print "static const char migration_" b "[] ="
	} else {
		views[++nv] = b
		print "static const char view_" b "[] ="
	}
	open = 1
}
{ print "    " quote($0) }
function table(name, prefix, list, n,   i) {
	print "\nconst struct sql_file sql_" name "[] = {"
	for (i = 1; i <= n; i++)
		print "\t{ \"" list[i] "\", " prefix list[i] " },"
	print "\t{ 0, 0 }\n};"
	print "extern const struct sql_file sql_" name "[];	/* ended by { NULL, NULL } */" > header
}
END {
	finish()
	table("migrations", "migration_", migrations, nm)
	table("views", "view_", views, nv)
	table("queries", "sql_", queries, nq)
	print "\n#endif" > header
}
