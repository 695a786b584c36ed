package access

import "time"

// HoldsThroughout reports whether the subject may use the capability on the
// whole group at every instant from `from` up to but not including `until` (zero:
// for ever), as far as the rules set today say. A member who hands a permission
// on must hold it so: nobody gives more, or for longer, than they have (AMB-11).
func HoldsThroughout(s Subject, c Capability, from, until time.Time) bool {
	if !ReachOf(s, c, from).Everything() {
		return false
	}
	// A reach only changes where a rule begins or ends.
	for _, rules := range [...][]Rule{s.Overrides, s.RoleRules} {
		for _, r := range rules {
			for _, edge := range [...]time.Time{r.From, r.Until} {
				inside := edge.After(from) && (until.IsZero() || edge.Before(until))
				if r.BearsOn(c) && inside && !ReachOf(s, c, edge).Everything() {
					return false
				}
			}
		}
	}
	return true
}
