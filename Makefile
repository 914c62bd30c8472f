# The front door. Everything it calls can also be called by hand.
BUILD ?= build
MESON = meson

.PHONY: all run test soak bench check format clean deps

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)
	@mkdir -p $(BUILD)/bin
	@ln -sf ../ports/virtual/usbnvme ../cli/tether \
		../emulator/nucleo-emu $(BUILD)/bin/

$(BUILD)/build.ninja: | deps
	@$(MESON) setup $(BUILD)

deps:
	@tools/deps

# A device without hardware, found over USB/IP, and everything it answers.
run: all
	@tools/run $(BUILD)/bin

# The kernel for the tests of the drivers is built once, in some minutes.
test: all
	@tools/kernel uml >/dev/null
	@$(MESON) test -C $(BUILD) --print-errorlogs

# The same with large counts, and ten minutes of fuzzing.
soak: all
	@tools/soak $(BUILD)

# Measured with the options that a release is built with.
bench: deps
	@[ -f build-bench/build.ninja ] || $(MESON) setup build-bench \
		--buildtype=release -Db_lto=true -Dtests=false >/dev/null
	@ninja -C build-bench >/dev/null
	@mkdir -p build-bench/bin
	@ln -sf ../ports/virtual/usbnvme ../cli/tether build-bench/bin/
	@tools/bench build-bench

# What CI adds to the tests: format, layers, both compilers, sanitizers.
check: deps
	@tools/check-layers
	@tools/check

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build build-*
