package access

import "slices"

// Roles returns the five roles, from the most to the least powerful.
func Roles() []Role { return []Role{Owner, SuperAdmin, Manager, User, Assistant} }

// ascending are the roles from the least to the most powerful.
var ascending = [...]Role{Assistant, User, Manager, SuperAdmin, Owner}

// Known reports whether r is one of the five roles.
func (r Role) Known() bool { return r.rank() > 0 }

// Outranks reports whether r is strictly more powerful than o. What is no role
// outranks nothing.
func (r Role) Outranks(o Role) bool { return r.rank() > o.rank() }

// rank counts from 1; what is no role has rank 0.
func (r Role) rank() int { return slices.Index(ascending[:], r) + 1 }
