// Package rows writes read models: a projector says, event by event, what becomes
// of which rows, and a batch of events is folded in memory and written with a few
// statements. The same formulation serves one event of the live run and tens of
// thousands of a rebuild.
//
// A [Table] has rows that change; each is a struct whose fields have the names of
// their columns in db tags. A [Log] has rows that are only ever added. What a
// projector asks of them is noted in a [Batch], in order, and nothing happens yet.
// Then the rows that are to be changed and are not known are loaded, with one
// statement per table; everything noted is done, in order, to the rows in memory;
// and what became of each row is written: deleted, changed or inserted once,
// whatever happened to it in between. Large inserts are copied. The outcome does
// not depend on how events are cut into batches.
//
// [Memory] keeps the rows between batches, so that a rebuild loads nothing twice.
// It is right for as long as nobody else writes to the tables, which the checkpoint
// of the projection sees to; its holder drops it when a transaction fails.
//
// The package may import pgx and the domain's days; it knows no projection.
package rows
