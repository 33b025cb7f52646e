# jrunc and jimage. `make help` lists the targets; `make` builds both programs into out/.

PREFIX ?= /usr/local
DESTDIR ?=

export JAVA_HOME := $(shell tools/find-jdk)
export PATH := $(if $(JAVA_HOME),$(JAVA_HOME)/bin:)$(PATH)

MVN := mvn -q --batch-mode
ROOT := $(CURDIR)
BIN := out/bin

JRUNC_SOURCES := $(shell find bundle-spec/src/main kernel/src/main runtime-oci/src/main -type f) \
	pom.xml bundle-spec/pom.xml kernel/pom.xml runtime-oci/pom.xml runtime-oci/native/link

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

.PHONY: fmt
fmt: prepare ## Formats the Java sources
	@$(MVN) spotless:apply

.PHONY: check
check: build ## Everything CI checks: format, warnings as errors, unit tests, native tests, black-box tests as root
	@$(MVN) spotless:check verify
	@$(MAKE) --no-print-directory test-native test-blackbox

.PHONY: test
test: check ## All tests, those that need root included

.PHONY: clean
clean: ## Removes everything the build made
	rm -rf out */target
