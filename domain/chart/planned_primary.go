package chart

import (
	"time"

	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// plan decides that what was found possible now is to happen later.
func (c AssignClinician) plan(s State, by id.Member, now time.Time) ([]Event, error) {
	at, err := civil.Instant(c.EffectiveAt)
	planned := careteam.PlannedPrimary{To: c.Clinician, FormerBecomes: c.FormerBecomes, EffectiveAt: at, By: by}
	switch {
	case err != nil:
		return nil, err
	case !planned.EffectiveAt.After(now):
		return nil, fault.New(fault.Rejected, "effective_in_past", "A change of the primary can be planned for the future only. Leave effectiveAt out to make it now.")
	case planned.Is(s.Planned()):
		return nil, fault.New(fault.Rejected, "already_planned", "This change of the primary is planned already.")
	}
	return []Event{PrimaryChangePlanned{planned}}, nil
}

// CancelPlannedPrimary has the primary not change as it was planned.
type CancelPlannedPrimary struct{}

// Decide cancels. Faults: "chart_not_found", "no_planned_primary".
func (CancelPlannedPrimary) Decide(s State, _ time.Time) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, errNotFound
	case s.Planned().IsZero():
		return nil, fault.New(fault.Rejected, "no_planned_primary", "No change of the primary of this chart is planned.")
	}
	return []Event{PrimaryChangeCancelled{To: s.Planned().To, EffectiveAt: s.Planned().EffectiveAt}}, nil
}

// CarryOutPlannedPrimary makes the change of the primary that was planned, once its
// instant has come. Whether the clinician can take the chart is looked at anew: if not,
// the plan lapses. A plan that was cancelled, replaced or is not due is left alone.
type CarryOutPlannedPrimary struct {
	EffectiveAt time.Time `json:"effectiveAt"`
}

// Decide makes the change, or says why not. Fault: "chart_not_found".
func (c CarryOutPlannedPrimary) Decide(s State, p Group, now time.Time) ([]Event, error) {
	planned := s.Planned()
	switch {
	case !s.Exists():
		return nil, errNotFound
	case planned.IsZero() || !planned.EffectiveAt.Equal(c.EffectiveAt) || now.Before(planned.EffectiveAt):
		return nil, nil
	}
	assign := AssignClinician{Clinician: planned.To, FormerBecomes: planned.FormerBecomes}
	if checkFits(planned.FormerBecomes, p.Member(s.Primary())) != nil {
		assign.FormerBecomes = ""
	}
	if _, err := assign.rehomed(s, p, id.Event{}, now); err != nil {
		return []Event{PrimaryChangeLapsed{PlannedPrimary: planned, Primary: s.Primary(), Reason: fault.From(err).Code}}, nil
	}
	return es.Decided[Event](nil, false, PrimaryProfessionalChanged{
		From: s.Primary(), To: planned.To, FormerBecomes: assign.FormerBecomes, Planned: planned.EffectiveAt,
	})
}

// overtaken says that a plan lapses because the removal of the primary gives the chart to
// somebody else. Who reassigns a chart by hand replaces a plan knowingly.
func (s State) overtaken(by id.Member, removal id.Event) []Event {
	if removal.IsZero() || s.Planned().IsZero() || s.Planned().To == by {
		return nil
	}
	return []Event{PrimaryChangeLapsed{PlannedPrimary: s.Planned(), Primary: by, Reason: "primary_left"}}
}
