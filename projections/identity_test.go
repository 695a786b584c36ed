package projections_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
)

// refusing is a check that refuses until it is released, and says that it was asked.
type refusing struct {
	asked    chan struct{}
	released chan struct{}
}

func newRefusing() refusing {
	return refusing{asked: make(chan struct{}, 100), released: make(chan struct{})}
}

func (c refusing) check(context.Context) error {
	select {
	case <-c.released:
		return nil
	default:
	}
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return errors.New("another log")
}

func TestFoundW1_NothingIsAppliedFromALogThatIsRefused(t *testing.T) {
	b := newBench(t, "one")
	last := b.count(10)
	c := newRefusing()
	config := b.config()
	config.Check = c.check
	r, err := projections.NewRunner(config)
	require.NoError(t, err)
	b.start(r.Run)
	<-c.asked
	<-c.asked
	require.Empty(t, b.totals("one"))
	close(c.released)
	b.waitFor(r, last)
	b.requireExact("one", last)
}

func TestFoundW1_ACheckpointKeepsTheLastEventThatItCovers(t *testing.T) {
	b := newBench(t, "one")
	kept := func() (m es.Mark) {
		var event *id.Event
		require.NoError(t, b.pool.QueryRow(t.Context(), `select coalesce(event_commit, 0), coalesce(event_prepare, 0), event_id from praxis.projection where name = 'one'`).
			Scan(&m.Position.Commit, &m.Position.Prepare, &event))
		if event != nil {
			m.ID = *event
		}
		return m
	}
	last := func() (m es.Mark) {
		for rec, err := range b.store.ReadAll(t.Context(), []es.Category{category}, es.Position{}) {
			require.NoError(t, err)
			m = rec.Mark()
		}
		return m
	}
	r := b.runner()
	stop := b.start(r.Run)
	b.waitFor(r, b.foreign(3))
	require.True(t, kept().IsZero(), "a stretch without events has none")
	b.waitFor(r, b.count(20))
	require.Equal(t, last(), kept())
	b.waitFor(r, b.foreign(3))
	require.Equal(t, last(), kept(), "the checkpoint moved on, and the last event is the same")
	stop()
	require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
	require.Equal(t, last(), kept())
}
