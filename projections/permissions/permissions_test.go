package permissions_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/page"
	"praxis/projections/permissions"
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
	return projtest.Model{Pool: pgtest.New(t), Registry: registry, Projector: permissions.Projector{}}
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

// one reads one member as the model knows them.
func one(t testing.TB, pool *pgxpool.Pool, g id.Group, m id.Member) access.Subject {
	t.Helper()
	page, err := permissions.Subjects(t.Context(), projections.Live(pool), permissions.Query{Reach: everything(g), Member: m, Limit: 10})
	require.NoError(t, err)
	require.Len(t, page.Subjects, 1)
	require.Empty(t, page.Next)
	return page.Subjects[0]
}

// resources is how things stand to the people of a practice: everybody's, every
// branch's, about everybody, with everybody on the team.
func resources(s group.State) []access.Resource {
	all := []access.Resource{{Group: s.ID()}}
	for _, m := range s.Members() {
		all = append(all,
			access.Resource{Group: s.ID(), Clinician: m.ID}, access.Resource{Group: s.ID(), Subject: m.ID},
			access.Resource{Group: s.ID(), Clinician: m.ID, Branch: s.DefaultBranch(), Chart: id.Derive[id.Chart](m.ID.String())},
			access.Resource{Group: s.ID(), Clinician: m.ID, Team: []access.Place{{Member: s.Owner()}, {Member: m.ID}}})
	}
	for _, b := range s.Branches() {
		all = append(all, access.Resource{Group: s.ID(), Branch: b.ID, Clinician: id.Derive[id.Member]("nobody")})
	}
	return all
}

// The model answers for every member and every capability what access.Decide
// answers over the folded practice, at any instant.
func TestTheAnswerIsDecideOnTheFoldedPractice(t *testing.T) {
	m, n := model(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		h := histories.Draw(rt, id.Derive[id.Group]("permissions", fmt.Sprint(n)), 30)
		projtest.Apply(t, m, h.Events...)
		at := h.Now.Add(time.Duration(rapid.IntRange(-96, 96).Draw(rt, "hours")) * time.Hour)
		things := resources(h.State)
		for _, member := range h.State.Members() {
			folded, got := h.State.SubjectOfMember(member.ID), one(t, m.Pool, h.Group, member.ID)
			for _, p := range permissions.Of(got, access.Capabilities(), at) {
				require.Equal(rt, access.GroundsOf(folded, p.Capability, at), p.Grounds, "%s of %s", p.Capability, member.ID)
				for _, r := range things {
					decided := access.Decide(folded, p.Capability, r, at)
					require.Equal(rt, decided, access.Decide(got, p.Capability, r, at), "%s of %s", p.Capability, member.ID)
					require.Equal(rt, decided.Allowed, p.Reach.Contains(r), "%s of %s", p.Capability, member.ID)
				}
			}
		}
	})
}

var (
	practice = id.Derive[id.Group]("practice")
	oona     = histories.Member(0)
	rule     = id.Derive[id.Event]("rule")
)

// staffed is a practice with an owner, a clinician, their manager and an assistant.
func staffed() []projtest.Event {
	h := histories.Founded(practice)
	joined := func(n int, role access.Role, clinician bool, of ...id.Member) projtest.Event {
		return projtest.On(group.Stream(practice), group.MemberJoined{
			Member: histories.Member(n), Account: id.Derive[id.Account](fmt.Sprint(n)), Role: role, Clinician: clinician, Clinicians: of, JoinedAt: h.Now,
		})
	}
	return append(h.Events, joined(1, access.User, true), joined(2, access.Manager, true, histories.Member(1)), joined(3, access.Assistant, false, histories.Member(1)))
}

func on(e group.Event) projtest.Event { return projtest.On(group.Stream(practice), e) }

func TestRules(t *testing.T) {
	m := model(t)
	spec := projtest.Given(t, m, staffed()...)
	uma := histories.Member(1)
	from := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const rules = "select capability, allow, scope, coalesce(role, 'member') as whose from rule order by revision"
	t.Run("replace those about the same matter and stand beside the others", func(t *testing.T) {
		spec.When(
			on(group.PermissionGranted{Rule: rule, Member: uma, Capability: access.BillingManage, Scope: access.ScopeOwn, ValidFrom: &from, GrantedBy: oona}),
			on(group.PermissionDenied{Rule: rule, Member: uma, Capability: access.BillingManage, Scope: access.ScopeOwn, DeniedBy: oona}),
			on(group.PermissionGranted{Rule: rule, Member: uma, Capability: access.BillingManage, Scope: access.ScopeOwn, GrantedBy: oona}),
			on(group.RolePermissionSet{Rule: rule, Role: access.User, Capability: access.RosterExport, Effect: group.EffectAllow, Scope: access.ScopeOwn, SetBy: oona}),
		).Then(rules,
			`{"capability":"patient_billing.manage","allow":true,"scope":"own","whose":"member"}`,
			`{"capability":"patient_billing.manage","allow":true,"scope":"own","whose":"member"}`,
			`{"capability":"roster.export","allow":true,"scope":"own","whose":"user"}`)
	})
	t.Run("a window opens and closes with the instant that is asked about; no row changes", func(t *testing.T) {
		spec.When(on(group.PermissionOverrideCleared{Member: uma, Capability: access.BillingManage, ClearedBy: oona}),
			on(group.PermissionGranted{Rule: rule, Member: uma, Capability: access.ChartArchive, Scope: access.ScopeOwn, ValidFrom: &from, GrantedBy: oona}))
		s := one(t, m.Pool, practice, uma)
		may := func(at time.Time) bool {
			return !permissions.Of(s, []access.Capability{access.ChartArchive}, at)[0].Reach.Empty()
		}
		require.False(t, may(from.Add(-time.Second)))
		require.True(t, may(from))
	})
	t.Run("who comes back keeps denials and loses grants; an owner has a clean slate", func(t *testing.T) {
		spec.When(
			on(group.PermissionDenied{Rule: rule, Member: uma, Capability: access.RosterView, Scope: access.ScopeGroup, DeniedBy: oona}),
			on(group.MemberAccessRevoked{Member: uma, RevokedBy: oona}),
		)
		require.Equal(t, access.RuleInactive, permissions.Of(one(t, m.Pool, practice, uma), []access.Capability{access.RosterView}, from)[0].Grounds[0].Rule)
		spec.When(on(group.MemberReinstated{Member: uma, Role: access.User, ReinstatedBy: oona})).
			Then("select capability, allow from rule where member_id is not null", `{"capability":"roster.view","allow":false}`).
			When(on(group.OwnershipTransferred{From: oona, To: uma, FromNewRole: access.SuperAdmin})).
			Then("select capability from rule where member_id is not null").
			When(on(group.RolePermissionSet{Rule: rule, Role: access.User, Capability: access.RosterExport, Effect: group.EffectDefault, SetBy: oona})).
			Then("select * from rule")
	})
}

// Whose permissions a reader sees is what permission.view gives them.
func TestReaders(t *testing.T) {
	m := model(t)
	projtest.Given(t, m, staffed()...)
	reading := func(n int) (seen []id.Member) {
		reach := access.ReachOf(one(t, m.Pool, practice, histories.Member(n)), access.PermissionView, time.Now())
		page, err := permissions.Subjects(t.Context(), projections.Live(m.Pool), permissions.Query{Reach: reach, Limit: 10})
		require.NoError(t, err)
		for _, s := range page.Subjects {
			seen = append(seen, s.Member)
		}
		return seen
	}
	everyone := []id.Member{histories.Member(0), histories.Member(1), histories.Member(2), histories.Member(3)}
	require.Equal(t, everyone, reading(0), "the owner sees all")
	require.Equal(t, everyone[1:2], reading(1), "a user sees themselves")
	require.Equal(t, everyone[1:3], reading(2), "a manager sees those they manage and themselves")
	require.Equal(t, everyone[3:], reading(3), "an assistant sees themselves")
	t.Run("in pages of any size", func(t *testing.T) {
		var seen []id.Member
		for cursor := page.Token(""); ; {
			p, err := permissions.Subjects(t.Context(), projections.Live(m.Pool), permissions.Query{Reach: everything(practice), Limit: 1, Cursor: cursor})
			require.NoError(t, err)
			for _, s := range p.Subjects {
				seen = append(seen, s.Member)
			}
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, everyone, seen)
		_, err := permissions.Subjects(t.Context(), projections.Live(m.Pool), permissions.Query{Reach: everything(practice), Limit: 1, Cursor: "nonsense"})
		require.ErrorIs(t, err, page.ErrMalformed)
	})
	t.Run("former members are not listed, and can be asked about", func(t *testing.T) {
		projtest.Apply(t, m, on(group.MemberAccessRevoked{Member: histories.Member(3), RevokedBy: oona}))
		p, err := permissions.Subjects(t.Context(), projections.Live(m.Pool), permissions.Query{Reach: everything(practice), Limit: 10})
		require.NoError(t, err)
		require.Len(t, p.Subjects, 3)
		require.False(t, one(t, m.Pool, practice, histories.Member(3)).Active)
	})
	t.Run("of another practice nobody", func(t *testing.T) {
		p, err := permissions.Subjects(t.Context(), projections.Live(m.Pool), permissions.Query{Reach: everything(id.New[id.Group]()), Limit: 10})
		require.NoError(t, err)
		require.Empty(t, p.Subjects)
	})
}
