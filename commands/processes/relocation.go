package processes

import (
	"context"
	"fmt"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// relocation is how the charts of somebody who left or came back, or of a place that
// closed, are moved: chart by chart, until none is left. I names whom or what it is of.
type relocation[I interface {
	~[16]byte
	fmt.Stringer
}] struct {
	Config
	// process is the name of the process, and command of what it sends.
	process, command string
	// starts and ends say of which relocation an event of the practice is the start or
	// the end, if it is one's; a start that comes again has it tried again at once.
	starts, ends func(group.Event) I
	// remains reports a chart that is still to be moved.
	remains func(group.ChartFacts, I) bool
	// move moves one chart; a chart that was moved already is left alone.
	move func(context.Context, commands.Call, id.Chart, I) error
	// leaves reports the event of a chart with which it was moved.
	leaves func(chart.Event, I) bool
	// complete says that none is left, and how many were moved in all. Where it
	// finds one that is, it is refused with "charts_remain".
	complete func(ctx context.Context, call commands.Call, of I, moved int) error
}

// againTimer is the kind of the timers of relocations that are not done.
const againTimer = "again"

// definition is the process of the relocations.
func (r relocation[I]) definition() process.Process {
	return process.Process{
		Name: r.process, Categories: []es.Category{group.Category},
		OnEvent: r.react,
		OnTimer: timers{againTimer: about(func(t process.Timer, of I) []process.Effect {
			return persistently(r.send(t.Group, of), t.Key, t.FiredAt)
		})}.fire,
	}
}

func (r relocation[I]) send(g id.Group, of I) process.Send {
	return process.Send{Group: g, Command: r.command, Give: func(ctx context.Context, call commands.Call) error {
		return r.relocate(ctx, call, of)
	}}
}

func (r relocation[I]) react(env es.Envelope) ([]process.Effect, error) {
	g, _ := env.Stream.Group()
	event, _ := env.Event.(group.Event)
	if _, closed := event.(group.GroupClosed); closed {
		return cancelTimers(g), nil
	}
	var none I
	if of := r.starts(event); of != none {
		return persistently(r.send(g, of), key(againTimer, of), env.RecordedAt), nil
	}
	if of := r.ends(event); of != none {
		return []process.Effect{process.ClearTimer{Group: g, Key: key(againTimer, of)}}, nil
	}
	return nil, nil
}

// sweeps bounds how often charts are looked for that were opened while the others
// were moved; each sweep finds fewer.
const sweeps = 10

// relocate moves every chart and says that it is done. Each chart has a command id
// of its own, so that a repetition after a crash moves what is left. A chart that a
// rule keeps where it is holds up no other one.
func (r relocation[I]) relocate(ctx context.Context, call commands.Call, of I) error {
	since, running, err := r.since(ctx, call.Group, of)
	if err != nil || !running {
		return err
	}
	for range sweeps {
		if err = r.sweep(ctx, call, of); err != nil {
			return err
		}
		var moved int
		if moved, err = r.moved(ctx, call.Group, since, of); err != nil {
			return err
		}
		err = r.complete(ctx, part(call, "complete"), of, moved)
		if err == nil || fault.From(err).Code != "charts_remain" {
			return err
		}
	}
	return err
}

// sweep moves the charts that are to be moved now. It returns the first refusal
// after it has tried them all, and a failure that may pass at once.
func (r relocation[I]) sweep(ctx context.Context, call commands.Call, of I) error {
	charts, err := r.Charts.CurrentChartsOf(ctx, call.Group)
	if err != nil {
		return err
	}
	var first error
	for _, f := range charts {
		if !r.remains(f, of) {
			continue
		}
		err := r.move(ctx, part(call, "chart", f.Chart.String()), f.Chart, of)
		if MayPass(err) {
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
func (r relocation[I]) since(ctx context.Context, g id.Group, of I) (started es.Position, running bool, err error) {
	err = r.each(ctx, g, "look for what moves charts", func(env es.Envelope) {
		event, ok := env.Event.(group.Event)
		switch {
		case ok && !running && r.starts(event) == of:
			started, running = env.Position, true
		case ok && r.ends(event) == of:
			running = false
		}
	})
	return started, running, err
}

// moved counts the charts that were moved since the relocation started, no
// matter by whom. It comes from the log, because a count kept in memory would
// begin anew after a crash.
func (r relocation[I]) moved(ctx context.Context, g id.Group, since es.Position, of I) (int, error) {
	charts := map[es.Stream]bool{}
	for rec, err := range r.Log.ReadAll(ctx, []es.Category{chart.Category}, since) {
		if err != nil {
			return 0, fmt.Errorf("count moved charts: %w", err)
		}
		if owner, _ := rec.Stream.Group(); owner != g {
			continue
		}
		env, err := r.Registry.Decode(rec)
		if err != nil {
			return 0, err
		}
		if event, ok := env.Event.(chart.Event); ok && r.leaves(event, of) {
			charts[rec.Stream] = true
		}
	}
	return len(charts), nil
}
