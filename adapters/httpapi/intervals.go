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
func (a *api) listChartAccess(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	q := teamaccess.Query{Chart: c}
	at, given, err := queryInstant(x, "at")
	if err != nil {
		return err
	}
	if given {
		q.At = &at
	}
	call, err := x.call()
	if err != nil {
		return err
	}
	_, admission, err := x.admitted(teamaccess.Name, commands.Question{
		Action: "access.intervals", Capability: access.AuditHistoryView, Target: chart.Stream(call.Group, c),
	})
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	found, err := teamaccess.Intervals(x.ctx(), a.Pool, q)
	if err != nil {
		return err
	}
	return x.reply(map[string]any{"intervals": viewsOf(found, intervalOf)})
}
