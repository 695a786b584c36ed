package httpapi

import (
	"fmt"
	"strings"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections/quarantine"
)

// Await holds a query back until its read model has seen what the caller has
// (Praxis-Min-Position): read your own writes. The answer says where the read model is not
// whole (Praxis-Incomplete).
func (x *Exchange) Await(projection string) error {
	if err := x.await(projection); err != nil {
		return err
	}
	// A request that names no practice is answered about what belongs to none.
	g, _ := id.Parse[id.Group](x.InPath("group"))
	gap, err := x.API.Freshness.Gap(x.Ctx(), projection, g)
	if err == nil && gap != (quarantine.Gap{}) {
		x.W.Header().Set(headerIncomplete, fmt.Sprintf("parked=%d, skipped=%d", gap.Parked, gap.Skipped))
	}
	return err
}

func (x *Exchange) await(projection string) error {
	raw := x.R.Header.Get(headerMinPosition)
	if raw == "" {
		return nil
	}
	place, log, _ := strings.Cut(raw, "-")
	position, err := es.ParsePosition(place)
	if err != nil {
		return err
	}
	if own := x.API.logName(); log != "" && own != "" && log != own {
		return errOtherLog
	}
	at, err := x.API.Freshness.Position(x.Ctx(), projection)
	if err == nil && at.Before(position) {
		// Nothing of that position may ever come: it is not waited for.
		if tail, err := x.API.Store.Tail(x.Ctx()); err == nil && tail.Before(position) {
			return errPositionUnknown
		}
	}
	return x.API.Freshness.WaitFor(x.Ctx(), position, projection)
}

// token is a position as it is handed out: with the beginning of the log's id, once that
// is known.
func (a *api) token(p es.Position) string {
	if own := a.logName(); own != "" {
		return p.String() + "-" + own
	}
	return p.String()
}

// logName is the beginning of the log's id, empty while that is not known.
func (a *api) logName() string {
	if a.LogID == nil || a.LogID().IsZero() {
		return ""
	}
	return a.LogID().String()[:8]
}

var errOtherLog = fault.New(fault.Invalid, "position_of_another_log", "Praxis-Min-Position is of another event log than the one that this installation has now, and means nothing here. Leave it out.")

var errPositionUnknown = fault.New(fault.Invalid, "position_unknown", "Praxis-Min-Position lies beyond the end of the log: no command was ever answered with it here. Send the Praxis-Position of a receipt from this installation, as it is.")

// Group is the practice of the request. The id of nothing is that of a practice which
// does not exist.
func (x *Exchange) Group() id.Group { return Parsed(x, id.Parse[id.Group], x.InPath("group")) }

// Admit asks the gate; with a resource, for that very thing.
func (x *Exchange) Admit(q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	call, err := x.Call()
	switch {
	case err != nil:
		return commands.Admission{}, err
	case len(resource) > 0:
		return x.API.Engine.AdmitTo(x.Ctx(), call, q, resource[0])
	default:
		return x.API.Engine.Admit(x.Ctx(), call, q)
	}
}

// AdmitTo is Admit for what is read from a read model, and waits for that.
func (x *Exchange) AdmitTo(projection string, q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	admission, err := x.Admit(q, resource...)
	if err != nil {
		return admission, err
	}
	return admission, x.Await(projection)
}

// AdmitAsOf is AdmitTo for an answer that says how far the read model is.
func (x *Exchange) AdmitAsOf(projection string, q commands.Question, resource ...access.Resource) (a commands.Admission, asOf string, err error) {
	if a, err = x.AdmitTo(projection, q, resource...); err != nil {
		return a, "", err
	}
	asOf, err = x.AsOf(projection)
	return a, asOf, err
}

// AsOf is how far a read model is, for the answer that is read from it next.
func (x *Exchange) AsOf(projection string) (string, error) {
	position, err := x.API.Freshness.Position(x.Ctx(), projection)
	return position.String(), err
}
