package household_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/household"
	"praxis/domain/id"
)

func TestCreateHousehold(t *testing.T) {
	create := household.CreateHousehold{Household: family, Group: group, Name: " Lovelace family ", Primary: ana, PrimaryRule: careteam.ByCreator}
	t.Run("H-5 a household has a primary from its first revision on", func(t *testing.T) {
		given(t).When(in(everybody(), create), now).Then(created)
	})
	t.Run("AMB-16 without a professional there is no household", func(t *testing.T) {
		nobody := create
		nobody.Primary = id.Member{}
		given(t).When(in(everybody(), nobody), now).ThenRejected("no_professional_available")
		staff := create
		staff.Primary = cho
		given(t).When(in(everybody(), staff), now).ThenRejected("primary_not_professional")
		given(t).When(in(without(ana), create), now).ThenRejected("primary_not_professional")
	})
	t.Run("it has a name, and is made once", func(t *testing.T) {
		nameless := create
		nameless.Name = "  "
		given(t).When(in(everybody(), nameless), now).ThenRejected("household_name_required")
		given(t, created).When(in(everybody(), create), now).ThenRejected("household_exists")
	})
	t.Run("renaming it to what it is called changes nothing", func(t *testing.T) {
		given(t, created).When(household.RenameHousehold{Name: "Lovelace and Babbage"}, now).Then(household.Renamed{Name: "Lovelace and Babbage"})
		given(t, created).When(household.RenameHousehold{Name: "Lovelace family"}, now).ThenNothing()
		given(t).When(household.RenameHousehold{Name: "X"}, now).ThenRejected("household_not_found")
	})
}

func TestTeamOfAHousehold(t *testing.T) {
	t.Run("H-4 add is staff and role, remove is delete", func(t *testing.T) {
		add := household.AddTeamMember{Member: cho, Role: careteam.Support}
		given(t, created).When(in(everybody(), add), now).Then(household.TeamMemberAdded{Member: cho, Role: careteam.Support})
		given(t, created, household.TeamMemberAdded{Member: cho, Role: careteam.Support}).
			When(in(everybody(), household.RemoveTeamMember{Member: cho}), now).Then(household.TeamMemberRemoved{Member: cho, LastRole: careteam.Support})
	})
	t.Run("H-6 deleting and adding again with another role works, and so does changing the role", func(t *testing.T) {
		deleted := []household.Event{created, withBen, household.TeamMemberRemoved{Member: ben, LastRole: careteam.Clinician}}
		given(t, deleted...).When(in(everybody(), household.AddTeamMember{Member: ben, Role: careteam.Support}), now).
			Then(household.TeamMemberAdded{Member: ben, Role: careteam.Support})
		given(t, created, withBen).When(in(everybody(), household.ChangeTeamRole{Member: ben, Role: careteam.Support}), now).
			Then(household.TeamRoleChanged{Member: ben, From: careteam.Clinician, To: careteam.Support})
	})
	t.Run("H-2 the primary cannot be removed, only reassigned, in one event", func(t *testing.T) {
		given(t, created, withBen).When(in(everybody(), household.RemoveTeamMember{Member: ana}), now).ThenRejected("primary_required")
		given(t, created, withBen).When(in(everybody(), household.AddTeamMember{Member: cho, Role: careteam.Primary}), now).ThenRejected("second_primary")
		given(t, created, withBen).When(in(everybody(), household.ReassignPrimary{Clinician: ben}), now).
			Then(household.PrimaryProfessionalChanged{From: ana, To: ben})
		given(t, created).When(in(everybody(), household.ReassignPrimary{Clinician: ben, FormerBecomes: careteam.Clinician}), now).
			Then(household.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician})
	})
	t.Run("the other refusals", func(t *testing.T) {
		spec := given(t, created, withBen)
		spec.When(in(everybody(), household.AddTeamMember{Member: ben, Role: careteam.Support}), now).ThenRejected("already_on_team")
		spec.When(in(everybody(), household.AddTeamMember{Member: cho, Role: "wizard"}), now).ThenRejected("role_unknown")
		spec.When(in(without(cho), household.AddTeamMember{Member: cho, Role: careteam.Support}), now).ThenRejected("member_inactive")
		spec.When(in(everybody(), household.AddTeamMember{Member: cho, Role: careteam.Clinician}), now).ThenRejected("not_active_clinician")
		spec.When(in(everybody(), household.RemoveTeamMember{Member: cho}), now).ThenRejected("not_on_team")
		spec.When(in(everybody(), household.ChangeTeamRole{Member: ben, Role: careteam.Clinician}), now).ThenRejected("same_role")
		spec.When(in(everybody(), household.ReassignPrimary{Clinician: ana}), now).ThenRejected("already_primary")
		spec.When(in(everybody(), household.ReassignPrimary{Clinician: cho}), now).ThenRejected("not_active_clinician")
		spec.When(household.ChangeTeamWindow{Member: ana, Window: august}, now).ThenRejected("primary_required")
	})
	t.Run("a place can hold for a time, and one that is over counts as none", func(t *testing.T) {
		cover := household.TeamMemberAdded{Member: ben, Role: careteam.Clinician, Window: august}
		given(t, created).When(in(everybody(), household.AddTeamMember{Member: ben, Role: careteam.Clinician, Window: august}), now).Then(cover)
		given(t, created, cover).When(in(everybody(), household.RemoveTeamMember{Member: ben}), august.Until).ThenRejected("not_on_team")
		given(t, created, cover).When(household.ChangeTeamWindow{Member: ben}, now).Then(household.TeamWindowChanged{Member: ben, From: august})
	})
	t.Run("H-2 a secondary professional is a clinician of the team, and not the primary", func(t *testing.T) {
		set := household.SecondaryProfessionalSet{Member: ben}
		given(t, created, withBen).When(in(everybody(), household.SetSecondary{Member: ben}), now).Then(set)
		given(t, created, withBen, set).When(in(everybody(), household.SetSecondary{Member: ben}), now).ThenNothing()
		given(t, created).When(in(everybody(), household.SetSecondary{Member: ben}), now).ThenRejected("secondary_not_on_team")
		given(t, created, withBen).When(in(everybody(), household.SetSecondary{Member: ana}), now).ThenRejected("secondary_not_on_team")
		given(t, created, withBen, set).When(household.ClearSecondary{}, now).Then(household.SecondaryProfessionalCleared{Member: ben})
		given(t, created, withBen).When(household.ClearSecondary{}, now).ThenRejected("no_secondary")
	})
}

func TestChartsOfAHousehold(t *testing.T) {
	free := household.ChartFacts{Seen: true, Shares: true}
	link := func(c household.LinkChart, f household.ChartFacts) func(household.State) ([]household.Event, error) {
		return func(s household.State) ([]household.Event, error) { return c.Decide(s, f, now) }
	}
	state := household.Aggregate().Fold(created)
	inherit := household.LinkChart{Chart: ada, InheritTeam: true}

	t.Run("AMB-16 the team goes to a chart only where that is chosen for it", func(t *testing.T) {
		events, err := link(household.LinkChart{Chart: ada}, free)(state)
		require.NoError(t, err)
		require.Equal(t, []household.Event{household.ChartLinked{Chart: ada}}, events)
		linked := household.Aggregate().Fold(created, household.ChartLinked{Chart: ada}, withBen)
		require.Empty(t, linked.Given(ada, now))
		inherits := household.Aggregate().Fold(created, household.ChartLinked{Chart: ada, InheritTeam: true}, withBen)
		require.Equal(t, []careteam.Participant{{Member: ana, Role: careteam.Clinician}, {Member: ben, Role: careteam.Clinician}}, inherits.Given(ada, now))
		require.Empty(t, inherits.Given(bob, now))
		ended := household.Aggregate().Fold(created, household.ChartLinked{Chart: ada, InheritTeam: true}, household.Dissolved{})
		require.Empty(t, ended.Given(ada, now))
	})
	t.Run("AMB-16 a chart that opted out, or that has another household, takes no team", func(t *testing.T) {
		for code, f := range map[string]household.ChartFacts{
			"linked_chart_not_found":   {},
			"chart_in_other_household": {Seen: true, Shares: true, Elsewhere: true},
			"chart_opted_out":          {Seen: true, Shares: true, OptedOut: true},
			"team_not_yours_to_share":  {Seen: true},
		} {
			_, err := link(inherit, f)(state)
			requireCode(t, code, err)
		}
		_, err := link(household.LinkChart{Chart: ada}, household.ChartFacts{Seen: true, OptedOut: true})(state)
		require.NoError(t, err, "it can be linked without the team")
	})
	t.Run("a person is the patient of a chart or has a name", func(t *testing.T) {
		add := household.AddPerson{Person: aunt, Name: "Augusta", Relation: "Aunt"}
		events, err := add.Decide(state, true, now)
		require.NoError(t, err)
		require.Equal(t, []household.Event{household.PersonAdded{Person: aunt, Name: "Augusta", Relation: "Aunt"}}, events)
		_, err = household.AddPerson{Person: aunt}.Decide(state, true, now)
		requireCode(t, "person_unclear", err)
		_, err = household.AddPerson{Person: aunt, Chart: ada}.Decide(state, false, now)
		requireCode(t, "person_chart_not_found", err)
		given(t, created, household.PersonAdded{Person: aunt}).When(household.RemovePerson{Person: aunt}, now).Then(household.PersonRemoved{Person: aunt})
		given(t, created).When(household.RemovePerson{Person: aunt}, now).ThenRejected("person_not_found")
	})
	t.Run("what is not linked is not unlinked, and nothing changes after the end", func(t *testing.T) {
		given(t, created).When(household.UnlinkChart{Chart: ada}, now).ThenRejected("chart_not_linked")
		given(t, created, household.Dissolved{}).When(household.UnlinkChart{Chart: ada}, now).ThenRejected("household_ended")
		given(t, created).When(household.Dissolve{}, now).Then(household.Dissolved{})
	})
}

func TestTransferToAnotherPractice(t *testing.T) {
	linked := household.ChartLinked{Chart: ada}
	patient := household.Confirming{Account: account, Represents: true}
	confirm := func(by household.Confirming, at time.Time, history ...household.Event) ([]household.Event, error) {
		return household.ConfirmTransfer{Chart: ada}.Decide(household.Aggregate().Fold(history...), by, at)
	}
	t.Run("H-7 the patient has five business days to confirm it, in the zone of the practice", func(t *testing.T) {
		given(t, created, linked).When(in(everybody(), household.OfferTransfer{To: offered.To}), now).Then(offered)
		newYork, err := time.LoadLocation("America/New_York")
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 4, 18, 4, 0, 0, 0, time.UTC), household.Deadline(now, newYork))
		require.Equal(t, time.Date(2026, 4, 18, 4, 0, 0, 0, time.UTC), household.Deadline(time.Date(2026, 4, 13, 1, 0, 0, 0, time.UTC), newYork), "there it is still Sunday")
		require.Equal(t, time.Date(2026, 4, 21, 0, 0, 0, 0, time.UTC), household.Deadline(time.Date(2026, 4, 13, 1, 0, 0, 0, time.UTC), nil), "Monday to Monday")
	})
	t.Run("H-7 without the patient's confirmation it does not go", func(t *testing.T) {
		given(t, created, linked, offered).When(household.CompleteTransfer{}, now).ThenRejected("patient_confirmation_required")
		_, err := confirm(household.Confirming{Account: account}, now, created, linked, offered)
		requireCode(t, "patient_confirmation_required", err)
		events, err := confirm(patient, deadline.Add(-time.Second), created, linked, offered)
		require.NoError(t, err)
		require.Equal(t, []household.Event{household.TransferConfirmed{Chart: ada, Account: account}}, events)
		given(t, append([]household.Event{created, linked, offered}, events...)...).
			When(household.CompleteTransfer{}, deadline.AddDate(0, 1, 0)).Then(household.TransferredOut{})
	})
	t.Run("H-7 an offer that is not confirmed in time lapses, and makes room for another", func(t *testing.T) {
		_, err := confirm(patient, deadline, created, linked, offered)
		requireCode(t, "transfer_lapsed", err)
		spec := given(t, created, linked, offered)
		spec.When(household.CompleteTransfer{}, deadline).ThenRejected("transfer_lapsed")
		spec.When(household.LapseTransfer{}, deadline.Add(-time.Second)).ThenNothing()
		spec.When(household.LapseTransfer{}, deadline).Then(household.TransferLapsed{ExpiresAt: deadline})
		spec.When(in(everybody(), household.OfferTransfer{To: "B"}), now).ThenRejected("transfer_open")
		spec.When(in(everybody(), household.OfferTransfer{To: "B"}), deadline).Then(
			household.TransferLapsed{ExpiresAt: deadline}, household.TransferOffered{To: "B", ExpiresAt: time.Date(2026, 4, 25, 0, 0, 0, 0, time.UTC)})
	})
	t.Run("the other refusals", func(t *testing.T) {
		given(t, created).When(in(everybody(), household.OfferTransfer{To: "B"}), now).ThenRejected("no_linked_chart")
		given(t, created, linked).When(in(everybody(), household.OfferTransfer{}), now).ThenRejected("transfer_target_required")
		given(t, created, linked).When(household.WithdrawTransfer{}, now).ThenRejected("no_transfer")
		given(t, created, linked, offered).When(household.WithdrawTransfer{}, now).Then(household.TransferWithdrawn{})
		_, err := confirm(patient, now, created, offered)
		requireCode(t, "household_not_found", err)
	})
}

func TestH3_ASummaryIsPrintedAsOfTheRevisionThatWasRead(t *testing.T) {
	shown := household.Summary{Household: "Lovelace family", Primary: "Ben"}
	printing := household.PrintSummary{Summary: document, Revision: 1, Charts: []id.Chart{ada}, SHA256: "0a", Shown: shown}
	printed := household.SummaryPrinted{Summary: document, Revision: 1, Primary: ben, Charts: []id.Chart{ada}, SHA256: "0a", Shown: shown}
	reassigned := household.PrimaryProfessionalChanged{From: ana, To: ben}
	t.Run("H-3 it says who was the primary", func(t *testing.T) {
		given(t, created, reassigned).When(printing, now).Then(printed)
	})
	t.Run("a household that has ended can be printed as well, and one that never was cannot", func(t *testing.T) {
		given(t, created, reassigned, household.Dissolved{}).When(printing, now).Then(printed)
		given(t).When(printing, now).ThenRejected("household_not_found")
	})
}
