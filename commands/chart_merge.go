package commands

import (
	"context"
	"errors"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// MergeChart says that a chart is of the same patient as another one, which goes on for
// both. It takes the permission for both, and seeing both. The other chart tells of it by
// the process merges.
var MergeChart = declareOn(chartSpec[chart.MergeInto, chart.MergeTarget]{
	On: onChart, Name: "chart.merge_into", Operation: "mergeChart", Needs: access.ChartArchive,
	Sample: chart.MergeInto{Into: sampleID[id.Chart]("other chart"), Reason: "Opened twice"},
	Facts: func(ctx context.Context, w *World, _ id.Chart, c chart.MergeInto) (t chart.MergeTarget, err error) {
		t.First = w.FirstEvent()
		err = w.engine.charts.view(ctx, chart.Stream(w.Call.Group, c.Into), func(s chart.State, _ es.Revision) {
			target := *asItIs(w.Call.Group, s)
			t.Seen = access.Sees(w.Actor, target, w.Now)
			target.OfChart = asItIs(w.Call.Group, s)
			t.Permitted = access.Decide(w.Actor, access.ChartArchive, target, w.Now).Allowed
			t.Merged, t.Archived = !s.Merged().IsZero(), s.Archived
		})
		return t, err
	},
	Decide: chart.MergeInto.Decide,
})

// UndoMerge makes a chart one of its own again.
var UndoMerge = declareOn(chartSpec[chart.UndoMerge, None]{
	On: onChart, Name: "chart.undo_merge", Operation: "undoMerge", Needs: access.ChartArchive,
	Decide: alone(chart.UndoMerge.Decide),
})

// AcceptMerge has the chart that goes on tell of a merge. It is for the process that does
// so. Faults: those of chart.AcceptMerge, "process_only".
var AcceptMerge = declareOn(chartSpec[chart.AcceptMerge, chart.Differences]{
	On: onChart, Name: "chart.accept_merge", Needs: access.ChartArchive, Actors: ProcessesOnly,
	Facts: func(ctx context.Context, w *World, t id.Chart, c chart.AcceptMerge) (d chart.Differences, err error) {
		var target chart.State
		if err = w.engine.charts.view(ctx, chart.Stream(w.Call.Group, t), func(s chart.State, _ es.Revision) { target = s }); err != nil {
			return d, err
		}
		err = w.engine.charts.view(ctx, chart.Stream(w.Call.Group, c.Source), func(s chart.State, _ es.Revision) { d = s.Beyond(target) })
		return d, err
	},
	Decide: chart.AcceptMerge.Decide,
})

// RevertMerge undoes a merge into a chart that was merged in the same instant. It is for
// the process that found it. Fault: "process_only".
var RevertMerge = declareOn(chartSpec[chart.RevertMerge, None]{
	On: onChart, Name: "chart.revert_merge", Needs: access.ChartArchive, Actors: ProcessesOnly,
	Decide: alone(chart.RevertMerge.Decide),
})

// ForgetMerge has the chart that goes on tell that a merge was undone. It is for the
// process that does so. Fault: "process_only".
var ForgetMerge = declareOn(chartSpec[chart.ForgetMerge, None]{
	On: onChart, Name: "chart.forget_merge", Needs: access.ChartArchive, Actors: ProcessesOnly,
	Decide: alone(chart.ForgetMerge.Decide),
})

// namingTarget adds to the refusal of something new on a merged chart into which chart it
// was merged, for an actor who may see that one.
func (w *World) namingTarget(ctx context.Context, c id.Chart, refusal error) error {
	if c.IsZero() || !errors.Is(refusal, chart.ErrMerged) {
		return refusal
	}
	into, err := lookUp(ctx, w.engine.charts, chart.Stream(w.Call.Group, c), func(s chart.State) id.Chart { return s.Merged().Into })
	if err != nil || into.IsZero() {
		return refusal
	}
	target, err := w.engine.chartAsItIs(ctx, w.Call.Group, into)
	if err != nil || !access.Sees(w.Actor, *target, w.Now) {
		return refusal
	}
	return fault.From(refusal).With("into", into.String())
}
