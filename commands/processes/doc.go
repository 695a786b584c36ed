// Package processes says what Praxis does by itself: it expires invitations,
// moves the charts of who left and of branches that closed, fulfils the claims of
// successors, keeps the subscription's clock, collects its charges, tells people what
// concerns them, finishes the issue of invoices that have their number, and sweeps up
// what fell between two streams (docs/adr/0020). Each process is a pure
// definition that commands/process runs (docs/adr/0012); what it does, it does through use cases of package commands.
//
// It imports the domain, commands, commands/notification and commands/process.
package processes
