// Package process runs the process managers of Praxis: long-running policies
// that follow the log, keep timers, and do nothing but send commands.
// A process is a value of two pure functions, OnEvent and OnTimer: they return
// effects, among them commands to give. The Runner gives it a checkpoint, timers that
// survive restarts, and commands whose ids follow from what caused them, so that
// it can be killed anywhere and goes on without doubling anything
// (docs/adr/0012).
//
// It imports the domain and commands; the log, the memory of the processes and
// the leader's lock reach it through the ports Source and Journal.
package process
