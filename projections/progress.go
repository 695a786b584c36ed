package projections

import (
	"time"

	"praxis/domain/es"
)

// Progress says how far a rebuild is, by the number of events that are applied, for each
// read model. Positions are no measure: most of the log may be of other applications.
type Progress struct {
	// Position is that of the last event committed, for whichever read model.
	Position es.Position
	// EventsDone counts the events applied since this run of the rebuild began.
	EventsDone int
	// Events is how many this run has to apply, as far as the read models tell; 0
	// where none does.
	Events int
	// Fraction of the events that is done, from 0 to 1, those of an interrupted run
	// included; 0 while Events is not known.
	Fraction float64
	// Rate is the number of events per second since this run began.
	Rate float64
	// ETA is how long the rest takes at the pace so far; 0 while unknown.
	ETA time.Duration
	// Waiting says why nothing moves at present, a store that is away for example; empty
	// while it moves. Where it is set, nothing else is.
	Waiting string
}

// meter turns numbers of events over time into Progress.
type meter struct {
	started time.Time
	// before is how many an interrupted run had done, total how many there are as far as
	// that is known of every read model, and events how many this run has done.
	before, total, events int
	isUnknown             bool
}

// expect adds a read model: how many events it holds already, and how many there are, 0
// if nobody knows.
func (m *meter) expect(before, total int) {
	m.before += before
	m.total += max(before, total)
	m.isUnknown = m.isUnknown || total == 0
}

func (m *meter) at(p es.Position, now time.Time) Progress {
	done := Progress{Position: p, EventsDone: m.events}
	took := now.Sub(m.started).Seconds()
	if took > 0 {
		done.Rate = float64(m.events) / took
	}
	if m.isUnknown {
		return done
	}
	// What was recorded since counts, too.
	total := max(m.total, m.before+m.events)
	done.Events = total - m.before
	done.Fraction = float64(m.before+m.events) / float64(total)
	if done.Rate > 0 {
		done.ETA = time.Duration(float64(done.Events-m.events) / done.Rate * float64(time.Second))
	}
	return done
}
