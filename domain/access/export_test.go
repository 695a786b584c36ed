package access

import "time"

// Covers reports whether a subject's scope includes a resource at the instant now.
func Covers(s Subject, scope Scope, r Resource, now time.Time) bool {
	return covers(&s, scope, &r, now)
}
