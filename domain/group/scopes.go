package group

import (
	"bytes"
	"slices"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

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
		switch branch, ok := s.Branch(b); {
		case !ok:
			return errNoBranch
		case branch.Closed:
			return errBranchClosed
		}
	}
	return nil
}

// sorted returns the list in the order of ids, each once: a set has one spelling.
func sorted[I ~[16]byte](list []I) []I {
	set := slices.Clone(list)
	slices.SortFunc(set, func(a, b I) int { x, y := [16]byte(a), [16]byte(b); return bytes.Compare(x[:], y[:]) })
	return slices.Compact(set)
}

// difference returns what must be added to and removed from old to make it new.
func difference[I ~[16]byte](before, after []I) (added, removed []I) {
	return minus(sorted(after), before...), minus(sorted(before), after...)
}
