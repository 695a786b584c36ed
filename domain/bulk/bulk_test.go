package bulk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/bulk"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var (
	now   = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)
	group = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	which = id.MustParse[id.Bulk]("00000000-0000-4000-8000-0000000000e1")
	ana   = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben   = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	north = id.MustParse[id.Branch]("00000000-0000-4000-8000-0000000000b2")
	one   = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	two   = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	three = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c3")

	change   = bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}
	knowing  = bulk.Starting{Bulk: which, Group: group, By: ana}
	started  = bulk.Started{Bulk: which, Group: group, By: ana, Change: change}
	chosen   = bulk.ChartsChosen{Charts: []id.Chart{one, two, three}}
	changed1 = bulk.Result{Chart: one, Outcome: bulk.Changed}
	same2    = bulk.Result{Chart: two, Outcome: bulk.Unchanged}
	failed3  = bulk.Result{Chart: three, Outcome: bulk.Failed, Code: "chart_archived", Message: "This chart is archived."}
)

func given(t *testing.T, history ...bulk.Event) estest.Spec[bulk.State, bulk.Event] {
	t.Helper()
	return estest.Given(t, bulk.Aggregate(), history...)
}

type starting = estest.With[bulk.Start, bulk.Starting, bulk.State, bulk.Event]

func start(change func(*bulk.Start)) starting {
	c := bulk.Start{Change: bulk.Change{Op: bulk.ChangeStatus, Status: chart.Inactive}, Charts: []id.Chart{one, two, three}}
	change(&c)
	return estest.Knowing(c, knowing)
}

func TestStart(t *testing.T) {
	given(t).When(start(func(*bulk.Start) {}), now).Then(started, chosen)

	t.Run("a chart that is named twice is one", func(t *testing.T) {
		given(t).When(start(func(c *bulk.Start) { c.Charts = append(c.Charts, two) }), now).Then(started, chosen)
	})
	t.Run("what a filter found is chosen", func(t *testing.T) {
		given(t).When(start(func(c *bulk.Start) {
			c.Charts, c.Filter, c.Found = nil, &bulk.Filter{}, []id.Chart{one, two, three}
		}), now).Then(started, chosen)
	})
	t.Run("5,000 charts are one operation, in events that every store takes", func(t *testing.T) {
		many := make([]id.Chart, bulk.MostCharts)
		for i := range many {
			many[i] = id.Derive[id.Chart](fmt.Sprint(i))
		}
		events, err := start(func(c *bulk.Start) { c.Charts = many }).Decide(bulk.State{}, now)
		require.NoError(t, err)
		require.Len(t, events, 6)
		require.Equal(t, many, bulk.Aggregate().Fold(events...).Charts)
		registry, err := es.NewRegistry(es.Plain{}, bulk.Events())
		require.NoError(t, err)
		for _, e := range events {
			_, data, _, err := registry.Encode(e, es.Subject{}, es.Metadata{})
			require.NoError(t, err)
			require.Less(t, len(data), es.MaxEventBytes)
		}
		given(t).When(start(func(c *bulk.Start) { c.Charts = slices.Concat(many, []id.Chart{one}) }), now).ThenRejected("too_many_charts")
	})
	for code, spoil := range map[string]func(*bulk.Start){
		"bulk_unknown":     func(c *bulk.Start) { c.Op = "burn" },
		"bulk_incomplete":  func(c *bulk.Start) { c.Status = "" },
		"bulk_ambiguous":   func(c *bulk.Start) { c.Filter = &bulk.Filter{} },
		"no_charts_chosen": func(c *bulk.Start) { c.Charts = nil },
	} {
		t.Run(code, func(t *testing.T) { given(t).When(start(spoil), now).ThenRejected(code) })
	}
	given(t, started, chosen).When(start(func(*bulk.Start) {}), now).ThenRejected("bulk_exists")
	for _, op := range []bulk.Op{bulk.AssignClinician, bulk.AssignBranch, bulk.Archive, bulk.AddTeamMember, bulk.ChangeTeamRole, bulk.RemoveTeamMember} {
		t.Run("needs more: "+string(op), func(t *testing.T) {
			given(t).When(start(func(c *bulk.Start) { c.Change = bulk.Change{Op: op} }), now).ThenRejected("bulk_incomplete")
		})
	}
}

func TestRecord(t *testing.T) {
	given(t, started, chosen).When(bulk.Record{Results: []bulk.Result{changed1}}, now).Then(bulk.Progressed{Results: []bulk.Result{changed1}})

	t.Run("the last batch ends the operation, with one answer per chart", func(t *testing.T) {
		given(t, started, chosen, bulk.Progressed{Results: []bulk.Result{changed1}}).
			When(bulk.Record{From: 1, Results: []bulk.Result{same2, failed3}}, now).
			Then(bulk.Progressed{Results: []bulk.Result{same2, failed3}}, bulk.OperationCompleted{Changed: 1, Unchanged: 1, Failed: 1})
	})
	t.Run("what was recorded before a crash is not recorded again", func(t *testing.T) {
		given(t, started, chosen, bulk.Progressed{Results: []bulk.Result{changed1}}).
			When(bulk.Record{Results: []bulk.Result{changed1}}, now).ThenNothing()
	})
	given(t).When(bulk.Record{}, now).ThenRejected("bulk_not_found")
}

func TestAllOrNothing(t *testing.T) {
	all := started
	all.AllOrNothing = true
	given(t, all, chosen).When(bulk.Record{Rehearsal: true, Results: []bulk.Result{changed1, same2, failed3}}, now).
		Then(bulk.Rehearsed{Results: []bulk.Result{changed1, same2, failed3}}, bulk.OperationRefused{Failed: 1})

	t.Run("where none would fail, each is changed", func(t *testing.T) {
		would := bulk.Result{Chart: three, Outcome: bulk.Changed}
		rehearsed := bulk.Rehearsed{Results: []bulk.Result{changed1, same2, would}}
		given(t, all, chosen).When(bulk.Record{Rehearsal: true, Results: rehearsed.Results}, now).Then(rehearsed)
		given(t, all, chosen, rehearsed).When(bulk.Record{Results: rehearsed.Results}, now).
			Then(bulk.Progressed(rehearsed), bulk.OperationCompleted{Changed: 2, Unchanged: 1})
	})
	t.Run("a rehearsal ends before anything is changed, whatever would fail", func(t *testing.T) {
		rehearsal := started
		rehearsal.Rehearsal = true
		given(t, rehearsal, chosen).When(bulk.Record{Rehearsal: true, Results: []bulk.Result{changed1, same2, failed3}}, now).
			Then(bulk.Rehearsed{Results: []bulk.Result{changed1, same2, failed3}}, bulk.OperationCompleted{Changed: 1, Unchanged: 1, Failed: 1})
	})
}

type cancelling = estest.With[bulk.Cancel, bulk.Handling, bulk.State, bulk.Event]

func cancel(by id.Member, seen bool) cancelling {
	return estest.Knowing(bulk.Cancel{}, bulk.Handling{By: by, Seen: seen})
}

func TestCancel(t *testing.T) {
	asked := bulk.CancelRequested{By: ben}
	progressed := bulk.Progressed{Results: []bulk.Result{changed1}}
	given(t, started, chosen).When(cancel(ben, true), now).Then(asked)
	given(t, started, chosen, asked).When(cancel(ana, true), now).ThenNothing()
	given(t, started, chosen).When(cancel(ben, false), now).ThenRejected("bulk_not_found")
	given(t, started, chosen, bulk.OperationCompleted{}).When(cancel(ana, true), now).ThenRejected("bulk_ended")

	t.Run("the batch that was under way is recorded, and then nothing more is", func(t *testing.T) {
		given(t, started, chosen, asked).When(bulk.Record{Results: progressed.Results}, now).
			Then(progressed, bulk.OperationCompleted{Changed: 1})
		require.Equal(t, bulk.Cancelled, bulk.Aggregate().Fold(started, chosen, asked, progressed, bulk.OperationCompleted{Changed: 1}).Phase)
		given(t, started, chosen, asked).When(bulk.Record{}, now).Then(bulk.OperationCompleted{})
	})
}

func TestUndo(t *testing.T) {
	progressed := bulk.Progressed{Results: []bulk.Result{changed1, same2, failed3}}
	over := []bulk.Event{started, chosen, progressed, bulk.OperationCompleted{Changed: 1, Unchanged: 1, Failed: 1}}
	s := bulk.Aggregate().Fold(over...)
	back, err := s.Undo(true)
	require.NoError(t, err)
	require.Equal(t, bulk.Start{Change: change, Charts: []id.Chart{one}}, back, "only what was changed is taken back")

	for code, s := range map[string]bulk.State{
		"bulk_not_found":  {},
		"bulk_running":    bulk.Aggregate().Fold(started, chosen),
		"nothing_to_undo": bulk.Aggregate().Fold(started, chosen, bulk.OperationRefused{Failed: 1}),
		"bulk_is_undo": func() bulk.State {
			undo := started
			undo.Undoes = id.Derive[id.Bulk]("another")
			return bulk.Aggregate().Fold(undo, chosen, progressed, bulk.OperationCompleted{Changed: 1})
		}(),
	} {
		_, err := s.Undo(true)
		require.ErrorContains(t, err, code)
	}
	_, err = s.Undo(false)
	require.ErrorIs(t, err, bulk.ErrNotFound)
}

func TestStoredForm(t *testing.T) {
	whole := bulk.Started{Bulk: which, Group: group, By: ana, AllOrNothing: true, Rehearsal: true, Undoes: id.Derive[id.Bulk]("another"), Change: bulk.Change{
		Op: bulk.AssignClinician, Clinician: ben, FormerBecomes: careteam.Support, Branch: north, Status: chart.Active, Force: true, Member: ben,
		Role: careteam.Clinician, Reason: "The practice moved",
	}}
	estest.Golden(t, bulk.Events(), []bulk.Event{
		whole, chosen,
		bulk.Rehearsed{Results: []bulk.Result{failed3}},
		bulk.Progressed{Results: []bulk.Result{failed3}},
		bulk.CancelRequested{By: ben},
		bulk.OperationRefused{Failed: 1},
		bulk.OperationCompleted{Changed: 1, Unchanged: 2, Failed: 3},
	}...)
}

// FuzzParseStream: what is accepted is exactly what Stream makes.
func FuzzParseStream(f *testing.F) {
	f.Add(string(bulk.Stream(group, which)))
	f.Add("bulk-" + group.String())
	f.Fuzz(func(t *testing.T, name string) {
		if g, b, err := bulk.ParseStream(es.Stream(name)); err == nil {
			require.Equal(t, name, string(bulk.Stream(g, b)))
		}
	})
}
