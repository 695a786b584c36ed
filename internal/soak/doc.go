// Command soak stresses the embedded event node for a given time, and measures
// it with a large log.
//
// Without -load it runs writers, readers and subscriptions through the event
// store adapter against a node in a process of its own, kills that process and
// breaks the network between them at random, and ends with an error at the
// first answer that is not the truth. With -load it fills a log with that many
// events and says how long it takes to reopen and how much memory it needs.
//
// It exists because a test must end soon and some faults are rare. It imports
// adapters/eventnode, adapters/eventstore and internal/nodetest, whose ledger
// is the judge.
package main
