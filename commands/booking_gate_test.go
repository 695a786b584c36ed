package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/accesslog"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

func TestAdmitToCalendar(t *testing.T) {
	c := openClinic(t)
	ask := func(account id.Account, clinician id.Member, ch id.Chart) (string, error) {
		zone, err := c.engine.AdmitToCalendar(t.Context(), c.call(account), commands.CalendarQuestion{
			Action: "slots.list", Capability: access.SlotsView, Chart: ch,
			Calendar: booking.CalendarID{Group: c.group, Clinician: clinician},
		})
		if err != nil {
			return "", err
		}
		return zone.String(), nil
	}
	refused := func(code string, err error) {
		t.Helper()
		require.Error(t, err)
		require.Equal(t, code, fault.From(err).Code)
	}

	t.Run("BKG-A4 the staff and the patients of the clinician see the practice's zone", func(t *testing.T) {
		for account, ch := range map[id.Account]id.Chart{c.owner: {}, c.mia: c.miaChart, c.noah: c.noahChart} {
			zone, err := ask(account, c.ana, ch)
			require.NoError(t, err)
			require.Equal(t, "America/New_York", zone)
		}
	})

	t.Run("others do not, and each attempt is recorded", func(t *testing.T) {
		before := len(c.refusals())
		_, err := ask(c.mia, c.ana, c.noahChart)
		refused("group_not_found", err)
		_, err = ask(c.mia, c.ana, id.Chart{})
		refused("group_not_found", err)
		_, err = ask(c.guy, id.New[id.Member](), id.Chart{})
		refused("group_not_found", err)
		_, err = ask(c.accountOf(c.ben), c.ana, id.Chart{})
		refused("permission_denied", err)
		recorded := c.refusals()[before:]
		require.Len(t, recorded, 1, "the others are strangers here")
		require.Equal(t, []accesslog.OutsiderRefused{{Action: "slots.list", Group: c.group}, {Action: "slots.list", Group: c.group}}, c.outsiders(), "one a minute of each account")
		require.Equal(t, accesslog.AccessRefused{
			Action: "slots.list", Capability: access.SlotsView, Rule: access.RuleDefaultDeny, Target: string(c.calendar().Stream()),
		}, recorded[0])
	})

	t.Run("BKG-A17 a patient asks about the clinicians who treat them", func(t *testing.T) {
		_, err := ask(c.mia, c.ben, c.miaChart)
		refused("chart_not_with_clinician", err)
		c.done(commands.AddTeamMember.Give(t.Context(), c.another(), c.call(c.owner), c.miaChart, chart.AddTeamMember{Member: c.ben, Role: "clinician"}))
		_, err = ask(c.mia, c.ben, c.miaChart)
		require.NoError(t, err, "from the very next question on")
	})

	t.Run("a clinician who has left offers nothing", func(t *testing.T) {
		c.done(commands.RemoveMember.Give(t.Context(), c.another(), c.call(c.owner), group.RemoveMember{Member: c.ben}))
		_, err := ask(c.mia, c.ben, c.miaChart)
		refused("not_a_clinician", err)
	})
}
