package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/chart"
	"praxis/domain/id"
)

// mayFollowArchiving says whether a command may lead to the event while the chart is
// archived: who answers for the chart and who may open it changes, and it comes back. An
// event that is not named here, such as one to come, may not.
func mayFollowArchiving(e chart.Event) bool {
	switch e.(type) {
	case chart.PrimaryProfessionalChanged, chart.PlacedInCustody,
		chart.PrimaryChangePlanned, chart.PrimaryChangeCancelled, chart.PrimaryChangeLapsed,
		chart.TeamMemberAdded, chart.TeamRoleChanged, chart.TeamWindowChanged, chart.TeamMemberRemoved,
		chart.PatientAccessChanged, chart.PatientAccountUnlinked,
		chart.Unarchived:
		return true
	}
	return false
}

// anyContent draws a command on what the chart holds, or on which patient account it is
// linked to.
func anyContent() *rapid.Generator[command] {
	contacts := rapid.SampledFrom([]id.Contact{aunt, {}})
	accounts := rapid.SampledFrom([]id.Account{parent, {}})
	return rapid.Custom(func(t *rapid.T) command {
		switch rapid.IntRange(0, 7).Draw(t, "content") {
		case 0:
			return chart.AddContact{Contact: contacts.Draw(t, "contact"), ContactDetails: augusta}
		case 1:
			changed := augusta
			changed.MayBeCalled = rapid.Bool().Draw(t, "may be called")
			return chart.ChangeContact{Contact: contacts.Draw(t, "contact"), ContactDetails: changed}
		case 2:
			return chart.RemoveContact{Contact: contacts.Draw(t, "contact")}
		case 3:
			return chart.ClearResponsibleParty{}
		case 4:
			changed := patient
			changed.FamilyName = rapid.SampledFrom([]string{"Lovelace", "King"}).Draw(t, "family name")
			return in(practice(), chart.UpdateDemographics{Patient: changed})
		case 5:
			return chart.UnlinkPatientAccount{Account: accounts.Draw(t, "account")}
		case 6:
			return chart.LinkPatientAccount{Account: accounts.Draw(t, "account")}
		}
		return knows(true, chart.Responsible{Contact: contacts.Draw(t, "responsible")})
	})
}

// AMB-17: an archived chart is read-only. Whatever is asked of it, and after whatever
// else, nothing that it holds changes until it is unarchived.
func TestAMB17AnArchivedChartIsReadOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := chart.Aggregate().New(), now
		full := []chart.Event{created, saved, chart.ResponsiblePartyNamed{Contact: aunt}, chart.PatientAccountLinked{Account: parent}}
		if rapid.Bool().Draw(t, "archived already") {
			full = append(full, archived)
		}
		for _, e := range full {
			chart.Evolve(&s, e)
		}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "hours later")) * time.Hour)
			events, err := rapid.OneOf(anyContent(), anyCommand()).Draw(t, "command").Decide(s, now)
			if err != nil {
				require.Empty(t, events)
				continue
			}
			for _, e := range events {
				before := s
				chart.Evolve(&s, e)
				if !before.Archived {
					continue
				}
				require.True(t, mayFollowArchiving(e), "%T on an archived chart", e)
				require.Equal(t, before.Patient, s.Patient)
				require.Equal(t, before.Contacts, s.Contacts)
				require.Equal(t, before.Responsible, s.Responsible)
				require.Equal(t, before.Branch, s.Branch)
				require.Equal(t, before.Status, s.Status)
			}
		}
	})
}
