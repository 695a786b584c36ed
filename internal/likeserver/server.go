package likeserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"praxis/adapters/eventnode"
)

// Flavour is the version whose ways with live subscribers are imitated.
type Flavour string

// The flavours.
const (
	V23 Flavour = "23.10.8"
	V24 Flavour = "24.6.0"
)

// Flavours are all of them.
var Flavours = []Flavour{V23, V24}

// Config says what to imitate.
type Config struct {
	// Dir is where the node keeps its log.
	Dir string
	// Flavour is V23 unless another is given.
	Flavour Flavour
	// LiveBuffer is how many messages a live subscriber may be behind before it is
	// too slow; 0 means 5,000. A server keeps fewer, but here one process is server
	// and client.
	LiveBuffer int
	// Pace is how many events a second subscriptions that catch up pass over, all of
	// them together; 0 means as fast as the node can. A server on 2 cores manages 50,000.
	Pace int
	// Quiet leaves out what the server and other applications write by themselves.
	Quiet bool
}

// Server is an event store in the likeness of an EventStoreDB.
type Server struct {
	config  Config
	node    *eventnode.Node
	conn    *grpc.ClientConn
	backend streams.StreamsClient
	// pace bounds how many events are passed over in a second.
	pace *rate.Limiter

	// leader is the index of the member that leads.
	leader  atomic.Int32
	members []*member

	mu      sync.Mutex
	streams map[string]*stream
	appends int
	live    map[*subscription]struct{}
	traffic Traffic
}

// Traffic counts what was asked of the server and what it sent.
type Traffic struct {
	// Subscriptions to all events were opened. Considered is how many events those
	// that were catching up looked at, Delivered how many they sent.
	Subscriptions, Considered, Delivered int64
	// Read is how many events reads of all events sent, without subscription.
	Read int64
	// Dropped is how often a live subscriber was too slow.
	Dropped int64
}

// Traffic returns the counts since the start or the last call of ResetTraffic.
func (s *Server) Traffic() Traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.traffic
}

// ResetTraffic sets all counts to zero.
func (s *Server) ResetTraffic() { s.count(func(t *Traffic) { *t = Traffic{} }) }

func (s *Server) count(change func(*Traffic)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.traffic)
}

// Start starts a server for the time of a test.
func Start(t testing.TB, c Config) *Server {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	s, err := Open(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Open starts a server of one member.
func Open(c Config) (*Server, error) {
	c.Flavour = cmp.Or(c.Flavour, V23)
	c.LiveBuffer = cmp.Or(c.LiveBuffer, 5_000)
	s := &Server{config: c, streams: map[string]*stream{}, live: map[*subscription]struct{}{}, pace: rate.NewLimiter(rate.Inf, 0)}
	if c.Pace > 0 {
		s.pace = rate.NewLimiter(rate.Limit(c.Pace), max(1, c.Pace/100))
	}
	var err error
	if s.node, err = eventnode.Open(eventnode.Config{Dir: c.Dir}); err != nil {
		return nil, err
	}
	s.conn, err = grpc.NewClient(s.node.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(17<<20)))
	if err == nil {
		s.backend = streams.NewStreamsClient(s.conn)
		err = s.AddMember()
	}
	if err == nil && !c.Quiet {
		err = s.own(context.Background(), "$users", "$UserCreated", `{"loginName":"ops"}`, "$stats-0.0.0.0:2113", "$statsCollected", `{}`, "other-1", "other.happened", `{"n":1}`)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends everything.
func (s *Server) Close() error {
	for _, m := range s.members {
		m.server.Stop()
		m.serving.Wait()
	}
	var err error
	if s.conn != nil {
		err = s.conn.Close()
	}
	return errors.Join(err, s.node.Close(context.Background()))
}

// URL is the connection string of the first member.
func (s *Server) URL() string { return s.MemberURL(0) }

// MemberURL is the connection string of one member, without looking for the leader.
func (s *Server) MemberURL(member int) string { return s.members[member].url("esdb") }

// ClusterURL is the connection string that finds the leader by gossip, through any
// of the members.
func (s *Server) ClusterURL() string {
	var hosts []string
	for _, m := range s.members {
		hosts = append(hosts, m.address)
	}
	scheme := "esdb"
	if len(hosts) == 1 {
		scheme = "esdb+discover"
	}
	return scheme + "://" + strings.Join(hosts, ",") + "?tls=false&gossipTimeout=5"
}

// AddMember adds a follower of the present leader, or the first member. It is
// called before anything connects.
func (s *Server) AddMember() error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	m := &member{of: s, index: int32(len(s.members)), id: uuid.New(), address: listener.Addr().String()}
	m.term, m.endTerm = context.WithCancelCause(context.Background())
	m.server = grpc.NewServer(
		grpc.MaxRecvMsgSize(16<<20), grpc.MaxSendMsgSize(17<<20),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	)
	streams.RegisterStreamsServer(m.server, m)
	serverfeatures.RegisterServerFeaturesServer(m.server, features{version: string(s.config.Flavour)})
	gossip.RegisterGossipServer(m.server, gossiping{s: s})
	m.serving.Go(func() { _ = m.server.Serve(listener) })
	s.members = append(s.members, m)
	return nil
}

// Elect makes another member the leader. Every call at the old one ends; from then
// on it answers reads with the state that it has and tells who appends who leads.
func (s *Server) Elect(member int) { s.members[s.leader.Swap(int32(member))].endCalls() }

// Freeze lets a member lag behind: it answers as if nothing had been recorded from
// now on, until Thaw.
func (s *Server) Freeze(ctx context.Context, member int) error {
	head, err := s.head(ctx)
	if err == nil {
		s.members[member].frozen.Store(head)
	}
	return err
}

// Thaw lets a member see everything again.
func (s *Server) Thaw(member int) { s.members[member].frozen.Store(0) }

// DropSlow treats every subscriber that is live as too slow, once, and returns how
// many there were.
func (s *Server) DropSlow() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.live {
		sub.tooSlow()
	}
	return len(s.live)
}

// pass waits for the turn of n events that are passed over, or for the end of ctx: its
// error, upon which nothing more is passed over.
func (s *Server) pass(ctx context.Context, n uint64) error {
	for s.pace.Limit() != rate.Inf && n > 0 {
		few := min(n, uint64(s.pace.Burst()))
		if s.pace.WaitN(ctx, int(few)) != nil {
			<-ctx.Done() // Its deadline comes before the turn of these: WaitN does not wait for it.
			return context.Cause(ctx)
		}
		n -= few
	}
	return nil
}
