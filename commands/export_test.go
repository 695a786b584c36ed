package commands

import (
	"time"

	"praxis/domain/group"
)

// DeclareWithout declares a command that lacks one of its parts.
func DeclareWithout(part string) {
	s := groupSpec[None, None]{On: onGroup, Name: "group.test", Needs: "test", Decide: func(None, group.State, None, time.Time) ([]group.Event, error) { return nil, nil }}
	switch part {
	case "name":
		s.Name = ""
	case "permission":
		s.Needs = ""
	case "aggregate":
		s.On = nil
	case "decision":
		s.Decide = nil
	}
	declare(s)
}
