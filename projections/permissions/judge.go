package permissions

import (
	"time"

	"praxis/domain/access"
)

// Permission is what one member may do with one capability at an instant.
type Permission struct {
	Capability access.Capability
	// Reach is everything they may touch; empty for nothing.
	Reach access.Reach
	// Grounds say why, in the order in which access.Decide looks at them.
	Grounds []access.Ground
}

// Of returns the permissions of a member for the given capabilities at an
// instant, in their order. It asks access and decides nothing itself. Rules
// begin and end with the instant; what the member is, is as of the model.
func Of(s access.Subject, capabilities []access.Capability, at time.Time) []Permission {
	permissions := make([]Permission, 0, len(capabilities))
	for _, c := range capabilities {
		permissions = append(permissions, Permission{c, access.ReachOf(s, c, at), access.GroundsOf(s, c, at)})
	}
	return permissions
}

// Held are those of Of with which the member may do anything at all.
func Held(s access.Subject, capabilities []access.Capability, at time.Time) []Permission {
	var held []Permission
	for _, c := range capabilities {
		if reach := access.ReachOf(s, c, at); !reach.Empty() {
			held = append(held, Permission{c, reach, access.GroundsOf(s, c, at)})
		}
	}
	return held
}
