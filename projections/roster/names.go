package roster

import (
	"context"
	"strings"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/reachsql"
	"praxis/projections/read"
)

// Names returns the patients' names of those of the charts that a reader may see on
// the roster (roster.view), archived ones too. A reader who may see what is owed
// does not therefore see who owes it.
func Names(ctx context.Context, from projections.Tables, reach access.Reach, charts []id.Chart) (map[id.Chart]string, error) {
	where := within(from, reach).And("chart_id = any(?)", charts)
	rows, err := read.Rows[struct {
		Chart  id.Chart `db:"chart_id"`
		Given  string   `db:"given_name"`
		Family string   `db:"family_name"`
	}](ctx, from, "names of patients", "select chart_id, given_name, family_name from "+from.Of(Projector{}, "chart")+" where "+where.String(), where.Args.Values...)
	names := map[id.Chart]string{}
	for _, r := range rows {
		names[r.Chart] = strings.TrimSpace(r.Given + " " + r.Family)
	}
	return names, err
}

// Seen is the statement of the ids of the charts that a reader may see on the roster, for
// read models that hold ids of charts; args takes its arguments.
func Seen(reach access.Reach, args *reachsql.Args) string {
	return "select chart_id from " + chartTable + " where " + reachsql.Condition(reach, scope, args)
}

// SeenNames is Seen with given_name, family_name and sort_name.
func SeenNames(reach access.Reach, args *reachsql.Args) string {
	return "select chart_id, given_name, family_name, sort_name from " + chartTable + " where " + reachsql.Condition(reach, scope, args)
}

// SeenPatients is Seen with what tells patients apart: given_name, family_name, birth_date
// as a text, email, phone and archived.
func SeenPatients(reach access.Reach, args *reachsql.Args) string {
	return "select chart_id, given_name, family_name, birth_date::text, email, phone, archived from " + chartTable + " where " + reachsql.Condition(reach, scope, args)
}
