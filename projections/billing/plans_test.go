package billing_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/billing"
	"praxis/projections/projtest"
)

func TestWhatALargePracticeIsAskedForIsFoundByIndexes(t *testing.T) {
	pool := pgtest.New(t)
	practice := id.New[id.Group]()
	require.NoError(t, projections.Install(t.Context(), pool, billing.Projector{}))
	_, err := pool.Exec(t.Context(), `
insert into `+projections.Table(billing.Projector{}, "entry")+` (event_id, group_id, chart_id, clinician_id, kind,
       effective_date, recorded_at, code, description, reason, method, payer, reference, currency, amount, debit, credit, number, actor, position, prepare)
select gen_random_uuid(), $1, md5((n % 5000)::text)::uuid, md5((n % 100)::text)::uuid, 'charge',
       date '2026-01-01' + n % 300, now(), '', '', '', '', '', '', 'USD', 1, 1, 0, '', 'system', n, n
  from generate_series(1, 20000) n`, practice)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `
insert into `+projections.Table(billing.Projector{}, "invoice")+` (group_id, chart_id, clinician_id, invoice_id, stage,
       sequence, number, number_parts, invoice_date, terms, due_date, charges, currency, total, changed_at, revision)
select $1, md5((n % 5000)::text)::uuid, md5((n % 100)::text)::uuid, gen_random_uuid(), 'open', n, 'INV-' || lpad(n::text, 6, '0'),
       array_to_tsvector(array(select distinct substr('INV-' || lpad(n::text, 6, '0'), i, l) from generate_series(1, 10) i, generate_series(1, 3) l)),
       '2026-01-01', 'net_30', date '2026-01-01' + n % 300, '{}', 'USD', 1, now(), 0
  from generate_series(1, 20000) n`, practice)
	require.NoError(t, err)
	// The first number of every clinician's series, void, and due after all others.
	_, err = pool.Exec(t.Context(), `
insert into `+projections.Table(billing.Projector{}, "invoice")+` (group_id, chart_id, clinician_id, invoice_id, stage,
       sequence, number, number_parts, invoice_date, terms, due_date, charges, currency, total, changed_at, revision)
select $1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'void', 0, 'INV-000000', '', '2026-01-01', 'net_30', '2027-01-01', '{}', 'USD', 1, now(), 0
  from generate_series(1, 2000)`, practice)
	require.NoError(t, err)
	for _, table := range []string{"entry", "invoice"} {
		_, err = pool.Exec(t.Context(), "analyze "+projections.Table(billing.Projector{}, table))
		require.NoError(t, err)
	}
	everything := billing.Selection{Reach: access.Reach{Group: practice, Parts: []access.Part{{Within: access.Area{All: true}}}}}
	history := func(q billing.HistoryQuery) string {
		return projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
			q.Selection, q.Limit = everything, 50
			_, err := billing.History(t.Context(), projections.Live(pool), q)
			return err
		})
	}
	t.Run("the history is read in the order of an index", func(t *testing.T) {
		plan := history(billing.HistoryQuery{})
		require.Contains(t, plan, "entry_by_group", plan)
		require.NotContains(t, plan, "Sort", plan)
	})
	t.Run("a kind that never happened", func(t *testing.T) {
		require.Contains(t, history(billing.HistoryQuery{Kinds: []billing.Kind{billing.ChargeVoid}}), "entry_by_kind")
	})
	t.Run("the balance of the practice is read out of running totals, for an owner as for a manager of clinicians", func(t *testing.T) {
		now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
		for _, reader := range []access.Subject{
			{Role: access.Owner},
			{Role: access.Manager, Clinician: true, Manages: []id.Member{id.New[id.Member]()}},
		} {
			reader.Kind, reader.Group, reader.Member, reader.Active = access.KindMember, practice, id.New[id.Member](), true
			reach := access.ReachOf(reader, access.BillingView, now)
			require.False(t, reach.Empty())
			plan := projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
				_, err := billing.Balance(t.Context(), projections.Live(pool), billing.Selection{Reach: reach}, "USD")
				return err
			})
			require.Contains(t, plan, " on total t", plan)
		}
	})
	invoices := func(q billing.InvoiceQuery, found int) string {
		return projtest.Plans(t, pool, func(pool *pgxpool.Pool) error {
			q.Selection, q.Limit, q.Zone = everything, 50, time.UTC
			page, err := billing.Invoices(t.Context(), pool, q)
			require.Len(t, page.Invoices, found)
			return err
		})
	}
	t.Run("a part of a number", func(t *testing.T) {
		require.Contains(t, invoices(billing.InvoiceQuery{Number: "01234"}, 11), "invoice_by_part")
		require.Contains(t, invoices(billing.InvoiceQuery{Number: "zz"}, 0), "invoice_by_part")
	})
	t.Run("a whole number", func(t *testing.T) {
		require.Contains(t, invoices(billing.InvoiceQuery{Number: "inv-001234"}, 1), "invoice_by_number")
	})
	t.Run("a whole number that every clinician has", func(t *testing.T) {
		require.Contains(t, invoices(billing.InvoiceQuery{Number: "INV-000000"}, 50), "invoice_by_number")
	})
	t.Run("one stage or settlement is read in the order of an index", func(t *testing.T) {
		void := invoices(billing.InvoiceQuery{Stages: []invoice.Stage{invoice.Void}}, 50)
		require.Contains(t, void, "invoice_by_stage", void)
		require.NotContains(t, void, "Sort", void)
		unpaid := invoices(billing.InvoiceQuery{Settlements: []invoice.Settlement{invoice.Unpaid}}, 50)
		require.NotContains(t, unpaid, "Sort", unpaid)
		partial := invoices(billing.InvoiceQuery{Settlements: []invoice.Settlement{invoice.Partial}}, 0)
		require.Contains(t, partial, "invoice_by_settlement", partial)
	})
}
