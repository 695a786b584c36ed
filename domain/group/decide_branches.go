package group

import (
	"strconv"
	"strings"
	"time"

	"praxis/domain/fault"
	"praxis/domain/id"
)

// CreateBranch opens a further location. Rejections: "plan_allows_one_branch",
// "branch_exists", "branch_name_taken".
type CreateBranch struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// Decide opens the branch.
func (c CreateBranch) Decide(s State, _ time.Time) ([]Event, error) {
	if !s.Exists() {
		return nil, errNoGroup
	}
	if s.AllowsOneBranch() {
		return nil, errOneBranch
	}
	if _, exists := s.Branch(c.Branch); exists || c.Branch.IsZero() {
		return nil, fault.New(fault.Rejected, "branch_exists", "A branch with this id already exists.")
	}
	name, err := s.freeBranchName(c.Name, c.Branch)
	if err != nil {
		return nil, err
	}
	return []Event{BranchCreated{Branch: c.Branch, Name: name}}, nil
}

// RenameBranch gives a location another name. Rejections: "branch_not_found",
// "branch_closed", "branch_name_taken". The same name changes nothing.
type RenameBranch struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// Decide renames the branch.
func (c RenameBranch) Decide(s State, _ time.Time) ([]Event, error) {
	branch, ok := s.Branch(c.Branch)
	switch {
	case !ok:
		return nil, errNoBranch
	case branch.Closed:
		return nil, errBranchClosed
	}
	name, err := s.freeBranchName(c.Name, c.Branch)
	if err != nil || name == branch.Name {
		return nil, err
	}
	return []Event{BranchRenamed{Branch: c.Branch, From: branch.Name, To: name}}, nil
}

// CloseBranch closes a location. People who work there work in MovedTo at once;
// its charts are moved there afterwards, and VacateBranch ends it. Without charts
// MovedTo may be left out. Rejections: "branch_not_found",
// "default_branch_required", "branch_has_charts", "branch_closed" and
// "invalid_target" for where they should go. A closed branch stays closed.
type CloseBranch struct {
	Branch  id.Branch `json:"branch"`
	MovedTo id.Branch `json:"movedTo,omitzero"`
	// Charts is how many charts belong to the branch, archived ones too: a fact.
	Charts int `json:"-"`
}

// Decide closes the branch.
func (c CloseBranch) Decide(s State, _ time.Time) ([]Event, error) {
	branch, ok := s.Branch(c.Branch)
	switch {
	case !ok:
		return nil, errNoBranch
	case branch.Closed:
		return nil, nil
	case branch.Default:
		return nil, fault.New(fault.Rejected, "default_branch_required", "The practice keeps its default branch, where everything belongs that names no other.")
	case c.MovedTo == c.Branch:
		return nil, fault.New(fault.Invalid, "invalid_target", "Name another branch than the one that closes.")
	case c.MovedTo.IsZero() && c.Charts > 0:
		return nil, fault.New(fault.Rejected, "branch_has_charts", "%d charts belong to this branch. Name the branch they move to.", c.Charts).
			With("charts", strconv.Itoa(c.Charts))
	case !c.MovedTo.IsZero():
		if err := s.checkBranches([]id.Branch{c.MovedTo}); err != nil {
			return nil, err
		}
	}
	return []Event{BranchClosed(c)}, nil
}

// freeBranchName returns the name if no other branch has it, whatever its case.
func (s State) freeBranchName(name string, self id.Branch) (string, error) {
	name, err := readName(branchName, name)
	if err != nil {
		return "", err
	}
	for _, b := range s.branches {
		if b.ID != self && !b.Closed && strings.EqualFold(b.Name, name) {
			return "", fault.New(fault.Rejected, "branch_name_taken", "Another branch has this name.").With("branch", b.ID.String())
		}
	}
	return name, nil
}

// SetClinicianBranches says in which branches a clinician works, instead of
// those before (C-5, R-3). Rejections: "target_outranks_you", "self_grant",
// "not_a_clinician", "empty_branches", "branch_not_found", "branch_closed".
type SetClinicianBranches struct {
	// By is the member who decides.
	By        id.Member   `json:"-"`
	Clinician id.Member   `json:"clinician"`
	Branches  []id.Branch `json:"branches"`
}

// Decide sets the branches.
func (c SetClinicianBranches) Decide(s State, _ time.Time) ([]Event, error) {
	m, err := s.scoping(c.By, c.Clinician, func(m Member) bool { return widens(m.Branches, c.Branches) })
	if err != nil {
		return nil, err
	}
	if !m.Clinician {
		return nil, errNotClinician
	}
	if len(c.Branches) == 0 {
		return nil, errNoBranches
	}
	if err := s.checkBranches(c.Branches); err != nil {
		return nil, err
	}
	added, removed := difference(m.Branches, c.Branches)
	if len(added)+len(removed) == 0 {
		return nil, nil
	}
	return []Event{ClinicianBranchesSet{Clinician: m.ID, Added: added, Removed: removed}}, nil
}
