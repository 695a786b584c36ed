package group

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// MemberReinstated gives a former member their membership back, under the same
// id. Grants they once had stay ended and denials stay in force.
type MemberReinstated struct {
	Member id.Member   `json:"member"`
	Role   access.Role `json:"role"`
	// Branches are those of the former ones that are still open, or the default one.
	Branches []id.Branch `json:"branches"`
	// Clinicians are those whom they manage or assist again.
	Clinicians []id.Member `json:"clinicians,omitempty"`
	// Removal names the removal whose charts can be offered back; unset if none
	// were moved.
	Removal id.Event `json:"removal,omitzero"`
	// ManagedBy and AssistedBy are those who managed and assisted them before, to
	// be offered again.
	ManagedBy    []id.Member `json:"managedBy,omitempty"`
	AssistedBy   []id.Member `json:"assistedBy,omitempty"`
	ReinstatedBy id.Member   `json:"reinstatedBy"`
}

// RelinkingStarted says which charts a member who is back is given again
// (AMB-14). A process gives them back, chart by chart. Where others are on their
// way, these come in addition.
type RelinkingStarted struct {
	Member id.Member `json:"member"`
	// Removal names the removal that took the charts.
	Removal   id.Event   `json:"removal"`
	Charts    []id.Chart `json:"charts"`
	StartedBy id.Member  `json:"startedBy"`
}

// RelinkingCompleted ends a relinking.
type RelinkingCompleted struct {
	Member  id.Member `json:"member"`
	Removal id.Event  `json:"removal"`
	// Relinked is how many charts were given back; Left are those that were not,
	// because somebody gave them to another primary meanwhile or a rule keeps them
	// where they are.
	Relinked int        `json:"relinked"`
	Left     []id.Chart `json:"left,omitempty"`
}

func (MemberReinstated) isEvent()   {}
func (RelinkingStarted) isEvent()   {}
func (RelinkingCompleted) isEvent() {}

// Return is how a member came back after a removal, as long as they stay.
type Return struct {
	// Removal names the removal after which they came back.
	Removal id.Event
	// ManagedBy and AssistedBy are those who managed and assisted them before.
	ManagedBy, AssistedBy []id.Member
	// Relinking are the charts that are on their way back to them.
	Relinking []id.Chart
	// InProgress reports that a relinking was started and is not complete.
	InProgress bool
}

// ReturnOf returns how a member came back; ok is false for members who never left,
// whose leaving moved no charts, or who are gone.
func (s State) ReturnOf(m id.Member) (r Return, ok bool) {
	r, ok = s.returns[m]
	return r, ok
}

// Standing says whether a former place can be given back as things are.
type Standing string

// The standings.
const (
	// Returnable places can be given back.
	Returnable Standing = "returnable"
	// MovedOn is a chart that somebody gave to another primary since.
	MovedOn Standing = "moved_on"
	// InClosedBranch is a chart that will move to another branch first.
	InClosedBranch Standing = "branch_closed"
	// OutsideBranches is a chart of a branch in which the member does not work (AMB-13).
	OutsideBranches Standing = "clinician_not_in_branch"
	// NotTreating is a place for clinicians, which the member is not, or not without a licence.
	NotTreating Standing = "not_active_clinician"
	// NotBack is any place of a member whose access has ended.
	NotBack Standing = "member_inactive"
)

// Returner is what a practice knows of a member to whom charts may be given back.
type Returner struct {
	Member id.Member
	// Removal names the removal that took the charts; unset if none did.
	Removal id.Event
	// ManagedBy and AssistedBy are those who managed and assisted the member before,
	// could do so again, and do not.
	ManagedBy, AssistedBy []id.Member
	// InProgress reports that charts are on their way back.
	InProgress bool

	active, treats bool
	branches       []id.Branch
	closed         []id.Branch
}

// Returner says what is known of a member who left or came back; ok is false for
// somebody who never belonged to the practice.
func (s State) Returner(who id.Member) (r Returner, ok bool) {
	m, known := s.Member(who)
	if !known {
		return r, false
	}
	left, _ := s.RemovalOf(who)
	back, _ := s.ReturnOf(who)
	r = Returner{
		Member: who, Removal: left.Removal, InProgress: back.InProgress, active: m.Active, branches: slices.Clone(m.Branches),
		treats: m.Active && m.Clinician && (!s.Subscribed() || s.holdsLicence(who)),
	}
	if m.Active {
		r.Removal = back.Removal
		left.ManagedBy, left.AssistedBy = back.ManagedBy, back.AssistedBy
	}
	r.ManagedBy = s.activeAmong(left.ManagedBy, func(m Member) bool { return !slices.Contains(m.Manages, who) })
	r.AssistedBy = s.activeAmong(left.AssistedBy, func(m Member) bool { return !slices.Contains(m.Assists, who) })
	for _, b := range s.branches {
		if b.Closed {
			r.closed = append(r.closed, b.ID)
		}
	}
	return r, true
}

// Standing says whether the member can be given a place back that a chart of this
// branch has had for them.
func (r Returner) Standing(p careteam.FormerPlace, of id.Branch) Standing {
	switch {
	case p.MovedOn:
		return MovedOn
	case !r.active:
		return NotBack
	case p.Role != careteam.Support && !r.treats:
		return NotTreating
	case p.Role != careteam.Primary:
		return Returnable
	case slices.Contains(r.closed, of):
		return InClosedBranch
	case !slices.Contains(r.branches, of):
		return OutsideBranches
	}
	return Returnable
}

// reinstated gives a membership back without the grants it once had.
func (s *State) reinstated(e MemberReinstated) {
	delete(s.removals, e.Member)
	delete(s.returns, e.Member)
	if !e.Removal.IsZero() {
		s.returns[e.Member] = Return{Removal: e.Removal, ManagedBy: e.ManagedBy, AssistedBy: e.AssistedBy}
	}
	s.change(e.Member, func(m *Member) {
		m.Active, m.Role, m.Branches = true, e.Role, e.Branches
		m.Manages, m.Assists = scopeOf(e.Role, e.Clinicians)
		m.Overrides = denials(m.Overrides)
		s.byAccount[m.Account] = s.byMember[m.ID]
	})
}

// The rejections about giving charts back (AMB-14).
var (
	errNothingTaken = fault.New(fault.Rejected, "no_former_charts", "This member did not come back after a removal that moved their charts.")
	errNoRelinking  = fault.New(fault.Rejected, "no_relinking_in_progress", "No charts of this member are on their way back.")
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

// RelinkingFacts are who decides, the charts that they may assign, and the charts of
// the practice.
type RelinkingFacts struct {
	By     id.Member
	Reach  access.Reach
	Charts []ChartFacts
}

// RelinkCharts gives a member who is back the charts again that their removal took
// away, with the places on care teams that they lost while they were away
// (AMB-14). A process does it chart by chart; asking again adds those that can be
// given back by then. Rejections: "member_not_found", "member_inactive",
// "no_former_charts", "charts_not_returnable". Nothing that can be given back
// changes nothing.
type RelinkCharts struct {
	Member id.Member `json:"member"`
	// Charts are those to give back; none means all that can be.
	Charts []id.Chart `json:"charts,omitempty"`
}

// Decide starts the relinking.
func (c RelinkCharts) Decide(s State, f RelinkingFacts, _ time.Time) ([]Event, error) {
	by, err := s.active(f.By)
	target, unknown := s.active(c.Member)
	back, ok := s.ReturnOf(target.ID)
	if err := cmp.Or(err, unknown, fault.When(!ok, errNothingTaken)); err != nil {
		return nil, err
	}
	returnable := c.returnable(s, f)
	if refused := minus(sorted(c.Charts), returnable...); len(refused) > 0 {
		return nil, fault.New(fault.Rejected, "charts_not_returnable", "%d of these charts cannot be given back. Look at the member's former charts for why, and name only those that can.", len(refused)).
			With("charts", strconv.Itoa(len(refused)))
	}
	if len(c.Charts) > 0 {
		returnable = slices.DeleteFunc(returnable, func(f id.Chart) bool { return !slices.Contains(c.Charts, f) })
	}
	if returnable = minus(returnable, back.Relinking...); len(returnable) == 0 {
		return nil, nil
	}
	return []Event{RelinkingStarted{Member: target.ID, Removal: back.Removal, Charts: returnable, StartedBy: by.ID}}, nil
}

// Offered returns the charts on which the member lost a place to their removal and
// that the one who decides may assign.
func (c RelinkCharts) Offered(s State, f RelinkingFacts) (offered []ChartFacts) {
	returner, _ := s.Returner(c.Member)
	for _, chart := range f.Charts {
		p, lost := chart.Former.Of(c.Member)
		if lost && p.Removal == returner.Removal && f.Reach.Contains(chart.Resource(s.ID())) {
			offered = append(offered, chart)
		}
	}
	return offered
}

// returnable lists the charts that can be given back.
func (c RelinkCharts) returnable(s State, f RelinkingFacts) (charts []id.Chart) {
	returner, _ := s.Returner(c.Member)
	for _, chart := range c.Offered(s, f) {
		if p, _ := chart.Former.Of(c.Member); returner.Standing(p, chart.Branch) == Returnable {
			charts = append(charts, chart.Chart)
		}
	}
	return charts
}

// CompleteRelinking ends a relinking. Rejections: "no_relinking_in_progress", and
// "charts_remain" while there are charts to give back. Completing twice changes
// nothing.
type CompleteRelinking struct {
	Member id.Member `json:"member"`
	// Relinked is how many charts were given back.
	Relinked int `json:"relinked"`
}

// Decide ends the relinking. What was not given back still is a former chart.
func (c CompleteRelinking) Decide(s State, charts []ChartFacts, _ time.Time) ([]Event, error) {
	back, ok := s.ReturnOf(c.Member)
	switch {
	case !ok:
		return nil, errNoRelinking
	case !back.InProgress:
		return nil, nil
	}
	done := RelinkingCompleted{Member: c.Member, Removal: back.Removal, Relinked: c.Relinked}
	returner, _ := s.Returner(c.Member)
	remain := 0
	for _, f := range charts {
		p, lost := f.Former.Of(c.Member)
		if !lost || p.Removal != back.Removal || !slices.Contains(back.Relinking, f.Chart) {
			continue
		}
		if done.Left = append(done.Left, f.Chart); returner.Standing(p, f.Branch) == Returnable {
			remain++
		}
	}
	if remain > 0 {
		return nil, fault.New(fault.Rejected, "charts_remain", "%d charts were not given back to this member yet.", remain).
			With("charts", strconv.Itoa(remain))
	}
	return []Event{done}, nil
}
