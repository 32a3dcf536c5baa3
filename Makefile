# Makefile -- builds the commands into bin/ (GNU make); a variant into build/asan/bin:
#   make O=build/asan SANITIZE=address,undefined
VERSION := 0.1.0
PREFIX ?= /usr/local
CC ?= cc
CFLAGS ?= -O3 -g
O ?= .
SHARE = $(DESTDIR)$(PREFIX)/share
COMPLETIONS = $(SHARE)/bash-completion/completions
B := $(if $(filter .,$(O)),build/plain,$(O))

LINK_evproject := $(shell pkg-config --libs sqlite3 2>/dev/null)
LINK_evwatch := $(shell pkg-config --libs ncursesw 2>/dev/null)
COMMANDS := evbuy evtask evcheck evorder evfail evcreate evstock evreplay evresult evaudit evtopic evtrace \
	$(if $(LINK_evproject),evproject,$(info evproject is left out: there is no sqlite3 (package libsqlite3-dev))) \
	$(if $(LINK_evwatch),evwatch,$(info evwatch is left out: there is no ncursesw (package libncurses-dev)))
LIBS := jansson uuid libxxhash
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wformat=2 -Wvla
FLAGS := -std=c17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc $(WARNINGS) $(CFLAGS) $(CFLAGS_EXTRA) \
	$(shell pkg-config --cflags $(LIBS)) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)
LINK := $(shell pkg-config --libs $(LIBS)) -lpthread
LINKED = mkdir -p $(@D) && $(CC) $(FLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LINK) $(LINK_$(@F))

APART := $(wildcard src/project/*.c src/watch/*.c)
FLOORS := $(filter-out $(APART),$(sort $(wildcard src/*/*.c src/*/*/*.c)))
PAGES := $(wildcard man/*.[157])
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
TOOLS := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
SHIMS := $(patsubst tests/shim/%.c,%,$(wildcard tests/shim/*.c))

all: $(COMMANDS:%=$(O)/bin/%)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

$(B)/libeventdemo.a: $(FLOORS:%.c=$(B)/%.o)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/bin/evproject: $(patsubst %.c,$(B)/%.o,$(wildcard src/project/*.c))
$(O)/bin/evwatch: $(patsubst %.c,$(B)/%.o,$(wildcard src/watch/*.c))
$(O)/bin/%: $(B)/src/%.o $(B)/libeventdemo.a
	$(LINKED)
$(B)/unit/%: $(B)/tests/unit/%.o $(B)/libeventdemo.a
	$(LINKED)
$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libeventdemo.a
	$(LINKED)
$(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay_main.o $(B)/libeventdemo.a
	$(LINKED)
build/fuzz/%: build/fuzz/tests/fuzz/fuzz_%.o build/fuzz/libeventdemo.a
	$(CC) $(FLAGS) -fsanitize=fuzzer -o $@ $^ $(LINK)

# Loaded before the C library by tests, whatever the variant that they test.
build/shim/%.so: tests/shim/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -g -shared -fPIC -o $@ $< -ldl

shims: $(SHIMS:%=build/shim/%.so)
units: $(UNITS:%=$(B)/unit/%) $(FUZZERS:%=$(B)/fuzz/%)
bench-tools: $(TOOLS:%=build/plain/bench/%)

fuzz:
	$(MAKE) O=build/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined $(FUZZERS:%=build/fuzz/%)

check: all
	tests/run
torture:
	tests/torture/run
bench:
	tests/bench/run
# Clang's analyzer goes a quarter as far into a function as by default, in a quarter of the time.
lint:
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem -Isrc -DVERSION='""' src tests/unit tests/bench tests/fuzz tests/shim
	printf '%s\n' $(wildcard src/*.c tests/unit/*.c tests/bench/*.c tests/fuzz/*.c tests/shim/*.c) $(FLOORS) $(APART) | xargs -P "$$(nproc)" -n 8 \
		sh -c 'clang-tidy --quiet "$$@" -- -std=c17 -D_GNU_SOURCE -DVERSION=\"\" -Isrc -Xclang -analyzer-config -Xclang max-nodes=56000' sh
	shellcheck $(shell grep -lE '^\#!.*\b(sh|bash)$$' examples/* examples/course/* examples/course/solutions/* tests/run tests/bench/* tests/bench/*/* tests/torture/* .ci/* 2>/dev/null)
	shellcheck -s bash $(wildcard tests/*.bash) src/completion/eventdemo.bash
	shellcheck -s bash -e SC2030,SC2031,SC2314,SC2315 $(wildcard tests/*.bats)
	mandoc -T lint -W warning $(PAGES)

install: all
	install -D -t "$(DESTDIR)$(PREFIX)/bin" bin/*
	for page in $(PAGES); do install -D -m 644 $$page "$(SHARE)/man/man$${page##*.}/$${page##*/}" || exit; done
	for name in $(COMMANDS); do install -D -m 644 src/completion/eventdemo.bash "$(COMPLETIONS)/$$name" || exit; done
	install -D -m 644 src/completion/_eventdemo "$(SHARE)/zsh/site-functions/_eventdemo"

uninstall:
	for name in $(COMMANDS); do rm -f "$(DESTDIR)$(PREFIX)/bin/$$name" "$(COMPLETIONS)/$$name"; done
	for page in $(PAGES); do rm -f "$(SHARE)/man/man$${page##*.}/$${page##*/}"; done
	rm -f "$(SHARE)/zsh/site-functions/_eventdemo"

clean:
	rm -rf bin build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
.PHONY: all units shims bench-tools fuzz check torture bench lint install uninstall clean
.SECONDARY:
