package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLicencesAndTheirMoneyAreReadFromTheModel(t *testing.T) {
	p := newStack(t).staffed()
	p.subscribe("therapist_basic", "therapist")
	bought, _ := p.buy("therapist_premium", 1)
	p.settle()
	p.run(t, "utilisation per plan, and each licence with what comes next", func(t *testing.T) {
		var list struct {
			Total    struct{ Owned, Assigned, Free int }
			Plans    []struct{ Plan string }
			RenewsOn string
			Licences []struct {
				ID, State, Holder string
				PeriodCharge      amount
				Next              struct {
					On     string
					Charge *struct {
						Amount      amount
						Explanation string
					}
				}
			}
		}
		p.get("olivia", p.path("/licences")).into(&list)
		require.Equal(t, 3, list.Total.Owned)
		require.Equal(t, 1, list.Total.Free)
		require.Len(t, list.Plans, 2)
		require.NotEmpty(t, list.RenewsOn)
		last := list.Licences[2]
		require.Equal(t, bought[0].ID, last.ID)
		require.Positive(t, last.PeriodCharge.Minor)
		require.Equal(t, amount{69_00, "USD"}, last.Next.Charge.Amount)
		require.NotEmpty(t, last.Next.Charge.Explanation)
		p.get("olivia", p.path("/licences?state=free&plan=therapist_premium")).into(&list)
		require.Len(t, list.Licences, 1)
	})
	p.run(t, "charges say what became of them, and the totals add up", func(t *testing.T) {
		var page struct {
			Charges []struct {
				Status    string
				Attempts  int
				PaidBy    int
				Movements []struct{ Kind string }
			}
			Totals     struct{ Charged, Collected, Due amount }
			NextCursor string
		}
		p.get("olivia", p.path("/subscription/charges?status=paid")).into(&page)
		require.Len(t, page.Charges, 1)
		require.Equal(t, []int{1, 1}, []int{page.Charges[0].Attempts, page.Charges[0].PaidBy})
		require.Equal(t, page.Totals.Charged, page.Totals.Collected)
		p.get("olivia", p.path("/subscription/charges?limit=1")).into(&page)
		require.NotEmpty(t, page.NextCursor)
		require.Equal(t, page.Totals.Charged.Minor, page.Totals.Collected.Minor+page.Totals.Due.Minor)
	})
	p.run(t, "the seat ledger costs what was charged", func(t *testing.T) {
		var ledger struct {
			Seats []struct {
				Reason, From, Until string
				Days                int
				Cost                amount
				Costs               []struct{ Line struct{ Explanation string } }
			}
		}
		p.get("olivia", p.path("/subscription/seat-ledger?from=2026-03-01&to=2026-04-30&licence=", bought[0].ID)).into(&ledger)
		require.Len(t, ledger.Seats, 2, "days that were charged stand apart from those that were not")
		require.Equal(t, "charged", ledger.Seats[0].Reason)
		require.Equal(t, []any{"not_charged", "2026-04-30", 0}, []any{ledger.Seats[1].Reason, ledger.Seats[1].Until, len(ledger.Seats[1].Costs)})
		require.NotEmpty(t, ledger.Seats[0].Costs[0].Line.Explanation)
		p.get("olivia", p.path("/subscription/seat-ledger?from=2026-04-30&to=2026-03-01")).refused(http.StatusBadRequest, "invalid_range")
	})
	p.run(t, "BIL-13 other clinicians see none of it", func(t *testing.T) {
		for _, path := range []string{"/licences", "/subscription/charges", "/subscription/seat-ledger?from=2026-03-01&to=2026-03-31"} {
			p.get("carla", p.path(path)).refused(http.StatusForbidden, "permission_denied")
		}
	})
}
