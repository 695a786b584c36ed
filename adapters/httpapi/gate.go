package httpapi

import (
	"fmt"
	"strings"
	"time"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/projections"
	"praxis/projections/quarantine"
	"praxis/projections/roster"
)

// Await holds a query back until its read models have seen what the caller has
// (Praxis-Min-Position): read your own writes. The answer says what it reflects at least
// (Praxis-Position, Praxis-As-Of), and where read models are not whole (Praxis-Incomplete);
// so nothing is read from them before.
func (x *Exchange) Await(models ...string) error {
	// A request that names no practice is answered about what belongs to none.
	g, _ := id.Parse[id.Group](x.InPath("group"))
	reflected, err := x.await(g, models)
	if err != nil {
		return err
	}
	if x.reflected != nil {
		reflected = reflected.And(*x.reflected)
	}
	x.say(reflected)
	return nil
}

// await returns what read models reflect once they reflect what the caller has seen.
func (x *Exchange) await(g id.Group, models []string) (projections.Reflection, error) {
	at, err := x.API.Freshness.Reflects(x.Ctx(), g, models...)
	raw := x.R.Header.Get(headerMinPosition)
	if raw == "" || err != nil {
		return at, err
	}
	least, err := x.API.position(raw)
	if err != nil || !at.Before(least) {
		return at, err
	}
	// Nothing of that position may ever come: it is not waited for.
	if tail, err := x.API.Store.Tail(x.Ctx()); err == nil && tail.Before(least) {
		return at, errPositionUnknown
	}
	if err := x.API.Freshness.WaitFor(x.Ctx(), least, models...); err != nil {
		return at, err
	}
	if at, err = x.API.Freshness.Reflects(x.Ctx(), g, models...); err == nil && at.Before(least) {
		at.Position = least // There is nothing of theirs in between.
	}
	return at, err
}

// reflecting are the headers that say what an answer reflects.
var reflecting = []string{headerPosition, headerAsOf, headerIncomplete}

// say puts what an answer reflects into its headers. Of the past that is the moment that was
// asked for and nothing more, because when others' events were recorded is not for every
// reader; only what is missing is that of the present rows.
func (x *Exchange) say(r projections.Reflection) {
	if x.past != nil {
		gap := r.Gap
		r = x.past.Reflection()
		r.Gap = gap
	}
	x.reflected = &r
	if !x.API.doc.operations[x.operation].readsModels() {
		return
	}
	h := x.W.Header()
	switch {
	case x.past == nil:
		h.Set(headerPosition, x.API.token(r.Position))
		if r.LastEvent != nil {
			h.Set(headerAsOf, r.LastEvent.UTC().Format(time.RFC3339Nano))
		}
	case x.isAsOfInstant():
		h.Del(headerPosition)
		h.Set(headerAsOf, r.LastEvent.UTC().Format(time.RFC3339Nano))
	default:
		h.Set(headerPosition, x.API.token(r.Position))
		h.Del(headerAsOf)
	}
	if r.Gap != (quarantine.Gap{}) {
		h.Set(headerIncomplete, fmt.Sprintf("parked=%d, skipped=%d", r.Parked, r.Skipped))
	}
}

// Exactly says that the answer reflects this position and nothing after it. Read models were
// awaited before, so that it is not before the position that the caller has.
func (x *Exchange) Exactly(p es.Position) {
	exact := *x.reflected
	exact.Position = p
	x.say(exact)
}

// Covers reports whether an event is among those that the answer reflects.
func (x *Exchange) Covers(e es.Envelope) bool {
	if x.past != nil && x.isAsOfInstant() {
		return !e.RecordedAt.After(*x.reflected.LastEvent)
	}
	return !x.reflected.Before(e.Position)
}

// FromLog is for what is read from the log itself: the answer reflects all that was recorded
// by now.
func (x *Exchange) FromLog() error {
	now := x.API.Clock()
	end, err := x.API.Store.Tail(x.Ctx())
	if err == nil {
		x.W.Header().Set(headerPosition, x.API.token(end))
		x.W.Header().Set(headerAsOf, now.UTC().Format(time.RFC3339Nano))
	}
	return err
}

// AsOf is the position that the answer reflects at least, or the instant in the past that was
// asked about.
func (x *Exchange) AsOf() string {
	if x.past != nil && x.isAsOfInstant() {
		return x.reflected.LastEvent.UTC().Format(time.RFC3339Nano)
	}
	return x.reflected.String()
}

// position reads a position that was handed out by this installation.
func (a *api) position(raw string) (es.Position, error) {
	place, log, _ := strings.Cut(raw, "-")
	if own := a.logName(); log != "" && own != "" && log != own {
		return es.Position{}, errOtherLog
	}
	return es.ParsePosition(place)
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

var errOtherLog = fault.New(fault.Invalid, "position_of_another_log", "The position is of another event log than the one that this installation has now, and means nothing here. Leave it out.")

var errPositionUnknown = fault.New(fault.Invalid, "position_unknown", "Praxis-Min-Position lies beyond the end of the log: no command was ever answered with it here. Send the Praxis-Position of a receipt from this installation, as it is.")

// Group is the practice of the request. The id of nothing is that of a practice which
// does not exist.
func (x *Exchange) Group() id.Group { return Parsed(x, id.Parse[id.Group], x.InPath("group")) }

// Admit asks the gate; with a resource, for that very thing.
func (x *Exchange) Admit(q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	call, err := x.Call()
	if err != nil {
		return commands.Admission{}, err
	}
	var behind error
	if x.R.Header.Get(headerMinPosition) != "" && x.InPath("group") != "" {
		// The gate looks up what is set on charts themselves. What cannot be waited for is
		// refused behind it.
		_, behind = x.await(call.Group, []string{roster.Name})
	}
	var admission commands.Admission
	if len(resource) > 0 {
		admission, err = x.API.Engine.AdmitTo(x.Ctx(), call, q, resource[0])
	} else {
		admission, err = x.API.Engine.Admit(x.Ctx(), call, q)
	}
	if behind != nil && (err == nil || x.Ctx().Err() != nil) {
		err = behind
	}
	if err == nil {
		x.recordEarly()
	}
	return admission, err
}

// AdmitTo is Admit for what is read from a read model, and waits for that.
func (x *Exchange) AdmitTo(projection string, q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	admission, err := x.Admit(q, resource...)
	if err != nil {
		return admission, err
	}
	return admission, x.Await(projection)
}

// AdmitAsOf is AdmitTo for what can be asked about the past (asOf).
func (x *Exchange) AdmitAsOf(projection string, q commands.Question, resource ...access.Resource) (commands.Admission, error) {
	admission, err := x.AdmitTo(projection, q, resource...)
	if err != nil {
		return admission, err
	}
	return admission, x.Fold(projection, nil)
}
