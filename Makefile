# Praxis. `make` lists the targets; CI calls nothing but these.
SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X main.version=$(VERSION)
LINT     := go tool -modfile=tools/lint/go.mod golangci-lint
DEV      := go tool -modfile=tools/dev/go.mod
FUZZTIME ?= 30s
SOAK     ?= 10m
PKG      ?= ./...

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-zA-Z_\/-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/praxis
	go build -ldflags "$(LDFLAGS)" -o bin/praxis ./cmd/praxis

.PHONY: run
run: build ## start everything in ./.praxis, load the demo practice, keep serving
	./bin/praxis demo

.PHONY: postgres
postgres: ## make sure that a PostgreSQL server is installed or obtained
	@go run ./cmd/praxis postgres obtain

.PHONY: test
test: postgres ## run every test
	go test -timeout 20m $(PKG)

.PHONY: test/server
test/server: postgres ## run the suites of the store on the server of PRAXIS_TEST_EVENTSTOREDB_URL (one that holds nothing else)
	@test -n "$${PRAXIS_TEST_EVENTSTOREDB_URL:-}" || { echo 'PRAXIS_TEST_EVENTSTOREDB_URL names no server; for example esdb://127.0.0.1:2113?tls=false'; exit 2; }
	go test -count 1 -timeout 30m ./adapters/eventstore -run '^TestStore_Conforms$$'
	go test -count 1 -timeout 30m ./projections -run 'OnEveryKindOfStore$$'
	go test -count 1 -timeout 30m ./adapters/processes -run '^TestRunner_OnTheRealStores$$'
	go test -count 1 -timeout 30m ./adapters/httpapi -run '^TestMoneyFromChargeToBalance$$'

.PHONY: test/race
test/race: postgres ## run every test under the race detector
	go test -race -timeout 30m $(PKG)

.PHONY: test/spreadsheet
test/spreadsheet: ## open the roster's file with LibreOffice (needs soffice)
	go test -count 1 -tags spreadsheet -run 'TestASpreadsheetShowsTheFile|TestFoundT7_ASpreadsheet' ./projections/roster

.PHONY: lint
lint: ## run the linters
	$(LINT) run

.PHONY: fmt
fmt: ## format the code
	$(LINT) fmt

.PHONY: golden
golden: ## write the golden files of new events (existing ones are never changed)
	PRAXIS_UPDATE_GOLDEN=1 go test $$(go list ./domain/... | grep -v /catalog)
	go test ./domain/catalog

.PHONY: generate
generate: ## write the list of error codes and the generated pages of docs/
	go test -count 1 ./internal/faultcodes -update
	go run ./cmd/praxis docs docs
	go test -count 1 ./internal/rulebook -update

.PHONY: verify
verify: ## formatting, lint, generated files, module files, architecture
	$(LINT) fmt --diff
	$(LINT) run
	go mod tidy -diff
	go mod verify
	go run ./cmd/praxis docs --check docs
	go test -count 1 ./internal/archtest ./internal/faultcodes ./internal/rulebook

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME each
	@for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -h '^func Fuzz' $$pkg/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do \
	    echo "== $$pkg $$f"; go test $$pkg -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME); \
	  done; \
	done

.PHONY: fuzz/http
fuzz/http: postgres ## send generated requests to a demo as four people, FUZZTIME seconds each (60), FUZZSEED repeats
	FUZZTIME=$(if $(filter command line environment,$(origin FUZZTIME)),$(FUZZTIME),60) tools/fuzz/http.sh

.PHONY: soak
soak: ## torture the event node for SOAK (10m): kills, network faults; fail on the first lie
	go test ./internal/nodetest -count 1 -timeout 0 -v -run '^TestTheNodeTellsTheTruthThroughATimeOfTrouble$$' -soak $(SOAK)

.PHONY: trial/kills
trial/kills: postgres ## kill server, PostgreSQL, node and rebuild at random for ROUNDS rounds (100) under load; SEED repeats a run
	PRAXIS_TEST_ROUNDS=$(or $(ROUNDS),100) PRAXIS_TEST_SEED=$(SEED) go test ./internal/e2e -count 1 -timeout 0 -v -run '^TestNothingIsLostWhateverIsKilled$$'

.PHONY: bench
bench: postgres ## measure everything against a floor of the same run
	go run ./cmd/praxis bench

.PHONY: bench/rebuild
bench/rebuild: postgres ## measure the rebuild of each read model from a log of EVENTS events (200000) against reading, decoding and copying
	go run ./cmd/praxis bench --rebuild $(or $(EVENTS),200000)

.PHONY: bench/scale
bench/scale: postgres ## measure a server on EVENTS events (1000000): start, every list, mixed clients; plans of the slowest in bench-scale/
	go run ./cmd/praxis bench --scale $(or $(EVENTS),1000000)

.PHONY: bench/foreign
bench/foreign: postgres ## measure a start after another application wrote a million events
	go test ./internal/e2e -timeout 0 -run '^$$' -bench AStartAfterAnotherApplication -benchtime 1x

.PHONY: clean
clean: ## remove what was built (never ./.praxis: that is data)
	rm -rf bin coverage.out
