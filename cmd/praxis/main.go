// Command praxis is the one binary of Praxis: the server, the embedded event
// node, the demo, and the tools of operators and auditors. Wiring lives here and
// nowhere else; it may import everything.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"praxis/adapters/config"
	"praxis/adapters/eventstore"
	"praxis/adapters/postgres"
	"praxis/domain/fault"
)

// version is set by the linker.
var version = "dev"

func main() {
	log.SetOutput(eventstore.SurviveFatal(os.Stderr))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	c := newRoot(environ)
	c.SetArgs(args)
	c.SetOut(stdout)
	c.SetErr(stderr)
	err := knownHelp(c, args)
	if err == nil {
		err = postgres.Translate(c.ExecuteContext(ctx))
	}
	if err == nil {
		return 0
	}
	f := fault.From(err)
	fmt.Fprintf(stderr, "praxis: %s\n", explain(err, f))
	return exitCode(err, f)
}

// explain is what a person at a terminal reads: the safe message of a fault, or
// the whole error, since the person who runs the command operates the
// installation.
func explain(err error, f *fault.Error) string {
	if f.Kind == fault.Internal || errors.Is(err, config.ErrInvalid) {
		return err.Error()
	}
	return f.Message + " (" + f.Code + ")"
}

// errUsage marks a command line that cannot be understood.
var errUsage = errors.New("usage")

// exitCode is the one table from kinds of faults to exit codes.
func exitCode(err error, f *fault.Error) int {
	if errors.Is(err, errUsage) {
		return 2
	}
	if errors.Is(err, errViolations) || errors.Is(err, errUnproven) || errors.Is(err, errRowsDiffer) {
		return 8
	}
	return map[fault.Kind]int{
		fault.Internal: 1, fault.Invalid: 2, fault.TooLarge: 2,
		fault.Unauthenticated: 3, fault.Forbidden: 3, fault.NotFound: 4,
		fault.Rejected: 5, fault.Conflict: 6, fault.Stale: 6,
		fault.TooMany: 7, fault.Unavailable: 7,
	}[f.Kind]
}
