package eventstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/memstore"
	"praxis/domain/catalog"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/stores"
)

// anyStore is a store of events, of whatever kind.
type anyStore interface {
	Append(ctx context.Context, stream es.Stream, expected es.Expected, events []es.Proposed) (es.Appended, error)
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events
}

// TestFoundR14_TheInstantOfRecordingTravelsWithTheEvent: a log is copied event by event
// into a store of each kind, which stamps the day of the copy, and from there back.
// Whoever reads a copy reads the same instants, of events from before the metadata had
// them too.
func TestFoundR14_TheInstantOfRecordingTravelsWithTheEvent(t *testing.T) {
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	before := time.Date(2019, 7, 1, 8, 30, 0, 123456700, time.UTC)
	since := time.Date(2020, 2, 29, 23, 59, 59, 123456000, time.UTC)

	stores.Each(t, func(t *testing.T, k stores.Kind) {
		category := stores.Category()
		stream := es.StreamOf(category, id.New[id.Group]())
		// copied copies the log into another one, and decoded is what is read there.
		copied := func(from, to anyStore) {
			for rec, err := range from.ReadAll(t.Context(), []es.Category{category}, es.Position{}) {
				require.NoError(t, err)
				_, err := to.Append(t.Context(), rec.Stream, es.At(rec.Revision-1), []es.Proposed{rec.Copy()})
				require.NoError(t, err)
			}
		}
		decoded := func(events es.Events) (all []es.Envelope) {
			for rec, err := range events {
				require.NoError(t, err)
				env, err := registry.Decode(rec)
				require.NoError(t, err)
				require.Equal(t, rec.RecordedAt, env.RecordedAt, "what is read raw has the same instant")
				all = append(all, env)
			}
			return all
		}

		clock := before
		original := memstore.New(memstore.WithClock(func() time.Time { return clock }))
		for i, meta := range []es.Metadata{{Reason: "before"}, {Reason: "\"since\" é", RecordedAt: since}} {
			typ, data, metadata, err := registry.Encode(chart.PatientAccountLinked{Account: id.Derive[id.Account](fmt.Sprint(i))}, es.Subject{}, meta)
			require.NoError(t, err)
			_, err = original.Append(t.Context(), stream, es.At(es.Revision(i-1)), []es.Proposed{{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: metadata}})
			require.NoError(t, err)
		}
		want := decoded(original.ReadStream(t.Context(), stream, 0))
		require.Equal(t, before, want[0].RecordedAt, "the store's stamp, for lack of another")
		require.Equal(t, since, want[1].RecordedAt)
		require.Equal(t, before, want[1].StampedAt)

		store := k.Open(t)
		copied(original, store)
		clock = before.AddDate(10, 0, 0)
		back := memstore.New(memstore.WithClock(func() time.Time { return clock }))
		copied(store, back)
		for name, got := range map[string][]es.Envelope{
			"of the stream":    decoded(store.ReadStream(t.Context(), stream, 0)),
			"of all events":    decoded(store.ReadAll(t.Context(), []es.Category{category}, es.Position{})),
			"of a second copy": decoded(back.ReadStream(t.Context(), stream, 0)),
		} {
			require.Len(t, got, len(want), name)
			for i, env := range got {
				require.Equal(t, want[i].RecordedAt, env.RecordedAt, name)
				require.Equal(t, want[i].ID, env.ID, name)
				require.Equal(t, want[i].Event, env.Event, name)
				require.Equal(t, want[i].Data, env.Data, name)
				require.NotEqual(t, want[i].StampedAt, env.StampedAt, "the stamp is the copy's own: %s", name)
				require.Equal(t, env.Meta.RecordedAt, env.RecordedAt, "a copy has the instant in its metadata: %s", name)
			}
			require.Equal(t, want[1].Metadata, got[1].Metadata, name)
		}
	})
}
