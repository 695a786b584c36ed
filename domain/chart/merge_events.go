package chart

import (
	"time"

	"praxis/domain/id"
)

// MergedInto says that the chart is of the same patient as another one, which goes on for
// both: this one is read-only and off the default rosters from now on. Nothing of it is
// moved, and nobody on its care team comes to see the other one by it.
type MergedInto struct {
	// Merge names it: the id of this event.
	Merge id.Event `json:"merge"`
	Into  id.Chart `json:"into"`
	// UndoUntil is the first instant at which it cannot be undone any more, UTC.
	UndoUntil time.Time `json:"undoUntil"`
	// Reason is free text and may say something about the patient.
	Reason string `json:"reason" personal:"true"`
}

// MergeUndone says that the chart is one of its own again, as it was before.
type MergeUndone struct {
	Merge id.Event `json:"merge"`
	Into  id.Chart `json:"into"`
	// Archived reports that the chart was archived before it was merged, and is again.
	Archived bool `json:"archived,omitempty"`
	// Because is the code of the rule because of which Praxis undid it by itself, such as
	// "target_merged"; empty where a person did.
	Because string `json:"because,omitempty"`
}

// MergedFrom says, on the chart that goes on, that another one was merged into it.
type MergedFrom struct {
	// Merge is the id of the event of the other chart that says so.
	Merge  id.Event `json:"merge"`
	Source id.Chart `json:"source"`
	// Differs is what the other chart says of the patient that this one does not: what this
	// one says stands.
	Differs Differences `json:"differs" personal:"true"`
}

// Differences are what one chart says of a patient that another does not; what is empty or
// the same on both is left out.
type Differences struct {
	GivenName  string           `json:"givenName,omitempty"`
	FamilyName string           `json:"familyName,omitempty"`
	BirthDate  string           `json:"birthDate,omitempty"`
	Email      string           `json:"email,omitempty"`
	Phone      string           `json:"phone,omitempty"`
	Contacts   []ContactDetails `json:"contacts,omitempty"`
}

// UnmergedFrom says that a chart that was merged into this one is one of its own again.
type UnmergedFrom struct {
	Merge  id.Event `json:"merge"`
	Source id.Chart `json:"source"`
}

func (MergedInto) isEvent()   {}
func (MergeUndone) isEvent()  {}
func (MergedFrom) isEvent()   {}
func (UnmergedFrom) isEvent() {}
