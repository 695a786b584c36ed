package eventstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
)

func TestHazard8_ReadsWithoutADeadline(t *testing.T) {
	var until time.Time
	silent := stage(t, &scripted{read: func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
		until, _ = out.Context().Deadline()
		return fallsSilent(message(0))(r, out)
	}})
	t.Run("hazard 8 a bare read gives the server centuries", func(t *testing.T) {
		client := bare(t, silent)
		ctx, cancel := context.WithCancel(t.Context())
		read, err := client.ReadStream(ctx, "chart-1", esdb.ReadStreamOptions{}, 10)
		require.NoError(t, err)
		_, err = read.Recv()
		require.NoError(t, err)
		require.Greater(t, until.Year(), 2200)
		cancel()
		_, err = read.Recv()
		require.Error(t, err)
	})
	t.Run("hazard 8 a read ends when nothing comes for longer than the connection's patience", func(t *testing.T) {
		s := openURL(t, "esdb://"+silent+"?tls=false&defaultDeadline=300")
		var end error
		seen := 0
		for _, err := range s.ReadStream(t.Context(), "chart-1", 0) {
			if end = err; err == nil {
				seen++
			}
		}
		require.ErrorIs(t, end, es.ErrStoreUnavailable)
		require.Equal(t, 1, seen)
	})
}

func TestHazard8_ReadsOfAllHaveNoFilter(t *testing.T) {
	t.Run("hazard 8 a bare read of all events cannot be filtered", func(t *testing.T) {
		_, has := reflect.TypeFor[esdb.ReadAllOptions]().FieldByName("Filter")
		require.False(t, has, "the client has learnt to filter: ReadAll can be made cheaper")
	})
	t.Run("hazard 8 a read of all events yields the asked categories only", func(t *testing.T) {
		s := startServer(t).open(t)
		mine, others := newStream(), es.Stream("noise-1")
		events := proposals(2, 1)
		for i, e := range events {
			_, err := s.Append(t.Context(), others, es.At(es.Revision(i-1)), proposals(1, 1))
			require.NoError(t, err)
			_, err = s.Append(t.Context(), mine, es.At(es.Revision(i-1)), []es.Proposed{e})
			require.NoError(t, err)
		}
		got := idsOf(t, s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{}))
		require.Equal(t, events[0].ID, got[0])
		require.Equal(t, events[1].ID, got[1])
		require.Len(t, got, 2)
	})
}

func TestHazard8_CaughtUpHasNoPosition(t *testing.T) {
	t.Run("hazard 8 a bare caughtUp carries a subscription and no position", func(t *testing.T) {
		field, has := reflect.TypeFor[esdb.SubscriptionEvent]().FieldByName("CaughtUp")
		require.True(t, has)
		require.Equal(t, reflect.TypeFor[*esdb.Subscription](), field.Type, "the client has learnt the position: Tail can be spared")
	})
	t.Run("hazard 8 the position that a reader has to reach is the log's tail", func(t *testing.T) {
		s := startServer(t).open(t)
		done, err := s.Append(t.Context(), newStream(), es.At(es.NoStream), proposals(3, 1))
		require.NoError(t, err)
		tail, err := s.Tail(t.Context())
		require.NoError(t, err)
		require.Equal(t, done.Position, tail)
	})
}

// timeless is an event whose time of creation no client can read.
func timeless() *streams.ReadResp {
	m := message(1)
	m.GetEvent().GetEvent().GetMetadata()["created"] = "yesterday"
	return m
}

func playBareFatal() error {
	address, _, err := serve(&scripted{read: sends(nil, message(0), timeless())})
	if err != nil {
		return err
	}
	client, err := esdb.NewClient(bareConfig(address))
	if err != nil {
		return err
	}
	read, err := client.ReadStream(context.Background(), "chart-1", esdb.ReadStreamOptions{}, 10)
	if err != nil {
		return err
	}
	for {
		if _, err := read.Recv(); err != nil {
			return fmt.Errorf("the read ended with an error: %w", err)
		}
		fmt.Fprintln(os.Stdout, "an event was read")
	}
}

func playSurvivingFatal() error {
	log.SetOutput(eventstore.SurviveFatal(os.Stderr))
	address, stop, err := serve(&scripted{read: sends(nil, message(0), timeless())})
	if err != nil {
		return err
	}
	defer stop()
	s, err := eventstore.Open(eventstore.Config{URL: "esdb://" + address + "?tls=false"})
	if err != nil {
		return err
	}
	defer s.Close()
	for range 2 {
		for _, err := range s.ReadStream(context.Background(), "chart-1", 0) {
			if err != nil {
				fmt.Fprintln(os.Stdout, err)
				break
			}
			fmt.Fprintln(os.Stdout, "an event was read")
		}
	}
	for _, err := range s.Subscribe(context.Background(), []es.Category{"chart"}, es.Position{}) {
		fmt.Fprintln(os.Stdout, err)
	}
	log.Print("other lines are logged")
	return nil
}

func TestHazard8_AnEventWithoutATimeEndsTheProcess(t *testing.T) {
	t.Run("hazard 8 a bare client ends the process", func(t *testing.T) {
		dying := spawn(t, "bare fatal")
		require.Equal(t, "an event was read", dying.says())
		require.Empty(t, dying.says())
		err := dying.cmd.Wait()
		require.Error(t, err)
		require.Equal(t, 1, dying.cmd.ProcessState.ExitCode(), "log.Fatalf, not the role's own 3")
	})
	t.Run("hazard 8 only the read ends, with an error, and the store goes on", func(t *testing.T) {
		living := spawn(t, "surviving fatal")
		for range 2 {
			require.Equal(t, "an event was read", living.says())
			require.Contains(t, living.says(), "unforeseen")
		}
		require.Contains(t, living.says(), "unforeseen")
		require.Empty(t, living.says())
		require.NoError(t, living.cmd.Wait())
	})
}

// TestHazard8_BatchAppendIsUnused shows why an append costs a call of its own.
// There is nothing to guard against.
func TestHazard8_BatchAppendIsUnused(t *testing.T) {
	var called []string
	script := &scripted{append: func(in streams.Streams_AppendServer) error {
		return in.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
			PositionOption: &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{CommitPosition: 1, PreparePosition: 1}},
		}}})
	}}
	s := openURL(t, "esdb://"+stage(t, script, grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
		called = append(called, info.FullMethod)
		return handle(srv, ss)
	}))+"?tls=false")
	for range 2 {
		_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(2, 1))
		require.NoError(t, err)
	}
	const call = "/event_store.client.streams.Streams/Append"
	require.Equal(t, []string{call, call}, called, "hazard 8 every append is a call of its own")
}
