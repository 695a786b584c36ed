package projections_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/projections"
)

func TestRun_OneLeads(t *testing.T) {
	t.Run("a second runner stands by and takes over when the first ends", func(t *testing.T) {
		b := newBench(t, "one")
		first, second := &heard{}, &heard{}
		b.observer = first
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(10))

		b.observer = second
		standby := b.runner()
		b.start(standby.Run)
		b.waitFor(standby, b.count(10))
		require.Empty(t, second.applied)
		stop()
		last := b.count(10)
		b.waitFor(standby, last)
		b.requireExact("one", last)
		require.Equal(t, map[string]int{"one": 20}, first.applied)
		second.mu.Lock()
		defer second.mu.Unlock()
		require.Equal(t, map[string]int{"one": 10}, second.applied)
	})

	t.Run("a leader that loses its lock stops, and one of them goes on", func(t *testing.T) {
		b := newBench(t, "one")
		r, other := b.runner(), b.runner()
		b.start(r.Run)
		b.start(other.Run)
		for range 3 {
			b.waitFor(r, b.count(10))
			b.depose(t.Context())
		}
		last := b.count(10)
		b.waitFor(r, last)
		b.requireExact("one", last)
	})

	t.Run("runners that all believe to lead apply each event exactly once", func(t *testing.T) {
		b := newBench(t, "one", "two")
		b.size = 2
		var runners []*projections.Runner
		for range 3 {
			b.leases = anyway{}
			r := b.runner()
			runners = append(runners, r)
			b.start(r.Run)
		}
		last := b.count(150)
		for _, r := range runners {
			b.waitFor(r, last)
		}
		b.requireExact("one", last)
		b.requireExact("two", last)
	})

	t.Run("a deposed leader that wakes up in the middle of a batch changes nothing", func(t *testing.T) {
		b := newBench(t, "one")
		last := b.count(10)
		reached, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		sleepy := newTally("one")
		sleepy.before = func(es.Envelope) {
			once.Do(func() {
				close(reached)
				<-release
			})
		}
		c := b.config()
		c.Projectors, c.Leases = []projections.Projector{sleepy}, anyway{}
		deposed, err := projections.NewRunner(c)
		require.NoError(t, err)
		b.start(deposed.Run)
		<-reached

		r := b.runner()
		b.start(r.Run)
		b.waitFor(r, last)
		close(release)
		last = b.count(10)
		b.waitFor(deposed, last)
		b.requireExact("one", last)
	})
}

// anyway leads without holding the lock of the leader, as a process does that was
// deposed and has not noticed.
type anyway struct{}

func (anyway) Lead(ctx context.Context, _ string, work func(context.Context)) error {
	work(ctx)
	return context.Cause(ctx)
}

func TestRun_FailsWhereWaitingCannotHelp(t *testing.T) {
	b := newBench(t, "one")
	_, err := b.pool.Exec(t.Context(), "drop table praxis.projection cascade")
	require.NoError(t, err)
	require.ErrorContains(t, b.runner().Run(b.within()), "praxis.projection")
}

func TestNewRunner_RefusesWhatCannotWork(t *testing.T) {
	b := newBench(t, "one")
	twin := newTally("other")
	for name, spec := range map[string]struct {
		change func(*projections.Config)
		says   string
	}{
		"no pool":         {func(c *projections.Config) { c.Pool = nil }, "needs a pool"},
		"no categories":   {func(c *projections.Config) { c.Categories = nil }, "needs the categories"},
		"two of one name": {func(c *projections.Config) { c.Projectors = append(c.Projectors, newTally("one")) }, "two projections"},
		"version 0":       {func(c *projections.Config) { twin.version = 0; c.Projectors = append(c.Projectors, twin) }, "first version is 1"},
		"a name to quote": {func(c *projections.Config) { c.Projectors = append(c.Projectors, newTally(`a"b`)) }, "identifier"},
	} {
		t.Run(name, func(t *testing.T) {
			c := b.config()
			spec.change(&c)
			_, err := projections.NewRunner(c)
			require.ErrorContains(t, err, spec.says)
		})
	}
}
