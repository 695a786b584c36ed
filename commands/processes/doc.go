// Package processes says what Praxis does by itself: it expires invitations,
// moves the charts of who left, keeps the subscription's clock and collects its
// charges. Each process is a pure definition that commands/process runs
// (docs/adr/0012); what it does, it does through use cases of package commands.
//
// It imports the domain, commands and commands/process.
package processes
