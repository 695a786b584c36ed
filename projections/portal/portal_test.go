package portal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/portal"
	"praxis/projections/projtest"
)

func TestTheChartsOfAnAccount(t *testing.T) {
	practice, elsewhere := id.Derive[id.Group]("practice"), id.Derive[id.Group]("elsewhere")
	own, ward, other := id.Derive[id.Chart]("own"), id.Derive[id.Chart]("ward"), id.Derive[id.Chart]("other")
	parent, neighbour := id.Derive[id.Account]("parent"), id.Derive[id.Account]("neighbour")
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	model := projtest.Model{Pool: pgtest.New(t), Registry: registry, Projector: portal.Projector{}}
	spec := projtest.Given(t, model,
		projtest.On(chart.Stream(practice, own), chart.PatientAccountLinked{Account: parent, Relation: chart.Self}),
		projtest.On(chart.Stream(elsewhere, ward), chart.PatientAccountLinked{Account: parent, Relation: chart.Guardian}),
		projtest.On(chart.Stream(practice, other), chart.PatientAccountLinked{Account: neighbour, Relation: chart.Self}),
	)
	at := func(second int) time.Time { return time.Date(2026, 1, 1, 0, 0, second, 0, time.UTC) }
	found := func() []portal.Link {
		links, err := portal.LinksOf(t.Context(), model.Pool, parent)
		require.NoError(t, err)
		return links
	}
	t.Run("are those that it is linked to, in every practice and in the order of the links", func(t *testing.T) {
		links := found()
		require.Equal(t, []portal.Link{{practice, own, links[0].Since}, {elsewhere, ward, links[1].Since}}, links)
		require.WithinDuration(t, at(1), links[0].Since, time.Second)
	})
	t.Run("end with the link", func(t *testing.T) {
		spec.When(projtest.On(chart.Stream(practice, own), chart.PatientAccountUnlinked{Account: parent}))
		links := found()
		require.Equal(t, []portal.Link{{elsewhere, ward, links[0].Since}}, links)
	})
}
