// Package all is the one list of read models, shared by the server and the
// command line. It stands beside its parent so that a read model may import that.
package all

import (
	"praxis/projections"
	"praxis/projections/accessledger"
	"praxis/projections/billing"
	"praxis/projections/calendar"
	"praxis/projections/chartdetail"
	"praxis/projections/directory"
	"praxis/projections/duplicates"
	"praxis/projections/households"
	"praxis/projections/licences"
	"praxis/projections/permissions"
	"praxis/projections/portal"
	"praxis/projections/roster"
	"praxis/projections/teamaccess"
)

// Projectors returns every projector of Praxis.
func Projectors() []projections.Projector {
	return []projections.Projector{
		roster.Projector{},
		chartdetail.Projector{},
		billing.Projector{},
		calendar.Projector{},
		teamaccess.Projector{},
		directory.Projector{},
		licences.Projector{},
		permissions.Projector{},
		accessledger.Projector{},
		portal.Projector{},
		duplicates.Projector{},
		households.Projector{},
	}
}
