package eventnode_test

import (
	"fmt"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

// collect takes events of a subscription until it has n, and the checkpoints
// among them.
func collect(t *testing.T, subscription *esdb.Subscription, n int) (ids []uuid.UUID, checkpoints []esdb.Position) {
	t.Helper()
	for len(ids) < n {
		switch m := subscription.Recv(); {
		case m.EventAppeared != nil:
			ids = append(ids, m.EventAppeared.Event.EventID)
		case m.CheckPointReached != nil:
			checkpoints = append(checkpoints, *m.CheckPointReached)
		case m.SubscriptionDropped != nil:
			require.NoError(t, m.SubscriptionDropped.Error)
		}
	}
	return ids, checkpoints
}

// The same scenario as that of the official Node.js client, with the official Go
// client and nothing in between: append, conflict, read both ways, filter,
// subscribe, checkpoints, restart.
func TestTheOfficialGoClientCanDoEverything(t *testing.T) {
	ctx, dir := t.Context(), shortSocketDir(t)
	node, err := eventnode.Open(eventnode.Config{Dir: dir, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	config, err := esdb.ParseConnectionString(node.ConnectionString())
	require.NoError(t, err)
	client := connectTo(t, config)

	// Append, repeat, conflict.
	first := []esdb.EventData{event("invoice.issued", `{"n":0}`), event("invoice.issued", `{"n":1}`), event("invoice.paid", `{"n":2}`)}
	fresh := esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}}
	for range 2 {
		result, err := client.AppendToStream(ctx, "invoice-a", fresh, first...)
		require.NoError(t, err)
		require.Equal(t, esdb.WriteResult{NextExpectedVersion: 2, CommitPosition: 3, PreparePosition: 3}, *result)
	}
	_, err = client.AppendToStream(ctx, "invoice-a", fresh, event("invoice.issued", `{}`))
	var refused *esdb.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, esdb.ErrorCodeWrongExpectedVersion, refused.Code())
	var invoices []uuid.UUID
	for _, e := range first {
		invoices = append(invoices, e.EventID)
	}
	for i := range 100 {
		seed(t, client, fmt.Sprintf("chart-%d", i%7), 1)
	}
	last := event("invoice.paid", `{"n":3}`)
	_, err = client.AppendToStream(ctx, "invoice-a", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Revision(2)}, last)
	require.NoError(t, err)
	invoices = append(invoices, last.EventID)

	// Read both ways, a stream and all.
	var all []uuid.UUID
	for _, e := range readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 1000) {
		all = append(all, e.EventID)
	}
	require.Len(t, all, 104)
	backwards := readAll(t, client, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 1000)
	require.Len(t, backwards, 104)
	for i, e := range backwards {
		require.Equal(t, all[103-i], e.EventID)
	}
	stream, err := client.ReadStream(ctx, "invoice-a", esdb.ReadStreamOptions{From: esdb.End{}, Direction: esdb.Backwards}, 2)
	require.NoError(t, err)
	for _, wanted := range []uuid.UUID{invoices[3], invoices[2]} {
		e, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, wanted, e.Event.EventID)
	}
	stream.Close()

	// Filter by prefix and regular expression, on streams and types.
	for _, c := range []struct {
		filter esdb.SubscriptionFilter
		wanted []uuid.UUID
	}{
		{esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"invoice-"}}, invoices},
		{esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "^inv.*-[a-c]$"}, invoices},
		{esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"invoice."}}, invoices},
		{esdb.SubscriptionFilter{Type: esdb.EventFilterType, Regex: `\.paid$`}, invoices[2:]},
	} {
		subscription, err := client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: &c.filter})
		require.NoError(t, err)
		ids, _ := collect(t, subscription, len(c.wanted))
		require.Equal(t, c.wanted, ids)
		require.NoError(t, subscription.Close())
	}

	// Checkpoints, and a restart in between.
	invoiceFilter := &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Prefixes: []string{"invoice-"}}
	options := esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: invoiceFilter, MaxSearchWindow: 10, CheckpointInterval: 1}
	subscription, err := client.SubscribeToAll(ctx, options)
	require.NoError(t, err)
	ids, checkpoints := collect(t, subscription, 4)
	require.Equal(t, invoices, ids)
	require.Len(t, checkpoints, 10, "one after every ten events that were considered")
	require.NoError(t, subscription.Close())
	require.NoError(t, client.Close())
	require.NoError(t, node.Close(ctx))

	client = connect(t, openNode(t, func(c *eventnode.Config) { c.Dir, c.Verify = dir, true }))
	for _, checkpoint := range checkpoints {
		options.From = checkpoint
		subscription, err := client.SubscribeToAll(ctx, options)
		require.NoError(t, err)
		ids, _ := collect(t, subscription, 1)
		require.Equal(t, invoices[3:], ids)
		require.NoError(t, subscription.Close())
	}
	result, err := client.AppendToStream(ctx, "invoice-a", fresh, first...)
	require.NoError(t, err)
	require.Equal(t, uint64(2), result.NextExpectedVersion, "a repetition is recognised after the restart")
	require.Len(t, readAll(t, client, esdb.ReadAllOptions{From: esdb.Start{}}, 1000), 104)
}
