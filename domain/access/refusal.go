package access

import (
	"fmt"
	"strings"
	"time"
)

// Refusal says in one or two sentences why the subject may not use the capability
// on the resource, by the rule that decided, and who can change it: no one where no
// grant can, and never somebody else where the owner can do it alone. It names rules,
// roles and scopes, never people's names. Without a resource it is about whether the
// subject may use the capability on anything. The decision must be a denial at the
// instant now.
func Refusal(s Subject, c Capability, r *Resource, d Decision, now time.Time) string {
	missing := fmt.Sprintf("You may not do this here: the permission %q", c)
	if Hides(s, r, d, now) {
		return "There is no such chart, or you may not open it."
	}
	switch d.Rule {
	case RuleTenancy:
		return missing + " does not reach another practice."
	case RuleInactive:
		return missing + " ended with your membership. Only the practice can take you back."
	case RuleUnseenChart:
		return missing + " is not opened by breaking the glass. That is for reading the chart, and for nothing else."
	case RuleChartRestriction:
		return "This part of the chart is restricted to members who were named for it. The primary, or who may restrict the chart, can add you."
	case RulePatientLimit:
		return missing + " is not among those that your account has for this chart. The practice can add it."
	case RuleGuardrail:
		return missing + " " + forbidden(&s, c)
	case RuleUserDeny:
		return missing + " was denied to you. " + lift(&s)
	case RuleRoleDeny:
		return missing + fmt.Sprintf(" was denied to every %s. ", s.Role) + lift(&s)
	}
	switch s.Kind {
	case KindMember:
		return missing + " " + wider(&s, c, r, now)
	case KindPatient:
		return missing + " is for the patient's own chart, and your account is not linked to this one. The practice can link it."
	case KindOperator:
		return missing + " belongs to practices. Operators run the installation and can never have it."
	case KindStranger, KindSystem:
	}
	return missing + " is for members of the practice."
}

// toYou turns what is said about a member into what is said to them.
var toYou = strings.NewReplacer("themselves", "yourself", "their", "your", "they", "you", "them", "you")

// forbidden says of a guardrail whose the permission is.
func forbidden(s *Subject, c Capability) string {
	switch owner, _ := CellOf(Owner, c); {
	case operatorMay(c):
		return "is for the operators of the installation. No practice can grant it."
	case patientMay(c) && s.Kind == KindMember:
		return "is for patients and their own charts. Nobody can grant it."
	case s.Kind == KindPatient:
		return "is for the staff. Patients can never have it, and nobody can grant it."
	case c == OwnershipTransfer || c == GroupClose:
		return "is the owner's alone. It cannot be delegated."
	case owner.forbidden():
		return "can never be had by members. Nobody can grant it."
	}
	return fmt.Sprintf("can never be had by %s. Nobody can grant it.", s.Role.an())
}

// lift says who takes a denial back.
func lift(s *Subject) string {
	if s.Role == Owner {
		return "As the owner you can take that back yourself."
	}
	return "The owner can take that back, and so can who holds it and may set permissions."
}

// wider says, where no rule forbids it, whether somebody can grant it, and who.
func wider(s *Subject, c Capability, r *Resource, now time.Time) string {
	cell, known := CellOf(s.Role, c)
	if !known {
		return "does not exist."
	}
	held := cell.held(s.Clinician)
	has := "is not one that your role has by itself."
	if held != "" {
		has = fmt.Sprintf("is yours for %s only, and this is something else.", toYou.Replace(held.words()))
	}
	switch {
	case cell.Grant == Never && held == "":
		return "is for clinicians and their own patients only. Nobody can grant it."
	case cell.Grant == Never:
		return has + " Nobody can grant more."
	case r != nil && !covers(s, cell.Bound, r, now):
		return has + fmt.Sprintf(" It can be granted for %s, not for this.", toYou.Replace(cell.Bound.words()))
	case s.Role == Owner:
		return has + " As the owner you can grant it to yourself."
	case cell.Grant == ByOwner:
		return has + " Only the owner can grant it."
	}
	return has + " The owner can grant it, and so can who holds it and may set permissions."
}

// Undelegable says why a member of role by cannot give the capability to members of
// a role, in a scope, that Cell.Grantable refuses.
func Undelegable(by, to Role, c Capability, scope Scope) string {
	cell, _ := CellOf(to, c)
	switch {
	case cell.forbidden():
		return fmt.Sprintf("The permission %q can never be had by %s. Nobody can give it to them.", c, to.an())
	case cell.Grant == Never:
		return fmt.Sprintf("A %s has the permission %q by their role, as far as it goes. Nobody can give them more of it.", to, c)
	case cell.Grant == ByOwner && by != Owner:
		return fmt.Sprintf("The permission %q is given to a %s by the owner only.", c, to)
	}
	return fmt.Sprintf("A %s can have the permission %q for %s at most. Give it in that scope (%s), or in a narrower one.", to, c, cell.Bound.words(), cell.Bound)
}
