package bulk

import (
	"praxis/domain/es"
	"praxis/domain/id"
)

// Event is a fact in the life of an operation on many charts.
//
//sumtype:decl
type Event interface{ isEvent() }

// Started says what is to be done to the charts that ChartsChosen names right after it.
type Started struct {
	Bulk  id.Bulk  `json:"bulk"`
	Group id.Group `json:"group"`
	// By is the member as whom each chart is changed.
	By id.Member `json:"by"`
	Change
	// AllOrNothing has every chart judged before the first is changed; Rehearsal has them
	// judged, and none changed.
	AllOrNothing bool `json:"allOrNothing,omitempty"`
	Rehearsal    bool `json:"rehearsal,omitempty"`
	// Undoes names the operation that is taken back, with its Change.
	Undoes id.Bulk `json:"undoes,omitzero"`
}

// ChartsChosen names charts of the operation, after those that were named before.
type ChartsChosen struct {
	Charts []id.Chart `json:"charts"`
}

// Rehearsed says what would become of the next charts.
type Rehearsed struct {
	Results []Result `json:"results"`
}

// Progressed says what became of the next charts.
type Progressed struct {
	Results []Result `json:"results"`
}

// CancelRequested says that no further chart is to be changed.
type CancelRequested struct {
	By id.Member `json:"by"`
}

// OperationRefused says that no chart is changed, because some would have failed.
type OperationRefused struct {
	Failed int `json:"failed"`
}

// OperationCompleted says that the operation is over, and how many charts came to what.
// Those that are missing in the sum were not reached before it was cancelled.
type OperationCompleted struct {
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Failed    int `json:"failed"`
}

func (Started) isEvent()            {}
func (ChartsChosen) isEvent()       {}
func (Rehearsed) isEvent()          {}
func (Progressed) isEvent()         {}
func (CancelRequested) isEvent()    {}
func (OperationRefused) isEvent()   {}
func (OperationCompleted) isEvent() {}

// Events lists the event types with their wire names and versions.
func Events() []es.Row {
	return []es.Row{
		es.Define[Started]("bulk.started", 1),
		es.Define[ChartsChosen]("bulk.charts_chosen", 1),
		es.Define[Rehearsed]("bulk.rehearsed", 1),
		es.Define[Progressed]("bulk.progressed", 1),
		es.Define[CancelRequested]("bulk.cancel_requested", 1),
		es.Define[OperationRefused]("bulk.refused", 1),
		es.Define[OperationCompleted]("bulk.completed", 1),
	}
}
