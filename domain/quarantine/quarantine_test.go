package quarantine_test

import (
	"testing"
	"time"

	"praxis/domain/es/estest"
	"praxis/domain/id"
	"praxis/domain/quarantine"
)

func TestGolden(t *testing.T) {
	estest.Golden[quarantine.Event](t, quarantine.Events(), quarantine.EventSkipped{
		Follower: "process removals", Stream: "chart-1", Revision: 4, Event: id.MustParse[id.Event]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e"),
		Group: id.MustParse[id.Group]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3f"), Timer: "expire", Due: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	})
}
