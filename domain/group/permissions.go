package group

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// PermissionGranted allows one member more than the matrix does.
type PermissionGranted struct {
	// Rule is the id of this very event, so that a decision can name it.
	Rule       id.Event          `json:"rule"`
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	// ValidFrom and ValidUntil bound it in time, UTC; Until is exclusive.
	ValidFrom  *time.Time `json:"validFrom,omitempty"`
	ValidUntil *time.Time `json:"validUntil,omitempty"`
	GrantedBy  id.Member  `json:"grantedBy"`
}

// PermissionDenied allows one member less than their role does.
type PermissionDenied struct {
	Rule       id.Event          `json:"rule"`
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	ValidFrom  *time.Time        `json:"validFrom,omitempty"`
	ValidUntil *time.Time        `json:"validUntil,omitempty"`
	DeniedBy   id.Member         `json:"deniedBy"`
}

// PermissionOverrideCleared removes every rule about one capability from a member.
type PermissionOverrideCleared struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	ClearedBy  id.Member         `json:"clearedBy"`
}

// RolePermissionSet changes what a whole role may do.
type RolePermissionSet struct {
	Rule       id.Event          `json:"rule"`
	Role       access.Role       `json:"role"`
	Capability access.Capability `json:"capability"`
	Effect     Effect            `json:"effect"`
	// Scope is empty for EffectDefault, which removes every rule about the capability.
	Scope access.Scope `json:"scope,omitempty"`
	SetBy id.Member    `json:"setBy"`
}

func (PermissionGranted) isEvent()         {}
func (PermissionDenied) isEvent()          {}
func (PermissionOverrideCleared) isEvent() {}
func (RolePermissionSet) isEvent()         {}

// Effect is what a rule about a role does.
type Effect string

// The effects of rules about roles.
const (
	EffectAllow Effect = "allow"
	EffectDeny  Effect = "deny"
	// EffectDefault returns to what the matrix says.
	EffectDefault Effect = "default"
)

// RoleRules returns the rules set for a role, in the order of their setting.
func (s State) RoleRules(r access.Role) []access.Rule { return slices.Clone(s.roleRules[r]) }

func (s *State) override(m id.Member, r access.Rule) {
	s.change(m, func(member *Member) { member.Overrides = with(member.Overrides, r) })
}

func rule(c access.Capability, allow bool, scope access.Scope, from, until *time.Time, event id.Event, grantor id.Member) access.Rule {
	r := access.Rule{Capability: c, Allow: allow, Scope: scope, Event: event, Grantor: grantor}
	if from != nil {
		r.From = civil.Recorded(*from)
	}
	if until != nil {
		r.Until = civil.Recorded(*until)
	}
	return r
}

// sameMatter reports whether two rules are about the same capability, scope and
// time, so that the later one replaces the earlier.
func sameMatter(a, b access.Rule) bool {
	return a.Capability == b.Capability && a.Scope == b.Scope && a.From.Equal(b.From) && a.Until.Equal(b.Until)
}

// with returns the rules after r was set.
func with(rules []access.Rule, r access.Rule) []access.Rule {
	kept := make([]access.Rule, 0, len(rules)+1)
	for _, old := range rules {
		if !sameMatter(old, r) {
			kept = append(kept, old)
		}
	}
	return append(kept, r)
}

// without returns the rules that are not about the capability.
func without(rules []access.Rule, c access.Capability) []access.Rule {
	kept := make([]access.Rule, 0, len(rules))
	for _, old := range rules {
		if old.Capability != c {
			kept = append(kept, old)
		}
	}
	return kept
}

// denials returns the rules that take something away.
func denials(rules []access.Rule) []access.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r access.Rule) bool { return r.Allow })
}

// The rejections about permissions (AMB-11).
var (
	errOwnerHasAll  = fault.New(fault.Rejected, "not_delegable", "Nothing can be denied to the owner: a practice must never lock itself out.")
	errLacks        = fault.New(fault.Forbidden, "grantor_lacks_permission", "You can only hand on what you hold yourself for the whole practice and for as long.")
	errSelfGrant    = fault.New(fault.Forbidden, "self_grant", "Only the owner may change their own permissions.")
	errUnknownCap   = fault.New(fault.Invalid, "unknown_capability", "There is no such permission.")
	errUnknownScope = fault.New(fault.Invalid, "unknown_scope", "A scope must be one of group, branches, managed, assists, own, primary, self.")
)

// Ruling says who sets a permission rule and what names it: the id of the event that
// sets it.
type Ruling struct {
	By   id.Member
	Rule id.Event
}

// GrantPermission allows one member more than the matrix does, for a time or
// until it is cleared. Nobody grants what they lack, to themselves or upwards;
// the owner may grant whatever can be granted, to themselves too (AMB-11).
// Rejections: "unknown_capability", "self_grant", "target_outranks_you",
// "not_delegable", "grantor_lacks_permission".
type GrantPermission struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	// From and Until bound it in time; Until is exclusive.
	From  *time.Time `json:"from,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

// Decide grants; what holds already changes nothing.
func (c GrantPermission) Decide(s State, f Ruling, now time.Time) ([]Event, error) {
	by, target, err := s.editing(f.By, c.Member, c.Capability, now)
	cell, _ := access.CellOf(target.Role, c.Capability)
	set := rule(c.Capability, true, c.Scope, utc(c.From), utc(c.Until), f.Rule, by.ID)
	err = cmp.Or(
		err,
		checkRule(c.Scope, c.From, c.Until),
		fault.When(!cell.Grantable(by.Role, c.Scope), notDelegable(by.Role, target.Role, c.Capability, c.Scope)),
		fault.When(!s.canHandOn(by, c.Capability, slices.MaxFunc([]time.Time{now, set.From}, time.Time.Compare), set.Until), errLacks),
	)
	return es.Decided[Event](err, holds(target.Overrides, set), PermissionGranted{
		Rule: f.Rule, Member: target.ID, Capability: c.Capability, Scope: c.Scope,
		ValidFrom: utc(c.From), ValidUntil: utc(c.Until), GrantedBy: by.ID,
	})
}

// DenyPermission allows one member less than their role does. The owner cannot
// be denied anything: a practice must never lock itself out. Rejections as for
// GrantPermission, without "grantor_lacks_permission" for what is taken away.
type DenyPermission struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
	Scope      access.Scope      `json:"scope"`
	From       *time.Time        `json:"from,omitempty"`
	Until      *time.Time        `json:"until,omitempty"`
}

// Decide denies; what is denied already changes nothing.
func (c DenyPermission) Decide(s State, f Ruling, now time.Time) ([]Event, error) {
	by, target, err := s.editing(f.By, c.Member, c.Capability, now)
	set := rule(c.Capability, false, c.Scope, utc(c.From), utc(c.Until), f.Rule, by.ID)
	err = cmp.Or(err, checkRule(c.Scope, c.From, c.Until), fault.When(target.Role == access.Owner, errOwnerHasAll))
	return es.Decided[Event](err, holds(target.Overrides, set), PermissionDenied{
		Rule: f.Rule, Member: target.ID, Capability: c.Capability, Scope: c.Scope,
		ValidFrom: utc(c.From), ValidUntil: utc(c.Until), DeniedBy: by.ID,
	})
}

// ClearOverride removes every rule about a capability from a member. Lifting a
// denial hands something on, so the member who does it must hold it. Rejections
// as for GrantPermission.
type ClearOverride struct {
	Member     id.Member         `json:"member"`
	Capability access.Capability `json:"capability"`
}

// Decide clears; a member without such rules stays as they are.
func (c ClearOverride) Decide(s State, actor id.Member, now time.Time) ([]Event, error) {
	by, target, err := s.editing(actor, c.Member, c.Capability, now)
	if err != nil {
		return nil, err
	}
	found, denies := about(target.Overrides, c.Capability)
	if !found {
		return nil, nil
	}
	if denies && !s.canHandOn(by, c.Capability, now, time.Time{}) {
		return nil, errLacks
	}
	return []Event{PermissionOverrideCleared{Member: target.ID, Capability: c.Capability, ClearedBy: by.ID}}, nil
}

// SetRolePermission changes what everybody of a role may do. Rejections:
// "unknown_capability", "unknown_role", "unknown_effect", "target_outranks_you"
// for roles that are not below one's own, "not_delegable",
// "grantor_lacks_permission".
type SetRolePermission struct {
	Role       access.Role       `json:"role"`
	Capability access.Capability `json:"capability"`
	Effect     Effect            `json:"effect"`
	// Scope is left out for EffectDefault.
	Scope access.Scope `json:"scope,omitempty"`
}

// Decide sets the rule; what is so already changes nothing.
func (c SetRolePermission) Decide(s State, f Ruling, now time.Time) ([]Event, error) {
	by, err := s.active(f.By)
	if err := cmp.Or(
		err,
		fault.When(!c.Capability.Known(), errUnknownCap),
		fault.When(!c.Role.Known(), errUnknownRole),
		fault.When(!by.Role.Outranks(c.Role), errOutranks),
		fault.When(!s.mayGrant(by, access.Resource{Group: s.group}, now), errLacks),
	); err != nil {
		return nil, err
	}
	rules := s.roleRules[c.Role]
	found, denies := about(rules, c.Capability)
	isSet := holds(rules, rule(c.Capability, c.Effect == EffectAllow, c.Scope, nil, nil, f.Rule, by.ID))
	handsOn := c.Effect == EffectAllow
	switch c.Effect {
	case EffectAllow:
		cell, _ := access.CellOf(c.Role, c.Capability)
		err = cmp.Or(checkRule(c.Scope, nil, nil), fault.When(!cell.Grantable(by.Role, c.Scope), notDelegable(by.Role, c.Role, c.Capability, c.Scope)))
	case EffectDeny:
		err = checkRule(c.Scope, nil, nil)
	case EffectDefault:
		c.Scope, isSet, handsOn = "", !found, denies
	default:
		err = fault.New(fault.Invalid, "unknown_effect", "An effect must be one of allow, deny, default.")
	}
	err = cmp.Or(err, fault.When(handsOn && !s.canHandOn(by, c.Capability, now, time.Time{}), errLacks))
	return es.Decided[Event](err, isSet, RolePermissionSet{Rule: f.Rule, Role: c.Role, Capability: c.Capability, Effect: c.Effect, Scope: c.Scope, SetBy: by.ID})
}

// editing checks what every change of a member's rules has in common.
func (s State) editing(byID, targetID id.Member, c access.Capability, now time.Time) (by, target Member, err error) {
	by, err = s.active(byID)
	target, unknown := s.active(targetID)
	self := by.ID == target.ID
	return by, target, cmp.Or(
		err,
		fault.When(!c.Known(), errUnknownCap),
		unknown,
		fault.When(self && by.Role != access.Owner, errSelfGrant),
		fault.When(!self && !by.Role.Outranks(target.Role), errOutranks),
		fault.When(!s.mayGrant(by, access.Resource{Group: s.group, Clinician: target.ID, Subject: target.ID}, now), errLacks),
	)
}

// mayGrant reports whether the member may set rules at all. The use case asks
// the same first; a decision that could hand out power does not rely on that.
func (s State) mayGrant(by Member, r access.Resource, now time.Time) bool {
	return access.Decide(s.subject(by), access.PermissionGrant, r, now).Allowed
}

// canHandOn reports whether the member holds the capability themselves, all of
// it and for all of the time. The owner answers for the practice and needs not.
func (s State) canHandOn(by Member, c access.Capability, from, until time.Time) bool {
	return by.Role == access.Owner || access.HoldsThroughout(s.subject(by), c, from, until)
}

// notDelegable says why a permission cannot be given to a role.
func notDelegable(by, to access.Role, c access.Capability, scope access.Scope) error {
	return fault.New(fault.Rejected, "not_delegable", "%s", access.Undelegable(by, to, c, scope))
}

// checkRule refuses scopes that do not exist, and times that never come or that
// no event can hold: RFC 3339 writes the years 1 to 9999.
func checkRule(scope access.Scope, from, until *time.Time) error {
	if !scope.Known() {
		return errUnknownScope
	}
	for _, t := range [...]*time.Time{from, until} {
		if t == nil {
			continue
		}
		if t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			return fault.New(fault.Invalid, "invalid_validity", "A permission begins and ends in the years 1 to 9999.")
		}
		if _, err := civil.Instant(*t); err != nil {
			return err
		}
	}
	if from != nil && until != nil && !until.After(*from) {
		return fault.New(fault.Invalid, "invalid_validity", "A permission must end after it begins.")
	}
	return nil
}

// holds reports whether exactly this rule is set already.
func holds(rules []access.Rule, r access.Rule) bool {
	return slices.ContainsFunc(rules, func(old access.Rule) bool { return sameMatter(old, r) && old.Allow == r.Allow })
}

// about reports whether any rule is about the capability, and whether any of them denies it.
func about(rules []access.Rule, c access.Capability) (found, denies bool) {
	for _, r := range rules {
		if r.Capability == c {
			found, denies = true, denies || !r.Allow
		}
	}
	return found, denies
}

// utc returns the instant in UTC; nil, and the zero instant that bounds nothing, stay nil.
func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
