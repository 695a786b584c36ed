package processes

import (
	"context"

	"praxis/commands"
	"praxis/commands/process"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/fault"
)

// errTargetMerged is how a chart refuses a merge into it because it is merged itself.
var errTargetMerged = fault.New(fault.Rejected, "target_merged", "")

// Merges has the chart into which another one was merged tell of it, and of the end of
// that. The merged chart is the one that decides: until the other tells of it, nothing is
// missing but its history. Of two charts that were merged into each other in the same
// instant, or of a chain that nobody asked for, the merge that comes first in the log is
// undone.
func Merges(c Config) process.Process {
	return process.Process{
		Name: "merges", Categories: []es.Category{chart.Category},
		OnEvent: func(env es.Envelope) ([]process.Effect, error) {
			g, source, err := chart.ParseStream(env.Stream)
			if err != nil {
				return nil, err
			}
			switch e := env.Event.(type) {
			case chart.MergedInto:
				accept := onceOn(c.Engine, commands.AcceptMerge, e.Into, chart.AcceptMerge{Merge: e.Merge, Source: source})
				revert := onceOn(c.Engine, commands.RevertMerge, source, chart.RevertMerge{Merge: e.Merge})
				return []process.Effect{process.Send{Group: g, Command: "chart.AcceptMerge", Give: func(ctx context.Context, call commands.Call) error {
					err := accept(ctx, call)
					if refused(err) && fault.From(err).Is(errTargetMerged) {
						return revert(ctx, part(call, "revert"))
					}
					return err
				}}}, nil
			case chart.MergeUndone:
				forget := onceOn(c.Engine, commands.ForgetMerge, e.Into, chart.ForgetMerge{Merge: e.Merge, Source: source})
				return []process.Effect{process.Send{Group: g, Command: "chart.ForgetMerge", Give: forget}}, nil
			}
			return nil, nil
		},
	}
}
