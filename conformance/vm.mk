# The black-box cases that this machine cannot run: pure cgroup v2, systemd, every right. Included by the
# Makefile at the top.

VM := out/vm

.PHONY: test-vm
test-vm: prepare $(BIN)/jrunc $(CONFORMANCE_LIB)/.done ## Runs the cases for cgroup v2 and systemd in an emulated Debian
	@tools/prepare-vm
	@rm -rf $(VM)/job && mkdir -p $(VM)/job
	@cp -p $(BIN)/jrunc $(VM)/job/ && cp -pr $(CONFORMANCE_LIB) $(VM)/job/lib && cp conformance/vm/run $(VM)/job/run
	@echo '$(FILTER)' >$(VM)/job/filter
	@echo "in the guest: runc, which proves the cases, then jrunc"
	@conformance/vm/boot "$$(conformance/vm/make-guest $(VM))" $(CURDIR)/$(VM)/job $(VM_KERNEL)
