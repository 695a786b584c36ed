package eventstore_test

import (
	"math"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"praxis/domain/es"
	"praxis/domain/fault"
)

func TestAppend_TranslatesEveryFailure(t *testing.T) {
	for code, want := range map[codes.Code]string{
		codes.PermissionDenied:   "event_store_access_denied",
		codes.Unauthenticated:    "event_store_access_denied",
		codes.InvalidArgument:    "event_store_refused",
		codes.FailedPrecondition: "store_refuses_writes",
		codes.Unimplemented:      "event_store_refused",
		codes.Unavailable:        "outcome_unknown",
		codes.Aborted:            "outcome_unknown",
		codes.DeadlineExceeded:   "outcome_unknown",
		codes.Canceled:           "outcome_unknown",
		codes.Internal:           "outcome_unknown",
		codes.Unknown:            "outcome_unknown",
	} {
		t.Run(code.String(), func(t *testing.T) {
			s := play(t, &scripted{append: func(streams.Streams_AppendServer) error { return status.Error(code, "scripted") }})
			_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
			require.Equal(t, want, fault.From(err).Code)
		})
	}
	t.Run("a deleted stream", func(t *testing.T) {
		s := play(t, &scripted{append: func(in streams.Streams_AppendServer) error {
			in.SetTrailer(metadata.Pairs("exception", "stream-deleted", "stream-name", "chart-1"))
			return status.Error(codes.FailedPrecondition, "scripted")
		}})
		_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
		require.Equal(t, "stream_deleted", fault.From(err).Code)
	})
	t.Run("a server that takes an append and never answers", func(t *testing.T) {
		s := play(t, &scripted{append: func(in streams.Streams_AppendServer) error {
			<-in.Context().Done()
			return in.Context().Err()
		}})
		_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
		require.ErrorIs(t, err, es.ErrOutcomeUnknown)
	})
	t.Run("a client that panics on a broken answer", func(t *testing.T) {
		s := play(t, &scripted{append: func(in streams.Streams_AppendServer) error {
			in.SetTrailer(metadata.Pairs("exception", "stream-deleted"))
			return status.Error(codes.FailedPrecondition, "scripted")
		}})
		_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
		require.ErrorIs(t, err, es.ErrOutcomeUnknown)
	})
}

func TestAppend_FindsThePositionThatARepetitionIsNotTold(t *testing.T) {
	s := play(t, &scripted{
		append: func(in streams.Streams_AppendServer) error {
			return in.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
				CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: 7},
				PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}},
			}}})
		},
		read: sends(nil, message(7)),
	})
	done, err := s.Append(t.Context(), "chart-1", es.At(6), proposals(1, 1))
	require.NoError(t, err)
	require.Equal(t, es.Appended{Revision: 7, Position: es.Position{Commit: 7, Prepare: 7}}, done)
}

func TestReadStream_NeverTakesAFailureForTheEnd(t *testing.T) {
	missing := &streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("chart-1")},
	}}}
	for name, tt := range map[string]struct {
		read func(*streams.ReadReq, streams.Streams_ReadServer) error
		seen int
		code string
	}{
		"an outage midway":                        {sends(status.Error(codes.Unavailable, "scripted"), message(0), message(1)), 2, "event_store_unavailable"},
		"a cancellation by the server":            {sends(status.Error(codes.Canceled, "scripted"), message(0)), 1, "event_store_unavailable"},
		"an unknown failure":                      {sends(status.Error(codes.Unknown, "EOF"), message(0)), 1, "event_store_failed"},
		"data that is damaged":                    {sends(status.Error(codes.DataLoss, "scripted"), message(0)), 1, "event_log_damaged"},
		"a lack of rights":                        {sends(status.Error(codes.PermissionDenied, "scripted")), 0, "event_store_access_denied"},
		"a status that only looks like no stream": {sends(status.Error(codes.NotFound, "scripted")), 0, "event_store_refused"},
		"a server that falls silent":              {fallsSilent(message(0)), 1, "event_store_unavailable"},
		"a message that makes the client panic":   {sends(nil, message(0), caughtUp()), 1, "event_store_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, &scripted{read: tt.read})
			seen := 0
			var end error
			for _, err := range s.ReadStream(t.Context(), "chart-1", 0) {
				if end = err; err == nil {
					seen++
				}
			}
			require.Error(t, end)
			require.Equal(t, tt.code, fault.From(end).Code)
			require.Equal(t, tt.seen, seen)
		})
	}
	t.Run("only a stream that does not exist is empty", func(t *testing.T) {
		s := play(t, &scripted{read: sends(nil, missing)})
		require.Empty(t, idsOf(t, s.ReadStream(t.Context(), "chart-1", 0)))
	})
}

func TestReadAll_NoticesALogThatEndsBeforeItsEnd(t *testing.T) {
	for name, read := range map[string]func(*streams.ReadReq, streams.Streams_ReadServer) error{
		"and then nothing": sends(nil, confirmation(), message(4), message(5)),
		"and is caught up": fallsSilent(confirmation(), message(4), message(5), caughtUp()),
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, &scripted{read: tail(10, read)})
			seen := 0
			var end error
			for _, err := range s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{}) {
				if end = err; err == nil {
					seen++
				}
			}
			require.ErrorIs(t, end, es.ErrStoreUnavailable)
			require.Equal(t, 2, seen)
		})
	}
}

func TestReadAll_EndsAtTheEndOfTheLogAsItWas(t *testing.T) {
	for name, read := range map[string]func(*streams.ReadReq, streams.Streams_ReadServer) error{
		"with an event there":              fallsSilent(confirmation(), message(4), message(10)),
		"with an event beyond":             fallsSilent(confirmation(), message(4), message(10), message(11)),
		"with a checkpoint at a later one": fallsSilent(confirmation(), message(4), message(5), checkpoint(12, 12)),
		"with a checkpoint between events": fallsSilent(confirmation(), message(4), message(5), checkpoint(11, 0)),
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, &scripted{read: tail(10, read)})
			require.Len(t, idsOf(t, s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{})), 2)
		})
	}
}

// TestReadAll_GoesOnWhenItWasDropped: 23.10 drops whoever has caught up and takes
// events too slowly. A read of all events goes on where it was.
func TestReadAll_GoesOnWhenItWasDropped(t *testing.T) {
	slow := status.Error(codes.Aborted, "Operation timed out: Consumer too slow to handle event while live. Client resubscription required.")
	var from []uint64
	s := play(t, &scripted{read: tail(10, func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
		from = append(from, r.GetOptions().GetAll().GetPosition().GetCommitPosition())
		if len(from) == 1 {
			return sends(slow, confirmation(), message(4), message(5))(r, out)
		}
		return fallsSilent(confirmation(), message(6), checkpoint(10, 10), caughtUp())(r, out)
	})})
	require.Len(t, idsOf(t, s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{})), 3)
	require.Equal(t, []uint64{0, 5}, from)

	t.Run("but not for ever without getting on", func(t *testing.T) {
		s := play(t, &scripted{read: tail(10, sends(slow, confirmation()))})
		require.ErrorIs(t, lastError(s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{})), es.ErrStoreUnavailable)
	})
}

// TestFoundR3_WhatAServerRecordsForItselfIsNoEvent: a filter by stream delivers the
// record that one of our own streams was deleted. It is passed over, and can be
// asked for.
func TestFoundR3_WhatAServerRecordsForItselfIsNoEvent(t *testing.T) {
	deletion := message(5)
	recorded := deletion.GetEvent().GetEvent()
	recorded.Metadata["type"], recorded.StreamRevision = "$streamDeleted", math.MaxInt64
	s := play(t, &scripted{read: tail(10, func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
		if byType := r.GetOptions().GetFilter().GetEventType(); byType != nil {
			require.Equal(t, []string{"$streamDeleted", "$metadata"}, byType.GetPrefix())
			return fallsSilent(confirmation(), deletion, checkpoint(10, 10), caughtUp())(r, out)
		}
		return fallsSilent(confirmation(), message(4), deletion, message(6), checkpoint(10, 10), caughtUp())(r, out)
	})})
	require.Len(t, idsOf(t, s.ReadAll(t.Context(), []es.Category{"chart"}, es.Position{})), 2)

	var at []es.Position
	for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{}) {
		require.NoError(t, err)
		if signal.CaughtUp {
			break
		}
		if signal.Event != nil {
			require.Equal(t, "chart.opened", signal.Event.Type)
			at = append(at, signal.Event.Position)
		} else {
			at = append(at, *signal.Checkpoint)
		}
	}
	require.Equal(t, []es.Position{{Commit: 4, Prepare: 4}, {Commit: 5, Prepare: 5}, {Commit: 6, Prepare: 6}, {Commit: 10, Prepare: 10}}, at)
}

func TestSubscribe_AlwaysEndsWithAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		read func(*streams.ReadReq, streams.Streams_ReadServer) error
		code string
	}{
		"a graceful end":                    {sends(nil, confirmation(), message(1)), "event_store_unavailable"},
		"an outage":                         {sends(status.Error(codes.Unavailable, "scripted"), confirmation()), "event_store_unavailable"},
		"an outage before the confirmation": {sends(status.Error(codes.Unavailable, "scripted")), "event_store_unavailable"},
		"a lack of rights":                  {sends(status.Error(codes.PermissionDenied, "scripted")), "event_store_access_denied"},
		"rights that are taken away":        {sends(status.Error(codes.PermissionDenied, "scripted"), confirmation()), "event_store_access_denied"},
		"a server that never confirms":      {fallsSilent(), "event_store_unavailable"},
		"an answer that is no confirmation": {sends(nil, message(1)), "event_store_failed"},
		"an end before the confirmation":    {sends(nil), "event_store_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, &scripted{read: tt.read})
			var end error
			for _, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{}) {
				end = err
			}
			require.Error(t, end)
			require.Equal(t, tt.code, fault.From(end).Code)
		})
	}
}

func TestSubscribe_DropsWhatWasSeenBefore(t *testing.T) {
	s := play(t, &scripted{read: fallsSilent(confirmation(), message(3), message(4), message(4), message(5), caughtUp())})
	var seen []uint64
	for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{Commit: 3, Prepare: 3}) {
		require.NoError(t, err)
		if signal.CaughtUp {
			break
		}
		seen = append(seen, signal.Event.Position.Commit)
	}
	require.Equal(t, []uint64{4, 5}, seen)
}

func TestSubscribe_IsPatientOnceItBegan(t *testing.T) {
	confirmed, release := make(chan struct{}), make(chan struct{})
	s := play(t, &scripted{
		read: func(r *streams.ReadReq, out streams.Streams_ReadServer) error {
			if err := out.Send(confirmation()); err != nil {
				return err
			}
			close(confirmed)
			<-release
			return fallsSilent(message(1))(r, out)
		},
		append: func(in streams.Streams_AppendServer) error {
			<-in.Context().Done()
			return in.Context().Err()
		},
	})
	waited := make(chan error, 2)
	go func() {
		<-confirmed
		// Each of these takes as long as the store waits for an answer.
		for range 2 {
			_, err := s.Append(t.Context(), "chart-1", es.At(es.NoStream), proposals(1, 1))
			waited <- err
		}
		close(release)
	}()
	for signal, err := range s.Subscribe(t.Context(), []es.Category{"chart"}, es.Position{}) {
		require.NoError(t, err)
		require.NotNil(t, signal.Event)
		break
	}
	require.ErrorIs(t, <-waited, es.ErrOutcomeUnknown)
	require.ErrorIs(t, <-waited, es.ErrOutcomeUnknown)
}
