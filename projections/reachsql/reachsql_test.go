package reachsql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/id"
)

func TestProbe(t *testing.T) {
	pool := pgtest.New(t)
	m := id.New[id.Member]()
	var got id.Member
	var list []id.Member
	err := pool.QueryRow(t.Context(), "select $1::uuid, array[$1::uuid], $1::uuid = any($2::uuid[])", m, []id.Member{m}).Scan(&got, &list, new(bool))
	require.NoError(t, err)
	require.Equal(t, m, got)
	require.Equal(t, []id.Member{m}, list)
}
