package access

// Covers reports whether a subject's scope includes a resource.
func Covers(s Subject, scope Scope, r Resource) bool { return covers(&s, scope, &r) }
