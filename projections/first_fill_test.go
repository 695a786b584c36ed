package projections_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/internal/logtest"
	"praxis/internal/runtest"
	"praxis/internal/stores"
	"praxis/projections"
)

// filler is a runner for which a log of 20 events is long, and the source that it reads.
func (b *bench) filler() (*projections.Runner, *reads) {
	b.t.Helper()
	source := &reads{Source: b.log}
	b.source = source
	c := b.config()
	c.FillFrom = 20
	r, err := projections.NewRunner(c)
	require.NoError(b.t, err)
	return r, source
}

// requireLive requires that a runner goes on with what comes, and that nothing else is left.
func (b *bench) requireLive(r *projections.Runner) {
	b.t.Helper()
	last := b.count(5)
	b.waitFor(r, last)
	states := map[string]projections.State{}
	for _, m := range b.models {
		b.requireExact(m.name, last)
		states[m.name+"_v1"] = projections.Running
	}
	b.untilFilled(r)
	for _, m := range b.models {
		require.True(b.t, b.verified(m.name).Proven)
	}
	require.Equal(b.t, states, b.states(r))
	require.NoError(b.t, r.Ready(b.t.Context()))
}

// untilFilled waits until a first fill has cleared away after itself.
func (b *bench) untilFilled(r *projections.Runner) {
	b.t.Helper()
	runtest.Until(b.t, func(context.Context) map[string]projections.State { return b.states(r) }, func(states map[string]projections.State) bool {
		for build := range states {
			if strings.HasSuffix(build, "_old") || strings.HasSuffix(build, "_next") {
				return false
			}
		}
		return true
	})
}

func TestFoundW5_WhatHoldsNothingIsFilledByOnePassForAll(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench, _ stores.Kind) {
		b.foreign(30)
		last := b.count(60)
		h := &heard{}
		b.observer = h
		r, source := b.filler()
		stop := b.start(r.Run)
		b.waitFor(r, last)
		require.Empty(t, h.applied, "the live run applied none of them")
		require.Less(t, source.given.Load(), int64(60+2*20), "one look at how many there are, and one pass")
		b.requireExact("one", last)
		b.requireLive(r)
		require.Equal(t, map[string]int{"one": 5, "two": 5, "three": 5}, h.applied)

		t.Run("and so is a raised version, alone", func(t *testing.T) {
			stop()
			b.models[0].version = 2
			h := &heard{}
			b.observer = h
			r, _ := b.filler()
			b.start(r.Run)
			b.waitFor(r, last)
			require.Empty(t, h.applied)
			b.untilFilled(r)
			require.Equal(t, projections.Running, b.states(r)["one_v2"])
			last = b.count(1)
			b.waitFor(r, last)
			b.requireExact("one", last)
		})
	}, "one", "two", "three")
}

func TestFirstFill_OfAShortLogIsTheLiveRun(t *testing.T) {
	b := newBench(t, "one")
	last := b.count(19)
	h := &heard{}
	b.observer = h
	r, _ := b.filler()
	b.start(r.Run)
	b.waitFor(r, last)
	require.Equal(t, map[string]int{"one": 19}, h.applied)
	b.requireLive(r)
}

func TestFirstFill_GoesOnWhereItWasEnded(t *testing.T) {
	b := newBench(t, "one", "two")
	b.count(60)
	for _, after := range []uint64{35, 55} {
		ctx, cancel := context.WithCancel(t.Context())
		b.models[0].before = func(e es.Envelope) {
			if e.Position.Commit == after {
				cancel()
			}
		}
		r, _ := b.filler()
		require.NoError(t, r.Run(ctx))
		require.Equal(t, projections.Running, b.states(r)["one_v1"])
		require.Equal(t, projections.Building, b.states(r)["one_v1_next"])
		require.Empty(t, b.totals("one"), "readers see nothing until everything is there")
	}
	first := uint64(0)
	b.models[0].before = func(e es.Envelope) {
		if first == 0 {
			first = e.Position.Commit
		}
	}
	r, _ := b.filler()
	b.start(r.Run)
	b.requireLive(r)
	require.Equal(t, uint64(51), first, "what was committed is not done again")
}

func TestFirstFill_ByOneOfTwoServers(t *testing.T) {
	b := newBench(t, "one", "two", "three")
	last := b.count(60)
	h := &heard{}
	b.observer = h
	one, of := b.filler()
	other, and := b.filler()
	b.start(one.Run)
	b.start(other.Run)
	b.waitFor(one, last)
	require.Empty(t, h.applied)
	require.Less(t, of.given.Load()+and.given.Load(), int64(60+3*20))
	b.requireLive(one)
	require.NoError(t, other.Ready(t.Context()))
}

func TestFirstFill_ParksWhatCannotBeApplied(t *testing.T) {
	b := newBench(t, "one", "two")
	b.count(25)
	b.append(refused{})
	last := b.count(30)
	b.models[1].healed.Store(true)
	r, _ := b.filler()
	b.start(r.Run)
	b.waitFor(r, last)
	b.untilFilled(r)
	b.requireExact("two", last)
	entry := b.parkedBy("one_v1")
	require.Equal(t, b.stream(26), entry.Stream)
	require.Equal(t, int64(10), entry.Waiting)
	f := requireFault(t, r.Ready(t.Context()), "events_quarantined")
	require.Equal(t, map[string]string{"one": "1 stream waits"}, f.Details)

	b.models[0].healed.Store(true)
	require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
	last = b.count(2)
	b.waitFor(r, last)
	b.requireSame("one", "two")
}

func TestFirstFill_LeavesWhatTheDatabaseRefusesToTheLiveRun(t *testing.T) {
	b := newBench(t, "one", "two")
	last := b.count(60)
	require.NoError(t, projections.Install(t.Context(), b.pool, b.config().Projectors...))
	b.models[0].before = func(es.Envelope) {
		// The tables go away, whoever makes them.
		_, err := b.pool.Exec(context.WithoutCancel(t.Context()), "drop table if exists one_v1.seen cascade; drop table if exists one_v1_next.seen cascade")
		require.NoError(t, err)
	}
	r, _ := b.filler()
	b.start(r.Run)
	b.waitFor(r, last, "two")
	b.requireExact("two", last)
	b.until(r, "one", projections.Stopped)
}

func TestFirstFill_ReadinessSaysHowFarItIs(t *testing.T) {
	b := newBench(t, "one")
	last := b.count(60)
	logs := &logtest.Buffer{}
	goOn, isThere := make(chan struct{}), make(chan struct{})
	b.models[0].before = func(e es.Envelope) {
		if e.Position.Commit == 31 {
			close(isThere)
			<-goOn
		}
	}
	c := b.config()
	c.FillFrom, c.Logger = 20, slog.New(slog.NewTextHandler(logs, nil))
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	b.start(r.Run)
	<-isThere
	f := requireFault(t, r.Ready(t.Context()), "read_models_filling")
	at := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC).Format(time.RFC3339)
	require.Equal(t, map[string]string{"one": "being filled: it has 30 events so far, up to those of " + at}, f.Details)
	requireFault(t, r.Rebuild(t.Context(), nil, nil), "rebuild_in_progress")
	close(goOn)
	b.waitFor(r, last)
	b.requireExact("one", last)
	b.requireLive(r)
	require.Equal(t, 1, strings.Count(logs.String(), "are filled from the log"))
}
