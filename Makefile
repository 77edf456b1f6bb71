# The commands that a user, a developer and CI run. `make demo` and `make test` install what is missing.

SWIFT ?= swift
# COBRE_MPI=0 leaves MPI out of what is installed; the backend is built in anyway, and finds its library at run time.
COBRE_MPI ?= 1
export COBRE_MPI
# COBRE_HIGHS=1 builds with HiGHS as a second LP solver; scripts/setup.sh fetches it where the system has none.
COBRE_HIGHS ?= 0
export COBRE_HIGHS
ifeq ($(COBRE_HIGHS),1)
export PKG_CONFIG_PATH := $(CURDIR)/.highs$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
TRAITS = --traits HiGHS -Xlinker -rpath -Xlinker $(CURDIR)/.highs/lib
endif
# The runtime of Swift goes into the programs, as it does in the wheel: so one build serves both, and they run where no Swift is.
RELEASE = -c release --static-swift-stdlib $(TRAITS)
BUILD_RELEASE = COBRE_STATIC=1 $(SWIFT) build $(RELEASE)

# OpenMPI refuses to start as root unless told twice; containers run as root.
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT = 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = 1
endif

.PHONY: help setup build test test-swift test-python test-highs test-examples demo docs profile bench fuzz lint wheel test-wheel

help:
	@echo "make demo          train a shipped case through the server and show the result"
	@echo "make test          run the whole test suite"
	@echo "make build         build the executables in release into .build/release"
	@echo "make bench         measure speed (Benchmarks/)"
	@echo "make fuzz          read a million mutated messages, cases and tables"
	@echo "make wheel         make the Python package with server, worker and library into dist/"
	@echo "make test-wheel    make the wheel, install it in every way and use it"
	@echo "make docs          write the documentation of the engine's public interface (DocC) into .build/docs"
	@echo "make profile       show where a training of CASE spends its time (perf or callgrind)"
	@echo "make test-examples build and run the Swift program in examples/swift"
	@echo "make lint          check the formatting of the sources"
	@echo "make test-highs    build with HiGHS into .build-highs and run the tests that need it"
	@echo "make hostile       try to break every promise from outside, for long (a plain test run does so for a moment)"
	@echo "make setup         install what is missing, nothing else"

setup:
	@scripts/setup.sh

build: setup
	$(BUILD_RELEASE)

# Tests that start, kill and time whole processes run one at a time, behind the others, so that these do not starve them.
# The Swift tests run as a debug build, with all its checks and with access to internals; the Python tests drive the release
# build that the demo uses too. Python tests that only compute go first, two at a time.
test: test-swift test-python

test-swift: setup
	$(SWIFT) build $(TRAITS) --build-tests
	$(SWIFT) test $(TRAITS) --skip-build --skip ProcessTests
	$(SWIFT) test $(TRAITS) --skip-build --filter ProcessTests --no-parallel

test-python: setup
	$(BUILD_RELEASE)
	.venv/bin/python -m pytest -q -n 2 --dist loadfile -m "not alone" Tests/python
	.venv/bin/python -m pytest -q -m alone Tests/python

# A scratch directory of its own, so that the two configurations do not rebuild each other.
test-highs:
	@COBRE_HIGHS=1 COBRE_PYTHON=0 scripts/setup.sh
	$(MAKE) COBRE_HIGHS=1 COBRE_PYTHON=0 SWIFT="$(SWIFT)" run-test-highs

.PHONY: run-test-highs
run-test-highs:
	$(SWIFT) build $(TRAITS) --scratch-path .build-highs --build-tests
	$(SWIFT) test $(TRAITS) --scratch-path .build-highs --skip-build --filter "HiGHS|SolverLibrary|RetryLadder|reachesHandCalculatedOptimum"

# The example is a package of its own, which sees nothing but what is public.
test-examples: setup
	cd examples/swift && $(SWIFT) run train-cascade ../cascade

# Symbols of the debug build, made into pages that any web server can serve.
docs: setup
	$(SWIFT) build $(TRAITS) --target CobreEngine
	scripts/write-docs.sh "$$($(SWIFT) build $(TRAITS) --show-bin-path)"

CASE ?= examples/four-areas
profile: build
	@scripts/profile.sh $(CASE) $(ITERATIONS)

demo: setup
	$(BUILD_RELEASE)
	@python3 scripts/demo.py

bench: setup
	$(MAKE) -C Benchmarks

fuzz: setup
	$(SWIFT) build $(TRAITS) --build-tests
	COBRE_FUZZ_MESSAGES=1000000 COBRE_FUZZ_COUNT=500000 COBRE_FUZZ_PROGRAMS=1000000 \
		$(SWIFT) test $(TRAITS) --skip-build --skip TableFuzzTests --filter 'FuzzTests|MutationTests'
	COBRE_FUZZ_COUNT=1000000 $(SWIFT) test $(TRAITS) --skip-build --filter TableFuzzTests

.PHONY: hostile
hostile: setup
	$(BUILD_RELEASE)
	COBRE_HOSTILE=long .venv/bin/python -m pytest -q Tests/python -k hostile

lint:
	$(SWIFT) format lint -r --strict Sources Tests

# The wheel carries everything that it needs, so the Swift runtime goes into libcobre, with a part of the data of languages.
wheel: export COBRE_STATIC_RUNTIME = .build/language-data
wheel: setup
	scripts/trim-icu.py "$$(dirname "$$(readlink -f "$$(command -v $(SWIFT))")")/../lib/swift_static/linux" $(COBRE_STATIC_RUNTIME)
	$(BUILD_RELEASE) --product cobre
	.venv/bin/python scripts/make-wheel.py "$$($(BUILD_RELEASE) --show-bin-path)" dist

test-wheel: build wheel
	.venv/bin/python -m pytest -q Tests/python/test_wheel.py
