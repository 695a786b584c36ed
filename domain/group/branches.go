package group

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// BranchCreated opens a further location.
type BranchCreated struct {
	Branch id.Branch `json:"branch"`
	Name   string    `json:"name"`
}

// BranchRenamed gives a location another name.
type BranchRenamed struct {
	Branch id.Branch `json:"branch"`
	From   string    `json:"from"`
	To     string    `json:"to"`
}

// BranchClosed closes a location. Members who worked there work in MovedTo from
// now on; if MovedTo is unset, those who worked nowhere else work in the default
// branch.
type BranchClosed struct {
	Branch  id.Branch `json:"branch"`
	MovedTo id.Branch `json:"movedTo,omitzero"`
	// Charts is how many charts of the branch were known and will move.
	Charts int `json:"charts"`
}

// BranchVacated ends the closing of a branch: every chart belongs to another one.
type BranchVacated struct {
	Branch      id.Branch `json:"branch"`
	ChartsMoved int       `json:"chartsMoved"`
}

// ClinicianBranchesSet says in which branches a clinician starts and ceases to work (C-5).
type ClinicianBranchesSet struct {
	Clinician id.Member   `json:"clinician"`
	Added     []id.Branch `json:"added,omitempty"`
	Removed   []id.Branch `json:"removed,omitempty"`
}

func (BranchCreated) isEvent()        {}
func (BranchRenamed) isEvent()        {}
func (BranchClosed) isEvent()         {}
func (BranchVacated) isEvent()        {}
func (ClinicianBranchesSet) isEvent() {}

// Branch is a location of the group.
type Branch struct {
	ID      id.Branch `json:"id"`
	Name    string    `json:"name"`
	Default bool      `json:"default"`
	// Zone is the zone of the calendars of those who work here; empty for that of
	// the practice (BKG-A4).
	Zone civil.Zone `json:"zone,omitempty"`
	// Closed reports that nothing new belongs to it; MovedTo is where its charts went.
	Closed  bool      `json:"closed,omitempty"`
	MovedTo id.Branch `json:"-"`
	// Vacated reports that no chart belongs to a closed branch any more.
	Vacated bool `json:"-"`
}

// Branches returns the open branches in the order of their creation; the first is the default.
func (s State) Branches() []Branch {
	return slices.DeleteFunc(slices.Clone(s.branches), func(b Branch) bool { return b.Closed })
}

// AllBranches returns the branches, closed ones too, the default one first.
func (s State) AllBranches() []Branch { return slices.Clone(s.branches) }

// Branch returns a branch of the group, open or closed.
func (s State) Branch(b id.Branch) (Branch, bool) {
	branch := *s.branch(b)
	return branch, !branch.ID.IsZero()
}

// branch returns the place of a branch; one without id where there is none.
func (s *State) branch(b id.Branch) *Branch {
	return es.Find(s.branches, func(o *Branch) bool { return o.ID == b })
}

// DefaultBranch returns where things belong that name no branch (AMB-13).
func (s State) DefaultBranch() id.Branch {
	if len(s.branches) == 0 {
		return id.Branch{}
	}
	return s.branches[0].ID
}

// AllowsOneBranch reports whether the practice may open no further branch: it has
// fallen back to the free plan, because its subscription ended or because no
// licence of it is paid (L-12). Branches that are open stay open, and charts stay
// where they are. A trial counts as a plan, and so does a practice that never had
// a subscription.
func (s State) AllowsOneBranch() bool {
	if _, over := s.EndedOn(); over {
		return true
	}
	if !s.Subscribed() || s.subscription.inTrial() {
		return false
	}
	return !slices.ContainsFunc(s.subscription.licences, func(l Licence) bool { return !l.Pending })
}

// BranchAfter returns where what belonged to a closed branch belongs now: the open
// branch at the end of the way that it and its followers went, the default branch
// where one of them named none. Rejections: "branch_not_found", "branch_not_closed".
func (s State) BranchAfter(b id.Branch) (id.Branch, error) {
	branch, known := s.Branch(b)
	switch {
	case !known:
		return id.Branch{}, errNoBranch
	case !branch.Closed:
		return id.Branch{}, errBranchOpen
	}
	// A branch closes towards one that is open then, so the way never comes back.
	for known && branch.Closed {
		branch, known = s.Branch(branch.MovedTo)
	}
	if !known {
		return s.DefaultBranch(), nil
	}
	return branch.ID, nil
}

// branchClosed closes a branch. It stays known by its id, so that history keeps its name.
func (s *State) branchClosed(e BranchClosed) {
	branch := s.branch(e.Branch)
	branch.Closed, branch.MovedTo = true, e.MovedTo
	instead := func(list []id.Branch) []id.Branch {
		if !slices.Contains(list, e.Branch) {
			return list
		}
		rest := minus(list, e.Branch)
		switch {
		case !e.MovedTo.IsZero():
			return plus(rest, e.MovedTo)
		case len(rest) == 0:
			return []id.Branch{s.DefaultBranch()}
		}
		return rest
	}
	for i := range s.members {
		s.members[i].Branches = instead(s.members[i].Branches)
	}
	for i := range s.invitations {
		es.Alter(s.invitations, i, func(inv *Invitation) { inv.Branches = instead(inv.Branches) })
	}
}

// The rejections about branches.
var (
	errNoBranch     = fault.New(fault.NotFound, "branch_not_found", "The practice has no such branch.")
	errBranchClosed = fault.New(fault.Rejected, "branch_closed", "This branch is closed. Choose an open one.")
	errBranchOpen   = fault.New(fault.Rejected, "branch_not_closed", "This branch is open; its charts stay where they are.")
	errNoBranches   = fault.New(fault.Rejected, "empty_branches", "A clinician works in at least one branch.")
	errOneBranch    = fault.New(fault.Rejected, "plan_allows_one_branch", "Without a paid plan a practice has one branch. Start the subscription, or buy a licence, to open another.")
)

// openBranch returns a branch to which something new may belong.
func (s State) openBranch(b id.Branch) (Branch, error) {
	branch, known := s.Branch(b)
	return branch, cmp.Or(fault.When(!known, errNoBranch), fault.When(branch.Closed, errBranchClosed))
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
	branch, err := s.openBranch(c.Branch)
	if err != nil {
		return nil, err
	}
	name, err := s.freeBranchName(c.Name, c.Branch)
	return es.Decided[Event](err, name == branch.Name, BranchRenamed{Branch: c.Branch, From: branch.Name, To: name})
}

// CloseBranch closes a location. People who work there work in MovedTo at once;
// its charts are moved there afterwards, and VacateBranch ends it. Without charts
// MovedTo may be left out. Rejections: "branch_not_found",
// "default_branch_required", "branch_has_charts", "branch_closed" and
// "invalid_target" for where they should go. A closed branch stays closed.
type CloseBranch struct {
	Branch  id.Branch `json:"branch"`
	MovedTo id.Branch `json:"movedTo,omitzero"`
}

// Decide closes the branch.
func (c CloseBranch) Decide(s State, charts int, _ time.Time) ([]Event, error) {
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
	case c.MovedTo.IsZero() && charts > 0:
		return nil, fault.New(fault.Rejected, "branch_has_charts", "%d charts belong to this branch. Name the branch they move to.", charts).
			With("charts", strconv.Itoa(charts))
	case c.MovedTo.IsZero():
	default:
		if _, err := s.openBranch(c.MovedTo); err != nil {
			return nil, err
		}
	}
	return []Event{BranchClosed{Branch: c.Branch, MovedTo: c.MovedTo, Charts: charts}}, nil
}

// VacateBranch ends the closing of a branch after every chart has left it.
// Rejections: "branch_not_found", "branch_not_closed", "charts_remain". Ending it
// twice changes nothing.
type VacateBranch struct {
	Branch      id.Branch `json:"branch"`
	ChartsMoved int       `json:"chartsMoved"`
}

// Decide ends the closing.
func (c VacateBranch) Decide(s State, left int, _ time.Time) ([]Event, error) {
	branch, known := s.Branch(c.Branch)
	switch {
	case !known:
		return nil, errNoBranch
	case !branch.Closed:
		return nil, errBranchOpen
	case branch.Vacated:
		return nil, nil
	case left > 0:
		return nil, fault.New(fault.Rejected, "charts_remain", "%d charts of this branch were not moved yet.", left).
			With("charts", strconv.Itoa(left))
	}
	return []Event{BranchVacated(c)}, nil
}

// SetClinicianBranches says in which branches a clinician works, instead of
// those before (C-5, R-3). Rejections: "target_outranks_you", "self_grant",
// "not_a_clinician", "empty_branches", "branch_not_found", "branch_closed".
type SetClinicianBranches struct {
	Clinician id.Member   `json:"clinician"`
	Branches  []id.Branch `json:"branches"`
}

// Decide sets the branches.
func (c SetClinicianBranches) Decide(s State, actor id.Member, _ time.Time) ([]Event, error) {
	m, err := s.scoping(actor, c.Clinician, func(m Member) bool { return widens(m.Branches, c.Branches) })
	if err := cmp.Or(
		err,
		fault.When(!m.Clinician, errNotClinician),
		fault.When(len(c.Branches) == 0, errNoBranches),
		s.checkBranches(c.Branches),
	); err != nil {
		return nil, err
	}
	added, removed := difference(m.Branches, c.Branches)
	return es.Decided[Event](nil, len(added)+len(removed) == 0, ClinicianBranchesSet{Clinician: m.ID, Added: added, Removed: removed})
}
