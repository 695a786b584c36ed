package group

import (
	"maps"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// State is a group as its events left it. The slices inside its members are
// replaced, never changed in place, so that a Subject may outlive a fold.
type State struct {
	group        id.Group
	info         Info
	zone         civil.Zone
	currency     money.Currency
	anchor       civil.Date
	owner        id.Member
	members      []Member // in the order of joining
	byMember     map[id.Member]int
	byAccount    map[id.Account]int // the latest membership of each account
	branches     []Branch           // the default branch first
	invitations  map[id.Invitation]Invitation
	roleRules    map[access.Role][]access.Rule
	prefixes     map[id.Member]string // what the numbers of invoices begin with
	sharing      access.Sharing
	solo         bool // founded for its owner alone, and not converted since
	removals     map[id.Member]Removal
	returns      map[id.Member]Return
	offer        OwnershipOffer // zero: none was made, or it was answered
	successor    id.Member
	claim        SuccessionClaim // zero: the successor claims nothing
	closed       bool
	subscription subscription
}

// Member is one person's membership.
type Member struct {
	ID      id.Member
	Account id.Account
	Role    access.Role
	// Active is false from the moment the access was revoked.
	Active bool
	// Clinician reports whether the member treats patients, whatever their role.
	Clinician bool
	Branches  []id.Branch
	// CalendarZone is the zone of the member's own calendar; empty for that of their
	// branch or of the practice (BKG-A4).
	CalendarZone civil.Zone
	// Manages is set for managers, Assists for assistants.
	Manages []id.Member
	Assists []id.Member
	// JoinedAt is when the invitation was accepted, UTC.
	JoinedAt time.Time
	// EmailHash recognises the address that was invited; empty for the founder.
	EmailHash string
	// Overrides are the rules set for this member, in the order of their setting.
	Overrides []access.Rule
}

// Branch is a location of the group.
type Branch struct {
	ID      id.Branch
	Name    string
	Default bool
	// Zone is the zone of the calendars of those who work here; empty for that of
	// the practice (BKG-A4).
	Zone civil.Zone
	// Closed reports that nothing new belongs to it; MovedTo is where its charts went.
	Closed  bool
	MovedTo id.Branch
	// Vacated reports that no chart belongs to a closed branch any more.
	Vacated bool
}

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

// Aggregate says how a group's events fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: newState, Evolve: Evolve}
}

func newState() State {
	return State{
		info: Info{}, byMember: map[id.Member]int{}, byAccount: map[id.Account]int{},
		invitations: map[id.Invitation]Invitation{}, roleRules: map[access.Role][]access.Rule{}, prefixes: map[id.Member]string{},
		removals: map[id.Member]Removal{}, returns: map[id.Member]Return{}, subscription: subscription{professed: map[id.Member]pricing.Category{}},
	}
}

// Exists reports whether the group was created.
func (s State) Exists() bool { return !s.group.IsZero() }

// ID returns the group's id; zero before it was created.
func (s State) ID() id.Group { return s.group }

// Info returns what the practice says about itself.
func (s State) Info() Info { return s.info }

// Zone returns the billing zone, Currency the one currency of the group (BIL-A25).
func (s State) Zone() civil.Zone { return s.zone }

// Currency returns the one currency of the group, fixed at its creation (BIL-A25).
func (s State) Currency() money.Currency { return s.currency }

// PeriodAnchor returns the first day of the first billing period, in Zone.
func (s State) PeriodAnchor() civil.Date { return s.anchor }

// Owner returns the one owner (G-2, AMB-1).
func (s State) Owner() id.Member { return s.owner }

// Member returns a present or former member.
func (s State) Member(m id.Member) (Member, bool) {
	i, ok := s.byMember[m]
	if !ok {
		return Member{}, false
	}
	return s.members[i], true
}

// Members returns everybody who is or was a member, in the order of joining.
func (s State) Members() []Member { return slices.Clone(s.members) }

// Branches returns the open branches in the order of their creation; the first is the default.
func (s State) Branches() []Branch {
	return slices.DeleteFunc(slices.Clone(s.branches), func(b Branch) bool { return b.Closed })
}

// AllBranches returns the branches, closed ones too, the default one first.
func (s State) AllBranches() []Branch { return slices.Clone(s.branches) }

// Branch returns a branch of the group, open or closed.
func (s State) Branch(b id.Branch) (Branch, bool) {
	branch := *s.branch(b)
	return branch, !branch.ID.IsZero()
}

// branch returns the place of a branch; one without id where there is none.
func (s *State) branch(b id.Branch) *Branch {
	return es.Find(s.branches, func(o *Branch) bool { return o.ID == b })
}

// DefaultBranch returns where things belong that name no branch (AMB-13).
func (s State) DefaultBranch() id.Branch {
	if len(s.branches) == 0 {
		return id.Branch{}
	}
	return s.branches[0].ID
}

// Invitation returns an invitation, open or not.
func (s State) Invitation(i id.Invitation) (Invitation, bool) {
	inv, ok := s.invitations[i]
	return inv, ok
}

// Invitations returns every invitation, open or not, in no particular order.
func (s State) Invitations() []Invitation { return slices.Collect(maps.Values(s.invitations)) }

// RoleRules returns the rules set for a role, in the order of their setting.
func (s State) RoleRules(r access.Role) []access.Rule { return slices.Clone(s.roleRules[r]) }

// IsActiveClinician reports whether the member treats patients here at present.
func (s State) IsActiveClinician(m id.Member) bool {
	i, ok := s.byMember[m]
	return ok && s.members[i].Active && s.members[i].Clinician
}

// SubjectOf returns the actor that an account is in this group, with everything
// that access.Decide needs: a stranger if the group does not know the account.
func (s State) SubjectOf(account id.Account) access.Subject {
	i, ok := s.byAccount[account]
	if !ok || account.IsZero() {
		return access.Subject{Kind: access.KindStranger, Account: account, Group: s.group}
	}
	return s.subject(s.members[i])
}

// SubjectOfMember returns the actor that a member is; a stranger if there is no
// such member.
func (s State) SubjectOfMember(m id.Member) access.Subject {
	i, ok := s.byMember[m]
	if !ok {
		return access.Subject{Kind: access.KindStranger, Group: s.group}
	}
	return s.subject(s.members[i])
}

func (s State) subject(m Member) access.Subject {
	return access.Subject{
		Kind: access.KindMember, Account: m.Account, Group: s.group, Member: m.ID,
		Role: m.Role, Active: m.Active, Clinician: m.Clinician,
		Branches: m.Branches, Manages: m.Manages, Assists: m.Assists,
		Overrides: m.Overrides, RoleRules: s.roleRules[m.Role], Sharing: s.sharing,
	}
}
