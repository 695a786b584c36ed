package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/group"
	"praxis/domain/id"
)

// OpenBreakGlass lets the member who gives it read a chart in an emergency.
var OpenBreakGlass = declareOn(chartSpec[chart.OpenBreakGlass, chart.Opener]{
	On: onChart, Name: "chart.open_break_glass", Operation: "openBreakGlass", Needs: access.BreakGlassOpen, Actors: MembersOnly,
	Sample: chart.OpenBreakGlass{ReasonCode: chart.RiskOfHarm, Text: "A call from somebody in danger"},
	Facts: func(_ context.Context, w *World, _ id.Chart, _ chart.OpenBreakGlass) (chart.Opener, error) {
		o := chart.Opener{Actor: w.Actor, First: w.FirstEvent()}
		w.Group(func(g group.State) { o.Owner = g.Owner() })
		return o, nil
	},
	Decide: chart.OpenBreakGlass.Decide,
})

// CloseBreakGlass closes the glass that the member who gives it has open. While it is open
// they may see the chart, whatever was taken from them since.
var CloseBreakGlass = declareOn(chartSpec[chart.CloseBreakGlass, id.Member]{
	On: onChart, Name: "chart.close_break_glass", Operation: "closeBreakGlass", Needs: access.RosterView, Actors: MembersOnly,
	Facts: onChartBy[chart.CloseBreakGlass], Decide: chart.CloseBreakGlass.Decide,
})

// RevokeBreakGlass closes the glass that somebody has open.
var RevokeBreakGlass = declareOn(chartSpec[chart.RevokeBreakGlass, id.Member]{
	On: onChart, Name: "chart.revoke_break_glass", Operation: "revokeBreakGlass", Needs: access.BreakGlassReview, Actors: MembersOnly,
	Sample: chart.RevokeBreakGlass{Glass: sampleID[id.Event]("glass")},
	Facts:  onChartBy[chart.RevokeBreakGlass], Decide: chart.RevokeBreakGlass.Decide,
})

// ReviewBreakGlass says whether it was right that somebody else broke the glass.
var ReviewBreakGlass = declareOn(chartSpec[chart.ReviewBreakGlass, id.Member]{
	On: onChart, Name: "chart.review_break_glass", Operation: "reviewBreakGlass", Needs: access.BreakGlassReview, Actors: MembersOnly,
	Sample: chart.ReviewBreakGlass{Glass: sampleID[id.Event]("glass"), Verdict: chart.Justified},
	Facts:  onChartBy[chart.ReviewBreakGlass], Decide: chart.ReviewBreakGlass.Decide,
})

// onChartBy are the facts of a command on a chart whose rules depend on who acts.
func onChartBy[C any](_ context.Context, w *World, _ id.Chart, _ C) (id.Member, error) {
	return w.Actor.Member, nil
}
