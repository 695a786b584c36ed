package permissions

import (
	"slices"
	"strconv"

	"praxis/adapters/audit"
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/projections/page"
)

// historyLimit is the size of a page unless the query says otherwise.
const historyLimit = 100

func auditHistory(x *httpapi.Exchange) error {
	call, err := x.Call()
	if err != nil {
		return err
	}
	stream := es.Stream(x.InQuery("stream"))
	// Before the gate, which records what a refusal was about: only names of
	// streams may get there, never what else somebody sends.
	if g, ok := stream.Group(); !ok || g != call.Group {
		return fault.New(fault.NotFound, "stream_not_found", "This practice has no stream of that name. Streams are named {category}-{group}+{entity}, such as chart-G+C.")
	}
	// A stream tells of many things at once, so it takes the permission for all of them.
	gate := commands.Question{Action: "audit.history", Capability: access.AuditHistoryView, Target: stream}
	admission, err := x.API.Engine.AdmitTo(x.Ctx(), call, gate, access.Resource{Group: call.Group})
	if err != nil {
		return err
	}
	from, err := historyFrom(x.Cursor)
	if err != nil {
		return err
	}
	if err := x.FromLog(); err != nil {
		return err
	}
	c, ofChart := chartOf(stream)
	if ofChart {
		for _, needs := range neededFor(stream) {
			switch kept, err := x.API.Engine.KeptFrom(x.Ctx(), call, needs, c); {
			case err != nil:
				return err
			case kept:
				return audit.ErrNoStream
			}
		}
	}
	entries, next, err := audit.Page(x.Ctx(), x.API.Store, x.API.Registry, stream, from, httpapi.QueryNumber(x, "limit", historyLimit))
	if err != nil {
		return err
	}
	if tellsOfPatients(stream) && !access.ReachOf(admission.Subject, access.RosterView, x.API.Clock()).Everything() {
		for i := range entries {
			entries[i].Reason = ""
		}
	}
	if ofChart {
		x.Shows(c)
	}
	token, err := historyAfter(next)
	return x.Answer(struct {
		Entries []audit.Entry      `json:"entries"`
		Next    httpapi.NextCursor `json:"nextCursor,omitzero"`
	}{entries, x.Next(token)}, err)
}

// historyOrder names the order of a history in its cursors, of which the key is the
// revision that the page begins with.
const historyOrder = "audit/history"

func historyFrom(token page.Token) (es.Revision, error) {
	cursor, err := page.Parse(token, historyOrder, 1)
	if err != nil || cursor == nil {
		return 0, err
	}
	n, err := strconv.ParseInt(cursor.Keys[0], 10, 64)
	if err != nil || n < 0 {
		return 0, page.ErrMalformed
	}
	return es.Revision(n), nil
}

func historyAfter(next es.Revision) (page.Token, error) {
	if next == 0 {
		return "", nil
	}
	return page.Cursor{Order: historyOrder, Keys: []string{strconv.FormatInt(int64(next), 10)}}.Token()
}

// chartOf returns the chart that a stream is about, if it is about one.
func chartOf(s es.Stream) (id.Chart, bool) {
	if ledger, err := invoice.ParseLedger(s); err == nil {
		return ledger.Chart, true
	}
	_, c, err := chart.ParseStream(s)
	return c, err == nil
}

// neededFor are the permissions that what is set on its chart must leave to the reader of a
// stream.
func neededFor(s es.Stream) []access.Capability {
	if s.Category() == invoice.LedgerCategory {
		return []access.Capability{access.AuditHistoryView, access.BillingView}
	}
	return []access.Capability{access.AuditHistoryView}
}

// tellsOfPatients reports whether the reasons in a stream are about patients. Who may
// read every history need not be who may open every chart.
func tellsOfPatients(s es.Stream) bool {
	return slices.Contains([]es.Category{chart.Category, invoice.LedgerCategory, booking.CalendarCategory}, s.Category())
}
