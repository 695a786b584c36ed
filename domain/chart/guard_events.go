package chart

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

// Restricted says that sections of the chart are for the primary and the members named,
// and for nobody else, instead of what was restricted before.
type Restricted struct {
	// Restriction names it: the id of this event.
	Restriction id.Event         `json:"restriction"`
	Sections    []access.Section `json:"sections"`
	Allow       []id.Member      `json:"allow"`
	// Until is the first instant at which it no longer holds, UTC; zero is unbounded.
	Until time.Time `json:"until,omitzero"`
	// Reason is free text and may say something about the patient.
	Reason string `json:"reason" personal:"true"`
	// By is the member who restricted it.
	By id.Member `json:"by,omitzero"`
}

// RestrictionLifted says that nothing of the chart is restricted any more.
type RestrictionLifted struct {
	Restriction id.Event `json:"restriction"`
}

// MemberExcluded says that to a member the chart does not exist from now on, whatever
// else they may do; instead of their exclusion of before, if there was one.
type MemberExcluded struct {
	// Exclusion names it: the id of this event.
	Exclusion  id.Event      `json:"exclusion"`
	Member     id.Member     `json:"member"`
	ReasonCode ExclusionCode `json:"reasonCode"`
	Text       string        `json:"text" personal:"true"`
	// Until is the first instant at which it no longer holds, UTC; zero is unbounded.
	Until time.Time `json:"until,omitzero"`
	// By is the member who excluded them.
	By id.Member `json:"by,omitzero"`
}

// MemberReadmitted says that a member is excluded no more.
type MemberReadmitted struct {
	Exclusion id.Event  `json:"exclusion"`
	Member    id.Member `json:"member"`
}

func (Restricted) isEvent()        {}
func (RestrictionLifted) isEvent() {}
func (MemberExcluded) isEvent()    {}
func (MemberReadmitted) isEvent()  {}
