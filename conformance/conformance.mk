# The black-box suites, the demo and the benchmark. Included by the Makefile at the top.

CONFORMANCE_LIB := out/lib/conformance
CONFORMANCE = $(JAVA_HOME)/bin/java $(CONFORMANCE_FLAGS) -XX:+UseSerialGC -cp '$(CONFORMANCE_LIB)/*' dev.jrunc.conformance.Main
RUNTIME ?= $(CURDIR)/out/bin/jrunc
IMAGE ?=

$(CONFORMANCE_LIB)/.done: $(shell find conformance/src/main bundle-spec/src/main -type f) conformance/pom.xml
	@rm -rf $(CONFORMANCE_LIB) && mkdir -p $(CONFORMANCE_LIB)
	@$(MVN) -pl conformance -am package -DskipTests -Dteavm.skip=true \
		dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(CONFORMANCE_LIB)
	@cp conformance/target/conformance-*.jar $(CONFORMANCE_LIB)
	@touch $@

.PHONY: demo
demo: build ## From an image in a registry to running containers; IMAGE=alpine takes Docker Hub's
	@$(MAKE) --no-print-directory run-demo

.PHONY: run-demo
run-demo: $(CONFORMANCE_LIB)/.done
	@$(CONFORMANCE) demo --programs out/bin $(if $(IMAGE),--image $(IMAGE))

.PHONY: conformance
conformance: $(CONFORMANCE_LIB)/.done ## Runs the black-box suite against RUNTIME=PATH
	@$(CONFORMANCE) run --runtime $(RUNTIME) $(if $(FILTER),--filter "$(FILTER)")

.PHONY: test-hard
test-hard: build ## Lets every system call of create fail once; an image of debootstrap's Debian, by three judges
	@$(MAKE) --no-print-directory run-test-hard

.PHONY: run-test-hard
run-test-hard: $(CONFORMANCE_LIB)/.done
	@$(CONFORMANCE) faults --runtime $(RUNTIME)
	@$(CONFORMANCE) hard --runtime $(RUNTIME) --jimage $(CURDIR)/out/bin/jimage

.PHONY: test-blackbox
test-blackbox: $(CONFORMANCE_LIB)/.done ## Black-box tests of both programs as root, and of runc to prove the tests
	@echo "black box: runc"
	@$(CONFORMANCE) run --runtime /usr/sbin/runc
	@echo "black box: jrunc and jimage"
	@$(CONFORMANCE) run --runtime $(CURDIR)/out/bin/jrunc --jimage $(CURDIR)/out/bin/jimage

# In a mount namespace without the cgroup2 mount of a hybrid host, which crun refuses. VFORK: what starting a
# process costs the JVM is in every figure, and is least so.
PEERS ?= /usr/sbin/runc $(wildcard /usr/bin/crun)
.PHONY: bench
bench: CONFORMANCE_FLAGS := -Djdk.lang.Process.launchMechanism=VFORK
bench: $(CONFORMANCE_LIB)/.done $(BIN)/jrunc ## Times jrunc beside its peers in one run (PEERS="PROGRAM...")
	@unshare --mount sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$$@"' - \
		$(CONFORMANCE) bench --runtime out/bin/jrunc \
		$(addprefix --peer ,$(PEERS)) \
		$(if $(wildcard ../shared/data/podman-bundle/config.json),--bundle-config ../shared/data/podman-bundle/config.json)

# Over runc first: a check that is red there says nothing of jrunc. ENGINES=podman and FILTER=TEXT take fewer.
ENGINES ?= podman containerd docker
ENGINE_RUNTIMES ?= /usr/sbin/runc $(CURDIR)/out/bin/jrunc
.PHONY: test-engines
test-engines: build ## Podman, containerd and Docker over runc and over jrunc, in namespaces of their own
	@$(MAKE) --no-print-directory run-engines

# UsePerfData would share a file in /tmp with every process of the same number in another enclosure.
.PHONY: run-engines
run-engines: CONFORMANCE_FLAGS := -XX:-UsePerfData
run-engines: $(CONFORMANCE_LIB)/.done $(BIN)/jrunc
	@tools/prepare engines
	@conformance/enclosure $(CONFORMANCE) engines $(addprefix --runtime ,$(ENGINE_RUNTIMES)) $(addprefix --engine ,$(ENGINES)) \
		$(if $(FILTER),--filter "$(FILTER)")

# podman is measured where it is installed. Needs about 4 GiB a round below TMPDIR: nothing is removed before the end.
.PHONY: bench-image
bench-image: $(CONFORMANCE_LIB)/.done jimage ## Times jimage beside skopeo with umoci and podman, in one run
	@$(CONFORMANCE) bench-image --jimage out/bin/jimage $(if $(ROUNDS),--rounds $(ROUNDS))

# Beside podman where it is installed, with storage and an image of its own.
.PHONY: bench-network
bench-network: CONFORMANCE_FLAGS := -Djdk.lang.Process.launchMechanism=VFORK
bench-network: $(CONFORMANCE_LIB)/.done $(BIN)/jrunc ## Times what --network costs, as root
	@$(CONFORMANCE) bench-network --runtime out/bin/jrunc
