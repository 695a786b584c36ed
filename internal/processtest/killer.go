package processtest

import (
	"context"
	"sync"

	"praxis/commands/process"
	"praxis/domain/fault"
)

// Never is a place at which nothing is killed any more: no test has so many.
const Never = 1 << 30

// Killer kills a runner at the n-th of the places at which it touches the world.
// From then on nothing that the runner does reaches anything, as after kill -9.
type Killer struct {
	mu    sync.Mutex
	left  int
	kill  context.CancelFunc
	dead  bool
	where string
}

// NewKiller spares n places and kills at the next.
func NewKiller(n int) *Killer { return &Killer{left: n, kill: func() {}} }

var errKilled = fault.New(fault.Unavailable, "killed", "The process was killed.")

// At passes a place; it returns an error at the place of death and ever after.
func (k *Killer) At(where string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return errKilled
	}
	if k.left--; k.left < 0 {
		k.dead, k.where = true, where
		k.kill()
		return errKilled
	}
	return nil
}

// Mortal is run, ended at the place of death; a killer may go from one run to the
// next.
func (k *Killer) Mortal(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, kill := context.WithCancel(ctx)
		defer kill()
		k.mu.Lock()
		k.kill = kill
		k.mu.Unlock()
		return run(ctx)
	}
}

// Died reports whether the place of death was reached.
func (k *Killer) Died() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

// Where names the place of death, "" before it is reached.
func (k *Killer) Where() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.where
}

// MortalJournal is a journal as a runner that is to be killed sees it: a commit
// dies before or after it is kept.
type MortalJournal struct {
	process.Journal
	Killer *Killer
}

// Leads is the lease of a runner that believes to lead whatever others believe: one that
// was killed before leads no more.
type Leads struct{}

// Lead implements follower.Leases.
func (Leads) Lead(ctx context.Context, _ string, work func(context.Context)) error {
	work(ctx)
	return context.Cause(ctx)
}

// Commit keeps a step unless the runner dies before that.
func (j MortalJournal) Commit(ctx context.Context, p string, from process.Checkpoint, s process.Step) (process.Checkpoint, error) {
	if err := j.Killer.At("before commit"); err != nil {
		return process.Checkpoint{}, err
	}
	at, err := j.Journal.Commit(ctx, p, from, s)
	if err == nil {
		err = j.Killer.At("after commit")
	}
	return at, err
}
