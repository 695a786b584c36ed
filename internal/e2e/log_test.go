package e2e_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/accesslog"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/id"
)

// eventLog is the whole log of a stopped installation, in order.
type eventLog []es.Envelope

// openLog opens the event store of a stopped installation.
func (i *installation) openLog(t *testing.T) *eventstore.Store {
	t.Helper()
	node, err := eventnode.Open(eventnode.Config{Dir: filepath.Join(i.dir, "events"), Verify: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close(context.WithoutCancel(t.Context()))) })
	store, err := eventstore.Open(eventstore.Config{Socket: node.Address()})
	require.NoError(t, err)
	t.Cleanup(store.Close)
	return store
}

func registry(t *testing.T) *es.Registry {
	t.Helper()
	r, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	return r
}

// readLog reads everything.
func readLog(t *testing.T, store *eventstore.Store) eventLog {
	t.Helper()
	r := registry(t)
	var log eventLog
	for rec, err := range store.ReadAll(t.Context(), catalog.Categories(), es.Position{}) {
		require.NoError(t, err)
		env, err := r.Decode(rec)
		require.NoError(t, err)
		log = append(log, env)
	}
	require.NotEmpty(t, log)
	return log
}

// byCommand sorts the log by the commands that caused it. The access log is left
// out: what it notes of a command is not the command's own effect.
func (l eventLog) byCommand() map[id.Command][]es.Envelope {
	all := map[id.Command][]es.Envelope{}
	for _, e := range l {
		if e.Stream.Category() != accesslog.Category {
			all[e.Meta.Command] = append(all[e.Meta.Command], e)
		}
	}
	return all
}

// requireWhole proves that the log is well formed: positions ascend, each
// stream counts from 0 without a gap, no event is there twice, and what a
// command did is one unbroken piece of one stream.
func (l eventLog) requireWhole(t *testing.T) {
	t.Helper()
	next, seen := map[es.Stream]es.Revision{}, map[id.Event]bool{}
	for n, e := range l {
		require.Equal(t, next[e.Stream], e.Revision, "stream %s", e.Stream)
		require.False(t, seen[e.ID], "event %s of %s is in the log twice", e.Type, e.Stream)
		require.True(t, n == 0 || l[n-1].Position.Before(e.Position), "positions do not ascend at %s", e.Position)
		next[e.Stream]++
		seen[e.ID] = true
	}
	for command, events := range l.byCommand() {
		for n, e := range events {
			require.Equal(t, events[0].Stream, e.Stream, "command %s took effect in two streams", command)
			require.Equal(t, events[0].Revision+es.Revision(n), e.Revision, "command %s took effect twice in %s", command, e.Stream)
			require.Equal(t, events[0].Meta.Request, e.Meta.Request, "command %s took effect for two requests in %s", command, e.Stream)
		}
	}
}

// requireKept proves that what was promised to a client holds: a command that
// was acknowledged is in the log exactly where its receipt says, and one that
// was refused, or that changed nothing, is not.
func (l eventLog) requireKept(t *testing.T, promises []promise) {
	t.Helper()
	commands := l.byCommand()
	for _, p := range promises {
		events := commands[p.command]
		if p.refusal != "" || p.receipt.Outcome == "unchanged" {
			require.Empty(t, events, "%s was refused (%s) or changed nothing, but took effect", p.what, p.refusal)
			continue
		}
		require.NotEmpty(t, events, "%s was acknowledged at %s@%d and is lost", p.what, p.receipt.Stream, p.receipt.Revision)
		last := events[len(events)-1]
		require.Equal(t, p.receipt.Stream, string(last.Stream), p.what)
		require.Equal(t, p.receipt.Revision, int64(last.Revision), p.what)
		require.Equal(t, p.receipt.Position, last.Position.String(), p.what)
	}
}
