package processes_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// merge merges a chart into another one as the owner.
func (h *house) merge(c, into id.Chart) {
	h.t.Helper()
	_, err := commands.MergeChart.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.MergeInto{Into: into, Reason: "Opened twice"})
	require.NoError(h.t, err)
}

// records appends an event to a chart, as a command of another server does that was
// decided a moment ago.
func (h *house) records(c id.Chart, e chart.Event) {
	h.t.Helper()
	typ, data, meta, err := h.Registry.Encode(e, es.Subject{Group: h.Group, Chart: c}, es.Metadata{OccurredAt: h.Now(), RecordedAt: h.Now()})
	require.NoError(h.t, err)
	_, err = h.Store.Append(h.t.Context(), chart.Stream(h.Group, c), es.AnyRevision, []es.Proposed{{ID: id.Derive[id.Event]("spec", h.Next()), Type: typ, Data: data, Metadata: meta}})
	require.NoError(h.t, err)
}

func TestMerges_KilledAnywhereBothChartsTellOfAMergeAndOfItsEnd(t *testing.T) {
	var stays, undone, target, one, other id.Chart
	h := everywhere(t, pgtest.New(t), 5, func(h *house) {
		ann := h.join("ann", access.User, true)
		stays, undone, target, one, other = h.open(ann), h.open(ann), h.open(ann), h.open(ann), h.open(ann)
		h.merge(stays, target)
		h.merge(undone, target)
		_, err := commands.UndoMerge.Give(t.Context(), h.engine, h.by(h.owner), undone, chart.UndoMerge{})
		require.NoError(t, err)
		// Two that were merged into each other in the same instant.
		first := chart.MergedInto{Merge: id.Derive[id.Event]("one"), Into: other, UndoUntil: h.Now().Add(chart.UndoableFor)}
		second := chart.MergedInto{Merge: id.Derive[id.Event]("other"), Into: one, UndoUntil: h.Now().Add(chart.UndoableFor)}
		h.records(one, first)
		h.records(other, second)
	}, processes.Merges)
	merge := h.chart(stays).Merged()
	require.Equal(t, target, merge.Into)
	require.Equal(t, []chart.Source{{Merge: merge.Event, Chart: stays}}, h.chart(target).MergedFrom())
	require.True(t, h.chart(stays).Archived, "AMB-17")
	require.False(t, h.chart(undone).Archived)
	require.Equal(t, chart.Merge{}, h.chart(undone).Merged())
	require.False(t, h.chart(one).Archived, "the merge that came first is undone")
	require.Equal(t, one, h.chart(other).Merged().Into)
	require.Equal(t, []chart.Source{{Merge: id.Derive[id.Event]("other"), Chart: other}}, h.chart(one).MergedFrom())
}

func TestMerges_NeitherAClinicianNorAPersonInThePlaceOfPraxisMerges(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	ann := h.join("ann", access.User, true)
	one, other := h.open(ann), h.open(ann)
	_, err := commands.MergeChart.Give(t.Context(), h.engine, h.by(ann), one, chart.MergeInto{Into: other, Reason: "x"})
	require.ErrorIs(t, err, fault.New(fault.Forbidden, "permission_denied", ""))
	_, err = commands.AcceptMerge.Give(t.Context(), h.engine, h.by(h.owner), one, chart.AcceptMerge{Merge: id.Event{1}, Source: other})
	require.ErrorIs(t, err, fault.New(fault.Forbidden, "process_only", ""))
}
