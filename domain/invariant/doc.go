// Package invariant says what must hold of a log as a whole, and finds where it
// does not. Every stream is consistent by itself; what spans two streams, such as
// a chart and the practice that its primary belongs to, is checked when a command
// is decided and can change in the instant between that look and the append.
// An Audit folds events into small states and reports every
// violation by rule, place and ids, never with personal data.
//
// It is pure: it knows no store and no clock. It imports the standard library and
// the domain.
package invariant
