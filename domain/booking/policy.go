package booking

import (
	"cmp"
	"maps"
	"slices"

	"praxis/domain/es"
	"praxis/domain/id"
)

// PolicyState is what a practice's booking policy has come to.
type PolicyState struct {
	// Online is the practice's switch, SelfService the one for cancelling and moving.
	Online, SelfService bool
	Window              Window
	Limits              Limits
	// CancellationVersion is that of the published text, 0 before the first.
	CancellationVersion int
	// CancellationSHA256 is the hash of that text.
	CancellationSHA256 string
	// Types holds every type there ever was, retired ones too.
	Types map[id.AppointmentType]AppointmentType
}

// AppointmentType is a kind of appointment that the practice offers.
type AppointmentType struct {
	Terms
	// Clinicians are those who offer it, in order; none means all.
	Clinicians []id.Member
	Retired    bool
}

// OfferedBy reports whether the clinician takes new appointments of the type.
func (t AppointmentType) OfferedBy(clinician id.Member) bool {
	return !t.Retired && (len(t.Clinicians) == 0 || slices.Contains(t.Clinicians, clinician))
}

// PolicyAggregate says how policy events fold.
func PolicyAggregate() es.Aggregate[PolicyState, PolicyEvent] {
	return es.Aggregate[PolicyState, PolicyEvent]{Category: PolicyCategory, New: newPolicy, Evolve: EvolvePolicy}
}

// newPolicy is the policy of a practice that has set nothing: online booking is off.
func newPolicy() PolicyState {
	return PolicyState{Window: defaultWindow, Limits: defaultLimits, Types: map[id.AppointmentType]AppointmentType{}}
}

// EvolvePolicy applies one event.
func EvolvePolicy(s *PolicyState, event PolicyEvent) {
	switch e := event.(type) {
	case OnlineBookingTurnedOn:
		s.Online = true
	case OnlineBookingTurnedOff:
		s.Online = false
	case BookingWindowChanged:
		s.Window = e.Window
	case PatientLimitsChanged:
		s.Limits = e.Limits
	case SelfServiceAllowed:
		s.SelfService = true
	case SelfServiceStopped:
		s.SelfService = false
	case CancellationPolicyPublished:
		s.CancellationVersion, s.CancellationSHA256 = e.Version, e.SHA256
	case AppointmentTypeAdded:
		s.Types[e.Type] = AppointmentType{Terms: e.Terms, Clinicians: e.Clinicians}
	case AppointmentTypeRevised:
		s.Types[e.Type] = AppointmentType{Terms: e.Terms, Clinicians: e.Clinicians}
	case AppointmentTypeRetired:
		es.Alter(s.Types, e.Type, func(t *AppointmentType) { t.Retired = true })
	}
}

// Type returns an appointment type by its id, also a retired one.
func (s PolicyState) Type(t id.AppointmentType) (AppointmentType, bool) {
	found, ok := s.Types[t]
	return found, ok
}

// Policy is a practice's booking policy at one revision, as decisions about
// calendars and the read side see it. It shares nothing with the state it was
// taken from.
type Policy struct {
	PolicyState
	// Revision is that of the policy's stream.
	Revision es.Revision
}

// Snapshot returns the policy as it stands at a revision of its stream.
func (s PolicyState) Snapshot(revision es.Revision) Policy {
	s.Types = maps.Clone(s.Types)
	return Policy{PolicyState: s, Revision: revision}
}

// published reports whether a version of the cancellation policy ever was; 0, for
// none that was shown, is fine here.
func (p Policy) published(version int) bool {
	return version >= 0 && version <= p.CancellationVersion
}

// OfferedType is an appointment type as patients see it, without its padding (BKG-8).
type OfferedType struct {
	Type id.AppointmentType `json:"type"`
	Name string             `json:"name"`
	// LengthMin is the length in minutes.
	LengthMin int `json:"lengthMin"`
}

// Offered returns the types that patients can book with a clinician, by name.
// While online booking is off there are none (BKG-1).
func (p Policy) Offered(clinician id.Member) []OfferedType {
	var offered []OfferedType
	for _, t := range p.Types {
		if p.Online && t.OfferedBy(clinician) {
			offered = append(offered, OfferedType{Type: t.Type, Name: t.Name, LengthMin: t.LengthMin})
		}
	}
	slices.SortFunc(offered, func(a, b OfferedType) int { return cmp.Compare(a.Name, b.Name) })
	return offered
}
