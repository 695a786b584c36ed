// Package stores runs one test against every kind of event store that Praxis is
// meant for: the embedded node, the two likenesses of an EventStoreDB, and a real
// one if PRAXIS_TEST_EVENTSTOREDB_URL names it. It is for tests only.
package stores

import (
	"context"
	"encoding/hex"
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

// Variable names the environment variable with the connection string of a real
// server. What is tested there stays there: name one that holds nothing else.
const Variable = "PRAXIS_TEST_EVENTSTOREDB_URL"

// Kind is one kind of event store, running.
type Kind struct {
	Name string
	// Config opens a store on it.
	Config eventstore.Config
	// Like is the likeness, where it is one; nil otherwise.
	Like *likeserver.Server
	// Shared says that the log may hold what others wrote under the same names.
	Shared bool
}

// Each runs f against every kind of store, each with a log of its own but for a
// real server.
func Each(t *testing.T, f func(t *testing.T, k Kind)) {
	t.Helper()
	url, named := os.LookupEnv(Variable)
	if named {
		t.Run("a real server", func(t *testing.T) {
			f(t, Kind{Name: "server", Config: eventstore.Config{URL: url}, Shared: true})
		})
		return
	}
	t.Run("the embedded node", func(t *testing.T) {
		node, err := eventnode.Open(eventnode.Config{Dir: t.TempDir()})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, node.Close(context.WithoutCancel(t.Context()))) })
		f(t, Kind{Name: "node", Config: eventstore.Config{Socket: node.Address()}})
	})
	Likenesses(t, f)
}

// Likenesses runs f against the likenesses of an EventStoreDB only, for what needs
// their hooks.
func Likenesses(t *testing.T, f func(t *testing.T, k Kind)) {
	t.Helper()
	for _, flavour := range likeserver.Flavours {
		t.Run("in the likeness of "+string(flavour), func(t *testing.T) {
			server := likeserver.Start(t, likeserver.Config{Flavour: flavour})
			f(t, Kind{Name: string(flavour), Config: eventstore.Config{URL: server.URL()}, Like: server})
		})
	}
}

// Open opens a store for the time of a test.
func (k Kind) Open(t testing.TB) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(k.Config)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// Category returns a category that no other test uses, because a log may be shared.
func Category() es.Category {
	u := uuid.New()
	return es.Category("praxisTest" + hex.EncodeToString(u[:]))
}

// Foreign records n events of another application, and returns the position of the
// last.
func Foreign(t testing.TB, s *eventstore.Store, n int) (last es.Position) {
	t.Helper()
	stream := es.StreamOf(Category(), id.New[id.Group]())
	for n > 0 {
		events := make([]es.Proposed, min(n, es.MaxAppendSize))
		n -= len(events)
		for i := range events {
			events[i] = es.Proposed{ID: id.New[id.Event](), Type: "other.happened", Data: []byte("{}"), Metadata: []byte("{}")}
		}
		done, err := s.Append(t.Context(), stream, es.AnyRevision, events)
		require.NoError(t, err)
		last = done.Position
	}
	return last
}
