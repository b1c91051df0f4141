/*
 * The commands of `scanfarm`, one line each: COMMAND(name, arguments, summary)
 * declares `int cmd_NAME(int argc, char **argv)`, argv[0] being the command's
 * own name, the result an exit status:
 *	0 passed, 1 policy failed, 2 usage or bad input (before anything ran),
 *	3 temporary, 4 unknown or incomplete.
 * A command is one file cli/NAME.c and one line here, in alphabetical order.
 * Included more than once on purpose; no guard.
 */
COMMAND_LIST_BEGIN
COMMAND(affected, "ID", "which images of the farm have a vulnerability")
COMMAND(audit, "[--last]", "is all that the farm derived what a rebuild would give")
COMMAND(changes, "[--since TIME]", "which verdicts changed lately, and why")
COMMAND(compare, "SCHEME [A B]", "how two versions are ordered: < = > or ! (invalid)")
COMMAND(feed, "list|import PATH|update [ECOSYSTEM...]|export FILE|remove FEED|sources", "the farm's advisories")
COMMAND(inventory, "PATH [--format F] [--platform P]", "the packages of a local image")
COMMAND(match, "--packages FILE --feed DIR [--distro ID:VERSION]", "which advisories apply to a list of packages")
COMMAND(notify, "add NAME --url URL|list|remove NAME", "who is told of changed verdicts")
COMMAND(policy, "show|set [--fail-on SEVERITY] [--only-fixed yes|no]", "what the farm's verdicts are made by")
COMMAND(registry, "add NAME --url URL|list|check|remove NAME", "the registries that the farm watches")
COMMAND(report, "REF [--wait]", "verdict and findings of an image of the farm")
COMMAND(scan, "REF... [--fail-on SEVERITY] [--only-fixed] [--format F]", "the vulnerabilities of images, and a verdict")
COMMAND(status, "", "the farm at a glance")
COMMAND(up, "[--data DIR] [--http ADDR:PORT] [--workers N] [--database URL]", "start a whole farm on this machine")
COMMAND_LIST_END
