package group_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// The seat ledger, who held which licence when and for how much, follows
// from the events alone: no envelope, no zone and no price book is needed.
func TestTheSeatLedgerIsInTheEvents(t *testing.T) {
	s := subscribed(t).on("2024-06-16")
	licence := s.buy(pricing.ERxLite, 1, s.proves(mia, pricing.PrescriberTrainee, "2024-07-15"))[0]
	s.collect()
	s.joins(mia, pricing.Prescriber)
	s.roll("2024-07-01")
	s.on("2024-07-10").do(withoutCharts(group.UnassignLicence{Licence: licence}))
	s.on("2024-07-12").do(group.AssignLicence{Licence: licence, Member: mia})
	s.roll("2024-08-01")

	var entries []string
	note := func(on fmt.Stringer, format string, args ...any) {
		entries = append(entries, on.String()+" "+fmt.Sprintf(format, args...))
	}
	lines := func(on fmt.Stringer, lines []pricing.Line) {
		for _, l := range lines {
			if l.Licence == licence {
				note(on, "%s %s × %d/%d × %d/%d", l.Amount, l.Price, l.Discount.Num, l.Discount.Den, l.Days, l.PeriodDays)
			}
		}
	}
	who := map[id.Member]string{mia: "mia"}
	for _, event := range s.history {
		switch e := event.(type) {
		case group.ProratedChargeRaised:
			lines(e.On, e.Lines)
		case group.SubscriptionCharged:
			lines(e.Period.Start, e.Lines)
		case group.LicenceAssigned:
			if e.Licence == licence {
				note(e.On, "%s holds it", who[e.Member])
			}
		case group.LicenceUnassigned:
			note(e.On, "nobody holds it")
		case group.LicencesRepriced:
			for _, c := range e.Changes {
				if c.Licence == licence {
					note(e.Effective, "repriced by %s", e.Reason)
				}
			}
		}
	}
	require.Equal(t, []string{
		"2024-06-16 USD 22.25 USD 89.00 × 1/2 × 15/30",
		"2024-06-16 mia holds it",
		"2024-07-01 USD 44.50 USD 89.00 × 1/2 × 31/31",
		"2024-07-10 nobody holds it",
		"2024-07-12 mia holds it",
		"2024-08-01 repriced by trainee_status",
		"2024-08-01 USD 93.00 USD 93.00 × 1/1 × 31/31",
	}, entries)
}
