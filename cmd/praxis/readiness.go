package main

import (
	"context"
	"errors"

	"praxis/adapters/postgres"
	"praxis/adapters/readiness"
	"praxis/domain/es"
	"praxis/domain/fault"
)

// newBoard says what this server consists of, and what it can serve without.
// Authorisation reads the log, so nothing can be served without the event store; and
// queries read Postgres. Read models and processes that stand still are trouble, but
// no other server would answer better.
func (s *server) newBoard(signIn func(context.Context) error) *readiness.Board {
	probe := &postgres.Probe{Connect: s.pool.Config().ConnConfig}
	s.onClose("the look at the database", func(ctx context.Context) error { probe.Close(ctx); return nil })
	always := func(error) bool { return true }
	return &readiness.Board{
		Timeout: s.config.ReadyTimeout, Logger: s.logger,
		Parts: []readiness.Part{
			{Name: readiness.EventStore, Check: s.askStore, Degrades: func(err error) bool { return errors.Is(err, es.ErrStoreRefusesWrites) }},
			{Name: readiness.Database, Check: probe.Check},
			{Name: "log_identity", Check: s.guard.Ready, Needs: []string{readiness.Database, readiness.EventStore}},
			{Name: "projections", Check: translated(s.runner.Ready), Degrades: isNot("read_models_filling", postgres.ErrNoSchema.Code, postgres.ErrUnavailable.Code), Needs: []string{readiness.Database, readiness.EventStore}},
			{Name: "processes", Check: translated(s.processes.Ready), Degrades: always, Needs: []string{readiness.Database}},
			{Name: "sign_in", Check: signIn, Degrades: isNot("issuer_unavailable", "no_answer")},
		},
	}
}

// isNot reports whether an error has none of these codes.
func isNot(codes ...string) func(error) bool {
	return func(err error) bool {
		for _, code := range codes {
			if fault.From(err).Code == code {
				return false
			}
		}
		return true
	}
}

// translated gives errors of the database their faults.
func translated(check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return postgres.Translate(check(ctx)) }
}

// askStore asks the event store whether it is there, and remembers what it answered
// to the last change.
func (s *server) askStore(ctx context.Context) error {
	if err := s.store.Ping(ctx); err != nil {
		return err
	}
	if s.refuses.Load() {
		return es.ErrStoreRefusesWrites
	}
	return nil
}
