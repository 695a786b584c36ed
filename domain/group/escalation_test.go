package group_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// origins is the model of where power comes from: it knows which rules, for
// members and for roles, were set by somebody who held what they handed on, which
// roles were given by somebody who may give them, and how widely somebody shared
// charts who may. It is told only events.
type origins struct {
	rules   []access.Rule
	roles   map[id.Member]access.Role
	sharing access.Sharing
}

func originsOf(s group.State) *origins {
	o := &origins{roles: map[id.Member]access.Role{}}
	for _, m := range s.Members() {
		o.roles[m.ID] = m.Role
		o.rules = append(o.rules, m.Overrides...)
	}
	return o
}

// holds reports whether somebody holds a capability for the whole practice; the
// owner answers for the practice.
func holds(s group.State, m id.Member, c access.Capability, at time.Time) bool {
	return m == s.Owner() || access.ReachOf(s.SubjectOfMember(m), c, at).Everything()
}

// learn notes what an event hands on, and refuses what was not its author's to give.
func (o *origins) learn(t require.TestingT, before, after group.State, event group.Event, at time.Time) {
	handsOn := func(by id.Member, r access.Rule) {
		for _, instant := range []time.Time{at, r.From, r.Until.Add(-1)} {
			if instant.Before(at) || !r.InForce(instant) {
				continue
			}
			require.True(t, holds(before, by, r.Capability, instant), "nobody hands on what they will not hold themselves")
		}
		o.rules = append(o.rules, r)
	}
	lifts := func(by id.Member, c access.Capability, rules []access.Rule) {
		denied := slices.ContainsFunc(rules, func(r access.Rule) bool { return r.Capability == c && !r.Allow })
		require.True(t, !denied || holds(before, by, c, at), "nobody lifts a denial of what they lack")
	}
	below := func(by id.Member, r access.Role) bool {
		m, _ := before.Member(by)
		return m.Active && m.Role.Outranks(r)
	}
	switch e := event.(type) {
	case group.PermissionGranted:
		overrides := after.SubjectOfMember(e.Member).Overrides
		handsOn(e.GrantedBy, overrides[len(overrides)-1])
	case group.PermissionOverrideCleared:
		lifts(e.ClearedBy, e.Capability, before.SubjectOfMember(e.Member).Overrides)
	case group.RolePermissionSet:
		rules := after.RoleRules(e.Role)
		switch e.Effect {
		case group.EffectAllow:
			handsOn(e.SetBy, rules[len(rules)-1])
		case group.EffectDefault:
			lifts(e.SetBy, e.Capability, before.RoleRules(e.Role))
		case group.EffectDeny:
		}
	case group.ChartSharingChanged:
		for _, c := range access.SharedCapabilities() {
			require.True(t, !e.To.WiderThan(e.From) || holds(before, e.ChangedBy, c, at), "nobody shares what they lack")
		}
		o.sharing = access.Sharing{Width: e.To, Event: e.Rule, Grantor: e.ChangedBy}
	case group.MemberJoined:
		invitation, _ := before.Invitation(e.Invitation)
		require.Equal(t, invitation.Role, e.Role, "whoever was invited checked the role then")
		o.roles[e.Member] = e.Role
	case group.MemberInvited:
		require.True(t, below(e.InvitedBy, e.Role))
	case group.MemberRoleChanged:
		require.True(t, below(e.ChangedBy, e.To))
		o.roles[e.Member] = e.To
	case group.MemberReinstated:
		require.True(t, below(e.ReinstatedBy, e.Role))
		o.roles[e.Member] = e.Role
	case group.OwnershipTransferred:
		o.roles[e.From], o.roles[e.To] = e.FromNewRole, access.Owner
	default:
		// Everything else hands nothing on; requireAccountedFor holds it to that.
	}
}

// requireAccountedFor checks that everything that anybody can do has an origin.
func (o *origins) requireAccountedFor(t require.TestingT, s group.State, at time.Time) {
	for _, m := range s.Members() {
		subject := s.SubjectOfMember(m.ID)
		require.Equal(t, o.roles[m.ID], m.Role, "a role that nobody gave")
		known := subject
		known.Overrides, known.RoleRules, known.Sharing = o.accountedFor(subject.Overrides), o.accountedFor(subject.RoleRules), o.sharing
		for _, c := range access.Capabilities() {
			reach := access.ReachOf(subject, c, at)
			require.True(t, m.Active || reach.Empty())
			require.True(t, reach.Equal(access.ReachOf(known, c, at)), "%s reaches further with %s than anybody gave", m.Role, c)
		}
	}
}

// accountedFor returns the rules less the grants that have no origin.
func (o *origins) accountedFor(rules []access.Rule) []access.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r access.Rule) bool { return r.Allow && !slices.Contains(o.rules, r) })
}

func TestNoSequenceOfCommandsGivesWhatNoGrantorHeld(t *testing.T) {
	transfers, grants, shared, forRoles := 0, 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		history := trusted(granted(sam, access.ChartClinicalView)) // who may share charts, and Sue may not
		s := fold(history...)
		model := originsOf(s)
		at := now
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			at = at.Add(time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes")) * time.Minute)
			events, err := anyCommand(t, s, at).Decide(s, at)
			if err != nil {
				continue
			}
			for _, e := range events {
				history = append(history, e)
				before := s
				s = fold(history...)
				model.learn(t, before, s, e, at)
				model.requireAccountedFor(t, s, at)
				switch e.(type) {
				case group.OwnershipTransferred:
					transfers++
				case group.PermissionGranted:
					grants++
				case group.RolePermissionSet:
					forRoles++
				case group.ChartSharingChanged:
					shared++
				default:
				}
			}
		}
	})
	require.Positive(t, transfers, "ownership changed hands in some sequence")
	require.Positive(t, grants, "permissions were granted in some sequence")
	require.Positive(t, forRoles, "rules were set for roles in some sequence")
	require.Positive(t, shared, "charts were shared in some sequence")
}
