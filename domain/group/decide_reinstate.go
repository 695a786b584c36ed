package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// ReinstateMember gives a former member their membership back, under the same
// id and role, without the grants they once had. Whom they managed or assisted
// is restored as far as these are still here, unless others are named. The
// account is claimed for this group first (G-7). Rejections:
// "target_outranks_you", "removal_in_progress", "already_member" if the account
// came back by an invitation, and those of a role's scope: "empty_scope",
// "not_a_clinician", "self_management"; with a subscription "no_free_licence". A member whose access holds stays as
// they are.
type ReinstateMember struct {
	// By is the member who decides.
	By     id.Member `json:"-"`
	Member id.Member `json:"member"`
	// Clinicians are those whom the member will manage or assist.
	Clinicians []id.Member `json:"clinicians,omitempty"`
}

// Decide gives the membership back.
func (c ReinstateMember) Decide(s State, now time.Time) ([]Event, error) {
	by, err := s.active(c.By)
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
		clinicians = s.stillTreating(plus(target.Manages, target.Assists...))
	}
	if err := s.checkScope(target.Role, target.Clinician, target.ID, clinicians); err != nil {
		return nil, err
	}
	licensed, err := s.relicensed(target, now)
	if err != nil {
		return nil, err
	}
	return append([]Event{MemberReinstated{
		Member: target.ID, Role: target.Role, Branches: target.Branches, Clinicians: clinicians, Removal: r.Removal,
		ManagedBy: s.stillOf(access.Manager, r.ManagedBy), AssistedBy: s.stillOf(access.Assistant, r.AssistedBy),
		ReinstatedBy: by.ID,
	}}, licensed...), nil
}

// stillTreating returns those of the members who are active clinicians.
func (s State) stillTreating(members []id.Member) (now []id.Member) {
	for _, m := range members {
		if s.IsActiveClinician(m) {
			now = append(now, m)
		}
	}
	return now
}

// stillOf returns those of the members who are active in the role.
func (s State) stillOf(role access.Role, members []id.Member) (now []id.Member) {
	for _, m := range members {
		if member, _ := s.Member(m); member.Active && member.Role == role {
			now = append(now, m)
		}
	}
	return now
}
