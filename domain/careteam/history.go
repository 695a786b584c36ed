package careteam

import (
	"slices"
	"time"

	"praxis/domain/id"
)

// Custodian is what the member is, in the primary's place, who keeps a chart without
// treating (AMB-14).
const Custodian Role = "custodian"

// PlaceHeld is a place on a team, in one role and for one time, from the event that gave it
// to the one that took it (H-1).
type PlaceHeld struct {
	Participant
	// JoinedAt is since when the member is on the team without a break, in whatever role.
	JoinedAt time.Time `json:"joinedAt"`
	Given    Cause     `json:"given"`
	// Taken is nil while the place is there. Where the place is bounded in time, access ends
	// with its window, and not with this.
	Taken *Cause `json:"taken,omitempty"`
}

// Cause is what gave a place or took it: when, by whom and why.
type Cause struct {
	Event id.Event `json:"event"`
	// At is when it was recorded, UTC.
	At time.Time `json:"at"`
	// Actor is who did it, as in es.Metadata, and Reason what they said.
	Actor  string `json:"actor"`
	Reason string `json:"reason,omitempty"`
	// How says how it came about: the rule of the first primary (PrimaryRule), or one of
	// the words below.
	How string `json:"how"`
}

// How places are given and taken.
const (
	Assigned      = "assigned"
	Added         = "added"
	RoleChanged   = "role_changed"
	WindowChanged = "window_changed"
	Removed       = "removed"
	InCustody     = "custody"
	LeftGroup     = "left_practice"
	Returned      = "returned"
	Transferred   = "transferred"
	// OfHousehold is a place on a chart's team over the household of the chart.
	OfHousehold = "household"
)

// History is every place that there was on a team, in the order in which they were given.
type History []PlaceHeld

// Changed takes in that one event made one team of another; both name everybody, the
// primary too.
func (h *History) Changed(before, after []Participant, by Cause) {
	joined := map[id.Member]time.Time{}
	for i := range *h {
		p := &(*h)[i]
		if p.Taken != nil || !slices.Contains(before, p.Participant) {
			continue
		}
		joined[p.Member] = p.JoinedAt
		if !slices.Contains(after, p.Participant) {
			p.Taken = &by
		}
	}
	for _, now := range after {
		if slices.Contains(before, now) {
			continue
		}
		place := PlaceHeld{Participant: now, JoinedAt: by.At, Given: by}
		if since, was := joined[now.Member]; was {
			place.JoinedAt = since
		}
		*h = append(*h, place)
	}
}

// Everybody is the whole team, the primary first.
func (t Team) Everybody() []Participant {
	if t.primary.IsZero() {
		return nil
	}
	return append([]Participant{{Member: t.primary, Role: Primary}}, t.others...)
}
