// Package access decides who may do what: the permission matrix of a group
// practice as one pure function over an actor, a capability and a resource. It
// imports the standard library, id and fault. One function serves commands and
// queries alike, because products that had two leaked through the second.
package access

import (
	"time"

	"praxis/domain/id"
)

// Role is what a member is in the group. Roles are orthogonal to licences.
type Role string

// an is the role with its article.
func (r Role) an() string {
	if r == Owner || r == Assistant {
		return "an " + string(r)
	}
	return "a " + string(r)
}

// The five roles, from the most to the least powerful.
const (
	Owner      Role = "owner"
	SuperAdmin Role = "super_admin"
	Manager    Role = "manager"
	User       Role = "user"
	Assistant  Role = "assistant"
)

// Kind is what sort of actor someone is.
type Kind string

// The kinds of actors. Each is named in every event it causes.
const (
	// KindMember is a member of the group.
	KindMember Kind = "member"
	// KindPatient is a patient or guardian linked to a chart of the group.
	KindPatient Kind = "patient"
	// KindOperator runs the installation; they see no patient data.
	KindOperator Kind = "operator"
	// KindSystem is one of Praxis' own processes.
	KindSystem Kind = "system"
	// KindStranger is a signed-in account with no tie to the group.
	KindStranger Kind = "stranger"
)

// Subject is an actor as the group's stream knows them at one revision.
type Subject struct {
	Kind    Kind
	Account id.Account
	// Process is the name of the system's own process; set for KindSystem only.
	Process string
	// Group is the tenant. Members and patients reach nothing of another group;
	// for operators and the system's own processes it may be unset.
	Group id.Group
	// Member, Role and the fields below are set for members only.
	Member id.Member
	Role   Role
	// Active is false for members whose access was revoked.
	Active bool
	// Clinician reports whether the member treats patients.
	Clinician bool
	// Branches are the branches the member works in.
	Branches []id.Branch
	// Manages are the clinicians a manager is responsible for.
	Manages []id.Member
	// Assists are the clinicians an assistant works for.
	Assists []id.Member
	// Overrides are the rules set for this very member; RoleRules those set for their role.
	Overrides []Rule
	RoleRules []Rule
	// Sharing is how widely the practice's clinicians share their charts.
	Sharing Sharing
	// Links are the charts a patient is linked to, with what each link allows; set for
	// patients only.
	Links []Link
	// Guards are those of the practice's charts that concern the member, for ReachOf: Decide
	// takes a chart's from the Resource, and is not to be asked with fewer here.
	Guards []Guard
}

// Scope is how far a permission reaches.
type Scope string

// The scopes, from wide to narrow.
const (
	ScopeGroup    Scope = "group"    // A: everything of the group
	ScopeBranches Scope = "branches" // B: what belongs to the member's branches
	ScopeManaged  Scope = "managed"  // M: the managed clinicians' and the member's own
	ScopeAssists  Scope = "assists"  // C: the assigned clinicians'
	ScopeOwn      Scope = "own"      // O: the member's own, their care teams' and what is about them
	ScopePrimary  Scope = "primary"  // only what the member is the responsible clinician or the author of
	ScopeSelf     Scope = "self"     // only what is about the member
)

// Rule is one allow or deny that the owner, or someone they trust, set for a
// member or a role on top of the matrix.
type Rule struct {
	Capability Capability
	Allow      bool
	Scope      Scope
	// From and Until bound the rule in time, UTC; zero means unbounded. Until is exclusive.
	From, Until time.Time
	// Event is the event that set the rule and Grantor the member who did, for explanations.
	Event   id.Event
	Grantor id.Member
}

// Resource is what an action touches. Unset fields do not apply: a group-wide
// resource has neither clinician nor branch.
type Resource struct {
	Group id.Group
	// Clinician is the clinician whom the thing belongs to: a chart's primary,
	// a ledger's or a calendar's clinician.
	Clinician id.Member
	// Branch is the branch of the chart.
	Branch id.Branch
	// Team are the places on the chart's care team besides the primary's.
	Team []Place
	// Chart is the patient's chart, for patients' own access. Where a patient asks
	// about a clinician, Clinician is one who treats this chart.
	Chart id.Chart
	// Guard is what is set on the chart itself; nil for nothing.
	Guard *Guard
	// Subject is the member whom the thing is about, for views of oneself.
	Subject id.Member
	// OfChart, if set, is the chart that is named, as it is: its primary, branch and
	// team, where the thing itself may be somebody's ledger or calendar. Members reach
	// nothing about a chart that they may not open. The zero Resource is a chart that
	// does not exist.
	OfChart *Resource
}

// Place is a member's on a care team.
type Place struct {
	Member id.Member
	// From and Until bound it in time, UTC; zero means unbounded. Until is exclusive.
	From, Until time.Time
}

// Holds reports whether the place gives access at the instant at.
func (p Place) Holds(at time.Time) bool { return inWindow(at, p.From, p.Until) }

// Equal reports whether two places are the same, in whatever zone their instants are written.
func (p Place) Equal(o Place) bool {
	return p.Member == o.Member && p.From.Equal(o.From) && p.Until.Equal(o.Until)
}

// inWindow reports whether an instant lies in a time that From and Until bound; zero
// is unbounded, and Until is exclusive.
func inWindow(at, from, until time.Time) bool {
	return !at.Before(from) && (until.IsZero() || at.Before(until))
}

// Decision is an answer with its explanation.
type Decision struct {
	Allowed bool `json:"allowed"`
	// Rule names what decided: one of the Rule… constants, or the cell of the
	// matrix that allowed it, such as "role:manager/managed".
	Rule string `json:"rule"`
	// Event and Grantor are set when a Rule or a Sharing set by a person decided.
	Event   id.Event  `json:"event,omitzero"`
	Grantor id.Member `json:"grantor,omitzero"`
}
