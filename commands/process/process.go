package process

import (
	"errors"
	"fmt"
	"regexp"

	"praxis/domain/es"
)

// Process is one process manager.
type Process struct {
	// Name is stable: checkpoints, timers, command ids and the actor of every
	// event that it causes ("system:<name>") carry it. Small letters, digits and
	// underscores.
	Name string
	// Categories are the stream categories that it follows.
	Categories []es.Category
	// FromNow makes a process that runs for the first time begin at the end of the
	// log instead of its beginning: for what must not be done for old events.
	FromNow bool
	// OnEvent says what follows from an event. It must be pure: the same event leads
	// to the same effects, in the same order, however often it is asked. An error
	// stops the process at this event.
	OnEvent func(es.Envelope) ([]Effect, error)
	// OnTimer says what follows from a timer whose time has come; pure, like OnEvent. Only
	// the timers that it sets may depend on FiredAt: commands are named by Due.
	// Nil for a process without timers.
	OnTimer func(Timer) ([]Effect, error)
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// check refuses processes that could not work.
func check(processes []Process) error {
	names := map[string]bool{}
	for _, p := range processes {
		switch {
		case !namePattern.MatchString(p.Name):
			return errors.New("processes: a name consists of small letters, digits and underscores")
		case names[p.Name]:
			return fmt.Errorf("processes: there are two processes %s", p.Name)
		case p.OnEvent == nil || len(p.Categories) == 0:
			return fmt.Errorf("processes: %s needs categories and a reaction", p.Name)
		}
		names[p.Name] = true
	}
	return nil
}
