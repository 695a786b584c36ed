package billing

import (
	"context"
	"slices"

	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/read"
)

// Foldable is what patients pay for questions about the past: the first event of every
// ledger makes its row.
var Foldable = projections.Foldable{Projector: Projector{}, FoundBy: []string{Name}, Streams: streams}

func streams(ctx context.Context, q read.Querier, g id.Group) ([]es.Stream, error) {
	ledgers, err := read.Rows[struct {
		Chart     id.Chart  `db:"chart_id"`
		Clinician id.Member `db:"clinician_id"`
	}](ctx, q, "ledgers of a practice", "select chart_id, clinician_id from "+projections.Table(Projector{}, "ledger")+" where group_id = $1", g)
	all := make([]es.Stream, 0, len(ledgers))
	for _, l := range ledgers {
		all = append(all, invoice.LedgerID{Group: g, Chart: l.Chart, Clinician: l.Clinician}.Stream())
	}
	return all, err
}

// Covers reports whether a selection has rows of a ledger's stream.
func (s Selection) Covers(stream es.Stream) bool {
	l, err := invoice.ParseLedger(stream)
	return err == nil && (s.Chart.IsZero() || l.Chart == s.Chart) && (len(s.Clinicians) == 0 || slices.Contains(s.Clinicians, l.Clinician))
}
