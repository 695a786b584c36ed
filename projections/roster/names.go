package roster

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections/reachsql"
)

// Names returns the patients' names of those of the charts that a reader may see on
// the roster (roster.view), archived ones too. A reader who may see what is owed
// does not therefore see who owes it.
func Names(ctx context.Context, pool *pgxpool.Pool, reach access.Reach, charts []id.Chart) (map[id.Chart]string, error) {
	var args reachsql.Args
	where := reachsql.Condition(reach, scope, &args) + " and chart_id = any(" + args.Add(charts) + ")"
	rows, err := pool.Query(ctx, "select chart_id, given_name, family_name from roster.chart where "+where, args.Values...)
	if err != nil {
		return nil, fmt.Errorf("names of patients: %w", err)
	}
	names := map[id.Chart]string{}
	var chart id.Chart
	var given, family string
	if _, err := pgx.ForEachRow(rows, []any{&chart, &given, &family}, func() error {
		names[chart] = strings.TrimSpace(given + " " + family)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("names of patients: %w", err)
	}
	return names, nil
}
