package access

import (
	"slices"
	"time"
)

// HoldsThroughout reports whether the subject may use the capability on the
// whole group at every instant from `from` up to but not including `until` (zero:
// for ever), as far as the rules set today say. A member who hands a permission
// on must hold it so: nobody gives more, or for longer, than they have (AMB-11).
func HoldsThroughout(s Subject, c Capability, from, until time.Time) bool {
	for i, at := range Turns(c, from, s) {
		if i > 0 && !until.IsZero() && !at.Before(until) {
			break
		}
		if !ReachOf(s, c, at).Everything() {
			return false
		}
	}
	return true
}

// Turns returns the instants at which the subjects' reach may change by itself, in
// order: the first is `from`, the others are where rules begin or end after it.
func Turns(c Capability, from time.Time, subjects ...Subject) []time.Time {
	instants := []time.Time{from.UTC()}
	for _, s := range subjects {
		for _, r := range slices.Concat(s.Overrides, s.RoleRules) {
			for _, edge := range [...]time.Time{r.From, r.Until} {
				if r.BearsOn(c) && edge.After(from) {
					instants = append(instants, edge.UTC())
				}
			}
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return slices.CompactFunc(instants, time.Time.Equal)
}
