#!/bin/bash
# make.sh: the samples of this folder, ELF files with a bill among their data as
# GraalVM's native-image leaves it.  Needs gcc, gzip.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
elf() {	# NAME SYMBOL-PREFIX <bill
	gzip -nc6 >"$tmp/bill.gz"
	cat >"$tmp/x.s" <<-A
	.data
	.asciz "other data \\037\\213\\010 that is no bill"
	.globl __svm_version_info, $2, $2_length
	__svm_version_info: .asciz "GraalVM 23.1.2"
	.balign 8
	$2: .incbin "$tmp/bill.gz"
	.balign 8
	$2_length: .quad $(stat -c %s "$tmp/bill.gz")
	A
	gcc -shared -nostdlib -s -Wl,-z,noseparate-code -Wl,--build-id=none -Wl,--hash-style=sysv \
	    -o "$1.in" -x assembler "$tmp/x.s"
	echo "app/$1" >"$1.path"
}
# the form of GraalVM's documentation
bill='{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"serialNumber":"urn:uuid:51ec305f-616e-4139-a033-a094bb94a17c",
"metadata":{"timestamp":"2024-10-06T15:46:50.593277+02:00","tools":{"components":[{"type":"library","group":"org.graalvm.sdk",
"name":"nativeimage","version":"23.1.2","purl":"pkg:maven/org.graalvm.sdk/nativeimage@23.1.2"}]},
"component":{"type":"library","group":"com.sbom","name":"your-app","version":"1.0.0","purl":"pkg:maven/com.sbom/your-app@1.0.0"}},
"components":[{"type":"library","group":"org.json","name":"json","version":"20211205","purl":"pkg:maven/org.json/json@20211205",
"components":[{"type":"library","name":"mymodule","components":[{"type":"file","name":"org/json/JSONObject.java"}]}]},
{"type":"library","group":"io.micronaut","name":"inject","version":"4.2.3","purl":"pkg:maven/io.micronaut/inject@4.2.3"},
{"type":"library","name":"unnamed"}],"dependencies":[]}'
elf bill sbom <<<"$bill"
elf blanks sbom < <(sed 's/{"bomFormat"/{\n  "bomFormat"/' <<<"$bill")
elf no-symbol data <<<"$bill"
elf other sbom <<<'{"packages":[]}'
elf cut sbom <<<"$bill"
head -c $(($(grep -abo "$(printf '\x1f\x8b\x08')" cut.in | tail -1 | cut -d: -f1) + 150)) cut.in >"$tmp/cut"
printf 'sbom_length\0' >>"$tmp/cut"; mv "$tmp/cut" cut.in
elf no-json sbom <<<'{"bomFormat":"CycloneDX","components":[{"purl":'
