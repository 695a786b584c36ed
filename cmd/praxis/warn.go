package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"praxis/adapters/postgres"
	"praxis/adapters/postgres/lease"
	"praxis/domain/fault"
	"praxis/internal/follower"
)

// warn says, beside the answer of a command, what no table shows: why the log must not be
// read, and that no server follows it. standstill is what comes of the latter.
func (i *installation) warn(ctx context.Context, standstill string, members []follower.Member) {
	if err := i.guard.Check(ctx); err != nil {
		fmt.Fprintln(i.progress, "Nothing is applied at present.", explain(err, fault.From(err)))
	}
	groups := make([]string, 0, len(members))
	for _, m := range members {
		groups = append(groups, m.Name())
	}
	isLed, err := lease.Led(ctx, i.pool, groups...)
	switch {
	case err != nil:
		err = postgres.Translate(err)
		fmt.Fprintln(i.progress, explain(err, fault.From(err)))
	case !isLed:
		fmt.Fprintf(i.progress, "%s at present: no server leads.\n", standstill)
	}
}

// said says a sentence after a command was done.
func said(c *cobra.Command, err error, sentence string) error {
	if err == nil {
		_, err = fmt.Fprintln(c.ErrOrStderr(), sentence)
	}
	return err
}
