# jrunc and jimage. `make help` lists the targets; `make` builds both programs into out/.

PREFIX ?= /usr/local
DESTDIR ?=

export JAVA_HOME := $(shell tools/find-jdk)
export PATH := $(if $(JAVA_HOME),$(JAVA_HOME)/bin:)$(PATH)

SHELL := /bin/bash
MVN := mvn -q --batch-mode
ROOT := $(CURDIR)
BIN := out/bin

JRUNC_SOURCES := $(shell find bundle-spec/src/main kernel/src/main runtime-oci/src/main -type f) \
	pom.xml bundle-spec/pom.xml kernel/pom.xml runtime-oci/pom.xml $(wildcard runtime-oci/native/*)

.DEFAULT_GOAL := build

.PHONY: help
help: ## Lists the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | sort -u \
		| awk -F'|' '{printf "  %-18s %s\n", $$1, $$2}'

.PHONY: prepare
prepare: ## Installs what is missing on this machine (Debian, as root)
	@tools/prepare

.PHONY: build
build: prepare ## Builds out/bin/jrunc and out/bin/jimage
	@$(MAKE) --no-print-directory programs

# prepare may have installed the JDK, so what needs JAVA_HOME is a make of its own.
.PHONY: programs
programs: $(BIN)/jrunc jimage

# Maven tells by itself what to compile again; the executable is linked when its C changed.
$(BIN)/jrunc: $(JRUNC_SOURCES)
	@mkdir -p $(BIN)
	$(MVN) package -DskipTests
	@runtime-oci/native/link runtime-oci/target/c $@

-include image-fetch/jimage.mk
-include conformance/conformance.mk
-include conformance/vm.mk

.PHONY: fmt
fmt: prepare ## Formats the Java sources
	@$(MVN) spotless:apply

.PHONY: check
check: build ## Everything CI checks: format, warnings, unit tests, native tests, black-box tests as root
	@$(MAKE) --no-print-directory checks

.PHONY: checks
checks:
	@echo "format, warnings and unit tests"
	@mvn --batch-mode spotless:check verify -Dteavm.skip=true 2>&1 \
		| grep -E --line-buffered "Tests run:.*Time|Tests run: [0-9]+, F.*[0-9]$$|ERROR|WARNING.*java|BUILD" ; \
		test "$${PIPESTATUS[0]}" = 0
	@$(MAKE) --no-print-directory test-native test-agreement test-blackbox

# The native test program is compiled as jrunc is, from the classes that are there.
.PHONY: test-native
test-native: ## Runs the cases that only the native executable can fail
	@$(MVN) -pl runtime-oci -am package -DskipTests -Dnative-test.phase=process-classes
	@runtime-oci/native/link runtime-oci/target/c-test out/native-test
	@out/native-test

# The classes on the JVM are the measure: what the executable tells must be the same to the byte.
.PHONY: test-agreement
test-agreement: $(BIN)/jrunc ## Compares what jrunc tells with what its classes tell on the JVM
	@$(MVN) -pl runtime-oci -am test -Dteavm.skip=true -Dtest=NativeAgreementTest \
		-Dsurefire.failIfNoSpecifiedTests=false -Djrunc.binary=$(ROOT)/$(BIN)/jrunc

.PHONY: test
test: check ## All tests, those that need root and engines included; test-vm and test-hard are by themselves
	@$(MAKE) --no-print-directory run-engines

.PHONY: clean
clean: ## Removes everything the build made
	rm -rf out */target

# jrunc also in sbin, where sudo's path finds it. -p keeps times: the AOT cache is bound to those of the jars.
.PHONY: install
install: build ## Installs both programs below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/lib/jimage
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man8
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 out/bin/jrunc $(DESTDIR)$(PREFIX)/bin/jrunc
	install -m 755 out/bin/jrunc $(DESTDIR)$(PREFIX)/sbin/jrunc
	install -m 755 out/bin/jimage $(DESTDIR)$(PREFIX)/bin/jimage
	install -p -m 644 out/lib/jimage/* $(DESTDIR)$(PREFIX)/lib/jimage
	install -m 644 docs/man/jimage.1 $(DESTDIR)$(PREFIX)/share/man/man1/jimage.1
	install -m 644 docs/man/jrunc.8 $(DESTDIR)$(PREFIX)/share/man/man8/jrunc.8
	install -m 644 docs/completion/jrunc.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/jrunc
	install -m 644 out/share/bash-completion/completions/jimage \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/jimage

.PHONY: uninstall
uninstall: ## Takes away what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/jrunc $(DESTDIR)$(PREFIX)/sbin/jrunc $(DESTDIR)$(PREFIX)/bin/jimage
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/jimage.1 $(DESTDIR)$(PREFIX)/share/man/man8/jrunc.8
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/jrunc
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/jimage
	rm -rf $(DESTDIR)$(PREFIX)/lib/jimage

.PHONY: docs
docs: ## Writes the manual pages and the completion of jrunc again from the tables of commands
	@$(MVN) -pl runtime-oci,image-fetch -am test -Dteavm.skip=true -Dtest=CommandDocumentsTest \
		-Dsurefire.failIfNoSpecifiedTests=false -Djrunc.docs.write=true
