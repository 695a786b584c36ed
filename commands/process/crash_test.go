package process_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/processtest"
	"praxis/internal/runtest"
)

// mortalJournal dies before it is asked for anything, too.
type mortalJournal struct{ processtest.MortalJournal }

func newMortalJournal(j process.Journal, k *processtest.Killer) mortalJournal {
	return mortalJournal{processtest.MortalJournal{Journal: j, Killer: k}}
}

func (j mortalJournal) Register(ctx context.Context, p string, at es.Position) error {
	if err := j.Killer.At("before register"); err != nil {
		return err
	}
	return j.Journal.Register(ctx, p, at)
}

func (j mortalJournal) Load(ctx context.Context, p string) (process.Checkpoint, bool, error) {
	if err := j.Killer.At("before load"); err != nil {
		return process.Checkpoint{}, false, err
	}
	return j.Journal.Load(ctx, p)
}

func (j mortalJournal) Due(ctx context.Context, p string, by time.Time, of id.Group) (process.Timer, bool, error) {
	if err := j.Killer.At("before a timer"); err != nil {
		return process.Timer{}, false, err
	}
	return j.Journal.Due(ctx, p, by, of)
}

// mortal makes a process's commands die before they are sent or after they were
// carried out.
func mortal(p process.Process, k *processtest.Killer) process.Process {
	return given(p, func(give giving) giving {
		return func(ctx context.Context, call commands.Call) error {
			if err := k.At("before a command"); err != nil {
				return err
			}
			err := give(ctx, call)
			if dead := k.At("after a command"); dead != nil {
				return dead
			}
			return err
		}
	})
}

// mortalSource dies between the signals of the subscription.
type mortalSource struct {
	process.Source
	k *processtest.Killer
}

func (s mortalSource) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range s.Source.Subscribe(ctx, categories, after) {
			if dead := s.k.At("in the subscription"); dead != nil {
				err = dead
			}
			if !yield(signal, err) || err != nil {
				return
			}
		}
	}
}

// live runs the processes until they are settled, or until they are killed at
// the n-th place. It reports whether they were killed, and where.
func (h *house) live(n int) (killed bool, where string) {
	h.t.Helper()
	k := processtest.NewKiller(n)
	r := h.runner(func(c *process.Config) {
		c.Journal = newMortalJournal(c.Journal, k)
		c.Leases = processtest.Leads{}
		c.Source = mortalSource{c.Source, k}
		c.Processes[0] = mortal(c.Processes[0], k)
	})
	watcher := h.runner(nil)
	stop := runtest.Start(h.t, k.Mortal(r.Run))
	h.until(watcher, func(s process.Status) bool { return k.Died() || h.Settled(s) })
	stop()
	return k.Died(), k.Where()
}

// script is a history that people make before the processes run.
type script []struct {
	pause   time.Duration
	archive bool
}

func (h *house) play(s script) {
	h.t.Helper()
	var charts []id.Chart
	for _, act := range s {
		h.Pass(act.pause)
		if act.archive && len(charts) > 0 {
			h.archive(charts[0])
			charts = charts[1:]
			continue
		}
		charts = append(charts, h.open())
	}
	h.Pass(40 * day)
}

func TestProcess_KilledAnywhereItGoesOnWithoutDoubling(t *testing.T) {
	pool := database(t)
	history := script{{}, {pause: 10 * day}, {pause: 5 * day, archive: true}}

	whole := newHouse(t, pool)
	whole.play(history)
	whole.live(never)
	log, kept := whole.Log(), whole.kept()
	require.Len(t, log, 9, "founding, a grant, two charts, one by hand; the other quiet and archived")

	places := map[string]bool{}
	for n := 0; ; n++ {
		h := newHouse(t, pool)
		h.play(history)
		killed, where := h.live(n)
		if !killed {
			require.Greater(t, n, 25, "there are more places than that")
			break
		}
		places[where] = true
		h.live(never)
		require.Equal(t, log, h.Log(), "killed at place %d, %s", n, where)
		require.Equal(t, kept, h.kept(), "killed at place %d, %s", n, where)
	}
	for _, where := range []string{
		"before register", "before load", "in the subscription", "before a timer",
		"before a command", "after a command", "before commit", "after commit",
	} {
		require.True(t, places[where], where)
	}
}

func TestProcess_ManyDeathsLeadToTheSameLogAsNone(t *testing.T) {
	pool := database(t)
	rapid.Check(t, func(rt *rapid.T) {
		var history script
		for range rapid.IntRange(1, 6).Draw(rt, "acts") {
			history = append(history, struct {
				pause   time.Duration
				archive bool
			}{
				time.Duration(rapid.Int64Range(0, int64(40*day)).Draw(rt, "pause")),
				rapid.Bool().Draw(rt, "archive"),
			})
		}
		deaths := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 8).Draw(rt, "deaths")

		whole := newHouse(t, pool)
		whole.play(history)
		whole.live(never)
		log, kept := whole.Log(), whole.kept()

		h := newHouse(t, pool)
		h.play(history)
		for _, n := range deaths {
			h.live(n)
		}
		h.live(never)
		if got := h.Log(); !slices.Equal(log, got) {
			rt.Fatalf("the log of a life with deaths differs:\n%v\n%v", log, got)
		}
		if got := h.kept(); !slices.Equal(kept, got) {
			rt.Fatalf("the journal of a life with deaths differs:\n%v\n%v", kept, got)
		}
	})
}
