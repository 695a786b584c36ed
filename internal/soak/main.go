package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"praxis/internal/nodetest"
)

func main() {
	nodetest.ServeIfChild()
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	duration := flags.Duration("duration", 10*time.Minute, "how long to stress the node")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "seed of every choice")
	dir := flags.String("dir", "", "directory for the node's data (default: a temporary one)")
	events := flags.Int("load", 0, "measure a log of that many events instead")
	measured := flags.String("measure", "", "measure the log in this directory, which -load has filled")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch {
	case *measured != "":
		return measure(ctx, out, *measured, *seed)
	case *events > 0:
		return load(ctx, out, *dir, *seed, *events)
	}
	return torture(ctx, out, *dir, *seed, *duration)
}
