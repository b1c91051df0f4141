#!/bin/sh
# make.sh: the samples of this folder, by gcc and GNU ld of Debian 12.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
printf 'void _start(void) { for (;;); }\n' >"$tmp/x.c"
gcc -nostdlib -static -s -Wl,--build-id=sha1 -o none.in "$tmp/x.c"; echo usr/bin/none >none.path
note() { # NAME JSON [FLAGS]
	name=$1; shift
	printf '.section .note.package,"a",@note\n.balign 4\n.long 4, 2f-1f, 0xcafe1a7e\n.asciz "FDO"\n1:.asciz "%s"\n2:.balign 4\n' \
	    "$(printf '%s' "$1" | sed 's/"/\\"/g')" >"$tmp/n.s"
	shift
	gcc -nostdlib -s -Wl,--build-id=sha1 -Wl,-z,noseparate-code "$@" -o "$name.in" "$tmp/x.c" "$tmp/n.s"
	echo "usr/bin/$name" >"$name.path"
}
note fedora '{"type":"rpm","name":"coreutils","version":"9.4-4.fc40","architecture":"x86_64","osCpe":"cpe:/o:fedoraproject:fedora:40"}' -static
note fedora-pie '{"type":"rpm","name":"bash","version":"5.2.26-3.fc40","architecture":"x86_64","osCpe":"cpe:/o:fedoraproject:fedora:40"}' -static-pie
note debian '{"type":"deb","os":"debian","name":"libfoo1","version":"1:2.0-3","architecture":"arm64","debugInfoUrl":"https://debuginfod.example"}' -shared
note other '{"type":"conda","name":"thing","version":"1"}' -static
note no-name '{"type":"rpm"}' -static
note no-json 'package' -static
