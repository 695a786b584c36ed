package projections

import (
	"context"
	"time"
)

// Transient tells tests how an error is classified.
func Transient(err error) bool { return transient(err) }

// SetSleep replaces how a rebuild that is held to a rate waits.
func SetSleep(r *Runner, sleep func(context.Context, time.Duration) error) { r.sleep = sleep }
