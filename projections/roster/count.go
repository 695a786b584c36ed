package roster

import (
	"context"
	"fmt"

	"praxis/projections"
	"praxis/projections/read"
)

// CountedUpTo bounds how many charts are counted for an answer.
const CountedUpTo = 10_000

// Count is how many charts a query finds on all its pages.
type Count struct {
	// Charts are at most CountedUpTo; IsMore reports that there are more.
	Charts int  `json:"charts"`
	IsMore bool `json:"isMore"`
	// Active and Inactive add up to Charts; nil where not all were counted.
	Active   *int `json:"active,omitempty"`
	Inactive *int `json:"inactive,omitempty"`
}

// CountOf counts what a query finds, whatever its Cursor and Limit. Fault: "unknown_order".
func CountOf(ctx context.Context, from projections.Tables, q Query) (c Count, err error) {
	table, where, _, err := q.of(from)
	if err != nil {
		return c, err
	}
	found, err := read.Rows[struct{ Charts, Active int }](ctx, from, "count of the roster", fmt.Sprintf(
		"select count(*) as charts, count(*) filter (where status = 'active') as active from (select status from %s where %s limit %d) counted",
		table, where, CountedUpTo+1), where.Args.Values...)
	if err != nil {
		return c, err
	}
	if c.Charts = found[0].Charts; c.Charts > CountedUpTo {
		return Count{Charts: CountedUpTo, IsMore: true}, nil
	}
	inactive := c.Charts - found[0].Active
	c.Active, c.Inactive = &found[0].Active, &inactive
	return c, nil
}
