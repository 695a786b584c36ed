package permissions_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/permissions"
	"praxis/projections/projtest"
)

// BenchmarkAllMembersAllPermissions answers everything about a practice of 500
// members, some with rules of their own.
func BenchmarkAllMembersAllPermissions(b *testing.B) {
	m := model(b)
	events := staffed()
	for n := range 496 {
		member := id.Derive[id.Member](fmt.Sprint(n))
		events = append(events, on(group.MemberJoined{Member: member, Account: id.Derive[id.Account](fmt.Sprint(n)), Role: access.User, Clinician: true}))
		if n%5 == 0 {
			events = append(events, on(group.PermissionGranted{Rule: id.Derive[id.Event](fmt.Sprint(n)), Member: member, Capability: access.RosterExport, Scope: access.ScopeOwn, GrantedBy: oona}))
		}
	}
	projtest.Apply(b, m, events...)
	for b.Loop() {
		p, err := permissions.Subjects(b.Context(), projections.Live(m.Pool), permissions.Query{Reach: everything(practice), Limit: 500})
		require.NoError(b, err)
		require.Len(b, p.Subjects, 500)
		for _, s := range p.Subjects {
			permissions.Of(s, access.Capabilities(), time.Now())
		}
	}
}
