package access

// Roles returns the five roles, from the most to the least powerful.
func Roles() []Role { return []Role{Owner, SuperAdmin, Manager, User, Assistant} }

// Known reports whether r is one of the five roles.
func (r Role) Known() bool { return r.rank() > 0 }

// Outranks reports whether r is strictly more powerful than o. What is no role
// outranks nothing.
func (r Role) Outranks(o Role) bool { return r.rank() > o.rank() }

func (r Role) rank() int {
	switch r {
	case Owner:
		return 5
	case SuperAdmin:
		return 4
	case Manager:
		return 3
	case User:
		return 2
	case Assistant:
		return 1
	}
	return 0
}
