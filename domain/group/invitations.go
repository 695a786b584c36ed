package group

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// MemberInvited offers somebody a place; nothing is theirs until they accept (G-8).
type MemberInvited struct {
	Invitation id.Invitation `json:"invitation"`
	// EmailHash recognises the invited address; the address itself is not kept.
	EmailHash string      `json:"emailHash"`
	Role      access.Role `json:"role"`
	Clinician bool        `json:"clinician"`
	Branches  []id.Branch `json:"branches"`
	// Clinicians are those whom a manager manages or an assistant assists.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	// Profession is that of an invited clinician; empty means therapist.
	Profession pricing.Category `json:"profession,omitempty"`
	InvitedBy  id.Member        `json:"invitedBy"`
	// ExpiresAt is the first instant at which the invitation no longer holds, UTC.
	ExpiresAt time.Time `json:"expiresAt"`
}

// MemberJoined makes the account a member of the group.
type MemberJoined struct {
	Invitation id.Invitation `json:"invitation"`
	Member     id.Member     `json:"member"`
	Account    id.Account    `json:"account"`
	Role       access.Role   `json:"role"`
	Clinician  bool          `json:"clinician"`
	Branches   []id.Branch   `json:"branches"`
	Clinicians []id.Member   `json:"clinicians,omitempty"`
	JoinedAt   time.Time     `json:"joinedAt"`
}

// InvitationDeclined and InvitationRevoked end an invitation before it is used.
type (
	InvitationDeclined struct {
		Invitation id.Invitation `json:"invitation"`
	}
	// InvitationRevoked is by the practice, InvitationDeclined by the invited.
	InvitationRevoked struct {
		Invitation id.Invitation `json:"invitation"`
		RevokedBy  id.Member     `json:"revokedBy"`
	}
)

// InvitationExpired ends an invitation that nobody answered in time.
type InvitationExpired struct {
	Invitation id.Invitation `json:"invitation"`
}

func (MemberInvited) isEvent()      {}
func (MemberJoined) isEvent()       {}
func (InvitationDeclined) isEvent() {}
func (InvitationRevoked) isEvent()  {}
func (InvitationExpired) isEvent()  {}

// Invitation is an offer to join.
type Invitation struct {
	ID         id.Invitation
	EmailHash  string
	Role       access.Role
	Clinician  bool
	Branches   []id.Branch
	Clinicians []id.Member
	// Profession is that of an invited clinician; empty means therapist.
	Profession pricing.Category
	InvitedBy  id.Member
	ExpiresAt  time.Time
	// Closed reports that it was accepted, declined or revoked, or expired.
	Closed bool
}

// OpenAt reports whether the invitation can be answered at an instant (G-8).
func (i Invitation) OpenAt(now time.Time) bool { return !i.Closed && now.Before(i.ExpiresAt) }

// Invitation returns an invitation, open or not.
func (s State) Invitation(i id.Invitation) (Invitation, bool) {
	inv, ok := s.invitations[i]
	return inv, ok
}

// Invitations returns every invitation, open or not, in no particular order.
func (s State) Invitations() []Invitation { return slices.Collect(maps.Values(s.invitations)) }

func (s *State) joined(e MemberJoined) {
	m := Member{
		ID: e.Member, Account: e.Account, Role: e.Role, Active: true, Clinician: e.Clinician,
		Branches: e.Branches, JoinedAt: e.JoinedAt, EmailHash: s.invitations[e.Invitation].EmailHash,
	}
	m.Manages, m.Assists = scopeOf(e.Role, e.Clinicians)
	s.join(m)
	s.closeInvitation(e.Invitation)
}

func (s *State) closeInvitation(i id.Invitation) {
	es.Alter(s.invitations, i, func(inv *Invitation) { inv.Closed = true })
}

// ErrNotInvited is the one answer to people who may not answer an invitation,
// whether there is no such invitation or it is for another address: an id does not
// reveal what exists.
var ErrNotInvited = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation for the e-mail address that you signed in with. Sign in with the address that the mail came to, or ask for a new invitation.")

// The rejections about invitations.
var (
	errNoInvitation   = fault.New(fault.NotFound, "invitation_not_found", "There is no such invitation.")
	errInvitationUsed = fault.New(fault.Rejected, "invitation_used", "This invitation was already accepted, declined or revoked, or has expired. Ask for a new one.")
	errNotExpiredYet  = fault.New(fault.Rejected, "invitation_not_expired", "This invitation can still be answered.")
	errEmailHash      = fault.New(fault.Invalid, "email_required", "An invitation is for one e-mail address.")
)

// InvitationFacts are who invites, and the prices that they may see; the zero
// Book where they may see none.
type InvitationFacts struct {
	By   id.Member
	Book pricing.Book
}

// InviteMember offers somebody a place in the group (G-8, G-9). It takes the hash
// of the address, because an invitation must recognise it but a log that never
// changes should not hold it. Without branches it means the default one.
// Rejections: "solo_practice", "role_exceeds_inviter", "already_member", "already_invited",
// "empty_scope", "not_a_clinician", "manager_must_be_clinician",
// "branch_not_found", "expiry_in_past"; with a subscription also
// "no_free_licence", "role_needs_no_licence" and those of AssignLicence.
type InviteMember struct {
	Invitation id.Invitation `json:"invitation"`
	EmailHash  string        `json:"emailHash"`
	Role       access.Role   `json:"role"`
	Clinician  bool          `json:"clinician"`
	Branches   []id.Branch   `json:"branches,omitempty"`
	// Clinicians are those whom a manager will manage or an assistant assist.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	ExpiresAt  time.Time   `json:"expiresAt"`
	// Licence is kept for an invited clinician once the practice has a subscription;
	// zero takes the first that suits.
	Licence id.Licence `json:"licence,omitzero"`
	// Profession is that of an invited clinician; empty means therapist.
	Profession pricing.Category `json:"profession,omitempty"`
}

// Decide offers the place.
func (c InviteMember) Decide(s State, f InvitationFacts, now time.Time) ([]Event, error) {
	by, err := s.active(f.By)
	if err := cmp.Or(
		err,
		fault.When(s.solo, errSolo),
		fault.When(!c.Role.Known(), errUnknownRole),
		fault.When(!by.Role.Outranks(c.Role), errRoleExceeds),
		fault.When(c.EmailHash == "", errEmailHash),
		fault.When(!c.ExpiresAt.After(now), fault.New(fault.Invalid, "expiry_in_past", "An invitation must expire after now.")),
		s.checkUninvited(c.Invitation, c.EmailHash, now),
		s.checkScope(c.Role, c.Clinician, id.Member{}, c.Clinicians),
		s.checkBranches(c.Branches),
	); err != nil {
		return nil, err
	}
	branches := sorted(c.Branches)
	if len(branches) == 0 {
		branches = []id.Branch{s.DefaultBranch()}
	}
	if !c.Clinician {
		c.Profession = ""
	}
	if c.Profession != "" && !c.Profession.Known() {
		return nil, errUnknownJob
	}
	reserved, err := c.reservation(s, f.Book, now)
	if err != nil {
		return nil, err
	}
	return append([]Event{MemberInvited{
		Invitation: c.Invitation, EmailHash: c.EmailHash, Role: c.Role, Clinician: c.Clinician,
		Branches: branches, Clinicians: sorted(c.Clinicians), Profession: c.Profession, InvitedBy: f.By, ExpiresAt: c.ExpiresAt.UTC(),
	}}, reserved...), nil
}

// checkUninvited refuses to invite whom the group already has, or has invited.
func (s State) checkUninvited(invitation id.Invitation, emailHash string, now time.Time) error {
	for _, m := range s.members {
		if m.Active && m.EmailHash == emailHash {
			return fault.New(fault.Rejected, "already_member", "This address already belongs to a member of the practice.").With("member", m.ID.String())
		}
	}
	if _, known := s.invitations[invitation]; known || invitation.IsZero() {
		return fault.New(fault.Rejected, "already_invited", "An invitation with this id already exists.")
	}
	for _, inv := range s.invitations {
		if inv.EmailHash == emailHash && inv.OpenAt(now) {
			return fault.New(fault.Rejected, "already_invited", "This address already has an open invitation. Revoke it to send another.").With("invitation", inv.ID.String())
		}
	}
	return nil
}

// AcceptInvitation makes the invited account a member (G-8). The account is
// claimed for this group first (G-7, package membership). Rejections:
// "invitation_expired", "invitation_used", "invitation_not_found",
// "already_member", "empty_scope" if everybody left whom it was for, and
// "no_free_licence" for an invitation from before the subscription.
type AcceptInvitation struct {
	Invitation id.Invitation `json:"invitation"`
	Account    id.Account    `json:"account"`
	// EmailHash is that of the account's verified address.
	EmailHash string `json:"emailHash"`
	// Member is the id of the membership to be.
	Member id.Member `json:"member"`
}

// Decide lets the account join, with what the invitation said.
func (c AcceptInvitation) Decide(s State, now time.Time) ([]Event, error) {
	inv, err := s.open(c.Invitation, c.EmailHash, now)
	if err != nil {
		return nil, err
	}
	if c.Member.IsZero() || c.Account.IsZero() {
		return nil, fault.New(fault.Invalid, "id_required", "Joining needs the ids of the account and of the membership to be.")
	}
	i, known := s.byAccount[c.Account]
	if _, taken := s.byMember[c.Member]; taken || known && s.members[i].Active {
		return nil, fault.New(fault.Rejected, "already_member", "This account already is a member of the practice.")
	}
	clinicians := s.activeAmong(inv.Clinicians, treats)
	licensed, err := s.licensed(inv, c.Member, now)
	if err := cmp.Or(s.checkScope(inv.Role, inv.Clinician, c.Member, clinicians), err); err != nil {
		return nil, err
	}
	return append([]Event{MemberJoined{
		Invitation: inv.ID, Member: c.Member, Account: c.Account, Role: inv.Role, Clinician: inv.Clinician,
		Branches: inv.Branches, Clinicians: clinicians, JoinedAt: now.UTC(),
	}}, licensed...), nil
}

// open returns an invitation that its addressee may still answer.
func (s State) open(i id.Invitation, emailHash string, now time.Time) (Invitation, error) {
	inv, ok := s.invitations[i]
	switch {
	case !ok || inv.EmailHash != emailHash:
		return Invitation{}, ErrNotInvited
	case inv.Closed:
		return Invitation{}, errInvitationUsed
	case !now.Before(inv.ExpiresAt):
		return Invitation{}, fault.New(fault.Rejected, "invitation_expired", "This invitation has expired. Ask for a new one.")
	}
	return inv, nil
}

// DeclineInvitation is the addressee's no. Rejections as for AcceptInvitation.
type DeclineInvitation struct {
	Invitation id.Invitation `json:"invitation"`
	EmailHash  string        `json:"emailHash"`
}

// Decide ends the invitation.
func (c DeclineInvitation) Decide(s State, now time.Time) ([]Event, error) {
	if _, err := s.open(c.Invitation, c.EmailHash, now); err != nil {
		return nil, err
	}
	return append([]Event{InvitationDeclined{Invitation: c.Invitation}}, s.unreserved(c.Invitation)...), nil
}

// RevokeInvitation takes an invitation back, expired or not. Rejections:
// "invitation_used", "target_outranks_you".
type RevokeInvitation struct {
	Invitation id.Invitation `json:"invitation"`
}

// Decide ends the invitation.
func (c RevokeInvitation) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	by, err := s.active(actor)
	if err != nil {
		return nil, err
	}
	inv, ok := s.invitations[c.Invitation]
	if err := cmp.Or(
		fault.When(!ok, errNoInvitation),
		fault.When(inv.Closed, errInvitationUsed),
		fault.When(!by.Role.Outranks(inv.Role), errOutranks),
	); err != nil {
		return nil, err
	}
	return append([]Event{InvitationRevoked{Invitation: c.Invitation, RevokedBy: actor}}, s.unreserved(c.Invitation)...), nil
}

// ExpireInvitation ends an invitation that nobody answered in time; the clock
// sends it. Rejection: "invitation_not_expired". One that was answered or taken
// back meanwhile stays as it is.
type ExpireInvitation struct {
	Invitation id.Invitation `json:"invitation"`
}

// Decide ends the invitation.
func (c ExpireInvitation) Decide(s State, now time.Time) ([]Event, error) {
	inv, ok := s.invitations[c.Invitation]
	switch {
	case !ok:
		return nil, errNoInvitation
	case inv.Closed:
		return nil, nil
	case now.Before(inv.ExpiresAt):
		return nil, errNotExpiredYet
	}
	return append([]Event{InvitationExpired(c)}, s.unreserved(c.Invitation)...), nil
}
