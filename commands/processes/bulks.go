package processes

import (
	"context"
	"time"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/bulk"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// batchTimer is the kind of the timers of operations on many charts.
const batchTimer = "batch"

// betweenBatches is the rest after a batch, so that others are not starved.
const betweenBatches = 500 * time.Millisecond

// Bulks carries out operations on many charts, batch by batch and chart by chart. Each
// batch that is recorded asks for the next.
func Bulks(c Config) process.Process {
	next := func(env es.Envelope, after time.Duration) ([]process.Effect, error) {
		g, which, err := bulk.ParseStream(env.Stream)
		return []process.Effect{process.SetTimer{Group: g, Key: key(batchTimer, which), Due: notBefore(env.RecordedAt.Add(after))}}, err
	}
	return process.Process{
		Name: "bulks", Categories: []es.Category{bulk.Category, group.Category},
		OnEvent: func(env es.Envelope) ([]process.Effect, error) {
			switch env.Event.(type) {
			case bulk.Started, bulk.CancelRequested:
				return next(env, 0)
			case bulk.Rehearsed, bulk.Progressed:
				return next(env, betweenBatches)
			case bulk.OperationCompleted, bulk.OperationRefused:
				g, which, err := bulk.ParseStream(env.Stream)
				return []process.Effect{process.ClearTimer{Group: g, Key: key(batchTimer, which)}}, err
			case group.GroupClosed:
				g, _ := env.Stream.Group()
				return cancelTimers(g), nil
			}
			return nil, nil
		},
		OnTimer: timers{batchTimer: about(func(t process.Timer, which id.Bulk) []process.Effect {
			return []process.Effect{process.Send{Group: t.Group, Command: "bulk.CarryOn", Give: func(ctx context.Context, call commands.Call) error {
				return c.Engine.CarryOnBulk(ctx, call, which)
			}}}
		})}.fire,
	}
}
