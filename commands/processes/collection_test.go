package processes_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards/simulated"
	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/process"
	"praxis/commands/processes"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

// moody is a payment processor that answers as it was told, one answer per question.
type moody struct {
	answers []any
	keys    []string
	// back are the answers to refunds; without one they succeed.
	back  []processes.Payment
	backs []string
}

func (m *moody) Collect(_ context.Context, a processes.Attempt) (processes.Payment, error) {
	m.keys = append(m.keys, a.Key()+" "+a.Method)
	answer := m.answers[0]
	m.answers = m.answers[1:]
	if err, ok := answer.(error); ok {
		return processes.Payment{}, err
	}
	return answer.(processes.Payment), nil
}

func (m *moody) GiveBack(_ context.Context, r processes.Refund) (processes.Payment, error) {
	m.backs = append(m.backs, r.Key()+" of "+r.Of.Key())
	answer := processes.Payment{Moved: true}
	if len(m.back) > 0 {
		answer, m.back = m.back[0], m.back[1:]
	}
	return answer, nil
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
		processes.Payment{Moved: true},
	}}
	skip := len(h.events())
	h.live(never, subscription, m.define)
	require.Equal(t, []string{"CollectionStarted"}, h.happened(skip), "one that does not answer is asked until it does")
	h.pay("another method, which does not change what was started")
	for range 3 {
		h.Pass(time.Hour)
		h.live(never, m.define)
	}
	require.Equal(t, []string{"CollectionStarted", "PaymentMethodReplaced", "ChargeCollected"}, h.happened(skip))
	require.Len(t, m.keys, 4, "nothing is asked once it is known")
	for _, key := range m.keys {
		require.Equal(t, m.keys[0], key)
	}
}

func TestCollection_AnAttemptThatWasOvertakenIsAskedForUntilItsEnd(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	h.subscribe(simulated.MethodOK, 89_00)
	m := &moody{answers: []any{
		processes.Payment{Reason: "card_declined"}, processes.Payment{IsPending: true}, processes.Payment{Moved: true},
	}}
	h.live(never, subscription, m.define)
	h.pay("another card")
	skip := len(h.events())
	h.live(never, subscription, m.define)
	var charge id.SeatCharge
	for _, e := range h.events() {
		if started, ok := e.(group.CollectionStarted); ok {
			charge = started.Charge
		}
	}
	_, err := commands.RecordCollection.Give(t.Context(), h.engine, commands.Call{Process: "webhook", Group: h.Group, Command: id.Derive[id.Command]("late")},
		group.RecordCollection{Charge: charge, Attempt: 1, Collected: true})
	require.NoError(t, err, "the first attempt brought the money after all")
	for range 3 {
		h.Pass(time.Hour)
		h.live(never, m.define)
	}
	require.Equal(t, []string{"CollectionStarted", "ChargeCollected", "RefundDue", "ChargeRefunded"}, h.happened(skip), "the second one's money goes back")
	require.Len(t, m.keys, 3, "nothing is asked once it is known")
}

func TestCollection_ARefundIsAskedForUntilItIsDecided(t *testing.T) {
	for name, spec := range map[string]struct {
		last    processes.Payment
		event   string
		subject string
	}{
		"and goes through": {processes.Payment{Moved: true}, "ChargeRefunded", "A refund for Elm Street"},
		"and fails":        {processes.Payment{Reason: "expired_or_canceled_card"}, "RefundFailed", "A refund for Elm Street failed"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, pgtest.New(t))
			h.subscribe(simulated.MethodOK, 89_00)
			m := &moody{
				answers: []any{processes.Payment{Reason: "card_declined"}, processes.Payment{Moved: true}},
				back:    []processes.Payment{{IsPending: true}, {IsPending: true}, spec.last},
			}
			h.live(never, subscription, m.define)
			h.pay("another card")
			h.live(never, subscription, m.define)
			skip := len(h.events())
			started := h.events()[skip-2].(group.CollectionStarted)
			_, err := commands.RecordCollection.Give(t.Context(), h.engine, commands.Call{Process: "webhook", Group: h.Group, Command: id.Derive[id.Command]("late")},
				group.RecordCollection{Charge: started.Charge, Attempt: 1, Collected: true})
			require.NoError(t, err)
			h.hush()
			for range 5 {
				h.live(never, m.define)
				h.Pass(time.Hour)
			}
			require.Equal(t, []string{"RefundDue", spec.event}, h.happened(skip))
			due := h.events()[skip].(group.RefundDue)
			want := "refund/" + due.Refund.String() + " of " + started.Charge.String() + "/1"
			require.Equal(t, []string{want, want, want}, m.backs, "under one key, and not again once it is known")
			h.live(never, correspondence)
			require.Equal(t, map[id.Account][]string{h.owner.account: {spec.subject}}, h.told(), "the owner is told once it is known")
			require.Contains(t, h.letters()[0].Text, due.Amount.String()+" of the subscription of Elm Street ")
		})
	}
}
