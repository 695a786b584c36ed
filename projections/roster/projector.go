// Package roster is the read model through which a practice finds its patients:
// one row per chart (C-1 to C-5), and one per place on a care team that somebody lost
// because they left the practice (AMB-14). It may import the domain, projections and pgx.
package roster

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/projections/search"
)

// Name is the projection's name.
const Name = "roster"

// Projector writes the roster.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 4 }

// Schema is the roster's own schema.
func (Projector) Schema() string { return "roster" }

// Tables lists what a rebuild empties.
func (Projector) Tables() []string { return []string{"chart", "former_place"} }

const insertChart = `
insert into chart (chart_id, group_id, given_name, family_name, birth_date, email, phone, sort_name, search,
                   branch_id, primary_id, status, created_at, changed_at, revision)
values ($1, $2, $3, $4, $5, $6, $7, $8, array_to_tsvector($9::text[]), $10, $11, 'active', $12, $12, $13)`

// touch ends every update: the row says which revision it reflects.
const touch = `, changed_at = $2, revision = $3 where chart_id = $1`

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{chart.Category} }

// Project turns one event of a chart into statements.
func (Projector) Project(b *pgx.Batch, e es.Envelope) error {
	event, ok := e.Event.(chart.Event)
	if !ok {
		return nil
	}
	g, c, err := chart.ParseStream(e.Stream)
	if err != nil {
		return err
	}
	former{b, g, c}.project(event)
	update := func(set string, args ...any) {
		b.Queue("update chart set "+set+touch, append([]any{c, e.RecordedAt, e.Revision}, args...)...)
	}
	switch ev := event.(type) {
	case chart.Created:
		b.Queue(insertChart, ev.Chart, ev.Group, ev.GivenName, ev.FamilyName, ev.BirthDate, ev.Email, ev.Phone,
			sortName(ev.FamilyName, ev.GivenName), search.Words(ev.FamilyName, ev.GivenName), ev.Branch, ev.Primary, e.RecordedAt, e.Revision)
	case chart.DemographicsUpdated:
		update("given_name = $4, family_name = $5, birth_date = $6, email = $7, phone = $8, sort_name = $9, search = array_to_tsvector($10::text[])",
			ev.GivenName, ev.FamilyName, ev.BirthDate, ev.Email, ev.Phone, sortName(ev.FamilyName, ev.GivenName), search.Words(ev.FamilyName, ev.GivenName))
	case chart.PrimaryProfessionalChanged:
		if ev.FormerBecomes == "" {
			update("primary_id = $4, team = array_remove(team, $4)", ev.To)
			break
		}
		update("primary_id = $4, team = array_append(array_remove(array_remove(team, $4), $5), $5)", ev.To, ev.From)
	case chart.PlacedInCustody:
		update("primary_id = $4, team = array_remove(team, $4)", ev.Custodian)
	case chart.TeamMemberAdded:
		update("team = array_append(array_remove(team, $4), $4)", ev.Member)
	case chart.TeamMemberRemoved:
		update("team = array_remove(team, $4)", ev.Member)
	case chart.BranchChanged:
		update("branch_id = $4", ev.To)
	case chart.StatusChanged:
		update("status = $4", string(ev.To))
	case chart.Archived:
		update("archived = true")
	case chart.Unarchived:
		update("archived = false, status = $4", string(ev.Status))
	case chart.TeamRoleChanged, chart.PatientAccountLinked, chart.PatientAccountUnlinked:
		// The roster shows neither roles within a team nor accounts. Its revision is still
		// the chart's: a reader decides on it (If-Match).
		b.Queue("update chart set revision = $2 where chart_id = $1", c, e.Revision)
	}
	return nil
}

// sortName is what the roster orders by; the column's collation does the rest.
func sortName(family, given string) string { return strings.TrimSpace(family + " " + given) }
