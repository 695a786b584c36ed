package commands

import (
	"context"
	"time"

	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
)

// GuardSet is what is set on a chart itself and holds now.
type GuardSet struct {
	// At is the instant, UTC, and Revision that of the chart on which the answer rests.
	At       time.Time
	Revision es.Revision
	// Restriction is nil where nothing is restricted.
	Restriction *Since[chart.Restricted]
	// Exclusions and Glass are in the order in which they were set.
	Exclusions []Since[chart.MemberExcluded]
	Glass      []Since[chart.BreakGlassOpened]
}

// Since is what an event set, with the instant at which it was recorded, UTC.
type Since[E any] struct {
	Set E
	At  time.Time
}

// GuardOf tells what is set on a chart itself, for who may restrict it: they need not be let
// in. Faults: "permission_denied", "chart_not_found".
func (e *Engine) GuardOf(ctx context.Context, call Call, c id.Chart) (GuardSet, error) {
	stream := chart.Stream(call.Group, c)
	asItIs, err := e.chartAsItIs(ctx, call.Group, c)
	if err != nil {
		return GuardSet{}, err
	}
	asked := *asItIs
	asked.Group, asked.Chart, asked.OfChart = call.Group, c, asItIs
	if _, err = e.AdmitTo(ctx, call, Question{Action: "chart.guard", Capability: access.ChartRestrict, Target: stream}, asked); err != nil {
		return GuardSet{}, err
	}
	set := GuardSet{At: e.Clock().UTC(), Revision: es.NoStream}
	var state chart.State
	restricted := map[id.Event]Since[chart.Restricted]{}
	excluded := map[id.Event]Since[chart.MemberExcluded]{}
	broken := map[id.Event]Since[chart.BreakGlassOpened]{}
	for events, err := range decoded(e.config.Registry, e.config.Store.ReadStream(ctx, stream, 0)) {
		if err != nil {
			return GuardSet{}, err
		}
		for _, env := range events {
			event, ok := env.Event.(chart.Event)
			if !ok {
				continue
			}
			chart.Evolve(&state, event)
			set.Revision = env.Revision
			at := env.RecordedAt.UTC()
			switch ev := event.(type) {
			case chart.Restricted:
				restricted[ev.Restriction] = Since[chart.Restricted]{ev, at}
			case chart.MemberExcluded:
				excluded[ev.Exclusion] = Since[chart.MemberExcluded]{ev, at}
			case chart.BreakGlassOpened:
				broken[ev.Glass] = Since[chart.BreakGlassOpened]{ev, at}
			default:
			}
		}
	}
	if !state.Exists() {
		return GuardSet{}, errNoChartYet
	}
	g := state.Guard()
	if g == nil {
		return set, nil
	}
	if r, is := restricted[g.Restriction.Event]; is && g.Restriction.InForce(set.At) {
		set.Restriction = &r
	}
	for _, x := range g.Exclusions {
		if x.InForce(set.At) {
			set.Exclusions = append(set.Exclusions, excluded[x.Event])
		}
	}
	for _, b := range g.Glass {
		if set.At.Before(b.Until) {
			set.Glass = append(set.Glass, broken[b.Event])
		}
	}
	return set, nil
}
