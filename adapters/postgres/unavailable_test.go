package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres"
	"praxis/domain/fault"
)

func TestTranslate(t *testing.T) {
	t.Run("a database that cannot be reached is unavailable, whatever wraps it", func(t *testing.T) {
		_, err := pgconn.Connect(t.Context(), "host=/nonexistent user=praxis")
		require.Error(t, err)
		require.ErrorIs(t, postgres.Translate(fmt.Errorf("roster: %w", err)), postgres.ErrUnavailable)
		require.ErrorIs(t, postgres.Translate(&pgconn.PgError{Code: "57P01"}), postgres.ErrUnavailable)
	})
	t.Run("a database without the tables of Praxis, or with some of them only, is empty", func(t *testing.T) {
		for _, code := range []string{"3D000", "3F000", "42P01", "42703"} {
			require.ErrorIs(t, postgres.Translate(fmt.Errorf("roster: %w", &pgconn.PgError{Code: code})), postgres.ErrNoSchema)
		}
	})
	t.Run("every other error stays what it is", func(t *testing.T) {
		other, mine := errors.New("a defect"), fault.New(fault.Rejected, "no", "No.")
		for _, err := range []error{nil, other, mine, &pgconn.PgError{Code: "23505"}, context.Canceled} {
			require.Equal(t, err, postgres.Translate(err))
		}
	})
}
