package follower_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/adapters/memstore"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/follower"
	"praxis/internal/runtest"
	"praxis/internal/stores"
)

// noted is the one event of these specs.
type noted struct{}

func registry(t testing.TB) *es.Registry {
	t.Helper()
	r, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[noted]("spec.noted", 1)})
	require.NoError(t, err)
	return r
}

// alone leads whatever others do.
type alone struct{}

func (alone) Lead(ctx context.Context, _ string, work func(context.Context)) error {
	work(ctx)
	return context.Cause(ctx)
}

// member keeps what it was handed, and its place with it, as a database would.
type member struct {
	name       string
	categories []es.Category
	// before is asked before a portion is kept; an error keeps nothing of it.
	before func(follower.Portion) error

	mu   sync.Mutex
	at   es.Position
	kept []id.Event
	ups  []es.Position
}

func (m *member) Name() string              { return m.name }
func (m *member) Categories() []es.Category { return m.categories }

func (m *member) Load(context.Context) (es.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at, nil
}

func (m *member) Take(_ context.Context, p follower.Portion) error {
	if m.before != nil {
		if err := m.before(p); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range p.Events {
		m.kept, m.at = append(m.kept, e.Recorded.ID), e.Recorded.Position
	}
	if m.at.Before(p.UpTo) {
		m.at = p.UpTo
	}
	m.ups = append(m.ups, p.UpTo)
	return nil
}

func (m *member) events() []id.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.kept)
}

// writer appends to a log.
type writer interface {
	follower.Log
	Append(ctx context.Context, s es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
}

func add(t testing.TB, log writer, c es.Category, n int) es.Position {
	t.Helper()
	metadata, err := es.Metadata{SchemaVersion: 1}.Encode()
	require.NoError(t, err)
	var last es.Appended
	for n > 0 {
		events := make([]es.Proposed, min(n, es.MaxAppendSize))
		for i := range events {
			events[i] = es.Proposed{ID: id.New[id.Event](), Type: "spec.noted", Data: []byte("{}"), Metadata: metadata}
		}
		last, err = log.Append(t.Context(), es.StreamOf(c, id.Derive[id.Group]("follower")), es.AnyRevision, events)
		require.NoError(t, err)
		n -= len(events)
	}
	return last.Position
}

// logged are the ids of the events of some categories, in order.
func logged(t testing.TB, log follower.Log, categories ...es.Category) []id.Event {
	t.Helper()
	var ids []id.Event
	for rec, err := range log.ReadAll(t.Context(), categories, es.Position{}) {
		require.NoError(t, err)
		ids = append(ids, rec.ID)
	}
	return ids
}

func follow(t testing.TB, c follower.Config, members ...*member) (stop func()) {
	t.Helper()
	c.Registry = registry(t)
	if c.Leases == nil {
		c.Leases = alone{}
	}
	var followed []follower.Member
	for _, m := range members {
		followed = append(followed, m)
		c.Categories = append(c.Categories, m.categories...)
	}
	slices.Sort(c.Categories)
	c.Categories = slices.Compact(c.Categories)
	return runtest.Start(t, func(ctx context.Context) error { return follower.Follow(ctx, c, followed...) })
}

func until(t testing.TB, m *member, want []id.Event) {
	t.Helper()
	runtest.Until(t, func(context.Context) []id.Event { return m.events() }, func(kept []id.Event) bool { return len(kept) >= len(want) })
	require.Equal(t, want, m.events())
}

// TestFoundR1_AServerAsksForThePassOnce: read models and processes that start at about
// the same place pass over another application's events together, and each is handed
// its own categories.
func TestFoundR1_AServerAsksForThePassOnce(t *testing.T) {
	const foreign = 20_000
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		store := k.Open(t)
		one, two := stores.Category(), stores.Category()
		early, late := add(t, store, one, 2), add(t, store, two, 2)
		require.NoError(t, k.Like.Foreign(t.Context(), foreign))
		add(t, store, one, 2)
		add(t, store, two, 2)
		all, ofTwo := logged(t, store, one, two), logged(t, store, two)
		k.Like.ResetTraffic()

		var members []*member
		for i := range 6 {
			m := &member{name: fmt.Sprint(i), categories: []es.Category{one, two}, at: early}
			if i%2 == 1 {
				m.categories, m.at = []es.Category{two}, late
			}
			members = append(members, m)
		}
		follow(t, follower.Config{Log: store}, members...)
		for i, m := range members {
			want := all[2:]
			if i%2 == 1 {
				want = ofTwo[2:]
			}
			until(t, m, want)
		}
		require.Equal(t, int64(1), k.Like.Traffic().Subscriptions)
		require.InDelta(t, foreign, k.Like.Traffic().Considered, 50)
		require.Equal(t, int64(6), k.Like.Traffic().Delivered)
	})
}

// A member whose events hardly ever come is told how far the others are. Were it left
// behind, the next start would pass over the log twice.
func TestFoundR1_AMemberOfRareEventsIsNotLeftBehind(t *testing.T) {
	log := memstore.New()
	busy := &member{name: "busy", categories: []es.Category{"busy"}}
	rare := &member{name: "rare", categories: []es.Category{"rare"}}
	follow(t, follower.Config{Log: log, Tick: time.Millisecond}, busy, rare)
	tail := add(t, log, "busy", 2_000)
	runtest.Until(t, func(ctx context.Context) es.Position {
		at, err := rare.Load(ctx)
		require.NoError(t, err)
		return at
	}, func(at es.Position) bool { return at == tail })
	require.Empty(t, rare.events())
}

// TestFollow_ASlowMemberHoldsBackNoOther: one that stands still, and one that takes
// each portion only when the others have long taken more.
func TestFollow_ASlowMemberHoldsBackNoOther(t *testing.T) {
	log := memstore.New()
	release := make(chan struct{})
	stuck := &member{name: "stuck", categories: []es.Category{"a"}, before: func(follower.Portion) error {
		<-release
		return nil
	}}
	quick := &member{name: "quick", categories: []es.Category{"a"}}
	follow(t, follower.Config{Log: log, BatchSize: 10}, stuck, quick)
	add(t, log, "a", 5_000)
	until(t, quick, logged(t, log, "a"))
	require.Empty(t, stuck.events())
	close(release)
	add(t, log, "a", 10)
	until(t, stuck, logged(t, log, "a"))
	until(t, quick, logged(t, log, "a"))
}

func TestFollow_OneMembersTroubleIsItsOwn(t *testing.T) {
	log := memstore.New()
	var broken, away atomic.Bool
	broken.Store(true)
	away.Store(true)
	trouble := &member{name: "trouble", categories: []es.Category{"a"}, before: func(follower.Portion) error {
		if broken.Load() {
			return errors.New("it fails")
		}
		return nil
	}}
	resting := &member{name: "resting", categories: []es.Category{"a"}, before: func(follower.Portion) error {
		if away.Load() {
			return follower.ErrNotNow
		}
		return nil
	}}
	well := &member{name: "well", categories: []es.Category{"a"}}
	var retried sync.Map
	follow(t, follower.Config{Log: log, Tick: time.Millisecond, Retried: func(name string) { retried.Store(name, true) }}, trouble, resting, well)
	add(t, log, "a", 20)
	until(t, well, logged(t, log, "a"))
	require.Empty(t, trouble.events())
	require.Empty(t, resting.events())
	broken.Store(false)
	away.Store(false)
	until(t, trouble, logged(t, log, "a"))
	until(t, resting, logged(t, log, "a"))
	_, told := retried.Load("trouble")
	require.True(t, told)
	_, told = retried.Load("resting")
	require.False(t, told, "a member that must not go on is in no trouble")
}

func TestFollow_NothingIsHandedOverWhileTheCheckFails(t *testing.T) {
	log := memstore.New()
	var refused atomic.Int64
	var fits atomic.Bool
	m := &member{name: "m", categories: []es.Category{"a"}}
	add(t, log, "a", 3)
	follow(t, follower.Config{Log: log, Check: func(context.Context) error {
		if fits.Load() {
			return nil
		}
		refused.Add(1)
		return errors.New("it is another log")
	}}, m)
	runtest.Until(t, func(context.Context) int64 { return refused.Load() }, func(n int64) bool { return n > 3 })
	require.Empty(t, m.events())
	fits.Store(true)
	until(t, m, logged(t, log, "a"))
}

func TestFollow_PreparesOnceAndAgainAfterALoss(t *testing.T) {
	log := memstore.New()
	var prepared, lost atomic.Int64
	members := []*member{{name: "a", categories: []es.Category{"a"}}, {name: "b", categories: []es.Category{"a"}}}
	members[0].before = func(p follower.Portion) error {
		if len(p.Events) > 0 && lost.CompareAndSwap(0, 1) {
			return fmt.Errorf("%w: the database was emptied", follower.ErrEndTerm)
		}
		return nil
	}
	follow(t, follower.Config{Log: log, Prepare: func(context.Context) error {
		prepared.Add(1)
		return nil
	}}, members...)
	add(t, log, "a", 3)
	for _, m := range members {
		until(t, m, logged(t, log, "a"))
	}
	require.Equal(t, int64(2), prepared.Load())
}

func TestFollow_EndsWhereWaitingCannotHelp(t *testing.T) {
	never := errors.New("the schema is newer than this program")
	c := follower.Config{
		Log: memstore.New(), Registry: registry(t), Leases: alone{}, Categories: []es.Category{"a"},
		Prepare: func(context.Context) error { return never },
		MayWait: func(err error) bool { return !errors.Is(err, never) },
	}
	require.ErrorIs(t, follower.Follow(t.Context(), c, &member{name: "m", categories: []es.Category{"a"}}), never)
	c.Log = nil
	require.ErrorContains(t, follower.Follow(t.Context(), c), "a log")
}

// returned is a lease that is given back again and again.
type returned struct{ terms *atomic.Int64 }

func (l returned) Lead(ctx context.Context, _ string, work func(context.Context)) error {
	l.terms.Add(1)
	term, end := context.WithTimeout(ctx, 20*time.Millisecond)
	defer end()
	work(term)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault.New(fault.Unavailable, "leadership_given_back", "Another leads.")
}

// Whatever fails, whenever leadership changes and however slow members are: each is
// handed every event of its categories exactly once, in order.
func TestFollow_EachEventCountsOnce(t *testing.T) {
	categories := []es.Category{"a", "b", "c"}
	rapid.Check(t, func(rt *rapid.T) {
		log := memstore.New()
		members := make([]*member, rapid.IntRange(1, 4).Draw(rt, "members"))
		for i := range members {
			mine := rapid.SliceOfNDistinct(rapid.SampledFrom(categories), 1, 3, func(c es.Category) es.Category { return c }).Draw(rt, "categories")
			faults := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 8).Draw(rt, "faults")
			m := &member{name: fmt.Sprint(i), categories: mine}
			var asked atomic.Int64
			m.before = func(follower.Portion) error {
				n := int(asked.Add(1)) - 1
				if n >= len(faults) {
					return nil
				}
				switch faults[n] {
				case 0:
					return errors.New("it fails")
				case 1:
					return follower.ErrNotNow
				case 2:
					return follower.ErrEndTerm
				}
				return nil
			}
			members[i] = m
		}
		var terms atomic.Int64
		c := follower.Config{Log: log, BatchSize: rapid.IntRange(1, 5).Draw(rt, "batch"), Tick: time.Millisecond, BatchWait: time.Millisecond, Prepare: func(context.Context) error { return nil }}
		if rapid.Bool().Draw(rt, "leadership changes") {
			c.Leases = returned{&terms}
		}
		stop := follow(t, c, members...)
		defer stop()
		for range rapid.IntRange(1, 6).Draw(rt, "appends") {
			add(t, log, rapid.SampledFrom(categories).Draw(rt, "category"), rapid.IntRange(1, 30).Draw(rt, "events"))
		}
		for _, m := range members {
			until(t, m, logged(t, log, m.categories...))
		}
	})
}
