package commands

import (
	"context"
	"strings"
	"time"

	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// policyCommand is a command on a practice's booking policy.
type policyCommand interface {
	Decide(booking.PolicyState, time.Time) ([]booking.PolicyEvent, error)
}

// policyCase is what all commands on the booking policy share (BKG-11).
func (e *Engine) policyCase(call Call, name string, c policyCommand) useCase[booking.PolicyState, booking.PolicyEvent] {
	return useCase[booking.PolicyState, booking.PolicyEvent]{
		name: name, command: c, capability: access.BookingPolicyEdit,
		repository: e.policies, stream: booking.PolicyStream(call.Group), decide: c.Decide,
	}
}

// changePolicy carries out a change of the booking policy, which somebody's plan in
// the practice must include (BKG-10).
func (e *Engine) changePolicy(ctx context.Context, call Call, name string, c policyCommand) (Receipt, error) {
	u := e.policyCase(call, name, c)
	u.facts = func(g group.State, _ access.Subject) error { return requirePremium(g.Entitled(pricing.OnlineBooking)) }
	return execute(ctx, e, call, u)
}

// narrowPolicy carries out what offers patients less. A practice that gave its plan
// up must still be able to.
func (e *Engine) narrowPolicy(ctx context.Context, call Call, name string, c policyCommand) (Receipt, error) {
	return execute(ctx, e, call, e.policyCase(call, name, c))
}

// errPremium names the plans that are needed.
var errPremium = fault.New(fault.Rejected, "premium_required", "This needs a licence on a plan with online booking: %s. Change the plan of a licence first.", strings.Join(pricing.PlansWith(pricing.OnlineBooking), " or "))

func requirePremium(entitled bool) error {
	if !entitled {
		return errPremium
	}
	return nil
}

// TurnOnlineBooking switches online booking on or off for the practice (BKG-1).
func (e *Engine) TurnOnlineBooking(ctx context.Context, call Call, on bool) (Receipt, error) {
	if on {
		return e.changePolicy(ctx, call, "booking_policy.turn_on", booking.TurnOnlineBookingOn{})
	}
	receipt, err := e.narrowPolicy(ctx, call, "booking_policy.turn_off", booking.TurnOnlineBookingOff{})
	if err == nil && !receipt.Replayed {
		receipt.Touched = e.touchedInPractice(ctx, call)
	}
	return receipt, err
}

// LetPatientsServeThemselves allows or stops cancelling and moving online (BKG-3).
func (e *Engine) LetPatientsServeThemselves(ctx context.Context, call Call, on bool) (Receipt, error) {
	if on {
		return e.changePolicy(ctx, call, "booking_policy.allow_self_service", booking.AllowSelfService{})
	}
	return e.narrowPolicy(ctx, call, "booking_policy.stop_self_service", booking.StopSelfService{})
}

// ChangeBookingWindow sets the cut-off and how far out patients can book (BKG-6, BKG-7).
func (e *Engine) ChangeBookingWindow(ctx context.Context, call Call, c booking.ChangeBookingWindow) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.change_window", c)
}

// ChangePatientLimits sets how much one patient can book online.
func (e *Engine) ChangePatientLimits(ctx context.Context, call Call, c booking.ChangePatientLimits) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.change_patient_limits", c)
}

// PublishCancellationPolicy publishes a new version of the text (BKG-4).
func (e *Engine) PublishCancellationPolicy(ctx context.Context, call Call, c booking.PublishCancellationPolicy) (Receipt, error) {
	return e.changePolicy(ctx, call, "booking_policy.publish_cancellation_policy", c)
}

// AddAppointmentType offers a new kind of appointment (BKG-8, BKG-9).
func (e *Engine) AddAppointmentType(ctx context.Context, call Call, c booking.AddAppointmentType) (Receipt, error) {
	return e.changeType(ctx, call, "booking_policy.add_type", c, c.Clinicians)
}

// changeType is changePolicy for a type that named clinicians offer: they must be
// clinicians of the practice.
func (e *Engine) changeType(ctx context.Context, call Call, name string, c policyCommand, clinicians []id.Member) (Receipt, error) {
	u := e.policyCase(call, name, c)
	u.facts = func(g group.State, _ access.Subject) error {
		if err := requirePremium(g.Entitled(pricing.OnlineBooking)); err != nil {
			return err
		}
		for _, m := range clinicians {
			if !g.IsActiveClinician(m) {
				return fault.New(fault.Rejected, "not_a_clinician", "Member %s is not an active clinician of the practice and can offer no appointments. List the members and name clinicians.", m).With("member", m.String())
			}
		}
		return nil
	}
	return execute(ctx, e, call, u)
}

// ReviseAppointmentType changes a kind of appointment; bookings keep theirs (BKG-A12).
func (e *Engine) ReviseAppointmentType(ctx context.Context, call Call, c booking.ReviseAppointmentType) (Receipt, error) {
	return e.changeType(ctx, call, "booking_policy.revise_type", c, c.Clinicians)
}

// RetireAppointmentType stops offering a kind of appointment.
func (e *Engine) RetireAppointmentType(ctx context.Context, call Call, c booking.RetireAppointmentType) (Receipt, error) {
	return e.narrowPolicy(ctx, call, "booking_policy.retire_type", c)
}
