// Package booking holds the rules of online booking: the practice's policy
// (what may be booked and how far ahead), each clinician's calendar (reserved
// time, blocks, appointments), and the one engine that says which times can be
// booked. The decision and the read side ask the same engine, so that a time
// that is shown is a time that can be booked (BKG-A19).
//
// Two aggregates live here. The stream bookingPolicy-{group} changes rarely;
// the stream bookingCalendar-{group}+{clinician} is the boundary inside which no
// two appointments overlap (BKG-I1). Decisions about a calendar get the policy
// as a snapshot and record its revision.
//
// Intervals are half-open spans of UTC instants. Wall clocks become instants in
// civil.At and nowhere else. The package imports the standard library and the
// domain's shared types.
package booking
