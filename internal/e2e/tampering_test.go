package e2e_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"praxis/domain/booking"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/invoice"
)

// checkTheChecks does to a log, to promises and to rows what a fault could do,
// and expects that each is found.
func checkTheChecks(t *testing.T, log eventLog, promises []promise, live, folded *pgxpool.Pool) {
	t.Helper()
	issued := indexOf[invoice.Issued](log)
	acknowledged := slices.IndexFunc(promises, promise.hasEffect)

	t.Run("an event lost in the middle", func(t *testing.T) {
		first := slices.IndexFunc(log, func(e es.Envelope) bool { return e.Stream.Category() == group.Category })
		require.ErrorContains(t, slices.Delete(slices.Clone(log), first, first+1).checkWhole(), "has revision 1 where 0 should be")
	})
	t.Run("an acknowledged command lost at the end", func(t *testing.T) {
		lost := slices.DeleteFunc(slices.Clone(log), func(e es.Envelope) bool { return e.Meta.Command == promises[acknowledged].command })
		require.ErrorContains(t, lost.checkKept(promises), "is lost")
	})
	t.Run("a command carried out twice", func(t *testing.T) {
		again := log[issued]
		again.ID, again.Revision, again.Position = id.New[id.Event](), tailOf(log, again.Stream)+1, es.Position{Commit: 1 << 60, Prepare: 1 << 60}
		require.ErrorContains(t, append(slices.Clone(log), again).checkWhole(), "took effect at")
	})
	t.Run("an event recorded twice", func(t *testing.T) {
		again := log[issued]
		again.Revision, again.Position = tailOf(log, again.Stream)+1, es.Position{Commit: 1 << 60, Prepare: 1 << 60}
		require.ErrorContains(t, append(slices.Clone(log), again).checkWhole(), "in the log twice")
	})
	t.Run("a receipt that names another place", func(t *testing.T) {
		wrong := slices.Clone(promises)
		wrong[acknowledged].receipt.Revision++
		require.ErrorContains(t, log.checkKept(wrong), "was acknowledged at")
	})
	t.Run("a refused command that took effect", func(t *testing.T) {
		wrong := slices.Clone(promises)
		wrong[acknowledged].refusal = "rejected"
		require.ErrorContains(t, log.checkKept(wrong), "but took effect")
	})
	t.Run("BIL-A22 a gap in the numbers", func(t *testing.T) {
		require.ErrorContains(t, slices.Delete(slices.Clone(log), issued, issued+1).checkNumbers(), "has not issued number 1 of ")
	})
	t.Run("BIL-A22 a number that waits for its draft", func(t *testing.T) {
		last := lastIndexOf[invoice.Issued](log)
		require.ErrorContains(t, slices.Delete(slices.Clone(log), last, last+1).checkNumbers(), "numbers of")
	})
	t.Run("BIL-A22 a number given twice", func(t *testing.T) {
		require.ErrorContains(t, append(slices.Clone(log), log[issued]).checkNumbers(), "twice")
	})
	t.Run("BKG-I1 a double booking", func(t *testing.T) {
		n := lastIndexOf[booking.AppointmentBooked](log)
		again := log[n]
		event, ok := again.Event.(booking.AppointmentBooked)
		require.True(t, ok)
		event.Appointment = id.New[id.Appointment]()
		again.Event = event
		other := again
		event.Appointment = id.New[id.Appointment]()
		other.Event = event
		require.ErrorContains(t, append(slices.Clone(log), again, other).checkBookings(), "two appointments")
	})
	t.Run("a row that differs, is missing, or is too much", func(t *testing.T) {
		for _, tampering := range []string{
			"update billing_v3.entry set actor = actor || 'x' where event_id = (select max(event_id::text)::uuid from billing_v3.entry)",
			"delete from billing_v3.entry where event_id = (select max(event_id::text)::uuid from billing_v3.entry)",
		} {
			_, err := folded.Exec(t.Context(), tampering)
			require.NoError(t, err)
			_, err = checkReadModels(t, live, folded)
			require.ErrorContains(t, err, "table billing_v3.entry")
		}
	})
}

func indexOf[E any](l eventLog) int {
	return slices.IndexFunc(l, func(e es.Envelope) bool { _, is := e.Event.(E); return is })
}

func lastIndexOf[E any](l eventLog) int {
	last := -1
	for n, e := range l {
		if _, is := e.Event.(E); is {
			last = n
		}
	}
	return last
}

func tailOf(l eventLog, stream es.Stream) es.Revision {
	tail := es.NoStream
	for _, e := range l {
		if e.Stream == stream {
			tail = e.Revision
		}
	}
	return tail
}
