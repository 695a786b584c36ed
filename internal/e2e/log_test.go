package e2e_test

import (
	"context"
	"fmt"
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
	if i.store != "" {
		store, err := eventstore.Open(eventstore.Config{URL: i.store})
		require.NoError(t, err)
		t.Cleanup(store.Close)
		return store
	}
	return openNode(t, eventnode.Config{Dir: filepath.Join(i.dir, "events"), Verify: true, Logger: slog.New(slog.DiscardHandler)})
}

// openNode runs a node in this process and opens its store.
func openNode(t *testing.T, c eventnode.Config) *eventstore.Store {
	t.Helper()
	node, err := eventnode.Open(c)
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

// checkWhole says what is wrong with the log as such: positions ascend, each
// stream counts from 0 without a gap, no event is there twice, and what a
// command did is one unbroken piece of one stream, done for one request.
func (l eventLog) checkWhole() error {
	next, seen := map[es.Stream]es.Revision{}, map[id.Event]bool{}
	for n, e := range l {
		switch {
		case e.Revision != next[e.Stream]:
			return fmt.Errorf("stream %s has revision %d where %d should be", e.Stream, e.Revision, next[e.Stream])
		case seen[e.ID]:
			return fmt.Errorf("event %s of %s is in the log twice", e.Type, e.Stream)
		case n > 0 && !l[n-1].Position.Before(e.Position):
			return fmt.Errorf("positions do not ascend at %s", e.Position)
		}
		next[e.Stream]++
		seen[e.ID] = true
	}
	for command, events := range l.byCommand() {
		first := events[0]
		for n, e := range events {
			if e.Stream != first.Stream || e.Revision != first.Revision+es.Revision(n) || e.Meta.Request != first.Meta.Request {
				return fmt.Errorf("command %s took effect at %s@%d and again at %s@%d", command, first.Stream, first.Revision, e.Stream, e.Revision)
			}
		}
	}
	return nil
}

// checkKept says which promise to a client was broken: a command that was
// acknowledged is in the log exactly where its receipt says, and one that was
// refused is not.
func (l eventLog) checkKept(promises []promise) error {
	commands := l.byCommand()
	for _, p := range promises {
		events := commands[p.command]
		switch {
		case !p.hasEffect() && len(events) == 0:
		case !p.hasEffect():
			return fmt.Errorf("%s was answered with %q, but took effect", p.what, p.refusal+p.receipt.Outcome)
		case len(events) == 0:
			return fmt.Errorf("%s was acknowledged at %s@%d and is lost", p.what, p.receipt.Stream, p.receipt.Revision)
		default:
			last := events[len(events)-1]
			if string(last.Stream) != p.receipt.Stream || int64(last.Revision) != p.receipt.Revision || last.Position.String() != p.receipt.place() {
				return fmt.Errorf("%s was acknowledged at %s@%d (%s) and is at %s@%d (%s)", p.what,
					p.receipt.Stream, p.receipt.Revision, p.receipt.Position, last.Stream, last.Revision, last.Position)
			}
		}
	}
	return nil
}
