// Package reachsql turns what somebody may see into a SQL condition, so that
// rows beyond their reach are never read. Every read model uses it; none has a
// way of its own. It imports the domain's access and id only.
package reachsql

import (
	"fmt"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

// Columns names where a read model keeps what access is decided over. A column
// that it does not have stays empty.
type Columns struct {
	Group, Clinician, Branch, Subject, Chart string
	// Team holds the members with a place on the care team, and Windows the times of
	// those of the places that are bounded: a JSON object {member: {"from", "until"}},
	// each of both only where it is bounded, in whole microseconds.
	Team, Windows string
}

// Args collects the arguments of a statement.
type Args struct{ Values []any }

// Add appends an argument and returns its placeholder.
func (a *Args) Add(v any) string {
	a.Values = append(a.Values, v)
	return fmt.Sprintf("$%d", len(a.Values))
}

// Condition returns the condition under which a row is within reach. A reach
// that is empty gives "false". What a read model cannot know about its rows is
// never allowed by it, and always denied.
func Condition(r access.Reach, c Columns, args *Args) string {
	if r.Empty() {
		return "false"
	}
	var parts []string
	for _, p := range r.Parts {
		within := area(p.Within, c, args, r.At, false)
		if !p.Except.Empty() {
			within = "(" + within + " and not " + area(p.Except, c, args, r.At, true) + ")"
		}
		parts = append(parts, within)
	}
	condition := "(" + strings.Join(parts, " or ") + ")"
	if r.Group.IsZero() {
		return condition
	}
	return c.Group + " = " + args.Add(r.Group) + " and " + condition
}

// area returns the condition of one area at the instant at. denied says that rows that meet it are left
// out: a condition on a column that the read model lacks is met then, and one on a
// column that is null is false and not null, as "not" leaves null as it is. Where rows
// that meet it are shown, null is as good as false, and a condition that says so in as many
// words would be of no use to an index.
func area(a access.Area, c Columns, args *Args, at time.Time, denied bool) string {
	if a.All {
		return "true"
	}
	var conditions []string
	isOneOf := func(column string, wanted bool, values any) {
		switch {
		case !wanted:
		case column == "":
			conditions = append(conditions, fmt.Sprint(denied))
		default:
			conditions = append(conditions, known(fmt.Sprintf("%s = any(%s)", column, args.Add(values)), denied))
		}
	}
	isOneOf(c.Clinician, len(a.Clinicians) > 0, a.Clinicians)
	isOneOf(c.Branch, len(a.Branches) > 0, a.Branches)
	if a.EveryChart || len(a.ChartsOf) > 0 {
		conditions = append(conditions, sharedCharts(a, c, args, denied))
	}
	if !a.TeamOf.IsZero() {
		conditions = append(conditions, placed(a.TeamOf, c, args, at, denied))
	}
	isOneOf(c.Subject, len(a.About) > 0, a.About)
	isOneOf(c.Chart, len(a.Charts) > 0, a.Charts)
	if len(conditions) == 0 {
		return "false"
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// placed returns the condition under which a member has a place on the team at the
// instant at. Postgres keeps instants in whole microseconds: this one is cut off to them,
// which changes no answer about a window that is bounded by them.
func placed(m id.Member, c Columns, args *Args, at time.Time, denied bool) string {
	switch {
	case c.Team == "":
		return fmt.Sprint(denied)
	case c.Windows == "":
		return known(fmt.Sprintf("%s @> array[%s::uuid]", c.Team, args.Add(m)), denied)
	}
	edge := c.Windows + " -> " + args.Add(m.String()) + "::text ->> "
	return known(fmt.Sprintf("(%s @> array[%s::uuid] and coalesce((%s'from')::timestamptz <= %s, true) and coalesce((%s'until')::timestamptz > %s, true))",
		c.Team, args.Add(m), edge, args.Add(at.Truncate(time.Microsecond)), edge, args.Add(at.Truncate(time.Microsecond))), denied)
}

// known is a test that has an answer where a column is null, if it needs one.
func known(test string, denied bool) string {
	if denied {
		return "coalesce(" + test + ", false)"
	}
	return test
}

// sharedCharts returns the condition of the charts that clinicians share: only
// rows that are about a chart meet it.
func sharedCharts(a access.Area, c Columns, args *Args, denied bool) string {
	switch {
	case c.Chart == "" || !a.EveryChart && c.Branch == "":
		return fmt.Sprint(denied)
	case a.EveryChart:
		return c.Chart + " is not null"
	}
	return fmt.Sprintf("(%s is not null and %s)", c.Chart, known(fmt.Sprintf("%s = any(%s)", c.Branch, args.Add(a.ChartsOf)), denied))
}
