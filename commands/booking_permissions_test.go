package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// BKG-11: owner and super admins set the policy; users their own calendar.
func TestBooking_Permissions(t *testing.T) {
	c := openClinic(t)
	ben, ctx := c.accountOf(c.ben), t.Context()
	monday := booking.ReserveTime{
		Reserve: id.New[id.Reserve](), FirstDate: civil.MustDate("2026-01-12"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"),
		Repeat: booking.Repeat{Frequency: booking.Once},
	}

	t.Run("a user does not change what holds for the practice, and the refusal names what is missing", func(t *testing.T) {
		before := c.recorded(booking.PolicyStream(c.group))
		_, err := commands.TurnOnlineBooking.Give(ctx, c.engine, c.call(ben), false)
		require.Equal(t, "permission_denied", fault.From(err).Code)
		require.Equal(t, string(access.BookingPolicyEdit), fault.From(err).Details["capability"])
		c.refused("permission_denied")(commands.LetPatientsServeThemselves.Give(ctx, c.engine, c.call(ben), false))
		c.refused("permission_denied")(commands.ChangeBookingWindow.Give(ctx, c.engine, c.call(ben), booking.ChangeBookingWindow{}))
		c.refused("permission_denied")(commands.PublishCancellationPolicy.Give(ctx, c.engine, c.call(ben), booking.PublishCancellationPolicy{Text: "none"}))
		c.refused("permission_denied")(commands.AddAppointmentType.Give(ctx, c.engine, c.call(ben), booking.AddAppointmentType{}))
		c.refused("permission_denied")(commands.ReviseAppointmentType.Give(ctx, c.engine, c.call(ben), booking.ReviseAppointmentType{}))
		c.refused("permission_denied")(commands.RetireAppointmentType.Give(ctx, c.engine, c.call(ben), booking.RetireAppointmentType{Type: c.visit}))
		require.Equal(t, before, c.recorded(booking.PolicyStream(c.group)))
	})

	t.Run("a user reserves in their own calendar and in no colleague's", func(t *testing.T) {
		c.done(commands.ReserveTime.Give(ctx, c.engine, c.call(ben), booking.CalendarID{Group: c.group, Clinician: c.ben}, monday))
		c.refused("permission_denied")(commands.ReserveTime.Give(ctx, c.engine, c.call(ben), c.calendar(), monday))
		c.refused("permission_denied")(commands.EndReserve.Give(ctx, c.engine, c.call(ben), c.calendar(), booking.EndReserve{Reserve: c.reserve, LastDate: civil.MustDate("2026-01-12")}))
		c.refused("permission_denied")(commands.SkipReservedDate.Give(ctx, c.engine, c.call(ben), c.calendar(), booking.SkipReservedDate{Reserve: c.reserve, Date: civil.MustDate("2026-01-12")}))
		c.refused("permission_denied")(commands.MoveReservedDate.Give(ctx, c.engine, c.call(ben), c.calendar(), booking.MoveReservedDate{Reserve: c.reserve, Date: civil.MustDate("2026-01-12"), End: civil.EndOfDay}))
		c.refused("permission_denied")(commands.BlockTime.Give(ctx, c.engine, c.call(ben), c.calendar(), booking.BlockTime{Block: id.New[id.Block]()}))
		c.refused("permission_denied")(commands.UnblockTime.Give(ctx, c.engine, c.call(ben), c.calendar(), booking.UnblockTime{Block: id.New[id.Block]()}))
	})

	t.Run("patients do neither", func(t *testing.T) {
		c.refused("group_not_found")(commands.TurnOnlineBooking.Give(ctx, c.engine, c.call(c.mia), false))
		c.refused("group_not_found")(commands.ReserveTime.Give(ctx, c.engine, c.call(c.mia), c.calendar(), monday))
	})

	t.Run("every attempt of a member is in the access log", func(t *testing.T) { require.Len(t, c.refusals(), 13) })
}
