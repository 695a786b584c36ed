package permissions

import (
	"slices"

	"praxis/adapters/audit"
	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/invoice"
)

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
	entries, err := audit.History(x.Ctx(), x.API.Store, x.API.Registry, stream, 0, false)
	if err != nil {
		return err
	}
	if tellsOfPatients(stream) && !access.ReachOf(admission.Subject, access.RosterView, x.API.Clock()).Everything() {
		for i := range entries {
			entries[i].Reason = ""
		}
	}
	return x.Reply(map[string]any{"entries": entries})
}

// tellsOfPatients reports whether the reasons in a stream are about patients. Who may
// read every history need not be who may open every chart.
func tellsOfPatients(s es.Stream) bool {
	return slices.Contains([]es.Category{chart.Category, invoice.LedgerCategory, booking.CalendarCategory}, s.Category())
}
