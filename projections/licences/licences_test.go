package licences_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections/licences"
	"praxis/projections/projtest"
	"praxis/projections/projtest/histories"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("praxis/adapters/postgres/embedded.(*process).supervise"))
}

func model(t testing.TB) projtest.Model {
	t.Helper()
	registry, err := es.NewRegistry(es.Plain{}, group.Events())
	require.NoError(t, err)
	return projtest.Model{Pool: pgtest.New(t), Registry: registry, Projector: licences.Projector{}}
}

func everything(g id.Group) access.Reach {
	return access.Reach{Group: g, Parts: []access.Part{{Within: access.Area{All: true}}}}
}

func day(s string) civil.Date { return civil.MustDate(s) }

// owned reads every licence in pages of two.
func owned(t testing.TB, pool *pgxpool.Pool, q licences.LicencesQuery) (found []licences.Licence) {
	t.Helper()
	for q.Limit = 2; ; {
		p, err := licences.Licences(t.Context(), pool, q)
		require.NoError(t, err)
		found = append(found, p.Licences...)
		if q.Cursor = p.Next; q.Cursor == "" {
			return found
		}
	}
}

// charged reads every charge in pages of two, with the totals of each page.
func charged(t testing.TB, pool *pgxpool.Pool, q licences.ChargesQuery) (found []licences.Charge, totals licences.Amounts) {
	t.Helper()
	for q.Limit = 2; ; {
		p, err := licences.Charges(t.Context(), pool, q)
		require.NoError(t, err)
		found, totals = append(found, p.Charges...), p.Totals
		if q.Cursor = p.Next; q.Cursor == "" {
			return found, totals
		}
	}
}

// seated reads the seat ledger in pages of three.
func seated(t testing.TB, pool *pgxpool.Pool, q licences.SeatsQuery) (found []licences.Seat) {
	t.Helper()
	for q.Limit = 3; ; {
		p, err := licences.Seats(t.Context(), pool, q)
		require.NoError(t, err)
		found = append(found, p.Seats...)
		if q.Cursor = p.Next; q.Cursor == "" {
			return found
		}
	}
}

func zero[I ~[16]byte](v *I) (none I) {
	if v == nil {
		return none
	}
	return *v
}

// Licences, utilisation, charges and the seat ledger are what folding the
// practice's stream says, whatever happened.
func TestTheModelIsTheFold(t *testing.T) {
	m, n := model(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		h := histories.Draw(rt, id.Derive[id.Group]("licences", fmt.Sprint(n)), 120)
		projtest.Apply(t, m, h.Events...)
		requireLicences(t, rt, m.Pool, h)
		lines := requireCharges(t, rt, m.Pool, h)
		requireSeats(t, rt, m.Pool, h, lines)
	})
}

func requireLicences(t testing.TB, rt *rapid.T, pool *pgxpool.Pool, h *histories.History) {
	t.Helper()
	found := owned(t, pool, licences.LicencesQuery{Reach: everything(h.Group), Now: h.Now})
	want := h.State.Licences()
	require.Len(rt, found, len(want))
	for i, l := range want {
		got := found[i]
		require.Equal(rt, []any{l.ID, l.Terms, l.Releasing, l.Next, l.PaidFor, l.Profession}, []any{got.ID, got.Terms, got.Releasing, got.NextPlan, pricing.Period{Start: got.PaidFrom, End: got.PaidUntil}, got.Profession})
		require.Equal(rt, []any{l.Charge, l.Holder, l.Invitation}, []any{zero(got.Charge), zero(got.Holder), zero(got.Invitation)})
		require.Equal(rt, l.Pending, got.State == licences.Pending)
		require.Equal(rt, l.Releasing || l.Next != "", !got.ChangesOn.IsZero())
	}
	u, err := licences.Utilise(t.Context(), pool, everything(h.Group), h.Now)
	require.NoError(rt, err)
	folded := h.State.Utilisation(h.Now)
	require.Equal(rt, [5]int{folded.Owned, folded.Pending, folded.Assigned, folded.Reserved, folded.Free},
		[5]int{u.Total.Owned, u.Total.Pending, u.Total.Assigned, u.Total.Reserved, u.Total.Free})
	if next, err := h.State.NextInvoice(histories.Book()); err == nil {
		require.Equal(rt, next.Period.Start, u.RenewsOn)
	}
}

// requireCharges returns the lines that were not cancelled.
func requireCharges(t testing.TB, rt *rapid.T, pool *pgxpool.Pool, h *histories.History) (valid []pricing.Line) {
	t.Helper()
	found, totals := charged(t, pool, licences.ChargesQuery{Reach: everything(h.Group), Lines: true})
	want := h.State.Charges()
	require.Len(rt, found, len(want))
	var sum licences.Amounts
	for i, c := range want {
		got := found[i]
		require.Equal(rt, []any{c.ID, c.Kind, c.On, c.Period, c.Status}, []any{got.ID, got.Kind, got.On, got.Period, got.Status})
		total, err := pricing.Total(got.Lines)
		require.NoError(rt, err)
		require.Equal(rt, total.Minor, got.Total.Minor, "the lines add up to the charge")
		require.Len(rt, got.Lines, got.LineCount)
		require.Equal(rt, got.Charged, got.Collected+got.Credited+got.Cancelled+got.Due, "what was charged went somewhere")
		if c.Status != group.ChargeGivenUp {
			require.Equal(rt, c.Total, got.Total)
			valid = append(valid, got.Lines...)
		}
		sum.Charged, sum.Collected, sum.Due = sum.Charged+got.Charged, sum.Collected+got.Collected, sum.Due+got.Due
		sum.Credited, sum.Cancelled = sum.Credited+got.Credited, sum.Cancelled+got.Cancelled
		sum.RefundsDue, sum.Refunded = sum.RefundsDue+got.RefundsDue, sum.Refunded+got.Refunded
	}
	require.Equal(rt, sum, totals, "the totals are of all pages")
	owedBack := int64(0)
	for _, r := range h.State.Refunds() {
		owedBack += r.Amount.Minor
	}
	require.EqualValues(rt, owedBack, totals.RefundsDue)
	return valid
}

// requireSeats compares the ledger with the licences that are owned and with the
// money: whatever days it is cut into, the seats cost what was charged.
func requireSeats(t testing.TB, rt *rapid.T, pool *pgxpool.Pool, h *histories.History, lines []pricing.Line) {
	t.Helper()
	first, last := day("2024-05-01"), day("2030-01-01")
	cut := first.Add(rapid.IntRange(1, 300).Draw(rt, "cut"))
	all := licences.SeatsQuery{Reach: everything(h.Group), From: first, To: last}
	before, after := all, all
	before.To, after.From = cut, cut.Add(1)
	cost := func(seats []licences.Seat) (sum int64) {
		for _, s := range seats {
			sum += s.Cost.Minor
			require.Equal(rt, s.Reason == licences.Charged, len(s.Costs) > 0)
			require.Equal(rt, s.Days, s.From.DaysUntil(s.Until)+1)
			require.Positive(rt, s.Days)
		}
		return sum
	}
	whole := seated(t, pool, all)
	require.Equal(rt, cost(whole), cost(seated(t, pool, before))+cost(seated(t, pool, after)), "days are neither lost nor counted twice")

	open := map[id.Licence]licences.Seat{}
	for _, s := range whole {
		if s.Until == last {
			open[s.Licence] = s
		}
	}
	covered := int64(0)
	for _, l := range h.State.Licences() {
		s, lasts := open[l.ID]
		require.True(rt, lasts)
		require.Equal(rt, []any{l.Terms, l.Holder}, []any{s.Terms, zero(s.Holder)})
	}
	require.Len(rt, open, len(h.State.Licences()))
	kept := map[id.Licence]bool{}
	for _, s := range whole {
		kept[s.Licence] = true
	}
	for _, l := range lines {
		if kept[l.Licence] {
			gross, err := l.Gross()
			require.NoError(rt, err)
			covered += gross.Minor
		}
	}
	require.Equal(rt, covered, cost(whole), "the seats cost what was charged")
}
