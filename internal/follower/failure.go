package follower

import (
	"fmt"
	"time"

	"praxis/domain/es"
)

// Failure says why an event or a timer could not be dealt with. It names rules, ids and
// places and never carries data of an event, so it may be shown and logged.
type Failure struct {
	// Code is stable: a fault's code, "sqlstate_<code>", "projector_failed",
	// "projector_panicked", "process_failed" or "process_panicked".
	Code string `json:"code"`
	// Message says what is wrong and, where one exists, what to do.
	Message string `json:"message"`
	// Event is the wire name of the event, if it was one; Stream and Revision say where it
	// is.
	Event    string      `json:"event,omitempty"`
	Stream   es.Stream   `json:"stream,omitempty"`
	Revision es.Revision `json:"revision,omitempty"`
	// Timer is the key of the timer, if it was one.
	Timer string `json:"timer,omitempty"`
	// Cause names what the error consisted of, by types and codes, and Stack where it
	// happened; empty where the code says all there is.
	Cause string `json:"cause,omitempty"`
	Stack string `json:"stack,omitempty"`
	// At is when it failed, UTC.
	At time.Time `json:"at"`
}

// String returns the failure as one line.
func (f Failure) String() string {
	s := f.Code + ": " + f.Message
	switch {
	case f.Timer != "":
		s += fmt.Sprintf(" (timer %s)", f.Timer)
	case f.Event != "":
		s += fmt.Sprintf(" (%s at %s@%d)", f.Event, f.Stream, f.Revision)
	}
	if f.Cause != "" {
		s += " Cause: " + f.Cause
	}
	return s
}
