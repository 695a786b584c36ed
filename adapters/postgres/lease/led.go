package lease

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Led reports whether any process leads one of the groups at present.
func Led(ctx context.Context, pool *pgxpool.Pool, groups ...string) (isLed bool, err error) {
	keys := make([]int64, 0, len(groups))
	for _, group := range groups {
		keys = append(keys, int64(keyOf(group)))
	}
	err = pool.QueryRow(ctx, `
		select exists (select from pg_locks l
			where l.locktype = 'advisory' and l.objsubid = 2 and l.classid::bigint = $1 and l.objid::bigint = any($2) and l.granted
			and l.database = (select oid from pg_database where datname = current_database()))`,
		int64(leads), keys).Scan(&isLed)
	if err != nil {
		return false, fmt.Errorf("ask who leads: %w", err)
	}
	return isLed, nil
}
