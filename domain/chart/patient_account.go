package chart

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Relation says what the person of an account is to the patient.
type Relation string

// The relations.
const (
	Self     Relation = "self"
	Guardian Relation = "guardian"
	Partner  Relation = "partner"
	Other    Relation = "other"
)

// represents reports whether the person is the patient, or speaks for them by law: only
// they may be told who has looked at the chart.
func (r Relation) represents() bool { return r == Self || r == Guardian }

// Known reports whether there is such a relation.
func (r Relation) Known() bool { return r.represents() || r == Partner || r == Other }

// PatientAccountLinked says that a patient's or guardian's account may act for
// this patient in the portal, such as book online. Links from before relations and limits
// were recorded have the account only, and may book.
type PatientAccountLinked struct {
	Account  id.Account `json:"account"`
	Relation Relation   `json:"relation,omitempty"`
	// May are the permissions of the link, and Until is the first instant at which it no
	// longer holds, UTC; unset for one that does not end by itself.
	May   []access.Capability `json:"may,omitempty"`
	Until time.Time           `json:"until,omitzero"`
	// Invitation is the one that was accepted, and InvitedBy who sent it; unset where a
	// member linked the account.
	Invitation id.Invitation `json:"invitation,omitzero"`
	InvitedBy  id.Member     `json:"invitedBy,omitzero"`
}

// PatientAccountUnlinked says that the account may no longer act for this patient.
type PatientAccountUnlinked struct {
	Account id.Account `json:"account"`
}

// PatientAccessChanged says what a linked account is and may do from now on, whole.
type PatientAccessChanged struct {
	Account  id.Account          `json:"account"`
	Relation Relation            `json:"relation"`
	May      []access.Capability `json:"may"`
	Until    time.Time           `json:"until,omitzero"`
}

func (PatientAccountLinked) isEvent()   {}
func (PatientAccountUnlinked) isEvent() {}
func (PatientAccessChanged) isEvent()   {}

// PatientAccount is an account that may act for the patient.
type PatientAccount struct {
	Account id.Account
	// Relation is empty where it was never said.
	Relation Relation
	May      []access.Capability
	// Until is the first instant at which the link no longer holds, UTC; zero means unbounded.
	Until time.Time
	// Invitation is the one that the account accepted, if it did, and InvitedBy who sent it.
	Invitation id.Invitation
	InvitedBy  id.Member
}

// inForce reports whether the account may still act at an instant.
func (a PatientAccount) inForce(now time.Time) bool { return access.Link{Until: a.Until}.InForce(now) }

// unlimited is what links could do before limits were recorded.
var unlimited = []access.Capability{access.AppointmentViewOwn, access.AppointmentBookOwn}

func (s *State) patientLinked(e PatientAccountLinked) {
	a := PatientAccount(e)
	if a.May == nil {
		a.May = unlimited
	}
	s.PatientAccounts = append(slices.Clip(s.PatientAccounts), a)
	s.invitation(e.Invitation, func(i *PatientInvitation) { i.Closed = true })
}

// altered is a copy of a list with each of its elements altered.
func altered[T any](list []T, alter func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		alter(&list[i])
	}
	return list
}

// PatientAccount returns the account that is linked to the patient, whether or not its
// link still holds.
func (s State) PatientAccount(a id.Account) (PatientAccount, bool) {
	i := slices.IndexFunc(s.PatientAccounts, func(p PatientAccount) bool { return p.Account == a })
	if i < 0 {
		return PatientAccount{}, false
	}
	return s.PatientAccounts[i], true
}

// LinkOf returns what ties an account to the chart at an instant.
func (s State) LinkOf(a id.Account, now time.Time) (access.Link, bool) {
	p, linked := s.PatientAccount(a)
	return access.Link{Chart: s.Chart, May: slices.Clone(p.May), Until: p.Until}, linked && p.inForce(now)
}

// Represents reports whether an account is linked, at an instant, as the patient's own or as
// that of who speaks for them by law.
func (s State) Represents(a id.Account, now time.Time) bool {
	p, linked := s.PatientAccount(a)
	return linked && p.inForce(now) && p.Relation.represents()
}

// limits returns the permissions of a link as they are kept: in their one order, with
// what they bring. Without any they follow from the relation. Faults: "unknown_relation",
// "unknown_limit", "limit_not_for_relation".
func limits(r Relation, may []access.Capability) ([]access.Capability, error) {
	if !r.Known() {
		return nil, fault.New(fault.Invalid, "unknown_relation", "Say what the person is to the patient: self, guardian, partner or other.")
	}
	known := access.PatientCapabilities()
	switch {
	case len(may) > 0:
	case r.represents():
		return known, nil
	default:
		return []access.Capability{access.AppointmentViewOwn}, nil
	}
	for _, c := range may {
		switch {
		case !slices.Contains(known, c):
			return nil, fault.New(fault.Invalid, "unknown_limit", "A link to the portal can allow seeing appointments, booking them, and seeing who has looked at the chart, and nothing else. The document lists the names.")
		case c == access.AccessReportOwn && !r.represents():
			return nil, fault.New(fault.Rejected, "limit_not_for_relation", "Only the patient and their guardians may see who has looked at the chart. Leave that permission out.")
		}
	}
	link := access.Link{May: may}
	return slices.DeleteFunc(known, func(c access.Capability) bool { return !link.Allows(c) }), nil
}

// checkUntil refuses a link that would have ended already, and one that ends within a second.
// Faults: "access_ends_in_past", "instant_not_whole_seconds".
func checkUntil(until, now time.Time) error {
	if until.IsZero() {
		return nil
	}
	_, inexact := civil.Instant(until)
	return cmp.Or(inexact, fault.When(!until.After(now), fault.New(fault.Invalid, "access_ends_in_past", "The access must end after now. Leave out until to give it without an end.")))
}

// LinkPatientAccount lets a patient's or guardian's account act for the patient. Without
// a relation it may book, and nothing is said of who it is.
type LinkPatientAccount struct {
	Account  id.Account          `json:"account"`
	Relation Relation            `json:"relation,omitempty"`
	May      []access.Capability `json:"may,omitempty"`
	Until    time.Time           `json:"until,omitzero"`
}

// Decide links. Faults: "chart_not_found", "chart_archived", "patient_account_required",
// "account_already_linked", "access_ends_in_past" and those of limits.
func (c LinkPatientAccount) Decide(s State, now time.Time) ([]Event, error) {
	_, linked := s.PatientAccount(c.Account)
	err := cmp.Or(
		s.writable(),
		fault.When(c.Account.IsZero(), fault.New(fault.Invalid, "patient_account_required", "Name the account to link.")),
		fault.When(linked, errAlreadyLinked),
		checkUntil(c.Until, now),
	)
	if c.Relation != "" || len(c.May) > 0 {
		var wrong error
		c.May, wrong = limits(c.Relation, c.May)
		err = cmp.Or(err, wrong)
	}
	if err != nil {
		return nil, err
	}
	return []Event{PatientAccountLinked{Account: c.Account, Relation: c.Relation, May: c.May, Until: c.Until.UTC()}}, nil
}

// ChangePatientAccess says anew what a linked account is to the patient and may do. It
// works on archived charts too: limiting access must never have to wait.
type ChangePatientAccess struct {
	Account  id.Account          `json:"account"`
	Relation Relation            `json:"relation"`
	May      []access.Capability `json:"may,omitempty"`
	Until    time.Time           `json:"until,omitzero"`
}

// Decide changes; the same again leads to no event. Faults: "chart_not_found",
// "account_not_linked", "access_ends_in_past" and those of limits.
func (c ChangePatientAccess) Decide(s State, now time.Time) ([]Event, error) {
	before, linked := s.PatientAccount(c.Account)
	may, err := limits(c.Relation, c.May)
	if err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!linked, errNotLinked), err, checkUntil(c.Until, now)); err != nil {
		return nil, err
	}
	if before.Relation == c.Relation && slices.Equal(before.May, may) && before.Until.Equal(c.Until) {
		return nil, nil
	}
	return []Event{PatientAccessChanged{Account: c.Account, Relation: c.Relation, May: may, Until: c.Until.UTC()}}, nil
}

// UnlinkPatientAccount ends what an account may do for the patient. It works on
// archived charts too: taking access away must never have to wait.
type UnlinkPatientAccount struct {
	Account id.Account `json:"account"`
}

// Decide unlinks. Faults: "chart_not_found", "account_not_linked".
func (c UnlinkPatientAccount) Decide(s State, _ time.Time) ([]Event, error) {
	_, linked := s.PatientAccount(c.Account)
	if err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!linked, errNotLinked)); err != nil {
		return nil, err
	}
	return []Event{PatientAccountUnlinked(c)}, nil
}

var (
	errAlreadyLinked = fault.New(fault.Rejected, "account_already_linked", "This account is already linked to the chart.")
	errNotLinked     = fault.New(fault.Rejected, "account_not_linked", "This account is not linked to the chart.")
)
