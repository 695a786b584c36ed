package projections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// The pace at which WaitFor looks at rows that another process moves.
const (
	waitFirst = 2 * time.Millisecond
	waitMost  = 25 * time.Millisecond
)

// WaitFor returns once the named projections, or all of them if none is named,
// hold everything up to a position: whoever reads then sees the writes that led
// to it. It waits as long as ctx allows and gives up at once on a stopped
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
	var last *fault.Error
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
// one query: whoever asks for a position that is far away, or never comes, must
// not take the database from others.
func (r *Runner) sharedRows(ctx context.Context) (map[string]row, error) {
	looked := r.looking.DoChan("rows", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedTime)
		defer cancel()
		return loadRows(ctx, r.Pool, r.names()...)
	})
	select {
	case l := <-looked:
		rows, _ := l.Val.(map[string]row)
		return rows, l.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var errBehind = fault.New(fault.Unavailable, "read_model_behind", "What you ask for does not show your latest change yet. The change is kept; ask again shortly.")

// behind returns why the rows are not all at a position, nil if they are. final
// says that waiting cannot help.
func behind(rows map[string]row, names []string, position es.Position) (why *fault.Error, final bool) {
	for _, n := range names {
		at := rows[n]
		reached := !at.position.Before(position)
		switch {
		case at.state == Stopped && !reached:
			stopped := fault.New(fault.Unavailable, errBehind.Code, "The read model %s is stopped after a failure and does not show your latest change. The change is kept; an operator has to resume or rebuild the read model.", n)
			return stopped.With("projection", n), true
		case at.state == Rebuilding:
			why = fault.New(fault.Unavailable, errBehind.Code, "The read model %s is being rebuilt. Your change is kept; ask again later.", n).With("projection", n)
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
	if _, err := r.find(name); err != nil {
		return es.Position{}, err
	}
	rows, err := loadRows(ctx, r.Pool, name)
	return rows[name].position, err
}
