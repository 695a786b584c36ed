package processes

import (
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
)

// archiveTimer is the kind of the timers of charts that were archived just now.
const archiveTimer = "archived"

// bookedBy is how long after the archiving of a chart a booking can still be appended
// that was decided on before it: no request lasts that long.
const bookedBy = time.Minute

// Archives looks again at every chart that was archived, once no booking can be on its
// way any more that did not know of it. One with an appointment that the archiving did
// not know of either comes back: had they known of each other, it had been refused. It
// begins at the end of the log, because nothing old is on its way.
func Archives(c Config) process.Process {
	return process.Process{
		Name: "archives", Categories: []es.Category{chart.Category}, FromNow: true,
		OnEvent: func(env es.Envelope) ([]process.Effect, error) {
			switch e := env.Event.(type) {
			case chart.Archived:
				g, which, err := chart.ParseStream(env.Stream)
				if err != nil || e.Forced {
					return nil, err
				}
				return []process.Effect{process.SetTimer{Group: g, Key: key(archiveTimer, which), Due: notBefore(env.RecordedAt.Add(bookedBy))}}, nil
			case chart.Unarchived:
				g, which, err := chart.ParseStream(env.Stream)
				return []process.Effect{process.ClearTimer{Group: g, Key: key(archiveTimer, which)}}, err
			}
			return nil, nil
		},
		OnTimer: timers{archiveTimer: about(func(t process.Timer, which id.Chart) []process.Effect {
			return []process.Effect{process.Send{Group: t.Group, Command: "chart.ReconsiderArchive", Give: onceOn(c.Engine, commands.ReconsiderArchive, which, chart.ReconsiderArchive{})}}
		})}.fire,
	}
}
