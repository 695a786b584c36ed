// Package archtest holds the house to its floor plan: who may import whom.
package archtest_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// room is what `go list` says of one package.
type room struct {
	ImportPath string
	Imports    []string
}

// rule says what packages below a path may import.
type rule struct {
	below string
	// ours are the packages of this module that may be imported.
	ours []string
	// others, if not nil, are the only packages outside the standard library.
	others []string
	// never lists packages of the standard library that may not be imported.
	never []string
}

// The first rule that fits a package is the one that holds for it.
var rules = []rule{
	{
		below: "praxis/domain/text", ours: []string{"praxis/domain"},
		others: []string{"golang.org/x/text/unicode/norm"},
		never:  noMachine,
	},
	{
		below: "praxis/domain", ours: []string{"praxis/domain"},
		others: []string{"github.com/google/uuid"},
		never:  noMachine,
	},
	{below: "praxis/internal/retry", ours: []string{}, others: []string{}, never: []string{"net", "net/http", "database/sql"}},
	{below: "praxis/internal/follower", ours: []string{"praxis/domain", "praxis/internal/retry"}, others: []string{}, never: []string{"net", "net/http", "database/sql"}},
	{below: "praxis/commands", ours: []string{"praxis/domain", "praxis/commands", "praxis/internal/follower", "praxis/internal/retry"}, others: []string{"github.com/hashicorp/golang-lru/v2"}, never: []string{"net", "net/http", "database/sql"}},
	{below: "praxis/projections", ours: []string{"praxis/domain", "praxis/projections", "praxis/internal/follower", "praxis/internal/retry"}, never: []string{"net/http"}},
	{below: "praxis/migrations", ours: []string{}, never: []string{"net/http"}},
	{below: "praxis/adapters", ours: []string{"praxis/domain", "praxis/commands", "praxis/projections", "praxis/adapters", "praxis/migrations", "praxis/internal/retry"}},
	{below: "praxis/cmd", ours: []string{"praxis"}},
}

// noMachine is what the domain never imports of the standard library.
var noMachine = []string{"context", "net", "net/http", "database/sql", "log", "log/slog", "os"}

// testOnly are packages that exist for tests; they may use test libraries.
var testOnly = []string{
	"praxis/domain/es/estest", "praxis/domain/text/texttest", "praxis/projections/projtest",
	"praxis/adapters/storetest", "praxis/adapters/postgres/pgtest", "praxis/adapters/mail/smtptest", "praxis/adapters/cards/stripetest",
	"praxis/internal",
}

// forTests tells whether a package exists for tests and tools only. Of internal, the
// product has two things: how it follows the log, and how its loops repeat what fails.
func forTests(path string) bool {
	return within(path, testOnly) && !within(path, []string{"praxis/internal/follower", "praxis/internal/retry"})
}

func TestImports(t *testing.T) {
	rooms := list(t)
	require.NotEmpty(t, rooms)
	for _, r := range rooms {
		if forTests(r.ImportPath) {
			continue
		}
		ruled := false
		for _, rule := range rules {
			if !within(r.ImportPath, []string{rule.below}) {
				continue
			}
			ruled = true
			for _, imported := range r.Imports {
				require.Empty(t, rule.against(imported), "%s imports %s", r.ImportPath, imported)
				require.False(t, forTests(imported), "%s imports %s, which exists for tests", r.ImportPath, imported)
			}
			break
		}
		require.True(t, ruled, "package %s stands outside the house's rules", r.ImportPath)
	}
}

// against says why an import breaks the rule, "" if it does not.
func (r rule) against(imported string) string {
	switch {
	case within(imported, []string{"praxis"}):
		if !within(imported, r.ours) {
			return "not allowed from here"
		}
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		if r.others != nil && !within(imported, r.others) {
			return "only the standard library and a few packages are allowed here"
		}
	default:
		for _, n := range r.never {
			if imported == n {
				return "never allowed here"
			}
		}
	}
	return ""
}

// TestStoreClientHasOneImporter keeps the EventStoreDB client behind its adapter.
func TestStoreClientHasOneImporter(t *testing.T) {
	const client = "github.com/EventStore/EventStore-Client-Go"
	for _, r := range list(t) {
		for _, imported := range r.Imports {
			if !strings.HasPrefix(imported, client) {
				continue
			}
			if strings.Contains(imported, "/protos/") {
				require.True(t, within(r.ImportPath, []string{"praxis/adapters/eventnode", "praxis/internal/likeserver"}), "only the node and its second character use the generated stubs")
				continue
			}
			require.Equal(t, "praxis/adapters/eventstore", r.ImportPath)
		}
	}
}

// TestRulesCanFail plants forbidden imports and expects each to be found.
func TestRulesCanFail(t *testing.T) {
	for _, domain := range rules[:2] {
		require.NotEmpty(t, domain.against("net/http"))
		require.NotEmpty(t, domain.against("praxis/commands"))
		require.NotEmpty(t, domain.against("github.com/jackc/pgx/v5"))
	}
	require.Empty(t, rules[0].against("golang.org/x/text/unicode/norm"))
	require.NotEmpty(t, rules[0].against("golang.org/x/text/collate"))
	require.NotEmpty(t, rules[1].against("golang.org/x/text/unicode/norm"))
	require.NotEmpty(t, rules[5].against("praxis/commands"))
	require.True(t, within("praxis/internal/clocktest", testOnly))
	require.False(t, within("praxis/adapters/postgres", testOnly))
	require.Empty(t, rules[5].against("github.com/jackc/pgx/v5"))
}

func within(path string, roots []string) bool {
	for _, root := range roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

func list(t *testing.T) []room {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "praxis/...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	var rooms []room
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var r room
		require.NoError(t, dec.Decode(&r))
		rooms = append(rooms, r)
	}
	return rooms
}

// A machine without zone files must still know every zone.
func TestFoundB11_TheTzDatabaseIsInTheBinary(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "praxis/cmd/praxis").Output()
	require.NoError(t, err)
	require.Contains(t, strings.Fields(string(out)), "time/tzdata")
}
