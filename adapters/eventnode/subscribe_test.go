package eventnode_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

// steps receives messages up to and including the first caughtUp and writes
// them down: "e5" an event, "c5" a checkpoint, "caughtUp".
func steps(t testing.TB, subscription *esdb.Subscription) []string {
	t.Helper()
	var seen []string
	for {
		step := nextStep(t, subscription)
		seen = append(seen, step)
		if step == "caughtUp" {
			return seen
		}
	}
}

func nextStep(t testing.TB, subscription *esdb.Subscription) string {
	t.Helper()
	message := subscription.Recv()
	switch {
	case message.EventAppeared != nil:
		return fmt.Sprintf("e%d", message.EventAppeared.Event.Position.Commit)
	case message.CheckPointReached != nil:
		require.Equal(t, message.CheckPointReached.Commit, message.CheckPointReached.Prepare)
		return fmt.Sprintf("c%d", message.CheckPointReached.Commit)
	case message.CaughtUp != nil:
		return "caughtUp"
	default:
		require.NotNil(t, message.SubscriptionDropped)
		t.Fatalf("the subscription was dropped: %v", message.SubscriptionDropped.Error)
		return ""
	}
}

func subscribeAll(t testing.TB, client *esdb.Client, options esdb.SubscribeToAllOptions) *esdb.Subscription {
	t.Helper()
	subscription, err := client.SubscribeToAll(t.Context(), options)
	require.NoError(t, err)
	require.NotEmpty(t, subscription.Id(), "the confirmation comes first and carries an id")
	t.Cleanup(func() { _ = subscription.Close() })
	return subscription
}

func streamPrefix(prefixes ...string) *esdb.SubscriptionFilter {
	return &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: prefixes}
}

func TestAllSubscriptionsStartAfterTheirPosition(t *testing.T) {
	client := openClient(t)
	seed(t, client, "a", 4)
	at := func(commit, prepare uint64) esdb.Position { return esdb.Position{Commit: commit, Prepare: prepare} }
	for _, c := range []struct {
		name   string
		from   esdb.AllPosition
		wanted string
	}{
		{"from the start: everything", esdb.Start{}, "e1 e2 e3 e4 caughtUp"},
		{"from an event: what follows it", at(2, 2), "e3 e4 caughtUp"},
		{"from a pair before the event at commit: that event too", at(2, 1), "e2 e3 e4 caughtUp"},
		{"from the last event: nothing", at(4, 4), "caughtUp"},
		{"from the end: nothing", esdb.End{}, "caughtUp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.wanted, strings.Join(steps(t, subscribeAll(t, client, esdb.SubscribeToAllOptions{From: c.from})), " "))
		})
	}
	t.Run("live events follow in order, those before the position never come", func(t *testing.T) {
		beyond := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: at(6, 6)})
		live := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.End{}})
		require.Equal(t, []string{"caughtUp"}, steps(t, beyond))
		require.Equal(t, []string{"caughtUp"}, steps(t, live))
		seed(t, client, "b", 4)
		for _, wanted := range []string{"e5", "e6", "e7", "e8"} {
			require.Equal(t, wanted, nextStep(t, live))
		}
		require.Equal(t, "e7", nextStep(t, beyond))
	})
}

func TestStreamSubscriptionsStartAfterTheirRevision(t *testing.T) {
	client := openClient(t)
	seed(t, client, "other", 1)
	seed(t, client, "s", 3) // positions 2 to 4
	next := 5
	for _, c := range []struct {
		name   string
		stream string
		from   esdb.StreamPosition
		wanted string
	}{
		{"from the start: everything", "s", esdb.Start{}, "e2 e3 e4 caughtUp"},
		{"from a revision: what follows it", "s", esdb.Revision(0), "e3 e4 e5 caughtUp"},
		{"from the last revision: nothing", "s", esdb.Revision(4), "caughtUp"},
		{"from the end: nothing", "s", esdb.End{}, "caughtUp"},
		{"a stream that does not exist yet", "new", esdb.Start{}, "caughtUp"},
		{"the end of a stream that does not exist yet", "newer", esdb.End{}, "caughtUp"},
	} {
		t.Run(c.name+", then what is added", func(t *testing.T) {
			subscription, err := client.SubscribeToStream(t.Context(), c.stream, esdb.SubscribeToStreamOptions{From: c.from})
			require.NoError(t, err)
			require.Equal(t, c.wanted, strings.Join(steps(t, subscription), " "))
			seed(t, client, c.stream, 1)
			require.Equal(t, fmt.Sprintf("e%d", next), nextStep(t, subscription))
			next++
			require.NoError(t, subscription.Close())
		})
	}
}

func TestFiltersChooseByStreamAndType(t *testing.T) {
	client := openClient(t)
	for _, e := range []struct{ stream, eventType string }{
		{"invoice-1", "invoice.issued"},
		{"chart-1", "chart.opened"},
		{"invoice-2", "invoice.paid"},
		{"invoiceSeries-1", "series.reserved"},
		{"booking-1", "booking.made"},
	} {
		_, err := client.AppendToStream(t.Context(), e.stream, esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event(e.eventType, "{}"))
		require.NoError(t, err)
	}
	for _, c := range []struct {
		name   string
		filter esdb.SubscriptionFilter
		wanted string
	}{
		{"one prefix of stream names", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"invoice-"}}, "e1 e3 c5 caughtUp"},
		{"any of several prefixes", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"chart-", "booking-"}}, "e2 e5 c5 caughtUp"},
		{"a regular expression on stream names", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `-1$`}, "e1 e2 e4 e5 c5 caughtUp"},
		{"one prefix of event types", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"invoice."}}, "e1 e3 c5 caughtUp"},
		{"a regular expression on event types", esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: `^(series|chart)\.`}, "e2 e4 c5 caughtUp"},
		{"nothing matches", esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"none-"}}, "c5 caughtUp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			subscription := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &c.filter})
			require.Equal(t, c.wanted, strings.Join(steps(t, subscription), " "))
		})
	}
	t.Run("look-around is refused, but for what the Python clients need", func(t *testing.T) {
		_, err := client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{
			From: esdb.Start{}, Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: `(?=x)`},
		})
		require.ErrorContains(t, err, "of look-around the node has only negative look-ahead at the beginning")
	})
}

func TestCheckpointsFollowWindowTimesInterval(t *testing.T) {
	client := openClient(t)
	seed(t, client, "noise", 10)
	seed(t, client, "wanted", 2) // 11, 12
	seed(t, client, "noise", 3)  // 13 to 15
	for _, c := range []struct {
		name             string
		window, interval int
		from             esdb.AllPosition
		wanted           string
	}{
		{"every 4 considered events and one when going live", 4, 1, esdb.Start{}, "c4 c8 e11 e12 c12 c15 caughtUp"},
		{"window times interval", 2, 3, esdb.Start{}, "c6 e11 e12 c12 c15 caughtUp"},
		{"never two equal ones", 5, 1, esdb.Start{}, "c5 c10 e11 e12 c15 caughtUp"},
		{"no window counts 32", esdb.NoMaxSearchWindow, 1, esdb.Start{}, "e11 e12 c15 caughtUp"},
		{"none at the end of the log already", 4, 1, esdb.Position{Commit: 15, Prepare: 15}, "caughtUp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			subscription := subscribeAll(t, client, esdb.SubscribeToAllOptions{
				From: c.from, Filter: streamPrefix("wanted"), MaxSearchWindow: c.window, CheckpointInterval: c.interval,
			})
			require.Equal(t, c.wanted, strings.Join(steps(t, subscription), " "))
		})
	}
	t.Run("live ones go on counting while nothing matches", func(t *testing.T) {
		subscription := subscribeAll(t, client, esdb.SubscribeToAllOptions{
			From: esdb.End{}, Filter: streamPrefix("wanted"), MaxSearchWindow: 3, CheckpointInterval: 1,
		})
		require.Equal(t, []string{"caughtUp"}, steps(t, subscription))
		seed(t, client, "noise", 7)
		require.Equal(t, "c18", nextStep(t, subscription))
		require.Equal(t, "c21", nextStep(t, subscription))
	})
}

// Whatever checkpoint or event a subscriber restarts from, before and after it
// caught up, it sees every matching event exactly once.
func TestRestartAtEveryCheckpointSeesEveryEventExactlyOnce(t *testing.T) {
	client := openClient(t)
	var wanted []string
	write := func(rounds int) {
		for range rounds {
			seed(t, client, "noise", 5)
			results := seed(t, client, "wanted", 2)
			wanted = append(wanted, fmt.Sprintf("e%d", results[0].CommitPosition), fmt.Sprintf("e%d", results[1].CommitPosition))
			seed(t, client, "noise", 4)
		}
	}
	options := func(from esdb.AllPosition) esdb.SubscribeToAllOptions {
		return esdb.SubscribeToAllOptions{From: from, Filter: streamPrefix("wanted"), MaxSearchWindow: 3, CheckpointInterval: 1}
	}
	write(6)
	first := subscribeAll(t, client, options(esdb.Start{}))
	history := steps(t, first)
	write(2) // now live; the last event of the last round is noise
	for len(eventsOf(history)) < len(wanted) {
		history = append(history, nextStep(t, first))
	}
	require.Equal(t, wanted, eventsOf(history))
	restarts := 0
	for i, step := range history {
		if step == "caughtUp" {
			continue
		}
		var position uint64
		_, err := fmt.Sscanf(step[1:], "%d", &position)
		require.NoError(t, err)
		resumed := steps(t, subscribeAll(t, client, options(esdb.Position{Commit: position, Prepare: position})))
		require.Equal(t, wanted, append(eventsOf(history[:i+1]), eventsOf(resumed)...), "restart at %s", step)
		restarts++
	}
	require.Greater(t, restarts, 30)
}

func eventsOf(steps []string) []string {
	var events []string
	for _, step := range steps {
		if strings.HasPrefix(step, "e") {
			events = append(events, step)
		}
	}
	return events
}

func TestAStalledSubscriberStopsNobody(t *testing.T) {
	node := openNode(t)
	client, other := connect(t, node), connect(t, node)
	stalled := subscribeAll(t, other, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.Equal(t, []string{"caughtUp"}, steps(t, stalled))
	// 24 MB: far more than the connection buffers, and enough to make the file
	// grow and be mapped again several times.
	const total = 400
	large := strings.Repeat("x", 60_000)
	for range total {
		_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("large", large))
		require.NoError(t, err)
	}
	require.Len(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 1000), total)
	for i := range total {
		require.Equal(t, fmt.Sprintf("e%d", i+1), nextStep(t, stalled))
	}
}

func TestCloseEndsSubscriptionsAndStalledOnesToo(t *testing.T) {
	node, err := eventnode.Open(eventnode.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	client := connect(t, node)
	waiting := subscribeAll(t, client, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.Equal(t, []string{"caughtUp"}, steps(t, waiting))
	stalled := subscribeAll(t, connect(t, node), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	large := strings.Repeat("x", 60_000)
	for range 20 {
		_, err := client.AppendToStream(t.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event("large", large))
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.NoError(t, node.Close(ctx))
	require.NoError(t, node.Close(ctx), "closing twice is harmless")
	for _, subscription := range []*esdb.Subscription{waiting, stalled} {
		dropped := false
		for range 40 {
			if dropped = subscription.Recv().SubscriptionDropped != nil; dropped {
				break
			}
		}
		require.True(t, dropped)
	}
}
