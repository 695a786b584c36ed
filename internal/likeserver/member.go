package likeserver

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// member is one address of the server.
type member struct {
	streams.UnimplementedStreamsServer
	of      *Server
	index   int32
	id      uuid.UUID
	address string
	server  *grpc.Server
	serving sync.WaitGroup
	// frozen, if not 0, is the node's position after which the member knows nothing.
	frozen atomic.Uint64

	mu sync.Mutex
	// term ends when every call in progress must end.
	term    context.Context
	endTerm context.CancelCauseFunc
}

func (m *member) url(scheme string) string { return scheme + "://" + m.address + "?tls=false" }

func (m *member) leads() bool { return m.of.leader.Load() == m.index }

// endCalls ends every call in progress.
func (m *member) endCalls() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endTerm(errElection)
	m.term, m.endTerm = context.WithCancelCause(context.Background())
}

// call returns a context that also ends with endCalls.
func (m *member) call(ctx context.Context) (context.Context, context.CancelFunc) {
	m.mu.Lock()
	term := m.term
	m.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(term, func() { cancel(context.Cause(term)) })
	return ctx, func() { stop(); cancel(nil) }
}

// errElection ends the calls at a member that stops to lead.
var errElection = status.Error(codes.Unavailable, "Server Is Not Ready")

// sees bounds what a member knows.
func (m *member) sees() uint64 {
	if at := m.frozen.Load(); at > 0 {
		return at
	}
	return math.MaxUint64
}

// notLeader says who leads.
func (m *member) notLeader(call interface{ SetTrailer(metadata.MD) }) error {
	host, port, _ := net.SplitHostPort(m.of.members[m.of.leader.Load()].address)
	call.SetTrailer(metadata.Pairs("exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", port))
	return status.Error(codes.NotFound, "Leader info available")
}

// deleted says that a stream was tombstoned.
func deleted(call interface{ SetTrailer(metadata.MD) }, name string) error {
	call.SetTrailer(metadata.Pairs("exception", "stream-deleted", "stream-name", name))
	return status.Errorf(codes.FailedPrecondition, "Event stream '%s' is deleted.", name)
}

// The node keeps what it does not take under other names: metadata streams and the
// records of tombstones.
const (
	metaStream    = "$$"
	keptMeta      = "$meta~"
	keptTombstone = "$tombstone~"
	typeMetadata  = "$metadata"
	typeDeleted   = "$streamDeleted"
)

// kept is the name under which the node keeps a stream.
func kept(name string) string {
	if of, is := strings.CutPrefix(name, metaStream); is {
		return keptMeta + of
	}
	return name
}

// Append forwards an append to the node.
func (m *member) Append(in streams.Streams_AppendServer) error {
	ctx, done := m.call(in.Context())
	defer done()
	var messages []*streams.AppendReq
	for {
		message, err := in.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		messages = append(messages, message)
	}
	if !m.leads() {
		return m.notLeader(in)
	}
	if len(messages) == 0 || messages[0].GetOptions() == nil {
		return status.Error(codes.InvalidArgument, "the append has no options")
	}
	options := messages[0].GetOptions()
	name := string(options.GetStreamIdentifier().GetStreamName())
	at := m.of.known(name, nil)
	if at.tombstoned {
		return deleted(in, name)
	}
	options.StreamIdentifier = identifier(kept(name))
	last := int64(-1)
	if at.gone {
		// An append that expects no stream goes on with the old revisions.
		var err error
		if last, err = m.of.lastRevision(ctx, name); err != nil {
			return err
		}
		if options.GetNoStream() != nil && last >= 0 {
			options.ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: uint64(last)}
		}
	}
	n := m.of.next()
	if n%2 == 0 {
		if err := m.of.noise(ctx, n); err != nil {
			return err
		}
	}
	answer, err := m.forward(ctx, messages)
	if err == nil && n%2 == 1 {
		err = m.of.noise(ctx, n)
	}
	if err != nil {
		return ended(ctx, in, err)
	}
	if success := answer.GetSuccess(); success != nil {
		if of, isMeta := strings.CutPrefix(name, metaStream); isMeta && len(messages) > 1 {
			m.of.set(of, messages[len(messages)-1].GetProposedMessage().GetData())
		}
		if at.gone {
			m.of.known(name, func(s *stream) { s.gone, s.first = false, uint64(last+1) })
		}
		if p := success.GetPosition(); p != nil {
			moved := eventAt(p.CommitPosition)
			p.CommitPosition, p.PreparePosition = moved.commit, moved.prepare
		}
	}
	return in.SendAndClose(answer)
}

func (m *member) forward(ctx context.Context, messages []*streams.AppendReq) (*streams.AppendResp, error) {
	var trailer metadata.MD
	out, err := m.of.backend.Append(ctx, grpc.Trailer(&trailer))
	if err != nil {
		return nil, err
	}
	for _, message := range messages {
		if err := out.Send(message); err != nil {
			break // CloseAndRecv has the reason.
		}
	}
	answer, err := out.CloseAndRecv()
	if err != nil {
		return nil, &refusal{err, trailer}
	}
	return answer, nil
}

// refusal is an error of the node with its trailers.
type refusal struct {
	error
	trailer metadata.MD
}

func (r *refusal) Unwrap() error { return r.error }

// ended passes the node's error on, or that the call was ended.
func ended(ctx context.Context, call interface{ SetTrailer(metadata.MD) }, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errElection) {
		return cause
	}
	var r *refusal
	if errors.As(err, &r) {
		call.SetTrailer(r.trailer)
		return r.error
	}
	return err
}

// Tombstone deletes a stream for good.
func (m *member) Tombstone(ctx context.Context, r *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	at, err := m.of.tombstone(ctx, string(r.GetOptions().GetStreamIdentifier().GetStreamName()))
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: &streams.TombstoneResp_Position{CommitPosition: at.commit, PreparePosition: at.prepare}}}, err
}

// Delete deletes a stream until somebody appends to it again.
func (m *member) Delete(ctx context.Context, r *streams.DeleteReq) (*streams.DeleteResp, error) {
	at, err := m.of.delete(ctx, string(r.GetOptions().GetStreamIdentifier().GetStreamName()))
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{CommitPosition: at.commit, PreparePosition: at.prepare}}}, err
}

// features tells clients the version.
type features struct {
	serverfeatures.UnimplementedServerFeaturesServer
	version string
}

func (f features) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	const service = "event_store.client.streams.streams"
	var methods []*serverfeatures.SupportedMethod
	for _, name := range []string{"read", "append", "delete", "tombstone"} {
		methods = append(methods, &serverfeatures.SupportedMethod{ServiceName: service, MethodName: name})
	}
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: f.version, Methods: methods}, nil
}

// gossiping tells clients who the members are.
type gossiping struct {
	gossip.UnimplementedGossipServer
	s *Server
}

func (g gossiping) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	info := &gossip.ClusterInfo{}
	for _, m := range g.s.members {
		host, port, _ := net.SplitHostPort(m.address)
		number, _ := strconv.ParseUint(port, 10, 16)
		state := gossip.MemberInfo_Follower
		if m.leads() {
			state = gossip.MemberInfo_Leader
		}
		info.Members = append(info.Members, &gossip.MemberInfo{
			InstanceId: &shared.UUID{Value: &shared.UUID_String_{String_: m.id.String()}},
			TimeStamp:  time.Now().UnixNano() / 100, State: state, IsAlive: true,
			HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(number)},
		})
	}
	return info, nil
}
