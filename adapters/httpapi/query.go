package httpapi

import (
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// What a request says in its path and query is read here. The document has checked the
// forms; what still cannot be read is the answer of the gate, and reads as zero until
// then, so that a handler reads everything and asks once.

// fail keeps the first thing that could not be read.
func (x *exchange) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

// parsed is the value of what a request says, or the reason why it has none.
func parsed[V any](x *exchange, parse func(string) (V, error), raw string) V {
	v, err := parse(raw)
	x.fail(err)
	return v
}

// parseID is id.Parse for what somebody names: the id of nothing is no name, and
// would read as a filter that was left out.
func parseID[I ~[16]byte](s string) (I, error) {
	v, err := id.Parse[I](s)
	if err == nil && v == (I{}) {
		err = errNothing
	}
	return v, err
}

var errNothing = fault.New(fault.Invalid, "malformed_id", "An id whose digits are all zero names nothing.")

// inPath is a word of the path.
func (x *exchange) inPath(name string) string { return mux.Vars(x.r)[name] }

// inQuery is the value of a query parameter; "" if it is not there.
func (x *exchange) inQuery(name string) string { return x.r.URL.Query().Get(name) }

// pathID reads an id from the path.
func pathID[I ~[16]byte](x *exchange, name string) I { return parsed(x, parseID[I], x.inPath(name)) }

// pathCalendar reads the calendar from the path.
func pathCalendar(x *exchange) booking.CalendarID {
	return booking.CalendarID{Group: pathID[id.Group](x, "group"), Clinician: pathID[id.Member](x, "clinician")}
}

// queried reads a query parameter; zero if it is not there.
func queried[V any](x *exchange, parse func(string) (V, error), name string) (v V) {
	if raw := x.inQuery(name); raw != "" {
		v = parsed(x, parse, raw)
	}
	return v
}

// queryID reads an id from a query parameter; zero if it is not there.
func queryID[I ~[16]byte](x *exchange, name string) I { return queried(x, parseID[I], name) }

// queryIDs reads a repeated query parameter.
func queryIDs[I ~[16]byte](x *exchange, name string) (ids []I) {
	for _, s := range x.r.URL.Query()[name] {
		ids = append(ids, parsed(x, parseID[I], s))
	}
	return ids
}

// queryWords reads a repeated query parameter; the document lists its words.
func queryWords[W ~string](x *exchange, name string) (words []W) {
	for _, s := range x.r.URL.Query()[name] {
		words = append(words, W(s))
	}
	return words
}

// queryBool reads a query parameter that is true or false; nil if it is not there.
func queryBool(x *exchange, name string) *bool {
	if v, err := strconv.ParseBool(x.inQuery(name)); err == nil {
		return &v
	}
	return nil
}

// queryNumber reads a whole number; the given one if it is not there.
func queryNumber(x *exchange, name string, otherwise int) int {
	if n, err := strconv.Atoi(x.inQuery(name)); err == nil {
		return n
	}
	return otherwise
}

// defaultLimit is the size of a page unless the query says otherwise.
const defaultLimit = 50

func queryLimit(x *exchange) int { return queryNumber(x, "limit", defaultLimit) }

// queryDays reads the days asked for, both inclusive; zero where they are open.
func queryDays(x *exchange) (from, to civil.Date) {
	return queried(x, civil.ParseDate, "from"), queried(x, civil.ParseDate, "to")
}

// queryInstant reads an instant from a query parameter; given is false if it is
// not there.
func queryInstant(x *exchange, name string) (at time.Time, given bool) {
	return queried(x, parseInstant, name), x.inQuery(name) != ""
}

func parseInstant(raw string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, raw)
	// A zone can move an instant out of the years that RFC 3339 can write.
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return time.Time{}, fault.New(fault.Invalid, "malformed_instant", "An instant is written as in RFC 3339, such as 2026-03-02T14:00:00Z.")
	}
	return at.UTC(), nil
}
