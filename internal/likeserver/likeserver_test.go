package likeserver_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const own = es.Category("chart")

func open(t *testing.T, url string) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(eventstore.Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// tool is a client as an operator's tools use it.
func tool(t *testing.T, s *likeserver.Server) *esdb.Client {
	t.Helper()
	config, err := esdb.ParseConnectionString(s.URL())
	require.NoError(t, err)
	c, err := esdb.NewClient(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func add(t *testing.T, s *eventstore.Store, stream es.Stream, n int) es.Appended {
	t.Helper()
	events := make([]es.Proposed, n)
	for i := range events {
		events[i] = es.Proposed{ID: id.New[id.Event](), Type: "chart.opened", Data: []byte("{}"), Metadata: []byte("{}")}
	}
	done, err := s.Append(t.Context(), stream, es.AnyRevision, events)
	require.NoError(t, err)
	return done
}

func collect(t *testing.T, events es.Events) (all []es.Recorded) {
	t.Helper()
	for e, err := range events {
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}

// signals follows until enough says so.
func signals(ctx context.Context, s *eventstore.Store, after es.Position, each func(es.Signal) (enough bool)) error {
	for signal, err := range s.Subscribe(ctx, []es.Category{own}, after) {
		if err != nil {
			return err
		}
		if each(signal) {
			break
		}
	}
	return nil
}

func TestPositionsAreOffsets(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{})
	s := open(t, server.URL())
	add(t, s, "chart-1", 5)
	var last uint64
	for _, e := range collect(t, s.ReadAll(t.Context(), []es.Category{own}, es.Position{})) {
		require.Equal(t, e.Position.Commit, e.Position.Prepare)
		require.Greater(t, e.Position.Commit, last+300)
		last = e.Position.Commit
	}
	for _, e := range collect(t, s.ReadStream(t.Context(), "chart-1", 0)) {
		require.LessOrEqual(t, e.Position.Commit, last)
	}
	require.Greater(t, add(t, s, "chart-2", 1).Position.Commit, last)
}

func TestAllHoldsWhatOthersWrite(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{})
	s := open(t, server.URL())
	for range 6 {
		add(t, s, "chart-1", 1)
	}
	read, err := tool(t, server).ReadAll(t.Context(), esdb.ReadAllOptions{From: esdb.Start{}}, 1_000)
	require.NoError(t, err)
	defer read.Close()
	kinds := map[string]int{}
	for {
		e, err := read.Recv()
		if err != nil {
			break
		}
		kinds[e.OriginalEvent().EventType]++
	}
	require.Equal(t, map[string]int{"chart.opened": 6, "$UserCreated": 1, "$statsCollected": 3, "other.happened": 3}, kinds)
}

func TestCheckpointsOfASubscription(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{})
	s := open(t, server.URL())
	add(t, s, "chart-1", 3)
	require.NoError(t, server.Foreign(t.Context(), 5_000))
	var before, live []es.Position
	caughtUp := false
	require.NoError(t, signals(t.Context(), s, es.Position{}, func(signal es.Signal) bool {
		switch {
		case signal.CaughtUp:
			caughtUp = true
			require.NoError(t, server.Foreign(t.Context(), 2_100))
		case signal.Checkpoint != nil && caughtUp:
			live = append(live, *signal.Checkpoint)
		case signal.Checkpoint != nil:
			before = append(before, *signal.Checkpoint)
		}
		return len(live) > 0
	}))
	require.Len(t, before, 3, "one for 2,048 events, and one for going live")
	for _, at := range before {
		require.Zero(t, at.Prepare)
	}
	require.Equal(t, live[0].Commit, live[0].Prepare)

	t.Run("resuming from one loses and repeats nothing", func(t *testing.T) {
		last := before[len(before)-1]
		next := add(t, s, "chart-1", 1)
		require.NoError(t, signals(t.Context(), s, last, func(signal es.Signal) bool {
			if signal.Event == nil {
				return false
			}
			require.Equal(t, next.Position, signal.Event.Position)
			return true
		}))
	})
	require.Positive(t, server.Traffic().Considered)
}

func TestTheNextEventIsBarelyBehindACheckpoint(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{Quiet: true})
	s := open(t, server.URL())
	add(t, s, "chart-1", 1)
	var at es.Position
	require.NoError(t, signals(t.Context(), s, es.Position{}, func(signal es.Signal) bool {
		if signal.Checkpoint != nil {
			at = *signal.Checkpoint
		}
		return signal.CaughtUp
	}))
	next := add(t, s, "chart-1", 1).Position
	require.Equal(t, es.Position{Commit: next.Commit}, at)
	require.True(t, at.Before(next))
	require.NoError(t, signals(t.Context(), s, at, func(signal es.Signal) bool {
		require.NotNil(t, signal.Event)
		require.Equal(t, next, signal.Event.Position)
		return true
	}))
}

func TestStreamsThatSomebodyDeleted(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{})
	s, operator := open(t, server.URL()), tool(t, server)
	add(t, s, "chart-1", 3)
	add(t, s, "chart-2", 3)

	t.Run("tombstoned", func(t *testing.T) {
		_, err := operator.TombstoneStream(t.Context(), "chart-1", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Any{}})
		require.NoError(t, err)
		_, err = operator.ReadStream(t.Context(), "chart-1", esdb.ReadStreamOptions{}, 1)
		deleted, _ := esdb.FromError(err)
		if err == nil {
			read, err := operator.ReadStream(t.Context(), "chart-1", esdb.ReadStreamOptions{}, 1)
			require.NoError(t, err)
			_, err = read.Recv()
			deleted, _ = esdb.FromError(err)
		}
		require.Equal(t, esdb.ErrorCodeStreamDeleted, deleted.Code())
		sub, err := operator.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"chart-"}}})
		require.NoError(t, err)
		defer func() { _ = sub.Close() }()
		for {
			m := sub.Recv()
			require.Nil(t, m.SubscriptionDropped)
			if m.EventAppeared != nil && m.EventAppeared.OriginalEvent().EventType == "$streamDeleted" {
				require.Equal(t, "chart-1", m.EventAppeared.OriginalEvent().StreamID)
				require.Equal(t, uint64(math.MaxInt64), m.EventAppeared.OriginalEvent().EventNumber)
				break
			}
		}
		damaged, err := s.Damaged(t.Context(), []es.Category{own})
		require.NoError(t, err)
		require.Len(t, damaged, 1)
		require.Equal(t, es.Stream("chart-1"), damaged[0].Stream)
		require.Len(t, collect(t, s.ReadAll(t.Context(), []es.Category{own}, es.Position{})), 6, "its events stay")
	})

	t.Run("truncated", func(t *testing.T) {
		metadata := esdb.StreamMetadata{}
		metadata.SetTruncateBefore(2)
		_, err := operator.SetStreamMetadata(t.Context(), "chart-2", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, metadata)
		require.NoError(t, err)
		require.Equal(t, []uint64{2}, revisions(t, operator, "chart-2"))
		metadata = esdb.StreamMetadata{}
		metadata.SetMaxCount(2)
		_, err = operator.SetStreamMetadata(t.Context(), "chart-2", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, metadata)
		require.NoError(t, err)
		require.Equal(t, []uint64{1, 2}, revisions(t, operator, "chart-2"))
	})

	t.Run("soft-deleted", func(t *testing.T) {
		_, err := operator.DeleteStream(t.Context(), "chart-2", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
		require.NoError(t, err)
		require.Empty(t, revisions(t, operator, "chart-2"))
		require.Len(t, collect(t, s.ReadAll(t.Context(), []es.Category{own}, es.Position{})), 6, "its events stay")
		done, err := s.Append(t.Context(), "chart-2", es.At(es.NoStream), []es.Proposed{{ID: id.New[id.Event](), Type: "chart.opened", Data: []byte("{}"), Metadata: []byte("{}")}})
		require.NoError(t, err)
		require.Equal(t, es.Revision(3), done.Revision, "a new append goes on with the old revisions")
		require.Equal(t, []uint64{3}, revisions(t, operator, "chart-2"))
	})
}

// revisions are those of the events that a read of a stream shows.
func revisions(t *testing.T, c *esdb.Client, stream string) (all []uint64) {
	t.Helper()
	read, err := c.ReadStream(t.Context(), stream, esdb.ReadStreamOptions{From: esdb.Start{}}, 100)
	require.NoError(t, err)
	defer read.Close()
	for {
		e, err := read.Recv()
		if err != nil {
			return all
		}
		all = append(all, e.OriginalEvent().EventNumber)
	}
}

func TestALiveSubscriberThatIsTooSlow(t *testing.T) {
	for _, flavour := range likeserver.Flavours {
		t.Run(string(flavour), func(t *testing.T) {
			server := likeserver.Start(t, likeserver.Config{Flavour: flavour})
			s := open(t, server.URL())
			caughtUp, seen := 0, 0
			err := signals(t.Context(), s, es.Position{}, func(signal es.Signal) bool {
				if signal.Event != nil {
					seen++
				}
				if signal.CaughtUp {
					caughtUp++
				}
				switch {
				case signal.CaughtUp && caughtUp == 1:
					require.Eventually(t, func() bool { return server.DropSlow() == 1 }, 10*time.Second, time.Millisecond)
				case signal.CaughtUp && caughtUp == 2:
					add(t, s, "chart-1", 3)
				}
				return seen == 3
			})
			require.Equal(t, int64(1), server.Traffic().Dropped)
			if flavour == likeserver.V24 {
				require.NoError(t, err)
				require.Equal(t, 2, caughtUp)
				return
			}
			require.ErrorIs(t, err, es.ErrStoreUnavailable)
			require.ErrorContains(t, err, "Consumer too slow to handle event while live. Client resubscription required.")
			require.Equal(t, 1, caughtUp)
		})
	}
	t.Run("because its buffer is full", func(t *testing.T) {
		server := likeserver.Start(t, likeserver.Config{LiveBuffer: 8})
		s := open(t, server.URL())
		err := signals(t.Context(), s, es.Position{}, func(signal es.Signal) bool {
			if signal.CaughtUp {
				for range 200 {
					add(t, s, "chart-1", 100)
				}
			}
			return false
		})
		require.ErrorContains(t, err, "Consumer too slow")
	})
}

func TestAClusterChangesItsLeader(t *testing.T) {
	server := likeserver.Start(t, likeserver.Config{})
	require.NoError(t, server.AddMember())
	s := open(t, server.ClusterURL())
	add(t, s, "chart-1", 1)

	t.Run("the follower answers with its old state", func(t *testing.T) {
		follower := open(t, server.MemberURL(1))
		require.Len(t, collect(t, follower.ReadStream(t.Context(), "chart-1", 0)), 1)
		require.NoError(t, server.Freeze(t.Context(), 1))
		add(t, s, "chart-1", 1)
		add(t, s, "chart-3", 1)
		require.Len(t, collect(t, follower.ReadStream(t.Context(), "chart-1", 0)), 1)
		require.Empty(t, collect(t, follower.ReadStream(t.Context(), "chart-3", 0)))
		require.Len(t, collect(t, follower.ReadAll(t.Context(), []es.Category{own}, es.Position{})), 1)
		server.Thaw(1)
		require.Len(t, collect(t, follower.ReadStream(t.Context(), "chart-1", 0)), 2)
	})

	t.Run("calls end, and the new leader is found", func(t *testing.T) {
		var end error
		elected := false
		end = signals(t.Context(), s, es.Position{}, func(signal es.Signal) bool {
			if signal.CaughtUp && !elected {
				elected = true
				server.Elect(1)
			}
			return false
		})
		require.ErrorIs(t, end, es.ErrStoreUnavailable)
		require.Eventually(t, func() bool {
			_, err := s.Append(t.Context(), "chart-1", es.AnyRevision, []es.Proposed{{ID: id.New[id.Event](), Type: "chart.opened", Data: []byte("{}"), Metadata: []byte("{}")}})
			return err == nil
		}, 20*time.Second, 10*time.Millisecond)
	})
}
