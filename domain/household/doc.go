// Package household holds the rules of people who are looked after together, such as a
// couple or a family: who they are, which charts of the practice are theirs, which one
// professional is primary and who else has access, and how the household goes to another
// practice (H-1 … H-7). One household is one stream, so that "exactly one primary" holds
// in every revision. The team is the same type as a chart's (careteam.Team); it flows to a
// linked chart only where that was chosen for the chart (AMB-16). Facts about the practice
// come in as values; false is the safe answer.
//
// It imports the standard library and the kernel: access, careteam, civil, es, fault, id
// and text.
package household
