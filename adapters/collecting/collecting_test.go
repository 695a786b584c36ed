package collecting_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/cards"
	"praxis/adapters/cards/simulated"
	"praxis/adapters/collecting"
	"praxis/commands/processes"
	"praxis/domain/id"
	"praxis/domain/money"
)

var began = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

func attempt(method string) processes.Attempt {
	return processes.Attempt{Charge: id.Derive[id.SeatCharge]("c"), Number: 2, Amount: money.Of(89_00, "USD"), Method: method, Began: began}
}

func TestCards_Collect(t *testing.T) {
	for name, spec := range map[string]struct {
		method string
		want   processes.Payment
	}{
		"money that arrives":                             {simulated.MethodOK, processes.Payment{Moved: true, Mode: "simulated"}},
		"a decline keeps the processor's reason":         {simulated.MethodDeclined, processes.Payment{Reason: "insufficient_funds", Mode: "simulated"}},
		"what is pending is looked up":                   {simulated.MethodDelayed, processes.Payment{Moved: true, Mode: "simulated"}},
		"a method the processor takes for none declines": {"pm_1", processes.Payment{Reason: "payment_method_malformed"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := collecting.Cards{Processor: simulated.Processor{}}.Collect(t.Context(), attempt(spec.method))
			require.NoError(t, err)
			require.Equal(t, spec.want, got)
		})
	}
}

// remembering is a processor that has been asked before and forgot the key.
type remembering struct {
	simulated.Processor
	outcome cards.Outcome
	t       *testing.T
}

func (r remembering) Find(_ context.Context, c cards.Charge, since time.Time) (cards.Result, bool, error) {
	require.Equal(r.t, attempt("").Key(), c.Key)
	require.True(r.t, since.Before(began))
	return cards.Result{Reference: "ref", Outcome: r.outcome}, true, nil
}

func (r remembering) Charge(context.Context, cards.Charge) (cards.Result, error) {
	r.t.Error("charged a second time")
	return cards.Result{}, nil
}

func (r remembering) Lookup(context.Context, string) (cards.Result, error) {
	return cards.Result{Outcome: r.outcome}, nil
}

func TestCards_NeverChargeWhatTheProcessorKnows(t *testing.T) {
	for outcome, want := range map[cards.Outcome]processes.Payment{
		cards.Succeeded: {Moved: true}, cards.Pending: {IsPending: true}, cards.Declined: {},
	} {
		got, err := collecting.Cards{Processor: remembering{t: t, outcome: outcome}}.Collect(t.Context(), attempt(simulated.MethodOK))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
