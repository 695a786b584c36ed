package commands_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/commands"
	"praxis/domain/booking"
	"praxis/domain/fault"
)

// race books all wishes at once, over several processes on one store, and
// counts how they ended by code; "" is success.
func (c *clinic) race(wishes []booking.BookAppointment) map[string]int {
	c.t.Helper()
	engines := []*commands.Engine{c.engine, c.another(), c.another()}
	start, ended := make(chan struct{}), make(chan error)
	for i, w := range wishes {
		call := c.call(c.mia)
		go func() {
			<-start
			_, err := commands.BookAppointment.Give(c.t.Context(), engines[i%len(engines)], call, c.calendar(), w)
			ended <- err
		}()
	}
	close(start)
	codes := map[string]int{}
	for range wishes {
		code := ""
		if err := <-ended; err != nil {
			code = fault.From(err).Code
		}
		codes[code]++
	}
	return codes
}

// wishes are n wishes, each some time after the one before.
func (c *clinic) wishes(n int, first string, apart time.Duration) []booking.BookAppointment {
	all := make([]booking.BookAppointment, n)
	for i := range all {
		all[i] = c.wish(c.miaChart, first)
		all[i].Start = all[i].Start.Add(time.Duration(i) * apart)
	}
	return all
}

func TestBookAppointment_Races(t *testing.T) {
	t.Run("BKG-E29 of 50 people who want one time, exactly one gets it", func(t *testing.T) {
		c := openClinic(t)
		require.Equal(t, map[string]int{"": 1, "taken": 49}, c.race(c.wishes(50, "2026-01-06T15:00:00Z", 0)))
		require.Len(t, c.state().Appointments, 1)
	})

	t.Run("BKG-E29 of two people who want times that overlap, exactly one gets theirs", func(t *testing.T) {
		c := openClinic(t)
		c.done(commands.ReviseAppointmentType.Give(t.Context(), c.engine, c.call(c.owner), booking.ReviseAppointmentType{
			Terms: booking.Terms{Type: c.visit, Name: "Visit", LengthMin: 60, StartEveryMin: 30},
		}))
		require.Equal(t, map[string]int{"": 1, "taken": 1}, c.race(c.wishes(2, "2026-01-06T15:00:00Z", 30*time.Minute)))
		require.Len(t, c.state().Appointments, 1)
	})

	t.Run("BKG-E29 25 people who want distinct times all get theirs", func(t *testing.T) {
		c := openClinic(t)
		// They all ask for one chart here, which could not hold so many otherwise.
		c.done(commands.ChangePatientLimits.Give(t.Context(), c.engine, c.call(c.owner), booking.ChangePatientLimits{}))
		require.Equal(t, map[string]int{"": 25}, c.race(c.wishes(25, "2026-01-07T15:00:00Z", 24*time.Hour)))
		require.Len(t, c.state().Appointments, 25)
	})
}
