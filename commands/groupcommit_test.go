package commands_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// held is a store whose first append to access logs waits until it is let go.
type held struct {
	commands.Store
	mu      sync.Mutex
	appends []int
	entered chan struct{}
	release chan struct{}
}

func (h *held) Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error) {
	if stream.Category() == accesslog.Category {
		h.mu.Lock()
		h.appends = append(h.appends, len(events))
		first := len(h.appends) == 1
		h.mu.Unlock()
		if first {
			close(h.entered)
			<-h.release
		}
	}
	return h.Store.Append(ctx, stream, expected, events)
}

// engineOn is an engine on another store.
func (p *practice) engineOn(s commands.Store) *commands.Engine {
	config := p.config()
	config.Store = s
	return commands.NewEngine(config)
}

// viewing is what the gate lets pass of the owner's look at the roster.
func (p *practice) viewing() (commands.Call, commands.Viewing) {
	p.t.Helper()
	call := p.by(p.owner)
	call.Viewing = &commands.Viewing{}
	_, err := p.engine.Admit(p.ctx(), call, commands.Question{Action: "roster.list", Capability: access.RosterView, Target: "roster"})
	require.NoError(p.t, err)
	require.True(p.t, call.Viewing.Admitted)
	return call, *call.Viewing
}

func TestConcurrentViewsShareAppends(t *testing.T) {
	p := newPractice(t)
	store := &held{Store: p.store, entered: make(chan struct{}), release: make(chan struct{})}
	p.engine = p.engineOn(store)
	call, by := p.viewing()
	const readers = 150
	done := make(chan error, readers+1)
	look := func() {
		done <- p.engine.RecordView(p.ctx(), call, by, accesslog.RecordsViewed{Operation: "listCharts", Section: "charts"})
	}
	go look()
	<-store.entered
	for range readers {
		go look()
	}
	require.Eventually(t, func() bool { return p.engine.ViewsWaiting() == readers }, 10*time.Second, time.Millisecond)
	select {
	case err := <-done:
		require.NoError(t, err)
		require.Fail(t, "nobody is told before their record is appended")
	default:
	}
	close(store.release)
	for range readers + 1 {
		require.NoError(t, <-done)
	}
	require.Equal(t, []int{2, es.MaxAppendSize, readers - es.MaxAppendSize}, store.appends, "the sign-in and the first view; then what waited, as much as one append takes")
	require.Zero(t, p.engine.ViewsWaiting())
}

func TestWhoIsNotRecordedIsToldSo(t *testing.T) {
	p := newPractice(t)
	notRecorded := fault.New(fault.Unavailable, "access_not_recorded", "")
	call, by := p.viewing()
	t.Run("without a gate that was passed", func(t *testing.T) {
		require.ErrorIs(t, p.engine.RecordView(p.ctx(), call, commands.Viewing{}, accesslog.RecordsViewed{}), notRecorded)
	})
	t.Run("when the reader waits no longer", func(t *testing.T) {
		store := &held{Store: p.store, entered: make(chan struct{}), release: make(chan struct{})}
		engine := p.engineOn(store)
		ctx, cancel := context.WithCancel(p.ctx())
		go func() { <-store.entered; cancel() }()
		require.ErrorIs(t, engine.RecordView(ctx, call, by, accesslog.RecordsViewed{}), notRecorded)
		close(store.release)
	})
	t.Run("a chart that is asked for is decided about by itself, and only if it is seen", func(t *testing.T) {
		call := p.by(p.owner)
		call.Viewing = &commands.Viewing{Chart: id.New[id.Chart]()}
		_, err := p.engine.Admit(p.ctx(), call, commands.Question{Action: "chart.get", Capability: access.RosterView, Target: "roster"})
		require.NoError(t, err)
		require.False(t, call.Viewing.OfChart, "there is no such chart")
		require.Equal(t, "role:owner/group", call.Viewing.Decision.Rule)
	})
}
