package permissions

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/teamaccess"
)

// listChartAccess answers who could open a chart through its team, ever or at an instant.
func listChartAccess(x *httpapi.Exchange) error {
	q := teamaccess.Query{Chart: httpapi.PathID[id.Chart](x, "chart")}
	if at, given := httpapi.QueryInstant(x, "at"); given {
		q.At = &at
	}
	admission, err := x.AdmitTo(teamaccess.Name, commands.Question{
		Action: "access.intervals", Capability: access.AuditHistoryView, Target: chart.Stream(x.Group(), q.Chart),
	})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	found, err := teamaccess.Intervals(x.Ctx(), x.API.Pool, q)
	return x.Answer(map[string]any{"intervals": httpapi.List(found)}, err)
}
