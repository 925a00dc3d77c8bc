# SPDX-License-Identifier: MIT
# make, make check, make asan, make fuzz, make lint, make bench, make install; V=1 shows commands.

BUILD  ?= build
CC     ?= cc
PREFIX ?= /usr/local
PKGS   := zlib
TPKGS  := cmocka jansson

OBJ := $(BUILD)/obj
BIN := $(BUILD)/bin
Q   := $(if $(V),,@)

BASE_CPPFLAGS := -I. -D_POSIX_C_SOURCE=200809L
BASE_CFLAGS   := -std=c11 -O2 -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2
PKG_CFLAGS    := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS      := $(shell pkg-config --libs $(PKGS))
TEST_CFLAGS   := $(shell pkg-config --cflags $(TPKGS))
TEST_LIBS     := $(shell pkg-config --libs $(TPKGS))

COMMON := $(wildcard common/*/*.c)
LIB    := $(BUILD)/liblfs.a
PROGS  := lfsdump
TESTS  := $(patsubst tests/test_%.c,%,$(wildcard tests/test_*.c))
UTIL   := $(wildcard tests/util_*.c)

compile = $(CC) $(BASE_CPPFLAGS) $(BASE_CFLAGS) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
link    = $(CC) $(BASE_CFLAGS) $(CFLAGS) $(LDFLAGS)

.PHONY: all check asan fuzz lint bench install clean format tests
all: $(PROGS:%=$(BIN)/%)

$(LIB): $(COMMON:%.c=$(OBJ)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC  $<")
	$(Q)$(compile) $(if $(filter tests/%,$<),$(TEST_CFLAGS)) -o $@ $<

define program
$(BIN)/$(1): $(patsubst %.c,$(OBJ)/%.o,$(wildcard $(1)/*.c)) $(LIB)
	@mkdir -p $$(@D)
	$$(if $$(V),,@echo "  LD  $$@")
	$$(Q)$$(link) -o $$@ $$^ $$(PKG_LIBS) $$(LDLIBS)
endef
$(foreach p,$(PROGS),$(eval $(call program,$(p))))

$(TESTS:%=$(BIN)/test_%): $(BIN)/test_%: $(OBJ)/tests/test_%.o $(UTIL:%.c=$(OBJ)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(Q)$(link) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS) $(LDLIBS)

tests: $(TESTS:%=$(BIN)/test_%)

clean:
	rm -rf $(BUILD)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
