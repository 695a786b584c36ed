package logidentity_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/logidentity"
	"praxis/adapters/memstore"
	"praxis/adapters/postgres/pgtest"
	"praxis/adapters/storetest"
	"praxis/domain/es"
)

// replaceable is a log that is exchanged while it is looked at.
type replaceable struct {
	mu  sync.Mutex
	log logidentity.Log
}

func (r *replaceable) current() logidentity.Log {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log
}

func (r *replaceable) exchange(log logidentity.Log) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = log
}

func (r *replaceable) Append(ctx context.Context, stream es.Stream, expected es.Expected, all []es.Proposed) (es.Appended, error) {
	return r.current().Append(ctx, stream, expected, all)
}

func (r *replaceable) ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events {
	return r.current().ReadStream(ctx, stream, from)
}

func (r *replaceable) Tail(ctx context.Context) (es.Position, error) { return r.current().Tail(ctx) }

func (r *replaceable) EventAt(ctx context.Context, at es.Position) (es.Recorded, bool, error) {
	return r.current().EventAt(ctx, at)
}

// What follows a log ends when that is found to be another one, and begins anew when it is
// the right one again.
func TestFoundW1_WhatFollowsTheLogBeginsAnewAfterItWasMended(t *testing.T) {
	pool := pgtest.New(t)
	open := func() storetest.Store { return memstore.New() }
	log := established(t, open, pool)
	under := &replaceable{log: log}
	g := newGuard(t, under, pool)
	began, ended, fails := make(chan struct{}, 10), make(chan struct{}, 10), make(chan error, 1)
	broken := errors.New("broken")
	work := func(ctx context.Context) error {
		began <- struct{}{}
		select {
		case <-ctx.Done():
			ended <- struct{}{}
			return nil
		case err := <-fails:
			return err
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Follow(ctx, work) }()
	<-began
	older := open()
	backup(t, log, older, 4)
	under.exchange(older)
	isRefused(t, "log_set_back", g.Check(t.Context()))
	<-ended
	isRefused(t, "log_set_back", g.Check(t.Context()))
	require.Empty(t, began)
	under.exchange(log)
	<-began
	stop()
	<-ended
	require.NoError(t, <-done)

	fails <- broken
	require.ErrorIs(t, g.Follow(t.Context(), work), broken)
}
