package directory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/directory"
	"praxis/projections/page"
	"praxis/projections/projtest"
	"praxis/projections/projtest/histories"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

func model(t testing.TB) projtest.Model {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, group.Events())
	require.NoError(t, err)
	return projtest.Model{Pool: pgtest.New(t), Registry: registry, Projector: directory.Projector{}}
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

// all asks for the whole directory in pages of two.
func all(t testing.TB, m projtest.Model, q directory.MembersQuery) (found []directory.Member) {
	t.Helper()
	for q.Limit = 2; ; {
		p, err := directory.Members(t.Context(), projections.Live(m.Pool), q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Members), 2)
		found = append(found, p.Members...)
		if q.Cursor = p.Next; q.Cursor == "" {
			return found
		}
	}
}

// Every row of the directory is what folding the practice's stream says.
func TestTheDirectoryIsTheFold(t *testing.T) {
	m, n := model(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		h := histories.Draw(rt, id.Derive[id.Group]("directory", fmt.Sprint(n)), 40)
		projtest.Apply(t, m, h.Events...)
		found := all(t, m, directory.MembersQuery{Reach: everything(h.Group), Licences: everything(h.Group)})
		members := h.State.Members()
		require.Len(rt, found, len(members))
		for i, want := range members {
			got := found[i]
			require.Equal(rt, []any{want.ID, want.Account, want.Role, want.Active, want.Clinician}, []any{got.ID, got.Account, got.Role, got.Active, got.Clinician})
			require.Equal(rt, append([]id.Branch{}, want.Branches...), got.Branches)
			require.Equal(rt, append([]id.Member{}, want.Manages...), got.Manages)
			require.Equal(rt, append([]id.Member{}, want.Assists...), got.Assists)
			require.True(rt, want.JoinedAt.Equal(got.JoinedAt))
			require.Equal(rt, want.Active, got.LeftAt == nil)
			removal, left := h.State.RemovalOf(want.ID)
			require.Equal(rt, left, got.Removal != "")
			require.Equal(rt, removal.InProgress, got.Removal == directory.ChartsMoving)
			if got.Profession != "" {
				require.Equal(rt, h.State.Profession(want.ID), got.Profession)
			}
			licence, holds := h.State.LicenceOf(want.ID)
			require.Equal(rt, holds, got.Licence != nil)
			if holds {
				require.Equal(rt, licence.ID, *got.Licence)
				require.Equal(rt, licence.Plan, *got.Plan)
			}
		}
		requireInvitations(t, rt, m, h)
	})
}

func requireInvitations(t testing.TB, rt *rapid.T, m projtest.Model, h *histories.History) {
	t.Helper()
	var want, got []id.Invitation
	for _, inv := range h.State.Invitations() {
		if !inv.Closed && h.Now.Before(inv.ExpiresAt) {
			want = append(want, inv.ID)
		}
	}
	for q := (directory.InvitationsQuery{Reach: everything(h.Group), Now: h.Now, Limit: 1}); ; {
		p, err := directory.Invitations(t.Context(), m.Pool, q)
		require.NoError(rt, err)
		for _, inv := range p.Invitations {
			got = append(got, inv.ID)
			known, _ := h.State.Invitation(inv.ID)
			require.Equal(rt, append([]id.Branch{}, known.Branches...), inv.Branches)
			require.Equal(rt, []any{known.Role, known.Clinician, known.InvitedBy}, []any{inv.Role, inv.Clinician, inv.InvitedBy})
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	require.ElementsMatch(rt, want, got)
}

func TestDirectory(t *testing.T) {
	m := model(t)
	h := histories.Founded(id.Derive[id.Group]("practice"))
	uma, ben := histories.Member(1), histories.Member(2)
	harbour := id.Derive[id.Branch]("harbour")
	minute := func(n int, e group.Event) projtest.Event {
		return projtest.Event{Stream: group.Stream(h.Group), Event: e, At: h.Now.Add(time.Duration(n) * time.Minute)}
	}
	joined := func(n int, who id.Member, role access.Role) projtest.Event {
		return minute(n, group.MemberJoined{Member: who, Account: id.Derive[id.Account](who.String()), Role: role, Clinician: role != access.Assistant, Branches: []id.Branch{harbour}, JoinedAt: h.Now.Add(time.Duration(n) * time.Minute)})
	}
	spec := projtest.Given(t, m, append(h.Events, joined(1, uma, access.User), joined(2, ben, access.Assistant))...)
	names := func(q directory.MembersQuery) (found []id.Member) {
		q.Reach, q.Licences = everything(h.Group), everything(h.Group)
		for _, member := range all(t, m, q) {
			found = append(found, member.ID)
		}
		return found
	}
	yes, no := true, false
	t.Run("is filtered, and sorted by joining either way", func(t *testing.T) {
		owner := histories.Member(0)
		require.Equal(t, []id.Member{ben, uma, owner}, names(directory.MembersQuery{Descending: true}))
		require.Equal(t, []id.Member{uma}, names(directory.MembersQuery{Filter: directory.Filter{Roles: []access.Role{access.User}}}))
		require.Equal(t, []id.Member{ben}, names(directory.MembersQuery{Filter: directory.Filter{Clinician: &no}}))
		require.Equal(t, []id.Member{uma, ben}, names(directory.MembersQuery{Filter: directory.Filter{Branches: []id.Branch{harbour}}}))
		require.Equal(t, []id.Member{owner, uma, ben}, names(directory.MembersQuery{Filter: directory.Filter{Active: &yes}}))
		_, err := directory.Members(t.Context(), projections.Live(m.Pool), directory.MembersQuery{Reach: everything(h.Group), Cursor: "nonsense"})
		require.ErrorIs(t, err, page.ErrMalformed)
	})
	t.Run("says since when somebody is what they are, and how they left", func(t *testing.T) {
		spec.When(minute(5, group.MemberRoleChanged{Member: uma, From: access.User, To: access.Manager}),
			minute(8, group.MemberAccessRevoked{Member: uma}), minute(8, group.MemberRemovalStarted{Member: uma, Removal: id.Derive[id.Event]("removal"), Charts: 3})).
			Then(`select role, removal, charts_to_move, role_since - joined_at = '4 minutes' as since, left_at - joined_at = '7 minutes' as left
			        from member where not active`, `{"role":"manager","removal":"charts_moving","charts_to_move":3,"since":true,"left":true}`).
			When(minute(9, group.MemberRemoved{Member: uma, ChartsMoved: 3})).
			Then("select removal, charts_moved from member where not active", `{"removal":"complete","charts_moved":3}`).
			When(minute(12, group.MemberReinstated{Member: uma, Role: access.User, Branches: []id.Branch{harbour}})).
			Then("select removal, charts_moved, left_at from member where role = 'user'", `{"removal":"","charts_moved":0,"left_at":null}`)
	})
	t.Run("BIL-13 who may not see the subscription sees no licence and no plan, or their own alone", func(t *testing.T) {
		licence := func(n int, holder id.Member) group.BoughtLicence {
			l := group.BoughtLicence{Licence: id.Derive[id.Licence](fmt.Sprint(n)), Holder: holder}
			l.Plan = "erx_lite"
			return l
		}
		spec.When(minute(20, group.LicencesPurchased{Licences: []group.BoughtLicence{licence(1, uma), licence(2, histories.Member(0))}}))
		plans := func(licences access.Reach) (count int) {
			for _, member := range all(t, m, directory.MembersQuery{Reach: everything(h.Group), Licences: licences}) {
				if member.Licence != nil || member.Plan != nil {
					count++
				}
			}
			return count
		}
		require.Equal(t, 2, plans(everything(h.Group)))
		require.Equal(t, 1, plans(access.Reach{Group: h.Group, Parts: []access.Part{{Within: access.Area{About: []id.Member{uma}}}}}))
		require.Zero(t, plans(access.Reach{}))
	})
	t.Run("shows nobody to those who may see nobody, and nothing of another practice", func(t *testing.T) {
		for _, reach := range []access.Reach{{}, everything(id.New[id.Group]())} {
			require.Empty(t, all(t, m, directory.MembersQuery{Reach: reach, Licences: everything(h.Group)}))
		}
	})
	t.Run("an invitation is shown while it can be accepted, without an address", func(t *testing.T) {
		letter := id.Derive[id.Invitation]("letter")
		until := h.Now.Add(time.Hour)
		spec.When(minute(30, group.MemberInvited{Invitation: letter, EmailHash: "hash", Role: access.User, InvitedBy: uma, ExpiresAt: until}))
		open := func(reach access.Reach, at time.Time) bool {
			p, err := directory.Invitations(t.Context(), m.Pool, directory.InvitationsQuery{Reach: reach, Now: at, Limit: 10})
			require.NoError(t, err)
			return slices.ContainsFunc(p.Invitations, func(i directory.Invitation) bool { return i.ID == letter })
		}
		require.True(t, open(everything(h.Group), until.Add(-time.Second)))
		require.False(t, open(everything(h.Group), until))
		require.False(t, open(access.Reach{}, h.Now))
		require.NotContains(t, fmt.Sprint(spec.Rows()), "hash")
		spec.When(minute(31, group.InvitationRevoked{Invitation: letter})).Then("select * from invitation")
		spec.When(minute(32, group.MemberInvited{Invitation: letter, EmailHash: "hash", Role: access.User, InvitedBy: uma, ExpiresAt: until}))
		spec.When(minute(33, group.GroupClosed{ClosedBy: uma})).Then("select * from invitation")
	})
}
