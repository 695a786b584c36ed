package processes_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
)

func followHouseholds(c processes.Config) process.Process { return processes.Households(c) }

// home makes a household of somebody's.
func (h *house) home(primary someone) id.Household {
	h.t.Helper()
	which := id.Derive[id.Household]("spec", h.Next())
	_, err := commands.CreateHousehold.Give(h.t.Context(), h.engine, h.by(primary), household.CreateHousehold{Household: which, Name: "Doe family", Primary: primary.member})
	require.NoError(h.t, err)
	return which
}

// helps puts somebody on the team of a household.
func (h *house) helps(which id.Household, who someone) {
	h.t.Helper()
	_, err := commands.AddHouseholdTeamMember.Give(h.t.Context(), h.engine, h.by(h.owner), which, household.AddTeamMember{Member: who.member, Role: careteam.Clinician})
	require.NoError(h.t, err)
}

// links has a chart belong to a household and take its team.
func (h *house) links(which id.Household, c id.Chart) {
	h.t.Helper()
	_, err := commands.LinkChart.Give(h.t.Context(), h.engine, h.by(h.owner), which, household.LinkChart{Chart: c, InheritTeam: true})
	require.NoError(h.t, err)
}

// folded is a household as its events say.
func (h *house) folded(which id.Household) (s household.State, last household.Event) {
	h.t.Helper()
	for rec, err := range h.Store.ReadStream(h.t.Context(), household.Stream(h.Group, which), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		last = env.Event.(household.Event)
		household.Evolve(&s, last)
	}
	return s, last
}

// careTeam are the members on a chart's team, the primary first.
func (h *house) careTeam(c id.Chart) (members []id.Member) {
	h.t.Helper()
	var s chart.State
	for _, e := range h.of(c) {
		chart.Evolve(&s, e)
	}
	members = append(members, s.Primary())
	for _, p := range s.Team().Others() {
		members = append(members, p.Member)
	}
	return members
}

func TestHouseholds_WhoLeavesThePracticeLeavesItsHouseholds_AMB14(t *testing.T) {
	var planned, secondary, first, helped id.Household
	var c id.Chart
	var ann, bob, cat someone
	h := everywhere(t, pgtest.New(t), 8, func(h *house) {
		ann, bob, cat = h.join("ann", access.User, true), h.join("bob", access.User, true), h.join("cat", access.User, true)
		planned, secondary, first, helped = h.home(cat), h.home(cat), h.home(cat), h.home(bob)
		h.helps(secondary, bob)
		_, err := commands.SetSecondaryProfessional.Give(t.Context(), h.engine, h.by(h.owner), secondary, household.SetSecondary{Member: bob.member})
		require.NoError(t, err)
		h.helps(helped, cat)
		c = h.open(bob)
		h.links(helped, c)
		require.Equal(t, []id.Member{bob.member, cat.member}, h.careTeam(c))
		_, err = commands.StartMemberRemoval.Give(t.Context(), h.engine, h.by(h.owner), group.StartMemberRemoval{
			Member: cat.member, Rehoming: group.Rehoming{Default: ann.member},
		})
		require.NoError(t, err)
	}, followHouseholds)
	for name, which := range map[string]id.Household{"by the plan of the removal": planned, "likewise, though there is a secondary": secondary, "and so is every other": first} {
		s, last := h.folded(which)
		require.Equal(t, ann.member, s.Primary(), name)
		require.IsType(t, household.PrimaryProfessionalChanged{}, last)
		require.False(t, last.(household.PrimaryProfessionalChanged).Removal.IsZero(), "it says which removal it carries out")
	}
	_, last := h.folded(helped)
	require.Equal(t, careteam.Clinician, last.(household.TeamMemberRemoved).LastRole)
	require.Equal(t, []id.Member{bob.member}, h.careTeam(c), "the chart that inherits the team follows")
}

func TestH7_AnOfferThatNobodyConfirmedLapsesAfterFiveBusinessDays(t *testing.T) {
	var offered, withdrawn id.Household
	h := everywhere(t, pgtest.New(t), 6, func(h *house) {
		ann := h.join("ann", access.User, true)
		offered, withdrawn = h.home(ann), h.home(ann)
		for _, which := range []id.Household{offered, withdrawn} {
			h.links(which, h.open(ann))
			_, err := commands.OfferHouseholdTransfer.Give(t.Context(), h.engine, h.by(h.owner), which, household.OfferTransfer{To: "River Practice"})
			require.NoError(t, err)
		}
		_, err := commands.WithdrawHouseholdTransfer.Give(t.Context(), h.engine, h.by(h.owner), withdrawn, household.WithdrawTransfer{})
		require.NoError(t, err)
		h.Pass(10 * day)
	}, followHouseholds)
	_, last := h.folded(offered)
	// The founding is on a Friday: the fifth business day after it is the next one, which ends at midnight in New York.
	require.Equal(t, household.TransferLapsed{ExpiresAt: time.Date(2026, 4, 18, 4, 0, 0, 0, time.UTC)}, last)
	_, last = h.folded(withdrawn)
	require.Equal(t, household.TransferWithdrawn{}, last)
}

func TestAMB16_WhereAPlaceByHandEndsTheOneOverTheHouseholdTakesItsPlace(t *testing.T) {
	var c id.Chart
	var ann, bob someone
	h := everywhere(t, pgtest.New(t), 4, func(h *house) {
		ann, bob = h.join("ann", access.User, true), h.join("bob", access.User, true)
		which := h.home(ann)
		c = h.open(ann)
		_, err := commands.AddTeamMember.Give(t.Context(), h.engine, h.by(h.owner), c, chart.AddTeamMember{Member: bob.member, Role: careteam.Support})
		require.NoError(t, err)
		h.helps(which, bob)
		h.links(which, c)
		_, err = commands.RemoveTeamMember.Give(t.Context(), h.engine, h.by(h.owner), c, chart.RemoveTeamMember{Member: bob.member})
		require.NoError(t, err)
	}, followHouseholds)
	require.IsType(t, chart.TeamMemberAdded{}, h.lastOf(c))
	require.False(t, h.lastOf(c).(chart.TeamMemberAdded).Household.IsZero())
	require.Equal(t, []id.Member{ann.member, bob.member}, h.careTeam(c))
}

// The server died between the household's event and those of its charts.
func TestAMB16_ChartsFollowAHouseholdWhoseCommandDiedHalfway(t *testing.T) {
	var c id.Chart
	var ann, bob someone
	h := everywhere(t, pgtest.New(t), 4, func(h *house) {
		ann, bob = h.join("ann", access.User, true), h.join("bob", access.User, true)
		which := h.home(ann)
		h.helps(which, bob)
		c = h.open(ann)
		h.links(which, c)
		require.Equal(t, []id.Member{ann.member, bob.member}, h.careTeam(c))
		h.record(household.Stream(h.Group, which), household.TeamMemberRemoved{Member: bob.member, LastRole: careteam.Clinician})
	}, followHouseholds)
	require.Equal(t, []id.Member{ann.member}, h.careTeam(c))
}

// record appends an event as it is.
func (h *house) record(stream es.Stream, event any) {
	h.t.Helper()
	name, data, meta, err := h.Registry.Encode(event, es.Subject{}, es.Metadata{Actor: "member:" + h.owner.member.String(), Command: id.Derive[id.Command]("record", h.Next())})
	require.NoError(h.t, err)
	_, err = h.Store.Append(h.t.Context(), stream, es.AnyRevision, []es.Proposed{{ID: id.Derive[id.Event]("record", h.Next()), Type: name, Data: data, Metadata: meta}})
	require.NoError(h.t, err)
}
