# SPDX-License-Identifier: GPL-3.0-or-later
#
# make                        build/hotpatch.so, build/hp-diff, build/hp-ctl, build/libhotpatch.a
# make demo                   see it work
# make check                  the tests (T="testsuite/x.t ..." for some of them)
# make check-corpus ENTRY=... CORPUS=DIR    a real security fix, the whole way
# make check-servers          nginx, redis and others, patched and reverted under load (SERVERS="nginx ..." for some)
# make check-fuzz [N=200] [SEED=1] [FUZZ_SECONDS=120]    N generated pairs, the whole way; each stage broken once; all
#                             pairs with moved lines; damaged and hostile input, FUZZ_SECONDS of it for each reader
# make bench                  what it costs
# make install [PREFIX=/usr/local] [DESTDIR=]
#
# Each target first sees to the packages that it needs (testsuite/need): root gets them installed, others get told.

PREFIX  = /usr/local
CC      = gcc
CXX     = g++
CFLAGS  = -O2 -g
WARN    = -Wall -Wextra -Werror
JOBS    = 2
T       = $(sort $(wildcard testsuite/*.t))

VERSION = $(shell sed -n 's/^hotpatch \([0-9.]*\).*/\1/p;T;q' NEWS)
GCC_DIR = $$($(CC) -print-file-name=plugin)

PLUGIN  = $(patsubst %.cc,build/%.o,$(wildcard plugin/*.cc))
DIFF    = $(patsubst %.c,build/%.o,$(wildcard postlink/*.c))
CTL     = $(patsubst %.c,build/%.o,$(wildcard runtime/ctl-*.c runtime/target-proc.c))
ENGINE  = $(patsubst %,build/runtime/%.o,patch engine sha1 target-buffer)
STUB    = runtime/blob.lds $(filter-out runtime/ctl% runtime/target-%,$(wildcard runtime/*.[ch]))

NEED    = need-build need-plugin need-check need-demo need-bench need-corpus need-fuzz need-servers
GOALS   = $(filter $(NEED:need-%=%),$(MAKECMDGOALS:check-%=%))

all: build/hotpatch.so build/hp-diff build/hp-ctl build/libhotpatch.a

# The first that is asked for asks for all, so that who may not install is told once.
$(NEED): need-%:
	@CC=$(CC) testsuite/need $* $(if $(filter build,$*),plugin $(GOALS))

build/plugin/%.o: plugin/%.cc build/stub-blob.h | need-build need-plugin
	@mkdir -p $(@D)
	$(CXX) -std=gnu++17 $(CFLAGS) $(WARN) -fPIC -fno-rtti -fno-exceptions -MMD -MP -Ibuild -isystem $(GCC_DIR)/include -c $< -o $@

build/%.o: %.c | need-build
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARN) -Ibuild -MMD -MP -c $< -o $@

build/hotpatch.so: $(PLUGIN)
	$(CC) -shared -o $@ $^

build/hp-diff: $(DIFF) $(ENGINE) build/runtime/ctl-insn.o
	$(CC) -o $@ $^ -lopcodes -lbfd -liberty -ljansson -lz

build/hp-ctl: $(CTL) $(ENGINE)
	$(CC) -o $@ $^ -lpthread

# Flat blobs: the startup stub, which the plugin carries into every module, and an archive of it for modules without the
# plugin; the code that runs hooks, which hp-diff carries into patches.
build/stub-blob.h build/hooks-blob.h: runtime/make-blob $(STUB) | need-build
	@mkdir -p $(@D)
	CC=$(CC) runtime/make-blob $@

build/postlink/guard.o build/postlink/checkguard.o: build/hooks-blob.h

build/runtime/module.o: runtime/module.S build/stub-blob.h
	@mkdir -p $(@D)
	$(CC) -MMD -MP -Ibuild -Wa,-Ibuild -c $< -o $@

build/libhotpatch.a: build/runtime/module.o
	$(AR) rcs $@ $^

demo: all need-demo
	@testsuite/demo

check: all need-check
	@prove -j$(JOBS) $(T)

check-corpus: all need-corpus
	@testsuite/corpus-check $(ENTRY)

check-servers: all need-servers
	@testsuite/check-servers $(SERVERS)

check-fuzz: all need-fuzz
	@testsuite/fuzz-pairs -n $(or $(N),200) -s $(or $(SEED),1) -j $(JOBS)
	@testsuite/fuzz-pairs -l held -n $(or $(N),200) -s $(or $(SEED),1) -j $(JOBS)
	@testsuite/mutants
	@ALL=1 prove testsuite/identity.t
	@testsuite/fuzz

bench: all need-bench
	@testsuite/bench-cost
	@testsuite/bench-diff
	@testsuite/bench-live

# The plugin is one file in LIB. GCC finds "hotpatch" in its own plugin directory and "hotpatch.so" where the loader looks,
# and both are the system's: links are put there for the usual prefixes, others name the file.
LIB     = $(PREFIX)/lib/hotpatch
SYSTEM  = $(filter /usr /usr/local,$(PREFIX))
PLUG    = $(if $(SYSTEM),hotpatch,$(LIB)/hotpatch.so)
FILL    = sed 's,@PLUGIN@,$(PLUG),; s,@VERSION@,$(VERSION),'
D       = $(DESTDIR)$(PREFIX)

install: all
	install -d $(D)/bin $(D)/include $(D)/lib/pkgconfig $(DESTDIR)$(LIB) $(D)/share/doc/hotpatch $(D)/share/man
	install build/hp-diff build/hp-ctl $(D)/bin
	install -m 644 runtime/hotpatch.h $(D)/include
	install -m 644 build/hotpatch.so build/libhotpatch.a $(DESTDIR)$(LIB)
	$(FILL) plugin/hotpatch.pc.in >$(D)/lib/pkgconfig/hotpatch.pc
	$(FILL) plugin/hotpatch.specs.in >$(DESTDIR)$(LIB)/hotpatch.specs
	ln -sf hotpatch/libhotpatch.a $(D)/lib/libhotpatch.a
	install -m 644 README NEWS COPYING runtime/COPYING.MIT $(D)/share/doc/hotpatch
	for m in $(wildcard */*.[13578]); do install -D -m 644 $$m $(D)/share/man/man$${m##*.}/$${m#*/} || exit; done
ifneq ($(SYSTEM),)
	install -d $(DESTDIR)$(GCC_DIR) $(DESTDIR)/usr/lib/$$($(CC) -print-multiarch)
	ln -sf $(LIB)/hotpatch.so $(DESTDIR)$(GCC_DIR)/hotpatch.so
	ln -sf $(LIB)/hotpatch.so $(DESTDIR)/usr/lib/$$($(CC) -print-multiarch)/hotpatch.so
	ln -sf $(LIB)/hotpatch.specs $(DESTDIR)$$(dirname $(GCC_DIR))/hotpatch.specs
endif

uninstall:
	rm -rf $(DESTDIR)$(LIB) $(D)/share/doc/hotpatch
	rm -f $(D)/bin/hp-diff $(D)/bin/hp-ctl $(D)/include/hotpatch.h $(D)/lib/libhotpatch.a $(D)/lib/pkgconfig/hotpatch.pc
	for m in $(wildcard */*.[13578]); do rm -f $(D)/share/man/man$${m##*.}/$${m#*/}; done
ifneq ($(SYSTEM),)
	rm -f $(DESTDIR)$(GCC_DIR)/hotpatch.so $(DESTDIR)/usr/lib/$$($(CC) -print-multiarch)/hotpatch.so \
		$(DESTDIR)$$(dirname $(GCC_DIR))/hotpatch.specs
endif

clean:
	rm -rf build

-include $(wildcard build/*/*.d)
.PHONY: $(NEED) all demo check check-corpus check-servers check-fuzz bench install uninstall clean
.DELETE_ON_ERROR:
