package chart_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

// samples has one event of every type, with every field set.
var samples = []chart.Event{
	created,
	chart.DemographicsUpdated(patient),
	chart.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician},
	chart.PlacedInCustody{From: ana, Custodian: cho},
	chart.PrimaryChangePlanned{PlannedPrimary: planned},
	chart.PrimaryChangeCancelled{To: ben, EffectiveAt: planned.EffectiveAt},
	chart.PrimaryChangeLapsed{PlannedPrimary: planned, Primary: ana, Reason: "not_active_clinician"},
	chart.TeamMemberAdded{Member: cho, Role: careteam.Support},
	chart.TeamRoleChanged{Member: cho, From: careteam.Support, To: careteam.Clinician},
	chart.TeamWindowChanged{Member: cho, Role: careteam.Clinician, To: august},
	chart.TeamMemberRemoved{Member: cho, LastRole: careteam.Clinician},
	chart.BranchChanged{From: downtown, To: north},
	chart.StatusChanged{From: chart.Active, To: chart.Inactive},
	archived,
	chart.Unarchived{Status: chart.Inactive},
	chart.PatientAccountLinked{Account: parent},
	chart.PatientAccountUnlinked{Account: parent},
	chart.PatientAccessChanged{Account: parent, Relation: chart.Guardian, May: []access.Capability{access.AppointmentViewOwn}, Until: now.AddDate(3, 0, 0)},
	chart.PatientInvited{
		Invitation: invitation, Address: "kid@example.org", Relation: chart.Guardian, May: []access.Capability{access.AppointmentViewOwn},
		Until: now.AddDate(3, 0, 0), TokenHash: "hash", InvitedBy: ana, ExpiresAt: now.AddDate(0, 0, 14),
	},
	chart.PatientInvitationResent{Invitation: invitation, FormerTokenHash: "hash", TokenHash: "hash 2", ExpiresAt: now.AddDate(0, 0, 14)},
	chart.PatientInvitationRevoked{Invitation: invitation},
	chart.PatientInvitationExpired{Invitation: invitation},
	chart.ContactSaved{
		Contact: aunt, Name: "Augusta Lovelace", Relation: "Lovelace's aunt", Phone: "+1 (555) 010-0123", Email: "aunt@example.org",
		Emergency: true, MayBeCalled: true,
	},
	chart.ContactRemoved{Contact: aunt},
	chart.ResponsiblePartyNamed{Contact: aunt},
	chart.ResponsiblePartyCleared{},
	chart.Restricted{
		Restriction: eventID, Sections: []access.Section{access.Clinical, access.Billing}, Allow: []id.Member{ben},
		Until: now.AddDate(0, 1, 0), Reason: "Lovelace is known in town", By: ana,
	},
	chart.RestrictionLifted{Restriction: eventID},
	chart.MemberExcluded{
		Exclusion: eventID, Member: ben, ReasonCode: chart.ConflictOfInterest, Text: "Ada's cousin", Until: now.AddDate(0, 1, 0), By: ana,
	},
	chart.MemberReadmitted{Exclusion: eventID, Member: ben},
	chart.BreakGlassOpened{
		Glass: eventID, Member: ben, ReasonCode: chart.RiskOfHarm, Text: "Lovelace calls from a bridge", ExpiresAt: now.Add(time.Hour), Tell: []id.Member{ana, cho},
	},
	chart.BreakGlassClosed{Glass: eventID, Member: ben, By: ben},
	chart.BreakGlassReviewed{Glass: eventID, Member: ben, By: cho, Verdict: chart.Justified, Text: "Lovelace was in danger"},
	chart.MergedInto{Merge: eventID, Into: partner, UndoUntil: now.Add(chart.UndoableFor), Reason: "Lovelace is the maiden name"},
	chart.MergeUndone{Merge: eventID, Into: partner, Archived: true, Because: "target_merged"},
	chart.MergedFrom{Merge: eventID, Source: partner, Differs: chart.Differences{
		GivenName: "Ada", FamilyName: "Lovelace", BirthDate: "1985-12-10", Email: "ada@example.org", Phone: "555-0199",
		Contacts: []chart.ContactDetails{{Name: "Augusta Lovelace", Phone: "555-0123"}},
	}},
	chart.UnmergedFrom{Merge: eventID, Source: partner},
	chart.ToldApart{From: []id.Chart{partner}, Reason: "Lovelace is a common name"},
	chart.HouseholdJoined{Household: family},
	chart.HouseholdLeft{Household: family},
	chart.HouseholdTeamsDeclined{},
	chart.HouseholdTeamsAllowed{},
}

func TestStoredForm(t *testing.T) {
	estest.Golden(t, chart.Events(), samples...)
}

// blackout seals every value into the same word.
type blackout struct{}

func (blackout) Seal(es.Subject, json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(`"sealed"`), nil
}

func (blackout) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

func TestNothingThatIdentifiesAPatientIsStoredUnsealed(t *testing.T) {
	registry, err := es.NewRegistry(blackout{}, chart.Events())
	require.NoError(t, err)
	for _, e := range samples {
		name, data, _, err := registry.Encode(e, es.Subject{Group: group, Chart: chartID}, es.Metadata{})
		require.NoError(t, err)
		for _, personal := range []string{"Ada", "Lovelace", "1985", "example.org", "555", "moved away"} {
			require.NotContains(t, string(data), personal, "%s stores personal data unsealed", name)
		}
	}
}

func TestStreamOfAChart(t *testing.T) {
	s := chart.Stream(group, chartID)
	require.Equal(t, es.Stream("chart-00000000-0000-4000-8000-0000000000f0+00000000-0000-4000-8000-0000000000c1"), s)
	g, c, err := chart.ParseStream(s)
	require.NoError(t, err)
	require.Equal(t, group, g)
	require.Equal(t, chartID, c)
}

// FuzzParseStream: what is accepted is exactly what Stream makes.
func FuzzParseStream(f *testing.F) {
	f.Add(string(chart.Stream(group, chartID)))
	f.Add("chart-" + group.String())
	f.Add("household-" + group.String() + "+" + chartID.String())
	f.Add("chart-" + strings.ToUpper(group.String()) + "+" + chartID.String())
	f.Fuzz(func(t *testing.T, name string) {
		g, c, err := chart.ParseStream(es.Stream(name))
		if err == nil {
			require.Equal(t, name, string(chart.Stream(g, c)))
		} else {
			require.True(t, slices.Equal([]any{g, c}, []any{id.Group{}, id.Chart{}}), "a refused name gives no ids")
		}
	})
}
