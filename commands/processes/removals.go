package processes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// moveCharts asks for every chart of a leaver to be given to whom the plan
// names, and for the removal to be completed.
type moveCharts struct{ Leaver id.Member }

// againKey begins the keys of the timers of removals that are not done.
const againKey = "again:"

// tryAgain is how long a removal that a rule holds up rests, for example because
// who should take a chart does not work in its branch. A new plan is followed
// at once.
const tryAgain = time.Hour

// Removals moves the charts of members who left, chart by chart, and completes
// their removal when none is left (AMB-14).
func Removals(c Config) process.Process {
	return process.Process{
		Name: "removals", Categories: []es.Category{group.Category},
		React: reactToRemoval,
		Fire: func(t process.Timer) ([]process.Todo, error) {
			m, err := id.Parse[id.Member](strings.TrimPrefix(t.Key, againKey))
			if err != nil {
				return nil, err
			}
			return moving(t.Group, m, t.Due), nil
		},
		Carry: func(ctx context.Context, call commands.Call, command any) error {
			move, ok := command.(moveCharts)
			if !ok {
				return errForeign
			}
			return c.move(ctx, call, move.Leaver)
		},
	}
}

func reactToRemoval(env es.Envelope) ([]process.Todo, error) {
	g, _ := env.Stream.Group()
	switch e := env.Event.(type) {
	case group.MemberRemovalStarted:
		return moving(g, e.Member, env.RecordedAt), nil
	case group.MemberRemovalReplanned:
		return moving(g, e.Member, env.RecordedAt), nil
	case group.MemberRemoved:
		return []process.Todo{process.ClearTimer{Group: g, Key: againKey + e.Member.String()}}, nil
	}
	return nil, nil
}

func moving(g id.Group, m id.Member, now time.Time) []process.Todo {
	return []process.Todo{
		process.Send{Group: g, Command: moveCharts{m}},
		process.SetTimer{Group: g, Key: againKey + m.String(), Due: now.Add(tryAgain)},
	}
}

// sweeps bounds how often charts are looked for that were opened for the leaver
// while theirs were moved; each sweep finds fewer.
const sweeps = 10

// move gives every chart of the leaver away and completes the removal. Each chart
// has a command id of its own, so that a repetition after a crash moves what is
// left. A chart that a rule keeps where it is holds up no other one.
func (c Config) move(ctx context.Context, call commands.Call, leaver id.Member) error {
	since, running, err := c.removal(ctx, call.Group, leaver)
	if err != nil || !running {
		return err
	}
	for range sweeps {
		if err = c.sweep(ctx, call, leaver); err != nil {
			return err
		}
		var moved int
		if moved, err = c.moved(ctx, call.Group, leaver, since); err != nil {
			return err
		}
		complete := group.CompleteMemberRemoval{Member: leaver, ChartsMoved: moved}
		_, err = c.Engine.CompleteMemberRemoval(ctx, part(call, "complete"), complete)
		if err == nil || fault.From(err).Code != "charts_remain" {
			return err
		}
	}
	return err
}

// sweep moves the charts that the leaver has now. It returns the first refusal
// after it has tried them all, and a failure that may pass at once.
func (c Config) sweep(ctx context.Context, call commands.Call, leaver id.Member) error {
	charts, err := c.Charts.CurrentChartsOf(ctx, call.Group)
	if err != nil {
		return err
	}
	var first error
	for _, f := range charts {
		if f.Primary != leaver {
			continue
		}
		_, err := c.Engine.RehomeChart(ctx, part(call, "chart", f.Chart.String()), f.Chart, leaver)
		if err != nil && !refused(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// removal says where in the log the leaver's removal started, and whether it is
// still running.
func (c Config) removal(ctx context.Context, g id.Group, leaver id.Member) (started es.Position, running bool, err error) {
	for rec, err := range c.Log.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return started, false, fmt.Errorf("look for the removal: %w", err)
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return started, false, err
		}
		switch e := env.Event.(type) {
		case group.MemberRemovalStarted:
			if e.Member == leaver {
				started, running = rec.Position, true
			}
		case group.MemberRemoved:
			running = running && e.Member != leaver
		}
	}
	return started, running, nil
}

// moved counts the charts that the leaver was relieved of since their removal
// started, whoever did it. It comes from the log, because a count kept in memory
// would begin anew after a crash.
func (c Config) moved(ctx context.Context, g id.Group, leaver id.Member, since es.Position) (int, error) {
	charts := map[es.Stream]bool{}
	for rec, err := range c.Log.ReadAll(ctx, []es.Category{chart.Category}, since) {
		if err != nil {
			return 0, fmt.Errorf("count moved charts: %w", err)
		}
		if owner, _ := rec.Stream.Group(); owner != g {
			continue
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return 0, err
		}
		switch e := env.Event.(type) {
		case chart.PrimaryProfessionalChanged:
			charts[rec.Stream] = charts[rec.Stream] || e.From == leaver
		case chart.PlacedInCustody:
			charts[rec.Stream] = charts[rec.Stream] || e.From == leaver
		}
	}
	n := 0
	for _, left := range charts {
		if left {
			n++
		}
	}
	return n, nil
}
