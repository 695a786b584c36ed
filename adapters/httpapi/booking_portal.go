package httpapi

import (
	"time"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

// PortalHandlers are what patients use. They have types of their own, so that
// padding and other fields of the staff cannot leak into them (BKG-8).
func PortalHandlers() map[string]handler {
	return map[string]handler{
		"portalListTypes":        portalListTypes,
		"portalListSlots":        portalListSlots,
		"portalListMoves":        portalListMoves,
		"portalListAppointments": portalListAppointments,
		"portalGetAppointment":   portalGetAppointment,

		"portalBookAppointment": giveTo(inCalendar, commands.BookAppointment, func(in *input, b portalBooking) booking.BookAppointment {
			return booking.BookAppointment{
				Appointment: made[id.Appointment](in, "appointment"), Chart: ownChart(in), Type: b.Type, Start: b.Start,
				Channel: booking.ByPatient, PolicyVersionShown: b.PolicyVersionShown,
			}
		}),
		"portalRescheduleAppointment": giveTo(inCalendar, commands.RescheduleAppointment, func(in *input, b portalMove) booking.RescheduleAppointment {
			return booking.RescheduleAppointment{
				Appointment: named[id.Appointment](in, "appointment"), Chart: ownChart(in), Start: b.Start,
				By: booking.ByPatient, PolicyVersionShown: b.PolicyVersionShown,
			}
		}),
		"portalCancelAppointment": giveTo(inCalendar, commands.CancelAppointment, func(in *input, b portalCancellation) booking.CancelAppointment {
			return booking.CancelAppointment{
				Appointment: named[id.Appointment](in, "appointment"), Chart: ownChart(in), Reason: b.Reason,
				By: booking.ByPatient, PolicyVersionShown: b.PolicyVersionShown,
			}
		}),
	}
}

func portalListTypes(x *exchange) error {
	c := pathID[id.Chart](x, "chart")
	cal := pathCalendar(x)
	if _, err := x.admittedToCalendar("portal.type_list", cal, c); err != nil {
		return err
	}
	types, err := calendar.Offered(x.ctx(), x.api.Pool, cal)
	return x.answer(map[string]any{"types": append([]booking.OfferedType{}, types...)}, err)
}

func portalListSlots(x *exchange) error {
	c := pathID[id.Chart](x, "chart")
	return slots(x, c, id.Appointment{})
}

// portalListMoves answers where an appointment could be moved to: its own time
// counts as free, and its own terms hold (BKG-I4, BKG-A12).
func portalListMoves(x *exchange) error {
	c := pathID[id.Chart](x, "chart")
	appointment := pathID[id.Appointment](x, "appointment")
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
	Next         nextCursor          `json:"nextCursor,omitzero"`
	// SelfService says whether the patient may move and cancel them online (BKG-3).
	SelfService        bool       `json:"selfService"`
	CancellationPolicy policyText `json:"cancellationPolicy"`
}

func portalListAppointments(x *exchange) error {
	c := pathID[id.Chart](x, "chart")
	admission, err := x.admittedToPortal("portal.appointment_list", c)
	if err != nil {
		return err
	}
	policy, err := calendar.PolicyOf(x.ctx(), x.api.Pool, admission.Subject.Group)
	if err != nil {
		return err
	}
	page, err := calendar.Appointments(x.ctx(), x.api.Pool, calendar.AppointmentsQuery{
		Reach: admission.Reach, Chart: c, From: x.api.Clock(), Cursor: x.cursor, Limit: queryLimit(x),
	})
	if err != nil {
		return err
	}
	return x.reply(portalAppointments{
		Appointments: viewsOf(page.Appointments, portalAppointmentOf), Next: x.next(page.Next),
		SelfService:        policy.Online && policy.SelfService,
		CancellationPolicy: policyText{policy.CancellationVersion, policy.CancellationText},
	})
}

func portalAppointmentOf(p calendar.Appointment) portalAppointment {
	return portalAppointment{
		ID: p.ID, Clinician: p.Clinician, TypeName: p.TypeName, LengthMin: p.LengthMin, Start: p.Start.UTC(),
		End: p.End().UTC(), LocalDate: p.LocalDate, LocalTime: p.LocalTime, Zone: p.Zone, Cancelled: p.Cancelled,
	}
}

func portalGetAppointment(x *exchange) error {
	c := pathID[id.Chart](x, "chart")
	cal := pathCalendar(x)
	appointment := pathID[id.Appointment](x, "appointment")
	if _, err := x.admittedToPortal("portal.appointment_get", c); err != nil {
		return err
	}
	found, err := calendar.AppointmentOf(x.ctx(), x.api.Pool, cal, appointment, c)
	return x.answer(portalAppointmentOf(found), err)
}

// admittedToPortal asks the gate for what a patient may see of a chart's
// appointments, and waits for the read model.
func (x *exchange) admittedToPortal(action string, c id.Chart) (commands.Admission, error) {
	return x.admitTo(calendar.Name, commands.Question{
		Action: action, Capability: access.AppointmentBookOwn, Target: chart.Stream(x.group(), c), Chart: c,
	}, access.Resource{Group: x.group(), Chart: c})
}

// ownChart is the chart of the patient who gives a command.
func ownChart(in *input) id.Chart {
	in.forPatient = true
	return pathID[id.Chart](in.exchange, "chart")
}

type portalBooking struct {
	Type               id.AppointmentType `json:"type"`
	Start              time.Time          `json:"start"`
	PolicyVersionShown int                `json:"policyVersionShown"`
}

type portalMove struct {
	Start              time.Time `json:"start"`
	PolicyVersionShown int       `json:"policyVersionShown"`
}

type portalCancellation struct {
	Reason             string `json:"reason"`
	PolicyVersionShown int    `json:"policyVersionShown"`
}
