# What a developer and CI do. `make check` is everything that CI does.

GO ?= go
BIN := loadline

.PHONY: all build test check fmt vet lint vuln race demo golden bench compare fuzz clients page clean

all: build

build:
	$(GO) build -o $(BIN) .

test:
	$(GO) test ./...

check: fmt vet lint vuln race

fmt:
	@bad=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$bad" ]; then echo "not formatted (run gofmt -w):"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...

lint:
	$(GO) tool staticcheck ./...

# The vulnerability database is read over the network, or from a copy named by
# VULNDB=file:///path. Where neither can be had, that is said and nothing else.
vuln:
	@$(GO) tool govulncheck $${VULNDB:+-db $$VULNDB} ./...; status=$$?; \
	if [ $$status -eq 3 ]; then exit 3; fi; \
	if [ $$status -ne 0 ]; then echo "govulncheck did not run: the vulnerability database cannot be read here (VULNDB=file:///path names a copy)"; fi

race:
	$(GO) test -race ./...

# Under a minute after the build: a load within the quota, one above it, and
# CloudWatch, on the simulated account inside the program.
demo: build
	./$(BIN) run --simulate=examples/01-throttle-gate/account.yaml --out loadline-out/demo examples/01-throttle-gate/scenario.yaml

# Rewrites every file that tests compare with. Look at the diff before a commit.
golden:
	$(GO) test ./scenarios ./report ./internal/sim ./plugins/alarms ./examples ./docs -update

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Side by side with other load tools and the bare SDK, about ten minutes on a
# quiet machine; the peers are built once, into the user's cache. For a part:
# make compare COMPARE='-parts cpu,streams'; into the document: COMPARE='-write docs/benchmarks.md'.
compare:
	$(GO) run ./bench $(COMPARE)

FUZZTIME ?= 30s
fuzz:
	@for t in $$(grep -rl '^func Fuzz' --include='*_test.go' .); do \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$t); do \
	    $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) ./$$(dirname $$t) || exit 1; \
	  done; \
	done

# AWS clients that are not ours (npm, boto3, aws-cli) talk to the simulated
# account. It installs the npm packages of internal/sim/clients; what a machine
# does not have is told and left out. About half a minute after the first time.
clients: build
	internal/sim/clients/run.sh ./$(BIN)

# The HTML page in Chromium without a window: no error, no request, hover, names
# from outside, paper, keyboard. Chromium and Node are used where they are, and
# told where they are not; playwright-core comes from npm. SHOTS=/path keeps pictures.
page:
	report/browser/run.sh

clean:
	rm -rf $(BIN) loadline-out report/browser/node_modules internal/sim/clients/node_modules
