package group

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// ChangeMemberRole moves a member to another role (G-9). Who becomes a manager or
// an assistant is given clinicians in the same decision; who ceases to be one
// loses them. Rejections: "last_owner", "cannot_change_own_role",
// "target_outranks_you", "role_exceeds_inviter", "empty_scope",
// "not_a_clinician", "manager_must_be_clinician", "self_management".
type ChangeMemberRole struct {
	Member id.Member   `json:"member"`
	Role   access.Role `json:"role"`
	// Clinicians are those whom the member will manage or assist.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide changes the role; the role that the member has already changes nothing.
func (c ChangeMemberRole) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	by, err := s.active(actor)
	target, unknown := s.active(c.Member)
	if err := cmp.Or(err, unknown); err != nil {
		return nil, err
	}
	switch {
	case !c.Role.Known():
		return nil, errUnknownRole
	case target.Role == access.Owner:
		return nil, fault.New(fault.Rejected, "last_owner", "The practice has exactly one owner. Transfer the ownership instead.")
	case target.ID == by.ID:
		return nil, fault.New(fault.Forbidden, "cannot_change_own_role", "Nobody changes their own role. Ask the owner.")
	case !by.Role.Outranks(target.Role):
		return nil, errOutranks
	case !by.Role.Outranks(c.Role):
		return nil, errRoleExceeds
	case target.Role == c.Role:
		return nil, nil
	case c.Role == roleWithoutLicence && s.holdsLicence(target.ID):
		return nil, errRoleFree
	}
	if err := s.checkScope(c.Role, target.Clinician, target.ID, c.Clinicians); err != nil {
		return nil, err
	}
	// Scopes end before the role does and begin after it, so that no revision
	// shows a scope without its role.
	events := append(scopedTo(access.Manager, target, nil), scopedTo(access.Assistant, target, nil)...)
	events = append(events, MemberRoleChanged{Member: target.ID, From: target.Role, To: c.Role, ChangedBy: by.ID})
	target.Manages, target.Assists = nil, nil
	return append(events, scopedTo(c.Role, target, c.Clinicians)...), nil
}

// scopedTo returns the event after which the member manages, or assists, exactly these;
// none for other roles, and where nothing changes.
func scopedTo(role access.Role, m Member, clinicians []id.Member) []Event {
	before := m.Manages
	if role == access.Assistant {
		before = m.Assists
	}
	added, removed := difference(before, clinicians)
	switch {
	case len(added)+len(removed) == 0:
	case role == access.Manager:
		return []Event{ManagedCliniciansSet{Manager: m.ID, Added: added, Removed: removed}}
	case role == access.Assistant:
		return []Event{AssistantCliniciansSet{Assistant: m.ID, Added: added, Removed: removed}}
	}
	return nil
}

// AssignManager says whom a manager manages, instead of those before (R-5,
// AMB-12). Rejections: "target_outranks_you", "self_grant", "not_a_manager",
// "empty_scope", "not_a_clinician", "manager_must_be_clinician",
// "self_management".
type AssignManager struct {
	Manager    id.Member   `json:"manager"`
	Clinicians []id.Member `json:"clinicians"`
}

// Decide sets the managed clinicians.
func (c AssignManager) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	m, err := s.scoping(actor, c.Manager, func(m Member) bool { return widens(m.Manages, c.Clinicians) })
	if err := cmp.Or(
		err,
		fault.When(!m.Clinician, errManagerClinician),
		fault.When(m.Role != access.Manager, errNotManager),
		s.checkScope(m.Role, m.Clinician, m.ID, c.Clinicians),
	); err != nil {
		return nil, err
	}
	return scopedTo(m.Role, m, c.Clinicians), nil
}

// AssignAssistant says whom an assistant assists, instead of those before.
// Rejections: "target_outranks_you", "self_grant", "not_an_assistant",
// "empty_scope", "not_a_clinician", "self_management".
type AssignAssistant struct {
	Assistant  id.Member   `json:"assistant"`
	Clinicians []id.Member `json:"clinicians"`
}

// Decide sets the assisted clinicians.
func (c AssignAssistant) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	m, err := s.scoping(actor, c.Assistant, func(m Member) bool { return widens(m.Assists, c.Clinicians) })
	if err := cmp.Or(
		err,
		fault.When(m.Role != access.Assistant, errNotAssistant),
		s.checkScope(m.Role, m.Clinician, m.ID, c.Clinicians),
	); err != nil {
		return nil, err
	}
	return scopedTo(m.Role, m, c.Clinicians), nil
}

// scoping returns the member whose scope changes, if it is the decider's to
// change (AMB-11): that of somebody below them, or their own as long as it does
// not grow. A scope is as good as a grant, so the owner alone may widen their own.
func (s State) scoping(byID, targetID id.Member, grows func(Member) bool) (target Member, err error) {
	by, err := s.active(byID)
	target, unknown := s.active(targetID)
	self := by.ID == target.ID
	return target, cmp.Or(
		err, unknown,
		fault.When(!self && !by.Role.Outranks(target.Role), errOutranks),
		fault.When(self && by.Role != access.Owner && grows(target), errSelfScope),
	)
}

// widens reports whether a list has anything that was not there before.
func widens[K any](before, after []id.Of[K]) bool {
	added, _ := difference(before, after)
	return len(added) > 0
}

// checkScope refuses a list of clinicians that a manager or an assistant cannot
// be given; self is zero for somebody who has not joined yet. Roles without such
// a list must come without one.
func (s State) checkScope(role access.Role, clinician bool, self id.Member, clinicians []id.Member) error {
	switch role {
	case access.Manager:
		if !clinician {
			return errManagerClinician
		}
	case access.Assistant:
	case access.Owner, access.SuperAdmin, access.User:
		if len(clinicians) > 0 {
			return fault.New(fault.Invalid, "scope_not_for_role", "Only managers and assistants are given clinicians.")
		}
		return nil
	default:
		return errUnknownRole
	}
	if len(clinicians) == 0 {
		return errEmptyScope
	}
	for _, m := range clinicians {
		if !self.IsZero() && m == self {
			return errSelfManagement
		}
		if !s.IsActiveClinician(m) {
			return errNotClinician
		}
	}
	return nil
}

// checkBranches refuses branches that do not exist, or no longer.
func (s State) checkBranches(branches []id.Branch) error {
	for _, b := range branches {
		if _, err := s.openBranch(b); err != nil {
			return err
		}
	}
	return nil
}

// openBranch returns a branch to which something new may belong.
func (s State) openBranch(b id.Branch) (Branch, error) {
	branch, known := s.Branch(b)
	return branch, cmp.Or(fault.When(!known, errNoBranch), fault.When(branch.Closed, errBranchClosed))
}

// sorted returns the list in the order of ids, each once.
func sorted[K any](list []id.Of[K]) []id.Of[K] { return id.Sorted(slices.Values(list)) }

// difference returns what must be added to and removed from old to make it new.
func difference[K any](before, after []id.Of[K]) (added, removed []id.Of[K]) {
	return minus(sorted(after), before...), minus(sorted(before), after...)
}

// ReinstateMember gives a former member their membership back, under the same
// id and role, without the grants they once had. Whom they managed or assisted
// is restored as far as these are still here, unless others are named. The
// account is claimed for this group first (G-7). Rejections:
// "target_outranks_you", "removal_in_progress", "already_member" if the account
// came back by an invitation, and those of a role's scope: "empty_scope",
// "not_a_clinician", "self_management"; with a subscription "no_free_licence". A member whose access holds stays as
// they are.
type ReinstateMember struct {
	Member id.Member `json:"member"`
	// Clinicians are those whom the member will manage or assist.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide gives the membership back.
func (c ReinstateMember) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	by, err := s.active(actor)
	if err != nil {
		return nil, err
	}
	target, known := s.Member(c.Member)
	r, _ := s.RemovalOf(c.Member)
	switch {
	case !known:
		return nil, errNoMember
	case !by.Role.Outranks(target.Role):
		return nil, errOutranks
	case target.Active:
		return nil, nil
	case r.InProgress:
		return nil, errRemovalInProgress
	case s.members[s.byAccount[target.Account]].Active:
		return nil, fault.New(fault.Rejected, "already_member", "This account already is a member of the practice.")
	}
	clinicians := sorted(c.Clinicians)
	if len(clinicians) == 0 {
		clinicians = s.activeAmong(plus(target.Manages, target.Assists...), treats)
	}
	licensed, err := s.relicensed(target, now)
	if err := cmp.Or(s.checkScope(target.Role, target.Clinician, target.ID, clinicians), err); err != nil {
		return nil, err
	}
	return append([]Event{MemberReinstated{
		Member: target.ID, Role: target.Role, Branches: target.Branches, Clinicians: clinicians, Removal: r.Removal,
		ManagedBy: s.activeAmong(r.ManagedBy, is(access.Manager)), AssistedBy: s.activeAmong(r.AssistedBy, is(access.Assistant)),
		ReinstatedBy: by.ID,
	}}, licensed...), nil
}

// activeAmong returns the active ones among members for whom a condition holds.
func (s State) activeAmong(members []id.Member, holds func(Member) bool) (now []id.Member) {
	for _, m := range members {
		if member, _ := s.Member(m); member.Active && holds(member) {
			now = append(now, m)
		}
	}
	return now
}

func treats(m Member) bool { return m.Clinician }

func is(r access.Role) func(Member) bool { return func(m Member) bool { return m.Role == r } }
