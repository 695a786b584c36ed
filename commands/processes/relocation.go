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

// relocation is how the charts of somebody who left or came back, or of a place that
// closed, are moved: chart by chart, until none is left.
type relocation struct {
	// starts and ends report the events of the practice between which charts move.
	starts, ends func(group.Event) bool
	// remains reports a chart that is still to be moved.
	remains func(group.ChartFacts) bool
	// move moves one chart; a chart that was moved already is left alone.
	move func(context.Context, commands.Call, id.Chart) error
	// leaves reports the event of a chart with which it was moved.
	leaves func(chart.Event) bool
	// complete says that none is left, and how many were moved in all. Where it
	// finds one that is, it is refused with "charts_remain".
	complete func(ctx context.Context, call commands.Call, moved int) error
}

// relocations makes the process of relocations of one kind, each of which is about
// the thing that I names. C is the command that asks for one, and names it in
// refusals; how says how its charts move.
func relocations[I ~[16]byte, C interface{ ~struct{ Of I } }](c Config, name string, react func(es.Envelope) ([]process.Effect, error), how func(I) relocation) process.Process {
	return process.Process{
		Name: name, Categories: []es.Category{group.Category},
		OnEvent: react,
		OnTimer: func(t process.Timer) ([]process.Effect, error) {
			return relocatingAgain(t, func(of I) any { return C{of} })
		},
		Dispatch: func(ctx context.Context, call commands.Call, command any) error {
			asked, ok := command.(C)
			if !ok {
				return errForeign
			}
			return c.relocate(ctx, call, how(struct{ Of I }(asked).Of))
		},
	}
}

// againKey begins the keys of the timers of relocations that are not done.
const againKey = "again:"

// tryAgain is how long a relocation rests that a rule holds up, for example
// because who should take a chart does not work in its branch.
const tryAgain = time.Hour

// relocating asks for a relocation now, and again later unless it ends before.
func relocating(g id.Group, key string, command any, now time.Time) []process.Effect {
	return []process.Effect{
		process.Send{Group: g, Command: command},
		process.SetTimer{Group: g, Key: againKey + key, Due: now.Add(tryAgain)},
	}
}

// relocated takes back what relocating asked for.
func relocated(g id.Group, key string) []process.Effect {
	return []process.Effect{process.ClearTimer{Group: g, Key: againKey + key}}
}

// relocatingAgain is what follows from a timer of a relocation.
func relocatingAgain[I ~[16]byte](t process.Timer, command func(I) any) ([]process.Effect, error) {
	of, err := id.Parse[I](strings.TrimPrefix(t.Key, againKey))
	if err != nil {
		return nil, err
	}
	return relocating(t.Group, strings.TrimPrefix(t.Key, againKey), command(of), t.FiredAt), nil
}

// sweeps bounds how often charts are looked for that were opened while the others
// were moved; each sweep finds fewer.
const sweeps = 10

// relocate moves every chart and says that it is done. Each chart has a command id
// of its own, so that a repetition after a crash moves what is left. A chart that a
// rule keeps where it is holds up no other one.
func (c Config) relocate(ctx context.Context, call commands.Call, r relocation) error {
	since, running, err := c.since(ctx, call.Group, r)
	if err != nil || !running {
		return err
	}
	for range sweeps {
		if err = c.sweep(ctx, call, r); err != nil {
			return err
		}
		var moved int
		if moved, err = c.moved(ctx, call.Group, since, r); err != nil {
			return err
		}
		err = r.complete(ctx, part(call, "complete"), moved)
		if err == nil || fault.From(err).Code != "charts_remain" {
			return err
		}
	}
	return err
}

// sweep moves the charts that are to be moved now. It returns the first refusal
// after it has tried them all, and a failure that may pass at once.
func (c Config) sweep(ctx context.Context, call commands.Call, r relocation) error {
	charts, err := c.Charts.CurrentChartsOf(ctx, call.Group)
	if err != nil {
		return err
	}
	var first error
	for _, f := range charts {
		if !r.remains(f) {
			continue
		}
		err := r.move(ctx, part(call, "chart", f.Chart.String()), f.Chart)
		if err != nil && !refused(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// since says where in the log the relocation started, and whether it is still
// running.
func (c Config) since(ctx context.Context, g id.Group, r relocation) (started es.Position, running bool, err error) {
	for rec, err := range c.Log.ReadStream(ctx, group.Stream(g), 0) {
		if err != nil {
			return started, false, fmt.Errorf("look for what moves charts: %w", err)
		}
		env, err := c.Registry.Decode(rec)
		if err != nil {
			return started, false, err
		}
		event, ok := env.Event.(group.Event)
		switch {
		case ok && !running && r.starts(event):
			started, running = rec.Position, true
		case ok && r.ends(event):
			running = false
		}
	}
	return started, running, nil
}

// moved counts the charts that were moved since the relocation started, no
// matter by whom. It comes from the log, because a count kept in memory would
// begin anew after a crash.
func (c Config) moved(ctx context.Context, g id.Group, since es.Position, r relocation) (int, error) {
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
		if event, ok := env.Event.(chart.Event); ok && r.leaves(event) {
			charts[rec.Stream] = true
		}
	}
	return len(charts), nil
}
