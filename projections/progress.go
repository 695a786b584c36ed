package projections

import (
	"time"

	"praxis/domain/es"
)

// Progress says how far a rebuild is. Positions of the log measure bytes, not
// events, so Fraction and ETA are of bytes read.
type Progress struct {
	// Position is that of the last event committed.
	Position es.Position
	// Tail is the end of the log when it was last asked for.
	Tail es.Position
	// EventsDone counts the events applied since this run of the rebuild began.
	EventsDone int
	// Fraction of the log that is done, from 0 to 1.
	Fraction float64
	// Rate is the number of events per second since this run began.
	Rate float64
	// ETA is how long the rest takes at the pace so far; 0 while unknown.
	ETA time.Duration
}

// meter turns positions over time into Progress.
type meter struct {
	started time.Time
	from    es.Position
	tail    es.Position
	events  int
}

func (m *meter) at(p es.Position, now time.Time) Progress {
	if m.tail.Before(p) {
		m.tail = p
	}
	done := Progress{Position: p, Tail: m.tail, EventsDone: m.events, Fraction: 1}
	if m.tail.Commit > 0 {
		done.Fraction = float64(p.Commit) / float64(m.tail.Commit)
	}
	took := now.Sub(m.started).Seconds()
	if took <= 0 {
		return done
	}
	done.Rate = float64(m.events) / took
	if read := float64(p.Commit - m.from.Commit); read > 0 {
		done.ETA = time.Duration(float64(m.tail.Commit-p.Commit) / read * took * float64(time.Second))
	}
	return done
}
