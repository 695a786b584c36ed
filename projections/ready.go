package projections

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"praxis/domain/fault"
	"praxis/projections/read"
)

// Ready returns nil if every projection is running and none has an event waiting for
// longer than Config.ReadyLag. Otherwise it returns a fault whose message names each
// of the others and why, and whose details do so with places in the log:
// "read_models_filling" until the read models have been level with the log once, as
// far as this process knows, since it started or since the database was emptied;
// "read_models_not_ready" from then on, and where none of them is being filled. One
// of which it cannot be found out within 300 ms whether an event waits is not
// ready either. Where all of them are ready, "events_quarantined" names those that let
// streams wait. Whether an instance then leaves the load balancer is for the caller
// to decide.
func (r *Runner) Ready(ctx context.Context) error {
	rows, err := loadRows(ctx, r.Pool, r.Projectors...)
	if err != nil {
		return err
	}
	var schema string
	if err := r.Pool.QueryRow(ctx, "select coalesce(min(tstamp)::text, '') from praxis.migration").Scan(&schema); err != nil {
		return fmt.Errorf("look at the schema: %w", err)
	}
	builds := make([]row, 0, len(r.Projectors))
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		at.Build, at.Name = Build(p), p.Name()
		builds = append(builds, at)
	}
	fills, err := r.fills(ctx, builds)
	if err != nil {
		return err
	}
	lags := r.lags(ctx, builds, 1)
	isFilling, isKnown := false, true
	var told []string
	details := map[string]string{}
	for _, p := range r.Projectors {
		at := rows[p.Name()]
		state := r.judge(at, lags[Build(p)], fills[p.Name()])
		isFilling, isKnown = isFilling || state.isFilling, isKnown && !lags[Build(p)].unknown
		if state.why != "" {
			told = append(told, fmt.Sprintf("The read model %s %s.", p.Name(), state.why))
			details[p.Name()] = state.detail
		}
	}
	isFirst := r.filled.isFirst(schema, isFilling, isKnown)
	if len(told) == 0 {
		return r.quarantined(ctx)
	}
	unready := fault.New(fault.Unavailable, "read_models_not_ready", "%s `praxis projections status` says more.", strings.Join(told, " "))
	if isFirst {
		unready = fault.New(fault.Unavailable, "read_models_filling", "%s `praxis projections status` says more.", strings.Join(told, " "))
	}
	unready.Details = details
	return unready
}

// quarantined names the projections that let streams wait; nil if none does.
func (r *Runner) quarantined(ctx context.Context) error {
	gaps, err := r.gaps(ctx)
	if err != nil {
		return err
	}
	var told []string
	details := map[string]string{}
	for _, p := range r.Projectors {
		switch n := gaps[Build(p)].Parked; n {
		case 0:
			continue
		case 1:
			details[p.Name()] = "1 stream waits"
			told = append(told, fmt.Sprintf("The read model %s lets 1 stream wait behind an event that it cannot apply; everything else goes on.", p.Name()))
		default:
			details[p.Name()] = fmt.Sprintf("%d streams wait", n)
			told = append(told, fmt.Sprintf("The read model %s lets %d streams wait behind events that it cannot apply; everything else goes on.", p.Name(), n))
		}
	}
	if len(told) == 0 {
		return nil
	}
	waits := fault.New(fault.Unavailable, "events_quarantined", "%s `praxis quarantine list` says more.", strings.Join(told, " "))
	waits.Details = details
	return waits
}

// judgement is why a projection is not ready: in words for everybody, and with the
// place in the log for operators. Both are empty if it is.
type judgement struct {
	why, detail string
	// isFilling says that its rows lack events that it is about to apply.
	isFilling bool
}

// fills returns, by name, what a first fill has made so far of builds that hold nothing.
func (r *Runner) fills(ctx context.Context, builds []row) (map[string]row, error) {
	var next []string
	for _, at := range builds {
		if at.isNew() {
			next = append(next, at.Build+nextSuffix)
		}
	}
	fills := map[string]row{}
	if len(next) == 0 {
		return fills, nil
	}
	found, err := read.Rows[row](ctx, r.Pool, "read checkpoints", selectRows, next)
	for _, at := range found {
		fills[at.Name] = at
	}
	return fills, err
}

func (r *Runner) judge(at row, behind lag, fill row) judgement {
	switch {
	case at.State == Stopped && at.Failure != nil:
		f := at.Failure
		why := fmt.Sprintf("is stopped: %s (%s", strings.TrimSuffix(f.Message, "."), f.Code)
		if f.Event != "" {
			why += ", at an event " + f.Event
		}
		return judgement{why: why + ")", detail: "stopped: " + f.String()}
	case at.State == "":
		return judgement{why: "has not been started yet", detail: stateOf(at), isFilling: true}
	case at.State != Running:
		return judgement{why: "is " + stateOf(at), detail: stateOf(at)}
	case fill.State == Building || fill.State == Built:
		how := fmt.Sprintf("being filled: it has %d events so far", fill.Applied)
		if fill.LastEvent != nil {
			how += ", up to those of " + fill.LastEvent.UTC().Format(time.RFC3339)
		}
		return judgement{why: "is " + how, detail: how, isFilling: true}
	case behind.unknown:
		const unknown = "unknown how far behind: the event store did not say in time what lies after position "
		return judgement{why: "may be behind; the event store did not say in time how far", detail: unknown + at.String(), isFilling: at.isNew()}
	case behind.age > r.ReadyLag:
		why := fmt.Sprintf("behind by %s", behind.age.Round(time.Second))
		return judgement{why: "is " + why, detail: why, isFilling: true}
	}
	return judgement{}
}

// filled remembers whether the read models of a schema were ever level with the log.
type filled struct {
	mu     sync.Mutex
	schema string
	isOnce bool
}

// isFirst reports whether the read models are being filled for the first time, as far
// as this process knows.
func (f *filled) isFirst(schema string, isFilling, isKnown bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.schema != schema {
		f.schema, f.isOnce = schema, false
	}
	f.isOnce = f.isOnce || !isFilling && isKnown
	return !f.isOnce && isFilling
}
