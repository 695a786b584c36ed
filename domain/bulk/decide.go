package bulk

import (
	"cmp"
	"slices"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

var reasonText = text.Line("reason", 500)

// ErrNotFound answers for operations that do not exist and for those of others.
var ErrNotFound = fault.New(fault.NotFound, "bulk_not_found", "There is no such operation on many charts, or it is not yours to see.")

// Start begins an operation on many charts.
type Start struct {
	Change
	// Charts are the charts by their ids; Filter, instead of them, is how they were found.
	Charts []id.Chart `json:"charts,omitempty"`
	Filter *Filter    `json:"filter,omitempty"`
	// AllOrNothing judges every chart before the first is changed, and changes none if one
	// would fail. One that begins to fail only then does not stop the others.
	AllOrNothing bool `json:"allOrNothing,omitempty"`
	// Rehearsal judges every chart, and changes none.
	Rehearsal bool `json:"rehearsal,omitempty"`
	// Found are the charts that the filter found. They are no part of what is asked for.
	Found []id.Chart `json:"-"`
}

// Filter is how charts are found in the roster, as of the instant of the request.
type Filter struct {
	Clinicians []id.Member `json:"clinicians,omitempty"`
	Branches   []id.Branch `json:"branches,omitempty"`
	Status     string      `json:"status,omitempty"`
	Archived   bool        `json:"archived,omitempty"`
	Search     string      `json:"search,omitempty"`
}

// Chosen are the charts that are named, each once.
func (c Start) Chosen() []id.Chart {
	seen := map[id.Chart]bool{}
	var chosen []id.Chart
	for _, chart := range slices.Concat(c.Charts, c.Found) {
		if !seen[chart] {
			seen[chart], chosen = true, append(chosen, chart)
		}
	}
	return chosen
}

// Starting is what is known where an operation begins.
type Starting struct {
	Bulk  id.Bulk
	Group id.Group
	By    id.Member
	// Undoes is the operation that is taken back; zero for others.
	Undoes id.Bulk
}

// Decide starts. Faults: "bulk_exists", "bulk_unknown", "bulk_incomplete",
// "bulk_ambiguous", "no_charts_chosen", "too_many_charts", and those of package text.
func (c Start) Decide(s State, f Starting, _ time.Time) ([]Event, error) {
	reason, bad := reasonText.Read(c.Reason)
	c.Reason = reason
	chosen := c.Chosen()
	err := cmp.Or(
		fault.When(s.Exists(), fault.New(fault.Rejected, "bulk_exists", "This operation was already started.")),
		bad, c.complete(),
		fault.When(len(c.Charts) > 0 && c.Filter != nil, fault.New(fault.Invalid, "bulk_ambiguous", "Name the charts or a filter that finds them, not both.")),
		fault.When(len(chosen) == 0, fault.New(fault.Rejected, "no_charts_chosen", "No charts were named, or the filter found none that you may change so.")),
		fault.When(len(chosen) > MostCharts, fault.New(fault.Rejected, "too_many_charts", "One operation takes %d charts at the most, and %d were chosen. Narrow the filter, or do it in parts.", MostCharts, len(chosen))),
	)
	if err != nil {
		return nil, err
	}
	events := []Event{Started{
		Bulk: f.Bulk, Group: f.Group, By: f.By, Change: c.Change, AllOrNothing: c.AllOrNothing, Rehearsal: c.Rehearsal, Undoes: f.Undoes,
	}}
	for some := range slices.Chunk(chosen, chosenAtOnce) {
		events = append(events, ChartsChosen{Charts: some})
	}
	return events, nil
}

// Record notes what became of a batch. It is for the process that carries operations out.
type Record struct {
	// From is how many charts had been dealt with before, and Rehearsal whether these were
	// only judged.
	From      int      `json:"from"`
	Rehearsal bool     `json:"rehearsal,omitempty"`
	Results   []Result `json:"results"`
}

// Decide records, and ends the operation after the last chart or where it was cancelled;
// what was recorded before leads to no event. Fault: "bulk_not_found".
func (c Record) Decide(s State, _ time.Time) ([]Event, error) {
	from, _ := s.Next()
	if !s.Exists() || s.Ended() || from != c.From || c.Rehearsal != (s.Phase == Rehearsing) {
		return nil, fault.When(!s.Exists(), ErrNotFound)
	}
	if c.Rehearsal {
		all := slices.Concat(s.Rehearsed, c.Results)
		events := []Event{Rehearsed{Results: c.Results}}
		switch failed := Count(all, Failed); {
		case len(all) < len(s.Charts):
		case s.Rehearsal:
			events = append(events, completed(all))
		case failed > 0:
			events = append(events, OperationRefused{Failed: failed})
		}
		return events, nil
	}
	var events []Event
	if len(c.Results) > 0 {
		events = append(events, Progressed{Results: c.Results})
	}
	if all := slices.Concat(s.Results, c.Results); s.Phase == Cancelling || len(all) == len(s.Charts) {
		events = append(events, completed(all))
	}
	return events, nil
}

func completed(all []Result) OperationCompleted {
	return OperationCompleted{Changed: Count(all, Changed), Unchanged: Count(all, Unchanged), Failed: Count(all, Failed)}
}

// Handling is what is known where somebody wants something of an operation.
type Handling struct {
	By id.Member
	// Seen reports that the operation is one that they may see.
	Seen bool
}

// Cancel has no further chart changed. What was changed stays, and can be undone.
type Cancel struct{}

// Decide cancels. Faults: "bulk_not_found", "bulk_ended".
func (Cancel) Decide(s State, f Handling, _ time.Time) ([]Event, error) {
	return es.Decided[Event](cmp.Or(
		fault.When(!s.Exists() || !f.Seen, ErrNotFound),
		fault.When(s.Ended(), fault.New(fault.Rejected, "bulk_ended", "This operation is over. Undo it to take back what it changed.")),
	), s.Phase == Cancelling, CancelRequested{By: f.By})
}

// Undo says what takes an operation back; seen reports that the actor may see it.
// Faults: "bulk_not_found", "bulk_running", "bulk_is_undo", "nothing_to_undo".
func (s State) Undo(seen bool) (Start, error) {
	err := cmp.Or(
		fault.When(!s.Exists() || !seen, ErrNotFound),
		fault.When(!s.Ended(), fault.New(fault.Rejected, "bulk_running", "This operation is not over. Cancel it first, or wait for its end.")),
		fault.When(!s.Undoes.IsZero(), fault.New(fault.Rejected, "bulk_is_undo", "This operation takes back another one. Start that one again instead.")),
		fault.When(len(s.ChangedCharts()) == 0, fault.New(fault.Rejected, "nothing_to_undo", "This operation changed no chart.")),
	)
	return Start{Change: s.Change, Charts: s.ChangedCharts()}, err
}
