// Package team is how read models keep who is on a team of the practice, of a chart or of
// a household: three columns over which access to the row is decided (package reachsql).
// It may import the domain and projections.
package team

import (
	"maps"
	"slices"
	"time"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/id"
	"praxis/projections"
)

// Columns is the team of one row. Rows embed it.
type Columns struct {
	Primary id.Member `db:"primary_id"`
	// Members are the others, in the order in which they joined.
	Members []id.Member `db:"team"`
	Windows Windows     `db:"windows,json"`
}

// Windows are those of the places on the team that are bounded in time.
type Windows map[id.Member]careteam.Window

// Of is the member's place on the team.
func (w Windows) Of(m id.Member) access.Place {
	return access.Place{Member: m, From: w[m].From.UTC(), Until: w[m].Until.UTC()}
}

// Places are those of the members.
func (w Windows) Places(members []id.Member) (places []access.Place) {
	for _, m := range members {
		places = append(places, w.Of(m))
	}
	return places
}

// Holding are those of the members whose place holds at an instant.
func (w Windows) Holding(members []id.Member, at time.Time) []id.Member {
	if len(w) == 0 {
		return members
	}
	return slices.DeleteFunc(slices.Clone(members), func(m id.Member) bool { return !w.Of(m).Holds(at) })
}

// Of is the team of a thing that was just made.
func Of(primary id.Member) Columns { return Columns{Primary: primary, Windows: Windows{}} }

// Join gives a member a place on the team.
func (c *Columns) Join(m id.Member, w careteam.Window) {
	c.Members = append(projections.Without(c.Members, m), m)
	c.Bound(m, w)
}

// Leave takes the member's place.
func (c *Columns) Leave(m id.Member) {
	c.Members = projections.Without(c.Members, m)
	c.Bound(m, careteam.Window{})
}

// Bound says when the member's place holds.
func (c *Columns) Bound(m id.Member, w careteam.Window) {
	c.Windows = maps.Clone(c.Windows)
	if w.IsZero() {
		delete(c.Windows, m)
	} else {
		c.Windows[m] = w
	}
}

// Reassign makes a member of the team, or another one, the primary.
func (c *Columns) Reassign(to id.Member) {
	c.Primary = to
	c.Leave(to)
}
