package households_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/household"
	"praxis/domain/id"
	"praxis/projections/households"
	"praxis/projections/projtest"
	"praxis/projections/roster"
)

var (
	practice, elsewhere = id.Derive[id.Group]("practice"), id.Derive[id.Group]("elsewhere")
	ana, ben, cho       = id.Derive[id.Member]("ana"), id.Derive[id.Member]("ben"), id.Derive[id.Member]("cho")
	ada, bob            = id.Derive[id.Chart]("ada"), id.Derive[id.Chart]("bob")
	now                 = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
)

func home(name string) id.Household { return id.Derive[id.Household](name) }

func on(h string, event household.Event) projtest.Event {
	return projtest.On(household.Stream(practice, home(h)), event)
}

func made(name string, primary id.Member) projtest.Event {
	return on(name, household.Created{Household: home(name), Group: practice, Name: name, Primary: primary, PrimaryRule: careteam.ByChoice})
}

func everything() access.Reach {
	return access.Reach{Group: practice, At: now, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

func of(m id.Member) access.Reach {
	return access.Reach{Group: practice, At: now, Parts: []access.Part{{Within: access.Area{Clinicians: []id.Member{m}, TeamOf: m}}}}
}

func TestTheHouseholdsOfAPractice(t *testing.T) {
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	pool := pgtest.New(t)
	patients := projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: roster.Projector{}},
		projtest.On(chart.Stream(practice, ada), chart.Created{Chart: ada, Group: practice, GivenName: "Zoë", FamilyName: "Müller", Primary: ben, PrimaryRule: chart.ByChoice}))
	require.NotNil(t, patients)
	spec := projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: households.Projector{}},
		made("Ågren family", ana), made("Zander family", ana), made("Abbott family", ben),
		on("Abbott family", household.ChartLinked{Chart: ada, InheritTeam: true}),
		on("Abbott family", household.PersonAdded{Person: id.Derive[id.Person]("aunt"), Name: "Renée O'Hara"}),
		on("Zander family", household.TeamMemberAdded{Member: cho, Role: careteam.Support, Window: careteam.Window{Until: now}}),
		on("Ågren family", household.TeamMemberAdded{Member: ben, Role: careteam.Clinician}),
		on("Ågren family", household.SecondaryProfessionalSet{Member: ben}),
		projtest.On(household.Stream(elsewhere, home("far")), household.Created{Household: home("far"), Group: elsewhere, Name: "Abbott far", Primary: ana}),
	)
	list := func(q households.Query) (found []households.Entry) {
		t.Helper()
		q.Limit = 2
		for {
			page, next, err := households.List(t.Context(), pool, q)
			require.NoError(t, err)
			found = append(found, page...)
			if q.Cursor = next; next == "" {
				return found
			}
		}
	}
	names := func(q households.Query) (all []string) {
		t.Helper()
		for _, e := range list(q) {
			all = append(all, e.Name)
		}
		return all
	}
	t.Run("H-1 are listed by name, as letters are sorted and not bytes, over all pages", func(t *testing.T) {
		require.Equal(t, []string{"Abbott family", "Ågren family", "Zander family"}, names(households.Query{Reach: everything()}))
	})
	t.Run("H-3 are those of the primary and of whose place on the team holds", func(t *testing.T) {
		require.Equal(t, []string{"Abbott family", "Ågren family"}, names(households.Query{Reach: of(ben)}))
		require.Empty(t, names(households.Query{Reach: of(cho)}), "the place has ended")
		require.Empty(t, names(households.Query{}))
	})
	t.Run("are found by their name, by their people and by the patients of their charts whom the reader may see", func(t *testing.T) {
		for search, found := range map[string][]string{"AGREN": {"Ågren family"}, "ohara ren": {"Abbott family"}, "mueller zoe": {"Abbott family"}, "family far": nil, "?!": nil} {
			require.Equal(t, found, names(households.Query{Reach: everything(), Roster: everything(), Search: search}), search)
		}
		require.Empty(t, names(households.Query{Reach: everything(), Roster: of(cho), Search: "muller"}), "the chart is beyond the reader")
	})
	t.Run("are found by a chart that the reader may see", func(t *testing.T) {
		require.Equal(t, []string{"Abbott family"}, names(households.Query{Reach: everything(), Roster: of(ben), Chart: ada}))
		require.Empty(t, names(households.Query{Reach: everything(), Roster: of(cho), Chart: ada}))
		require.Empty(t, names(households.Query{Reach: everything(), Roster: everything(), Chart: bob}))
	})
	t.Run("H-2 are found by their primary or secondary professional", func(t *testing.T) {
		require.Equal(t, []string{"Abbott family", "Ågren family"}, names(households.Query{Reach: everything(), Professionals: []id.Member{ben}}))
	})
	t.Run("say how many people and charts they have, and that they are offered", func(t *testing.T) {
		deadline := now.AddDate(0, 0, 7)
		spec.When(on("Abbott family", household.TransferOffered{To: "River", ExpiresAt: deadline}))
		entry := list(households.Query{Reach: of(ben)})[0]
		require.Equal(t, []any{1, 1, households.Offered, ben}, []any{entry.People, entry.Charts, entry.Offered, entry.Primary})
		require.Equal(t, deadline, entry.ExpiresAt.UTC())
		spec.When(on("Abbott family", household.TransferConfirmed{Chart: ada}))
		require.Equal(t, households.Confirmed, list(households.Query{Reach: of(ben)})[0].Offered)
		spec.When(on("Abbott family", household.TransferWithdrawn{}))
		require.Nil(t, list(households.Query{Reach: of(ben)})[0].ExpiresAt)
	})
	t.Run("H-2 the former primary keeps a place or none, and the secondary who becomes primary is none", func(t *testing.T) {
		spec.When(on("Ågren family", household.PrimaryProfessionalChanged{From: ana, To: ben, FormerBecomes: careteam.Clinician}))
		require.Equal(t, []string{"Ågren family", "Zander family"}, names(households.Query{Reach: of(ana)}))
		entry := list(households.Query{Reach: everything(), Search: "agren"})[0]
		require.Equal(t, []any{ben, id.Member{}, []id.Member{ana}}, []any{entry.Primary, entry.Secondary, entry.Team})
	})
	t.Run("what has ended is listed by itself", func(t *testing.T) {
		spec.When(on("Zander family", household.Dissolved{}), on("Abbott family", household.ChartUnlinked{Chart: ada}),
			on("Abbott family", household.PersonRemoved{Person: id.Derive[id.Person]("aunt")}))
		require.Equal(t, []string{"Zander family"}, names(households.Query{Reach: everything(), Ended: true}))
		entry := list(households.Query{Reach: of(ben)})[0]
		require.Equal(t, []any{"Abbott family", 0, 0}, []any{entry.Name, entry.People, entry.Charts})
		require.Empty(t, names(households.Query{Reach: everything(), Search: "ohara"}))
	})
	_, _, err = households.List(t.Context(), pool, households.Query{Reach: everything(), Cursor: "nonsense", Limit: 1})
	require.ErrorContains(t, err, "cursor")
}
