package eventnode_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
	"praxis/adapters/eventnode/engine"
	"praxis/domain/fault"
)

// loaded makes a log of the records that a node hands out, and opens it.
func loaded(t *testing.T, address string) (e *engine.Engine, records int) {
	t.Helper()
	var all [][]byte
	require.NoError(t, eventnode.Records(t.Context(), address, func(record []byte, last uint64) error {
		all = append(all, record)
		require.LessOrEqual(t, uint64(len(all)), last)
		return nil
	}))
	records = len(all)
	dir := t.TempDir()
	require.NoError(t, engine.Load(dir, func() ([]byte, error) {
		if len(all) == 0 {
			return nil, io.EOF
		}
		first := all[0]
		all = all[1:]
		return first, nil
	}))
	e, err := engine.Open(engine.Config{Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e, records
}

func TestRecords_OfAnEmptyLog(t *testing.T) {
	_, n := loaded(t, openNode(t).Address())
	require.Zero(t, n)
}

// While several clients write, the log is handed out as of one instant: all that was
// acknowledged before, each stream without a gap, appends whole.
func TestRecords_WhileOthersWrite(t *testing.T) {
	node := openNode(t)
	client := connect(t, node)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	acknowledged := make(chan uint64, 1<<16)
	for w := range 4 {
		writers.Go(func() {
			for ctx.Err() == nil {
				result, err := client.AppendToStream(context.WithoutCancel(ctx), "writer-"+string(rune('a'+w)), esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}},
					event("written", `{"text":"`+strings.Repeat("x", 3000)+`"}`), event("written", `{}`), event("written", `{}`))
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged <- result.CommitPosition
			}
		})
	}
	for range 5 {
		for range 100 {
			<-acknowledged
		}
		last := <-acknowledged
		e, n := loaded(t, node.Address())
		require.LessOrEqual(t, last, uint64(n))
		require.Zero(t, n%3, "an append is there whole or not at all")
		head, _ := e.Head()
		require.EqualValues(t, n, head)
	}
	stop()
	writers.Wait()
}

func TestRecords_EndsWithTheErrorOfItsReader(t *testing.T) {
	node := openNode(t)
	seed(t, connect(t, node), "stream", 3)
	full := errors.New("the disk is full")
	n := 0
	require.ErrorIs(t, eventnode.Records(t.Context(), node.Address(), func([]byte, uint64) error { n++; return full }), full)
	require.Equal(t, 1, n)
}

// Who may only reach the TCP address does not get the log as it is kept.
func TestRecords_AreServedOnTheSocketAlone(t *testing.T) {
	node := openNode(t, func(c *eventnode.Config) { c.Listen = "127.0.0.1:0" })
	address, _, _ := strings.Cut(strings.TrimPrefix(node.ConnectionString(), "esdb://"), "?")
	err := eventnode.Records(t.Context(), address, func([]byte, uint64) error { return nil })
	require.Equal(t, "backup_not_served", fault.From(err).Code)
}
