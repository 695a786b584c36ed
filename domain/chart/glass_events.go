package chart

import (
	"time"

	"praxis/domain/id"
)

// BreakGlassOpened says that a member reads the chart in an emergency, whatever else they
// may do, until an instant. Somebody else has to review that.
type BreakGlassOpened struct {
	// Glass names it: the id of this event.
	Glass      id.Event  `json:"glass"`
	Member     id.Member `json:"member"`
	ReasonCode GlassCode `json:"reasonCode"`
	// Text is what the member says about the emergency, and may say something about the patient.
	Text string `json:"text" personal:"true"`
	// ExpiresAt is the first instant at which it no longer holds, UTC.
	ExpiresAt time.Time `json:"expiresAt"`
	// Tell are the members who are told: the primary and the owner, unless excluded.
	Tell []id.Member `json:"tell"`
}

// BreakGlassClosed says that the glass is whole again before it expired by itself.
type BreakGlassClosed struct {
	Glass  id.Event  `json:"glass"`
	Member id.Member `json:"member"`
	// By is the member who closed it: the one who broke it, or one who may review that.
	By id.Member `json:"by,omitzero"`
}

// BreakGlassReviewed says what another member thinks of it.
type BreakGlassReviewed struct {
	Glass   id.Event  `json:"glass"`
	Member  id.Member `json:"member"`
	By      id.Member `json:"by"`
	Verdict Verdict   `json:"verdict"`
	Text    string    `json:"text" personal:"true"`
}

func (BreakGlassOpened) isEvent()   {}
func (BreakGlassClosed) isEvent()   {}
func (BreakGlassReviewed) isEvent() {}
