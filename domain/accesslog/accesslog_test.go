package accesslog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

func TestGolden(t *testing.T) {
	estest.Golden[accesslog.Event](
		t, accesslog.Events(),
		accesslog.AccessRefused{Action: "roster.list", Capability: access.RosterView, Rule: "default_deny", Target: "roster"},
		accesslog.OutsiderRefused{Action: "roster.list", Group: id.MustParse[id.Group]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"), Unrecorded: 12},
		accesslog.DataExported{
			What: "roster", Rows: 200, Filter: "status=active", SHA256: "9f86d081884c7d65", AsOf: "12.12",
			ExportedBy: id.MustParse[id.Member]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"),
		},
		accesslog.RecordsViewed{
			Operation: "listCharts", Section: "charts", Capability: access.RosterView, Charts: []id.Chart{id.MustParse[id.Chart]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")},
			ChartsTotal: 812, Filters: []string{"search", "sort"}, Reflects: "12.12",
		},
		accesslog.SignedIn{AuthenticatedAt: time.Date(2026, 3, 2, 13, 59, 0, 0, time.UTC)},
	)
}

func TestStream(t *testing.T) {
	g := id.MustParse[id.Group]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")
	t.Run("is one per group and UTC day", func(t *testing.T) {
		newYork := time.FixedZone("EST", -5*3600)
		at := time.Date(2026, 1, 5, 22, 0, 0, 0, newYork)
		require.Equal(t, "accessLog-018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e+20260106", string(accesslog.Stream(g, at)))
	})
}

func TestNewRecordsViewed(t *testing.T) {
	one, other := id.Derive[id.Chart]("one"), id.Derive[id.Chart]("other")
	t.Run("a chart is named once, in the order in which it was shown", func(t *testing.T) {
		v := accesslog.NewRecordsViewed(accesslog.RecordsViewed{Charts: []id.Chart{other, one, {}, other}})
		require.Equal(t, accesslog.RecordsViewed{Charts: []id.Chart{other, one}}, v)
	})
	t.Run("of more than the record names it has the number", func(t *testing.T) {
		var many []id.Chart
		for n := range accesslog.MaxCharts + 1 {
			many = append(many, id.Derive[id.Chart](string(rune('a'+n))))
		}
		v := accesslog.NewRecordsViewed(accesslog.RecordsViewed{Charts: many})
		require.Equal(t, many[:accesslog.MaxCharts], v.Charts)
		require.Equal(t, accesslog.MaxCharts+1, v.ChartsTotal)
	})
}
