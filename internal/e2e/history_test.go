package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/accesslog"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

// Somebody cut the beginning of a stream off with the tools of the event store: what
// is left is shown, and neither the table nor the exit code passes it off as all.
func TestFoundR4_HistorySaysThatTheBeginningIsMissing(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{Dir: t.TempDir()})
	store, err := eventstore.Open(eventstore.Config{URL: server.URL()})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	at := time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	stream := accesslog.Stream(id.New[id.Group](), at)
	for _, action := range []string{"roster.list", "chart.archive", "chart.open"} {
		typ, data, meta, err := registry.Encode(accesslog.AccessRefused{Action: action, Target: "spec"}, es.Subject{}, es.Metadata{
			Actor: "stranger:" + id.New[id.Account]().String(), Command: id.New[id.Command](), CommandName: "accesslog.record_refusal",
			Correlation: "spec", Causation: "spec", OccurredAt: at,
		})
		require.NoError(t, err)
		_, err = store.Append(t.Context(), stream, es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta}})
		require.NoError(t, err)
	}
	i := newInstallation(t)
	history := func(flags ...string) outcome {
		return i.runWith(t, []string{"EVENTSTOREDB_URL=" + server.URL()}, append([]string{"audit", "history", string(stream)}, flags...)...)
	}
	whole := history()
	require.Zero(t, whole.code, whole.stderr)
	require.Contains(t, whole.stdout, "3 events.")

	require.NoError(t, server.TruncateStream(t.Context(), string(stream), 2))
	rest := history()
	require.NotZero(t, rest.code)
	require.Contains(t, rest.stdout, "Revisions 0 to 1 of this stream are missing in the event store; this is the rest.\n")
	require.Contains(t, rest.stdout, "1 events.")
	require.Contains(t, rest.stderr, "beginning of a stream of events is missing")
	require.Len(t, parse[[]struct{ Revision int }](t, history("--json").stdout), 1)
}
