package booking

import (
	"strconv"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/calendar"
)

type bookingPolicyView struct {
	Online             bool           `json:"online"`
	SelfService        bool           `json:"selfService"`
	Window             booking.Window `json:"window"`
	PatientLimits      booking.Limits `json:"patientLimits"`
	CancellationPolicy policyText     `json:"cancellationPolicy"`
}

// admittedToSettings asks the gate for booking settings, which the whole staff see, and
// waits for the read model.
func admittedToSettings(x *httpapi.Exchange, action string) error {
	_, err := x.AdmitTo(calendar.Name, commands.Question{Action: action, Capability: access.GroupInfoView, Target: calendar.Name})
	return err
}

func getBookingPolicy(x *httpapi.Exchange) error {
	if err := admittedToSettings(x, "booking_policy.get"); err != nil {
		return err
	}
	p, err := calendar.PolicyOf(x.Ctx(), x.API.Pool, x.Group())
	if err != nil {
		return err
	}
	if p.Revision >= 0 {
		x.W.Header().Set("ETag", httpapi.ETag(p.Revision))
	}
	return x.Reply(bookingPolicyView{
		Online: p.Online, SelfService: p.SelfService, Window: p.Window, PatientLimits: p.Limits,
		CancellationPolicy: policyText{p.CancellationVersion, p.CancellationText},
	})
}

func listCancellationPolicies(x *httpapi.Exchange) error {
	before, limit := httpapi.QueryNumber(x, "before", 0), httpapi.QueryLimit(x)
	if err := admittedToSettings(x, "cancellation_policy.list"); err != nil {
		return err
	}
	versions, err := calendar.PolicyVersions(x.Ctx(), x.API.Pool, x.Group(), before, limit)
	return x.Answer(map[string]any{"versions": httpapi.List(versions)}, err)
}

func getCancellationPolicy(x *httpapi.Exchange) error {
	version, err := strconv.Atoi(x.InPath("version"))
	if err != nil {
		return errVersion
	}
	if err := admittedToSettings(x, "cancellation_policy.get"); err != nil {
		return err
	}
	found, err := calendar.PolicyVersionOf(x.Ctx(), x.API.Pool, x.Group(), version)
	return x.Answer(found, err)
}

var errVersion = fault.New(fault.Invalid, "malformed_version", "A version of the cancellation policy is a whole number from 1.")

func listAppointmentTypes(x *httpapi.Exchange) error {
	if err := admittedToSettings(x, "appointment_type.list"); err != nil {
		return err
	}
	types, err := calendar.Types(x.Ctx(), x.API.Pool, x.Group(), httpapi.QueryFlag(x, "retired"))
	return x.Answer(map[string]any{"types": httpapi.List(types)}, err)
}

func getAppointmentType(x *httpapi.Exchange) error {
	kind := httpapi.PathID[id.AppointmentType](x, "type")
	if err := admittedToSettings(x, "appointment_type.get"); err != nil {
		return err
	}
	found, err := calendar.TypeOf(x.Ctx(), x.API.Pool, x.Group(), kind)
	return x.Answer(found, err)
}
