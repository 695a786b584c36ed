package likeserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
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

// stream is what a server knows of a stream beside its events.
type stream struct {
	tombstoned bool
	// first is the revision before which reads see nothing ($tb); most, if not 0, is
	// how many events they see ($maxCount). gone means that nothing is left and the
	// stream counts as not there.
	first uint64
	most  uint64
	gone  bool
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

// Foreign writes n small events of another application, in its own streams.
func (s *Server) Foreign(ctx context.Context, n int) error {
	for n > 0 {
		few := min(n, 500)
		n -= few
		events := make([]*streams.AppendReq_ProposedMessage, few)
		for i := range events {
			events[i] = proposed("other.happened", `{"n":1}`)
		}
		if _, err := s.write(ctx, "other-1", events...); err != nil {
			return err
		}
	}
	return nil
}

// TombstoneStream deletes a stream for good, as an operator's tools do.
func (s *Server) TombstoneStream(ctx context.Context, name string) error {
	_, err := s.tombstone(ctx, name)
	return err
}

func (s *Server) tombstone(ctx context.Context, name string) (place, error) {
	n, err := s.write(ctx, keptTombstone+name, proposed(typeDeleted, `{}`))
	if err == nil {
		s.known(name, func(at *stream) { at.tombstoned = true })
	}
	return eventAt(n), err
}

// DeleteStream deletes a stream until somebody appends to it again.
func (s *Server) DeleteStream(ctx context.Context, name string) error {
	_, err := s.delete(ctx, name)
	return err
}

func (s *Server) delete(ctx context.Context, name string) (place, error) {
	n, err := s.write(ctx, metaStream+name, proposed(typeMetadata, `{"$tb":9223372036854775807}`))
	if err == nil {
		s.known(name, func(at *stream) { at.gone, at.first, at.most = true, math.MaxInt64, 0 })
	}
	return eventAt(n), err
}

// TruncateStream makes reads of a stream begin at a revision.
func (s *Server) TruncateStream(ctx context.Context, name string, before uint64) error {
	data := fmt.Sprintf(`{"$tb":%d}`, before)
	_, err := s.write(ctx, metaStream+name, proposed(typeMetadata, data))
	if err == nil {
		s.set(name, []byte(data))
	}
	return err
}

// own writes events that no client asked for: triples of stream, type and
// data.
func (s *Server) own(ctx context.Context, triples ...string) error {
	for i := 0; i < len(triples); i += 3 {
		if _, err := s.write(ctx, triples[i], proposed(triples[i+1], triples[i+2])); err != nil {
			return err
		}
	}
	return nil
}

// noise goes before or follows most appends: n is which append it is.
func (s *Server) noise(ctx context.Context, n int) error {
	switch {
	case s.config.Quiet:
		return nil
	case n%3 == 0:
		return s.own(ctx, "$stats-0.0.0.0:2113", "$statsCollected", `{}`)
	case n%3 == 1:
		return s.own(ctx, "other-2", "other.happened", `{"n":1}`)
	}
	return nil
}

// next numbers the appends.
func (s *Server) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appends++
	return s.appends
}

func identifier(name string) *shared.StreamIdentifier {
	return &shared.StreamIdentifier{StreamName: []byte(name)}
}

func proposed(kind, data string) *streams.AppendReq_ProposedMessage {
	return &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: uuid.NewString()}},
		Metadata: map[string]string{"type": kind, "content-type": "application/json"},
		Data:     []byte(data),
	}
}

// write appends to a stream of the node, whatever it holds, and returns the
// node's position of the last event.
func (s *Server) write(ctx context.Context, name string, events ...*streams.AppendReq_ProposedMessage) (uint64, error) {
	call, err := s.backend.Append(ctx)
	if err != nil {
		return 0, err
	}
	options := &streams.AppendReq_Options{
		StreamIdentifier:       identifier(kept(name)),
		ExpectedStreamRevision: &streams.AppendReq_Options_Any{Any: &shared.Empty{}},
	}
	if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_Options_{Options: options}}); err != nil {
		return 0, err
	}
	for _, e := range events {
		if err := call.Send(&streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: e}}); err != nil {
			return 0, err
		}
	}
	done, err := call.CloseAndRecv()
	return done.GetSuccess().GetPosition().GetCommitPosition(), err
}

// head is the node's position of the last event.
func (s *Server) head(ctx context.Context) (uint64, error) {
	last, err := s.last(ctx, &streams.ReadReq_Options{StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}},
	}}})
	return last.GetEvent().GetEvent().GetCommitPosition(), err
}

// lastRevision is that of the last event that the node keeps of a stream; -1
// without any.
func (s *Server) lastRevision(ctx context.Context, name string) (int64, error) {
	last, err := s.last(ctx, &streams.ReadReq_Options{StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
		StreamIdentifier: identifier(kept(name)),
		RevisionOption:   &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}},
	}}})
	if err != nil {
		return 0, err
	}
	if last.GetStreamNotFound() != nil {
		return -1, nil
	}
	return int64(last.GetEvent().GetEvent().GetStreamRevision()), nil
}

// last reads the last event of the node, of all or of one stream.
func (s *Server) last(ctx context.Context, of *streams.ReadReq_Options) (*streams.ReadResp, error) {
	of.ReadDirection = streams.ReadReq_Options_Backwards
	of.CountOption = &streams.ReadReq_Options_Count{Count: 1}
	of.FilterOption = &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}}
	of.UuidOption = &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}}
	call, err := s.backend.Read(ctx, &streams.ReadReq{Options: of})
	if err != nil {
		return nil, err
	}
	return call.Recv()
}

// known returns what the server knows of a stream; change, if set, changes it.
func (s *Server) known(name string, change func(*stream)) stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.streams[name]
	if change != nil {
		if !ok {
			at = &stream{}
			s.streams[name] = at
		}
		change(at)
	}
	if at == nil {
		return stream{}
	}
	return *at
}

// set applies metadata as clients write it, which replaces what was set before.
func (s *Server) set(name string, data []byte) {
	var given struct {
		TruncateBefore uint64 `json:"$tb"`
		MaxCount       uint64 `json:"$maxCount"`
	}
	// What is no JSON is no metadata.
	_ = json.Unmarshal(data, &given)
	s.known(name, func(at *stream) { at.first, at.most, at.gone = given.TruncateBefore, given.MaxCount, false })
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
