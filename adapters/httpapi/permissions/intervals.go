package permissions

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/teamaccess"
)

// intervalView is a time in which a member could open a chart through its team.
type intervalView struct {
	Member id.Member       `json:"member"`
	Role   teamaccess.Role `json:"role"`
	From   time.Time       `json:"from"`
	Until  time.Time       `json:"until,omitzero"`
	Event  id.Event        `json:"event"`
}

func intervalOf(i teamaccess.Interval) intervalView {
	v := intervalView{Member: i.Member, Role: i.Role, From: i.From.UTC(), Event: i.Event}
	if i.Until != nil {
		v.Until = i.Until.UTC()
	}
	return v
}

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
	return x.Answer(map[string]any{"intervals": httpapi.Views(found, intervalOf)}, err)
}
