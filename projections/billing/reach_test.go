package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections"
	"praxis/projections/billing"
)

func TestReach(t *testing.T) {
	elsewhere := id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1")
	noahBen := invoice.LedgerID{Group: practice, Chart: noah, Clinician: ben}
	foreign := invoice.LedgerID{Group: elsewhere, Chart: mia, Clinician: ana}
	ledgers := []invoice.LedgerID{miaAna, miaBen, noahAna, noahBen, foreign}
	b := newBooks(t)
	for n, l := range ledgers {
		b.do(l, owed(n+1, "2026-04-10", 1000)...)
	}
	b.project()

	member := func(m id.Member, role access.Role) access.Subject {
		return access.Subject{Kind: access.KindMember, Group: practice, Member: m, Role: role, Active: true, Clinician: true}
	}
	with := func(s access.Subject, allow bool, scope access.Scope) access.Subject {
		s.Overrides = append(s.Overrides, access.Rule{Capability: access.BillingView, Allow: allow, Scope: scope})
		return s
	}
	manager, assistant, revoked := member(ana, access.Manager), member(id.New[id.Member](), access.Assistant), member(ana, access.User)
	manager.Manages, assistant.Assists, revoked.Active = []id.Member{ben}, []id.Member{ben}, false
	owner, user := member(ben, access.Owner), member(ana, access.User)

	for name, c := range map[string]struct {
		subject access.Subject
		want    []invoice.LedgerID
	}{
		"the owner sees the whole group and no other":               {owner, []invoice.LedgerID{miaAna, miaBen, noahAna, noahBen}},
		"a User sees their own ledgers only":                        {user, []invoice.LedgerID{miaAna, noahAna}},
		"a User may be shown the group's":                           {with(user, true, access.ScopeGroup), []invoice.LedgerID{miaAna, miaBen, noahAna, noahBen}},
		"a User may be shown nothing":                               {with(user, false, access.ScopeGroup), nil},
		"a manager who practises sees their own ledgers by default": {manager, []invoice.LedgerID{miaAna, noahAna}},
		"a manager may be shown whom they manage":                   {with(manager, true, access.ScopeManaged), []invoice.LedgerID{miaAna, miaBen, noahAna, noahBen}},
		"an assistant may be shown whom they assist":                {with(assistant, true, access.ScopeAssists), []invoice.LedgerID{miaBen, noahBen}},
		"whoever left sees nothing":                                 {revoked, nil},
	} {
		t.Run(name, func(t *testing.T) {
			reach := access.ReachOf(c.subject, access.BillingView, now)
			// Selecting everything and everyone never widens what is seen.
			for _, s := range []billing.Selection{{Reach: reach}, {Reach: reach, Clinicians: []id.Member{ana, ben}}} {
				var entries, totals, rows []invoice.LedgerID
				for _, l := range ledgers {
					one := s
					one.Chart = l.Chart
					one.Clinicians = []id.Member{l.Clinician}
					balances, err := billing.Balance(t.Context(), projections.Live(b.pool), one, "USD")
					require.NoError(t, err)
					if balances.Total.Charged > 0 && l.Group == practice {
						totals = append(totals, l)
					}
				}
				history, err := billing.History(t.Context(), projections.Live(b.pool), billing.HistoryQuery{Selection: s, Kinds: []billing.Kind{billing.Charge}, Limit: 100})
				require.NoError(t, err)
				for _, e := range history.Entries {
					entries = append(entries, invoice.LedgerID{Group: practice, Chart: e.Chart, Clinician: e.Clinician})
				}
				list, err := billing.Invoices(t.Context(), b.pool, billing.InvoiceQuery{Selection: s, Limit: 100, Now: now, Zone: now.Location()})
				require.NoError(t, err)
				for _, i := range list.Invoices {
					rows = append(rows, invoice.LedgerID{Group: practice, Chart: i.Chart, Clinician: i.Clinician})
				}
				require.ElementsMatch(t, c.want, entries)
				require.ElementsMatch(t, c.want, totals)
				require.ElementsMatch(t, c.want, rows)
				sum, err := billing.Balance(t.Context(), projections.Live(b.pool), s, "USD")
				require.NoError(t, err)
				require.EqualValues(t, 1000*len(c.want), sum.Total.Outstanding)
			}
		})
	}
}
