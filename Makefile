# scanfarm.  One GNU Makefile, no configure; everything below build/.
# "make help" lists the targets.

BUILD    ?= build
CC       ?= cc
CFLAGS   ?= -O2 -g
DEVELOPER ?= 0
SANITIZE ?= 0

# ---------------------------------------------------------------- packages --
# The one list.  `make deps` installs what is missing, from Debian's archive.
PACKAGES_BUILD = gcc libc6-dev pkg-config libzmq3-dev libczmq-dev \
	libmsgpack-dev libpq-dev libarchive-dev libcurl4-openssl-dev \
	libisal-dev libzstd-dev libssl-dev libmicrohttpd-dev libjansson-dev \
	libsqlite3-dev libseccomp-dev ca-certificates
PACKAGES_RUN   = postgresql-15
# uidmap: mmdebstrap needs it where it is not root
PACKAGES_DEMO  = docker-registry skopeo mmdebstrap uidmap jq curl zip
PACKAGES_TEST  = libcmocka-dev procps curl jq zip zstd xz-utils bzip2 python3 openssl nginx-light umoci rpm db-util minisign

CPPFLAGS += -I. -D_GNU_SOURCE -include common/banned.h
CFLAGS_OURS = -std=c11 -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wshadow -fstack-protector-strong -fPIE
ifeq ($(DEVELOPER),1)
CFLAGS_OURS += -Werror
endif
# where the build for the sanitizers is, be it this one or not
SANITIZED := $(BUILD)/sanitize
ifeq ($(SANITIZE),1)
override BUILD := $(SANITIZED)
CFLAGS_OURS += -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
ifeq ($(FUZZ_CLANG),1)
CFLAGS_OURS += -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
CPPFLAGS += -I$(BUILD)/gen -isystem /usr/include/postgresql
LDFLAGS += -pie -Wl,-z,relro,-z,now

LIBS_COMMON = -lmsgpackc -larchive -lcurl -lisal -lzstd -lcrypto -ljansson \
	-lsqlite3 -lseccomp -lm
LIBS_ZMQ    = -lczmq -lzmq
LIBS_PQ     = -lpq
LIBS_HTTPD  = -lmicrohttpd

# ------------------------------------------------------------------ sources --
SRC_common      = $(wildcard common/*.c common/*/*.c)
SRC_analyzer    = $(wildcard worker/analyzer/*.c)
SRC_worker      = $(wildcard worker/*.c)
SRC_matcher     = $(wildcard coordinator/matcher/*.c coordinator/matcher/*/*.c)
SRC_coordinator = $(wildcard coordinator/*.c coordinator/webhook/*.c)
SRC_cli         = $(wildcard cli/*.c)
GEN_sql         = $(wildcard sql/migrations/*.sql sql/views/*.sql sql/queries/*.sql)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
# everything but main, so that tests can link it
no_main = $(filter-out %/main.o,$(call obj,$(1)))

LIB_COMMON   = $(BUILD)/libcommon.a
LIB_ANALYZER = $(BUILD)/libanalyzer.a
LIB_WORKER   = $(BUILD)/libworker.a
LIB_MATCHER  = $(BUILD)/libmatcher.a
LIB_COORD    = $(BUILD)/libcoordinator.a
LIB_CLI      = $(BUILD)/libcli.a

PROGRAMS = $(if $(wildcard cli/main.c),$(BUILD)/scanfarm) \
	$(if $(wildcard worker/main.c),$(BUILD)/scanfarm-worker) \
	$(if $(wildcard coordinator/main.c),$(BUILD)/scanfarm-coordinator)

# Test programs: every test_*.c below tests/ is one cmocka program.  Those
# below tests/sql need a server and are run by check-sql.
SRC_tests  = $(sort $(shell find tests -name 'test_*.c' 2>/dev/null))
SRC_testlib = $(wildcard tests/lib/*.c)
TESTS      = $(patsubst %.c,$(BUILD)/%,$(filter-out tests/sql/%,$(SRC_tests)))
TESTS_SQL  = $(patsubst %.c,$(BUILD)/%,$(filter tests/sql/%,$(SRC_tests)))
# The fuzzer is one program of all files in its folder, but for the entry of
# the engine that is not used.
OBJ_fuzz   = $(filter-out %/main.o %/libfuzzer.o,$(call obj,$(wildcard tests/fuzz/*.c)))

.PHONY: all
all: $(PROGRAMS) ## the programs, in build/ (DEVELOPER=1: warnings are errors; SANITIZE=1: in build/sanitize)

# -------------------------------------------------------------------- build --
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_OURS) -MMD -MP -c -o $@ $<

$(LIB_COMMON):   $(call obj,$(SRC_common))
$(LIB_ANALYZER): $(call obj,$(SRC_analyzer))
$(LIB_WORKER):   $(call no_main,$(SRC_worker))
$(LIB_MATCHER):  $(call obj,$(SRC_matcher))
$(LIB_COORD):    $(call no_main,$(SRC_coordinator)) $(BUILD)/gen/sql.o
$(LIB_CLI):      $(call no_main,$(SRC_cli))
$(BUILD)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	ar rcsT $@ $^

# sql/: each statement becomes `const char sql_NAME[]`, migrations and views a table
$(BUILD)/gen/sql.c: $(GEN_sql) sql/embed.awk
	@mkdir -p $(@D)
	LC_ALL=C awk -f sql/embed.awk -v header=$(BUILD)/gen/sql.h.new $(sort $(GEN_sql)) > $@.new
	mv $@.new $@
	cmp -s $(BUILD)/gen/sql.h.new $(BUILD)/gen/sql.h || mv $(BUILD)/gen/sql.h.new $(BUILD)/gen/sql.h
$(BUILD)/gen/sql.h: $(BUILD)/gen/sql.c ;
$(BUILD)/gen/sql.o: $(BUILD)/gen/sql.c
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_OURS) -MMD -MP -c -o $@ $<
ifneq ($(wildcard sql/embed.awk),)
$(call obj,$(SRC_coordinator)) $(call obj,$(SRC_tests) $(SRC_testlib)): | $(BUILD)/gen/sql.h
endif

$(BUILD)/scanfarm: $(BUILD)/cli/main.o $(LIB_CLI) $(LIB_MATCHER) $(LIB_ANALYZER) $(LIB_COMMON)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_COMMON)
$(BUILD)/scanfarm-worker: $(BUILD)/worker/main.o $(LIB_WORKER) $(LIB_ANALYZER) $(LIB_COMMON)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_COMMON) $(LIBS_ZMQ)
$(BUILD)/scanfarm-coordinator: $(BUILD)/coordinator/main.o $(LIB_COORD) $(LIB_MATCHER) $(LIB_COMMON)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_COMMON) $(LIBS_ZMQ) $(LIBS_PQ) $(LIBS_HTTPD)

LIBS_ALL = $(LIB_CLI) $(if $(wildcard sql/embed.awk),$(LIB_COORD)) $(LIB_WORKER) $(LIB_MATCHER) $(LIB_ANALYZER) $(LIB_COMMON)
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(call obj,$(SRC_testlib)) $(LIBS_ALL)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_COMMON) $(LIBS_ZMQ) $(LIBS_PQ) $(LIBS_HTTPD) -lcmocka

$(BUILD)/tests/fuzz/fuzz: $(BUILD)/tests/fuzz/main.o $(OBJ_fuzz) $(call obj,$(SRC_testlib)) $(LIBS_ALL)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_COMMON) $(LIBS_ZMQ) $(LIBS_PQ) $(LIBS_HTTPD) -lcmocka
$(BUILD)/tests/fuzz/fuzz-libfuzzer: $(BUILD)/tests/fuzz/libfuzzer.o $(OBJ_fuzz) $(call obj,$(SRC_testlib)) $(LIBS_ALL)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS_COMMON) $(LIBS_ZMQ) $(LIBS_PQ) $(LIBS_HTTPD) -lcmocka

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# -------------------------------------------------------------------- tests --
.PHONY: check
check: $(TESTS) $(BUILD)/tests/fuzz/fuzz all ## unit tests: a minute, no network, no database
	@BUILD=$(abspath $(BUILD)) tests/run.sh tests/check_run.sh tests/check_includes.sh $(sort $(wildcard tests/cli/*.sh)) $(TESTS) $(BUILD)/tests/fuzz/fuzz

# Fuzzing.  With gcc: mutations of the samples, in an AddressSanitizer build.
# ENGINE=libfuzzer, where clang is installed, sees what is reached and keeps what
# is new in build/fuzz/corpus/; `make fuzz-merge` brings the least of it that
# reaches the same into tests/fuzz/corpus/.
ENGINE       ?= own
SEED         ?= $(shell date +%s)
SECONDS_EACH ?= 20
TARGET       ?=
.PHONY: fuzz fuzz-merge check-fuzz
fuzz: ## every reader and plug-in against bad input: SECONDS_EACH, TARGET, SEED, ENGINE=libfuzzer
ifeq ($(ENGINE),libfuzzer)
	@$(MAKE) --no-print-directory CC=clang BUILD=build/libfuzzer FUZZ_CLANG=1 \
		build/libfuzzer/tests/fuzz/fuzz build/libfuzzer/tests/fuzz/fuzz-libfuzzer
	@tests/fuzz/libfuzzer.sh build/libfuzzer/tests/fuzz build/fuzz $(SECONDS_EACH) $(TARGET)
else
	@$(MAKE) --no-print-directory SANITIZE=1 $(SANITIZED)/tests/fuzz/fuzz
	$(SANITIZED)/tests/fuzz/fuzz --seed $(SEED) --seconds $(SECONDS_EACH) $(TARGET)
endif
fuzz-merge: ## keep what libFuzzer found to be new, minimised, in tests/fuzz/corpus
	@tests/fuzz/libfuzzer.sh --merge build/libfuzzer/tests/fuzz build/fuzz $(TARGET)
check-fuzz: ## a short run of the fuzzer, the same cases on every machine
	@$(MAKE) --no-print-directory SANITIZE=1 $(SANITIZED)/tests/fuzz/fuzz
	@tests/run.sh $(SANITIZED)/tests/fuzz/fuzz

.PHONY: check-includes
check-includes: ## which part may include which header
	@tests/check_includes.sh

.PHONY: lint
lint: ## white space, layout, shell syntax: what the compiler does not see
	@tests/lint.sh

.PHONY: check-versions
check-versions: $(BUILD)/tests/tools/version_pairs ## version order against the original tools: PAIRS, SEED, SCHEMES
	tests/common/check_versions.sh $(BUILD)/tests/tools/version_pairs

.PHONY: check-sql
check-sql: $(TESTS_SQL) ## the database tests, on a server of their own
	@tests/sql/run.sh $(TESTS_SQL)

.PHONY: deps deps-demo
deps: ## install what is missing of the packages named above
	@tests/deps.sh $(PACKAGES_BUILD) $(PACKAGES_RUN) $(PACKAGES_DEMO) $(PACKAGES_TEST)
deps-demo: ## the same without what only the tests need
	@tests/deps.sh $(PACKAGES_BUILD) $(PACKAGES_RUN) $(PACKAGES_DEMO)

.PHONY: check-e2e
check-e2e: all $(BUILD)/tests/tools/registry_probe ## the whole farm against registries, real and misbehaving
	@BUILD=$(abspath $(BUILD)) tests/run.sh $(sort $(wildcard tests/e2e/[0-9]*.sh))

.PHONY: test
TEST_STAGES = check check-fuzz check-sql check-e2e
test: ## everything; the last line sums it up
	@$(MAKE) --no-print-directory deps
	@echo "building scanfarm and its tests"
	@$(MAKE) --no-print-directory -s -j$$(nproc) all $(TESTS) $(TESTS_SQL)
	@rm -f $(BUILD)/tally
	@export TEST_TALLY=$(abspath $(BUILD)/tally); for t in $(TEST_STAGES); do \
		$(MAKE) --no-print-directory $$t || { echo "FAIL make $$t"; \
		echo "0 1 0" >>$(BUILD)/tally; }; done
	@tests/run.sh --sum $(BUILD)/tally

.PHONY: demo
demo: ## the main job on real images: push, scan, verdict, a live advisory
	@$(MAKE) --no-print-directory deps-demo
	@echo "building scanfarm"
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@exec tests/demo.sh

PREFIX ?= /usr/local
.PHONY: install
install: all ## install the programs below PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin

.PHONY: clean
clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: bench
bench: all $(BUILD)/tests/bench/bench_layer $(BUILD)/tests/bench/bench_worker ## layer reading against the machine's limit; memory of a worker and of a listing
	@tests/bench/run.sh $(BUILD)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: bench-scale
bench-scale: $(BUILD)/tests/bench/bench_scale ## changed advisories in a farm of SCALE images against a rebuild
	SCALE=$(SCALE) tests/bench/scale.sh $(BUILD)/tests/bench/bench_scale

.PHONY: bench-export
bench-export: all ## a farm's advisories to another one: seconds, bytes, memory; FEEDS=DIR
	BUILD=$(abspath $(BUILD)) tests/bench/export.sh $(FEEDS)
