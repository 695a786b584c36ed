package booking

import (
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

func listAppointments(x *httpapi.Exchange) error {
	q := calendar.AppointmentsQuery{
		Clinicians: httpapi.QueryIDs[id.Member](x, "clinician"), Chart: httpapi.QueryID[id.Chart](x, "chart"),
		Cancelled: httpapi.QueryFlag(x, "cancelled"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	from, to := httpapi.QueryDays(x)
	var name civil.Zone
	admission, err := x.AdmitAsOf(calendar.Name, commands.Question{
		Action: "appointment.list", Capability: access.AppointmentManage, Target: calendar.Name,
		Look: func(g group.State) {
			name = g.Zone()
			if len(q.Clinicians) == 1 {
				name = g.CalendarZone(q.Clinicians[0])
			}
		},
		Clinicians: q.Clinicians, Filter: commands.Filter{Chart: q.Chart},
	})
	if err != nil {
		return err
	}
	zone, err := name.Load()
	if err != nil {
		return err
	}
	q.Reach = admission.Reach
	if !from.IsZero() {
		q.From = civil.At(from, 0, zone)
	}
	if !to.IsZero() {
		q.To = civil.At(to.Add(1), 0, zone)
	}
	if q.Merged, err = x.Merged(q.Chart); err != nil {
		return err
	}
	page, err := calendar.Appointments(x.Ctx(), x.From, q)
	if err := x.OrRefused(admission, len(page.Appointments), err); err != nil {
		return err
	}
	return x.Reply(struct {
		Appointments []calendar.Appointment `json:"appointments"`
		Next         httpapi.NextCursor     `json:"nextCursor,omitzero"`
		AsOf         string                 `json:"asOf"`
	}{httpapi.List(page.Appointments), x.Next(page.Next), x.AsOf()})
}
