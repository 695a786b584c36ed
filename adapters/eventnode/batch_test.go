package eventnode_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func proposed(n int) []*streams.BatchAppendReq_ProposedMessage {
	var messages []*streams.BatchAppendReq_ProposedMessage
	for range n {
		messages = append(messages, &streams.BatchAppendReq_ProposedMessage{Id: textID(uuid.New()), Metadata: fullMetadata(), Data: []byte("{}")})
	}
	return messages
}

func batchOptions(stream string) *streams.BatchAppendReq_Options {
	return &streams.BatchAppendReq_Options{
		StreamIdentifier:       identifier(stream),
		ExpectedStreamPosition: &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}},
		DeadlineOption:         &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(time.Minute)},
	}
}

// batchCall sends all chunks, closes the sending side and receives every answer.
func batchCall(t *testing.T, client streams.StreamsClient, chunks ...*streams.BatchAppendReq) []*streams.BatchAppendResp {
	t.Helper()
	call, err := client.BatchAppend(t.Context())
	require.NoError(t, err)
	for _, chunk := range chunks {
		require.NoError(t, call.Send(chunk))
	}
	require.NoError(t, call.CloseSend())
	var answers []*streams.BatchAppendResp
	for {
		answer, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return answers
		}
		require.NoError(t, err)
		answers = append(answers, answer)
	}
}

func TestBatchAppendCollectsChunksByCorrelationID(t *testing.T) {
	client := dial(t, openNode(t))
	first, second := textID(uuid.New()), textID(uuid.New())
	timestamp := batchOptions("b")
	timestamp.DeadlineOption = &streams.BatchAppendReq_Options_Deadline_21_10_0{Deadline_21_10_0: timestamppb.New(time.Now().Add(time.Minute))}
	answers := batchCall(t, client,
		&streams.BatchAppendReq{CorrelationId: first, Options: batchOptions("a"), ProposedMessages: proposed(2)},
		&streams.BatchAppendReq{CorrelationId: textID(uuid.New()), ProposedMessages: proposed(1), IsFinal: true}, // unknown, without options: ignored
		&streams.BatchAppendReq{CorrelationId: second, Options: timestamp, ProposedMessages: proposed(1), IsFinal: true},
		&streams.BatchAppendReq{CorrelationId: first, Options: batchOptions("elsewhere"), ProposedMessages: proposed(1), IsFinal: true}, // repeated options: ignored
		&streams.BatchAppendReq{CorrelationId: textID(uuid.New()), Options: batchOptions("unfinished"), ProposedMessages: proposed(1)},
	)
	require.Len(t, answers, 2)
	success := func(id *shared.UUID, stream string, revision, position uint64) *streams.BatchAppendResp {
		return &streams.BatchAppendResp{
			CorrelationId: id, StreamIdentifier: identifier(stream),
			ExpectedStreamPosition: &streams.BatchAppendResp_NoStream{NoStream: &emptypb.Empty{}},
			Result: &streams.BatchAppendResp_Success_{Success: &streams.BatchAppendResp_Success{
				CurrentRevisionOption: &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: revision},
				PositionOption:        &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{CommitPosition: position, PreparePosition: position}},
			}},
		}
	}
	require.True(t, proto.Equal(success(second, "b", 0, 1), answers[0]), answers[0])
	require.True(t, proto.Equal(success(first, "a", 2, 4), answers[1]), answers[1])
}

func TestBatchAppendAnswersErrorsPerIDAndGoesOn(t *testing.T) {
	client := dial(t, openNode(t))
	large := proposed(2)
	large[1].Data = make([]byte, 1<<20)
	late := batchOptions("late")
	late.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(0)}
	noType := proposed(1)
	noType[0].Metadata = map[string]string{"content-type": "application/json"}
	unfinished := textID(uuid.New()) // because of it, what is not supported does not end the call
	final := func(options *streams.BatchAppendReq_Options, messages []*streams.BatchAppendReq_ProposedMessage) *streams.BatchAppendReq {
		return &streams.BatchAppendReq{CorrelationId: textID(uuid.New()), Options: options, ProposedMessages: messages, IsFinal: true}
	}
	answers := batchCall(t, client,
		final(batchOptions("s"), proposed(1)),
		final(batchOptions("s"), proposed(1)),
		final(batchOptions("large"), large),
		final(late, proposed(1)),
		&streams.BatchAppendReq{CorrelationId: unfinished, Options: batchOptions("unfinished"), ProposedMessages: proposed(1)},
		final(batchOptions("$$s"), proposed(1)),
		final(batchOptions("untyped"), noType),
		&streams.BatchAppendReq{CorrelationId: unfinished, IsFinal: true},
	)
	require.Len(t, answers, 7)
	require.NotNil(t, answers[0].GetSuccess())
	for i, wanted := range []struct {
		code   codes.Code
		detail proto.Message
	}{
		{codes.AlreadyExists, &shared.WrongExpectedVersion{
			CurrentStreamRevisionOption:  &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: 0},
			ExpectedStreamPositionOption: &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}},
		}},
		{codes.InvalidArgument, &shared.MaximumAppendSizeExceeded{MaxAppendSize: 1 << 20}},
		{codes.DeadlineExceeded, &shared.Timeout{}},
		{codes.Unimplemented, &shared.BadRequest{Message: "the embedded event node does not support stream metadata; use an EventStoreDB server for it"}},
		{codes.InvalidArgument, &shared.BadRequest{Message: "required metadata property type is missing"}},
	} {
		failed := answers[i+1].GetError()
		require.Equal(t, wanted.code, codes.Code(failed.GetCode()), failed.GetMessage())
		require.Len(t, failed.GetDetails(), 1)
		detail, err := failed.GetDetails()[0].UnmarshalNew()
		require.NoError(t, err)
		require.True(t, proto.Equal(wanted.detail, detail), detail)
	}
	require.NotNil(t, answers[6].GetSuccess())
}

func TestBatchAppendRepeatsWhatWasExpected(t *testing.T) {
	client := dial(t, openNode(t))
	expecting := func(stream string, change func(*streams.BatchAppendReq_Options)) *streams.BatchAppendReq {
		options := batchOptions(stream)
		change(options)
		return &streams.BatchAppendReq{CorrelationId: textID(uuid.New()), Options: options, ProposedMessages: proposed(1), IsFinal: true}
	}
	exists := func(o *streams.BatchAppendReq_Options) {
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamExists{StreamExists: &emptypb.Empty{}}
	}
	anything := func(o *streams.BatchAppendReq_Options) {
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}}
	}
	seventh := func(o *streams.BatchAppendReq_Options) {
		o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: 7}
	}
	nothing := func(o *streams.BatchAppendReq_Options) { o.ExpectedStreamPosition = nil }
	answers := batchCall(t, client, expecting("s", exists), expecting("s", anything), expecting("s", seventh), expecting("s", exists), expecting("s", nothing))
	require.Len(t, answers, 5)
	conflict := func(answer *streams.BatchAppendResp) *shared.WrongExpectedVersion {
		require.Equal(t, int32(codes.AlreadyExists), answer.GetError().GetCode())
		detail, err := answer.GetError().GetDetails()[0].UnmarshalNew()
		require.NoError(t, err)
		wrong, ok := detail.(*shared.WrongExpectedVersion)
		require.True(t, ok)
		return wrong
	}
	require.NotNil(t, answers[0].GetStreamExists())
	require.NotNil(t, conflict(answers[0]).GetExpectedStreamExists())
	require.NotNil(t, conflict(answers[0]).GetCurrentNoStream())
	require.NotNil(t, answers[1].GetAny())
	require.NotNil(t, answers[1].GetSuccess())
	require.Equal(t, uint64(7), answers[2].GetStreamPosition())
	require.Equal(t, uint64(7), conflict(answers[2]).GetExpectedStreamPosition())
	require.Equal(t, uint64(1), answers[3].GetSuccess().GetCurrentRevision())
	require.Contains(t, answers[4].GetError().GetMessage(), "does not say which revision it expects")
}

func TestBatchAppendKeepsTheOrderOfFinishedAppends(t *testing.T) {
	client := dial(t, openNode(t))
	var chunks []*streams.BatchAppendReq
	for i := range 500 {
		options := batchOptions("s")
		if i > 0 {
			options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: uint64(i) - 1}
		}
		chunks = append(chunks, &streams.BatchAppendReq{CorrelationId: textID(uuid.New()), Options: options, ProposedMessages: proposed(1), IsFinal: true})
	}
	answers := batchCall(t, client, chunks...)
	require.Len(t, answers, 500)
	for i, answer := range answers {
		require.Equal(t, uint64(i), answer.GetSuccess().GetCurrentRevision())
		require.NotNil(t, answer.GetSuccess(), answer.GetError().GetMessage())
	}
}

func TestBatchAppendBoundsWhatIsUnfinished(t *testing.T) {
	client := dial(t, openNode(t))
	var chunks []*streams.BatchAppendReq
	for range 65 {
		chunks = append(chunks, &streams.BatchAppendReq{CorrelationId: textID(uuid.New()), Options: batchOptions("s"), ProposedMessages: proposed(1)})
	}
	answers := batchCall(t, client, chunks...)
	require.Len(t, answers, 1)
	require.Contains(t, answers[0].GetError().GetMessage(), "too many appends are unfinished")
	require.True(t, proto.Equal(chunks[64].GetCorrelationId(), answers[0].GetCorrelationId()))
}

func TestBatchAppendNeedsCorrelationIDs(t *testing.T) {
	call, err := dial(t, openNode(t)).BatchAppend(t.Context())
	require.NoError(t, err)
	require.NoError(t, call.Send(&streams.BatchAppendReq{Options: batchOptions("s"), IsFinal: true}))
	_, err = call.Recv()
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
