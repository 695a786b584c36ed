package projections_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/runtest"
	"praxis/internal/stores"
	"praxis/projections"
	"praxis/projections/quarantine"
)

// verified is what is found of one model.
func (b *bench) verified(name string) projections.Verification {
	b.t.Helper()
	clean := b.config()
	clean.Source = b.log // whatever the models were told, this is the log
	r, err := projections.NewRunner(clean)
	require.NoError(b.t, err)
	found, err := r.Verify(b.t.Context(), []string{name}, nil)
	require.NoError(b.t, err)
	require.Len(b.t, found, 1)
	return found[0]
}

// requireProven requires that a model holds so many events, and nothing else.
func (b *bench) requireProven(name string, events int) projections.Verification {
	b.t.Helper()
	v := b.verified(name)
	require.True(b.t, v.Proven, "%+v", v)
	require.Equal(b.t, int64(events), v.EventsApplied)
	return v
}

// tampered is a log of which a model is told some events not at all, and others twice.
type tampered struct {
	projections.Source
	dropped, doubled map[es.Position]bool
}

func (s tampered) told(at es.Position) int {
	switch {
	case s.dropped[at]:
		return 0
	case s.doubled[at]:
		return 2
	}
	return 1
}

func (s tampered) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		for rec, err := range s.Source.ReadAll(ctx, categories, after) {
			for range s.told(rec.Position) {
				if !yield(rec, err) {
					return
				}
			}
		}
	}
}

func (s tampered) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range s.Source.Subscribe(ctx, categories, after) {
			if signal.Event != nil && s.dropped[signal.Event.Position] {
				continue
			}
			if !yield(signal, err) {
				return
			}
		}
	}
}

// recorded lists the events of the log.
func (b *bench) recorded() (all []es.Recorded) {
	b.t.Helper()
	for rec, err := range b.log.ReadAll(b.t.Context(), []es.Category{b.category}, es.Position{}) {
		require.NoError(b.t, err)
		all = append(all, rec)
	}
	return all
}

func misapplied(wrong projections.Wrong, rec es.Recorded) projections.Misapplied {
	return projections.Misapplied{Wrong: wrong, Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, Type: rec.Type, ID: rec.ID, RecordedAt: rec.RecordedAt}
}

func TestVerify_ProvesWhatIsWholeOnEveryKindOfStore(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench, _ stores.Kind) {
		require.False(t, b.verified("one").Proven, "there are no rows yet")
		r := b.runner()
		stop := b.start(r.Run)
		b.waitFor(r, b.count(30))
		b.foreign(300)
		last := b.count(5)
		b.waitFor(r, last)
		require.Equal(t, last, b.requireProven("one", 35).Position)
		require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
		b.requireProven("one", 35)
		b.waitFor(r, b.count(4))
		require.NoError(t, r.Rollback(t.Context(), "one", nil))
		b.requireProven("one", 39)
		stop()
		last = b.count(3)
		b.requireProven("one", 39)
		require.NoError(t, r.Drop(t.Context(), "one_v1_old"))
		b.start(b.runner().Run)
		b.waitFor(r, last)
		b.requireProven("one", 42)
		var stretches int
		require.NoError(t, b.pool.QueryRow(t.Context(), "select count(*) from praxis.projection_digest").Scan(&stretches))
		require.Equal(t, 1, stretches, "what was kept of other builds went with them")
	}, "one")
}

// While events come, what is applied is whole at any instant.
func TestVerify_BesideALiveRun(t *testing.T) {
	b := newBench(t, "one")
	r := b.runner()
	b.start(r.Run)
	for range 20 {
		b.count(5)
		v := b.verified("one")
		require.Empty(t, v.Differences)
		require.Zero(t, v.EventsUnkept)
	}
	b.waitFor(r, b.tail())
	b.requireProven("one", 100)
}

func TestVerify_KnowsWhatIsInTheQuarantine(t *testing.T) {
	b := newBench(t, "one", "two")
	b.count(5)
	b.append(poisoned{}) // the sixth, in the first stream
	b.count(8)
	b.append(poisoned{}) // the fifteenth, behind it
	last := b.count(6)
	r := b.runner()
	b.start(r.Run)
	b.waitFor(r, last)
	e := b.parkedBy("one")
	waits := func(parked, waiting, skipped, applied int) {
		t.Helper()
		v := b.requireProven("one", applied)
		require.Equal(t, []int{parked, waiting, skipped}, []int{v.Parked, v.Waiting, v.Skipped})
	}
	waits(1, 6, 0, 15)

	require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
	runtest.Until(t, func(context.Context) quarantine.Entry { return b.parkedBy("one") }, func(e quarantine.Entry) bool { return e.Tries == 1 })
	waits(1, 6, 0, 15)

	b.waitFor(r, b.skip(e, "of no use"), "one")
	runtest.Until(t, func(context.Context) []quarantine.Entry { return b.parkedOf("one") }, func(all []quarantine.Entry) bool { return len(all) == 2 })
	waits(1, 3, 1, 17)

	b.models[0].healed.Store(true)
	for _, e := range b.parkedOf("one") {
		if e.Status == quarantine.Parked {
			require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
		}
	}
	b.released("one")
	waits(0, 0, 1, 20)
	require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
	waits(0, 0, 1, 20)

	t.Run("what is said to be left out and was applied is named", func(t *testing.T) {
		fifteenth := b.recorded()[14]
		_, err := b.pool.Exec(t.Context(), "update praxis.quarantine set event_id = $1 where follower = 'projection one_v1'", fifteenth.ID)
		require.NoError(t, err)
		v := b.verified("one")
		require.False(t, v.Proven)
		require.Len(t, v.Differences, 1)
		require.Equal(t, []projections.Misapplied{
			misapplied(projections.Missing, b.recorded()[5]), misapplied(projections.Quarantined, fifteenth),
		}, v.Differences[0].Events)
	})
}

// Of logs of any length, in transactions of any size, whatever event a model was not
// told, or was told twice, is named, and nothing else.
func TestVerify_NamesTheEvent(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	b := newBench(t, "one")
	for range 6 {
		b.reset()
		b.count(2 + random.IntN(60))
		all := b.recorded()
		one := random.IntN(len(all))
		other := (one + 1 + random.IntN(len(all)-1)) % len(all)
		first, second := all[min(one, other)], all[max(one, other)]
		at := func(list ...es.Recorded) map[es.Position]bool {
			set := map[es.Position]bool{}
			for _, rec := range list {
				set[rec.Position] = true
			}
			return set
		}
		for name, spec := range map[string]struct {
			tampered
			wrong []projections.Misapplied
			more  int
		}{
			"nothing":              {},
			"one is missing":       {tampered{dropped: at(first)}, []projections.Misapplied{misapplied(projections.Missing, first)}, -1},
			"one is there twice":   {tampered{doubled: at(second)}, []projections.Misapplied{misapplied(projections.Doubled, second)}, 1},
			"two are missing":      {tampered{dropped: at(first, second)}, []projections.Misapplied{misapplied(projections.Missing, first), misapplied(projections.Missing, second)}, -2},
			"two are there twice":  {tampered{doubled: at(first, second)}, []projections.Misapplied{misapplied(projections.Doubled, first), misapplied(projections.Doubled, second)}, 2},
			"one for another":      {tampered{dropped: at(first), doubled: at(second)}, []projections.Misapplied{misapplied(projections.Missing, first), misapplied(projections.Doubled, second)}, 0},
			"one for another, too": {tampered{doubled: at(first), dropped: at(second)}, []projections.Misapplied{misapplied(projections.Doubled, first), misapplied(projections.Missing, second)}, 0},
		} {
			what := fmt.Sprintf("%s, of %d, seed %d", name, len(all), seed)
			spec.Source = b.store
			c := b.config()
			// What is told twice is applied twice only within one transaction.
			c.Source, c.RebuildBatchSize = spec.tampered, 1_000
			if len(spec.doubled) == 0 {
				c.RebuildBatchSize = 1 + random.IntN(20)
			}
			r, err := projections.NewRunner(c)
			require.NoError(t, err)
			require.NoError(t, r.Rebuild(t.Context(), nil, nil), what)
			if spec.wrong == nil {
				b.requireProven("one", len(all))
				continue
			}
			v := b.verified("one")
			require.False(t, v.Proven, what)
			require.Len(t, v.Differences, 1, what)
			d := v.Differences[0]
			require.Equal(t, spec.wrong, d.Events, what)
			require.Equal(t, []int{len(all), len(all) + spec.more}, []int{int(d.EventsInLog), int(d.EventsApplied)}, what)
		}
	}
}

// The live run is held to the log as a rebuild is: here a subscription leaves one out.
func TestVerify_NamesWhatTheLiveRunMissed(t *testing.T) {
	b := newBench(t, "one")
	last := b.count(20)
	missed := b.recorded()[12]
	b.source = tampered{Source: b.store, dropped: map[es.Position]bool{missed.Position: true}}
	r := b.runner()
	b.start(r.Run)
	b.waitFor(r, last)
	v := b.verified("one")
	require.Equal(t, []projections.Difference{{
		UpTo: last, EventsInLog: 20, EventsApplied: 19, Events: []projections.Misapplied{misapplied(projections.Missing, missed)},
	}}, v.Differences)
	require.NoError(t, b.cleanRunner().Rebuild(t.Context(), nil, nil))
	b.requireProven("one", 20)
}

// cleanRunner reads the log as it is.
func (b *bench) cleanRunner() *projections.Runner {
	b.source = b.log
	return b.runner()
}

// sums are what is kept of the events of a model: all stretches together.
func (b *bench) sums(name string) (stretches int, total string) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), `
select count(*), sum(d.events) || ' ' || sum(d.digest) from praxis.projection_digest d join praxis.projection p on p.id = d.projection where p.build = $1`, name+"_v1").
		Scan(&stretches, &total))
	return stretches, total
}

// many records n events in two of the streams, not that of the third event.
func (b *bench) many(n int) {
	b.t.Helper()
	for n > 0 {
		events := make([]es.Proposed, min(n, es.MaxAppendSize))
		for i := range events {
			events[i] = es.Proposed{ID: id.New[id.Event](), Type: "tally.counted", Data: []byte(`{"n":1}`), Metadata: []byte(`{"schemaVersion":"1"}`)}
		}
		_, err := b.log.Append(b.t.Context(), b.stream(1+n/es.MaxAppendSize%2), es.AnyRevision, events)
		require.NoError(b.t, err)
		n -= len(events)
	}
}

// A long log is compared in stretches: each has a finding of its own, and what was parked
// long ago counts where it was recorded.
func TestVerify_OfALongLog(t *testing.T) {
	const n = 36_000
	b := newBench(t, "one", "two")
	b.size = 500
	b.count(2)
	b.append(poisoned{})
	b.many(4_238)
	b.foreign(1) // The tables refuse position 4242.
	b.many(n - 4_241)
	r := b.runner()
	stop := b.start(r.Run)
	b.waitFor(r, b.tail())
	v := b.requireProven("one", n-1)
	require.Equal(t, []int{1, 1}, []int{v.Parked, v.Waiting})
	before, _ := b.sums("one")
	require.GreaterOrEqual(t, before, 3)
	require.LessOrEqual(t, before, n/10_000+1)
	for _, m := range b.models {
		m.healed.Store(true)
	}
	for _, name := range []string{"one", "two"} {
		require.NoError(t, quarantine.Retry(t.Context(), b.pool, b.parkedBy(name).ID))
		b.released(name)
	}
	b.requireProven("one", n)
	stop()

	c := b.config()
	c.RebuildBatchSize = 5_000
	r, err := projections.NewRunner(c)
	require.NoError(t, err)
	require.NoError(t, r.Rebuild(t.Context(), []string{"two"}, nil))
	b.requireProven("two", n)
	_, live := b.sums("one")
	_, rebuilt := b.sums("two")
	require.Equal(t, live, rebuilt, "in whatever order and portions")

	all := b.recorded()
	dropped := map[es.Position]bool{}
	for _, n := range []int{7, 16_001, 16_002, 16_003, 35_000, 35_999} {
		dropped[all[n].Position] = true
	}
	c.Source = tampered{Source: b.store, dropped: dropped}
	r, err = projections.NewRunner(c)
	require.NoError(t, err)
	require.NoError(t, r.Rebuild(t.Context(), []string{"two"}, nil))
	v = b.verified("two")
	require.False(t, v.Proven)
	require.Len(t, v.Differences, 3)
	require.Equal(t, []projections.Misapplied{misapplied(projections.Missing, all[7])}, v.Differences[0].Events)
	require.Empty(t, v.Differences[1].Events, "three in one stretch are counted")
	require.Equal(t, int64(3), v.Differences[1].EventsInLog-v.Differences[1].EventsApplied)
	require.True(t, v.Differences[1].After.Before(all[16_001].Position))
	require.False(t, v.Differences[1].UpTo.Before(all[16_003].Position))
	require.Equal(t, []projections.Misapplied{misapplied(projections.Missing, all[35_000]), misapplied(projections.Missing, all[35_999])}, v.Differences[2].Events)
}

func TestVerify_OfWhatAnEarlierReleaseApplied(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	b.start(r.Run)
	b.waitFor(r, b.count(10))
	_, err := b.pool.Exec(t.Context(), "delete from praxis.projection_digest d using praxis.projection p where p.id = d.projection and p.build = 'one_v1'")
	require.NoError(t, err)
	b.waitFor(r, b.count(5))
	b.requireProven("two", 15)
	v := b.verified("one")
	require.False(t, v.Proven)
	require.Equal(t, int64(10), v.EventsUnkept)
	require.Empty(t, v.Differences, "that is no difference")
	require.NoError(t, r.Rebuild(t.Context(), []string{"one"}, nil))
	b.requireProven("one", 15)
}

func TestVerify_Of(t *testing.T) {
	b := newBench(t, "one", "two")
	r := b.runner()
	_, err := r.Verify(t.Context(), []string{"nobody"}, nil)
	requireFault(t, err, "unknown_projection")
	b.count(20)
	require.NoError(t, r.Rebuild(t.Context(), nil, nil))
	var told []projections.Progress
	found, err := r.Verify(t.Context(), nil, func(p projections.Progress) { told = append(told, p) })
	require.NoError(t, err)
	require.Equal(t, []string{"one", "two"}, []string{found[0].Name, found[1].Name})
	require.Equal(t, 40, told[len(told)-1].EventsDone)
	require.InDelta(t, 1, told[len(told)-1].Fraction, 0)
	b.store.BreakReadAfter(3, es.ErrStoreUnavailable)
	_, err = r.Verify(t.Context(), nil, nil)
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
}

// One that was deposed in the middle of applying what waits, and has not noticed, changes
// nothing once another has done it, although the checkpoint is where it was.
func TestRun_AppliesWhatWaitedOnce(t *testing.T) {
	b := newBench(t, "one")
	b.leases = anyway{}
	var trying, held atomic.Bool
	reached, goOn := make(chan struct{}), make(chan struct{})
	b.models[0].before = func(e es.Envelope) {
		if _, ok := e.Event.(poisoned); ok && trying.Load() && held.CompareAndSwap(false, true) {
			close(reached)
			<-goOn
		}
	}
	b.count(5)
	b.append(poisoned{})
	last := b.count(6)
	r := b.runner()
	b.start(r.Run)
	b.waitFor(r, last)
	e := b.parkedBy("one")
	b.models[0].healed.Store(true)
	trying.Store(true)
	require.NoError(t, quarantine.Retry(t.Context(), b.pool, e.ID))
	<-reached
	stop := b.start(b.runner().Run)
	require.Empty(t, b.released("one"))
	b.requireProven("one", 12)
	stop()
	close(goOn)
	b.waitFor(r, b.count(3))
	v := b.requireProven("one", 15)
	require.Zero(t, v.Parked+v.Waiting)
	require.Equal(t, b.folded(v.Position), b.totals("one"))
}

// A read model that holds nothing of a log that has something for it is not proven, and one
// that is behind says so.
func TestVerify_SaysWhatIsNotHeldYet(t *testing.T) {
	b := newBench(t, "one")
	r := b.runner()
	require.NoError(t, projections.Install(t.Context(), b.pool, r.Projectors...))
	require.True(t, b.verified("one").Proven, "there is nothing to hold")
	b.count(7)
	v := b.verified("one")
	require.False(t, v.Proven)
	require.Equal(t, 7, v.LagEvents)
	require.Empty(t, v.Differences)
	stop := b.start(r.Run)
	b.waitFor(r, b.count(1))
	stop()
	b.count(2)
	require.Equal(t, 2, b.requireProven("one", 8).LagEvents)
}
