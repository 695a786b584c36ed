package httpapi

import (
	"praxis/domain/id"
	"praxis/projections/duplicates"
)

// Merged are the charts that were merged into the one that a query about the present is
// narrowed to: what is asked about the patient is asked about them, too, within the same
// reach. A question about the past is about the one chart, as it was. None for no chart.
func (x *Exchange) Merged(c id.Chart) ([]id.Chart, error) {
	if c.IsZero() || x.InQuery(asOf) != "" {
		return nil, nil
	}
	if err := x.Await(duplicates.Name); err != nil {
		return nil, err
	}
	return duplicates.Sources(x.Ctx(), x.API.Pool, x.Group(), c)
}
