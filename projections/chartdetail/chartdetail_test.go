package chartdetail_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/chartdetail"
	"praxis/projections/projtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

var (
	practice  = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f0")
	elsewhere = id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	one       = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c1")
	partner   = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
	aunt      = id.MustParse[id.Contact]("00000000-0000-4000-8000-0000000000d1")
	uncle     = id.MustParse[id.Contact]("00000000-0000-4000-8000-0000000000d2")
)

func on(event chart.Event) projtest.Event {
	return projtest.Event{Stream: chart.Stream(practice, one), Event: event, At: time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)}
}

func TestChartDetail(t *testing.T) {
	registry, err := es.NewRegistry(es.Plain{}, chart.Events())
	require.NoError(t, err)
	pool := pgtest.New(t)
	spec := projtest.Given(t, projtest.Model{Pool: pool, Registry: registry, Projector: chartdetail.Projector{}},
		on(chart.Created{Chart: one, Group: practice, FamilyName: "Cole"}),
		on(chart.ContactSaved{Contact: uncle, Name: "Uwe", Relation: "Uncle", Phone: "555"}),
		on(chart.ContactSaved{Contact: aunt, Name: "Augusta"}),
	)
	contacts := func(g id.Group, c id.Chart) (names []string) {
		list, err := chartdetail.Contacts(t.Context(), pool, g, c)
		require.NoError(t, err)
		for _, contact := range list {
			names = append(names, contact.Name)
		}
		return names
	}
	responsible := func(g id.Group) chartdetail.Responsible {
		found, err := chartdetail.ResponsibleFor(t.Context(), pool, g, one)
		require.NoError(t, err)
		return found
	}
	t.Run("C-2 contacts stand in the order in which they were added, also after they changed", func(t *testing.T) {
		spec.When(on(chart.ContactSaved{Contact: uncle, Name: "Ulf", Relation: "Uncle", Email: "ulf@example.org", Emergency: true, MayBeCalled: true}))
		require.Equal(t, []string{"Ulf", "Augusta"}, contacts(practice, one))
		list, err := chartdetail.Contacts(t.Context(), pool, practice, one)
		require.NoError(t, err)
		require.Equal(t, chartdetail.Contact{Contact: uncle, Name: "Ulf", Relation: "Uncle", Email: "ulf@example.org", Emergency: true, MayBeCalled: true}, list[0])
	})
	t.Run("who answers is a contact, another chart, or nobody", func(t *testing.T) {
		require.Equal(t, chartdetail.Responsible{}, responsible(practice))
		spec.When(on(chart.ResponsiblePartyNamed{Contact: aunt}))
		require.Equal(t, chartdetail.Responsible{Contact: &aunt}, responsible(practice))
		spec.When(on(chart.ResponsiblePartyNamed{Chart: partner}))
		require.Equal(t, chartdetail.Responsible{Chart: &partner}, responsible(practice))
		spec.When(on(chart.ContactRemoved{Contact: aunt}))
		require.Equal(t, []string{"Ulf"}, contacts(practice, one))
	})
	t.Run("nothing of it is another practice's or another chart's", func(t *testing.T) {
		require.Empty(t, contacts(elsewhere, one))
		require.Empty(t, contacts(practice, partner))
		require.Equal(t, chartdetail.Responsible{}, responsible(elsewhere))
	})
	t.Run("a rebuild gives the same rows", func(*testing.T) {
		spec.Then("select count(*) from contact", `{"count":1}`).Then("select count(*) from responsible_party", `{"count":1}`)
		spec.When(on(chart.ResponsiblePartyCleared{}))
		spec.Then("select count(*) from responsible_party", `{"count":0}`)
	})
}
