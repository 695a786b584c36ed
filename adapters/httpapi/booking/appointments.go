package booking

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// appointmentView is an appointment as the staff see it.
type appointmentView struct {
	ID          id.Appointment     `json:"id"`
	Clinician   id.Member          `json:"clinician"`
	Chart       id.Chart           `json:"chart"`
	Type        id.AppointmentType `json:"type"`
	TypeName    string             `json:"typeName"`
	LengthMin   int                `json:"lengthMin"`
	PaddingMin  int                `json:"paddingMin"`
	Start       time.Time          `json:"start"`
	End         time.Time          `json:"end"`
	LocalDate   string             `json:"localDate"`
	LocalTime   string             `json:"localTime"`
	Zone        string             `json:"zone"`
	BookedBy    string             `json:"bookedBy"`
	Cancelled   bool               `json:"cancelled"`
	CancelledBy *string            `json:"cancelledBy,omitempty"`
	NoticeMin   *int               `json:"noticeMin,omitempty"`
	// TzdbVersion names the zone's rules that the local time was reckoned with.
	TzdbVersion string `json:"tzdbVersion,omitempty"`
	// PolicyVersionShown is the version of the cancellation policy that was shown.
	PolicyVersionShown int `json:"policyVersionShown"`
	// Clashes reports another appointment of the patient at that time (BKG-A18).
	Clashes bool `json:"clashes"`
}

func appointmentOf(p calendar.Appointment) appointmentView {
	return appointmentView{
		ID: p.ID, Clinician: p.Clinician, Chart: p.Chart, Type: p.Type, TypeName: p.TypeName, LengthMin: p.LengthMin,
		PaddingMin: p.PaddingMin, Start: p.Start.UTC(), End: p.End.UTC(), LocalDate: p.LocalDate,
		LocalTime: p.LocalTime, Zone: p.Zone, BookedBy: p.BookedBy, Cancelled: p.Cancelled, CancelledBy: p.CancelledBy,
		NoticeMin: p.NoticeMin, TzdbVersion: p.TzdbVersion, PolicyVersionShown: p.PolicyVersionShown,
		Clashes: p.Clashes,
	}
}

func listAppointments(x *httpapi.Exchange) error {
	q := calendar.AppointmentsQuery{
		Clinicians: httpapi.QueryIDs[id.Member](x, "clinician"), Chart: httpapi.QueryID[id.Chart](x, "chart"),
		Cancelled: x.InQuery("cancelled") == "true", Cursor: x.Cursor, Limit: httpapi.QueryLimit(x),
	}
	from, to := httpapi.QueryDays(x)
	var name civil.Zone
	admission, err := x.AdmitTo(calendar.Name, commands.Question{
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
	page, err := calendar.Appointments(x.Ctx(), x.API.Pool, q)
	if err := x.OrRefused(admission, len(page.Appointments), err); err != nil {
		return err
	}
	return x.Reply(struct {
		Appointments []appointmentView  `json:"appointments"`
		Next         httpapi.NextCursor `json:"nextCursor,omitzero"`
	}{httpapi.Views(page.Appointments, appointmentOf), x.Next(page.Next)})
}
