package charts

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/duplicates"
	"praxis/projections/roster"
)

// mergeView is one end of a merge, as far as the reader may see the other chart.
type mergeView struct {
	Chart     *id.Chart `json:"chart,omitempty"`
	Name      string    `json:"name,omitempty"`
	UndoUntil time.Time `json:"undoUntil"`
}

// getMerge tells into which chart a chart was merged, and which were merged into it.
func getMerge(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	admission, err := x.AdmitTo(duplicates.Name, commands.Question{Action: "chart.merge", Capability: access.RosterView, Target: chart.Stream(x.Group(), c)})
	if err == nil {
		err = x.Await(roster.Name)
	}
	if err != nil {
		return err
	}
	patient, err := roster.Find(x.Ctx(), x.API.Pool, admission.Reach, c)
	if err != nil {
		return err
	}
	merges, err := duplicates.MergesOf(x.Ctx(), x.API.Pool, x.Group(), c)
	if err != nil {
		return err
	}
	others := make([]id.Chart, 0, len(merges))
	for _, m := range merges {
		others = append(others, m.Source, m.Into)
	}
	names, err := roster.Names(x.Ctx(), x.From, admission.Reach, others)
	if err != nil {
		return err
	}
	seen := func(other id.Chart, m duplicates.Merge) mergeView {
		view := mergeView{UndoUntil: m.UndoUntil.UTC()}
		if name, known := names[other]; known {
			view.Chart, view.Name = &other, name
		}
		return view
	}
	var into *mergeView
	from := []mergeView{}
	for _, m := range merges {
		if m.Source == c {
			view := seen(m.Into, m)
			into = &view
		} else if view := seen(m.Source, m); view.Chart != nil {
			from = append(from, view)
		}
	}
	x.W.Header().Set("ETag", httpapi.ETag(es.Revision(patient.Revision)))
	return x.Reply(struct {
		Into *mergeView  `json:"into,omitempty"`
		From []mergeView `json:"from"`
	}{into, from})
}
