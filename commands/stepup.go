package commands

import (
	"strconv"
	"time"

	"praxis/domain/fault"
)

// StepUpAge is how old a sign-in may be, by the clock of the decision, for what
// cannot be undone by those who suffer from it: a session that was stolen or
// left open must not be able to give the practice away or close it. Everything
// else that a member may do, another member or the owner can put right.
const StepUpAge = 10 * time.Minute

// errStepUp asks for a fresh sign-in (RFC 9470). The detail maxAgeSeconds is the
// age that is demanded.
var errStepUp = fault.New(fault.Unauthenticated, "step_up_auth_required", "This cannot be undone, so it needs a sign-in of the last %d minutes. Sign in again and repeat it with the same Idempotency-Key.", int(StepUpAge/time.Minute)).
	With("maxAgeSeconds", strconv.Itoa(int(StepUpAge/time.Second)))

// checkSignIn refuses a person whose sign-in is unknown or too old. One that lies
// ahead of the clock by less than the leeway of tokens is fresh.
func checkSignIn(call Call, now time.Time) error {
	if call.AuthenticatedAt.IsZero() || now.Sub(call.AuthenticatedAt) > StepUpAge {
		return errStepUp
	}
	return nil
}
