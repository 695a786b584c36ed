package commands_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
)

// A command with everything wrong about it is refused for one thing after another, as
// each is mended: this is the order of its judgement.
func TestTheOrderOfJudgement(t *testing.T) {
	p := newPractice(t)
	config := p.config()
	down := rosters{p: p, err: fault.New(fault.Unavailable, "rosters_down", "")}
	config.Rosters = down
	p.engine = commands.NewEngine(config)
	sam := p.join("sam", access.SuperAdmin, false)
	p.Pass(time.Hour)
	old, elsewhere := p.Now().Add(-commands.StepUpAge-time.Second), es.Revision(1_000)
	refused := func(t *testing.T, want string, call commands.Call) {
		t.Helper()
		_, err := commands.CloseGroup.Give(t.Context(), p.engine, call, closing("a"))
		requireFault(t, err, want)
	}

	t.Run("1 who: a stranger hears of no practice", func(t *testing.T) {
		refused(t, "group_not_found", matching(signedIn(p.by(someone("stranger")), old), elsewhere))
	})
	t.Run("2 permission: a member hears what they lack", func(t *testing.T) {
		refused(t, "permission_denied", matching(signedIn(p.by(sam), old), elsewhere))
	})
	t.Run("5 the revision seen, before the sign-in and the rules", func(t *testing.T) {
		refused(t, "stale_revision", matching(signedIn(p.by(p.owner), old), elsewhere))
	})
	t.Run("7 a fresh sign-in, before the rules", func(t *testing.T) {
		refused(t, "step_up_auth_required", signedIn(p.by(p.owner), old))
	})
	t.Run("8 the rules", func(t *testing.T) { refused(t, "active_members_remain", p.by(p.owner)) })

	remove := func(t *testing.T, want string, call commands.Call) {
		t.Helper()
		_, err := commands.StartMemberRemoval.Give(t.Context(), p.engine, call, group.StartMemberRemoval{Member: p.owner.member})
		requireFault(t, err, want)
	}
	t.Run("6 the facts, before the rules and after all that says who may", func(t *testing.T) {
		remove(t, "group_not_found", p.by(someone("another stranger")))
		remove(t, "stale_revision", matching(p.by(p.owner), elsewhere))
		remove(t, "rosters_down", p.by(p.owner))
		config.Rosters = rosters{p: p}
		p.engine = commands.NewEngine(config)
		remove(t, "owner_cannot_be_removed", p.by(p.owner))
	})
	t.Run("6 the kind of actor, before the facts", func(t *testing.T) {
		config.Rosters = down
		_, err := commands.CompleteRelinking.Give(t.Context(), commands.NewEngine(config), p.by(p.owner), group.CompleteRelinking{Member: sam.member})
		requireFault(t, err, "process_only")
	})
	t.Run("3 a replay before the lifecycle, 4 the lifecycle before the revision", func(t *testing.T) {
		p.remove(p.engine, sam)
		p.export(closing("a"), "")
		call := p.by(p.owner)
		_, err := commands.CloseGroup.Give(t.Context(), p.engine, call, closing("a"))
		require.NoError(t, err)
		again, err := commands.CloseGroup.Give(t.Context(), p.engine, matching(signedIn(call, old), elsewhere), closing("a"))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		_, err = commands.CloseGroup.Give(t.Context(), p.engine, call, closing("b"))
		require.ErrorIs(t, err, commands.ErrKeyReused)
		refused(t, "group_closed", matching(signedIn(p.by(p.owner), old), elsewhere))
	})
}

// What is declared is whole: every command has a name of its own for what it asks, and
// a permission that the matrix knows.
func TestDeclaredCommands(t *testing.T) {
	declared := commands.Declared()
	require.Greater(t, len(declared), 100)
	capabilities := access.Capabilities()
	everybodys := []access.Capability{access.GroupFound, access.InvitationAnswer} // in no matrix
	for _, c := range declared {
		t.Run(c.Name+" "+c.Operation, func(t *testing.T) {
			require.Regexp(t, `^[a-z_]+\.[a-z_]+$`, c.Name)
			require.True(t, slices.Contains(capabilities, c.Needs) || slices.Contains(everybodys, c.Needs), "%s", c.Needs)
			require.Equal(t, c.PatientOperation == "", c.PatientNeeds == "")
			if c.Actors.String() == "processes" {
				require.Empty(t, c.Operation, "people cannot give it")
			}
		})
	}
}

func TestACommandWithoutAPartDoesNotStart(t *testing.T) {
	before := len(commands.Declared())
	for part, said := range map[string]string{
		"name":       "commands: the command test is declared without its Name",
		"permission": "commands: the command group.test is declared without its permission: say in Needs which one it takes",
		"aggregate":  "commands: the command group.test is declared without its aggregate: say On what it is",
		"decision":   "commands: the command group.test is declared without its decision: say in Decide what it leads to",
		"sample":     "commands: the command group.test is declared without its Sample: give one valid example",
	} {
		require.PanicsWithValue(t, said, func() { commands.DeclareWithout(part) }, part)
	}
	require.Len(t, commands.Declared(), before)
}
