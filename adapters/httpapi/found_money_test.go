package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// balance is the answer to a selection.
type balance struct {
	Total      struct{ Charged, Received, Outstanding, Uninvoiced, UnappliedCredit, Owed, Credit, Current amount }
	Clinicians []struct {
		Clinician        string
		Charged, Current amount
	}
	LeftOut []struct{ Chart, Clinician, Code, Why string }
}

func (p *practice) balance(as, query string) balance {
	p.t.Helper()
	var b balance
	p.get(as, p.path("/billing/balance", query)).into(&b)
	return b
}

// written appends events to a ledger as an earlier release could have decided
// them: there was no cap.
func (p *practice) written(chart, clinician string, events ...invoice.Event) {
	p.t.Helper()
	ledger := invoice.LedgerID{
		Group: id.MustParse[id.Group](p.group), Chart: id.MustParse[id.Chart](chart), Clinician: id.MustParse[id.Member](p.members[clinician]),
	}
	var proposed []es.Proposed
	for _, event := range events {
		typ, data, meta, err := p.registry.Encode(event, es.Subject{Group: ledger.Group, Chart: ledger.Chart}, es.Metadata{
			Actor: "member:" + p.members[clinician], Group: ledger.Group, Command: id.New[id.Command](), CommandName: "invoice.record_charge",
			Correlation: "test", Causation: "test", OccurredAt: p.clock.Now(),
		})
		require.NoError(p.t, err)
		proposed = append(proposed, es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta})
	}
	done, err := p.store.Append(p.t.Context(), ledger.Stream(), es.AnyRevision, proposed)
	require.NoError(p.t, err)
	p.position = done.Position.String()
}

func TestFoundM1_AnAmountHasACap(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("olivia", "Ada", "Abbott", "carla")
	charge := func(minor, units int64, options ...option) answer {
		return p.post("olivia", p.ledger(ada, "carla", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": units, "unitPrice": dollars(minor)}, options...)
	}
	pay := func(minor int64, options ...option) answer {
		return p.post("olivia", p.ledger(ada, "carla", "/payments"), object{"amount": dollars(minor), "method": "card", "receivedOn": "2026-03-02"}, options...)
	}

	p.run(t, "the document says it, and the refusal has its name", func(t *testing.T) {
		require.Equal(t, int64(money.Max), int64(*p.doc.Components.Schemas["Minor"].Value.Max))
		for _, beyond := range []int64{money.Max + 1, 6_000_000_000_000_000_000, 1<<63 - 1} {
			refused := charge(beyond, 1, malformed).refused(http.StatusBadRequest, "amount_too_large")
			require.Equal(t, "/unitPrice/minor", refused.Errors[0].Pointer)
			require.Equal(t, "It must be at most 1000000000000.", refused.Errors[0].Message)
			pay(beyond, malformed).refused(http.StatusBadRequest, "amount_too_large")
		}
	})
	p.run(t, "a line is its unit price times its units", func(t *testing.T) {
		require.Contains(t, charge(money.Max/1000+1, 1000).refused(http.StatusBadRequest, "amount_too_large").Detail, "1,000,000,000,000")
		charge(money.Max/1000, 1000).done()
	})
	p.run(t, "the cap itself is taken, and added up exactly", func(t *testing.T) {
		charge(money.Max, 1).done()
		pay(money.Max).done()
		total := p.balance("olivia", "").Total
		require.Equal(t, []amount{usd(2 * money.Max), usd(money.Max), usd(money.Max)}, []amount{total.Charged, total.Received, total.Current})
	})
}

func TestFoundM2_ALedgerOutOfRangeStopsItselfOnly(t *testing.T) {
	p := newStack(t).staffed()
	ada, bruno := p.open("olivia", "Ada", "Abbott", "carla"), p.open("olivia", "Bruno", "Baptiste", "carla")
	p.charge(bruno, "carla", "2026-03-02", 16500)
	huge := id.New[id.Charge]()
	p.written(ada, "carla",
		invoice.ChargeRecorded{Charge: huge, ServiceDate: civil.MustDate("2026-03-02"), Code: "90834", Units: 1, UnitPrice: money.Of(1<<63-1, "USD"), Amount: money.Of(1<<63-1, "USD")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(5000, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
	)
	p.written(ada, "david",
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
	)

	p.run(t, "the practice's balance adds up the others and names them", func(t *testing.T) {
		b := p.balance("olivia", "")
		require.Equal(t, []amount{usd(16500), usd(0), usd(16500)}, []amount{b.Total.Charged, b.Total.Received, b.Total.Current})
		require.Len(t, b.LeftOut, 2)
		for _, l := range b.LeftOut {
			require.Equal(t, []string{ada, "ledger_out_of_range"}, []string{l.Chart, l.Code})
			require.Contains(t, []string{p.members["carla"], p.members["david"]}, l.Clinician)
			require.Contains(t, l.Why, "Void the charges")
		}
		require.Len(t, p.balance("olivia", "?chart="+ada).LeftOut, 2)
	})
	p.run(t, "the ledger itself is answered with its problem", func(t *testing.T) {
		refused := p.get("olivia", p.path("/billing/balance?chart=", ada, "&clinician=", p.members["carla"])).refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
		require.Equal(t, map[string]string{"chart": ada, "clinician": p.members["carla"]}, refused.Details)
		p.post("olivia", p.ledger(ada, "carla", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(1)}).
			refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
	})
	p.run(t, "its history is read, and what is wrong is voided", func(t *testing.T) {
		require.Len(t, p.history("olivia", "?chart="+ada).Entries, 5)
		p.post("olivia", p.ledger(ada, "carla", "/charges/", huge.String(), "/void"), object{"reason": "A slip of the keyboard.", "date": "2026-03-02"}).done()
		b := p.balance("olivia", "")
		require.Equal(t, []amount{usd(16500), usd(5000), usd(11500)}, []amount{b.Total.Charged, b.Total.Received, b.Total.Current})
		require.Len(t, b.LeftOut, 1)
	})
}
