# SPDX-License-Identifier: MIT
# make, make check, make asan, make fuzz, make lint, make bench, make install; V=1 shows commands.

MAKEFLAGS += --no-print-directory

BUILD  ?= build
CC     ?= cc
PREFIX ?= /usr/local
PKGS   := zlib jansson
DEPS   ?= build-deps
TPKGS  := cmocka jansson

OBJ := $(BUILD)/obj
BIN := $(BUILD)/bin
Q   := $(if $(V),,@)

BASE_CPPFLAGS := -I. -D_POSIX_C_SOURCE=200809L
BASE_CFLAGS   := -std=c11 -O2 -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
PKG_CFLAGS    := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS      := $(shell pkg-config --libs $(PKGS)) -lm
TEST_CFLAGS   := $(shell pkg-config --cflags $(TPKGS) 2>/dev/null)
TEST_LIBS     := $(shell pkg-config --libs $(TPKGS) 2>/dev/null)

# capstone 6, for the disassembly: the system's, or what "make deps" built; else there is none.
CAPSTONE := $(wildcard $(DEPS)/lib/libcapstone.a)
ifneq ($(shell pkg-config --atleast-version=6 capstone 2>/dev/null && echo yes),)
CAPSTONE_CFLAGS := -DHAVE_CAPSTONE $(shell pkg-config --cflags capstone)
PKG_LIBS        += $(shell pkg-config --libs capstone)
else ifneq ($(CAPSTONE),)
CAPSTONE_CFLAGS := -DHAVE_CAPSTONE -isystem $(DEPS)/include
# Its tables have 21,000 addresses in them, which a start that needs none is not to wait for.
PKG_LIBS        += -no-pie $(CAPSTONE)
endif

# libdw and libelf: static where there is an archive, so that a start does not wait for them.
ELF_STATIC := $(wildcard $(addsuffix /libdw.a,$(shell pkg-config --variable=libdir libdw)))
ifneq ($(ELF_STATIC),)
PKG_LIBS := -Wl,-Bstatic -ldw -lelf -Wl,-Bdynamic $(PKG_LIBS)
else
PKG_LIBS := -ldw -lelf $(PKG_LIBS)
endif

COMMON := $(wildcard common/*/*.c)
LIB    := $(BUILD)/liblfs.a
PROGS  := lfsdump strscan lfstui
TESTS  := $(patsubst tests/test_%.c,%,$(wildcard tests/test_*.c))
UTIL   := $(wildcard tests/util_*.c)

compile = $(CC) $(BASE_CPPFLAGS) $(BASE_CFLAGS) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
link    = $(CC) $(BASE_CFLAGS) $(CFLAGS) $(LDFLAGS)

.PHONY: all deps demo check asan fuzz fuzzers lint bench ci install clean tests
all: $(PROGS:%=$(BIN)/%)

$(OBJ)/common/firmware/insn_text.o: PKG_CFLAGS += $(CAPSTONE_CFLAGS)
$(OBJ)/common/firmware/insn_text.o: $(CAPSTONE)

$(LIB): $(COMMON:%.c=$(OBJ)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<")
	$(Q)$(compile) $(if $(filter tests/%,$<),$(TEST_CFLAGS)) -o $@ $<

define program
$(BIN)/$(1): $(patsubst %.c,$(OBJ)/%.o,$(wildcard $(2)/*.c)) $(LIB)
	@mkdir -p $$(@D)
	$$(if $$(V),,@echo "  LD  $$@")
	$$(Q)$$(link) -o $$@ $$^ $$(PKG_LIBS) $(3) $$(LDLIBS)
endef
$(eval $(call program,lfsdump,lfsdump))
$(eval $(call program,strscan,strscan))
$(eval $(call program,lfstui,tui,$$(shell pkg-config --libs ncursesw) -pthread))

# Tests of the browser draw its screens without a terminal.
TUI := $(filter-out tui/main.c tui/terminal.c,$(wildcard tui/*.c)) $(wildcard tests/tui_*.c)
$(filter $(BIN)/test_tui%,$(TESTS:%=$(BIN)/test_%)): $(TUI:%.c=$(OBJ)/%.o)

$(TESTS:%=$(BIN)/test_%): $(BIN)/test_%: $(OBJ)/tests/test_%.o $(UTIL:%.c=$(OBJ)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $(filter-out $(LIB),$^) $(LIB) $(PKG_LIBS) $(TEST_LIBS) $(LDLIBS)

# The simulated device: one source, compiled for and linked with each Lua.
SIMULATOR := $(filter-out %/choose.c %51.c %53.c,$(wildcard tests/simdev/*.c))

define simulator
$(OBJ)/simdev$(1)/%.o: tests/simdev/%.c
	@mkdir -p $$(@D)
	$$(if $$(V),,@echo "  CC  $$< (Lua $(2))")
	$$(Q)$$(compile) $$(shell pkg-config --cflags lua$(2)) -o $$@ $$<

$(BIN)/simdev$(1): $(patsubst tests/simdev/%.c,$(OBJ)/simdev$(1)/%.o,$(SIMULATOR) \
		$(wildcard tests/simdev/*$(1).c)) $(LIB)
	@mkdir -p $$(@D)
	$$(Q)$$(link) -o $$@ $$^ $$(PKG_LIBS) $$(shell pkg-config --libs lua$(2)) $$(LDLIBS)
endef
$(eval $(call simulator,51,5.1))
$(eval $(call simulator,53,5.3))

$(BIN)/simdev: $(OBJ)/tests/simdev/choose.o $(BIN)/simdev51 $(BIN)/simdev53
	$(Q)$(link) -o $@ $<

$(BIN)/fail_malloc.so: tests/fail_malloc.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD  $@")
	$(Q)$(link) -fPIC -shared -o $@ $< -ldl

tests: $(TESTS:%=$(BIN)/test_%) $(BIN)/simdev $(BIN)/fail_malloc.so

SCRIPTS := $(wildcard tests/test_*.sh tests/test_*.py)
PROVE   ?= prove -j2

check: all tests
	CMOCKA_MESSAGE_OUTPUT=TAP LFSDUMP=$(BIN)/lfsdump STRSCAN=$(BIN)/strscan LFSTUI=$(BIN)/lfstui SIMDEV=$(BIN)/simdev \
		$(PROVE) -e '' \
		$(sort $(TESTS:%=$(BIN)/test_%) $(SCRIPTS))

# Sanitized builds have folders of their own; a file that only one of them builds is no harm.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

asan:
	+$(Q)$(MAKE) BUILD=$(BUILD)/asan CC=clang CFLAGS="$(SANITIZE) $(CFLAGS)" check

# All targets together get FUZZ_SECONDS, two at a time. What breaks one is left in $(BUILD)/fuzz.
FUZZ_SECONDS ?= 60
FUZZERS      := lfs51 lfs51_absolute lfs51_2018 lc51 lfs53 lfs53_absolute lc53 gzip text capture ram \
	console rebuild bin flash irom0 elf
FUZZ_EACH     = $(shell expr $(FUZZ_SECONDS) \* 2 / $(words $(FUZZERS)) \| 1)
FUZZ_FLAGS   := -rss_limit_mb=1024 -timeout=20 -max_len=40000 -print_final_stats=1 -verbosity=0

FUZZ_UTIL := $(addprefix $(OBJ)/tests/,util_fuzz.o util_tour.o util_ways.o util_gzip.o \
	util_strings.o util_peer.o util_rebuild.o util_flash.o util_firmware.o)

$(FUZZERS:%=$(OBJ)/tests/fuzz_%.o): $(OBJ)/tests/fuzz_%.o: tests/fuzz_target.c
	@mkdir -p $(@D)
	$(Q)$(compile) -DFUZZ_TARGET='"$*"' -o $@ $<

$(FUZZERS:%=$(BIN)/fuzz_%): $(BIN)/fuzz_%: $(OBJ)/tests/fuzz_%.o $(FUZZ_UTIL) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(link) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) $(LDLIBS)

fuzzers: $(FUZZERS:%=$(BIN)/fuzz_%)

fuzz:
	+$(Q)$(MAKE) BUILD=$(BUILD)/fuzz CC=clang \
		CFLAGS="$(SANITIZE) -fsanitize=fuzzer-no-link $(CFLAGS)" fuzzers
	$(Q)mkdir -p $(FUZZERS:%=$(BUILD)/fuzz/found/%)
	$(Q)printf '%s\n' $(FUZZERS) | xargs -P 2 -I @ env $(BUILD)/fuzz/bin/fuzz_@ $(FUZZ_FLAGS) \
		-max_total_time=$(FUZZ_EACH) -artifact_prefix=$(BUILD)/fuzz/@- \
		$(BUILD)/fuzz/found/@ tests/corpus/@

# cppcheck's exceptions: what our readers of bytes do on purpose.
CHECKED := $(wildcard common/*/*.[ch] lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch])
FORMATTED := $(CHECKED) $(wildcard tests/*.[ch] tests/simdev/*.[ch] tests/firmware/*.[ch])

lint:
	clang-format --dry-run -Werror $(FORMATTED)
	cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr -I. \
		--enable=warning,performance,portability $(filter %.c,$(CHECKED))
	shellcheck $(wildcard tests/*.sh tools/*.sh) .ci/setup .ci/run

$(BIN)/bench_empty: tests/bench_empty.c
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $< $(PKG_LIBS) $(LDLIBS)

bench: all $(BIN)/bench_empty $(BIN)/simdev
	LFSDUMP=$(BIN)/lfsdump STRSCAN=$(BIN)/strscan EMPTY=$(BIN)/bench_empty tests/bench.py
	STRSCAN=$(BIN)/strscan SIMDEV=$(BIN)/simdev tests/bench_device.py
	LFSTUI=$(BIN)/lfstui tests/bench_tui.py

# strscan on a simulated board: the file that it makes of the board's strings.
demo: $(BIN)/strscan $(BIN)/simdev
	$(Q)BIN=$(BIN) tests/demo.sh

# What every change must pass. The tests of the plain build come last: their lines tell how it went.
ci:
	+$(Q)$(MAKE) BUILD=$(BUILD)/clang CC=clang CFLAGS='-Werror $(CFLAGS)' all tests
	+$(Q)$(MAKE) lint
	+$(Q)$(MAKE) asan
	+$(Q)$(MAKE) fuzz FUZZ_SECONDS=30
	+$(Q)$(MAKE) CC=gcc CFLAGS='-Werror $(CFLAGS)' check

deps:
	$(Q)tools/deps.sh $(DEPS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin

clean:
	rm -rf $(BUILD)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
