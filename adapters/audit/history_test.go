package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/adapters/memstore"
	"praxis/domain/catalog"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// told appends one event and returns its entry in the history.
func told(t *testing.T, event any, because string) audit.Entry {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	log := memstore.New(memstore.WithClock(func() time.Time { return opened }))
	t.Cleanup(log.Close)
	meta := es.Metadata{Actor: "system:test", Command: id.New[id.Command](), Correlation: "c", Causation: "c", OccurredAt: opened, Reason: because}
	typ, data, metadata, err := registry.Encode(event, es.Subject{}, meta)
	require.NoError(t, err)
	stream := es.Stream("group-" + id.Derive[id.Group]("practice").String())
	_, err = log.Append(t.Context(), stream, es.At(es.NoStream), []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata}})
	require.NoError(t, err)
	entries, err := audit.History(t.Context(), log, registry, stream, 0, false)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	return entries[0]
}

func TestFoundO3_HistorySaysWhatHowMuchWhichAndWhy(t *testing.T) {
	void := invoice.Voided{
		Invoice: id.Derive[id.Invoice]("void"), Number: "KM-000012", EffectiveDate: civil.MustDate("2026-04-10"),
		Total: money.Of(15000, "USD"), ReleasedCredit: money.Of(0, "USD"), ReleasedCharges: []id.Charge{id.Derive[id.Charge]("a")}, Reason: "Entered twice",
	}
	t.Run("a void with its own reason", func(t *testing.T) {
		e := told(t, void, "")
		require.Equal(t, "Invoice voided: invoice "+void.Invoice.String()+", number KM-000012, effective date 2026-04-10, total 150.00 USD, released charges "+void.ReleasedCharges[0].String()+", released credit 0.00 USD.", e.What)
		require.Equal(t, "Entered twice", e.Reason)
	})
	t.Run("the reason beside the command, where the event has none", func(t *testing.T) {
		void := void
		void.Reason = ""
		require.Equal(t, "Asked by phone", told(t, void, "Asked by phone").Reason)
	})
	t.Run("every type of event has its sentence, with every field that is not personal", func(t *testing.T) {
		registry, err := catalog.Registry(es.Plain{})
		require.NoError(t, err)
		for _, name := range registry.Names() {
			files, err := filepath.Glob(fmt.Sprintf("../../domain/*/testdata/events/%s.v%d.*json", name, registry.Version(name)))
			require.NoError(t, err)
			require.NotEmpty(t, files, name)
			fields, personal := registry.Fields(name)
			said := ""
			for _, file := range files {
				data, err := os.ReadFile(file)
				require.NoError(t, err)
				meta, err := es.Metadata{SchemaVersion: registry.Version(name)}.Encode()
				require.NoError(t, err)
				env, err := registry.Decode(es.Recorded{Type: name, Data: data, Metadata: meta})
				require.NoError(t, err)
				e := told(t, env.Event, "")
				require.True(t, strings.HasSuffix(e.What, "."), e.What)
				said += strings.ReplaceAll(e.What, " ", "")
			}
			for _, field := range fields {
				spoken := strings.Contains(strings.ToLower(said), strings.ToLower(field))
				if field != "reason" && !slices.Contains(personal, field) {
					require.True(t, spoken, "%s is not said of %s: %s", field, name, said)
				}
			}
		}
	})
	t.Run("nothing personal is said", func(t *testing.T) {
		e := told(t, invoice.ChargeRecorded{Charge: id.Derive[id.Charge]("a"), ServiceDate: civil.MustDate("2026-04-10"), Code: "90834", Description: "Psychotherapy", Units: 1, UnitPrice: money.Of(15000, "USD")}, "")
		require.NotContains(t, e.What, "90834")
		require.NotContains(t, e.What, "Psychotherapy")
		require.Contains(t, e.What, "150.00 USD")
	})
}
