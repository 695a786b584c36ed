package process_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	skipped "praxis/domain/quarantine"
	"praxis/internal/logtest"
	"praxis/internal/processtest"
	"praxis/internal/runtest"
	"praxis/projections/quarantine"
)

// other is a process that only watches; it must go on whatever happens to the
// caretaker.
func other(seen *atomic.Int64) process.Process {
	return process.Process{Name: "other", Categories: []es.Category{chart.Category}, OnEvent: func(env es.Envelope) ([]process.Effect, error) {
		seen.Add(1)
		return nil, nil
	}}
}

func TestFoundW4_PoisonParksOnePracticeOfOneProcess(t *testing.T) {
	pool := database(t)
	secret := errors.New("the name of a patient, which must not be kept")
	for name, spec := range map[string]struct {
		sicken func(p *process.Process)
		code   string
		timer  bool
	}{
		"an error of a reaction": {func(p *process.Process) {
			p.OnEvent = func(es.Envelope) ([]process.Effect, error) { return nil, secret }
		}, "process_failed", false},
		"a fault keeps its code": {func(p *process.Process) {
			p.OnEvent = func(es.Envelope) ([]process.Effect, error) { return nil, fault.New(fault.Internal, "torn", "No.") }
		}, "torn", false},
		"a panic of a reaction":      {func(p *process.Process) { p.OnEvent = func(es.Envelope) ([]process.Effect, error) { panic(secret) } }, "process_panicked", false},
		"a command nobody can place": {func(p *process.Process) { p.OnEvent = always(archive(nil, id.Group{}, id.Chart{})) }, "todo_malformed", false},
		"a timer without a key": {func(p *process.Process) {
			p.OnEvent = always(process.SetTimer{Group: id.New[id.Group](), Due: founded})
		}, "todo_malformed", false},
		"a command that fails unforeseen": {func(p *process.Process) { *p = given(*p, broken(secret)) }, "process_failed", true},
		"an error when a timer fires": {func(p *process.Process) {
			p.OnTimer = func(process.Timer) ([]process.Effect, error) { return nil, secret }
		}, "process_failed", true},
		"a timer of a process without Fire": {func(p *process.Process) { p.OnTimer = nil }, "todo_malformed", true},
		"a timer that would fire for ever":  {func(p *process.Process) { p.OnTimer = again }, "todo_malformed", true},
		"a panic of what carries a command": {func(p *process.Process) {
			*p = given(*p, func(giving) giving { return func(context.Context, commands.Call) error { panic(secret) } })
		}, "process_panicked", true},
		"a command without anyone to carry it": {func(p *process.Process) { *p = given(*p, func(giving) giving { return nil }) }, "todo_malformed", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, pool)
			c := h.open()
			h.Pass(30 * day)
			log := h.Log()
			var seen atomic.Int64
			sick := caretaker(h.newEngine())
			spec.sicken(&sick)
			r := h.runner(func(c *process.Config) { c.Processes = []process.Process{sick, other(&seen)} })
			stop := h.start(r)
			h.until(r, func(s process.Status) bool {
				return s.Name == "caretaker" && s.Parked == 1 || s.Name == "other" && s.CaughtUp
			})
			stop()
			p := h.parked()
			require.Equal(t, spec.code, p.Failure.Code)
			require.Equal(t, h.Now(), p.Failure.At)
			require.NotContains(t, p.Failure.String(), "patient")
			require.Equal(t, h.Group, p.Group)
			if spec.timer {
				require.Equal(t, "quiet:"+c.String(), p.Failure.Timer)
			} else {
				require.Equal(t, "chart.created", p.Failure.Event)
				require.Equal(t, chart.Stream(h.Group, c), p.Failure.Stream)
			}
			unready := r.Ready(t.Context())
			require.Equal(t, "events_quarantined", fault.From(unready).Code)
			require.Equal(t, map[string]string{"caretaker": "1 practice waits"}, fault.From(unready).Details)
			require.Positive(t, seen.Load(), "the other process goes on")
			require.Equal(t, log, h.Log(), "nothing was done")

			healed := h.runner(nil)
			h.start(healed)
			require.NoError(t, quarantine.Retry(t.Context(), h.Pool, p.ID))
			h.until(healed, func(s process.Status) bool { return s.Parked == 0 && h.Settled(s) })
			require.NoError(t, healed.Ready(t.Context()))
			require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
		})
	}
}

func TestFoundO2_WhatAProcessPanickedOnAndWhereIsKeptAndLogged(t *testing.T) {
	h := newHouse(t, database(t))
	h.open()
	logs := &logtest.Buffer{}
	r := h.runner(func(c *process.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(logs, nil))
		c.Processes[0].OnEvent = func(env es.Envelope) ([]process.Effect, error) {
			return nil, env.Event.(error) //nolint:forcetypeassert // The defect of this spec.
		}
	})
	stop := h.start(r)
	h.until(r, func(s process.Status) bool { return s.Parked == 1 })
	stop()
	p := h.parked()
	f := p.Failure
	require.Equal(t, "process_panicked", f.Code)
	require.Equal(t, "panic: interface conversion: chart.Created is not error: missing method Error", f.Cause)
	require.Regexp(t, `^praxis/commands/process_test\.TestFoundO2\S+ \(fault_test\.go:\d+\)\n`, f.Stack, "the place of the defect comes first")
	require.Contains(t, f.String(), "@0) Cause: panic: interface conversion")
	require.Contains(t, logs.String(), f.Cause)
	require.Contains(t, logs.String(), `"stack":"praxis/commands/process_test.TestFoundO2`)

	failing := h.runner(func(c *process.Config) {
		c.Processes[0].OnEvent = func(es.Envelope) ([]process.Effect, error) {
			return nil, fault.New(fault.Internal, "torn", "No.").Because(errors.New("the name of a patient"))
		}
	})
	require.NoError(t, quarantine.Retry(t.Context(), h.Pool, p.ID))
	h.start(failing)
	f = runtest.Until(t, func(context.Context) process.Failure { return h.parked().Failure }, func(f process.Failure) bool { return f.Code == "torn" })
	require.Equal(t, "*errors.errorString", f.Cause, "types, never messages")
	require.Contains(t, f.Stack, "praxis/commands/process.(*lane).failure ")
}

func always(effects ...process.Effect) func(es.Envelope) ([]process.Effect, error) {
	return func(es.Envelope) ([]process.Effect, error) { return effects, nil }
}

func again(t process.Timer) ([]process.Effect, error) {
	return []process.Effect{process.SetTimer{Group: t.Group, Key: t.Key, Due: t.Due}}, nil
}

func broken(err error) func(giving) giving {
	return func(giving) giving { return func(context.Context, commands.Call) error { return err } }
}

func TestFoundW4_AnEventThatCannotBeReadParksItsPractice(t *testing.T) {
	h := newHouse(t, database(t))
	stream := chart.Stream(h.Group, id.Derive[id.Chart]("strange"))
	_, err := h.Store.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{{
		ID: id.Derive[id.Event]("strange"), Type: "chart.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`),
	}})
	require.NoError(t, err)
	r := h.runner(nil)
	h.start(r)
	h.until(r, func(s process.Status) bool { return s.Parked == 1 })
	require.Equal(t, "event_unreadable", h.parked().Failure.Code)
}

// TestFoundW4_WhatWaitsIsDoneInItsOrder: what came behind the poison waits, timers too;
// once the operator has it left out, everything else is done as it would have been.
func TestFoundW4_WhatWaitsIsDoneInItsOrder(t *testing.T) {
	h := newHouse(t, database(t))
	first := h.open()
	stream := chart.Stream(h.Group, id.Derive[id.Chart]("strange"))
	_, err := h.Store.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{{
		ID: id.Derive[id.Event]("strange"), Type: "chart.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`),
	}})
	require.NoError(t, err)
	second, third := h.open(), h.open()
	later := id.Derive[id.Event]("stranger")
	_, err = h.Store.Append(t.Context(), stream, es.At(0), []es.Proposed{{ID: later, Type: "chart.unheard_of", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":"1"}`)}})
	require.NoError(t, err)
	skip := func(event id.Event) {
		typ, data, metadata, err := h.Registry.Encode(skipped.EventSkipped{Follower: "process caretaker", Stream: stream, Event: event}, es.Subject{}, es.Metadata{Actor: "operator:pat", Reason: "no event of ours"})
		require.NoError(t, err)
		_, err = h.Store.Append(t.Context(), skipped.Stream, es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata}})
		require.NoError(t, err)
	}
	skip(later) // decided before it is reached
	h.archive(third)
	h.Pass(40 * day)
	r := h.runner(nil)
	h.start(r)
	h.until(r, func(s process.Status) bool { return s.Parked == 1 && s.CaughtUp })
	p := h.parked()
	require.Equal(t, int64(4), p.Waiting)
	require.Equal(t, []string{"chart.created"}, h.types(first), "the timers of the practice wait as well")

	skip(p.Event)
	h.until(r, func(s process.Status) bool { return s.Parked == 0 && s.Skipped == 2 && h.Settled(s) })
	for _, c := range []id.Chart{first, second} {
		require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
	}
	require.Equal(t, []string{"chart.created", "chart.archived"}, h.types(third), "an event took its timer back")
	entries, err := quarantine.List(t.Context(), h.Pool, "process caretaker")
	require.NoError(t, err)
	require.Len(t, entries, 2, "each is on record once")
	require.Equal(t, []string{"pat", "no event of ours"}, []string{entries[0].SkippedBy, entries[0].Reason})
}

func TestProcess_OutagesAreWaitedFor(t *testing.T) {
	pool := database(t)

	t.Run("the event store refuses appends for a while", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(30 * day)
		var refused atomic.Int64
		h.Store.FailAppend(func(es.Stream, []es.Proposed) error {
			if refused.Add(1) <= 3 {
				return es.ErrStoreUnavailable
			}
			return nil
		})
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		require.Greater(t, refused.Load(), int64(3))
		require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
		require.Zero(t, h.status(r).Refused)
	})
	t.Run("the answers of the event store are lost", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(30 * day)
		var lost atomic.Int64
		h.Store.LoseAnswer(func(es.Stream, []es.Proposed) error {
			if lost.Add(1) <= 6 {
				return es.ErrOutcomeUnknown
			}
			return nil
		})
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
	})
	t.Run("the subscription breaks again and again", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(30 * day)
		h.Store.BreakReadAfter(1, es.ErrStoreUnavailable)
		r := h.runner(nil)
		h.start(r)
		watcher := h.runner(func(c *process.Config) { c.Source = unbroken{c.Source} })
		h.until(watcher, func(s process.Status) bool { return s.Timers == 1 })
		h.Store.Mend()
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
	})
	t.Run("the database drops every connection", func(t *testing.T) {
		h := newHouse(t, pool)
		r := h.runner(nil)
		h.start(r)
		for range 3 {
			h.open()
			_, err := pool.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
			require.NoError(t, err)
		}
		h.until(r, func(s process.Status) bool { return s.Timers == 3 })
	})
}

// unbroken answers for a log that cannot be read.
type unbroken struct{ process.Source }

func (unbroken) ReadAll(context.Context, []es.Category, es.Position) es.Events {
	return func(func(es.Recorded, error) bool) {}
}

func TestProcess_LostRacesAreRunAgainAndThenRecorded(t *testing.T) {
	h := newHouse(t, database(t))
	h.open()
	h.Pass(30 * day)
	var tries atomic.Int64
	r := h.runner(func(c *process.Config) {
		c.Processes[0] = given(c.Processes[0], func(giving) giving {
			return func(context.Context, commands.Call) error {
				tries.Add(1)
				return fault.New(fault.Conflict, "taken", "Somebody else was first.")
			}
		})
	})
	h.start(r)
	h.until(r, func(s process.Status) bool { return s.Refused == 1 })
	require.Equal(t, int64(5), tries.Load())
}

func TestRun_OneLeads(t *testing.T) {
	pool := database(t)

	t.Run("a second instance stands by and takes over", func(t *testing.T) {
		h := newHouse(t, pool)
		var first, second atomic.Int64
		watching := func(seen *atomic.Int64) *process.Runner {
			return h.runner(func(c *process.Config) { c.Processes = append(c.Processes, other(seen)) })
		}
		leader, standby := watching(&first), watching(&second)
		stop := h.start(leader)
		h.open()
		h.until(leader, h.Settled)
		h.start(standby)
		h.open()
		h.until(leader, h.Settled)
		require.Equal(t, int64(2), first.Load())
		require.Zero(t, second.Load())
		stop()
		h.open()
		h.until(standby, h.Settled)
		require.Equal(t, int64(1), second.Load())
		require.Equal(t, int64(2), first.Load())
	})

	t.Run("instances that all believe to lead double nothing", func(t *testing.T) {
		history := script{{}, {pause: 10 * day}, {pause: 5 * day, archive: true}}
		whole := newHouse(t, pool)
		whole.play(history)
		whole.live(never)
		log, kept := whole.Log(), whole.kept()

		h := newHouse(t, pool)
		h.play(history)
		var r *process.Runner
		for range 3 {
			r = h.runner(func(c *process.Config) {
				c.Leases = processtest.Leads{}
			})
			h.start(r)
		}
		h.until(r, h.Settled)
		require.ElementsMatch(t, log, h.Log())
		require.Equal(t, kept, h.kept())
	})
}

func TestRunner_KnowsItsProcesses(t *testing.T) {
	h := newHouse(t, database(t))
	r := h.runner(nil)
	_, err := r.Refusals(t.Context(), "nobody")
	require.Equal(t, "unknown_process", fault.From(err).Code)
	s := h.status(r)
	require.Zero(t, s.UpdatedAt, "it never ran")
	require.True(t, s.CaughtUp)
}
