package group_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// people and places are few, so that random commands meet each other often.
var (
	people      = []id.Member{oona, sam, sue, mia, uma, ugo, ada, newcomer, nobody}
	deciders    = []id.Member{oona, oona, sam, sue, mia, uma}
	crowds      = []id.Member{uma, uma, ugo, mia, sam}
	places      = []id.Branch{mainSt, harbour, id.Derive[id.Branch]("hill")}
	letters     = []id.Invitation{letter, id.Derive[id.Invitation]("second"), id.Derive[id.Invitation]("third")}
	permissions = []access.Capability{
		access.PermissionGrant, access.MemberInvite, access.RosterView, access.RosterExport, access.ChartArchive,
		access.ChartCreate, access.BillingManage, access.OwnershipTransfer, access.SubscriptionView,
		access.ChartClinicalView,
	}
	reaches = []access.Scope{access.ScopeGroup, access.ScopeManaged, access.ScopeAssists, access.ScopeOwn}
)

// anyCommand draws any command of the group about the few people and places.
// What only works when two people agree is drawn from the state, so that it happens.
func anyCommand(t *rapid.T, s group.State, now time.Time) command {
	person := func(label string) id.Member { return rapid.SampledFrom(people).Draw(t, label) }
	decider := func() id.Member { return rapid.SampledFrom(deciders).Draw(t, "by") }
	crowd := func() []id.Member {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(crowds), 0, 2, func(m id.Member) id.Member { return m }).Draw(t, "clinicians")
	}
	role := func() access.Role { return rapid.SampledFrom(access.Roles()).Draw(t, "role") }
	permission := func() access.Capability { return rapid.SampledFrom(permissions).Draw(t, "capability") }
	scope := func() access.Scope { return rapid.SampledFrom(reaches).Draw(t, "scope") }
	missive := func() id.Invitation { return rapid.SampledFrom(letters).Draw(t, "invitation") }
	place := func() id.Branch { return rapid.SampledFrom(places).Draw(t, "branch") }
	address := func() string { return rapid.SampledFrom([]string{"a", "b"}).Draw(t, "address") }
	until := func() *time.Time {
		if rapid.Bool().Draw(t, "bounded") {
			return ptr(now.Add(time.Duration(rapid.IntRange(1, 48).Draw(t, "hours")) * time.Hour))
		}
		return nil
	}
	switch rapid.IntRange(0, 33).Draw(t, "command") {
	case 0:
		return invitedBy(decider(), group.InviteMember{
			Invitation: missive(), EmailHash: address(), Role: role(), Clinician: rapid.Bool().Draw(t, "clinician"),
			Clinicians: crowd(), ExpiresAt: now.Add(3 * time.Hour),
		})
	case 1:
		m := person("member")
		return group.AcceptInvitation{Invitation: missive(), Account: account(m), EmailHash: address(), Member: m}
	case 2:
		return group.DeclineInvitation{Invitation: missive(), EmailHash: address()}
	case 3:
		return as(decider(), group.RevokeInvitation{Invitation: missive()})
	case 4, 5:
		return as(decider(), group.ChangeMemberRole{Member: person("member"), Role: role(), Clinicians: crowd()})
	case 6:
		return remove(decider(), person("member"))
	case 7:
		return as(decider(), group.AssignManager{Manager: rapid.SampledFrom([]id.Member{mia, mia, ugo, ada}).Draw(t, "manager"), Clinicians: crowd()})
	case 8:
		return as(decider(), group.AssignAssistant{Assistant: rapid.SampledFrom([]id.Member{ada, ada, mia}).Draw(t, "assistant"), Clinicians: crowd()})
	case 9:
		return group.CreateBranch{Branch: place(), Name: place().String()}
	case 10:
		return as(decider(), group.SetClinicianBranches{Clinician: person("clinician"), Branches: []id.Branch{place()}})
	case 11, 12:
		return ruling(decider(), group.GrantPermission{Member: person("member"), Capability: permission(), Scope: scope(), Until: until()})
	case 13:
		return ruling(decider(), group.DenyPermission{Member: person("member"), Capability: permission(), Scope: scope(), Until: until()})
	case 14:
		return as(decider(), group.ClearOverride{Member: person("member"), Capability: permission()})
	case 15:
		return removal(decider(), group.StartMemberRemoval{
			Member: person("member"), Rehoming: group.Rehoming{Default: person("target")},
		}, chartsOf(person("primary"), someChart)...)
	case 16:
		return withoutCharts(group.CompleteMemberRemoval{Member: person("member")})
	case 17:
		return as(decider(), group.ReinstateMember{Member: person("member"), Clinicians: crowd()})
	case 18, 19, 22, 23:
		if o, open := s.OwnershipOffer(); open {
			return as(rapid.SampledFrom([]id.Member{o.To, o.To, sam}).Draw(t, "by"), group.AcceptOwnership{})
		}
		return as(rapid.SampledFrom([]id.Member{s.Owner(), s.Owner(), sam}).Draw(t, "by"), group.OfferOwnership{
			To: person("to"), ExpiresAt: now.Add(8 * time.Hour),
		})
	case 24, 29:
		return as(s.Owner(), group.NameSuccessor{Successor: person("successor")})
	case 30, 31:
		if _, claimed := s.SuccessionClaim(); claimed {
			return group.CompleteSuccession{}
		}
		return as(rapid.SampledFrom([]id.Member{s.Successor(), s.Successor(), sam}).Draw(t, "by"), group.ClaimSuccession{})
	case 32:
		return rapid.SampledFrom([]command{
			as(decider(), group.RejectSuccession{}), as(person("by"), group.WithdrawSuccession{}), as(decider(), group.ClearSuccessor{}), group.CompleteSuccession{},
		}).Draw(t, "end")
	case 25:
		return as(decider(), group.CancelOwnershipOffer{})
	case 26, 27:
		return ruling(decider(), group.SetChartSharing{Sharing: rapid.SampledFrom(access.Widths()).Draw(t, "sharing")})
	case 20:
		return withoutCharts(group.CloseBranch{Branch: place(), MovedTo: place()})
	case 28:
		return withCharts(rapid.IntRange(0, 1).Draw(t, "left"), group.VacateBranch{Branch: place()})
	case 21:
		return group.ExpireInvitation{Invitation: missive()}
	default:
		return ruling(decider(), group.SetRolePermission{
			Role: role(), Capability: permission(), Scope: scope(),
			Effect: rapid.SampledFrom([]group.Effect{group.EffectAllow, group.EffectDeny, group.EffectDefault}).Draw(t, "effect"),
		})
	}
}

// AMB-1 exactly one owner is among what holds at every revision, however the
// ownership changes hands.
func TestInvariantsHoldAtEveryRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := fold(trusted()...)
		at := now
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			at = at.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes")) * time.Minute)
			if claim, open := s.SuccessionClaim(); open && claim.DueAt.After(at) && rapid.Bool().Draw(t, "due") {
				at = claim.DueAt
			}
			asked := anyCommand(t, s, at)
			events, err := asked.Decide(s, at)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			requireScopesFromAbove(t, s, asked, events)
			for _, e := range events {
				requireNobodyRisesAbove(t, s, e, at)
				group.Evolve(&s, e)
				requireInvariants(t, s)
			}
		}
	})
}

// requireInvariants checks what must hold at every revision.
func requireInvariants(t require.TestingT, s group.State) {
	owners := 0
	for _, m := range s.Members() {
		if !m.Active {
			require.NotEqual(t, s.Successor(), m.ID, "whoever left succeeds nobody")
			for _, c := range access.Capabilities() {
				require.True(t, access.ReachOf(s.SubjectOfMember(m.ID), c, now).Empty(), "whoever left holds nothing")
			}
		}
		for _, b := range m.Branches {
			branch, known := s.Branch(b)
			require.True(t, known && !branch.Closed, "nobody works in a closed branch")
		}
		if m.Role == access.Owner {
			owners++
			require.True(t, m.Active, "the owner is active")
			require.Equal(t, s.Owner(), m.ID)
		}
		for _, c := range append(m.Manages, m.Assists...) {
			named, _ := s.Member(c)
			require.True(t, named.Active && named.Clinician, "a scope names active clinicians only")
			require.NotEqual(t, m.ID, c, "nobody is in their own scope")
		}
		if len(m.Manages) > 0 {
			require.Equal(t, access.Manager, m.Role)
			require.True(t, m.Clinician, "a manager is a clinician")
		}
		if len(m.Assists) > 0 {
			require.Equal(t, access.Assistant, m.Role)
		}
		if m.Clinician {
			require.NotEmpty(t, m.Branches, "a clinician works somewhere")
		}
	}
	require.Equal(t, 1, owners, "exactly one owner")

	if o, open := s.OwnershipOffer(); open {
		to, _ := s.Member(o.To)
		require.True(t, to.Active && o.To != s.Owner(), "an offer is to an active member other than the owner")
	}

	if c, open := s.SuccessionClaim(); open {
		by, _ := s.Member(c.By)
		require.True(t, by.Active && c.By == s.Successor() && c.By != s.Owner(), "a claim is the named successor's, who is an active member")
	}

	defaults := 0
	for _, b := range s.Branches() {
		if b.Default {
			defaults++
		}
	}
	require.Equal(t, 1, defaults, "exactly one default branch")
}

// requireScopesFromAbove checks that whose clinicians or branches change is below
// whoever changes them, or is themselves and gains nothing by it (AMB-11).
func requireScopesFromAbove(t require.TestingT, s group.State, asked command, events []group.Event) {
	var by, whose id.Member
	switch c := asked.(type) {
	case with[group.AssignManager, id.Member]:
		by, whose = c.Facts, c.Command.Manager
	case with[group.AssignAssistant, id.Member]:
		by, whose = c.Facts, c.Command.Assistant
	case with[group.SetClinicianBranches, id.Member]:
		by, whose = c.Facts, c.Command.Clinician
	default:
		return
	}
	decider, _ := s.Member(by)
	target, _ := s.Member(whose)
	require.True(t, decider.Active)
	if by != whose {
		require.True(t, decider.Role.Outranks(target.Role), "%s changes the scope of %s", decider.Role, target.Role)
		return
	}
	for _, event := range events {
		gained := 0
		switch e := event.(type) {
		case group.ManagedCliniciansSet:
			gained = len(e.Added)
		case group.AssistantCliniciansSet:
			gained = len(e.Added)
		case group.ClinicianBranchesSet:
			gained = len(e.Added)
		}
		require.True(t, decider.Role == access.Owner || gained == 0, "nobody but the owner widens their own scope")
	}
}

// requireNobodyRisesAbove checks that an event hands out no more than whoever
// caused it has, and only downwards.
func requireNobodyRisesAbove(t require.TestingT, s group.State, event group.Event, at time.Time) {
	rank := func(m id.Member) access.Role {
		member, ok := s.Member(m)
		require.True(t, ok && member.Active, "whoever decides is an active member")
		return member.Role
	}
	former := func(m id.Member) access.Role {
		member, _ := s.Member(m)
		return member.Role
	}
	mayHandOn := func(by id.Member, c access.Capability) {
		require.True(t, by == s.Owner() || access.ReachOf(s.SubjectOfMember(by), c, at).Everything(), "nobody hands on what they lack")
		require.False(t, access.ReachOf(s.SubjectOfMember(by), access.PermissionGrant, at).Empty(), "whoever hands on may grant")
	}
	switch e := event.(type) {
	case group.MemberInvited:
		require.True(t, rank(e.InvitedBy).Outranks(e.Role), "invitations go downwards")
	case group.MemberJoined:
		require.NotEqual(t, access.Owner, e.Role)
	case group.MemberRoleChanged:
		require.NotEqual(t, e.ChangedBy, e.Member)
		require.True(t, rank(e.ChangedBy).Outranks(e.From) && rank(e.ChangedBy).Outranks(e.To), "roles change below oneself")
	case group.MemberAccessRevoked:
		require.True(t, e.RevokedBy == e.Member || rank(e.RevokedBy).Outranks(rank(e.Member)))
	case group.PermissionGranted:
		require.True(t, e.GrantedBy == s.Owner() || rank(e.GrantedBy).Outranks(rank(e.Member)), "grants go downwards")
		mayHandOn(e.GrantedBy, e.Capability)
	case group.PermissionDenied:
		require.True(t, rank(e.DeniedBy).Outranks(rank(e.Member)), "denials go downwards, and never to the owner")
	case group.PermissionOverrideCleared:
		require.True(t, e.ClearedBy == s.Owner() || rank(e.ClearedBy).Outranks(rank(e.Member)))
	case group.RolePermissionSet:
		require.True(t, rank(e.SetBy).Outranks(e.Role), "rules are for roles below one's own")
		if e.Effect == group.EffectAllow {
			mayHandOn(e.SetBy, e.Capability)
		}
	case group.ChartSharingChanged:
		if e.To.WiderThan(e.From) {
			mayHandOn(e.ChangedBy, access.RosterView)
			mayHandOn(e.ChangedBy, access.ChartClinicalView)
		}
	case group.MemberRemovalStarted:
		require.True(t, e.StartedBy == e.Member || rank(e.StartedBy).Outranks(former(e.Member)))
	case group.MemberReinstated:
		require.True(t, rank(e.ReinstatedBy).Outranks(e.Role), "roles are given back downwards")
		require.Equal(t, former(e.Member), e.Role, "nobody comes back higher than they left")
	case group.OwnershipOffered:
		require.Equal(t, s.Owner(), e.OfferedBy)
	case group.OwnershipTransferred:
		require.Equal(t, s.Owner(), e.From)
		if claim, open := s.SuccessionClaim(); open && claim.By == e.To && !at.Before(claim.DueAt) {
			require.Equal(t, s.Successor(), e.To, "the owner named this very member")
			return
		}
		offer, open := s.OwnershipOffer()
		require.True(t, open && offer.To == e.To, "the owner offered it to this very member")
		require.True(t, at.Before(offer.ExpiresAt))
	case group.SuccessionClaimed:
		require.Equal(t, s.Successor(), e.By)
		require.Equal(t, at.Add(group.SuccessionWait), e.DueAt)
		_, open := s.SuccessionClaim()
		require.False(t, open, "one claim at a time")
	case group.SuccessionRejected:
		require.Equal(t, s.Owner(), e.RejectedBy)
	default:
		// No other event gives anybody a role or a permission.
	}
}
