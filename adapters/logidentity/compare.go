package logidentity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// The answers. Each goes on to say what is concerned and what mends it.
var (
	errDiffers  = fault.New(fault.Unavailable, "log_differs", "The event log is another one than PostgreSQL was filled from.")
	errSetBack  = fault.New(fault.Unavailable, "log_set_back", "The event log ends before what was read from it: it was set back to an older copy.")
	errReplaced = fault.New(fault.Unavailable, "log_event_replaced", "The event log does not hold what was read from it: it was set back to an older copy, or replaced, and written to since.")
)

// remedy ends every answer.
const remedy = "Nothing is read from it and nothing is changed. Put the right copy back, or run `praxis restore`, which makes everything else fit this log; servers then go on by themselves."

// said is an answer with what is concerned and what mends it.
func said(answer *fault.Error, concerned []Follower, details map[string]string) error {
	full := *answer
	parts := []string{answer.Message}
	if len(concerned) > 0 {
		parts = append(parts, "Concerned: "+named(concerned)+".")
	}
	full.Message = strings.Join(append(parts, remedy), " ")
	full.Details = details
	return &full
}

// named lists followers, each kind together.
func named(all []Follower) string {
	var parts []string
	for _, kind := range []Kind{ReadModel, Process} {
		var names []string
		for _, f := range all {
			if f.Kind == kind {
				names = append(names, f.Name)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			names = slices.Compact(names)
			parts = append(parts, fmt.Sprintf("%s %s", map[bool]string{true: string(kind), false: kind.plural()}[len(names) == 1], strings.Join(names, ", ")))
		}
	}
	return strings.Join(parts, "; ")
}

// compare looks at both stores and returns why the log is not the right one.
func (g *Guard) compare(ctx context.Context) error {
	// Postgres comes first: whatever it has read, the log holds by the time it is asked.
	known, err := loadKnown(ctx, g.Pool)
	if err != nil {
		return err
	}
	inLog, err := g.identity(ctx)
	if err != nil {
		return err
	}
	if !known.id.IsZero() && known.id != inLog {
		ids := map[string]string{"postgresql": known.id.String(), "log": inLog.String()}
		if inLog.IsZero() {
			ids["log"] = "none"
		}
		return said(errDiffers, nil, ids)
	}
	found, err := g.examine(ctx, known.followers)
	if err == nil {
		err = found.answer()
	}
	if err != nil {
		return err
	}
	if inLog.IsZero() {
		if inLog, err = g.identify(ctx); err != nil {
			return err
		}
	}
	if known.id.IsZero() {
		// Another server may have been first, and then the next look compares.
		if err := noteIfNone(ctx, g.Pool, inLog); err != nil {
			return err
		}
	}
	g.mu.Lock()
	g.id = inLog
	g.mu.Unlock()
	return nil
}

// examination is what came of holding every position that is kept against the log.
type examination struct {
	// tail is the end of the log.
	tail es.Position
	// ahead were read further than the log reaches, replaced have read an event that is
	// not where they read it.
	ahead, replaced []Follower
}

// answer returns the fault of what was found, if anything is wrong.
func (x examination) answer() error {
	concerned := slices.Concat(x.ahead, x.replaced)
	if len(concerned) == 0 {
		return nil
	}
	details := map[string]string{"end": x.tail.String()}
	for _, f := range concerned {
		details[string(f.Kind)+" "+f.Name] = f.furthest().String()
	}
	if len(x.ahead) > 0 {
		return said(errSetBack, concerned, details)
	}
	return said(errReplaced, concerned, details)
}

// examine holds every position that is kept against the log. The last event that any of
// them has read stands for all before it, which are looked up once: a log only grows.
func (g *Guard) examine(ctx context.Context, all []Follower) (x examination, err error) {
	if x.tail, err = g.Log.Tail(ctx); err != nil {
		return x, err
	}
	verified, latest := g.begin(all), es.Mark{}
	for _, f := range all {
		if latest.Position.Before(f.Last.Position) {
			latest = f.Last
		}
	}
	delete(verified, latest)
	for _, f := range all {
		isBeyond, err := g.isBeyond(ctx, f, x.tail)
		if err != nil {
			return x, err
		}
		if isBeyond {
			x.ahead = append(x.ahead, f)
			continue
		}
		if f.Last.IsZero() || verified[f.Last] {
			continue
		}
		rec, ok, err := g.Log.EventAt(ctx, f.Last.Position)
		if err != nil {
			return x, err
		}
		if ok && rec.ID == f.Last.ID {
			verified[f.Last] = true
		} else {
			x.replaced = append(x.replaced, f)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.verified = verified
	return x, nil
}

// begin returns those of the events that are kept which were found before.
func (g *Guard) begin(all []Follower) map[es.Mark]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	verified := map[es.Mark]bool{}
	for _, f := range all {
		if g.verified[f.Last] {
			verified[f.Last] = true
		}
	}
	return verified
}

// overhead is what a record of a server's log takes beside the event, at most.
const overhead = 4 << 10

// isBeyond reports whether a follower has read further than the log reaches. The place
// after the last event, which a server names while a reader catches up, is not beyond
// it: it lies behind that event by as much as the event takes.
func (g *Guard) isBeyond(ctx context.Context, f Follower, tail es.Position) (bool, error) {
	switch {
	case tail.Before(f.Last.Position):
		return true, nil
	case !tail.Before(f.Position):
		return false, nil
	case f.Position.Prepare != 0 || tail == es.Position{}:
		return true, nil
	}
	last, ok, err := g.Log.EventAt(ctx, tail)
	size := len(last.Data) + len(last.Metadata) + len(last.Stream) + len(last.Type)
	return !ok || f.Position.Commit-tail.Commit > uint64(size)+overhead, err
}
