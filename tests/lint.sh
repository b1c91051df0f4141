#!/bin/sh
# lint.sh: what neither the compiler nor a test sees.  Needs git and awk.
# .clang-format is for new code; it is no gate, since lines are broken by hand
# where that reads better.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
complain() {
	[ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2" >&2; bad=1; }
}
files() {
	git ls-files -- "$@" ':!tests/*.in' ':!tests/*.want'
}
complain "white space at the end of a line" \
    "$(git grep -nIE '[ 	]+$' -- '*.c' '*.h' '*.sh' '*.sql' '*.awk' '*.py' '*.md' Makefile)"
complain "carriage returns" \
    "$(git grep -nIl "$(printf '\r')" -- '*.c' '*.h' '*.sh' '*.sql' '*.md' Makefile)"
complain "indented with blanks (continuations have four behind tabs)" \
    "$(git grep -nE '^ {5,}[^ *]' -- '*.c' '*.h')"
complain "the name of a function begins its line" \
    "$(git grep -nE '^(static )?(inline )?(const )?(struct |enum )?[a-z_0-9]+ \**[a-z_0-9]+\([^;]*$' -- '*.c' |
	grep -vE ':(else|return|typedef|do|goto) |:int __')"
complain "return takes parentheses" "$(git grep -nE '^	+return [^(;]' -- '*.c' '*.h')"
complain "a header without a guard" "$(for f in $(files '*.h'); do
	case $f in *_list.h|cli/commands.h) continue ;; esac	# macro lists
	grep -q '^#ifndef [A-Z0-9_]*_H$' "$f" || echo "$f"
done)"
complain "shell syntax" "$(for f in $(files '*.sh') .ci/run; do
	case $(head -n 1 "$f") in *bash*) continue ;; esac
	sh -n "$f" 2>&1
done)"
complain "not executable" "$(git ls-files -s -- 'tests/*.sh' 'tests/e2e/*.sh' | while read -r mode _ _ f; do
	case $f in tests/lib/*|tests/demo/*) continue ;; esac
	[ "$mode" = 100755 ] || echo "$f"
done)"
complain "targets that make help does not show" "$(awk '
	/^\.PHONY:/ { for (i = 2; i <= NF; i++) phony[$i] = 1 }
	/^[a-z0-9-]+:.*## / { sub(/:.*/, ""); delete phony[$0] }
	END { for (t in phony) print t }' Makefile)"
[ $bad -eq 0 ] && echo "lint: nothing to say"
exit $bad
