# SPDX-License-Identifier: BSD-2-Clause
# reprint: near-duplicate detection for news feeds. `make help` lists the targets.

PREFIX ?= /usr/local
VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
B := build/$(VARIANT)

FEATURES := -D_GNU_SOURCE -DREPRINT_PREFIX='"$(PREFIX)"'
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes -Werror
PACKAGES := libxml-2.0 jansson libutf8proc zlib libzstd libxxhash lmdb libuv inih
PACKAGE_CFLAGS := $(subst -I,-isystem ,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))

OPT_release := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DREPRINT_SANITIZED -DREPRINT_FAULTS
OPT_tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer -DREPRINT_SANITIZED -DREPRINT_FAULTS
OPT_valgrind := -O1 -g -DREPRINT_SANITIZED -DREPRINT_FAULTS
OPT_coverage := -O0 -g --coverage -DREPRINT_FAULTS
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DREPRINT_SANITIZED
OPT_afl := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -DREPRINT_SANITIZED
LINK_release := -Wl,-z,relro,-z,now
LINK_asan := -fsanitize=address,undefined
LINK_tsan := -fsanitize=thread
LINK_coverage := --coverage
LINK_fuzz := -fsanitize=address,undefined
LINK_afl := -fsanitize=address,undefined

# One short line a step; V=1 shows the commands.
ifeq ($(V),)
Q = @printf '  %-5s %s\n' $1 $@;
endif

CFLAGS_ALL = -std=c11 -fPIC -fvisibility=hidden $(FEATURES) $(WARNINGS) $(OPT_$(VARIANT)) \
	-Iinclude -Idaemon $(PACKAGE_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(LINK_$(VARIANT)) $(LDFLAGS)

# Which packages a link needs: the core is pure, only the daemon knows LMDB, libuv and inih.
LIBS_core := -lxml2 -ljansson -lutf8proc -lz -lzstd -lxxhash -lm -lpthread
LIBS_daemon := -llmdb -luv -linih

CORE_ROOMS := base text wire fingerprint detect
DAEMON_ROOMS := kv store index ingest server
# Files for another machine's instructions are compiled only there.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
FOREIGN := $(if $(filter x86_64,$(MACHINE)),,%_avx2.c %_avx512.c) $(if $(filter aarch64,$(MACHINE)),,%_neon.c)

core_c := $(filter-out $(FOREIGN),$(foreach r,$(CORE_ROOMS),$(wildcard daemon/$r/*.c)))
daemon_c := $(filter-out $(FOREIGN),$(foreach r,$(DAEMON_ROOMS),$(wildcard daemon/$r/*.c)) $(filter-out daemon/main.c,$(wildcard daemon/*.c)))
tools_c := $(wildcard tools/*.c)
unit_c := $(wildcard tests/unit/test_*.c)
fuzz_c := $(wildcard tests/fuzz/fuzz_*.c)
bench_c := $(wildcard tests/bench/*.c)

core_o := $(core_c:%.c=$B/%.o)
daemon_o := $(daemon_c:%.c=$B/%.o)
tools_o := $(tools_c:%.c=$B/%.o)
units := $(unit_c:%.c=$B/%)
replays := $(fuzz_c:tests/fuzz/%.c=$B/tests/fuzz/%-replay)
fuzzers := $(fuzz_c:tests/fuzz/%.c=$B/tests/fuzz/%)
benches := $(bench_c:%.c=$B/%)

programs := $B/reprint $B/reprintd

.PHONY: all
all: build/reprint build/reprintd $B/libreprint.a $B/libreprint.so ## the release programs, build/reprint and build/reprintd, and libreprint
.DEFAULT_GOAL := all

ifeq ($(VARIANT),release)
build/reprint build/reprintd: build/%: $B/%
	ln -sf $(VARIANT)/$* $@
else
build/reprint build/reprintd:
	$(MAKE) VARIANT=release $@
endif

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(CFLAGS_ALL) $(ISA) -MMD -MP -c -o $@ $<
%_avx2.o: ISA = -mavx2 -mbmi2
%_avx512.o: ISA = -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi2 -mbmi2

$B/libreprint.a: $(core_o)
	$(call Q,AR)rm -f $@ && $(AR) rcs $@ $^
$B/libreprint.so: $(core_o)
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -shared -Wl,-soname,libreprint.so.0 -o $@ $^ $(LIBS_core)
$B/libreprintd.a: $(daemon_o)
	$(call Q,AR)rm -f $@ && $(AR) rcs $@ $^
$B/reprintd: $B/daemon/main.o $B/libreprintd.a $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_daemon) $(LIBS_core)
$B/reprint: $(tools_o) $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_core)

# ---- tests
$(units): $B/tests/unit/%: $B/tests/unit/%.o $B/libreprintd.a $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIBS_daemon) $(LIBS_core)
# Counts the allocations of our own code; those of libraries are not wrapped.
$B/tests/unit/test_allocation: LDFLAGS_ALL += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(replays): $B/tests/fuzz/%-replay: $B/tests/fuzz/%.o $B/tests/fuzz/replay.o $B/libreprintd.a $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_daemon) $(LIBS_core)
$(fuzzers): $B/tests/fuzz/%: $B/tests/fuzz/%.o $B/libreprintd.a $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS_daemon) $(LIBS_core)
$(benches): $B/tests/bench/%: $B/tests/bench/%.o $B/libreprintd.a $B/libreprint.a
	$(call Q,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_bench) $(LIBS_daemon) $(LIBS_core)
$B/tests/bench/bench_fingerprint: LIBS_bench := -lfuzzy

# Tools of the tests that try to break the promises: plain, whatever the variant is.
torture := $(patsubst tests/torture/%.c,build/torture/%,$(wildcard tests/torture/*.c))
torture := $(patsubst %/faults,%/faults.so,$(patsubst %/recorder,%/recorder.so,$(torture)))
TORTURE_CFLAGS = -std=c11 -O2 -g $(FEATURES) $(WARNINGS)
build/torture/%.so: tests/torture/%.c $(wildcard tests/torture/*.h)
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(TORTURE_CFLAGS) -fPIC -shared -o $@ $< -lpthread
build/torture/%: tests/torture/%.c $(wildcard tests/torture/*.h)
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(TORTURE_CFLAGS) -o $@ $<

.PHONY: programs tests fuzzers benches
programs: $(programs)
tests: $(programs) $(units) $(replays) $(torture)
fuzzers: $(fuzzers)
benches: $(benches)

.PHONY: check coverage torture demo bench eval instructions fuzz afl valgrind neon layers format format-check tidy packages install uninstall clean help
packages: ## install the Debian packages that building and testing need
	@.ci/packages
check: packages ## all tests, under ASan and UBSan, then the threads under TSan
	@tests/run
coverage: packages ## lines and branches of daemon/ that the tests reach, with gcov
	@tests/coverage
torture: packages ## the tests that try to break the promises, as long as it takes (TORTURE_S, an hour or more)
	@$(MAKE) --no-print-directory VARIANT=asan tests
	@tests/torture/run
	@tests/run all-threads
demo: packages ## a daemon on sample feeds, its alerts as they come, and some questions
	@$(MAKE) --no-print-directory all
	@tests/demo/run
bench: packages ## measure: stages, the whole job, against libfuzzy and ssdeep
	@tests/bench/run
eval: packages ## how right the verdicts are, where ../shared has data to tell by
	@tests/eval/run
instructions: packages ## count the instructions of a scan, and compare with the expected number
	@tests/bench/instructions
fuzz: packages ## fuzz every parser with libFuzzer for FUZZ_S seconds each (60)
	@$(MAKE) --no-print-directory VARIANT=fuzz CC=clang fuzzers
	@tests/fuzz/run
afl: packages ## the same with AFL++, where afl-clang-fast is
	@$(MAKE) --no-print-directory VARIANT=afl CC=afl-clang-fast fuzzers
	@FUZZER=afl tests/fuzz/run
valgrind: ## the unit tests under valgrind
	@.ci/packages valgrind
	@tests/run valgrind
neon: ## the kernel test for aarch64, cross-built and under qemu, where the tools are
	@tests/neon
layers: ## fail on an include that runs upward or a package outside its room
	@tests/layers
format: ## rewrite the sources as .clang-format says
	@clang-format -i $$(git ls-files '*.c' '*.h')
format-check: ## fail where the sources are not as .clang-format says
	@clang-format --dry-run -Werror $$(git ls-files '*.c' '*.h')
clean: ## remove build/
	rm -rf build
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

include systemd/install.mk

-include $(wildcard $B/daemon/*.d $B/daemon/*/*.d $B/tools/*.d $B/tests/*/*.d)
.SECONDARY:
