// Package bulk is one operation on many charts, such as assigning those of a roster to
// another clinician: which charts were chosen, and what became of each. What is done to a
// chart is decided by the chart, as if it had been asked for by itself; this aggregate
// only remembers how far the operation is. It imports the domain's shared types.
package bulk

import (
	"slices"

	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Category is the category of the streams of bulk operations.
const Category es.Category = "bulk"

// Stream names the stream of a bulk operation.
func Stream(g id.Group, b id.Bulk) es.Stream { return es.StreamOf(Category, g, b.String()) }

// ParseStream returns the group and the operation that a stream belongs to. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseStream(s es.Stream) (id.Group, id.Bulk, error) {
	g, ok := s.Group()
	b, err := id.Parse[id.Bulk](s.Entity())
	if !ok || err != nil || Stream(g, b) != s {
		return id.Group{}, id.Bulk{}, fault.New(fault.Internal, "malformed_stream", "The stream is not that of a bulk operation.")
	}
	return g, b, nil
}

// Bounds of an operation.
const (
	// MostCharts is how many charts one operation takes.
	MostCharts = 5_000
	// Batch is how many charts are dealt with before that is recorded.
	Batch = 100
	// chosenAtOnce is how many ids one event names, so that it stays below what stores take.
	chosenAtOnce = 1_000
)

// Op says what is done to each chart.
type Op string

// The operations.
const (
	AssignClinician  Op = "assign_clinician"
	AssignBranch     Op = "assign_branch"
	ChangeStatus     Op = "change_status"
	Archive          Op = "archive"
	Unarchive        Op = "unarchive"
	AddTeamMember    Op = "add_team_member"
	ChangeTeamRole   Op = "change_team_role"
	RemoveTeamMember Op = "remove_team_member"
)

// Change is what is done to each chart, with what the operation needs to know.
type Change struct {
	Op Op `json:"op"`
	// Clinician is who becomes the primary, FormerBecomes what the former one becomes.
	Clinician     id.Member     `json:"clinician,omitzero"`
	FormerBecomes careteam.Role `json:"formerBecomes,omitempty"`
	Branch        id.Branch     `json:"branch,omitzero"`
	Status        chart.Status  `json:"status,omitempty"`
	// Force archives charts although appointments lie ahead.
	Force bool `json:"force,omitempty"`
	// Member is who is put on the team, gets another role there, or leaves it.
	Member id.Member     `json:"member,omitzero"`
	Role   careteam.Role `json:"role,omitempty"`
	// Reason is kept with the operation and with every chart that is archived. It is about
	// all of them, and no place for personal data.
	Reason string `json:"reason,omitempty"`
}

// complete says what the operation lacks; what is there is for the charts to judge.
func (c Change) complete() error {
	missing := ""
	switch c.Op {
	case AssignClinician:
		missing = lacks(c.Clinician.IsZero(), "clinician")
	case AssignBranch:
		missing = lacks(c.Branch.IsZero(), "branch")
	case ChangeStatus:
		missing = lacks(c.Status == "", "status")
	case Archive:
		missing = lacks(c.Reason == "", "reason")
	case AddTeamMember, ChangeTeamRole:
		missing = lacks(c.Member.IsZero() || c.Role == "", "member and role")
	case RemoveTeamMember:
		missing = lacks(c.Member.IsZero(), "member")
	case Unarchive:
	default:
		return fault.New(fault.Invalid, "bulk_unknown", "There is no such operation on many charts.")
	}
	return fault.When(missing != "", fault.New(fault.Invalid, "bulk_incomplete", "The operation needs more than was sent: %s.", missing))
}

func lacks(it bool, name string) string {
	if it {
		return name
	}
	return ""
}

// Outcome is what became of one chart.
type Outcome string

// The outcomes. In a rehearsal they say what would become of it.
const (
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
	Failed    Outcome = "failed"
)

// Result is the answer about one chart.
type Result struct {
	Chart   id.Chart `json:"chart"`
	Outcome Outcome  `json:"outcome"`
	// Code and Message say why it failed; they say nothing personal.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Phase is where an operation is.
type Phase string

// The phases. The last three are final.
const (
	// Rehearsing judges every chart and changes none.
	Rehearsing Phase = "rehearsing"
	Running    Phase = "running"
	// Cancelling waits for the batch that is under way.
	Cancelling Phase = "cancelling"
	Cancelled  Phase = "cancelled"
	// Refused changed nothing, because it was to be all or nothing.
	Refused   Phase = "refused"
	Completed Phase = "completed"
)

// State is an operation at one revision.
type State struct {
	Bulk   id.Bulk
	Group  id.Group
	By     id.Member
	Change Change
	// Undoes is the operation that this one takes back; zero for others.
	Undoes                  id.Bulk
	AllOrNothing, Rehearsal bool
	Charts                  []id.Chart
	Phase                   Phase
	// Rehearsed and Results are the answers so far, in the order of Charts.
	Rehearsed, Results []Result
}

// Aggregate says how the events of an operation fold.
func Aggregate() es.Aggregate[State, Event] {
	return es.Aggregate[State, Event]{Category: Category, New: func() State { return State{} }, Evolve: Evolve}
}

// Evolve applies one event. It never changes what earlier copies of the state hold.
func Evolve(s *State, e Event) {
	switch e := e.(type) {
	case Started:
		s.Bulk, s.Group, s.By, s.Change, s.Undoes = e.Bulk, e.Group, e.By, e.Change, e.Undoes
		s.AllOrNothing, s.Rehearsal, s.Phase = e.AllOrNothing, e.Rehearsal, Running
		if e.AllOrNothing || e.Rehearsal {
			s.Phase = Rehearsing
		}
	case ChartsChosen:
		s.Charts = append(slices.Clip(s.Charts), e.Charts...)
	case Rehearsed:
		s.Rehearsed = append(slices.Clip(s.Rehearsed), e.Results...)
		if len(s.Rehearsed) == len(s.Charts) && s.Phase == Rehearsing {
			s.Phase = Running
		}
	case Progressed:
		s.Results = append(slices.Clip(s.Results), e.Results...)
	case CancelRequested:
		s.Phase = Cancelling
	case OperationRefused:
		s.Phase = Refused
	case OperationCompleted:
		if s.Phase == Cancelling {
			s.Phase = Cancelled
		} else {
			s.Phase = Completed
		}
	}
}

// Exists reports whether the operation was started.
func (s State) Exists() bool { return !s.Bulk.IsZero() }

// Ended reports whether nothing more happens.
func (s State) Ended() bool {
	return s.Phase == Cancelled || s.Phase == Refused || s.Phase == Completed
}

// Answers are those of the operation itself or, until there are any, of its rehearsal.
func (s State) Answers() []Result {
	if s.Rehearsal || s.Phase == Rehearsing || s.Phase == Refused {
		return s.Rehearsed
	}
	return s.Results
}

// Next are the charts whose turn it is, and how many were dealt with before them.
func (s State) Next() (from int, charts []id.Chart) {
	from = len(s.Results)
	if s.Phase == Rehearsing {
		from = len(s.Rehearsed)
	}
	return from, s.Charts[from:min(from+Batch, len(s.Charts))]
}

// Count is how many answers have an outcome.
func Count(results []Result, o Outcome) (n int) {
	for _, r := range results {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

// ChangedCharts are the charts that the operation changed, in its order.
func (s State) ChangedCharts() (charts []id.Chart) {
	for _, r := range s.Results {
		if r.Outcome == Changed {
			charts = append(charts, r.Chart)
		}
	}
	return charts
}
