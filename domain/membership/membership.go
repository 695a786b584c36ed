// Package membership is the claim of an account on the one group it may belong
// to (G-7, AMB-4). Every account has a stream of its own, so that two groups can
// never both win it: the second append meets a stream that moved on. It imports
// the standard library and the domain's shared types.
package membership

import (
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Category is the category of claim streams.
const Category es.Category = "membershipClaim"

// Stream names the claim stream of an account. It belongs to no group.
func Stream(a id.Account) es.Stream { return es.Stream(string(Category) + "-" + a.String()) }

// ParseStream returns the account that a stream is the claim of. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseStream(s es.Stream) (id.Account, error) {
	a, err := id.Parse[id.Account](strings.TrimPrefix(string(s), string(Category)+"-"))
	if err != nil || Stream(a) != s {
		return id.Account{}, fault.New(fault.Internal, "malformed_stream", "The stream is not the claim of an account.")
	}
	return a, nil
}

// Event is a fact about an account's claim.
//
//sumtype:decl
type Event interface{ isEvent() }

// Claimed ties the account to a group, as the given member.
type Claimed struct {
	Group  id.Group  `json:"group"`
	Member id.Member `json:"member"`
}

// Released frees the account for another group.
type Released struct {
	Group  id.Group  `json:"group"`
	Member id.Member `json:"member"`
}

func (Claimed) isEvent()  {}
func (Released) isEvent() {}

// Events is the table of the claim's event types.
func Events() []es.Row {
	return []es.Row{
		es.Define[Claimed]("membership.claimed", 1),
		es.Define[Released]("membership.released", 1),
	}
}

// State is the group that the account belongs to, if any.
type State struct {
	group  id.Group
	member id.Member
}

// Aggregate says how a claim's events fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: func() State { return State{} }, Evolve: Evolve}
}

// Evolve applies one event. Facts are never refused.
func Evolve(s *State, event Event) {
	switch e := event.(type) {
	case Claimed:
		s.group, s.member = e.Group, e.Member
	case Released:
		*s = State{}
	}
}

// Holder returns the group and the member that hold the account; ok is false if
// it is free.
func (s State) Holder() (g id.Group, m id.Member, ok bool) {
	return s.group, s.member, !s.group.IsZero()
}

// Claim ties the account to a group. Rejections: "account_in_other_group",
// "already_member" if the account is another member of the same group. The same
// claim again changes nothing.
type Claim struct {
	Group  id.Group  `json:"group"`
	Member id.Member `json:"member"`
}

// Decide claims the account.
func (c Claim) Decide(s State, _ time.Time) ([]Event, error) {
	group, member, held := s.Holder()
	switch {
	case c.Group.IsZero() || c.Member.IsZero():
		return nil, fault.New(fault.Invalid, "id_required", "A claim needs the ids of the practice and of the membership.")
	case held && group != c.Group:
		return nil, fault.New(fault.Rejected, "account_in_other_group", "This account already belongs to another practice. Use another account for this one.")
	case held && member != c.Member:
		return nil, fault.New(fault.Rejected, "already_member", "This account already is a member of the practice.")
	case held:
		return nil, nil
	}
	return []Event{Claimed(c)}, nil
}

// Release frees the account after the membership ended. What is not held by this
// group and member is left alone, so that a late release changes no other claim.
type Release struct {
	Group  id.Group  `json:"group"`
	Member id.Member `json:"member"`
}

// Decide releases the account.
func (c Release) Decide(s State, _ time.Time) ([]Event, error) {
	if group, member, held := s.Holder(); !held || group != c.Group || member != c.Member {
		return nil, nil
	}
	return []Event{Released(c)}, nil
}
