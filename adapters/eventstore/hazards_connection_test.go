package eventstore_test

import (
	"context"
	"iter"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"praxis/domain/es"
	"praxis/domain/fault"
)

// TestHazard1_AClientIsClosedForGood ends the outage as soon as a bare client in
// a process of its own is beyond help, so the store lived through the same.
func TestHazard1_AClientIsClosedForGood(t *testing.T) {
	srv := startServer(t)
	witness := spawn(t, "bare client", socketVariable+"="+srv.config.Socket)
	require.Equal(t, "ok", witness.asked(t, "use"))
	traffic := startTraffic(t, srv.open(t))
	traffic.goesOn(t)

	srv.stop(t)
	require.Equal(t, "closed", witness.asked(t, "use until closed"))
	srv.start(t)

	t.Run("hazard 1 a bare client stays closed when the server is back", func(t *testing.T) {
		require.Equal(t, "ok", witness.asked(t, "use a fresh one"))
		for range 3 {
			require.Equal(t, "closed", witness.asked(t, "use"))
		}
	})
	t.Run("hazard 1 every command, read and subscription uses the server again", func(t *testing.T) {
		traffic.goesOn(t)
		traffic.end(t)
	})
}

// TestHazard1_ThirtySeconds is the same with the outage of the requirement.
func TestHazard1_ThirtySeconds(t *testing.T) {
	if os.Getenv("PRAXIS_TEST_LONG") == "" {
		t.Skip("PRAXIS_TEST_LONG is not set; TestHazard1_AClientIsClosedForGood makes an outage that kills the bare client, in 2 s")
	}
	srv := startServer(t)
	witness := spawn(t, "bare client", socketVariable+"="+srv.config.Socket)
	require.Equal(t, "ok", witness.asked(t, "use"))
	traffic := startTraffic(t, srv.open(t))
	traffic.goesOn(t)

	srv.stop(t)
	<-time.After(30 * time.Second)
	require.Equal(t, "closed", witness.asked(t, "use until closed"))
	srv.start(t)

	require.Equal(t, "closed", witness.asked(t, "use"))
	traffic.goesOn(t)
	traffic.end(t)
}

func TestHazard2_AReceiveBlocksForEver(t *testing.T) {
	t.Run("hazard 2 a bare read that fails after its client was closed never returns", func(t *testing.T) {
		dir, err := os.MkdirTemp("", "es") //nolint:usetesting // t.TempDir names the test, too long for a socket.
		require.NoError(t, err)
		defer func() { require.NoError(t, os.RemoveAll(dir)) }()
		hanging := spawn(t, "bare hang", dirVariable+"="+dir)
		require.Equal(t, "the first reader is told", hanging.says())
		require.Equal(t, "the client is closed", hanging.says())
		require.Equal(t, "the second reader sends to a goroutine that is gone", hanging.says())
	})
	t.Run("hazard 2 every open read is told, also after the client was given up", func(t *testing.T) {
		srv := startServer(t)
		s := srv.open(t)
		stream := newStream()
		for at := 0; at < 640; at += 16 {
			_, err := s.Append(t.Context(), stream, es.At(es.Revision(at-1)), proposals(16, 16<<10))
			require.NoError(t, err)
		}
		var reads [2]func() (es.Recorded, error, bool)
		for i := range reads {
			next, stop := iter.Pull2(s.ReadStream(t.Context(), stream, 0))
			defer stop()
			reads[i] = next
			_, err, more := next()
			require.True(t, more)
			require.NoError(t, err)
		}
		srv.stop(t)
		require.ErrorIs(t, endOf(reads[0]), es.ErrStoreUnavailable)
		require.ErrorIs(t, s.Ping(t.Context()), es.ErrStoreUnavailable)
		require.ErrorIs(t, endOf(reads[1]), es.ErrStoreUnavailable)
		srv.start(t)
		require.NoError(t, s.Ping(t.Context()))
	})
	t.Run("hazard 2 a receive to which nothing comes is noticed", func(t *testing.T) {
		s := play(t, &scripted{read: fallsSilent(message(0))})
		require.ErrorIs(t, lastError(s.ReadStream(t.Context(), "chart-1", 0)), es.ErrStoreUnavailable)
	})
}

func endOf(next func() (es.Recorded, error, bool)) error {
	for {
		if _, err, more := next(); err != nil || !more {
			return err
		}
	}
}

func TestHazard3_ContextsAreIgnoredDuringDiscovery(t *testing.T) {
	t.Run("hazard 3 a bare client looks for a node although the context is over", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		config := bareConfig(listener.Addr().String())
		config.MaxDiscoverAttempts = 1
		client, err := esdb.NewClient(config)
		require.NoError(t, err)
		over, cancel := context.WithCancel(t.Context())
		cancel()
		ended := make(chan error, 1)
		go func() {
			_, err := client.AppendToStream(over, "bare-1", esdb.AppendToStreamOptions{}, esdb.EventData{EventType: "a"})
			ended <- err
		}()
		conn, err := listener.Accept()
		require.NoError(t, err)
		select {
		case err := <-ended:
			require.Fail(t, "the call ended with its context", "%v", err)
		default:
		}
		// Only the end of the search ends the call.
		require.NoError(t, conn.Close())
		require.NoError(t, listener.Close())
		err = <-ended
		require.ErrorContains(t, err, "maximum discovery attempt count reached")
		require.NotErrorIs(t, err, context.Canceled)
	})
	t.Run("hazard 3 a call ends with its context while a search goes on", func(t *testing.T) {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s := openURL(t, "esdb://"+listener.Addr().String()+"?tls=false&gossipTimeout=60&maxDiscoverAttempts=1")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := s.Append(ctx, newStream(), es.At(es.NoStream), proposals(1, 1))
			ended <- err
		}()
		conn, err := listener.Accept()
		require.NoError(t, err)
		cancel()
		// The server is still silent and the search has a minute left.
		err = <-ended
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, conn.Close())
		require.NoError(t, listener.Close())
	})
}

// gated is a listener whose connections nobody serves before the gate opens.
type gated struct {
	net.Listener
	reached, gate chan struct{}
	once          sync.Once
}

func (g *gated) Accept() (net.Conn, error) {
	conn, err := g.Listener.Accept()
	if err == nil {
		g.once.Do(func() { close(g.reached) })
		<-g.gate
	}
	return conn, err
}

// TestHazard3_ALeaderThatIsSilent has the client look for a node by itself, in
// the middle of a session, because a follower named a leader that does not answer.
func TestHazard3_ALeaderThatIsSilent(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	leader := &gated{Listener: listener, reached: make(chan struct{}), gate: make(chan struct{})}
	server := grpc.NewServer()
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(leader) })
	t.Cleanup(func() { server.Stop(); serving.Wait() })
	s := openURL(t, "esdb://"+stage(t, &scripted{append: refersTo(t, listener.Addr().String())})+"?tls=false&gossipTimeout=60&defaultDeadline=60000")
	_, err = s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
	require.ErrorIs(t, err, es.ErrStoreUnavailable)
	<-leader.reached

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Append(ctx, "chart-1", es.At(es.NoStream), proposals(1, 1))
	require.ErrorIs(t, err, context.DeadlineExceeded, "hazard 3 a call ends with its context while the client changes its node")
	close(leader.gate)
	// The leader of this test knows no calls; that it is asked ends the search.
	require.Equal(t, "event_store_refused", fault.From(s.Ping(t.Context())).Code)
}

// refersTo answers an append as a follower does that knows its leader.
func refersTo(t *testing.T, leader string) func(streams.Streams_AppendServer) error {
	t.Helper()
	host, port, err := net.SplitHostPort(leader)
	require.NoError(t, err)
	return func(in streams.Streams_AppendServer) error {
		in.SetTrailer(metadata.Pairs("exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", port))
		return status.Error(codes.NotFound, "scripted")
	}
}

func TestHazard4_TheLeaderIsNotAskedFor(t *testing.T) {
	t.Run("hazard 4 a bare client that requires the leader does not say so", func(t *testing.T) {
		var heard metadata.MD
		client := bare(t, stage(t, &scripted{append: func(in streams.Streams_AppendServer) error {
			heard, _ = metadata.FromIncomingContext(in.Context())
			return status.Error(codes.Aborted, "scripted")
		}}))
		_, err := client.AppendToStream(t.Context(), "bare-1", esdb.AppendToStreamOptions{RequiresLeader: true}, esdb.EventData{EventType: "a"})
		require.Error(t, err)
		require.NotEmpty(t, heard)
		require.NotContains(t, heard, "requires-leader")
	})
	t.Run("hazard 4 discovery takes the leader out of the gossip", func(t *testing.T) {
		var asked atomic.Int32
		leader := stage(t, &scripted{read: func(*streams.ReadReq, streams.Streams_ReadServer) error {
			asked.Add(1)
			return nil
		}})
		follower := stage(t, &scripted{read: sends(nil)})
		for range 8 {
			seed := stage(t, &scripted{members: func() []*gossip.MemberInfo {
				return []*gossip.MemberInfo{member(t, follower, gossip.MemberInfo_Follower), member(t, leader, gossip.MemberInfo_Leader)}
			}})
			s := openURL(t, "esdb+discover://"+seed+"?tls=false")
			require.NoError(t, s.Ping(t.Context()))
			s.Close()
		}
		require.Equal(t, int32(8), asked.Load())
	})
	t.Run("hazard 4 an append refused by a follower changed nothing and its repetition reaches the leader", func(t *testing.T) {
		leader := stage(t, &scripted{append: func(in streams.Streams_AppendServer) error {
			return in.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
				CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: 0},
				PositionOption:        &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{CommitPosition: 9, PreparePosition: 9}},
			}}})
		}})
		s := play(t, &scripted{append: refersTo(t, leader)})
		events := proposals(1, 1)
		_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), events)
		require.ErrorIs(t, err, es.ErrStoreUnavailable)
		require.NotErrorIs(t, err, es.ErrOutcomeUnknown)
		done, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), events)
		require.NoError(t, err)
		require.Equal(t, es.Position{Commit: 9, Prepare: 9}, done.Position)
	})
}

func member(t *testing.T, address string, state gossip.MemberInfo_VNodeState) *gossip.MemberInfo {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.ParseUint(text, 10, 16)
	require.NoError(t, err)
	return &gossip.MemberInfo{State: state, IsAlive: true, HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(port)}}
}
