package commands

import (
	"time"

	"praxis/domain/group"
	"praxis/domain/id"
)

// DeclareWithout declares a command that lacks one of its parts.
func DeclareWithout(part string) {
	s := groupSpec[group.RemoveMember, None]{
		On: onGroup, Name: "group.test", Operation: "test", Needs: "test", Sample: group.RemoveMember{Member: sampleID[id.Member]("member")},
		Decide: func(group.RemoveMember, group.State, None, time.Time) ([]group.Event, error) { return nil, nil },
	}
	switch part {
	case "name":
		s.Name = ""
	case "permission":
		s.Needs = ""
	case "aggregate":
		s.On = nil
	case "decision":
		s.Decide = nil
	case "sample":
		s.Sample = group.RemoveMember{}
	}
	declare(s)
}

// ViewsWaiting is how many views wait for their append to begin.
func (e *Engine) ViewsWaiting() int {
	e.commits.mu.Lock()
	defer e.commits.mu.Unlock()
	return e.commits.waiting
}
