package httpapi

import (
	"net/http"
	"time"

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
		p.ID, p.Clinician, p.Chart, p.Type, p.TypeName, p.LengthMin, p.PaddingMin, p.Start.UTC(), p.End().UTC(),
		p.LocalDate, p.LocalTime, p.Zone, p.BookedBy, p.Cancelled, p.CancelledBy, p.NoticeMin,
		p.TzdbVersion, p.PolicyVersionShown, p.Clashes,
	}
}

func (a *api) getAppointment(x *exchange) error {
	c, err := pathCalendar(x)
	if err != nil {
		return err
	}
	appointment, err := pathID[id.Appointment](x, "appointment")
	if err != nil {
		return err
	}
	if _, err := x.admittedToOwnCalendar("appointment.get", access.AppointmentManage, c); err != nil {
		return err
	}
	found, err := calendar.AppointmentOf(x.ctx(), a.Pool, c, appointment, id.Chart{})
	if err != nil {
		return err
	}
	return x.reply(http.StatusOK, appointmentOf(found))
}

func (a *api) listAppointments(x *exchange) error {
	values := x.r.URL.Query()
	q := calendar.AppointmentsQuery{Cursor: x.cursor, Limit: queryLimit(x), Cancelled: values.Get("cancelled") == "true"}
	var err error
	if q.Clinicians, err = queryIDs[id.Member](values["clinician"]); err != nil {
		return err
	}
	if raw := values.Get("chart"); raw != "" {
		if q.Chart, err = parseID[id.Chart](raw); err != nil {
			return err
		}
	}
	from, to, err := queryDays(x, civil.Date{}, civil.Date{})
	if err != nil {
		return err
	}
	var name civil.Zone
	_, admission, err := x.admitted(calendar.Name, commands.Question{
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
	page, err := calendar.Appointments(x.ctx(), a.Pool, q)
	if err != nil {
		return err
	}
	if len(page.Appointments) == 0 {
		if err := admission.IfNothing(x.ctx()); err != nil {
			return err
		}
	}
	answer := struct {
		Appointments []appointmentView `json:"appointments"`
		Next         nextCursor        `json:"nextCursor,omitzero"`
	}{Appointments: make([]appointmentView, 0, len(page.Appointments)), Next: x.next(page.Next)}
	for _, p := range page.Appointments {
		answer.Appointments = append(answer.Appointments, appointmentOf(p))
	}
	return x.reply(http.StatusOK, answer)
}
