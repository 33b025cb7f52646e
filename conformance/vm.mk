# The black-box cases that this machine cannot run: pure cgroup v2, systemd, every right. Included by the
# Makefile at the top.

VM := out/vm

.PHONY: test-vm
test-vm: build ## The cases for cgroup v2, systemd and SELinux over runc and over jrunc, in an emulated Debian
	@$(MAKE) --no-print-directory run-vm
	@$(MAKE) --no-print-directory run-vm VM_KERNEL=systemd.unified_cgroup_hierarchy=0
	@$(MAKE) --no-print-directory run-vm VM_KERNEL=security=selinux

# VM_KERNEL is what the guest's kernel is told besides; the guest runs the cases that are for what it then finds.
.PHONY: run-vm
run-vm: $(CONFORMANCE_LIB)/.done $(BIN)/jrunc
	@tools/prepare vm
	@rm -rf $(VM)/job && mkdir -p $(VM)/job
	@cp -p $(BIN)/jrunc $(VM)/job/ && cp -pr $(CONFORMANCE_LIB) $(VM)/job/lib && cp conformance/vm/run $(VM)/job/run
	@echo '$(FILTER)' >$(VM)/job/filter
	@echo "in the guest: runc, which proves the cases, then jrunc"
	@guest=$$(conformance/vm/make-guest $(VM)) && conformance/vm/boot "$$guest" $(CURDIR)/$(VM)/job $(VM_KERNEL)
