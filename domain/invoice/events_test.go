package invoice_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// samples has one event of every type, with every field set.
func samples() []any {
	d := draftedOn(1, "2026-04-10", net30, 15000, 1, 2)
	return []any{
		invoice.ChargeRecorded{
			Charge: chargeN(1), ServiceDate: civil.MustDate("2026-04-03"), Code: "90837", Modifiers: []string{"95"}, ICD10: []string{"F41.1"},
			Description: "Psychotherapy, 60 minutes", Units: 2, UnitPrice: usd(7500), Amount: usd(15000),
		},
		invoice.ChargeVoided{Charge: chargeN(1), Amount: usd(15000), EffectiveDate: today, Reason: "entered twice"},
		d,
		invoice.DraftDiscarded{Invoice: invoiceN(1), ReleasedCharges: []id.Charge{chargeN(1), chargeN(2)}},
		invoice.NumberWithdrawn{Invoice: invoiceN(1), Sequence: 42, Number: "INV-000042", Keeping: 3},
		issued(d, 42),
		invoice.Voided{
			Invoice: invoiceN(1), Number: "INV-000042", EffectiveDate: today, Total: usd(15000),
			ReleasedCharges: []id.Charge{chargeN(1), chargeN(2)}, ReleasedCredit: usd(5000), Reason: "wrong patient",
		},
		invoice.PaymentRecorded{Payment: paymentN(1), Amount: usd(12000), Method: invoice.Card, ReceivedOn: today, PayerName: "A. Lovelace", ExternalRef: "TX-9"},
		applied(1, 1, 10000),
		invoice.PaymentUnapplied{Payment: paymentN(1), Invoice: invoiceN(1), Number: "INV-000001", Amount: usd(10000), EffectiveDate: today, Cause: invoice.InvoiceWasVoided},
		numbered(42, 1),
		freed(42, 1),
	}
}

func TestStoredForm(t *testing.T) {
	estest.Golden(t, invoice.Events(), samples()...)
}

// blackout seals every value into the same word.
type blackout struct{}

func (blackout) Seal(es.Subject, json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(`"sealed"`), nil
}

func (blackout) Open(v json.RawMessage) (json.RawMessage, error) { return v, nil }

func TestNothingClinicalOrPersonalIsStoredUnsealed(t *testing.T) {
	registry, err := es.NewRegistry(blackout{}, invoice.Events())
	require.NoError(t, err)
	for _, e := range samples() {
		name, data, _, err := registry.Encode(e, es.Subject{Group: group, Chart: chart}, es.Metadata{})
		require.NoError(t, err)
		for _, secret := range []string{"90837", `"95"`, "F41", "Psychotherapy", "Lovelace", "twice", "wrong"} {
			require.NotContains(t, string(data), secret, "%s stores personal data unsealed", name)
		}
	}
}

// A forgotten patient's fields come back as null: the money must still add up.
type forgotten struct{}

func (forgotten) Seal(_ es.Subject, v json.RawMessage) (json.RawMessage, error) { return v, nil }

func (forgotten) Open(json.RawMessage) (json.RawMessage, error) { return json.RawMessage("null"), nil }

func TestTheLedgerOfAForgottenPatientStillAddsUp(t *testing.T) {
	registry, err := es.NewRegistry(forgotten{}, invoice.Events())
	require.NoError(t, err)
	s := invoice.Aggregate().New()
	history := join(owed(1, "2026-04-10", 15000), invoice.PaymentRecorded{Payment: paymentN(1), Amount: usd(4000), Method: invoice.Cash, ReceivedOn: today, PayerName: "A. Lovelace"}, applied(1, 1, 4000))
	for _, e := range history {
		name, data, meta, err := registry.Encode(e, es.Subject{}, es.Metadata{})
		require.NoError(t, err)
		env, err := registry.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
		require.NoError(t, err)
		event, ok := env.Event.(invoice.Event)
		require.True(t, ok)
		invoice.Evolve(&s, event)
	}
	require.Equal(t, usd(11000), totalsOf(t, s).Outstanding)
	require.Equal(t, totalsOf(t, invoice.Aggregate().Fold(history...)), totalsOf(t, s))
}

func TestStreams(t *testing.T) {
	l := invoice.LedgerID{Group: group, Chart: chart, Clinician: ana}
	require.Equal(t, es.Stream("invoice-"+group.String()+"+"+chart.String()+"."+ana.String()), l.Stream())
	back, err := invoice.ParseLedger(l.Stream())
	require.NoError(t, err)
	require.Equal(t, l, back)

	i := invoice.SeriesID{Group: group, Clinician: ana}
	require.Equal(t, es.Stream("invoiceSeries-"+group.String()+"+"+ana.String()), i.Stream())
	same, err := invoice.ParseSeries(i.Stream())
	require.NoError(t, err)
	require.Equal(t, i, same)
}

// FuzzParseStreams: what is accepted is exactly what the ids make, and no name
// is both a ledger and a series.
func FuzzParseStreams(f *testing.F) {
	l := invoice.LedgerID{Group: group, Chart: chart, Clinician: ana}
	f.Add(string(l.Stream()))
	f.Add(string(l.Stream()) + ".x")
	f.Add(strings.ToUpper(string(l.Stream())))
	f.Add(string(invoice.SeriesID{Group: group, Clinician: ana}.Stream()))
	f.Add("invoice-")
	f.Fuzz(func(t *testing.T, name string) {
		ledger, errLedger := invoice.ParseLedger(es.Stream(name))
		series, errSeries := invoice.ParseSeries(es.Stream(name))
		if errLedger == nil {
			require.Equal(t, name, string(ledger.Stream()))
			require.Error(t, errSeries)
		}
		if errSeries == nil {
			require.Equal(t, name, string(series.Stream()))
		}
	})
}
