package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// Rosters lists the charts of practices for decisions that span many charts. It
// is a read model and may lag: what is decided by it alone can be mended, and a
// process that finds a chart more deals with it too.
type Rosters interface {
	// ChartsOf returns every chart of the practice, archived ones too.
	ChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error)
	// CurrentChartsOf is ChartsOf with everything that had been recorded when it
	// was called: it waits for the read model, as long as ctx allows. It is for what
	// nothing mends afterwards.
	CurrentChartsOf(ctx context.Context, g id.Group) ([]group.ChartFacts, error)
	// GuardsOf returns what is set on the practice's charts themselves, of those on which
	// anything is.
	GuardsOf(ctx context.Context, g id.Group) ([]access.Guard, error)
}

// errNoRosters answers commands that cannot be decided without knowing the charts.
var errNoRosters = fault.New(fault.Unavailable, "rosters_unavailable", "The practice's charts cannot be looked up at the moment. Nothing was changed; try again shortly.")

// roster returns the practice's charts; none where nothing lists them.
func (e *Engine) roster(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	if e.config.Rosters == nil {
		return nil, nil
	}
	return e.config.Rosters.ChartsOf(ctx, g)
}

// guarded adds to a member what is set on the charts of their practice, so that their reach
// with a capability that is about charts leaves out, and takes in, what it must. Of a chart
// that a command or a query names, the chart itself says it, read to its tail.
func (e *Engine) guarded(ctx context.Context, actor *access.Subject, g id.Group, c access.Capability) (err error) {
	if e.config.Rosters != nil && actor.Kind == access.KindMember && c.OfCharts() {
		actor.Guards, err = e.config.Rosters.GuardsOf(ctx, g)
	}
	return err
}

// needRoster is roster for commands that cannot do without.
func (e *Engine) needRoster(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	if e.config.Rosters == nil {
		return nil, errNoRosters
	}
	return e.config.Rosters.ChartsOf(ctx, g)
}

// needCurrentRoster is needRoster for commands whose result is not checked
// again later.
func (e *Engine) needCurrentRoster(ctx context.Context, g id.Group) ([]group.ChartFacts, error) {
	if e.config.Rosters == nil {
		return nil, errNoRosters
	}
	return e.config.Rosters.CurrentChartsOf(ctx, g)
}

// count returns how many charts a condition holds for.
func count(charts []group.ChartFacts, holds func(group.ChartFacts) bool) (n int) {
	for _, c := range charts {
		if holds(c) {
			n++
		}
	}
	return n
}

// primaryOf returns how many charts have a member as their primary.
func primaryOf(charts []group.ChartFacts, m id.Member) int {
	return count(charts, func(f group.ChartFacts) bool { return f.Primary == m })
}
