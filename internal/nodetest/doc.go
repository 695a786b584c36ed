// Package nodetest holds the embedded event node to its word: that it loses,
// doubles and reorders nothing, whatever happens to its process, its disk and
// its network.
//
// The node runs in a process of its own, so that it can be killed as the kernel
// would. Writers, readers and followers use it through the event store adapter,
// as Praxis does, and report everything the node ever tells them to one ledger;
// the first two answers that contradict each other are a lie. make soak lets one of the
// tests go on for as long as wanted, because some faults are rare. The official Node.js
// client has its say in nodejs/, and two Python clients in python/.
//
// The package holds tests only. They import adapters/eventnode, adapters/eventstore and
// the kernel.
package nodetest
