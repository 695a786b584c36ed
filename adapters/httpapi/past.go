package httpapi

import (
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/projections"
)

// asOf is the query parameter with which a list is asked about the past.
const asOf = "asOf"

// momentOf reads what asOf says: an instant, or a position.
func (a *api) momentOf(raw string) (m projections.Moment, err error) {
	if isInstant(raw) {
		if m.At, err = ParseInstant(raw); m.At.IsZero() {
			m.At = m.At.Add(1) // The zero instant would stand for a position.
		}
		return m, err
	}
	m.Position, err = a.position(raw)
	return m, err
}

// isInstant tells an instant from a position.
func isInstant(raw string) bool { return strings.Contains(raw, "T") }

// isAsOfInstant reports whether the past is asked about at an instant.
func (x *Exchange) isAsOfInstant() bool { return isInstant(x.InQuery(asOf)) }

// Fold makes the rows of a read model, which was awaited, as of the moment that is asked
// about, if one is; only narrows down which streams the answer needs, unless it is nil.
func (x *Exchange) Fold(model string, only func(es.Stream) bool) error {
	raw := x.InQuery(asOf)
	if raw == "" {
		return nil
	}
	if x.past == nil {
		moment, err := x.API.momentOf(raw)
		if err != nil {
			return err
		}
		if x.past, err = x.API.Past.Open(x.Ctx(), x.Group(), moment); err != nil {
			return err
		}
	}
	if err := x.past.Fold(x.Ctx(), model, only); err != nil {
		return err
	}
	x.From = x.past.Tables()
	x.say(*x.reflected)
	return nil
}

// JudgedAt is the instant that an answer is about: that of the past that is asked about,
// and otherwise the present, UTC.
func (x *Exchange) JudgedAt() time.Time {
	if x.past != nil && x.reflected.LastEvent != nil {
		return x.reflected.LastEvent.UTC()
	}
	return x.API.Clock().UTC()
}

// close ends the view of the past, if there is one, and what was begun beside the answer.
func (x *Exchange) close() {
	x.view.settle()
	if x.past != nil {
		x.past.Close(x.Ctx())
	}
}
