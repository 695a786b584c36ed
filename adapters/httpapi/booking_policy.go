package httpapi

import (
	"strconv"
	"time"

	"github.com/gorilla/mux"

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

// bookingQuestion is the gate's question for settings that the whole staff see.
func bookingQuestion(action string) commands.Question {
	return commands.Question{Action: action, Capability: access.GroupInfoView, Target: calendar.Name}
}

func (a *api) getBookingPolicy(x *exchange) error {
	call, _, err := x.admitted(calendar.Name, bookingQuestion("booking_policy.get"))
	if err != nil {
		return err
	}
	p, err := calendar.PolicyOf(x.ctx(), a.Pool, call.Group)
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

func (a *api) listCancellationPolicies(x *exchange) error {
	before, limit := 0, queryLimit(x)
	if raw := x.r.URL.Query().Get("before"); raw != "" {
		before, _ = strconv.Atoi(raw) // The document lets whole numbers through only.
	}
	call, _, err := x.admitted(calendar.Name, bookingQuestion("cancellation_policy.list"))
	if err != nil {
		return err
	}
	versions, err := calendar.PolicyVersions(x.ctx(), a.Pool, call.Group, before, limit)
	if err != nil {
		return err
	}
	return x.reply(map[string]any{"versions": viewsOf(versions, publishedTextOf)})
}

func (a *api) getCancellationPolicy(x *exchange) error {
	version, err := strconv.Atoi(mux.Vars(x.r)["version"])
	if err != nil {
		return errVersion
	}
	call, _, err := x.admitted(calendar.Name, bookingQuestion("cancellation_policy.get"))
	if err != nil {
		return err
	}
	found, err := calendar.PolicyVersionOf(x.ctx(), a.Pool, call.Group, version)
	if err != nil {
		return err
	}
	return x.reply(publishedTextOf(found))
}

var errVersion = fault.New(fault.Invalid, "malformed_version", "A version of the cancellation policy is a whole number from 1.")

type appointmentTypeView struct {
	ID id.AppointmentType `json:"id"`
	typeTerms
	Retired bool `json:"retired"`
}

func (a *api) listAppointmentTypes(x *exchange) error {
	call, _, err := x.admitted(calendar.Name, bookingQuestion("appointment_type.list"))
	if err != nil {
		return err
	}
	types, err := calendar.Types(x.ctx(), a.Pool, call.Group, x.r.URL.Query().Get("retired") == "true")
	if err != nil {
		return err
	}
	return x.reply(map[string]any{"types": viewsOf(types, appointmentTypeOf)})
}

func appointmentTypeOf(t calendar.Type) appointmentTypeView {
	return appointmentTypeView{t.ID, typeTerms{
		Name: t.Name, LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin,
		Clinicians: t.Clinicians,
	}, t.Retired}
}

func (a *api) getAppointmentType(x *exchange) error {
	kind, err := pathID[id.AppointmentType](x, "type")
	if err != nil {
		return err
	}
	call, _, err := x.admitted(calendar.Name, bookingQuestion("appointment_type.get"))
	if err != nil {
		return err
	}
	found, err := calendar.TypeOf(x.ctx(), a.Pool, call.Group, kind)
	if err != nil {
		return err
	}
	return x.reply(appointmentTypeOf(found))
}

// typeTerms is an appointment type as the staff read it.
type typeTerms struct {
	Name          string      `json:"name"`
	LengthMin     int         `json:"lengthMin"`
	PaddingMin    int         `json:"paddingMin"`
	StartEveryMin int         `json:"startEveryMin,omitempty"`
	Clinicians    []id.Member `json:"clinicians"`
}
