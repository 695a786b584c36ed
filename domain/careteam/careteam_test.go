package careteam_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/careteam"
	"praxis/domain/fault"
	"praxis/domain/id"
)

var (
	ana = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000a")
	ben = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000b")
	cho = id.MustParse[id.Member]("00000000-0000-4000-8000-00000000000c")
)

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, fault.From(err).Code)
}

func TestTeam(t *testing.T) {
	team := careteam.Of(ana).With(ben, careteam.Clinician).With(cho, careteam.Support)

	t.Run("the zero team has no primary and nobody on it", func(t *testing.T) {
		require.True(t, careteam.Team{}.Primary().IsZero())
		_, on := careteam.Team{}.RoleOf(id.Member{})
		require.False(t, on)
	})
	t.Run("H-1 everyone on the team has a role", func(t *testing.T) {
		role, on := team.RoleOf(ana)
		require.True(t, on)
		require.Equal(t, careteam.Primary, role)
		require.Equal(t, []careteam.Participant{{Member: ben, Role: careteam.Clinician}, {Member: cho, Role: careteam.Support}}, team.Others())
		require.Equal(t, []id.Member{ben, cho}, team.OtherMembers())
	})
	t.Run("H-2 the primary cannot be removed or demoted, only reassigned", func(t *testing.T) {
		requireCode(t, "primary_required", team.CheckRemove(ana))
		requireCode(t, "primary_required", team.CheckChange(ana, careteam.Support))
		require.Equal(t, ana, team.Without(ana).Primary())
		require.Equal(t, ana, team.With(ana, careteam.Support).Primary())
	})
	t.Run("H-2 nobody becomes a second primary", func(t *testing.T) {
		requireCode(t, "second_primary", team.CheckAdd(id.New[id.Member](), careteam.Primary))
		requireCode(t, "second_primary", team.CheckChange(ben, careteam.Primary))
		require.Equal(t, team, team.With(ben, careteam.Primary))
	})
	t.Run("reassigning promotes a member of the team and lets the former primary leave", func(t *testing.T) {
		next := team.Reassign(ben, "")
		require.Equal(t, ben, next.Primary())
		require.Equal(t, []id.Member{cho}, next.OtherMembers())
	})
	t.Run("reassigning may keep the former primary in a role", func(t *testing.T) {
		next := team.Reassign(ben, careteam.Clinician)
		require.Equal(t, []careteam.Participant{{Member: cho, Role: careteam.Support}, {Member: ana, Role: careteam.Clinician}}, next.Others())
	})
	t.Run("changes leave earlier values alone", func(t *testing.T) {
		before := team.Others()
		team.With(ben, careteam.Support)
		team.Without(ben)
		team.Reassign(cho, careteam.Support)
		require.Equal(t, before, team.Others())
	})
	t.Run("H-6 a role is changed in place, not by removing and adding", func(t *testing.T) {
		require.NoError(t, team.CheckChange(ben, careteam.Support))
		role, _ := team.With(ben, careteam.Support).RoleOf(ben)
		require.Equal(t, careteam.Support, role)
		requireCode(t, "same_role", team.CheckChange(ben, careteam.Clinician))
	})
	t.Run("the other refusals", func(t *testing.T) {
		requireCode(t, "already_on_team", team.CheckAdd(ben, careteam.Support))
		requireCode(t, "not_on_team", team.CheckRemove(id.New[id.Member]()))
		requireCode(t, "not_on_team", team.CheckChange(id.New[id.Member](), careteam.Support))
		requireCode(t, "role_unknown", team.CheckAdd(id.New[id.Member](), "wizard"))
	})
}

// The names of roles are stored in events and asked for over HTTP.
func TestParseRole(t *testing.T) {
	for _, name := range []string{"primary", "clinician", "support"} {
		role, err := careteam.ParseRole(name)
		require.NoError(t, err)
		require.Equal(t, name, string(role))
	}
	_, err := careteam.ParseRole("Primary")
	requireCode(t, "role_unknown", err)
}

// H-2: whatever happens to a team, it has one primary, who is nobody else on it.
func TestExactlyOnePrimaryAfterAnyChange(t *testing.T) {
	members := []id.Member{ana, ben, cho, {}}
	roles := []careteam.Role{careteam.Primary, careteam.Clinician, careteam.Support, ""}
	rapid.Check(t, func(t *rapid.T) {
		team := careteam.Of(ana)
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			m := rapid.SampledFrom(members).Draw(t, "member")
			role := rapid.SampledFrom(roles).Draw(t, "role")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				team = team.Reassign(m, role)
			case 1:
				team = team.With(m, role)
			case 2:
				team = team.Without(m)
			}
			require.False(t, team.Primary().IsZero())
			seen := map[id.Member]bool{team.Primary(): true}
			for _, p := range team.Others() {
				require.False(t, seen[p.Member], "a member appears at most once")
				require.NotEqual(t, careteam.Primary, p.Role)
				seen[p.Member] = true
			}
		}
	})
}
