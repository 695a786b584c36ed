// Package households is the read model through which a practice finds its households: one
// row each (H-1 … H-7). It says neither who the people of a linked chart are nor what a
// household was: that is read from its stream. It may import the domain, projections and pgx.
package households

import (
	_ "embed"
	"maps"
	"slices"
	"time"

	"praxis/domain/careteam"
	"praxis/domain/es"
	"praxis/domain/household"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/rows"
	"praxis/projections/search"
	"praxis/projections/team"
)

// Name is the projection's name.
const Name = "households"

//go:embed schema.sql
var ddl string

// Projector writes the households.
type Projector struct{}

// Name is the stable name of the projection.
func (Projector) Name() string { return Name }

// Version counts changes of the rows' meaning.
func (Projector) Version() int { return 1 }

// DDL makes the tables.
func (Projector) DDL() string { return ddl }

// Tables lists all of them.
func (Projector) Tables() []string { return []string{"household"} }

// Categories lists what the rows are made of.
func (Projector) Categories() []es.Category { return []es.Category{household.Category} }

type row struct {
	Household id.Household `db:"household_id"`
	Group     id.Group     `db:"group_id"`
	Name      string       `db:"name"`
	// People are named here where no chart says who they are.
	People map[id.Person]string `db:"people,json"`
	Search []string             `db:"search,words"`
	Charts []id.Chart           `db:"charts"`
	team.Columns
	Secondary id.Member   `db:"secondary_id,null"`
	Offered   Offer       `db:"offered"`
	ExpiresAt *time.Time  `db:"expires_at"`
	Ended     bool        `db:"ended"`
	CreatedAt time.Time   `db:"created_at"`
	ChangedAt time.Time   `db:"changed_at"`
	Revision  es.Revision `db:"revision"`
}

// Offer is how far the offer of a household to another practice is (H-7).
type Offer string

// The offers.
const (
	NotOffered Offer = ""
	Offered    Offer = "offered"
	Confirmed  Offer = "confirmed"
)

func (r *row) key() id.Household { return r.Household }

var table = rows.NewTable("household", (*row).key, "household_id")

// Project notes what one event of a household does.
func (Projector) Project(b *rows.Batch, e es.Envelope) error {
	event, ok := e.Event.(household.Event)
	if !ok {
		return nil
	}
	g, h, err := household.ParseStream(e.Stream)
	if err != nil {
		return err
	}
	if made, ok := event.(household.Created); ok {
		r := row{
			Household: h, Group: g, Name: made.Name, People: map[id.Person]string{}, Columns: team.Of(made.Primary),
			CreatedAt: e.RecordedAt, ChangedAt: e.RecordedAt, Revision: e.Revision,
		}
		r.index()
		table.Insert(b, r)
		return nil
	}
	table.Change(b, h, func(r *row) {
		r.apply(event)
		r.ChangedAt, r.Revision = e.RecordedAt, e.Revision
	})
	return nil
}

func (r *row) apply(event household.Event) {
	switch e := event.(type) {
	case household.Created: // It makes the row.
	case household.Renamed:
		r.Name = e.Name
		r.index()
	case household.PersonAdded:
		r.people(func(people map[id.Person]string) { people[e.Person] = e.Name })
	case household.PersonRemoved:
		r.people(func(people map[id.Person]string) { delete(people, e.Person) })
	case household.ChartLinked:
		r.Charts = append(projections.Without(r.Charts, e.Chart), e.Chart)
	case household.ChartUnlinked:
		r.Charts = projections.Without(r.Charts, e.Chart)
	case household.PrimaryProfessionalChanged:
		r.Reassign(e.To)
		if e.FormerBecomes != "" {
			r.Join(e.From, careteam.Window{})
		}
		r.noSecondary(e.To)
	case household.SecondaryProfessionalSet:
		r.Secondary = e.Member
	case household.SecondaryProfessionalCleared:
		r.noSecondary(e.Member)
	case household.TeamMemberAdded:
		r.Join(e.Member, e.Window)
	case household.TeamRoleChanged:
		if e.To != careteam.Clinician {
			r.noSecondary(e.Member)
		}
	case household.TeamWindowChanged:
		r.Bound(e.Member, e.To)
	case household.TeamMemberRemoved:
		r.Leave(e.Member)
		r.noSecondary(e.Member)
	case household.TransferOffered:
		r.Offered, r.ExpiresAt = Offered, &e.ExpiresAt
	case household.TransferConfirmed:
		r.Offered = Confirmed
	case household.TransferWithdrawn, household.TransferLapsed:
		r.Offered, r.ExpiresAt = NotOffered, nil
	case household.TransferredOut, household.Dissolved:
		r.Ended = true
	case household.SummaryPrinted: // The household itself tells of it.
	}
}

func (r *row) people(change func(map[id.Person]string)) {
	r.People = maps.Clone(r.People)
	change(r.People)
	r.index()
}

// index says what the household can be found by.
func (r *row) index() {
	r.Search = search.Words(append(slices.Sorted(maps.Values(r.People)), r.Name)...)
}

func (r *row) noSecondary(m id.Member) {
	if r.Secondary == m {
		r.Secondary = id.Member{}
	}
}
