package es_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

var (
	group = id.MustParse[id.Group]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")
	chart = id.MustParse[id.Chart]("118f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3f")
)

func TestStream(t *testing.T) {
	t.Run("a UUID with its dashes is never cut", func(t *testing.T) {
		s := es.StreamOf("invoice", group, chart.String(), "218f3c1e-7b7a-4c55-9d57-0e8a5b1c2d30")
		require.Equal(t, "invoice-018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e+118f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3f.218f3c1e-7b7a-4c55-9d57-0e8a5b1c2d30", string(s))
		require.Equal(t, es.Category("invoice"), s.Category())
		require.Equal(t, "118f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3f.218f3c1e-7b7a-4c55-9d57-0e8a5b1c2d30", s.Entity())
		g, ok := s.Group()
		require.True(t, ok)
		require.Equal(t, group, g)
	})
	t.Run("a group-wide stream has no entity", func(t *testing.T) {
		s := es.StreamOf("group", group)
		require.Equal(t, "group-018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e", string(s))
		require.Empty(t, s.Entity())
		g, ok := s.Group()
		require.True(t, ok)
		require.Equal(t, group, g)
	})
	t.Run("a claim of an account belongs to no group", func(t *testing.T) {
		_, ok := es.Stream("membershipClaim-" + group.String()).Group()
		require.False(t, ok)
	})
	for _, s := range []es.Stream{"", "-", "group", "group-", "group-x", "$ce-group"} {
		_, ok := s.Group()
		require.False(t, ok, "%q", s)
	}
}

func TestPosition(t *testing.T) {
	require.True(t, es.Position{Commit: 1, Prepare: 9}.Before(es.Position{Commit: 2}))
	require.True(t, es.Position{Commit: 1, Prepare: 1}.Before(es.Position{Commit: 1, Prepare: 2}))
	require.False(t, es.Position{Commit: 1, Prepare: 1}.Before(es.Position{Commit: 1, Prepare: 1}))
	for _, s := range []string{"", ".", "1", "1.", ".1", "1.2.3", "-1.2", "1.+2", " 1.2", "12345678901234567890.1", "1.x"} {
		_, err := es.ParsePosition(s)
		require.Equal(t, "malformed_position", fault.From(err).Code, "%q", s)
	}
}

func FuzzParsePosition(f *testing.F) {
	for _, s := range []string{"0.0", "9223372036854775807.9223372036854775807", "9999999999999999999.0", "1.2.3", "", "٣.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := es.ParsePosition(s)
		if err != nil {
			require.Zero(t, p)
			return
		}
		again, err := es.ParsePosition(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again)
	})
}

func FuzzStream(f *testing.F) {
	f.Add("invoice-" + group.String() + "+x")
	f.Add("-+-+")
	f.Add("+-" + group.String())
	f.Fuzz(func(t *testing.T, s string) {
		stream := es.Stream(s)
		if g, ok := stream.Group(); ok && stream.Entity() != "" {
			require.Equal(t, stream, es.StreamOf(stream.Category(), g, stream.Entity()))
		}
	})
}

func TestCheckLimits(t *testing.T) {
	event := func(size int) es.Proposed { return es.Proposed{Data: make([]byte, size)} }
	many := func(n, size int) []es.Proposed {
		events := make([]es.Proposed, n)
		for i := range events {
			events[i] = event(size)
		}
		return events
	}
	require.NoError(t, es.CheckLimits(many(1, es.MaxEventBytes)))
	require.NoError(t, es.CheckLimits(many(es.MaxAppendSize, 1)))
	require.NoError(t, es.CheckLimits(many(8, es.MaxEventBytes)))
	require.Equal(t, "event_too_large", fault.From(es.CheckLimits(many(1, es.MaxEventBytes+1))).Code)
	require.Equal(t, "append_too_large", fault.From(es.CheckLimits(many(es.MaxAppendSize+1, 1))).Code)
	require.Equal(t, "append_too_large", fault.From(es.CheckLimits(many(9, es.MaxEventBytes))).Code)
	require.Equal(t, fault.TooLarge, fault.KindOf(es.CheckLimits(many(9, es.MaxEventBytes))))
}

func TestWrongRevisionError(t *testing.T) {
	err := fmt.Errorf("append: %w", &es.WrongRevisionError{Stream: es.StreamOf("group", group), Expected: es.At(3), Actual: 4})
	t.Run("is found through wrapping, whatever its fields", func(t *testing.T) {
		require.ErrorIs(t, err, &es.WrongRevisionError{})
		var wrong *es.WrongRevisionError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, es.Revision(4), wrong.Actual)
	})
	t.Run("is nothing else", func(t *testing.T) {
		require.NotErrorIs(t, err, es.ErrStoreUnavailable)
		require.NotErrorIs(t, es.ErrStoreUnavailable, &es.WrongRevisionError{})
	})
	require.True(t, strings.HasSuffix(err.Error(), "is at revision 4, expected 3"))
}
