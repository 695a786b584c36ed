package processes

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"praxis/commands/process"
	"praxis/domain/id"
	"praxis/projections/quarantine"
)

// member is how the quarantine names a process.
func member(name string) string { return "process " + name }

// Aside implements process.Journal.
func (j *Journal) Aside(ctx context.Context, name string) ([]process.Parked, error) {
	entries, err := quarantine.List(ctx, j.pool, member(name))
	if err != nil {
		return nil, classified("read what is parked", err)
	}
	var parked []process.Parked
	for _, e := range entries {
		if e.Status != quarantine.Parked {
			continue
		}
		p := process.Parked{
			ID: e.ID, Scope: e.Scope, Stream: e.Stream, Revision: e.Revision, Timer: e.Timer,
			After: e.After(), Waiting: e.Waiting, Retry: e.Retry,
		}
		if e.Group != nil {
			p.Group = *e.Group
		}
		if e.Event != nil {
			p.Event = *e.Event
		}
		if e.Due != nil {
			p.Due = *e.Due
		}
		if err := json.Unmarshal(e.Failure, &p.Failure); err != nil {
			return nil, fmt.Errorf("read why something is parked: %w", err)
		}
		parked = append(parked, p)
	}
	return parked, nil
}

// setAside keeps what a step changes of the quarantine.
func setAside(ctx context.Context, tx pgx.Tx, name string, s process.Step) error {
	if s.Skipped != nil {
		e, err := entry(name, s.Skipped.Parked)
		if err != nil {
			return err
		}
		e.SkippedAt, e.SkippedBy, e.Reason = &s.Skipped.At, s.Skipped.By, s.Skipped.Reason
		if err := quarantine.Skip(ctx, tx, e); err != nil {
			return err
		}
	}
	if s.Wait != "" {
		if err := quarantine.Wait(ctx, tx, member(name), s.Wait, 1); err != nil {
			return err
		}
	}
	if s.Park != nil {
		e, err := entry(name, *s.Park)
		if err != nil {
			return err
		}
		if err := quarantine.Park(ctx, tx, e); err != nil {
			return err
		}
	}
	if s.Moved != nil {
		e, err := entry(name, *s.Moved)
		if err != nil {
			return err
		}
		if err := quarantine.Move(ctx, tx, e); err != nil {
			return err
		}
	}
	if s.Release != 0 {
		return quarantine.Release(ctx, tx, s.Release)
	}
	return nil
}

// entry is what the quarantine keeps of something that is parked.
func entry(name string, p process.Parked) (quarantine.Entry, error) {
	failure, err := json.Marshal(p.Failure)
	if err != nil {
		return quarantine.Entry{}, fmt.Errorf("encode failure: %w", err)
	}
	return quarantine.Entry{
		ID: p.ID, Follower: member(name), Subject: member(name), Scope: p.Scope, Group: unlessZero(p.Group, id.Group{}),
		Stream: p.Stream, Revision: p.Revision, Event: unlessZero(p.Event, id.Event{}), Timer: p.Timer, Due: unlessZero(p.Due, time.Time{}),
		AfterCommit: p.After.Commit, AfterPrepare: p.After.Prepare, Failure: failure, Waiting: p.Waiting, Retry: p.Retry, ParkedAt: p.Failure.At,
	}, nil
}

// unlessZero is a pointer to a value, nil for the zero one.
func unlessZero[T comparable](v, zero T) *T {
	if v == zero {
		return nil
	}
	return &v
}
