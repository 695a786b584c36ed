package process_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands/process"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/all"
)

func TestProcess_ReactsAndFires(t *testing.T) {
	pool := database(t)

	t.Run("events lead to timers, timers to commands, commands to events", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		s := h.status(r)
		require.Equal(t, founded.Add(30*day), *s.NextDue)
		require.Equal(t, []int64{1, 0, 0, 1}, []int64{s.Events, s.Accepted, s.Fired, s.Timers})
		require.Equal(t, []string{"chart.created"}, h.types(c))

		h.Pass(30*day - time.Microsecond)
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created"}, h.types(c), "not a microsecond too early")

		h.Pass(time.Microsecond)
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created", "chart.status_changed", "chart.archived"}, h.types(c))
	})

	t.Run("each event names the process, its cause and the trace it belongs to", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(30 * day)
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		var log []es.Envelope
		for rec, err := range h.Store.ReadStream(t.Context(), chart.Stream(h.Group, c), 0) {
			require.NoError(t, err)
			env, err := h.Registry.Decode(rec)
			require.NoError(t, err)
			log = append(log, env)
		}
		require.Equal(t, "system:caretaker", log[1].Meta.Actor)
		require.Equal(t, log[0].ID.String(), log[1].Meta.Causation, "through the timer")
		require.Equal(t, "system:caretaker", log[2].Meta.Actor)
		require.Equal(t, log[1].ID.String(), log[2].Meta.Causation)
		require.Equal(t, log[0].ID.String(), log[2].Meta.Correlation)
		require.Equal(t, id.Derive[id.Command]("process", "caretaker", "event", log[1].ID.String(), "0"), log[2].Meta.Command)
		require.Equal(t, id.Derive[id.Command]("process", "caretaker", "timer", h.Group.String(), "quiet:"+c.String(), founded.Add(30*day).Format(time.RFC3339Nano), "0"), log[1].Meta.Command)
	})

	t.Run("a timer that was taken back does not fire, even if the process was away", func(t *testing.T) {
		h := newHouse(t, pool)
		early, late := h.open(), h.open()
		r := h.runner(nil)
		stop := h.start(r)
		h.until(r, h.Settled)
		stop()
		h.Pass(29 * day)
		h.archive(early)
		h.Pass(2 * day)
		h.archive(late)
		r = h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created", "chart.archived"}, h.types(early))
		require.Equal(t, []string{"chart.created", "chart.archived"}, h.types(late))
		refusals, err := r.Refusals(t.Context(), "caretaker")
		require.NoError(t, err)
		require.Len(t, refusals, 1, "the timer was due before the late archive, so it came first")
		require.Equal(t, "chart_archived", refusals[0].Code)
	})

	t.Run("timers fire in the order in which they are due", func(t *testing.T) {
		h := newHouse(t, pool)
		first := h.open()
		h.Pass(time.Hour)
		second := h.open()
		h.Pass(40 * day)
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		var order []es.Stream
		for rec, err := range h.Store.ReadAll(t.Context(), []es.Category{chart.Category}, es.Position{}) {
			require.NoError(t, err)
			if rec.Type == "chart.status_changed" {
				order = append(order, rec.Stream)
			}
		}
		require.Equal(t, []es.Stream{chart.Stream(h.Group, first), chart.Stream(h.Group, second)}, order)
	})

	t.Run("a refused command is an outcome and holds nothing up", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(30 * day)
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		h.Pass(day)
		h.until(r, h.Settled)
		refusals, err := r.Refusals(t.Context(), "caretaker")
		require.NoError(t, err)
		require.Equal(t, []process.Refusal{{
			Process: "caretaker", Command: refusals[0].Command, Name: "process_test.archive", Group: h.Group,
			Cause: "timer again:" + c.String(), Code: "already_archived", At: h.Now(),
		}}, refusals)
		s := h.status(r)
		require.Equal(t, []int64{2, 1, 2, 0}, []int64{s.Accepted, s.Refused, s.Fired, s.Timers})
	})

	t.Run("a process that begins now does nothing for what was", func(t *testing.T) {
		h := newHouse(t, pool)
		c := h.open()
		h.Pass(40 * day)
		fromNow := func(c *process.Config) { c.Processes[0].FromNow = true }
		r := h.runner(fromNow)
		stop := h.start(r)
		h.until(r, h.Settled)
		require.Equal(t, []string{"chart.created"}, h.types(c))
		stop()
		h.open()
		r = h.runner(fromNow)
		h.start(r)
		h.until(r, func(s process.Status) bool { return s.Events == 1 && s.Timers == 1 })
	})

	t.Run("a rebuild of the read models fires nothing", func(t *testing.T) {
		h := newHouse(t, pool)
		h.open()
		h.Pass(30 * day)
		r := h.runner(nil)
		h.start(r)
		h.until(r, h.Settled)
		log, kept := h.Log(), h.kept()
		models, err := projections.NewRunner(projections.Config{
			Pool: pool, Source: h.Store, Registry: h.Registry, Projectors: all.Projectors(), Categories: catalog.Categories(), Clock: h.Now,
		})
		require.NoError(t, err)
		require.NoError(t, models.Rebuild(t.Context(), nil, nil))
		h.until(r, h.Settled)
		require.Equal(t, log, h.Log())
		require.Equal(t, kept, h.kept())
	})
}

func TestNewRunner_RefusesWhatCannotWork(t *testing.T) {
	react := func(es.Envelope) ([]process.Effect, error) { return nil, nil }
	good := process.Process{Name: "good", Categories: []es.Category{"chart"}, OnEvent: react}
	config := func(p ...process.Process) process.Config {
		return process.Config{Source: noSource{}, Registry: &es.Registry{}, Journal: noJournal{}, Clock: time.Now, Processes: p}
	}
	_, err := process.NewRunner(config(good))
	require.NoError(t, err)
	for says, c := range map[string]process.Config{
		"needs a source":           {},
		"small letters":            config(process.Process{Name: "a:b", Categories: good.Categories, OnEvent: react}),
		"two processes good":       config(good, good),
		"categories and a":         config(process.Process{Name: "p", Categories: good.Categories}),
		"needs categories and a r": config(process.Process{Name: "p", OnEvent: react}),
	} {
		_, err := process.NewRunner(c)
		require.ErrorContains(t, err, says)
	}
}

type (
	noSource  struct{ process.Source }
	noJournal struct{ process.Journal }
)
