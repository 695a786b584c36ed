package charts

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/bulk"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/roster"
)

// startBulk begins an operation on many charts: those that are named, or those that a
// filter finds now in the roster, as far as the caller may change them so.
func startBulk(in *httpapi.Input, asked bulk.Start) (commands.Receipt, error) {
	made := httpapi.Made[id.Bulk](in, "bulk")
	if f := asked.Filter; f != nil {
		admission, err := in.AdmitTo(roster.Name, commands.Question{
			Action: "bulk.start", Capability: commands.BulkNeeds(asked.Op), Target: roster.Name,
			Filter: commands.Filter{Clinicians: f.Clinicians, Branches: f.Branches},
		})
		if err != nil {
			return commands.Receipt{}, err
		}
		for e, err := range roster.Each(in.Ctx(), in.From, roster.Query{Reach: admission.Reach, Order: roster.ByName, Filter: roster.Filter{
			Clinicians: f.Clinicians, Branches: f.Branches, Status: chart.Status(f.Status), Archived: f.Archived, Search: f.Search,
		}}) {
			if err != nil {
				return commands.Receipt{}, err
			}
			asked.Found = append(asked.Found, e.Chart)
			if len(asked.Found) > bulk.MostCharts {
				break // Then they are too many, however many there are.
			}
		}
	}
	return commands.StartBulk.Give(in.Ctx(), in.API.Engine, in.Call, made, asked)
}

// undoBulk begins an operation that takes the one of the path back.
func undoBulk(in *httpapi.Input, _ httpapi.Nothing) (commands.Receipt, error) {
	of := httpapi.PathID[id.Bulk](in.Exchange, "bulk")
	in.Within = append(in.Within, of)
	made := httpapi.Made[id.Bulk](in, "undo")
	if in.Err != nil {
		return commands.Receipt{}, in.Err
	}
	return commands.UndoBulk.Give(in.Ctx(), in.API.Engine, in.Call, made, commands.UndoneBulk{Of: of})
}

// getBulk tells how far an operation is, and what became of the charts after the first
// ones that are left out, in the order in which they were chosen.
func getBulk(x *httpapi.Exchange) error {
	which := httpapi.PathID[id.Bulk](x, "bulk")
	call, err := x.Call()
	if err != nil {
		return err
	}
	s, at, err := x.API.Engine.Bulk(x.Ctx(), call, which)
	if err != nil {
		return err
	}
	answers, wanted := s.Answers(), httpapi.QueryWords[bulk.Outcome](x, "outcome")
	results := []bulk.Result{}
	after, limit, next := httpapi.QueryNumber(x, "after", 0), httpapi.QueryLimit(x), 0
	if x.Err != nil {
		return x.Err
	}
	for i := after; i < len(answers); i++ {
		if len(results) == limit {
			next = i
			break
		}
		if len(wanted) == 0 || answers[i].Outcome == wanted[0] {
			results = append(results, answers[i])
		}
	}
	x.W.Header().Set("ETag", httpapi.ETag(at))
	return x.Reply(struct {
		ID           id.Bulk       `json:"id"`
		Op           bulk.Op       `json:"op"`
		Phase        bulk.Phase    `json:"phase"`
		StartedBy    id.Member     `json:"startedBy"`
		Undoes       id.Bulk       `json:"undoes,omitzero"`
		Rehearsal    bool          `json:"rehearsal"`
		AllOrNothing bool          `json:"allOrNothing"`
		Charts       int           `json:"charts"`
		Done         int           `json:"done"`
		Changed      int           `json:"changed"`
		Unchanged    int           `json:"unchanged"`
		Failed       int           `json:"failed"`
		Results      []bulk.Result `json:"results"`
		Next         int           `json:"nextAfter,omitempty"`
	}{
		s.Bulk, s.Change.Op, s.Phase, s.By, s.Undoes, s.Rehearsal, s.AllOrNothing, len(s.Charts), len(answers),
		bulk.Count(answers, bulk.Changed), bulk.Count(answers, bulk.Unchanged), bulk.Count(answers, bulk.Failed), results, next,
	})
}
