package processes_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/pgtest"
	"praxis/commands"
	"praxis/commands/processes"
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// agenda are the appointments that can be looked up.
type agenda struct{ held []booking.Held }

// Upcoming implements commands.Appointments.
func (a *agenda) Upcoming(_ context.Context, _ id.Group, q commands.UpcomingQuery) (found []booking.Held, _ int, _ error) {
	for _, h := range a.held {
		if h.Chart == q.Chart && h.End.After(q.From) {
			found = append(found, h)
		}
	}
	return found, len(found), nil
}

// books notes an appointment of a chart that begins after a while.
func (a *agenda) books(h *house, c id.Chart, in time.Duration) {
	start := h.Now().Add(in)
	a.held = append(a.held, booking.Held{Appointment: id.Derive[id.Appointment](c.String()), Chart: c, Span: booking.Span{Start: start, End: start.Add(time.Hour)}})
}

func (h *house) archive(c id.Chart, force bool) {
	h.t.Helper()
	_, err := commands.ArchiveChart.Give(h.t.Context(), h.engine, h.by(h.owner), c, chart.Archive{Reason: "moved away", Force: force})
	require.NoError(h.t, err)
}

// chart is a chart as the log has it.
func (h *house) chart(c id.Chart) (s chart.State) {
	h.t.Helper()
	for rec, err := range h.Store.ReadStream(h.t.Context(), chart.Stream(h.Group, c), 0) {
		require.NoError(h.t, err)
		env, err := h.Registry.Decode(rec)
		require.NoError(h.t, err)
		chart.Evolve(&s, env.Event.(chart.Event))
	}
	return s
}

func TestArchives_KilledAnywhereABookingOfTheSameInstantBringsTheChartBackOnce(t *testing.T) {
	var raced, quiet, forced, again id.Chart
	h := everywhere(t, pgtest.New(t), 6, func(h *house) {
		booked := &agenda{}
		h.appointments = booked
		h.engine = h.newEngine()
		ann := h.join("ann", access.User, true)
		raced, quiet, forced, again = h.open(ann), h.open(ann), h.open(ann), h.open(ann)
		h.live(never, processes.Archives) // It begins at the end of the log.
		booked.books(h, forced, day)
		for _, c := range []id.Chart{raced, quiet, again} {
			h.archive(c, false)
		}
		h.archive(forced, true)
		_, err := commands.UnarchiveChart.Give(t.Context(), h.engine, h.by(h.owner), again, chart.Unarchive{})
		require.NoError(t, err)
		// Its booking was decided on before the chart was archived, and appended after.
		booked.books(h, raced, day)
		h.Pass(time.Minute)
	}, processes.Archives)
	require.False(t, h.chart(raced).Archived, "AMB-17 it had been refused, had it known")
	require.True(t, h.chart(quiet).Archived)
	require.True(t, h.chart(forced).Archived, "AMB-17 what was forced stands")
	require.False(t, h.chart(again).Archived)
}

func TestArchives_NothingIsDecidedWhileABookingMayBeOnItsWay(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	booked := &agenda{}
	h.appointments = booked
	h.engine = h.newEngine()
	c := h.open(h.join("ann", access.User, true))
	h.live(never, processes.Archives)
	h.archive(c, false)
	booked.books(h, c, day)
	h.Pass(time.Minute - time.Microsecond)
	h.live(never, processes.Archives)
	require.True(t, h.chart(c).Archived)
	h.Pass(time.Microsecond)
	h.live(never, processes.Archives)
	require.False(t, h.chart(c).Archived)
}

func TestReconsiderArchive_IsForTheProcess(t *testing.T) {
	h := newHouse(t, pgtest.New(t))
	_, err := commands.ReconsiderArchive.Give(t.Context(), h.engine, h.by(h.owner), h.open(h.join("ann", access.User, true)), chart.ReconsiderArchive{})
	require.Equal(t, "process_only", fault.From(err).Code)
}
