package httpapi

import (
	"time"

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
func listChartAccess(x *exchange) error {
	q := teamaccess.Query{Chart: pathID[id.Chart](x, "chart")}
	if at, given := queryInstant(x, "at"); given {
		q.At = &at
	}
	admission, err := x.admitTo(teamaccess.Name, commands.Question{
		Action: "access.intervals", Capability: access.AuditHistoryView, Target: chart.Stream(x.group(), q.Chart),
	})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	found, err := teamaccess.Intervals(x.ctx(), x.api.Pool, q)
	return x.answer(map[string]any{"intervals": viewsOf(found, intervalOf)}, err)
}
