package chart

import (
	"cmp"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

var mergeReason = text.Line("reason", 500)

// MergeInto says that the chart is of the same patient as another one, which goes on for
// both.
type MergeInto struct {
	Into   id.Chart `json:"into"`
	Reason string   `json:"reason"`
}

// MergeTarget is what must be known of the chart that another one is to be merged into.
type MergeTarget struct {
	// First is the id that the first event of the command will have.
	First id.Event
	// Seen reports that it is a chart of the practice that the actor may see, and Permitted
	// that they may merge into it.
	Seen, Permitted bool
	// Merged and Archived say that it is so itself.
	Merged, Archived bool
}

// Decide merges. A chart that is archived can be merged into one that is not. Faults:
// "chart_not_found", "chart_merged", "same_chart", "other_chart_not_found",
// "target_not_permitted", "target_merged", "target_archived", "reason_required", and those
// of package text.
func (c MergeInto) Decide(s State, t MergeTarget, now time.Time) ([]Event, error) {
	reason, err := mergeReason.Read(c.Reason)
	err = cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(!s.Merged().IsZero(), ErrMerged),
		err,
		fault.When(reason == "", fault.New(fault.Invalid, "reason_required", "A reason is required to merge charts. Say how you know that they are of one patient.")),
		fault.When(c.Into == s.Chart, errSameChart),
		fault.When(!t.Seen, errOtherUnknown),
		fault.When(!t.Permitted, fault.New(fault.Forbidden, "target_not_permitted", "You may not merge into that chart: it takes the permission \"chart.archive\" for both charts.")),
		fault.When(t.Merged, errTargetMerged),
		fault.When(t.Archived, fault.New(fault.Rejected, "target_archived", "The other chart is archived. Unarchive it first, or merge that one into this one.")),
	)
	return es.Decided[Event](err, false, MergedInto{Merge: t.First, Into: c.Into, UndoUntil: now.UTC().Truncate(time.Second).Add(UndoableFor), Reason: reason})
}

// UndoMerge makes the chart one of its own again.
type UndoMerge struct{}

// Decide undoes. Faults: "chart_not_found", "not_merged", "merge_undo_expired".
func (UndoMerge) Decide(s State, now time.Time) ([]Event, error) {
	err := cmp.Or(
		fault.When(!s.Exists(), errNotFound),
		fault.When(s.Merged().IsZero(), fault.New(fault.Rejected, "not_merged", "This chart is not merged into another one.")),
		fault.When(!now.Before(s.Merged().UndoUntil), fault.New(fault.Rejected, "merge_undo_expired", "A merge can be undone for 30 days. Open a new chart if they are two people.")),
	)
	return es.Decided[Event](err, false, s.undone(""))
}

func (s State) undone(because string) MergeUndone {
	return MergeUndone{Merge: s.Merged().Event, Into: s.Merged().Into, Archived: s.Merged().WasArchived, Because: because}
}

// AcceptMerge has the chart that goes on tell of a merge.
type AcceptMerge struct {
	Merge  id.Event `json:"merge"`
	Source id.Chart `json:"source"`
}

// Decide tells of it, once. Faults: "chart_not_found", "target_merged".
func (c AcceptMerge) Decide(s State, source Differences, _ time.Time) ([]Event, error) {
	err := cmp.Or(fault.When(!s.Exists(), errNotFound), fault.When(!s.Merged().IsZero() && !s.hasMerge(c.Merge), errTargetMerged))
	return es.Decided[Event](err, s.hasMerge(c.Merge), MergedFrom{Merge: c.Merge, Source: c.Source, Differs: source})
}

// RevertMerge undoes a merge into a chart that was itself merged in the same instant:
// neither command could know of the other.
type RevertMerge struct {
	Merge id.Event `json:"merge"`
}

// Decide undoes it where it stands.
func (c RevertMerge) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](nil, s.Merged().Event != c.Merge, s.undone(errTargetMerged.Code))
}

// ForgetMerge has the chart that goes on tell that a merge was undone.
type ForgetMerge struct {
	Merge  id.Event `json:"merge"`
	Source id.Chart `json:"source"`
}

// Decide tells of it, once.
func (c ForgetMerge) Decide(s State, _ time.Time) ([]Event, error) {
	return es.Decided[Event](nil, !s.hasMerge(c.Merge), UnmergedFrom(c))
}

var (
	errSameChart    = fault.New(fault.Rejected, "same_chart", "These are not two charts. Name another one.")
	errTargetMerged = fault.New(fault.Rejected, "target_merged", "The other chart is itself merged into another one. Name that one.")
)
