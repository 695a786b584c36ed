package directory_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/directory"
	"praxis/projections/projtest"
	"praxis/projections/projtest/histories"
)

// BenchmarkMembers reads a practice of 500 members, whole and by the first page.
func BenchmarkMembers(b *testing.B) {
	m := model(b)
	h := histories.Founded(id.Derive[id.Group]("large"))
	events := h.Events
	for n := range 499 {
		events = append(events, projtest.On(group.Stream(h.Group), group.MemberJoined{Member: id.Derive[id.Member](fmt.Sprint(n)), Account: id.Derive[id.Account](fmt.Sprint(n)), Role: access.User, Clinician: true, JoinedAt: h.Now}))
	}
	projtest.Apply(b, m, events...)
	for _, limit := range []int{50, 500} {
		b.Run(fmt.Sprintf("page of %d", limit), func(b *testing.B) {
			for b.Loop() {
				p, err := directory.Members(b.Context(), projections.Live(m.Pool), directory.MembersQuery{Reach: everything(h.Group), Licences: everything(h.Group), Limit: limit})
				require.NoError(b, err)
				require.Len(b, p.Members, limit)
			}
		})
	}
}
