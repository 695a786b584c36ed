// Package catalog is the one list of all event types of Praxis. What is not
// here cannot be written, and stops every reader of it.
package catalog

import (
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/bulk"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/eventlog"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/pricing"
	"praxis/domain/quarantine"
)

// Registry builds the registry of every event type. It fails when names, types
// or upcaster chains are broken; a program must then not start.
func Registry(sealer es.Sealer) (*es.Registry, error) {
	return es.NewRegistry(sealer,
		group.Events(), membership.Events(), chart.Events(), household.Events(), bulk.Events(), invoice.Events(),
		booking.Events(), accesslog.Events(), pricing.Events(), eventlog.Events(), quarantine.Events())
}

// Categories lists every category of streams that read models follow. Price books
// change none of their rows; they are followed so that a caller who published one
// can ask for a read model that is as far as that (Praxis-Min-Position). What the log
// says about itself (eventlog.Category) is read where it is needed and not followed.
func Categories() []es.Category {
	return []es.Category{
		group.Category, membership.Category, chart.Category, household.Category, bulk.Category, invoice.LedgerCategory, invoice.SeriesCategory,
		booking.PolicyCategory, booking.CalendarCategory, pricing.BookCategory, accesslog.Category, quarantine.Category,
	}
}

// Stored lists every category of streams that Praxis writes: what a copy of the log has
// to hold.
func Stored() []es.Category { return append(Categories(), eventlog.Category) }
