package chart

import (
	"cmp"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// PatientInvited offers somebody the portal for this one chart; nothing is theirs until
// they accept.
type PatientInvited struct {
	Invitation id.Invitation `json:"invitation"`
	// Address is where the invitation went.
	Address  string   `json:"address" personal:"true"`
	Relation Relation `json:"relation"`
	// May and Until are those of the link that accepting makes.
	May   []access.Capability `json:"may"`
	Until time.Time           `json:"until,omitzero"`
	// TokenHash recognises the token of the mail's link; the token itself is kept nowhere.
	TokenHash string    `json:"tokenHash"`
	InvitedBy id.Member `json:"invitedBy"`
	// ExpiresAt is the first instant at which the invitation no longer holds, UTC.
	ExpiresAt time.Time `json:"expiresAt"`
}

// PatientInvitationResent says that the invitation went to the same address again, with
// another token: the former one is void.
type PatientInvitationResent struct {
	Invitation      id.Invitation `json:"invitation"`
	FormerTokenHash string        `json:"formerTokenHash"`
	TokenHash       string        `json:"tokenHash"`
	ExpiresAt       time.Time     `json:"expiresAt"`
}

// PatientInvitationRevoked says that the practice took back an invitation that was not accepted.
type PatientInvitationRevoked struct {
	Invitation id.Invitation `json:"invitation"`
}

// PatientInvitationExpired says that an invitation was not accepted in time.
type PatientInvitationExpired struct {
	Invitation id.Invitation `json:"invitation"`
}

func (PatientInvited) isEvent()           {}
func (PatientInvitationResent) isEvent()  {}
func (PatientInvitationRevoked) isEvent() {}
func (PatientInvitationExpired) isEvent() {}

// PatientInvitation is an offer of the portal for the chart.
type PatientInvitation struct {
	ID       id.Invitation
	Address  string
	Relation Relation
	May      []access.Capability
	Until    time.Time
	// TokenHash recognises the one token that accepts it now.
	TokenHash string
	InvitedBy id.Member
	ExpiresAt time.Time
	// Closed reports that it was accepted or revoked, or expired.
	Closed bool
}

// OpenAt reports whether the invitation can be accepted at an instant.
func (i PatientInvitation) OpenAt(now time.Time) bool { return !i.Closed && now.Before(i.ExpiresAt) }

// PatientInvitation returns an invitation, open or not.
func (s State) PatientInvitation(i id.Invitation) (PatientInvitation, bool) {
	at := slices.IndexFunc(s.PatientInvitations, func(p PatientInvitation) bool { return p.ID == i })
	if at < 0 {
		return PatientInvitation{}, false
	}
	return s.PatientInvitations[at], true
}

// invitation alters an invitation, if there is one.
func (s *State) invitation(i id.Invitation, alter func(*PatientInvitation)) {
	s.PatientInvitations = altered(s.PatientInvitations, func(p *PatientInvitation) {
		if p.ID == i {
			alter(p)
		}
	})
}

// ErrNoPatientInvitation is the one answer to a token that accepts nothing, whether there
// is no such chart or invitation, or it has another token: an id does not reveal what exists.
var ErrNoPatientInvitation = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation with this token. Open the link of the latest mail, or ask the practice for a new one.")

// The rejections about invitations to the portal.
var (
	errNoInvitation      = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation to this chart.")
	errInvitationUsed    = fault.New(fault.Rejected, "invitation_used", "This invitation was already accepted or revoked, or has expired. A new one can be sent.")
	errInvitationExpired = fault.New(fault.Rejected, "invitation_expired", "This invitation has expired. Ask the practice for a new one.")
	errNotExpiredYet     = fault.New(fault.Rejected, "invitation_not_expired", "This invitation can still be accepted.")
	errNoAddress         = fault.New(fault.Invalid, "email_required", "The chart has no e-mail address. Say which address the invitation goes to.")
	errExpiryInPast      = fault.New(fault.Invalid, "expiry_in_past", "An invitation must expire after now.")
	errOfGroup           = fault.New(fault.Rejected, "account_of_practice", "With this account you work for this practice. Sign in with another one to be its patient, so that what you do as either stays apart.")
)

// Inviting is what a decision about an invitation must know: who sends it, and the hash of
// the token that was made for its mail.
type Inviting struct {
	By        id.Member
	TokenHash string
}

// InvitePatient offers a patient or guardian the portal for the chart. Without an address
// it goes to the chart's contact address; without limits they follow from the relation.
type InvitePatient struct {
	Invitation id.Invitation       `json:"invitation"`
	Address    string              `json:"email,omitempty"`
	Relation   Relation            `json:"relation"`
	May        []access.Capability `json:"may,omitempty"`
	Until      time.Time           `json:"until,omitzero"`
	// ValidDays counts days of 24 hours from the decision.
	ValidDays int `json:"validDays"`
}

// Decide invites. Faults: "chart_not_found", "chart_archived", "email_required",
// "expiry_in_past", "access_ends_in_past", "already_invited", those of the address
// (package text) and of limits.
func (c InvitePatient) Decide(s State, f Inviting, now time.Time) ([]Event, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	address, err := email.Read(cmp.Or(c.Address, s.Patient.Email))
	may, wrong := limits(c.Relation, c.May)
	_, known := s.PatientInvitation(c.Invitation)
	open := slices.ContainsFunc(s.PatientInvitations, func(i PatientInvitation) bool {
		return i.OpenAt(now) && strings.EqualFold(i.Address, address)
	})
	if err := cmp.Or(
		err, wrong,
		fault.When(address == "", errNoAddress),
		fault.When(c.ValidDays < 1, errExpiryInPast),
		checkUntil(c.Until, now),
		fault.When(known || c.Invitation.IsZero(), fault.New(fault.Rejected, "already_invited", "An invitation with this id already exists.")),
		fault.When(open, fault.New(fault.Rejected, "already_invited", "This address already has an open invitation to this chart. Send that one again, or revoke it.")),
	); err != nil {
		return nil, err
	}
	return []Event{PatientInvited{
		Invitation: c.Invitation, Address: address, Relation: c.Relation, May: may, Until: c.Until.UTC(),
		TokenHash: f.TokenHash, InvitedBy: f.By, ExpiresAt: validFor(c.ValidDays, now),
	}}, nil
}

func validFor(days int, now time.Time) time.Time {
	return now.Add(time.Duration(days) * 24 * time.Hour).UTC()
}

// ResendPatientInvitation sends an invitation to its address again, expired or not. Its
// former link is void from then on.
type ResendPatientInvitation struct {
	Invitation id.Invitation `json:"invitation"`
	ValidDays  int           `json:"validDays"`
}

// Decide sends again. Faults: "chart_archived", "invitation_not_found",
// "invitation_used", "expiry_in_past".
func (c ResendPatientInvitation) Decide(s State, f Inviting, now time.Time) ([]Event, error) {
	i, err := s.unused(c.Invitation)
	if err := cmp.Or(s.writable(), err, fault.When(c.ValidDays < 1, errExpiryInPast), checkUntil(i.Until, now)); err != nil {
		return nil, err
	}
	return []Event{PatientInvitationResent{
		Invitation: i.ID, FormerTokenHash: i.TokenHash, TokenHash: f.TokenHash, ExpiresAt: validFor(c.ValidDays, now),
	}}, nil
}

// unused returns an invitation that was not closed.
func (s State) unused(i id.Invitation) (PatientInvitation, error) {
	found, known := s.PatientInvitation(i)
	return found, cmp.Or(fault.When(!known, errNoInvitation), fault.When(found.Closed, errInvitationUsed))
}

// RevokePatientInvitation takes an invitation back. It works on archived charts too.
type RevokePatientInvitation struct {
	Invitation id.Invitation `json:"invitation"`
}

// Decide revokes. Faults: "invitation_not_found", "invitation_used".
func (c RevokePatientInvitation) Decide(s State, _ time.Time) ([]Event, error) {
	_, err := s.unused(c.Invitation)
	return es.Decided[Event](err, false, PatientInvitationRevoked(c))
}

// ExpirePatientInvitation ends an invitation that nobody accepted in time; the clock sends
// it. Fault: "invitation_not_expired". One that was accepted or taken back meanwhile stays
// as it is.
type ExpirePatientInvitation struct {
	Invitation id.Invitation `json:"invitation"`
}

// Decide ends the invitation.
func (c ExpirePatientInvitation) Decide(s State, now time.Time) ([]Event, error) {
	i, known := s.PatientInvitation(c.Invitation)
	err := cmp.Or(fault.When(!known, errNoInvitation), fault.When(known && i.OpenAt(now), errNotExpiredYet))
	return es.Decided[Event](err, i.Closed, PatientInvitationExpired(c))
}

// AcceptPatientInvitation links the account of who has the token. OfPractice says that the
// account is one of the staff's.
type AcceptPatientInvitation struct {
	Invitation id.Invitation `json:"invitation"`
	TokenHash  string        `json:"tokenHash"`
	Account    id.Account    `json:"account"`
}

// Decide links with what the invitation said. Faults: "invitation_not_found",
// "invitation_used", "invitation_expired", "chart_archived", "account_of_practice",
// "account_already_linked".
func (c AcceptPatientInvitation) Decide(s State, ofGroup bool, now time.Time) ([]Event, error) {
	i, known := s.PatientInvitation(c.Invitation)
	if !known || c.Account.IsZero() || subtle.ConstantTimeCompare([]byte(i.TokenHash), []byte(c.TokenHash)) != 1 {
		return nil, ErrNoPatientInvitation
	}
	_, linked := s.PatientAccount(c.Account)
	if err := cmp.Or(
		fault.When(i.Closed, errInvitationUsed),
		fault.When(!i.OpenAt(now) || checkUntil(i.Until, now) != nil, errInvitationExpired),
		s.writable(),
		fault.When(ofGroup, errOfGroup),
		fault.When(linked, errAlreadyLinked),
	); err != nil {
		return nil, err
	}
	return []Event{PatientAccountLinked{
		Account: c.Account, Relation: i.Relation, May: i.May, Until: i.Until, Invitation: i.ID, InvitedBy: i.InvitedBy,
	}}, nil
}
