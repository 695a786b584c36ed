package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"praxis/domain/fault"
)

// stopping is the end of a server: from when it was asked to end, all of it
// together has one time limit.
type stopping struct {
	limit time.Duration
	once  sync.Once
	began time.Time
}

// begin starts the clock, unless it runs already.
func (s *stopping) begin() { s.once.Do(func() { s.began = now() }) }

// within runs a step that must be over when the given part of the limit is.
func (s *stopping) within(part float64, f func(context.Context) error) error {
	s.begin()
	ctx, cancel := context.WithDeadline(context.Background(), s.began.Add(time.Duration(part*float64(s.limit))))
	defer cancel()
	return f(ctx)
}

// partOfRequests is the part of the limit after which requests that still run are cut
// off: what is left is for closing the stores.
const partOfRequests = 0.75

// within runs a closing step that must not hang the process.
func within(limit time.Duration, f func(context.Context) error) error {
	return (&stopping{limit: limit}).within(1, f)
}

// bounded runs f and returns when it has ended, or when its share of the time that
// ctx leaves is over: then it is left behind, and the fault "stopped_late" names it.
func bounded(ctx context.Context, name string, share int, f func(context.Context) error) error {
	deadline, _ := ctx.Deadline()
	left := time.Until(deadline)
	own, cancel := context.WithTimeout(ctx, left/time.Duration(share))
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- f(own) }()
	// What heeds its context gets a moment more to return.
	late := time.NewTimer(left/time.Duration(share) + left/time.Duration(4*share))
	defer late.Stop()
	select {
	case err := <-ended:
		return err
	case <-late.C:
		return fault.New(fault.Unavailable, "stopped_late", "Praxis ended without waiting any longer for %s. Nothing that was acknowledged is lost.", name)
	}
}

// drain waits, after SIGTERM, until balancers have noticed that this server is about
// to end, or until it ends by itself. Ctrl-C at a terminal skips this wait.
func (i *installation) drain(ctx, running context.Context) {
	isTerminated := strings.HasPrefix(context.Cause(ctx).Error(), syscall.SIGTERM.String())
	period := min(i.config.DrainPeriod, i.config.ShutdownTimeout/2)
	if !isTerminated || period == 0 {
		return
	}
	i.logger.Info("stopping: no longer ready, still taking requests", "for", period.String())
	t := time.NewTimer(period)
	defer t.Stop()
	select {
	case <-t.C:
	case <-running.Done():
	}
}

// closeWeb takes no more connections, waits for the requests that run and then cuts
// them off.
func closeWeb(ctx context.Context, web *http.Server) error {
	err := web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(errCutOff, web.Close())
	}
	return err
}

var errCutOff = fault.New(fault.Unavailable, "stopped_late", "Praxis ended while requests still ran, and cut them off. Clients repeat their commands with the same Idempotency-Key.")
