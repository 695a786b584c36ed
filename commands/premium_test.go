package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// upgrade puts a licence on another plan at the total that is quoted.
func (p *practice) upgrade(l id.Licence, plan pricing.PlanID) {
	p.t.Helper()
	quote, err := p.engine.QuotePlanChange(p.ctx(), p.by(p.owner), l, plan)
	require.NoError(p.t, err)
	_, err = commands.ChangeLicencePlan.Give(p.ctx(), p.engine, p.by(p.owner), group.ChangeLicencePlan{Licence: l, Plan: plan, QuotedTotal: quote.Today})
	require.NoError(p.t, err)
}

// mornings are the owner's or a colleague's first hours of every day to come.
func mornings() booking.ReserveTime {
	return booking.ReserveTime{
		Reserve: id.New[id.Reserve](), FirstDate: civil.MustDate("2027-01-04"), Start: civil.MustClock("09:00"), End: civil.MustClock("12:00"),
		Repeat: booking.Repeat{Frequency: booking.Once},
	}
}

func TestBookingSettingsNeedAPlanThatHasThem(t *testing.T) {
	p := subscribed(t) // the owner practises on e-Rx lite, which has no online booking
	calendar := booking.CalendarID{Group: p.group, Clinician: p.owner.member}
	reserve := func() error {
		_, err := commands.ReserveTime.Give(t.Context(), p.engine, p.by(p.owner), calendar, mornings())
		return err
	}
	refused := func(t *testing.T, err error) {
		t.Helper()
		require.Equal(t, "premium_required", fault.From(err).Code)
		require.Contains(t, err.Error(), "Therapist premium or Prescriber premium")
	}

	t.Run("BKG-10 the practice's switch, in a practice where no plan includes it", func(t *testing.T) {
		p.unchanged(func() {
			_, err := commands.TurnOnlineBooking.Give(t.Context(), p.engine, p.by(p.owner), true)
			refused(t, err)
			_, err = commands.LetPatientsServeThemselves.Give(t.Context(), p.engine, p.by(p.owner), true)
			refused(t, err)
		})
	})
	t.Run("BKG-10 reserved time, with a clinician whose plan does not include it", func(t *testing.T) {
		p.unchanged(func() { refused(t, reserve()) })
	})

	licence := p.subscription().Licences[0].ID
	p.buy(pricing.TherapistBasic, 1)
	p.upgrade(licence, pricing.PrescriberPremium)
	ann := p.join("ann", access.User, true)

	t.Run("BKG-10 BIL-14 an upgrade opens both in the very next request", func(t *testing.T) {
		_, err := commands.TurnOnlineBooking.Give(t.Context(), p.engine, p.by(p.owner), true)
		require.NoError(t, err)
		require.NoError(t, reserve())
	})
	t.Run("BKG-10 a colleague's plan opens the practice's settings and not one's own calendar", func(t *testing.T) {
		_, err := commands.ReserveTime.Give(t.Context(), p.engine, p.by(p.owner), booking.CalendarID{Group: p.group, Clinician: ann.member}, mornings())
		refused(t, err)
	})
	t.Run("BKG-10 who gave the plan up can still offer less, and what was reserved stands", func(t *testing.T) {
		_, err := commands.ChangeLicencePlan.Give(t.Context(), p.engine, p.by(p.owner), group.ChangeLicencePlan{Licence: licence, Plan: pricing.ERxLite, QuotedTotal: money.Of(0, "USD")})
		require.NoError(t, err)
		p.Pass(31 * 24 * time.Hour)
		_, err = commands.RollBillingPeriod.Give(t.Context(), p.engine, p.clockwork(), group.RollBillingPeriod{})
		require.NoError(t, err)
		refused(t, reserve())
		_, err = commands.TurnOnlineBooking.Give(t.Context(), p.engine, p.by(p.owner), true)
		refused(t, err)
		_, err = commands.TurnOnlineBooking.Give(t.Context(), p.engine, p.by(p.owner), false)
		require.NoError(t, err)
	})
}
