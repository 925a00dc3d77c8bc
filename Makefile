# SPDX-License-Identifier: MIT
# make, make check, make asan, make fuzz, make coverage, make valgrind, make lint, make bench,
# make install, make deb; V=1 shows commands.

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

compile = $(CC) $(BASE_CPPFLAGS) $(BASE_CFLAGS) $(PIC) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
link    = $(CC) $(BASE_CFLAGS) $(CFLAGS) $(LDFLAGS)

.PHONY: all library doc tests check asan coverage cover fuzz fuzz-long fuzzers lint valgrind bench ci \
	deps demo install install-library uninstall uninstall-library deb deb-source deb-test clean
all: $(PROGS:%=$(BIN)/%) library doc

$(OBJ)/common/firmware/insn_text.o: PKG_CFLAGS += $(CAPSTONE_CFLAGS)
$(OBJ)/common/firmware/insn_text.o: $(CAPSTONE)

# The report's script and style sheet, as bytes.
HTML   := common/view/html
SCRIPT := $(addprefix $(HTML)/,format.js trees.js data.js treemap.js table.js page.js)
bytes   = printf 'const unsigned char html_%s[] = {\n' $(1); cat $(2) | od -An -v -tu1 | \
	sed 's/[0-9][0-9]*/&,/g'; printf '};\nconst size_t html_%s_len = sizeof(html_%s);\n' $(1) $(1)

$(OBJ)/common/view/html_data.c: $(SCRIPT) $(HTML)/report.css
	@mkdir -p $(@D)
	$(Q){ echo '#include "common/view/html_data.h"'; $(call bytes,script,$(SCRIPT)); \
		$(call bytes,style,$(HTML)/report.css); } >$@.new
	$(Q)mv $@.new $@

$(OBJ)/common/view/html_data.o: PIC := -fPIC -fvisibility=hidden
$(OBJ)/common/view/html_data.o: $(OBJ)/common/view/html_data.c
	$(Q)$(compile) -o $@ $<

$(LIB): $(COMMON:%.c=$(OBJ)/%.o) $(OBJ)/common/view/html_data.o
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<")
	$(Q)$(compile) $(if $(filter tests/%,$<),$(TEST_CFLAGS)) -o $@ $<

# The library: lib/ and what it uses of common/, as one object in which only the public names are
# global. The programs share these objects: what is hidden is called as if it were not position
# independent.
LIBRARY_SRC := $(wildcard lib/*.c)
LIBRARY     := $(BUILD)/lib/libnodemcu-lfs
VERSION     := $(shell sed -n 's/^.define VERSION "\(.*\)"/\1/p' common/base/version.h)
SONAME      := libnodemcu-lfs.so.0

LIBRARY_OBJ := $(LIBRARY_SRC) $(filter common/base/% common/view/% common/lua/%,$(COMMON))
$(LIBRARY_OBJ:%.c=$(OBJ)/%.o): PIC := -fPIC -fvisibility=hidden

library: $(LIBRARY).a $(LIBRARY).so

$(LIBRARY).o: $(LIBRARY_SRC:%.c=$(OBJ)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD  $@")
	$(Q)$(LD) -r -o $@ $^
	$(Q)objcopy --wildcard --keep-global-symbol='nlfs_*' $@

$(LIBRARY).a: $(LIBRARY).o
	@rm -f $@
	$(Q)ar rcs $@ $^

$(LIBRARY).so: $(LIBRARY).o
	$(Q)$(link) -shared -Wl,-soname,$(SONAME) -o $@ $< $(shell pkg-config --libs zlib) $(LDLIBS)

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

# What users of the library link with.
$(BIN)/test_library_tour: $(OBJ)/tests/library_tour.o
$(BIN)/test_library $(BIN)/test_library_tour: $(LIBRARY).a

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

$(BIN)/fail_malloc.so $(BIN)/fail_io.so: $(BIN)/%.so: tests/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  LD  $@")
	$(Q)$(link) -fPIC -shared -o $@ $< -ldl

tests: $(TESTS:%=$(BIN)/test_%) $(BIN)/simdev $(BIN)/fail_malloc.so $(BIN)/fail_io.so \
	$(BIN)/bench_empty $(BIN)/bench_peak

SCRIPTS := $(wildcard tests/test_*.sh tests/test_*.py)
# Half of the time they wait for devices; what takes longest begins first.
PROVE   ?= prove -j4 --failures --comments
LONGEST := $(wildcard $(addprefix tests/test_,strscan_faults.py upload.py optimize.py flash.py \
	memory.py strscan_ports.py simdev.py simdev_clients.py strscan_heap.py json.py pull.py \
	tui_sizes.py)) $(BIN)/test_limits
PROGRAMS = LFSDUMP=$(BIN)/lfsdump STRSCAN=$(BIN)/strscan LFSTUI=$(BIN)/lfstui SIMDEV=$(BIN)/simdev
SHORTER := $(filter-out $(LONGEST),$(TESTS:%=$(BIN)/test_%) $(SCRIPTS))

check: all tests
	CMOCKA_MESSAGE_OUTPUT=TAP $(PROGRAMS) $(PROVE) -e '' $(LONGEST) $(sort $(SHORTER))

# Sanitized builds have folders of their own; a file that only one of them builds is no harm.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# Tests of documents, packages and timings, in which a sanitizer finds nothing that others do not.
ONCE := $(addprefix tests/test_,bench.py docs.py manual.py layers.sh package.sh)

asan:
	+$(Q)$(MAKE) BUILD=$(BUILD)/asan CC=clang CFLAGS="$(SANITIZE) $(CFLAGS)" \
		SCRIPTS="$(filter-out $(ONCE),$(SCRIPTS))" check

# Lines of common/ that these tests run, those that measure time or memory left out.
COVERAGE_FLOOR := 90
COVERING = $(filter-out %/test_limits %/test_damage51 %/test_firmware_damage, \
	$(TESTS:%=$(BIN)/test_%)) $(wildcard $(addprefix tests/test_,cli.py html.py json.py manual.py \
	optimize.py pull.py rebuild.py strscan.py strscan_live.py strscan_ports.py tui.py))

coverage:
	+$(Q)$(MAKE) BUILD=$(BUILD)/coverage CC=gcc \
		CFLAGS="--coverage -fprofile-update=atomic $(CFLAGS)" cover

cover: all tests
	$(Q)find $(OBJ) -name '*.gcda' -delete
	CMOCKA_MESSAGE_OUTPUT=TAP $(PROGRAMS) $(PROVE) -e '' $(COVERING)
	$(Q)tests/coverage.sh $(OBJ) $(COVERAGE_FLOOR)

# FUZZ_SECONDS is shared by all targets, two at a time; fuzz-long gives that many to each of FUZZERS.
# What breaks one is left in $(BUILD)/fuzz, see docs/fuzzing.md.
FUZZ_SECONDS ?= 60
FUZZERS      := lfs51 lfs51_absolute lfs51_2018 lc51 lfs53 lfs53_absolute lc53 gzip text capture ram \
	console rebuild check diff library bin flash irom0 elf
FUZZ_EACH     = $(shell expr $(FUZZ_SECONDS) \* 2 / $(words $(FUZZERS)) \| 1)
FUZZ_FLAGS   := -len_control=100 -rss_limit_mb=1024 -malloc_limit_mb=64 -timeout=20 \
	-report_slow_units=5 -max_len=40000

MUTATOR   := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/util_mutate*.c))
FUZZ_UTIL := $(addprefix $(OBJ)/tests/,util_fuzz.o util_tour.o util_ways.o util_gzip.o \
	util_strings.o util_peer.o util_rebuild.o util_flash.o util_firmware.o \
	util_pair.o) $(MUTATOR)

# What the mutator does tells libFuzzer nothing; what is compared in text that is written or looked
# at tells it little. But both would take it long to note.
FUZZING = $(findstring fuzzer,$(CFLAGS))
$(MUTATOR): override CFLAGS := $(CFLAGS) $(if $(FUZZING),-fno-sanitize=all)
$(OBJ)/tests/util_tour.o $(patsubst %.c,$(OBJ)/%.o,$(wildcard common/view/*.c)): \
	override CFLAGS := $(CFLAGS) $(if $(FUZZING),-fno-sanitize-coverage=trace-cmp)

# The entry of the library's target is a file of its own, as that links with the library.
READERS := $(filter-out library,$(FUZZERS))

$(READERS:%=$(OBJ)/tests/fuzz_%.o): $(OBJ)/tests/fuzz_%.o: tests/fuzz_target.c
	@mkdir -p $(@D)
	$(Q)$(compile) -DFUZZ_TARGET='"$*"' -o $@ $<

$(FUZZERS:%=$(OBJ)/tests/mutate_%.o): $(OBJ)/tests/mutate_%.o: tests/fuzz_mutate.c
	@mkdir -p $(@D)
	$(Q)$(compile) -DFUZZ_TARGET='"$*"' -o $@ $<

$(BIN)/fuzz_library $(BIN)/plain_library: $(OBJ)/tests/library_tour.o $(LIBRARY_SRC:%.c=$(OBJ)/%.o)
$(FUZZERS:%=$(BIN)/fuzz_%): $(BIN)/fuzz_%: $(OBJ)/tests/mutate_%.o
# The same without the mutator, for a comparison.
$(FUZZERS:%=$(BIN)/plain_%): $(BIN)/plain_%: $(OBJ)/tests/fuzz_%.o $(FUZZ_UTIL) $(LIB)
$(FUZZERS:%=$(BIN)/fuzz_%): $(BIN)/fuzz_%: $(OBJ)/tests/fuzz_%.o $(FUZZ_UTIL) $(LIB)
$(FUZZERS:%=$(BIN)/fuzz_%) $(FUZZERS:%=$(BIN)/plain_%):
	@mkdir -p $(@D)
	$(Q)$(link) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIB) $(PKG_LIBS) $(LDLIBS)

fuzzers: $(FUZZERS:%=$(BIN)/fuzz_%)

fuzz_build = $(MAKE) BUILD=$(BUILD)/fuzz CC=clang \
	CFLAGS="$(SANITIZE) -fsanitize=fuzzer-no-link $(CFLAGS)"
fuzz fuzz-long:
	+$(Q)$(fuzz_build) fuzzers
	@echo '| target | seconds | executions | edges | features | slowest (s) | peak (MB) |'
	@echo '|--------|--------:|-----------:|------:|---------:|------------:|----------:|'
	$(Q)printf '%s\n' $(FUZZERS) | xargs -P 2 -I @ tests/fuzz.sh $(BUILD)/fuzz \
		$(if $(filter fuzz,$@),$(FUZZ_EACH),$(FUZZ_SECONDS)) @ $(FUZZ_FLAGS)

CHECKED    := $(wildcard common/*/*.[ch] lib/*.[ch] lfsdump/*.[ch] strscan/*.[ch] tui/*.[ch])
FORMATTED  := $(CHECKED) $(wildcard examples/*.c tests/*.[ch] tests/simdev/*.[ch] \
	tests/firmware/*.[ch])
TIDY_FLAGS  = $(BASE_CPPFLAGS) -std=c11 $(PKG_CFLAGS) $(CAPSTONE_CFLAGS)

lint:
	$(if $(V),,@echo "  LINT  clang-format")
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
	$(if $(V),,@echo "  LINT  cppcheck")
	$(Q)cppcheck -q -j 2 --std=c11 --error-exitcode=1 --inline-suppr -I. \
		--enable=warning,performance,portability $(filter %.c,$(CHECKED))
	$(if $(V),,@echo "  LINT  clang-tidy")
	$(Q)printf '%s\n' $(filter %.c,$(CHECKED)) | xargs -P 2 -n 20 \
		sh -c 'clang-tidy --quiet "$$@" -- $(TIDY_FLAGS) 2>/dev/null' clang-tidy
	$(if $(V),,@echo "  LINT  shellcheck")
	$(Q)shellcheck $(wildcard tests/*.sh tools/*.sh) .ci/setup .ci/run

# Main paths under valgrind: nothing uninitialized is used, nothing is lost.
valgrind: all $(BIN)/simdev
	$(PROGRAMS) tests/valgrind.sh

# BENCH=--doc keeps the figures in docs/bench.md.
BENCHED := $(BIN)/bench_empty $(BIN)/bench_peak

$(BIN)/bench_empty: BENCH_LIBS := $(PKG_LIBS)
$(BENCHED): $(BIN)/bench_%: tests/bench_%.c
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $< $(BENCH_LIBS) $(LDLIBS)

bench: all $(BENCHED) $(BIN)/simdev
	$(PROGRAMS) tests/bench.py $(BENCH)

# strscan on a simulated board: the file that it makes of the board's strings.
demo: $(BIN)/strscan $(BIN)/simdev
	$(Q)BIN=$(BIN) tests/demo.sh

# What every change must pass. The tests of the plain build come last: their lines tell how it went.
ci:
	+$(Q)$(MAKE) -j2 BUILD=$(BUILD)/clang CC=clang CFLAGS='-Werror $(CFLAGS)' all tests
	+$(Q)$(MAKE) lint
	+$(Q)$(MAKE) -j2 CC=gcc CFLAGS='-Werror $(CFLAGS)' all tests
	+$(Q)$(MAKE) valgrind
	+$(Q)$(MAKE) -j2 coverage
	+$(Q)$(MAKE) -j2 asan
	+$(Q)$(MAKE) -j2 fuzz FUZZ_SECONDS=30
	+$(Q)$(MAKE) CC=gcc CFLAGS='-Werror $(CFLAGS)' check

deps:
	$(Q)tools/deps.sh $(DEPS)

# What the programs tell of their options and columns: parts of manual pages, and completions.
SHELLS   := bash zsh fish
PAGES    := $(PROGS:%=$(BUILD)/man/%.1) $(BUILD)/man/lfs-image.5
COMPLETE := $(foreach shell,$(SHELLS),$(PROGS:%=$(BUILD)/completion/%.$(shell)))

doc: $(PAGES) $(COMPLETE)

$(BUILD)/man/%.1: man/%.1 man/parts.awk $(BIN)/%
	@mkdir -p $(@D)
	$(Q)$(BIN)/$* --help=man >$@.parts
	$(Q)awk -f man/parts.awk $@.parts $< >$@.tmp
	$(Q)rm $@.parts && mv $@.tmp $@

$(BUILD)/man/%.5: man/%.5
	@mkdir -p $(@D)
	$(Q)cp $< $@

define completion
$(BUILD)/completion/%.$(1): $(BIN)/%
	@mkdir -p $$(@D)
	$$(Q)$$< --help=$(1) >$$@.tmp && mv $$@.tmp $$@
endef
$(foreach shell,$(SHELLS),$(eval $(call completion,$(shell))))

# What is installed, as MODE:FILE:WHERE. Of an .in file it is the text with its @NAMES@ filled in;
# with "link" for a mode WHERE becomes a symbolic link.
MANDIR     ?= $(PREFIX)/share/man
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR     ?= $(PREFIX)/lib

# Names of folders go into shell commands, sed's and the table below: those that would break one of
# them are refused before anything is made.
define newline


endef
strange  = $(or $(findstring :,$(1)),$(findstring ',$(1)),$(findstring |,$(1)),$(findstring &,$(1)), \
	$(findstring \,$(1)),$(findstring $(newline),$(1)))
relative = $(filter-out x/%,$(firstword x$(1)))
refused  = $(if $(strange),$(2) must not have : ' | & \ or a newline in it)$(if $(relative),$(2) \
	must begin with /)
ifneq ($(filter install install-library uninstall uninstall-library,$(MAKECMDGOALS)),)
$(foreach v,$(if $(DESTDIR),DESTDIR) PREFIX MANDIR BASHDIR ZSHDIR FISHDIR INCLUDEDIR LIBDIR, \
	$(if $(call refused,$($(v)),$(v)),$(error $(call refused,$($(v)),$(v)): "$($(v))")))
endif

INSTALLED_PROGRAMS := '644:$(BUILD)/man/lfs-image.5:$(MANDIR)/man5/lfs-image.5' \
	$(foreach p,$(PROGS), \
		'755:$(BIN)/$(p):$(PREFIX)/bin/$(p)' \
		'644:$(BUILD)/man/$(p).1:$(MANDIR)/man1/$(p).1' \
		'644:$(BUILD)/completion/$(p).bash:$(BASHDIR)/$(p)' \
		'644:$(BUILD)/completion/$(p).zsh:$(ZSHDIR)/_$(p)' \
		'644:$(BUILD)/completion/$(p).fish:$(FISHDIR)/$(p).fish')
INSTALLED_LIBRARY := '644:lib/nodemcu-lfs.h:$(INCLUDEDIR)/nodemcu-lfs.h' \
	'644:lib/nodemcu-lfs.pc.in:$(LIBDIR)/pkgconfig/nodemcu-lfs.pc' \
	'644:$(LIBRARY).a:$(LIBDIR)/libnodemcu-lfs.a' \
	'644:$(LIBRARY).so:$(LIBDIR)/libnodemcu-lfs.so.$(VERSION)' \
	'link:libnodemcu-lfs.so.$(VERSION):$(LIBDIR)/$(SONAME)' \
	'link:$(SONAME):$(LIBDIR)/libnodemcu-lfs.so'
FILLED_IN = 's|@PREFIX@|$(PREFIX)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@LIBDIR@|$(LIBDIR)|' \
	-e 's|@VERSION@|$(VERSION)|'

each = set -e; for i in $(1); do \
	mode=$${i%%:*} file=$${i\#*:} to='$(DESTDIR)'"$${i\#\#*:}"; file=$${file%%:*};
install_each = $(call each,$(1)) mkdir -p "$${to%/*}"; case $$mode:$$file in \
	link:*) ln -sf "$$file" "$$to" ;; \
	*.in) sed -e $(FILLED_IN) "$$file" >"$$to"; chmod $$mode "$$to" ;; \
	*) install -m $$mode "$$file" "$$to" ;; \
	esac; done
# False: the dynamic linker does not look where the library is.
let_it_be_found = PATH="$$PATH:/usr/sbin:/sbin"; [ "$$(id -u)" != 0 ] || ldconfig 2>/dev/null; \
	ldconfig -p 2>/dev/null | grep -qF '=> $(LIBDIR)/$(SONAME)'
uninstall_each = $(call each,$(1)) rm -f "$$to"; done

install: all install-library
	$(Q)$(call install_each,$(INSTALLED_PROGRAMS))
install-library: library
	$(Q)$(call install_each,$(INSTALLED_LIBRARY))
	$(Q)[ -n '$(DESTDIR)' ] || { $(let_it_be_found); } || echo 'For programs to find the library' \
		'run ldconfig (with $(LIBDIR) in /etc/ld.so.conf), or set LD_LIBRARY_PATH=$(LIBDIR)'
uninstall: uninstall-library
	$(Q)$(call uninstall_each,$(INSTALLED_PROGRAMS))
uninstall-library:
	$(Q)$(call uninstall_each,$(INSTALLED_LIBRARY))
	$(Q)[ -n '$(DESTDIR)' ] || { $(let_it_be_found); } || : # nor is it to be found any more

# Debian packages, in $(BUILD)/deb: built in a copy of the source, with nothing but Debian's own.
# In a checkout the source is what git has of it, changed or not.
DEB := $(BUILD)/deb
SOURCE = if git ls-files --error-unmatch Makefile >/dev/null 2>&1; \
	then { git ls-files; git ls-files -d; } | sort | uniq -u | tar -c -T -; \
	else tar -c --exclude-vcs --exclude='./build*' --exclude=__pycache__ \
		--exclude='$(patsubst $(CURDIR)/%,./%,$(abspath $(BUILD)))' .; fi
deb-source:
	$(Q)rm -rf $(DEB)
	$(Q)mkdir -p $(DEB)/lfs-tools
	$(Q)$(SOURCE) | tar -x -C $(DEB)/lfs-tools
deb: deb-source
	$(Q)cd $(DEB)/lfs-tools && env -i PATH="$$PATH" LC_ALL=C.UTF-8 \
		DEB_BUILD_OPTIONS="$$DEB_BUILD_OPTIONS" dpkg-buildpackage -us -uc -b >../build.log 2>&1 || \
		{ tail -n 40 ../build.log >&2; exit 1; }
	$(Q)rm -rf $(DEB)/lfs-tools
	@ls $(DEB)/*.deb

# Installs the packages in a bare Debian and tries them there; as root.
deb-test: deb
	$(Q)tests/package.sh $(DEB)

clean:
	rm -rf $(BUILD)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
