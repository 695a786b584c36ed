package booking

import (
	"time"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// PortalHandlers are what patients use. They have types of their own, so that
// padding and other fields of the staff cannot leak into them (BKG-8).
func PortalHandlers() httpapi.Handlers {
	return httpapi.Handlers{
		"portalListTypes":        portalListTypes,
		"portalListSlots":        portalListSlots,
		"portalListMoves":        portalListMoves,
		"portalListAppointments": portalListAppointments,
		"portalGetAppointment":   portalGetAppointment,

		"portalBookAppointment": httpapi.GiveTo(inCalendar, commands.BookAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.BookAppointment) {
			c.Appointment, c.Chart, c.Channel = httpapi.Made[id.Appointment](in, "appointment"), ownChart(in), booking.ByPatient
		})),
		"portalRescheduleAppointment": httpapi.GiveTo(inCalendar, commands.RescheduleAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.RescheduleAppointment) {
			c.Appointment, c.Chart, c.By = httpapi.Named[id.Appointment](in, "appointment"), ownChart(in), booking.ByPatient
		})),
		"portalCancelAppointment": httpapi.GiveTo(inCalendar, commands.CancelAppointment, httpapi.Completed(func(in *httpapi.Input, c *booking.CancelAppointment) {
			c.Appointment, c.Chart, c.By = httpapi.Named[id.Appointment](in, "appointment"), ownChart(in), booking.ByPatient
		})),
	}
}

func portalListTypes(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	cal := httpapi.PathCalendar(x)
	if _, err := admittedToCalendar(x, "portal.type_list", cal, c); err != nil {
		return err
	}
	types, err := calendar.Offered(x.Ctx(), x.API.Pool, cal)
	return x.Answer(map[string]any{"types": httpapi.List(types)}, err)
}

func portalListSlots(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	return slots(x, c, id.Appointment{})
}

// portalListMoves answers where an appointment could be moved to: its own time
// counts as free, and its own terms hold (BKG-I4, BKG-A12).
func portalListMoves(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	appointment := httpapi.PathID[id.Appointment](x, "appointment")
	return slots(x, c, appointment)
}

// portalAppointment is an appointment as its patient sees it.
type portalAppointment struct {
	ID        id.Appointment `json:"id"`
	Clinician id.Member      `json:"clinician"`
	TypeName  string         `json:"typeName"`
	LengthMin int            `json:"lengthMin"`
	Start     time.Time      `json:"start"`
	End       time.Time      `json:"end"`
	LocalDate string         `json:"localDate"`
	LocalTime string         `json:"localTime"`
	Zone      string         `json:"zone"`
	Cancelled bool           `json:"cancelled,omitempty"`
}

// portalAppointments are a chart's upcoming appointments (BKG-13).
type portalAppointments struct {
	Appointments []portalAppointment `json:"appointments"`
	Next         httpapi.NextCursor  `json:"nextCursor,omitzero"`
	// SelfService says whether the patient may move and cancel them online (BKG-3).
	SelfService        bool       `json:"selfService"`
	CancellationPolicy policyText `json:"cancellationPolicy"`
}

func portalListAppointments(x *httpapi.Exchange) error {
	c, limit := httpapi.PathID[id.Chart](x, "chart"), httpapi.QueryLimit(x)
	admission, err := admittedToPortal(x, "portal.appointment_list", c)
	if err != nil {
		return err
	}
	policy, err := calendar.PolicyOf(x.Ctx(), x.API.Pool, admission.Subject.Group)
	if err != nil {
		return err
	}
	page, err := calendar.Appointments(x.Ctx(), x.From, calendar.AppointmentsQuery{
		Reach: admission.Reach, Chart: c, From: x.API.Clock(), Cursor: x.Cursor, Limit: limit,
	})
	if err != nil {
		return err
	}
	return x.Reply(portalAppointments{
		Appointments: httpapi.Views(page.Appointments, portalAppointmentOf), Next: x.Next(page.Next),
		SelfService:        policy.Online && policy.SelfService,
		CancellationPolicy: policyText{policy.CancellationVersion, policy.CancellationText},
	})
}

func portalAppointmentOf(p calendar.Appointment) portalAppointment {
	return portalAppointment{
		ID: p.ID, Clinician: p.Clinician, TypeName: p.TypeName, LengthMin: p.LengthMin, Start: p.Start.UTC(),
		End: p.End.UTC(), LocalDate: p.LocalDate, LocalTime: p.LocalTime, Zone: p.Zone, Cancelled: p.Cancelled,
	}
}

func portalGetAppointment(x *httpapi.Exchange) error {
	c := httpapi.PathID[id.Chart](x, "chart")
	cal := httpapi.PathCalendar(x)
	appointment := httpapi.PathID[id.Appointment](x, "appointment")
	if _, err := admittedToPortal(x, "portal.appointment_get", c); err != nil {
		return err
	}
	found, err := calendar.AppointmentOf(x.Ctx(), x.API.Pool, cal, appointment, c)
	return x.Answer(portalAppointmentOf(found), err)
}

// admittedToPortal asks the gate for what a patient may see of a chart's
// appointments, and waits for the read model.
func admittedToPortal(x *httpapi.Exchange, action string, c id.Chart) (commands.Admission, error) {
	return x.AdmitTo(calendar.Name, commands.Question{
		Action: action, Capability: access.AppointmentViewOwn, Target: chart.Stream(x.Group(), c), Chart: c,
	}, access.Resource{Group: x.Group(), Chart: c})
}

// ownChart is the chart of the patient who gives a command.
func ownChart(in *httpapi.Input) id.Chart {
	in.ForPatient = true
	return httpapi.PathID[id.Chart](in.Exchange, "chart")
}
