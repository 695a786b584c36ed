package chartdetail

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/domain/id"
	"praxis/projections/read"
)

// Contact is a person on a chart beside the patient.
type Contact struct {
	Contact     id.Contact `db:"contact_id" json:"id"`
	Name        string     `db:"name" json:"name"`
	Relation    string     `db:"relation" json:"relation,omitempty"`
	Phone       string     `db:"phone" json:"phone,omitempty"`
	Email       string     `db:"email" json:"email,omitempty"`
	Emergency   bool       `db:"emergency" json:"emergency"`
	MayBeCalled bool       `db:"may_be_called" json:"mayBeCalled"`
}

// Contacts returns the contacts of a chart, which the reader may see, in the order in
// which they were added.
func Contacts(ctx context.Context, pool *pgxpool.Pool, g id.Group, c id.Chart) ([]Contact, error) {
	return read.Rows[Contact](ctx, pool, "contacts of a chart",
		"select contact_id, name, relation, phone, email, emergency, may_be_called from "+contactTable+" where group_id = $1 and chart_id = $2 order by added, contact_id", g, c)
}

// Responsible is who answers for a patient: one of the two, or neither.
type Responsible struct {
	Contact *id.Contact `db:"contact_id"`
	Chart   *id.Chart   `db:"other_chart_id"`
}

// ResponsibleFor returns who answers for the patient of a chart, which the reader may see.
func ResponsibleFor(ctx context.Context, pool *pgxpool.Pool, g id.Group, c id.Chart) (Responsible, error) {
	found, err := read.Rows[Responsible](ctx, pool, "responsible party of a chart",
		"select contact_id, other_chart_id from "+responsibleTable+" where group_id = $1 and chart_id = $2", g, c)
	if err != nil || len(found) == 0 {
		return Responsible{}, err
	}
	return found[0], nil
}
