package group

import (
	"praxis/domain/es"
	"praxis/domain/id"
)

// RelinkingStarted says which charts a member who is back is given again
// (AMB-14). A process gives them back, chart by chart. Where others are on their
// way, these come in addition.
type RelinkingStarted struct {
	Member id.Member `json:"member"`
	// Removal names the removal that took the charts.
	Removal   id.Event   `json:"removal"`
	Charts    []id.Chart `json:"charts"`
	StartedBy id.Member  `json:"startedBy"`
}

// RelinkingCompleted ends a relinking.
type RelinkingCompleted struct {
	Member  id.Member `json:"member"`
	Removal id.Event  `json:"removal"`
	// Relinked is how many charts were given back; Left are those that were not,
	// because somebody gave them to another primary meanwhile or a rule keeps them
	// where they are.
	Relinked int        `json:"relinked"`
	Left     []id.Chart `json:"left,omitempty"`
}

func (RelinkingStarted) isEvent()   {}
func (RelinkingCompleted) isEvent() {}

// relinkingRows is the table of the events of giving charts back.
func relinkingRows() []es.Row {
	return []es.Row{
		es.Define[RelinkingStarted]("group.relinking_started", 1),
		es.Define[RelinkingCompleted]("group.relinking_completed", 1),
	}
}
