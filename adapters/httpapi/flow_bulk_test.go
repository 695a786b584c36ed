package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/adapters/postgres/lease"
	journal "praxis/adapters/processes"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/internal/runtest"
)

type bulkAnswer struct {
	Phase                                    string
	StartedBy, Undoes                        string
	Charts, Done, Changed, Unchanged, Failed int
	Results                                  []struct{ Chart, Outcome, Code, Message string }
	NextAfter                                int
}

func TestTheSameIsDoneToManyCharts(t *testing.T) {
	var config processes.Config
	s := newStack(t, with(func(c *httpapi.Config) { config = processes.Config{Engine: c.Engine, Registry: c.Registry} }))
	p := s.staffed()
	ada, bea, dan := p.open("carla", "Ada", "Abbott", "carla"), p.open("carla", "Bea", "Abbott", "carla"), p.open("david", "Dan", "Dean", "david")
	path := p.path("/charts/bulk")
	// carried runs the process until the operation is over, and returns it.
	carried := func(as, which string) (b bulkAnswer) {
		r, err := process.NewRunner(process.Config{
			Source: s.store, Registry: s.registry, Journal: journal.New(s.pool), Processes: []process.Process{processes.Bulks(config)},
			Clock: s.clock.Now, Tick: time.Millisecond, Logger: slog.New(slog.DiscardHandler), Leases: lease.New(s.pool.Config().ConnConfig, lease.Config{}),
		})
		require.NoError(t, err)
		stop := runtest.Start(t, r.Run)
		defer stop()
		runtest.Until(t, func(context.Context) string {
			s.clock.Pass(time.Second)
			p.get(as, path+"/"+which).into(&b)
			return b.Phase
		}, func(phase string) bool { return phase == "completed" || phase == "refused" || phase == "cancelled" })
		return b
	}
	var archived string
	p.run(t, "C-4 charts are archived by a filter, and each has an answer", func(t *testing.T) {
		p.post("carla", path, object{"op": "archive", "reason": "The practice moved", "charts": []string{ada}}).refused(http.StatusForbidden, "permission_denied")
		s.settle()
		archived = p.post("olivia", path, object{"op": "archive", "reason": "The practice moved", "filter": object{"search": "abbott"}}).done().ID
		b := carried("olivia", archived)
		require.Equal(t, p.members["olivia"], b.StartedBy)
		require.Equal(t, []int{2, 2, 2, 0, 0}, []int{b.Charts, b.Done, b.Changed, b.Unchanged, b.Failed})
		require.Equal(t, []string{ada, bea}, []string{b.Results[0].Chart, b.Results[1].Chart})
		p.post("olivia", p.path("/charts/", ada, "/archive"), object{"reason": "again"}).refused(http.StatusUnprocessableEntity, "already_archived")
	})
	p.run(t, "AMB-17 a chart that refuses says why, and the others are changed", func(t *testing.T) {
		b := carried("olivia", p.post("olivia", path, object{"op": "change_status", "status": "inactive", "charts": []string{ada, dan}}).done().ID)
		require.Equal(t, []int{2, 1, 0, 1}, []int{b.Done, b.Changed, b.Unchanged, b.Failed})
		require.Equal(t, "chart_archived", b.Results[0].Code)
		require.Equal(t, "This chart is archived and read-only. Unarchive it first.", b.Results[0].Message)
	})
	p.run(t, "a page of the answers, and those with one outcome", func(t *testing.T) {
		var first, rest, none bulkAnswer
		p.get("olivia", path+"/"+archived+"?limit=1").into(&first)
		require.Equal(t, []int{1, 1}, []int{len(first.Results), first.NextAfter})
		p.get("olivia", path+"/"+archived+"?limit=1&after=1").into(&rest)
		require.Equal(t, bea, rest.Results[0].Chart)
		require.Zero(t, rest.NextAfter)
		p.get("olivia", path+"/"+archived+"?outcome=failed").into(&none)
		require.Empty(t, none.Results)
	})
	p.run(t, "to others the operation does not exist", func(t *testing.T) {
		p.get("carla", path+"/"+archived).refused(http.StatusNotFound, "bulk_not_found")
		p.get("carla", path+"/"+p.group).refused(http.StatusNotFound, "bulk_not_found")
		p.send("carla", http.MethodDelete, path+"/"+archived, nil).refused(http.StatusNotFound, "bulk_not_found")
	})
	p.run(t, "AMB-17 it is taken back, once it is over", func(t *testing.T) {
		p.send("olivia", http.MethodDelete, path+"/"+archived, nil).refused(http.StatusUnprocessableEntity, "bulk_ended")
		b := carried("olivia", p.post("olivia", path+"/"+archived+"/undo", nil).done().ID)
		require.Equal(t, archived, b.Undoes)
		require.Equal(t, 2, b.Changed)
		s.settle()
		var chart struct{ Archived bool }
		p.get("olivia", p.path("/charts/", ada)).into(&chart)
		require.False(t, chart.Archived)
	})
}
