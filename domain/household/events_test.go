package household_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/household"
	"praxis/domain/id"
)

// samples has one event of every type, with every field set.
var samples = []household.Event{
	created,
	household.Renamed{Name: "Lovelace and Babbage"},
	household.PersonAdded{Person: aunt, Name: "Augusta Lovelace", Relation: "Lovelace's aunt"},
	household.PersonRemoved{Person: aunt},
	household.ChartLinked{Chart: ada, InheritTeam: true},
	household.ChartUnlinked{Chart: ada},
	household.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician},
	household.SecondaryProfessionalSet{Member: ben},
	household.SecondaryProfessionalCleared{Member: ben},
	household.TeamMemberAdded{Member: cho, Role: careteam.Support},
	household.TeamRoleChanged{Member: cho, From: careteam.Support, To: careteam.Clinician},
	household.TeamWindowChanged{Member: cho, To: august},
	household.TeamMemberRemoved{Member: cho, LastRole: careteam.Clinician},
	offered,
	household.TransferConfirmed{Chart: ada, Account: account},
	household.TransferWithdrawn{},
	household.TransferLapsed{ExpiresAt: deadline},
	household.TransferredOut{},
	household.Dissolved{},
	household.SummaryPrinted{
		Summary: document, Revision: 7, Primary: ana, Charts: []id.Chart{ada}, SHA256: "0a",
		Shown: household.Summary{
			Group: "River Practice", Household: "Lovelace family", Day: civil.MustDate("2026-04-10"), Primary: "Ana", Secondary: "Ben",
			Team:   []household.OnTeam{{Name: "Cho", Role: careteam.Support, Until: civil.MustDate("2026-08-14")}},
			People: []household.Relative{{Name: "Augusta Lovelace", Relation: "aunt"}}, Withheld: 1,
		},
	},
}

func TestStoredForm(t *testing.T) {
	estest.Golden(t, household.Events(), samples...)
}

// blackout seals every value into the same word.
type blackout struct{}

func (blackout) Seal(es.Subject, json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(`"sealed"`), nil
}

func (blackout) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

func TestNothingThatIdentifiesAPersonIsStoredUnsealed(t *testing.T) {
	registry, err := es.NewRegistry(blackout{}, household.Events())
	require.NoError(t, err)
	for _, e := range samples {
		name, data, _, err := registry.Encode(e, es.Subject{Group: group, Chart: id.Chart(family)}, es.Metadata{})
		require.NoError(t, err)
		require.NotContains(t, string(data), "Lovelace", "%s stores personal data unsealed", name)
	}
}

func TestStreamOfAHousehold(t *testing.T) {
	s := household.Stream(group, family)
	require.Equal(t, es.Stream("household-00000000-0000-4000-8000-0000000000f0+00000000-0000-4000-8000-0000000000a1"), s)
	g, h, err := household.ParseStream(s)
	require.NoError(t, err)
	require.Equal(t, group, g)
	require.Equal(t, family, h)
	_, _, err = household.ParseStream(es.Stream("chart-" + group.String() + "+" + family.String()))
	require.Error(t, err)
}
