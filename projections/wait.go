package projections

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// The pace at which WaitFor looks at rows that another process moves.
const (
	waitFirst = 2 * time.Millisecond
	waitMost  = 25 * time.Millisecond
)

// The pace at which WaitFor asks the log whether anything lies between a
// projection and the position that is waited for: the first time after
// askFirst, and then at intervals that double up to askMost.
const (
	askFirst = 100 * time.Millisecond
	askMost  = 5 * time.Second
)

// WaitFor returns once the named projections, or all of them if none is named,
// hold everything up to a position: a reader then sees the writes that led to
// it. The position may be that of an event of another application, or lie
// between events: a projection that has every event of its own up to there is
// there. It waits as long as ctx allows and gives up at once on a stopped
// projection. Faults: "read_model_behind" (Unavailable, with the detail
// "projection"), "unknown_projection".
func (r *Runner) WaitFor(ctx context.Context, position es.Position, names ...string) error {
	for _, n := range names {
		if _, err := r.find(n); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		names = r.names()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last *fault.Error
	asking, ask, passed := askFirst, time.NewTimer(askFirst), make(chan map[string]row, 1)
	defer ask.Stop()
	for delay := waitFirst; ; delay = min(2*delay, waitMost) {
		changed := r.signal.next()
		rows, err := r.sharedRows(ctx)
		switch {
		case err == nil:
			var final bool
			if last, final = behind(rows, names, position); last == nil {
				return nil
			} else if final {
				return last
			}
		case ctx.Err() == nil && !transient(err):
			return fmt.Errorf("wait for read models: %w", err)
		}
		t := time.NewTimer(delay)
		select {
		case <-changed:
		case <-t.C:
		case <-ask.C:
			go func() { passed <- r.passedOver(ctx, rows, position) }()
		case further := <-passed:
			if why, _ := behind(further, names, position); why == nil {
				t.Stop()
				return nil
			}
			asking = min(2*asking, askMost)
			ask.Reset(asking)
		case <-ctx.Done():
			t.Stop()
			if last == nil {
				last = errBehind.With("projection", strings.Join(names, " "))
			}
			return last.Because(ctx.Err())
		}
		t.Stop()
	}
}

// sharedTime bounds one look at the rows on behalf of all who wait.
const sharedTime = 5 * time.Second

// sharedRows looks where every projection is. Any number of callers at once cost
// one query: a caller that asks for a position that is far away, or never comes,
// must not take the database from others.
func (r *Runner) sharedRows(ctx context.Context) (map[string]row, error) {
	looked := r.looking.DoChan("rows", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedTime)
		defer cancel()
		return loadRows(ctx, r.Pool, r.Projectors...)
	})
	select {
	case l := <-looked:
		rows, _ := l.Val.(map[string]row)
		return rows, l.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// passedOver returns the rows as they would be if their projections had passed
// over every event of others up to a position. Rows of which this cannot be found
// out in time stay as they are.
func (r *Runner) passedOver(ctx context.Context, rows map[string]row, position es.Position) map[string]row {
	looks := map[string]<-chan singleflight.Result{}
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		if at.State != Running || !at.Before(position) {
			continue
		}
		// Any number of callers at once cost one look.
		looks[p.Name()] = r.looking.DoChan(fmt.Sprintf("%v after %s", p.Categories(), at.Position), func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lagTime)
			defer cancel()
			return r.clearUpTo(ctx, p.Categories(), at.Position)
		})
	}
	further := maps.Clone(rows)
	for name, looked := range looks {
		select {
		case l := <-looked:
			if free, _ := l.Val.(freeStretch); l.Err == nil && free.covers(position) {
				at := further[name]
				at.Position = position
				further[name] = at
			}
		case <-ctx.Done():
			return rows
		}
	}
	return further
}

// freeStretch is a stretch of the log without events of some categories: up
// to before the first one, or up to the log's end.
type freeStretch struct{ before, end es.Position }

func (c freeStretch) covers(p es.Position) bool { return p.Before(c.before) || !c.end.Before(p) }

// clearUpTo finds out how far after a position no event lies.
func (r *Runner) clearUpTo(ctx context.Context, categories []es.Category, after es.Position) (freeStretch, error) {
	end, err := r.Source.Tail(ctx)
	if err != nil {
		return freeStretch{}, err
	}
	for rec, err := range r.Source.ReadAll(ctx, categories, after) {
		return freeStretch{before: rec.Position}, err
	}
	return freeStretch{end: end}, nil
}

var errBehind = fault.New(fault.Unavailable, "read_model_behind", "What you ask for does not show your latest change yet. The change is kept; ask again shortly.")

// behind returns why the rows are not all at a position, nil if they are. final
// says that waiting cannot help.
func behind(rows map[string]row, names []string, position es.Position) (why *fault.Error, final bool) {
	for _, n := range names {
		at := rows[n]
		reached := !at.Before(position)
		switch {
		case at.State == Stopped && !reached:
			stopped := fault.New(fault.Unavailable, errBehind.Code, "The read model %s is stopped after a failure and does not show your latest change. The change is kept; an operator has to resume or rebuild the read model.", n)
			return stopped.With("projection", n), true
		case !reached && why == nil:
			why = errBehind.With("projection", n)
		}
	}
	return why, false
}

// names lists the projections.
func (r *Runner) names() []string {
	names := make([]string, 0, len(r.Projectors))
	for _, p := range r.Projectors {
		names = append(names, p.Name())
	}
	return names
}

// Position returns how far a projection is: its rows hold every event up to
// there. Fault: "unknown_projection".
func (r *Runner) Position(ctx context.Context, name string) (es.Position, error) {
	p, err := r.find(name)
	if err != nil {
		return es.Position{}, err
	}
	rows, err := loadRows(ctx, r.Pool, p)
	return rows[name].Position, err
}
