package group

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// MemberAccessRevoked ends a member's access at this very event, and takes them
// out of the scope of everybody who managed or assisted them. Who takes over the
// charts of a clinician who left is decided per chart (AMB-14).
type MemberAccessRevoked struct {
	Member    id.Member `json:"member"`
	RevokedBy id.Member `json:"revokedBy"`
}

// MemberRemovalStarted follows the end of a member's access and says where their
// charts go (AMB-14). Nothing of it is needed to keep them out: their access
// ended before.
type MemberRemovalStarted struct {
	// Removal names the removal: the id of the first event of its command.
	Removal id.Event  `json:"removal"`
	Member  id.Member `json:"member"`
	Plan    Rehoming  `json:"plan"`
	// Charts is how many charts of theirs were known at that moment.
	Charts    int       `json:"charts"`
	StartedBy id.Member `json:"startedBy"`
}

// MemberRemovalReplanned sends the charts that are still to be moved elsewhere,
// for example because who should have had them left too.
type MemberRemovalReplanned struct {
	Member      id.Member `json:"member"`
	Plan        Rehoming  `json:"plan"`
	ReplannedBy id.Member `json:"replannedBy"`
}

// MemberRemoved ends a removal: every chart has another primary.
type MemberRemoved struct {
	Member      id.Member `json:"member"`
	ChartsMoved int       `json:"chartsMoved"`
}

func (MemberAccessRevoked) isEvent()    {}
func (MemberRemovalStarted) isEvent()   {}
func (MemberRemovalReplanned) isEvent() {}
func (MemberRemoved) isEvent()          {}

// Rehoming says who takes over the charts of a member who leaves (AMB-14).
type Rehoming struct {
	// Charts names who takes single charts, Default who takes all others.
	Charts  []Reassignment `json:"charts,omitempty"`
	Default id.Member      `json:"default,omitzero"`
	// Custodian keeps what no clinician takes, where the practice has none left.
	Custodian id.Member `json:"custodian,omitzero"`
}

// Reassignment gives one chart to a clinician.
type Reassignment struct {
	Chart id.Chart  `json:"chart"`
	To    id.Member `json:"to"`
}

// TargetOf returns who takes a chart over; ok is false if no member was named.
// Custody is what a chart has without a clinician.
func (p Rehoming) TargetOf(c id.Chart) (to id.Member, custody, ok bool) {
	i := slices.IndexFunc(p.Charts, func(r Reassignment) bool { return r.Chart == c })
	switch {
	case i >= 0:
		return p.Charts[i].To, false, true
	case !p.Default.IsZero():
		return p.Default, false, true
	}
	return p.Custodian, true, !p.Custodian.IsZero()
}

func (p Rehoming) equal(o Rehoming) bool {
	return p.Default == o.Default && p.Custodian == o.Custodian && slices.Equal(p.Charts, o.Charts)
}

// Removal is the end of a membership, as far as it has come.
type Removal struct {
	// Removal names it; unset where access was revoked and no charts had to move.
	Removal id.Event
	Plan    Rehoming
	// InProgress reports that charts are still being moved.
	InProgress bool
	// ManagedBy and AssistedBy are whose scope the member was in.
	ManagedBy, AssistedBy []id.Member
}

// RemovalOf returns how the membership of a former member ended; ok is false
// for members whose access holds.
func (s State) RemovalOf(m id.Member) (r Removal, ok bool) {
	r, ok = s.removals[m]
	return r, ok
}

// left notes what a membership was when it ended. What was meant for the leaver
// ends with it.
func (s *State) left(gone id.Member) {
	var r Removal
	for _, m := range s.members {
		if slices.Contains(m.Manages, gone) {
			r.ManagedBy = append(r.ManagedBy, m.ID)
		}
		if slices.Contains(m.Assists, gone) {
			r.AssistedBy = append(r.AssistedBy, m.ID)
		}
	}
	s.removals[gone] = r
	delete(s.returns, gone)
	if s.offer.To == gone {
		s.offer = OwnershipOffer{}
	}
	if s.successor == gone {
		s.successor = id.Member{}
	}
	if s.claim.By == gone {
		s.claim = SuccessionClaim{}
	}
}

// The rejections about leaving (AMB-14).
var (
	errOwnerStays         = fault.New(fault.Rejected, "owner_cannot_be_removed", "The owner cannot leave the practice. Transfer the ownership first.")
	errRemovalInProgress  = fault.New(fault.Rejected, "removal_in_progress", "This member's access has ended and their charts are being moved.")
	errNoRemoval          = fault.New(fault.Rejected, "no_removal_in_progress", "No removal of this member is in progress.")
	errTargetNoClinician  = fault.New(fault.Rejected, "target_not_active_clinician", "Charts can only go to active clinicians of the practice, other than the one who leaves.")
	errCustodyNotNeeded   = fault.New(fault.Rejected, "active_clinician_exists", "Custody is for practices without an active clinician. Name a clinician to take the charts.")
	errCustodianNotActive = fault.New(fault.Rejected, "target_not_active_member", "This must be an active member of the practice.")
)

// reassignTargetRequired says how many charts still need a clinician.
func reassignTargetRequired(charts int) error {
	return fault.New(fault.Rejected, "reassign_target_required", "%d charts of this member need another clinician. Name one for each of them, or one for all.", charts).
		With("charts", strconv.Itoa(charts))
}

// LeavingFacts are what RemoveMember must know: who decides, and how many charts have
// the leaver as their primary.
type LeavingFacts struct {
	By     id.Member
	Charts int
}

// RemoveMember ends the access of a member who has no charts, at once. Rejections:
// "owner_cannot_be_removed", "target_outranks_you", "reassign_target_required".
// Removing twice changes nothing.
type RemoveMember struct {
	Member id.Member `json:"member"`
}

// Decide revokes the access.
func (c RemoveMember) Decide(s State, f LeavingFacts, now time.Time) ([]Event, error) {
	by, target, err := s.leaving(f.By, c.Member)
	switch {
	case err != nil:
		return nil, err
	case !target.Active:
		return nil, nil
	case f.Charts > 0:
		return nil, reassignTargetRequired(f.Charts)
	}
	freed, err := s.freed(target.ID, now)
	return append([]Event{MemberAccessRevoked{Member: target.ID, RevokedBy: by.ID}}, freed...), err
}

// RemovalFacts are who decides, the id that the first event will have, and the charts
// of the practice, as far as they are known.
type RemovalFacts struct {
	By      id.Member
	Removal id.Event
	Charts  []ChartFacts
}

// StartMemberRemoval ends a member's access at once and says who takes over
// their charts, archived ones too; a process moves them afterwards (AMB-14).
// Somebody whose access was revoked before may have charts left: these are moved
// the same way. Rejections: "owner_cannot_be_removed", "target_outranks_you",
// "removal_in_progress", "target_not_active_clinician",
// "reassign_target_required", "clinician_not_in_branch", and for custody
// "active_clinician_exists" and "target_not_active_member". A removal that is
// done already changes nothing.
type StartMemberRemoval struct {
	Member id.Member `json:"member"`
	Rehoming
}

// Decide revokes the access and starts the removal.
func (c StartMemberRemoval) Decide(s State, f RemovalFacts, _ time.Time) ([]Event, error) {
	by, target, err := s.leaving(f.By, c.Member)
	if err != nil {
		return nil, err
	}
	switch r, left := s.RemovalOf(target.ID); {
	case r.InProgress:
		return nil, errRemovalInProgress
	case left && !r.Removal.IsZero():
		return nil, nil
	}
	charts, err := s.checkRehoming(target.ID, c.Rehoming, f.Charts)
	if err != nil {
		return nil, err
	}
	started := MemberRemovalStarted{Removal: f.Removal, Member: target.ID, Plan: c.Rehoming, Charts: charts, StartedBy: by.ID}
	if !target.Active {
		return []Event{started}, nil
	}
	return []Event{MemberAccessRevoked{Member: target.ID, RevokedBy: by.ID}, started}, nil
}

// ReplanMemberRemoval names others to take over the charts that were not moved
// yet. Rejections: "no_removal_in_progress" and those of StartMemberRemoval about
// the plan. The same plan changes nothing.
type ReplanMemberRemoval struct {
	Member id.Member `json:"member"`
	Rehoming
}

// Decide replaces the plan.
func (c ReplanMemberRemoval) Decide(s State, f RemovalFacts, _ time.Time) ([]Event, error) {
	by, target, err := s.leaving(f.By, c.Member)
	r, _ := s.RemovalOf(target.ID)
	_, homeless := s.checkRehoming(target.ID, c.Rehoming, f.Charts)
	err = cmp.Or(err, fault.When(!r.InProgress, errNoRemoval), homeless)
	return es.Decided[Event](err, r.Plan.equal(c.Rehoming), MemberRemovalReplanned{Member: target.ID, Plan: c.Rehoming, ReplannedBy: by.ID})
}

// CompleteMemberRemoval ends a removal after every chart has another primary.
// Rejections: "no_removal_in_progress", "charts_remain". Completing twice changes
// nothing.
type CompleteMemberRemoval struct {
	Member      id.Member `json:"member"`
	ChartsMoved int       `json:"chartsMoved"`
}

// Decide ends the removal.
func (c CompleteMemberRemoval) Decide(s State, left int, now time.Time) ([]Event, error) {
	r, leaver := s.RemovalOf(c.Member)
	switch {
	case leaver && !r.InProgress && !r.Removal.IsZero():
		return nil, nil
	case !r.InProgress:
		return nil, errNoRemoval
	case left > 0:
		return nil, fault.New(fault.Rejected, "charts_remain", "%d charts of this member were not moved yet.", left).
			With("charts", strconv.Itoa(left))
	}
	freed, err := s.freed(c.Member, now)
	return append(freed, MemberRemoved(c)), err
}

// leaving returns who decides about whose leaving, if they may.
func (s State) leaving(byID, targetID id.Member) (by, target Member, err error) {
	by, err = s.active(byID)
	target, known := s.Member(targetID)
	return by, target, cmp.Or(
		err,
		fault.When(!known, errNoMember),
		fault.When(target.Role == access.Owner, errOwnerStays),
		fault.When(target.ID != by.ID && !by.Role.Outranks(target.Role), errOutranks),
	)
}

// checkRehoming refuses plans that would leave a chart without a primary, and
// counts the charts that a plan is for.
func (s State) checkRehoming(leaver id.Member, p Rehoming, facts []ChartFacts) (charts int, err error) {
	takes := func(m id.Member) bool { return m != leaver && s.IsActiveClinician(m) }
	for _, r := range p.Charts {
		if !takes(r.To) {
			return 0, errTargetNoClinician
		}
	}
	if !p.Default.IsZero() && !takes(p.Default) {
		return 0, errTargetNoClinician
	}
	if !p.Custodian.IsZero() {
		if slices.ContainsFunc(s.members, func(m Member) bool { return takes(m.ID) }) {
			return 0, errCustodyNotNeeded
		}
		if m, _ := s.Member(p.Custodian); !m.Active || m.ID == leaver {
			return 0, errCustodianNotActive
		}
	}
	homeless, astray := 0, 0
	for _, f := range facts {
		if f.Primary != leaver {
			continue
		}
		charts++
		to, custody, named := p.TargetOf(f.Chart)
		m, _ := s.Member(to)
		switch {
		case !named:
			homeless++
		case !custody && !slices.Contains(m.Branches, f.Branch):
			astray++
		}
	}
	switch {
	case homeless > 0:
		return 0, reassignTargetRequired(homeless)
	case astray > 0:
		return 0, fault.New(fault.Rejected, "clinician_not_in_branch", "%d charts belong to branches in which the clinician who should take them does not work. Assign the clinician to the branch, or name another.", astray).
			With("charts", strconv.Itoa(astray))
	}
	return charts, nil
}
