// Package readiness finds out which parts of a server are ready: each within its
// time, all at once, and whatever hangs. It tells a server that cannot serve from
// one that serves and has trouble with a part of what it does.
package readiness

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"praxis/domain/fault"
)

// State says how a part is.
type State string

// The states, from good to bad.
const (
	Ready State = "ready"
	// Degraded parts do not keep the server from serving.
	Degraded State = "degraded"
	// Unavailable parts do: requests should go to another server.
	Unavailable State = "unavailable"
)

// Part is one part of a server.
type Part struct {
	Name string
	// Check returns nil, or why the part is not ready: a fault whose message is safe
	// to show. It is given up on when its time is over, even if it does not return.
	Check func(context.Context) error
	// Degrades reports whether the server can serve in spite of the error; nil means
	// never. What a part that is not asked for itself does not know never degrades more.
	Degrades func(error) bool
	// Needs names the parts that Check asks. While one of them is unavailable, nothing
	// is known of this one.
	Needs []string
}

// Finding is what was found of a part.
type Finding struct {
	Part  string
	State State
	// Fault says why it is not ready, and is nil if it is. Err has the causes behind
	// it, for the log.
	Fault *fault.Error
	Err   error
}

// key tells findings apart that are worth a line in the log: how it is and why, and of a
// part that is only degraded what of it is concerned, but not the figures that change
// all the time.
func (f Finding) key() string {
	switch {
	case f.Fault == nil:
		return string(f.State)
	case f.State == Unavailable:
		return string(f.State) + " " + f.Fault.Code
	}
	return strings.Join(append([]string{string(f.State), f.Fault.Code}, slices.Sorted(maps.Keys(f.Fault.Details))...), " ")
}

// The names of parts that others know, too.
const (
	// Server is the server itself.
	Server     = "server"
	EventStore = "event_store"
	Database   = "database"
)

var errStopping = fault.New(fault.Unavailable, "server_stopping", "This server is about to stop. It still answers what it is sent; send new requests to another one.")

// Board asks the parts of one server. Its fields are set before its first use.
type Board struct {
	Parts []Part
	// Timeout is how long one part may take.
	Timeout time.Duration
	// Logger gets one line when a part changes, none while it stays as it is.
	Logger *slog.Logger

	looking singleflight.Group

	mu       sync.Mutex
	stopping bool
	last     map[string]string
	// busy are the parts whose last check has not returned yet.
	busy map[string]bool
}

// Stop makes the server unavailable for good, whatever its parts are: it is about
// to end.
func (b *Board) Stop() {
	b.mu.Lock()
	b.stopping = true
	b.mu.Unlock()
}

// IsStopping reports whether Stop was called.
func (b *Board) IsStopping() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stopping
}

// Look asks every part, all at once, and returns one finding for each, in order. It
// takes hardly longer than Timeout; any number of callers at once cost one look.
func (b *Board) Look(ctx context.Context) []Finding {
	var found []Finding
	select {
	case l := <-b.looking.DoChan("", func() (any, error) { return b.look(context.WithoutCancel(ctx)), nil }):
		found, _ = l.Val.([]Finding)
	case <-ctx.Done():
	}
	if b.IsStopping() {
		found = append(slices.Clone(found), Finding{Part: Server, State: Unavailable, Fault: errStopping, Err: errStopping})
	}
	return found
}

func (b *Board) look(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	found := make([]Finding, len(b.Parts))
	var all sync.WaitGroup
	for n, p := range b.Parts {
		all.Go(func() { found[n] = b.ask(ctx, p) })
	}
	all.Wait()
	states := map[string]State{}
	for _, f := range found {
		states[f.Part] = f.State
	}
	for n, p := range b.Parts {
		for _, needed := range p.Needs {
			if found[n].State != Ready && states[needed] == Unavailable {
				unknown := fault.New(fault.Unavailable, "unknown", "Nothing is known of it while %s is unavailable.", needed)
				found[n] = Finding{Part: p.Name, State: Degraded, Fault: unknown, Err: unknown}
				break
			}
		}
	}
	b.tell(found)
	return found
}

// ask asks one part, for as long as it may take.
func (b *Board) ask(ctx context.Context, p Part) Finding {
	silent := fault.New(fault.Unavailable, "no_answer", "It does not answer within %s.", b.Timeout)
	if !b.begin(p.Name) {
		// The last check hangs; another one would only hang beside it.
		return p.finding(silent)
	}
	answered := make(chan error, 1)
	go func() {
		err := p.Check(ctx)
		// First ended, then answered: the next look may follow at once.
		b.end(p.Name)
		answered <- err
	}()
	select {
	case err := <-answered:
		if errors.Is(err, context.DeadlineExceeded) {
			err = silent.Because(err)
		}
		return p.finding(err)
	case <-ctx.Done():
		return p.finding(silent)
	}
}

func (b *Board) begin(part string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[part] {
		return false
	}
	if b.busy == nil {
		b.busy = map[string]bool{}
	}
	b.busy[part] = true
	return true
}

func (b *Board) end(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.busy, part)
}

func (p Part) finding(err error) Finding {
	switch {
	case err == nil:
		return Finding{Part: p.Name, State: Ready}
	case p.Degrades != nil && p.Degrades(err):
		return Finding{Part: p.Name, State: Degraded, Fault: fault.From(err), Err: err}
	}
	return Finding{Part: p.Name, State: Unavailable, Fault: fault.From(err), Err: err}
}

// tell logs what is not as it was at the last look.
func (b *Board) tell(found []Finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.last = map[string]string{}
	}
	for _, f := range found {
		was := b.last[f.Part]
		b.last[f.Part] = f.key()
		switch {
		case b.Logger == nil, was == f.key(), was == "" && f.State == Ready:
		case f.State == Ready:
			b.Logger.Info("a part is ready again", "part", f.Part)
		default:
			b.Logger.Warn("a part is not ready", "part", f.Part, "state", string(f.State), "code", f.Fault.Code, "reason", f.Fault.Message, "error", f.Err)
		}
	}
}
