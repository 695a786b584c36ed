package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/fault"
)

var errTaken = fault.New(fault.Conflict, "taken", "That time has just been taken.")

func TestError_Is(t *testing.T) {
	t.Run("matches by code, with details and through wrapping", func(t *testing.T) {
		err := fmt.Errorf("book: %w", fmt.Errorf("decide: %w", errTaken.With("nearest", "10:00").Because(io.EOF)))
		require.ErrorIs(t, err, errTaken)
		require.ErrorIs(t, err, io.EOF, "the cause is found too")
	})
	t.Run("tells codes apart, whatever the kind", func(t *testing.T) {
		require.NotErrorIs(t, errTaken, fault.New(fault.Conflict, "stale", "Read it again."))
		require.NotErrorIs(t, io.EOF, errTaken)
		require.NotErrorIs(t, errTaken, io.EOF)
	})
}

func TestError_CopiesAreApart(t *testing.T) {
	one := errTaken.With("nearest", "10:00")
	two := one.With("by", "patient")
	require.Empty(t, errTaken.Details)
	require.Equal(t, map[string]string{"nearest": "10:00"}, one.Details)
	require.Equal(t, map[string]string{"nearest": "10:00", "by": "patient"}, two.Details)
	require.NoError(t, errors.Unwrap(errTaken))
	require.Equal(t, io.EOF, errors.Unwrap(errTaken.Because(io.EOF)))
}

func TestFrom(t *testing.T) {
	t.Run("finds the outermost fault", func(t *testing.T) {
		err := fmt.Errorf("outer: %w", fault.New(fault.Rejected, "outer", "No.").Because(errTaken))
		require.Equal(t, "outer", fault.From(err).Code)
		require.Equal(t, fault.Rejected, fault.KindOf(err))
	})
	t.Run("hides what nobody foresaw", func(t *testing.T) {
		f := fault.From(errors.New("password of db1 is hunter2"))
		require.Equal(t, "internal", f.Code)
		require.Equal(t, fault.Internal, f.Kind)
		require.NotContains(t, f.Message, "hunter2")
		require.Contains(t, f.Error(), "hunter2", "the log still says it")
	})
	t.Run("nothing is nothing", func(t *testing.T) {
		require.Nil(t, fault.From(nil))
	})
}

func TestError_Error(t *testing.T) {
	require.Equal(t, "taken: That time has just been taken.", errTaken.Error())
	require.Equal(t, "taken: That time has just been taken.: EOF", errTaken.Because(io.EOF).Error())
}

func TestKind_String(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		require.False(t, seen[k.String()], "%s is the name of one kind", k)
		seen[k.String()] = true
	}
	require.Equal(t, "unavailable", fault.Unavailable.String())
	require.Equal(t, "internal", fault.Kind(-1).String())
	require.Equal(t, "internal", (fault.Unavailable + 1).String())
}

func TestKindOfNothing(t *testing.T) {
	require.Equal(t, fault.Internal, fault.KindOf(nil))
	require.Nil(t, fault.From(nil))
}
