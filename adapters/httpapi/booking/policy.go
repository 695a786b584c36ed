package booking

import (
	"strconv"
	"time"

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

// publishedText is a text of the cancellation policy with its proof.
type publishedText struct {
	policyText
	SHA256      string    `json:"sha256"`
	PublishedAt time.Time `json:"publishedAt"`
}

func publishedTextOf(v calendar.PolicyVersion) publishedText {
	return publishedText{policyText{v.Version, v.Text}, v.SHA256, v.PublishedAt.UTC()}
}

func listCancellationPolicies(x *httpapi.Exchange) error {
	if err := admittedToSettings(x, "cancellation_policy.list"); err != nil {
		return err
	}
	versions, err := calendar.PolicyVersions(x.Ctx(), x.API.Pool, x.Group(), httpapi.QueryNumber(x, "before", 0), httpapi.QueryLimit(x))
	return x.Answer(map[string]any{"versions": httpapi.Views(versions, publishedTextOf)}, err)
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
	return x.Answer(publishedTextOf(found), err)
}

var errVersion = fault.New(fault.Invalid, "malformed_version", "A version of the cancellation policy is a whole number from 1.")

type appointmentTypeView struct {
	ID id.AppointmentType `json:"id"`
	typeTerms
	Retired bool `json:"retired"`
}

func listAppointmentTypes(x *httpapi.Exchange) error {
	if err := admittedToSettings(x, "appointment_type.list"); err != nil {
		return err
	}
	types, err := calendar.Types(x.Ctx(), x.API.Pool, x.Group(), x.InQuery("retired") == "true")
	return x.Answer(map[string]any{"types": httpapi.Views(types, appointmentTypeOf)}, err)
}

func appointmentTypeOf(t calendar.Type) appointmentTypeView {
	return appointmentTypeView{t.ID, typeTerms{
		Name: t.Name, LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin,
		Clinicians: t.Clinicians,
	}, t.Retired}
}

func getAppointmentType(x *httpapi.Exchange) error {
	kind := httpapi.PathID[id.AppointmentType](x, "type")
	if err := admittedToSettings(x, "appointment_type.get"); err != nil {
		return err
	}
	found, err := calendar.TypeOf(x.Ctx(), x.API.Pool, x.Group(), kind)
	return x.Answer(appointmentTypeOf(found), err)
}

// typeTerms is an appointment type as the staff read it.
type typeTerms struct {
	Name          string      `json:"name"`
	LengthMin     int         `json:"lengthMin"`
	PaddingMin    int         `json:"paddingMin"`
	StartEveryMin int         `json:"startEveryMin,omitempty"`
	Clinicians    []id.Member `json:"clinicians"`
}
