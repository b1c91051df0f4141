/*
 * The same targets for clang's libFuzzer, which finds more since it sees what
 * is reached.  FUZZ_TARGET in the environment names the one to run.
 */
#include <stdio.h>
#include <stdlib.h>
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *p, size_t n, size_t max);

static const struct fuzz_target *target;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");

	(void)argc;
	(void)argv;
	target = name != NULL ? fuzz_target_find(name) : NULL;
	if (target == NULL) {
		fprintf(stderr, "FUZZ_TARGET names no target\n");
		exit(2);
	}
	fuzz_warm_up();
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n <= FUZZ_INPUT)
		target->run(target, n != 0 ? p : NULL, n);
	return (0);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *p, size_t n, size_t max, unsigned seed)
{
	n = LLVMFuzzerMutate(p, n, max);
	if (target->mend != NULL && seed % 8 != 0)
		target->mend(p, n);
	return (n);
}
