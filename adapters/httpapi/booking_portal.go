package httpapi

import (
	"net/http"
	"time"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// portalHandlers are what patients use. They have types of their own, so that
// padding and other fields of the staff cannot leak into them (BKG-8).
func (a *api) portalHandlers() map[string]handler {
	return map[string]handler{
		"portalListTypes":             a.portalListTypes,
		"portalListSlots":             a.portalListSlots,
		"portalListMoves":             a.portalListMoves,
		"portalListAppointments":      a.portalListAppointments,
		"portalGetAppointment":        a.portalGetAppointment,
		"portalBookAppointment":       command(a.portalBookAppointment),
		"portalRescheduleAppointment": command(a.portalRescheduleAppointment),
		"portalCancelAppointment":     command(a.portalCancelAppointment),
	}
}

func (a *api) portalListTypes(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	cal, err := pathCalendar(x)
	if err != nil {
		return err
	}
	if _, err := x.admittedToCalendar("portal.type_list", cal, c); err != nil {
		return err
	}
	types, err := calendar.Offered(x.ctx(), a.Pool, cal)
	if err != nil {
		return err
	}
	return x.reply(http.StatusOK, map[string]any{"types": append([]booking.OfferedType{}, types...)})
}

func (a *api) portalListSlots(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	return a.slots(x, c, id.Appointment{})
}

// portalListMoves answers where an appointment could be moved to: its own time
// counts as free, and its own terms hold (BKG-I4, BKG-A12).
func (a *api) portalListMoves(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	appointment, err := pathID[id.Appointment](x, "appointment")
	if err != nil {
		return err
	}
	return a.slots(x, c, appointment)
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
	Next         nextCursor          `json:"nextCursor,omitzero"`
	// SelfService says whether the patient may move and cancel them online (BKG-3).
	SelfService        bool       `json:"selfService"`
	CancellationPolicy policyText `json:"cancellationPolicy"`
}

func (a *api) portalListAppointments(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	admission, err := x.admittedToPortal("portal.appointment_list", c)
	if err != nil {
		return err
	}
	policy, err := calendar.PolicyOf(x.ctx(), a.Pool, admission.Subject.Group)
	if err != nil {
		return err
	}
	page, err := calendar.Appointments(x.ctx(), a.Pool, calendar.AppointmentsQuery{
		Reach: admission.Reach, Chart: c, From: a.Clock(), Cursor: x.cursor, Limit: queryLimit(x),
	})
	if err != nil {
		return err
	}
	answer := portalAppointments{
		Appointments: make([]portalAppointment, 0, len(page.Appointments)), Next: x.next(page.Next),
		SelfService:        policy.Online && policy.SelfService,
		CancellationPolicy: policyText{policy.CancellationVersion, policy.CancellationText},
	}
	for _, p := range page.Appointments {
		answer.Appointments = append(answer.Appointments, portalAppointmentOf(p))
	}
	return x.reply(http.StatusOK, answer)
}

func portalAppointmentOf(p calendar.Appointment) portalAppointment {
	return portalAppointment{
		p.ID, p.Clinician, p.TypeName, p.LengthMin, p.Start.UTC(), p.End().UTC(), p.LocalDate, p.LocalTime, p.Zone, p.Cancelled,
	}
}

func (a *api) portalGetAppointment(x *exchange) error {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return err
	}
	cal, err := pathCalendar(x)
	if err != nil {
		return err
	}
	appointment, err := pathID[id.Appointment](x, "appointment")
	if err != nil {
		return err
	}
	if _, err := x.admittedToPortal("portal.appointment_get", c); err != nil {
		return err
	}
	found, err := calendar.AppointmentOf(x.ctx(), a.Pool, cal, appointment, c)
	if err != nil {
		return err
	}
	return x.reply(http.StatusOK, portalAppointmentOf(found))
}

// admittedToPortal asks the gate for what a patient may see of a chart's
// appointments, and waits for the read model.
func (x *exchange) admittedToPortal(action string, c id.Chart) (commands.Admission, error) {
	call, err := x.call()
	if err != nil {
		return commands.Admission{}, err
	}
	admission, err := x.api.Engine.AdmitTo(x.ctx(), call, commands.Question{
		Action: action, Capability: access.AppointmentBookOwn, Target: chart.Stream(call.Group, c), Chart: c,
	}, access.Resource{Group: call.Group, Chart: c})
	if err != nil {
		return commands.Admission{}, err
	}
	return admission, x.await(calendar.Name)
}

// forOwnChart reads the chart from the path for a patient's command. The events
// of a dry run stay inside: they hold what patients must not see (BKG-8).
func forOwnChart(x *exchange, run func(id.Chart) (string, commands.Receipt, error)) (string, commands.Receipt, error) {
	c, err := pathID[id.Chart](x, "chart")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	subject, receipt, err := run(c)
	if receipt.DryRun {
		receipt.Events = nil
	}
	return subject, receipt, err
}

type portalBooking struct {
	Type               id.AppointmentType `json:"type"`
	Start              time.Time          `json:"start"`
	PolicyVersionShown int                `json:"policyVersionShown"`
}

func (a *api) portalBookAppointment(x *exchange, call commands.Call, b portalBooking) (string, commands.Receipt, error) {
	return forOwnChart(x, func(c id.Chart) (string, commands.Receipt, error) {
		cal, err := pathCalendar(x)
		if err != nil {
			return "", commands.Receipt{}, err
		}
		appointment := calendarThing[id.Appointment](call, cal, "appointment")
		receipt, err := a.Engine.BookAppointment(x.ctx(), call, cal, booking.BookAppointment{
			Appointment: appointment, Chart: c, Type: b.Type, Start: b.Start, Channel: booking.ByPatient, PolicyVersionShown: b.PolicyVersionShown,
		})
		return appointment.String(), receipt, err
	})
}

type portalMove struct {
	Start              time.Time `json:"start"`
	PolicyVersionShown int       `json:"policyVersionShown"`
}

func (a *api) portalRescheduleAppointment(x *exchange, call commands.Call, b portalMove) (string, commands.Receipt, error) {
	return forOwnChart(x, func(c id.Chart) (string, commands.Receipt, error) {
		return inCalendar(x, "appointment", func(cal booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
			return a.Engine.RescheduleAppointment(x.ctx(), call, cal, booking.RescheduleAppointment{
				Appointment: appointment, Chart: c, Start: b.Start, By: booking.ByPatient, PolicyVersionShown: b.PolicyVersionShown,
			})
		})
	})
}

type portalCancellation struct {
	Reason             string `json:"reason"`
	PolicyVersionShown int    `json:"policyVersionShown"`
}

func (a *api) portalCancelAppointment(x *exchange, call commands.Call, b portalCancellation) (string, commands.Receipt, error) {
	return forOwnChart(x, func(c id.Chart) (string, commands.Receipt, error) {
		return inCalendar(x, "appointment", func(cal booking.CalendarID, appointment id.Appointment) (commands.Receipt, error) {
			return a.Engine.CancelAppointment(x.ctx(), call, cal, booking.CancelAppointment{
				Appointment: appointment, Chart: c, By: booking.ByPatient, Reason: b.Reason, PolicyVersionShown: b.PolicyVersionShown,
			})
		})
	})
}
