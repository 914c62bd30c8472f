# SPDX-License-Identifier: Apache-2.0
# The usual entry points. Every command that a target runs can also be run by
# hand.
BUILD ?= build
MESON = meson

.PHONY: all install dist deb run quick test test-firmware test-qemu soak bench board image-test \
	check format clean deps with-tests lab firmware firmware-all firmware-coverage release-check \
	flash-loader flash flash-ram reset logs

# ninja and meson use all processors. Two of them must not use a build folder at
# once.
.NOTPARALLEL:

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)
	@mkdir -p $(BUILD)/bin
	@for program in ports/usbnvme cli/tether gadget/tetherd \
		emulator/nucleo-emu; do \
		[ ! -f $(BUILD)/$$program ] || \
			ln -sf ../$$program $(BUILD)/bin/; \
	done
	@packaging/kit $(BUILD)/lib/tether/kit \
		$(patsubst %,armhf=%,$(wildcard build-board/tetherd \
			build-board/usbnvme))

# OPTIONS are options of meson, such as -Dtinyusb=DIR. A compiler that is newer than
# those of the tests may have more warnings: here they are no errors.
$(BUILD)/build.ninja: | deps-build
	@$(MESON) setup $(BUILD) -Dtests=false -Dwerror=false $(OPTIONS)

# Build the programs and the tests. A folder that make or make run has set up has
# no tests: they need more packages.
with-tests: libsodium $(BUILD)/build.ninja
	@grep -q ' tests/unit/' $(BUILD)/build.ninja || \
		$(MESON) configure $(BUILD) -Dtests=true -Dwerror=true
	@$(MAKE) --no-print-directory all

# The tests verify signatures with libsodium's sources. Without them, as without a
# network, those tests are skipped.
.PHONY: libsodium
libsodium:
	@tools/fetch-libsodium >/dev/null || :

# Install everything that a target can need, or only a group: make deps-test.
deps:
	@tools/deps

deps-%:
	@tools/deps $*

# Install programs, manual pages, units and udev rules into /usr below DESTDIR.
install: deps-build
	@[ -f build-release/build.ninja ] || $(MESON) setup build-release \
		--prefix=/usr -Doptimization=2 -Ddebug=false -Db_pie=true \
		-Dtests=false -Dwerror=false >/dev/null
	@ninja -C build-release >/dev/null
	@$(MESON) install -C build-release --quiet --no-rebuild --strip \
		--destdir "$(abspath $(DESTDIR))"

# Archive the committed source. The same commit gives the same bytes.
VERSION = $(shell sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build | head -n 1)
dist:
	@mkdir -p dist
	@git archive --prefix=tether-$(VERSION)/ HEAD | gzip -9n \
		>dist/tether-$(VERSION).tar.gz
	@packaging/homebrew/write-formula dist/tether-$(VERSION).tar.gz \
		>dist/tether.rb
	@echo dist/tether-$(VERSION).tar.gz

# Build the Debian packages into dist.
deb: deps-packaging
	@packaging/debian/build dist

# Check that this commit can be released: docs/release.md.
release-check: deps-release
	@tools/release-check

# Start a device without hardware, and query it over USB/IP with every kind of
# command.
run: all
	@tools/show-device $(BUILD)/bin

# Open a shell in a test machine with DRIVES drives, or run CMD there: docs/lab.md.
# LAB=qemu boots a QEMU guest.
DRIVES ?= 1
LAB ?= uml
lab: deps-$(if $(filter qemu,$(LAB)),qemu,lab) all
	@tools/lab --machine "$(LAB)" --drives "$(DRIVES)" $(BUILD)

# Run tests of the build; then print skips, the slowest ten, and the counts.
RUN_TESTS = tests/run-suites $(BUILD)

# For the edit loop: run the tests that take less than a minute.
quick: deps-quick with-tests
	@$(RUN_TESTS) --suite unit --suite device --suite fault --suite usbip

# Run all tests except the QEMU and soak suites. The first run builds the kernel
# for the driver tests, which takes some minutes.
test: deps-test with-tests firmware-all
	@tools/build-kernel uml >/dev/null
	@why=$$(mktemp); TETHER_PEERS=$$({ tools/fetch-nvme-cli 2>&1 >&3 | \
		tee "$$why" >&2; } 3>&1); \
	TETHER_PEERS_WHY=$$(tail -n 1 "$$why"); rm -f "$$why"; \
	export TETHER_PEERS TETHER_PEERS_WHY; \
	tests/run-suites --two-queues $(BUILD) --no-suite qemu --no-suite soak

# Test the firmware images on the emulated board.
test-firmware: deps-test-firmware with-tests firmware-all
	@tools/build-kernel uml >/dev/null
	@$(RUN_TESTS) --suite firmware

# Run the tests in QEMU virtual machines, with a kernel built for them.
test-qemu: deps-test-qemu with-tests
	@tools/build-kernel qemu-x86 >/dev/null
	@$(RUN_TESTS) --suite qemu

# Check the image of a board: make image-test IMAGE=FILE. LICENSES names the
# manifest.csv of Buildroot's `make legal-info`, if it is not beside the image.
image-test:
	@[ -n "$(IMAGE)" ] || echo "skipped: image of a board: no IMAGE=FILE is given"
	@[ -z "$(IMAGE)" ] || python3 tests/image/image_check.py \
		$(if $(LICENSES),--licenses "$(LICENSES)") "$(IMAGE)"

# Build the firmware images. DEBUG=1 adds assertions, overflow checks and the
# log at debug level. OPTIONS are options of meson, such as -Dbench=true.
firmware: deps-firmware
	@tools/build-firmware

# Build the firmware also with the other options that the tests need.
LESS = -Dnvme_mi=false -Decho=false -Ddfu=false -Dvid=0x1209 -Dpid=0x0001 \
	-Dmanufacturer=Maker -Dproduct=Thing
# All other options at once fit only if the compiler saves code.
ALL = -Dbench=true -Dpldm=true -Dpldm_fw=enabled -Doptimization=s
SINGLE_CHECK = -Dsigning_key=build/signing-test.key.pub -Dsecond_check=false
firmware-all: firmware
	@tools/fetch-libsodium >/dev/null
	@NAME=bench OPTIONS=-Dbench=true tools/build-firmware >/dev/null
	@NAME=1.1 OPTIONS=-Ddsp0283=1.1 tools/build-firmware >/dev/null
	@NAME=less OPTIONS='$(LESS)' tools/build-firmware >/dev/null
	@DEBUG=1 tools/build-firmware >/dev/null
	@[ -f build/signing-test.key ] || \
		tools/signing-key new build/signing-test.key
	@NAME=signed OPTIONS=-Dsigning_key=build/signing-test.key.pub \
		tools/build-firmware >/dev/null
	@NAME=single-check OPTIONS='$(SINGLE_CHECK)' tools/build-firmware >/dev/null
	@NAME=all OPTIONS='$(ALL)' tools/build-firmware

# Print the lines of the images that their tests execute on the emulated board.
firmware-coverage: deps-test-firmware with-tests firmware
	@tools/firmware-coverage $(BUILD)

# Flash, reset or watch the board through a debug probe: docs/nucleo.md.
flash-loader flash flash-ram reset logs:
	@tools/flash-board $@

# Run the tests with large counts, and the fuzzers for 40 minutes.
soak: deps-check with-tests firmware-all
	@tools/soak $(BUILD)

# Run other people's images, the ELF files in FOREIGN=DIR, on the emulator.
foreign-test: deps-test build
	@FOREIGN='$(FOREIGN)' tests/run-pytest tests/foreign/test_foreign.py

# Run the benchmarks on builds with the options of a release.
bench: deps-bench with-tests
	@NAME=bench OPTIONS=-Dbench=true tools/build-firmware >/dev/null
	@NAME=bench-single OPTIONS='-Dbench=true -Dpacking=false' \
		tools/build-firmware >/dev/null
	@[ -f build-bench/build.ninja ] || $(MESON) setup build-bench \
		--buildtype=release -Db_lto=true -Dtests=false >/dev/null
	@ninja -C build-bench >/dev/null
	@mkdir -p build-bench/bin
	@ln -sf ../ports/usbnvme ../cli/tether build-bench/bin/
	@tools/build-kernel uml >/dev/null
	@tools/bench build-bench $(BUILD)

# Build the static programs for boards (32-bit ARM) into build-board.
board: deps-board
	@tools/build-board-programs

# Run the checks that CI adds to the tests: format, layers, both compilers,
# sanitizers.
check: deps-check
	@tools/check-layers
	@tools/check

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build build-* dist
