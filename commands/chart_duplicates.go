package commands

import (
	"context"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
)

// Duplicates finds charts that look alike. It is a read model and may lag: it is for
// warnings. Two charts that were opened in the same instant are found by the list.
type Duplicates interface {
	// LookingLike returns charts within reach that have one of the signs, limit of them at
	// the most. It waits a moment for the read model to hold everything that had been
	// recorded when it was asked.
	LookingLike(ctx context.Context, reach access.Reach, signs []chart.Sign, limit int) ([]id.Chart, error)
}

// mostAlike is how many charts a warning names.
const mostAlike = 10

// alikeTo are the charts that look like the one to be opened, among those that the actor
// may see. Each is read to its tail and judged there, so that a chart that was hidden a
// moment ago is not named. What a warning is about to name is recorded as seen first: who
// may not open charts is told nothing, and nothing is looked up for them.
func (w *World) alikeTo(ctx context.Context, t id.Chart, c chart.CreateChart, zone *time.Location) (alike []chart.Alike, err error) {
	signs := c.Signs(zone, w.Now)
	toBe := access.Resource{Group: w.Call.Group, Clinician: c.Primary, Branch: c.Branch, Chart: t}
	if w.engine.config.Duplicates == nil || len(signs) == 0 || !access.Decide(w.Actor, access.ChartCreate, toBe, w.Now).Allowed {
		return nil, nil
	}
	found, err := w.lookingLike(ctx, signs)
	if err != nil {
		// A patient in need is not sent away because a warning cannot be given: what is not
		// warned of is found by the list.
		w.engine.config.Logger.WarnContext(ctx, "charts that look alike cannot be looked up", "request", w.Call.Request, "error", err)
		return nil, ctx.Err()
	}
	var shown []id.Chart
	for _, other := range found {
		if other == t || len(alike) == mostAlike { // t is there already if the command is repeated.
			continue
		}
		err = w.engine.charts.view(ctx, chart.Stream(w.Call.Group, other), func(s chart.State, _ es.Revision) {
			in := chart.InCommon(signs, s.Patient.Signs(w.Call.Group))
			if len(in) > 0 && access.Sees(w.Actor, *asItIs(w.Call.Group, s), w.Now) {
				name := strings.TrimSpace(s.Patient.GivenName + " " + s.Patient.FamilyName)
				alike, shown = append(alike, chart.Alike{Chart: other, Name: name, In: in}), append(shown, other)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if len(shown) > 0 && !c.AllowDuplicate {
		err = w.engine.recordSeen(ctx, w.Call, w.Actor, w.Now, accesslog.RecordsViewed{Operation: "createChart", Section: "charts", Charts: shown})
	}
	return alike, err
}

// lookingLike are charts within the actor's reach that have one of the signs.
func (w *World) lookingLike(ctx context.Context, signs []chart.Sign) ([]id.Chart, error) {
	actor := w.Actor
	if err := w.engine.guarded(ctx, &actor, w.Call.Group, access.RosterView); err != nil {
		return nil, err
	}
	return w.engine.config.Duplicates.LookingLike(ctx, access.ReachOf(actor, access.RosterView, w.Now), signs, mostAlike+1)
}

// recordSeen records that a command is about to show charts to who may see them on the
// roster. Fault: "access_not_recorded".
func (e *Engine) recordSeen(ctx context.Context, call Call, actor access.Subject, now time.Time, viewed accesslog.RecordsViewed) error {
	var by Viewing
	by.admitted(e, actor, access.RosterView, nil, nil, access.Decide(actor, access.RosterView, access.Resource{Group: call.Group}, now))
	return e.RecordView(ctx, call, by, viewed)
}

// TellChartsApart says that two charts that look alike are of two people. The other chart
// must be one that the actor may open.
var TellChartsApart = declareOn(chartSpec[chart.TellApart, bool]{
	On: onChart, Name: "chart.tell_apart", Operation: "tellChartsApart", Needs: access.ChartArchive,
	Sample: chart.TellApart{From: sampleID[id.Chart]("other chart"), Reason: "Cousins of the same name"},
	Facts: func(ctx context.Context, w *World, _ id.Chart, c chart.TellApart) (bool, error) {
		other, err := w.engine.chartAsItIs(ctx, w.Call.Group, c.From)
		if err != nil {
			return false, err
		}
		return access.Sees(w.Actor, *other, w.Now), nil
	},
	Decide: chart.TellApart.Decide,
})
