package httpapi

import (
	"net/http"
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

func (a *api) bookingPolicyHandlers() map[string]handler {
	return map[string]handler{
		"getBookingPolicy":          a.getBookingPolicy,
		"setOnlineBooking":          command(a.setOnlineBooking),
		"setSelfService":            command(a.setSelfService),
		"changeBookingWindow":       command(a.changeBookingWindow),
		"changePatientLimits":       command(a.changePatientLimits),
		"listCancellationPolicies":  a.listCancellationPolicies,
		"getCancellationPolicy":     a.getCancellationPolicy,
		"getAppointmentType":        a.getAppointmentType,
		"publishCancellationPolicy": command(a.publishCancellationPolicy),
		"listAppointmentTypes":      a.listAppointmentTypes,
		"addAppointmentType":        command(a.addAppointmentType),
		"reviseAppointmentType":     command(a.reviseAppointmentType),
		"retireAppointmentType":     command(a.retireAppointmentType),
	}
}

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
	return x.reply(http.StatusOK, bookingPolicyView{
		p.Online, p.SelfService, p.Window, p.Limits, policyText{p.CancellationVersion, p.CancellationText},
	})
}

type onOff struct {
	On bool `json:"on"`
}

func (a *api) setOnlineBooking(x *exchange, call commands.Call, b onOff) (string, commands.Receipt, error) {
	receipt, err := a.Engine.TurnOnlineBooking(x.ctx(), call, b.On)
	return "", receipt, err
}

func (a *api) setSelfService(x *exchange, call commands.Call, b onOff) (string, commands.Receipt, error) {
	receipt, err := a.Engine.LetPatientsServeThemselves(x.ctx(), call, b.On)
	return "", receipt, err
}

func (a *api) changeBookingWindow(x *exchange, call commands.Call, b booking.Window) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ChangeBookingWindow(x.ctx(), call, booking.ChangeBookingWindow{Window: b})
	return "", receipt, err
}

func (a *api) changePatientLimits(x *exchange, call commands.Call, b booking.Limits) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ChangePatientLimits(x.ctx(), call, booking.ChangePatientLimits{Limits: b})
	return "", receipt, err
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
	views := make([]publishedText, 0, len(versions))
	for _, v := range versions {
		views = append(views, publishedTextOf(v))
	}
	return x.reply(http.StatusOK, map[string]any{"versions": views})
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
	return x.reply(http.StatusOK, publishedTextOf(found))
}

var errVersion = fault.New(fault.Invalid, "malformed_version", "A version of the cancellation policy is a whole number from 1.")

func (a *api) publishCancellationPolicy(x *exchange, call commands.Call, b booking.PublishCancellationPolicy) (string, commands.Receipt, error) {
	receipt, err := a.Engine.PublishCancellationPolicy(x.ctx(), call, b)
	return "", receipt, err
}

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
	views := make([]appointmentTypeView, 0, len(types))
	for _, t := range types {
		views = append(views, appointmentTypeOf(t))
	}
	return x.reply(http.StatusOK, map[string]any{"types": views})
}

func appointmentTypeOf(t calendar.Type) appointmentTypeView {
	return appointmentTypeView{t.ID, typeTerms{t.Name, t.LengthMin, t.PaddingMin, t.StartEveryMin, t.Clinicians}, t.Retired}
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
	return x.reply(http.StatusOK, appointmentTypeOf(found))
}

// typeTerms is an appointment type as the staff write and read it.
type typeTerms struct {
	Name          string      `json:"name"`
	LengthMin     int         `json:"lengthMin"`
	PaddingMin    int         `json:"paddingMin"`
	StartEveryMin int         `json:"startEveryMin,omitempty"`
	Clinicians    []id.Member `json:"clinicians"`
}

func (t typeTerms) of(kind id.AppointmentType) booking.Terms {
	return booking.Terms{Type: kind, Name: t.Name, LengthMin: t.LengthMin, PaddingMin: t.PaddingMin, StartEveryMin: t.StartEveryMin}
}

func (a *api) addAppointmentType(x *exchange, call commands.Call, b typeTerms) (string, commands.Receipt, error) {
	kind := practiceThing[id.AppointmentType](call, "appointment type")
	receipt, err := a.Engine.AddAppointmentType(x.ctx(), call, booking.AddAppointmentType{Terms: b.of(kind), Clinicians: b.Clinicians})
	return kind.String(), receipt, err
}

func (a *api) reviseAppointmentType(x *exchange, call commands.Call, b typeTerms) (string, commands.Receipt, error) {
	kind, err := pathID[id.AppointmentType](x, "type")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.ReviseAppointmentType(x.ctx(), call, booking.ReviseAppointmentType{Terms: b.of(kind), Clinicians: b.Clinicians})
	return kind.String(), receipt, err
}

func (a *api) retireAppointmentType(x *exchange, call commands.Call, _ nothing) (string, commands.Receipt, error) {
	kind, err := pathID[id.AppointmentType](x, "type")
	if err != nil {
		return "", commands.Receipt{}, err
	}
	receipt, err := a.Engine.RetireAppointmentType(x.ctx(), call, booking.RetireAppointmentType{Type: kind})
	return kind.String(), receipt, err
}
