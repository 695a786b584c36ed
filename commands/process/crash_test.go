package process_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// killer kills a runner at the n-th of the places at which it touches the world.
// From then on nothing that it does reaches anything, as after kill -9.
type killer struct {
	mu   sync.Mutex
	left int
	kill context.CancelFunc
	dead bool
	// where is the place of death.
	where string
}

var errKilled = fault.New(fault.Unavailable, "killed", "The process was killed.")

// at passes a place; it returns an error at the place of death and ever after.
func (k *killer) at(where string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return errKilled
	}
	if k.left--; k.left < 0 {
		k.dead, k.where = true, where
		k.kill()
		return errKilled
	}
	return nil
}

func (k *killer) died() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

// mortalJournal is the journal as a runner that is to be killed sees it. A
// commit dies before or after it is kept.
type mortalJournal struct {
	process.Journal
	k *killer
}

func (j mortalJournal) Lead(ctx context.Context, work func(context.Context)) error {
	work(ctx)
	return ctx.Err()
}

func (j mortalJournal) Register(ctx context.Context, p string, at es.Position) error {
	if err := j.k.at("before register"); err != nil {
		return err
	}
	return j.Journal.Register(ctx, p, at)
}

func (j mortalJournal) Load(ctx context.Context, p string) (process.Checkpoint, bool, error) {
	if err := j.k.at("before load"); err != nil {
		return process.Checkpoint{}, false, err
	}
	return j.Journal.Load(ctx, p)
}

func (j mortalJournal) Due(ctx context.Context, p string, by time.Time) (process.Timer, bool, error) {
	if err := j.k.at("before a timer"); err != nil {
		return process.Timer{}, false, err
	}
	return j.Journal.Due(ctx, p, by)
}

func (j mortalJournal) Commit(ctx context.Context, p string, from process.Checkpoint, s process.Step) (process.Checkpoint, error) {
	if err := j.k.at("before commit"); err != nil {
		return process.Checkpoint{}, err
	}
	at, err := j.Journal.Commit(ctx, p, from, s)
	if err == nil {
		err = j.k.at("after commit")
	}
	return at, err
}

// mortal makes a process's commands die before they are sent or after they were
// carried out.
func mortal(p process.Process, k *killer) process.Process {
	carry := p.Carry
	p.Carry = func(ctx context.Context, call commands.Call, command any) error {
		if err := k.at("before a command"); err != nil {
			return err
		}
		err := carry(ctx, call, command)
		if dead := k.at("after a command"); dead != nil {
			return dead
		}
		return err
	}
	return p
}

// mortalSource dies between the signals of the subscription.
type mortalSource struct {
	process.Source
	k *killer
}

func (s mortalSource) Subscribe(ctx context.Context, categories []es.Category, after es.Position) es.Feed {
	return func(yield func(es.Signal, error) bool) {
		for signal, err := range s.Source.Subscribe(ctx, categories, after) {
			if dead := s.k.at("in the subscription"); dead != nil {
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
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	k := &killer{left: n, kill: cancel}
	r := h.runner(func(c *process.Config) {
		c.Journal = mortalJournal{c.Journal, k}
		c.Source = mortalSource{c.Source, k}
		c.Processes[0] = mortal(c.Processes[0], k)
	})
	watcher := h.runner(nil)
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	h.until(watcher, func(s process.Status) bool { return k.died() || settled(h.now())(s) })
	cancel()
	require.NoError(h.t, <-done)
	return k.died(), k.where
}

const never = 1 << 30

// script is a history that people make before the processes run.
type script []struct {
	pause   time.Duration
	archive bool
}

func (h *house) play(s script) {
	h.t.Helper()
	var charts []id.Chart
	for _, act := range s {
		h.pass(act.pause)
		if act.archive && len(charts) > 0 {
			h.archive(charts[0])
			charts = charts[1:]
			continue
		}
		charts = append(charts, h.open())
	}
	h.pass(40 * day)
}

func TestProcess_KilledAnywhereItGoesOnWithoutDoubling(t *testing.T) {
	pool := database(t)
	history := script{{}, {pause: 10 * day}, {pause: 5 * day, archive: true}}

	whole := newHouse(t, pool)
	whole.play(history)
	whole.live(never)
	log, kept := whole.log(), whole.kept()
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
		require.Equal(t, log, h.log(), "killed at place %d, %s", n, where)
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
		log, kept := whole.log(), whole.kept()

		h := newHouse(t, pool)
		h.play(history)
		for _, n := range deaths {
			h.live(n)
		}
		h.live(never)
		if got := h.log(); !slices.Equal(log, got) {
			rt.Fatalf("the log of a life with deaths differs:\n%v\n%v", log, got)
		}
		if got := h.kept(); !slices.Equal(kept, got) {
			rt.Fatalf("the journal of a life with deaths differs:\n%v\n%v", kept, got)
		}
	})
}
