package httpapi

import (
	"strconv"
	"time"

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
func (x *exchange) admittedToSettings(action string) error {
	_, err := x.admitTo(calendar.Name, commands.Question{Action: action, Capability: access.GroupInfoView, Target: calendar.Name})
	return err
}

func getBookingPolicy(x *exchange) error {
	if err := x.admittedToSettings("booking_policy.get"); err != nil {
		return err
	}
	p, err := calendar.PolicyOf(x.ctx(), x.api.Pool, x.group())
	if err != nil {
		return err
	}
	if p.Revision >= 0 {
		x.w.Header().Set("ETag", etag(p.Revision))
	}
	return x.reply(bookingPolicyView{
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

func listCancellationPolicies(x *exchange) error {
	if err := x.admittedToSettings("cancellation_policy.list"); err != nil {
		return err
	}
	versions, err := calendar.PolicyVersions(x.ctx(), x.api.Pool, x.group(), queryNumber(x, "before", 0), queryLimit(x))
	return x.answer(map[string]any{"versions": viewsOf(versions, publishedTextOf)}, err)
}

func getCancellationPolicy(x *exchange) error {
	version, err := strconv.Atoi(x.inPath("version"))
	if err != nil {
		return errVersion
	}
	if err := x.admittedToSettings("cancellation_policy.get"); err != nil {
		return err
	}
	found, err := calendar.PolicyVersionOf(x.ctx(), x.api.Pool, x.group(), version)
	return x.answer(publishedTextOf(found), err)
}

var errVersion = fault.New(fault.Invalid, "malformed_version", "A version of the cancellation policy is a whole number from 1.")

type appointmentTypeView struct {
	ID id.AppointmentType `json:"id"`
	typeTerms
	Retired bool `json:"retired"`
}

func listAppointmentTypes(x *exchange) error {
	if err := x.admittedToSettings("appointment_type.list"); err != nil {
		return err
	}
	types, err := calendar.Types(x.ctx(), x.api.Pool, x.group(), x.inQuery("retired") == "true")
	return x.answer(map[string]any{"types": viewsOf(types, appointmentTypeOf)}, err)
}

func appointmentTypeOf(t calendar.Type) appointmentTypeView {
	return appointmentTypeView{t.ID, typeTerms{
		Name: t.Name, LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin,
		Clinicians: t.Clinicians,
	}, t.Retired}
}

func getAppointmentType(x *exchange) error {
	kind := pathID[id.AppointmentType](x, "type")
	if err := x.admittedToSettings("appointment_type.get"); err != nil {
		return err
	}
	found, err := calendar.TypeOf(x.ctx(), x.api.Pool, x.group(), kind)
	return x.answer(appointmentTypeOf(found), err)
}

// typeTerms is an appointment type as the staff read it.
type typeTerms struct {
	Name          string      `json:"name"`
	LengthMin     int         `json:"lengthMin"`
	PaddingMin    int         `json:"paddingMin"`
	StartEveryMin int         `json:"startEveryMin,omitempty"`
	Clinicians    []id.Member `json:"clinicians"`
}
