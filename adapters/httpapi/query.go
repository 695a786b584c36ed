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

// Fail keeps the first thing that could not be read.
func (x *Exchange) Fail(err error) {
	if x.Err == nil {
		x.Err = err
	}
}

// Parsed is the value of what a request says, or the reason why it has none.
func Parsed[V any](x *Exchange, parse func(string) (V, error), raw string) V {
	v, err := parse(raw)
	x.Fail(err)
	return v
}

// ParseID is id.Parse for what somebody names: the id of nothing is no name, and
// would read as a filter that was left out.
func ParseID[I ~[16]byte](s string) (I, error) {
	v, err := id.Parse[I](s)
	if err == nil && v == (I{}) {
		err = errNothing
	}
	return v, err
}

var errNothing = fault.New(fault.Invalid, "malformed_id", "An id whose digits are all zero names nothing.")

// InPath is a word of the path.
func (x *Exchange) InPath(name string) string { return mux.Vars(x.R)[name] }

// InQuery is the value of a query parameter; "" if it is not there.
func (x *Exchange) InQuery(name string) string { return x.R.URL.Query().Get(name) }

// PathID reads an id from the path.
func PathID[I ~[16]byte](x *Exchange, name string) I { return Parsed(x, ParseID[I], x.InPath(name)) }

// PathCalendar reads the calendar from the path.
func PathCalendar(x *Exchange) booking.CalendarID {
	return booking.CalendarID{Group: x.Group(), Clinician: PathID[id.Member](x, "clinician")}
}

// Queried reads a query parameter; zero if it is not there.
func Queried[V any](x *Exchange, parse func(string) (V, error), name string) (v V) {
	if raw := x.InQuery(name); raw != "" {
		v = Parsed(x, parse, raw)
	}
	return v
}

// QueryID reads an id from a query parameter; zero if it is not there.
func QueryID[I ~[16]byte](x *Exchange, name string) I { return Queried(x, ParseID[I], name) }

// QueriedAll reads a repeated query parameter.
func QueriedAll[V any](x *Exchange, parse func(string) (V, error), name string) (all []V) {
	for _, raw := range x.R.URL.Query()[name] {
		all = append(all, Parsed(x, parse, raw))
	}
	return all
}

// QueryIDs reads the ids of a repeated query parameter.
func QueryIDs[I ~[16]byte](x *Exchange, name string) []I { return QueriedAll(x, ParseID[I], name) }

// QueryWords reads a repeated query parameter; the document lists its words.
func QueryWords[W ~string](x *Exchange, name string) (words []W) {
	for _, s := range x.R.URL.Query()[name] {
		words = append(words, W(s))
	}
	return words
}

// QueryBool reads a query parameter that is true or false; nil if it is not there.
func QueryBool(x *Exchange, name string) *bool {
	if v, err := strconv.ParseBool(x.InQuery(name)); err == nil {
		return &v
	}
	return nil
}

// QueryFlag reports whether a query parameter is there and true.
func QueryFlag(x *Exchange, name string) bool {
	v := QueryBool(x, name)
	return v != nil && *v
}

// QueryNumber reads a whole number; the given one if it is not there.
func QueryNumber(x *Exchange, name string, otherwise int) int {
	if x.InQuery(name) == "" {
		return otherwise
	}
	return Queried(x, parseNumber, name)
}

func parseNumber(raw string) (int, error) {
	n, err := strconv.Atoi(raw)
	if err != nil {
		return 0, fault.New(fault.Invalid, "invalid_request", "A number here is whole and written in digits, such as 25.")
	}
	return n, nil
}

// defaultLimit is the size of a page unless the query says otherwise.
const defaultLimit = 50

// QueryLimit is how many things a page is to have.
func QueryLimit(x *Exchange) int { return QueryNumber(x, "limit", defaultLimit) }

// QueryDays reads the days asked for, both inclusive; zero where they are open.
func QueryDays(x *Exchange) (from, to civil.Date) {
	return Queried(x, civil.ParseDate, "from"), Queried(x, civil.ParseDate, "to")
}

// QueryInstant reads an instant from a query parameter; given is false if it is
// not there.
func QueryInstant(x *Exchange, name string) (at time.Time, given bool) {
	return Queried(x, ParseInstant, name), x.InQuery(name) != ""
}

// ParseInstant reads an instant, UTC. Fault: "malformed_instant".
func ParseInstant(raw string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, raw)
	// A zone can move an instant out of the years that RFC 3339 can write.
	if year := at.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return time.Time{}, fault.New(fault.Invalid, "malformed_instant", "An instant is written as in RFC 3339, such as 2026-03-02T14:00:00Z.")
	}
	return at.UTC(), nil
}
