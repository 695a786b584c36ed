package audit_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/audit"
	"praxis/adapters/memstore"
	"praxis/domain/catalog"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invariant"
	"praxis/domain/membership"
)

var opened = time.Date(2026, 4, 10, 15, 0, 0, 0, time.UTC)

// written is a log with the founding of a practice, whose owner's account is not
// claimed, and an event of another one that no release can read.
func written(t *testing.T) (log *memstore.Store, registry *es.Registry, practice, other id.Group) {
	t.Helper()
	registry, err := catalog.Registry(es.Plain{})
	require.NoError(t, err)
	log = memstore.New(memstore.WithClock(func() time.Time { return opened }))
	t.Cleanup(log.Close)
	practice, other = id.Derive[id.Group]("practice"), id.Derive[id.Group]("other")
	owner := id.Derive[id.Member]("owner")
	meta := es.Metadata{Actor: "system:test", Group: practice, Command: id.New[id.Command](), Correlation: "c", Causation: "c", OccurredAt: opened}
	typ, data, metadata, err := registry.Encode(group.GroupCreated{Group: practice, Owner: owner, Account: id.Derive[id.Account]("owner"), CreatedAt: opened}, es.Subject{}, meta)
	require.NoError(t, err)
	founding := es.Proposed{ID: id.Derive[id.Event]("founding"), Type: typ, Data: data, Metadata: metadata}
	_, err = log.Append(t.Context(), group.Stream(practice), es.At(es.NoStream), []es.Proposed{founding})
	require.NoError(t, err)
	strange := es.Proposed{ID: id.Derive[id.Event]("strange"), Type: "group.from_the_future", Data: []byte("{}"), Metadata: metadata}
	_, err = log.Append(t.Context(), group.Stream(other), es.At(es.NoStream), []es.Proposed{strange})
	require.NoError(t, err)
	return log, registry, practice, other
}

func TestInvariants_ReportsWhatIsWrongWithTheLog(t *testing.T) {
	log, registry, practice, other := written(t)
	r, err := audit.Invariants(t.Context(), log, registry, audit.Check{Now: opened})
	require.NoError(t, err)
	require.Equal(t, 2, r.Events)
	require.Equal(t, 2, r.Streams)
	require.Equal(t, "2.2", r.Position)
	require.Equal(t, map[invariant.Rule]int{invariant.EventUnreadable: 1, invariant.MemberClaim: 1}, r.Counts)
	require.Len(t, r.Rules, 2)
	require.Equal(t, []invariant.Violation{
		{Rule: invariant.EventUnreadable, Group: other, Places: []invariant.Place{{Stream: group.Stream(other), Revision: 0}}, Things: []invariant.Thing{{Kind: invariant.KindEvent, ID: id.Derive[id.Event]("strange").String()}}},
		{Rule: invariant.MemberClaim, Group: practice, Places: []invariant.Place{{Stream: group.Stream(practice), Revision: 0}}, Things: []invariant.Thing{
			{Kind: invariant.KindMember, ID: id.Derive[id.Member]("owner").String()}, {Kind: invariant.KindAccount, ID: id.Derive[id.Account]("owner").String()},
		}},
	}, r.Violations)

	t.Run("of one practice only, if asked", func(t *testing.T) {
		r, err := audit.Invariants(t.Context(), log, registry, audit.Check{Now: opened, Group: other})
		require.NoError(t, err)
		require.Equal(t, map[invariant.Rule]int{invariant.EventUnreadable: 1}, r.Counts)
		require.Equal(t, 1, r.Streams)
	})
}

// twice is a log whose first event lies in a second stream, too.
type twice struct{ *memstore.Store }

func (l twice) ReadAll(ctx context.Context, categories []es.Category, after es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) {
		next, stop := iter.Pull2(l.Store.ReadAll(ctx, categories, after))
		defer stop()
		first, err, _ := next()
		if !yield(first, err) {
			return
		}
		first.Stream = membership.Stream(id.Derive[id.Account]("owner"))
		yield(first, nil)
	}
}

func TestInvariants_FindsAnIDThatIsUsedTwice(t *testing.T) {
	log, registry, practice, _ := written(t)
	r, err := audit.Invariants(t.Context(), twice{log}, registry, audit.Check{Now: opened})
	require.NoError(t, err)
	require.Equal(t, 1, r.Counts[invariant.EventIDRepeated])
	require.Equal(t, []invariant.Place{{Stream: membership.Stream(id.Derive[id.Account]("owner")), Revision: 0}, {Stream: group.Stream(practice), Revision: 0}}, r.Violations[0].Places)
}

// bereft is a log of which somebody deleted two streams.
type bereft struct{ *memstore.Store }

func (bereft) Damaged(context.Context, []es.Category) ([]es.Damage, error) {
	return []es.Damage{{Stream: group.Stream(id.Derive[id.Group]("practice")), Deleted: true}, {Stream: group.Stream(id.Derive[id.Group]("other")), Deleted: true}}, nil
}

func TestInvariants_NamesStreamsThatWereDeleted(t *testing.T) {
	log, registry, practice, other := written(t)
	deleted := func(c audit.Check) (places []invariant.Place) {
		r, err := audit.Invariants(t.Context(), bereft{log}, registry, c)
		require.NoError(t, err)
		for _, v := range r.Violations {
			if v.Rule == invariant.StreamDeleted {
				places = append(places, v.Places...)
			}
		}
		return places
	}
	require.ElementsMatch(t, []invariant.Place{{Stream: group.Stream(practice), Revision: 0}, {Stream: group.Stream(other), Revision: 0}}, deleted(audit.Check{Now: opened}))
	require.Equal(t, []invariant.Place{{Stream: group.Stream(other), Revision: 0}}, deleted(audit.Check{Now: opened, Group: other}))
}

// cut is a log that breaks off.
type cut struct{ *memstore.Store }

func (l cut) ReadAll(context.Context, []es.Category, es.Position) es.Events {
	return func(yield func(es.Recorded, error) bool) { yield(es.Recorded{}, es.ErrStoreUnavailable) }
}

func TestInvariants_ABrokenReadIsNoCleanLog(t *testing.T) {
	log, registry, _, _ := written(t)
	_, err := audit.Invariants(t.Context(), cut{log}, registry, audit.Check{Now: opened})
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
}
