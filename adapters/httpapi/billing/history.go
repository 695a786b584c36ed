package billing

import (
	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/names"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
	"praxis/projections/billing"
)

// billingSelection reads whose billing is asked for, the chart from the query or from
// the path of one thing of it, and asks the gate.
func billingSelection(x *httpapi.Exchange, action string, look func(group.State)) (billing.Selection, commands.Admission, error) {
	s := billing.Selection{Clinicians: httpapi.QueryIDs[id.Member](x, "clinician")}
	var filter commands.Filter
	if x.InPath("chart") != "" {
		s.Chart = httpapi.PathID[id.Chart](x, "chart")
	} else {
		s.Chart = httpapi.QueryID[id.Chart](x, "chart")
		filter.Chart = s.Chart
	}
	admission, err := x.AdmitTo(billing.Name, commands.Question{
		Action: action, Capability: access.BillingView, Target: billing.Name, Look: look,
		Clinicians: s.Clinicians, Filter: filter,
	})
	if s.Reach = admission.Reach; err == nil {
		s.Merged, err = x.Merged(filter.Chart)
	}
	return s, admission, err
}

// allowedActions says what the reader may do with the present selection, and
// of what they may not, why (BIL-17 to BIL-19).
type allowedActions struct {
	RecordPayment     bool `json:"recordPayment"`
	CreateInvoice     bool `json:"createInvoice"`
	GenerateStatement bool `json:"generateStatement"`
	// Why has an entry, in the words of the refusal, per action not allowed.
	Why map[string]string `json:"why,omitempty"`
}

func allowedOn(x *httpapi.Exchange, s billing.Selection, admission commands.Admission) allowedActions {
	answer := allowedActions{Why: map[string]string{}}
	for _, action := range []struct {
		name    string
		to      invoice.Action
		needs   access.Capability
		allowed *bool
	}{
		{"recordPayment", invoice.ToRecordPayment, access.BillingManage, &answer.RecordPayment},
		{"createInvoice", invoice.ToDraftInvoice, access.BillingManage, &answer.CreateInvoice},
		{"generateStatement", invoice.ToGenerateStatement, access.BillingView, &answer.GenerateStatement},
	} {
		clinician, err := invoice.RequireOneClinician(action.to, s.Clinicians)
		if err == nil {
			ledger := access.Resource{Group: x.Group(), Clinician: clinician, Chart: s.Chart}
			now := x.API.Clock()
			if d := access.Decide(admission.Subject, action.needs, ledger, now); !d.Allowed {
				err = fault.New(fault.Forbidden, "permission_denied", "%s", access.Refusal(admission.Subject, action.needs, &ledger, d, now))
			}
		}
		if *action.allowed = err == nil; err != nil {
			answer.Why[action.name] = fault.From(err).Message
		}
	}
	return answer
}

// historyEntry is an entry with names and money.
type historyEntry struct {
	billing.Entry
	PatientName   string      `json:"patientName,omitempty"`
	ClinicianName string      `json:"clinicianName,omitempty"`
	ActorName     string      `json:"actorName,omitempty"`
	Amount        money.Money `json:"amount"`
	Debit         money.Money `json:"debit"`
	Credit        money.Money `json:"credit"`
}

func historyEntryOf(e billing.Entry, n names.Found) historyEntry {
	return historyEntry{
		Entry: e, PatientName: n.Patients[e.Chart], ClinicianName: n.Members[e.Clinician], ActorName: n.OfActor(e.Actor),
		Amount: money.Of(e.Amount, e.Currency), Debit: money.Of(e.Debit, e.Currency), Credit: money.Of(e.Credit, e.Currency),
	}
}

func billingHistory(x *httpapi.Exchange) error {
	q := billing.HistoryQuery{Kinds: httpapi.QueryWords[billing.Kind](x, "kind"), Cursor: x.Cursor, Limit: httpapi.QueryLimit(x)}
	q.From, q.To = httpapi.QueryDays(x)
	var admission commands.Admission
	var err error
	if q.Selection, admission, err = billingSelection(x, "billing.history", nil); err != nil {
		return err
	}
	if err := x.Fold(billing.Name, q.Covers); err != nil {
		return err
	}
	page, err := billing.History(x.Ctx(), x.From, q)
	if err := x.OrRefused(admission, len(page.Entries), err); err != nil {
		return err
	}
	var wanted names.Wanted
	for _, e := range page.Entries {
		inEntry(&wanted, e)
	}
	if err := names.Recall(x, wanted); err != nil {
		return err
	}
	entries, err := historyEntries(x, admission, page.Entries)
	return x.Answer(struct {
		Entries []historyEntry     `json:"entries"`
		Allowed allowedActions     `json:"allowed"`
		Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
		AsOf    string             `json:"asOf"`
	}{entries, allowedOn(x, q.Selection, admission), x.Next(page.Next), x.AsOf()}, err)
}

// historyEntries puts names beside the ids of entries.
func historyEntries(x *httpapi.Exchange, admission commands.Admission, found []billing.Entry) ([]historyEntry, error) {
	return names.Beside(x, admission.Subject, found, inEntry, historyEntryOf)
}

// inEntry collects the ids of an entry.
func inEntry(n *names.Wanted, e billing.Entry) {
	n.Member(&e.Clinician)
	n.Actor(e.Actor)
	n.Charts = append(n.Charts, e.Chart)
}

var (
	errNoCharge  = fault.New(fault.NotFound, "charge_not_found", "This patient has no such charge, or it is beyond what you may see.")
	errNoPayment = fault.New(fault.NotFound, "payment_not_found", "This patient has no such payment, or it is beyond what you may see.")
)

func getCharge(x *httpapi.Exchange) error {
	charge := httpapi.PathID[id.Charge](x, "charge")
	return entryOf(x, "charge.get", billing.HistoryQuery{Kinds: []billing.Kind{billing.Charge}, Charge: charge}, errNoCharge)
}

func getPayment(x *httpapi.Exchange) error {
	payment := httpapi.PathID[id.Payment](x, "payment")
	return entryOf(x, "payment.get", billing.HistoryQuery{Kinds: []billing.Kind{billing.Payment}, Payment: payment}, errNoPayment)
}

// entryOf answers the entry of the history with which a thing was recorded.
func entryOf(x *httpapi.Exchange, action string, q billing.HistoryQuery, unknown *fault.Error) error {
	selection, admission, err := billingSelection(x, action, nil)
	if err != nil {
		return err
	}
	q.Selection, q.Limit = selection, 1
	page, err := billing.History(x.Ctx(), x.From, q)
	if err != nil {
		return err
	}
	entries, err := historyEntries(x, admission, page.Entries)
	return httpapi.ReplyOne(x, entries, unknown, err)
}

// balanceAmounts keeps debt and credit apart; only current nets them (BIL-15).
type balanceAmounts struct {
	Charged         money.Money `json:"charged"`
	Received        money.Money `json:"received"`
	Outstanding     money.Money `json:"outstanding"`
	Uninvoiced      money.Money `json:"uninvoiced"`
	UnappliedCredit money.Money `json:"unappliedCredit"`
	Owed            money.Money `json:"owed"`
	Credit          money.Money `json:"credit"`
	Current         money.Money `json:"current"`
}

func balanceAmountsOf(b billing.Amounts, c money.Currency) balanceAmounts {
	return balanceAmounts{
		Charged: b.Charged.Of(c), Received: b.Received.Of(c),
		Outstanding: b.Outstanding.Of(c), Uninvoiced: b.Uninvoiced.Of(c), UnappliedCredit: b.Unapplied.Of(c),
		Owed: b.Owed.Of(c), Credit: b.Credit.Of(c), Current: b.Current().Of(c),
	}
}

type clinicianBalance struct {
	Clinician id.Member `json:"clinician"`
	Name      string    `json:"clinicianName,omitempty"`
	balanceAmounts
}

// ledgerLeftOut names a ledger that is no part of the balance, and why.
type ledgerLeftOut struct {
	Chart     id.Chart  `json:"chart"`
	Clinician id.Member `json:"clinician"`
	Patient   string    `json:"patientName,omitempty"`
	Name      string    `json:"clinicianName,omitempty"`
	Code      string    `json:"code"`
	Why       string    `json:"why"`
}

func billingBalance(x *httpapi.Exchange) error {
	var currency money.Currency
	s, admission, err := billingSelection(x, "billing.balance", func(g group.State) { currency = g.Currency() })
	if err != nil {
		return err
	}
	if err := x.Fold(billing.Name, s.Covers); err != nil {
		return err
	}
	balances, err := billing.Balance(x.Ctx(), x.From, s, currency)
	if err := x.OrRefused(admission, len(balances.Clinicians), err); err != nil {
		return err
	}
	var ids names.Wanted
	for _, c := range balances.Clinicians {
		ids.Member(&c.Clinician)
	}
	for _, l := range balances.LeftOut {
		ids.Charts = append(ids.Charts, l.Chart)
	}
	if err := names.Recall(x, ids); err != nil {
		return err
	}
	names, err := names.Look(x, admission.Subject, ids)
	if err != nil {
		return err
	}
	answer := struct {
		Total      balanceAmounts     `json:"total"`
		Clinicians []clinicianBalance `json:"clinicians"`
		LeftOut    []ledgerLeftOut    `json:"leftOut,omitempty"`
		AsOf       string             `json:"asOf"`
	}{Total: balanceAmountsOf(balances.Total, currency), Clinicians: []clinicianBalance{}, AsOf: x.AsOf()}
	for _, c := range balances.Clinicians {
		answer.Clinicians = append(answer.Clinicians, clinicianBalance{
			Clinician: c.Clinician, Name: names.Members[c.Clinician], balanceAmounts: balanceAmountsOf(c.Amounts, currency),
		})
	}
	for _, l := range balances.LeftOut {
		problem := fault.From(billing.OutOfRange(l))
		answer.LeftOut = append(answer.LeftOut, ledgerLeftOut{
			Chart: l.Chart, Clinician: l.Clinician, Patient: names.Patients[l.Chart], Name: names.Members[l.Clinician],
			Code: problem.Code, Why: problem.Message,
		})
	}
	return x.Reply(answer)
}
