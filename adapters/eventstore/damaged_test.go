package eventstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventstore"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/likeserver"
)

// readWhole reads a stream from a revision on.
func readWhole(t *testing.T, s *eventstore.Store, stream es.Stream, from es.Revision) (revisions []es.Revision, err error) {
	t.Helper()
	for e, err := range s.ReadStream(t.Context(), stream, from) {
		if err != nil {
			return revisions, err
		}
		revisions = append(revisions, e.Revision)
	}
	return revisions, nil
}

// damaged is a stream of five events in the likeness of a server.
func damaged(t *testing.T, flavour likeserver.Flavour) (*eventstore.Store, es.Stream, *likeserver.Server) {
	t.Helper()
	server := likeserver.Start(t, likeserver.Config{Dir: t.TempDir(), Flavour: flavour})
	s := openURL(t, server.URL())
	stream := es.StreamOf("chart", id.New[id.Group](), "c")
	for n := range es.Revision(5) {
		happens(t, s, stream, n)
	}
	return s, stream, server
}

// happens appends one event at a revision.
func happens(t *testing.T, s *eventstore.Store, stream es.Stream, at es.Revision) {
	t.Helper()
	_, err := s.Append(t.Context(), stream, es.At(at-1), []es.Proposed{{ID: id.New[id.Event](), Type: "spec.happened", Data: []byte(`{}`), Metadata: []byte(`{}`)}})
	require.NoError(t, err)
}

// damages are the streams of charts that the store finds damaged.
func damages(t *testing.T, s *eventstore.Store) []es.Damage {
	t.Helper()
	found, err := s.Damaged(t.Context(), []es.Category{"chart"})
	require.NoError(t, err)
	return found
}

// Somebody cuts the beginning of a stream off with the server's own tools: nothing is
// decided on the rest, and the answer says what happened.
func TestFoundR4_AStreamWithoutItsBeginningIsRefused(t *testing.T) {
	for _, flavour := range likeserver.Flavours {
		for name, c := range map[string]struct{ before, first es.Revision }{
			"from a revision on": {2, 2},
			"whole":              {5, es.NoStream},
		} {
			t.Run(string(flavour)+" truncated "+name, func(t *testing.T) {
				s, stream, server := damaged(t, flavour)
				require.Empty(t, damages(t, s))
				require.NoError(t, server.TruncateStream(t.Context(), string(stream), uint64(c.before)))

				_, err := readWhole(t, s, stream, 0)
				var truncated *es.TruncatedError
				require.ErrorAs(t, err, &truncated)
				require.Equal(t, es.TruncatedError{Stream: stream, First: c.first}, *truncated)
				require.Equal(t, "stream_truncated", fault.From(err).Code)
				require.Equal(t, []es.Damage{{Stream: stream, First: c.first}}, damages(t, s), "the audit is told")
				if c.first != es.NoStream {
					rest, err := readWhole(t, s, stream, c.first)
					require.NoError(t, err, "what is left can be read by those who know")
					require.Equal(t, []es.Revision{2, 3, 4}, rest)
				}
			})
		}
	}
	t.Run("a stream that never was is empty, and no damage", func(t *testing.T) {
		s, stream, _ := damaged(t, likeserver.V24)
		none, err := readWhole(t, s, stream+"x", 0)
		require.NoError(t, err)
		require.Empty(t, none)
		happens(t, s, stream+"x", 0)
		require.Empty(t, damages(t, s))
	})
	t.Run("what others do to their streams is their own affair", func(t *testing.T) {
		s, _, server := damaged(t, likeserver.V24)
		require.NoError(t, server.Foreign(t.Context(), 3))
		require.NoError(t, server.TruncateStream(t.Context(), "other-1", 2))
		require.Empty(t, damages(t, s))
	})
}

// A server keeps the revisions of a stream that was deleted softly and says that it
// does not exist: a new thing of that name would continue the old one.
func TestFoundR5_ASoftlyDeletedStreamIsNamedAsDamage(t *testing.T) {
	for _, flavour := range likeserver.Flavours {
		for name, remove := range map[string]func(*likeserver.Server, string) error{
			"softly":   func(s *likeserver.Server, stream string) error { return s.DeleteStream(t.Context(), stream) },
			"for good": func(s *likeserver.Server, stream string) error { return s.TombstoneStream(t.Context(), stream) },
		} {
			t.Run(string(flavour)+" deleted "+name, func(t *testing.T) {
				s, stream, server := damaged(t, flavour)
				require.NoError(t, remove(server, string(stream)))
				_, err := readWhole(t, s, stream, 0)
				require.Equal(t, "stream_deleted", fault.From(err).Code, "%v", err)
				require.Equal(t, []es.Damage{{Stream: stream, Deleted: true, First: es.NoStream}}, damages(t, s))
			})
		}
	}
}
