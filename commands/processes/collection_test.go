package processes_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/fault"
)

// moody is a payment processor that answers as it was told, one answer per question.
type moody struct {
	answers []any
	keys    []string
}

func (m *moody) Collect(_ context.Context, a processes.Attempt, _ time.Time) (processes.Payment, error) {
	m.keys = append(m.keys, a.Key()+" "+a.Method)
	answer := m.answers[0]
	m.answers = m.answers[1:]
	if err, ok := answer.(error); ok {
		return processes.Payment{}, err
	}
	return answer.(processes.Payment), nil
}

func (m *moody) define(c processes.Config) process.Process {
	c.Processor = m
	return processes.Collection(c)
}

func TestCollection_WhatIsPendingIsAskedForAgainUnderTheSameKey(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	m := &moody{answers: []any{
		fault.New(fault.Unavailable, "card_processor_unavailable", "No answer."),
		processes.Payment{IsPending: true},
		processes.Payment{IsPending: true},
		processes.Payment{Collected: true},
	}}
	skip := len(h.events())
	h.live(never, subscription, m.define)
	require.Equal(t, []string{"CollectionStarted"}, h.happened(skip), "one that does not answer is asked until it does")
	h.pay("another method, which does not change what was started")
	for range 3 {
		h.pass(time.Hour)
		h.live(never, m.define)
	}
	require.Equal(t, []string{"CollectionStarted", "PaymentMethodReplaced", "ChargeCollected"}, h.happened(skip))
	require.Len(t, m.keys, 4, "nothing is asked once it is known")
	for _, key := range m.keys {
		require.Equal(t, m.keys[0], key)
	}
}
