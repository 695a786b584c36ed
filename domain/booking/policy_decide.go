package booking

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/text"
)

var policyText = text.Note("cancellation policy", 10_000)

// TurnOnlineBookingOn lets patients book. It is a no-op when they already can.
type TurnOnlineBookingOn struct{}

// Decide turns online booking on.
func (TurnOnlineBookingOn) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](nil, s.Online, OnlineBookingTurnedOn{})
}

// TurnOnlineBookingOff stops patients from booking, moving and cancelling. It is
// a no-op when they already cannot (BKG-1, BKG-A9).
type TurnOnlineBookingOff struct{}

// Decide turns online booking off.
func (TurnOnlineBookingOff) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](nil, !s.Online, OnlineBookingTurnedOff{})
}

// ChangeBookingWindow sets the cut-off and the horizon. Faults:
// "cutoff_out_of_range", "horizon_out_of_range", "window_empty" (BKG-A15).
type ChangeBookingWindow struct {
	Window
}

// Decide changes the window, unless it is the present one.
func (c ChangeBookingWindow) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](c.check(), c.Window == s.Window, BookingWindowChanged(c))
}

// AllowSelfService lets patients cancel and move their appointments (BKG-3).
// Fault: "booking_off", because the setting is hidden then (BKG-1).
type AllowSelfService struct{}

// Decide allows self-service, unless it is allowed already.
func (AllowSelfService) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](fault.When(!s.Online, errBookingOff), s.SelfService, SelfServiceAllowed{})
}

// StopSelfService leaves cancelling and moving to the staff (BKG-3). Fault:
// "booking_off".
type StopSelfService struct{}

// Decide stops self-service, unless it is stopped already.
func (StopSelfService) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	return es.Decided[PolicyEvent](fault.When(!s.Online, errBookingOff), !s.SelfService, SelfServiceStopped{})
}

// PublishCancellationPolicy replaces the text that patients see (BKG-4). Faults:
// "text_required", and those of package text.
type PublishCancellationPolicy struct {
	Text string `json:"text"`
}

// Decide publishes the text as the next version, unless it is the present one.
func (c PublishCancellationPolicy) Decide(s PolicyState, _ time.Time) ([]PolicyEvent, error) {
	policy, err := policyText.Read(c.Text)
	err = cmp.Or(err, fault.When(policy == "", errTextRequired))
	sum := sha256.Sum256([]byte(policy))
	hash := hex.EncodeToString(sum[:])
	return es.Decided[PolicyEvent](err, hash == s.CancellationSHA256, CancellationPolicyPublished{
		Version: s.CancellationVersion + 1, Text: policy, SHA256: hash,
	})
}
