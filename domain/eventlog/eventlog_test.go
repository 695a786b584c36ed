package eventlog_test

import (
	"testing"

	"praxis/domain/es/estest"
	"praxis/domain/eventlog"
	"praxis/domain/id"
)

func TestGolden(t *testing.T) {
	estest.Golden[eventlog.Event](t, eventlog.Events(), eventlog.Identified{Log: id.MustParse[id.Log]("018f3c1e-7b7a-4c55-9d57-0e8a5b1c2d3e")})
}
