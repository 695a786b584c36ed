package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	journal "praxis/adapters/processes"
	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/es"
	"praxis/domain/id"
)

// fill writes the log and fills the read models from it as a rebuild does, unless that
// is done.
func (s *scale) fill(ctx context.Context) (err error) {
	i, err := open(ctx, s.config, newLogger(s.config, io.Discard), opening{isServer: true}, io.Discard)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(s.config.ShutdownTimeout, i.close)) }()
	if s.state.Written == 0 {
		if err := s.rebuilt(ctx, i); err != nil {
			return err
		}
	}
	// What processes would have done in these practices they have done: it is in the log.
	tail, err := i.store.Tail(ctx)
	for _, p := range i.processes.Processes {
		err = errors.Join(err, journal.New(i.pool).Register(ctx, p.Name, tail))
	}
	return errors.Join(err, writeState(filepath.Join(s.config.DataDir, scaleFile), s.state))
}

func (s *scale) rebuilt(ctx context.Context, i *installation) error {
	start := time.Now()
	written, err := s.write(ctx, i)
	if err != nil {
		return err
	}
	took := time.Since(start)
	s.add(bench.Row{What: fmt.Sprintf("the log is written: %d events", written), PerSecond: float64(written) / took.Seconds()})
	start = time.Now()
	if err := i.runner.Rebuild(ctx, nil, nil); err != nil {
		return err
	}
	took = time.Since(start)
	what := fmt.Sprintf("all read models are rebuilt in %s; events of the log", took.Round(time.Second/10))
	s.add(bench.Row{What: what, PerSecond: float64(written) / took.Seconds()})
	if _, err := i.pool.Exec(ctx, "vacuum analyze"); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	s.state.Written = written
	return nil
}

// write has the practices live, and appends their streams, many at once.
func (s *scale) write(ctx context.Context, i *installation) (int, error) {
	const writers = 64
	var written atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for n := range 1 + smallGroups {
		shape, err := s.shape(ctx, n)
		if err != nil {
			return 0, err
		}
		err = lives.Tell(n, shape, func(st lives.Stream) error {
			group.Go(func() error {
				written.Add(int64(len(st.Events)))
				return appendWhole(ctx, i, st)
			})
			return ctx.Err()
		})
		if err := errors.Join(err, ctx.Err()); err != nil {
			return 0, errors.Join(fmt.Errorf("the life of a practice: %w", err), group.Wait())
		}
	}
	return int(written.Load()), group.Wait()
}

// appendWhole appends a stream, as much of it at once as the store takes well.
func appendWhole(ctx context.Context, i *installation, st lives.Stream) error {
	const atOnce = 100
	var proposed []es.Proposed
	for n, e := range st.Events {
		meta := es.Metadata{Actor: "member:" + id.Derive[id.Member]("bench").String(), Command: id.Derive[id.Command](string(st.Name), fmt.Sprint(n))}
		name, data, metadata, err := i.registry.Encode(e, es.Subject{}, meta)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		proposed = append(proposed, es.Proposed{ID: id.New[id.Event](), Type: name, Data: data, Metadata: metadata})
		if len(proposed) < atOnce && n < len(st.Events)-1 {
			continue
		}
		if _, err := i.store.Append(ctx, st.Name, es.At(es.Revision(n-len(proposed))), proposed); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		proposed = nil
	}
	return nil
}
